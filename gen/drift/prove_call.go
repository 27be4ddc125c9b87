// SPDX-License-Identifier: MIT

package drift

import (
	"fmt"

	"github.com/fuseiomap/abigen/gen/model"
)

// proveCall makes the witness of two prototypes that differ at one argument:
// the kernel puts arguments into the program's context by position, one 64-bit
// slot each. The indices say where the old side expects the argument and what
// the new side puts there; one that is out of range means nothing is there.
func (d *signatureDiff) proveCall(i, j int) *Witness {
	if d.role != "callback" {
		return nil
	}
	name := func(s string, at int) string {
		if s == "" {
			return fmt.Sprintf("argument %d", at+1)
		}
		return s
	}
	if i >= len(d.o.Params) {
		n := &d.n.Params[j]
		v := d.comparison.n.access(&slot{name(n.Name, j), decayed(n.Type), int64(j) * 64, 64}, patterns[0])
		return &Witness{Write: v, Text: fmt.Sprintf("%s passes %s = %s as argument %d: %s has no parameter there", d.who.new, v.Member, v.Value, j+1, d.who.old)}
	}
	o := &d.o.Params[i]
	if j >= len(d.n.Params) {
		r := d.comparison.o.access(&slot{name(o.Name, i), decayed(o.Type), int64(i) * 64, 64}, patterns[0])
		r.Value = "whatever is there"
		return &Witness{Read: r, Text: fmt.Sprintf("%s passes %s: %s reads %s from a slot nobody filled", d.who.new, count(int64(len(d.n.Params)), "argument"), d.who.old, r.Member)}
	}
	n := &d.n.Params[j]
	w := slot{name(n.Name, j), decayed(n.Type), int64(j) * 64, d.comparison.n.width(decayed(n.Type))}
	r := slot{name(o.Name, i), decayed(o.Type), int64(j) * 64, d.comparison.o.width(decayed(o.Type))}
	say := func(pattern uint64) *Witness {
		raw := narrowed(pattern, w.size)
		// The calling conventions leave the upper half of a register undefined.
		filled := raw
		if w.size < 64 {
			filled |= upper << w.size
		}
		if r.size < 64 {
			filled &= 1<<r.size - 1
		}
		write, read := d.comparison.n.access(&w, raw), d.comparison.o.access(&r, filled)
		return &Witness{Write: write, Read: read, Text: fmt.Sprintf("%s passes %s = %s as argument %d: %s reads %s = %s", d.who.new, write.Member, write.Value,
			j+1, d.who.old, read.Member, read.Value)}
	}
	for _, pattern := range patterns {
		if got := say(pattern); got.Write.Value != got.Read.Value {
			return got
		}
	}
	return say(patterns[0])
}

// upper is what [unwritten] is for a register.
const upper = 0xa5a5a5a5a5a5a5a5

// width is how many bits of its slot an argument takes.
func (x *index) width(t model.Type) int64 {
	switch y := model.Unqualified(t).(type) {
	case model.Bool:
		return 8
	case model.Int:
		return min(int64(y.Bits), 64)
	case model.Ref:
		if y.Kind == model.RefEnum {
			if e := x.enum(y.Name); e != nil && e.Size > 0 && e.Size <= 8 {
				return e.Size * 8
			}
			return 32
		}
	}
	return 64
}

// proveResult makes the witness of another result.
func (d *signatureDiff) proveResult() *Witness {
	_, nothing := d.n.ResultType.(model.Void)
	_, none := d.o.ResultType.(model.Void)
	if d.role != "callback" || nothing {
		return nil
	}
	r := slot{"the result", d.n.ResultType, 0, d.comparison.n.width(d.n.ResultType)}
	if none {
		read := d.comparison.n.access(&r, narrowed(upper, r.size))
		return &Witness{Read: read, Text: fmt.Sprintf("%s returns nothing: %s takes what is left in the register for it, such as %s", d.who.old, d.who.new, read.Value)}
	}
	w := slot{"the result", d.o.ResultType, 0, d.comparison.o.width(d.o.ResultType)}
	for _, pattern := range patterns {
		raw := narrowed(pattern, w.size)
		filled := raw
		if w.size < 64 {
			filled |= upper << w.size
		}
		if r.size < 64 {
			filled &= 1<<r.size - 1
		}
		write, read := d.comparison.o.access(&w, raw), d.comparison.n.access(&r, filled)
		if write.Value != read.Value {
			return &Witness{Write: write, Read: read, Text: fmt.Sprintf("%s returns %s: %s takes it for %s", d.who.old, write.Value, d.who.new, read.Value)}
		}
	}
	return nil
}
