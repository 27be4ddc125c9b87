// SPDX-License-Identifier: MIT

package btfsrc

import (
	"fmt"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// text writes a model in one line per declaration, so that a test can state
// what it expects in the terms of the kernel's documentation: canonical types,
// byte offsets, and bit offsets for bit-fields.
func text(a *model.ABI) string {
	var b strings.Builder
	for _, r := range a.Records {
		fmt.Fprintf(&b, "%s\n", recordText(r))
	}
	for _, e := range a.Enums {
		sign := ""
		if e.Signed {
			sign = " signed"
		}
		fmt.Fprintf(&b, "%s %d%s:", e.Ref(), e.Size, sign)
		for _, v := range e.Values {
			fmt.Fprintf(&b, " %s=%s", v.Name, v.Value.ExactString())
		}
		b.WriteByte('\n')
	}
	for _, p := range a.Prototypes {
		fmt.Fprintf(&b, "%s\n", prototypeText(p))
	}
	for _, s := range a.Skipped {
		fmt.Fprintf(&b, "skipped %s: %s\n", s.Name, s.Reason)
	}
	for _, g := range a.Guards {
		fmt.Fprintf(&b, "guard %s\n", g)
	}
	return b.String()
}

func recordText(r *model.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d", r.Ref(), r.Size)
	if r.Typedef {
		b.WriteString(" typedef")
	}
	if r.Registered {
		b.WriteString(" registered")
	}
	b.WriteByte(':')
	for i := range r.Fields {
		f := &r.Fields[i]
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, " %s %s@", f.Type, f.Name)
		if f.Bitfield {
			fmt.Fprintf(&b, "bit%d:%d", f.BitOffset, f.BitSize)
		} else {
			fmt.Fprintf(&b, "%d", f.BitOffset/8)
		}
		if f.Record != nil {
			fmt.Fprintf(&b, " {%s}", recordText(f.Record))
		}
	}
	return b.String()
}

func prototypeText(p *model.Prototype) string {
	params := make([]string, len(p.Params))
	for i, q := range p.Params {
		params[i] = strings.TrimSpace(q.Spelling + " " + q.Name)
	}
	if p.Variadic {
		params = append(params, "...")
	}
	return fmt.Sprintf("%s %s %s(%s)", p.Role, p.Result, p.Name, strings.Join(params, ", "))
}
