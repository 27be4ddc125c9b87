// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/goname"
)

// lowerUnion makes x the bytes of a union, with methods for its members. It
// returns why one of them cannot be said, if it cannot.
func (l *lowering) lowerUnion(x *record, r *model.Record, names []string, fields scope) string {
	x.union = true
	if err := fields.claimExact("Bytes", "the bytes of the union"); err != nil {
		l.errs = append(l.errs, err)
	}
	seen := map[string]bool{}
	for i := range r.Fields {
		f := &r.Fields[i]
		if f.Bitfield && f.Name == "" {
			continue // padding
		}
		if f.Bitfield {
			return fmt.Sprintf("member %s is a bit-field of a union", f.Name)
		}
		m, reason := l.memberOf(r, f)
		switch {
		case reason != "":
			return reason
		case seen[f.Name]:
			return fmt.Sprintf("it has two members %s", f.Name)
		case m.offset+m.size > r.Size:
			return fmt.Sprintf("member %s ends at byte %d, it takes %d", f.Name, m.offset+m.size, r.Size)
		}
		seen[f.Name] = true
		if ordered(m.typ) {
			m.goName = l.nameAccessors(names[i], goname.Field(f.Name), m.cName, fields, "LittleEndian", "BigEndian")
		} else {
			m.goName = l.nameAccessors(names[i], goname.Field(f.Name), m.cName, fields)
		}
		x.align = max(x.align, m.typ.align())
		x.views = append(x.views, *m)
	}
	for r.Size%x.align != 0 {
		x.align /= 2 // packed
	}
	if r.Size > 0 {
		x.members = []member{{goName: "Bytes", cName: r.Name, size: r.Size, typ: array{n: r.Size, elem: scalar{name: "byte", bits: 8}}}}
	}
	return ""
}

// ordered reports whether the bytes of a t depend on the byte order.
func ordered(t goType) bool {
	switch x := t.(type) {
	case scalar:
		return x.bits > 8
	case array:
		return ordered(x.elem)
	case embedded:
		for i := range x.rec.members {
			if m := &x.rec.members[i]; m.bits != nil || ordered(m.typ) {
				return true
			}
		}
	}
	return false
}
