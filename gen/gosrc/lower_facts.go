// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"

	"github.com/fuseiomap/abigen/gen/model"
)

// factsOf sets the directives for what the fields of x do not say of r.
func (l *lowering) factsOf(x *record, r *model.Record) {
	fields := map[string]bool{} // C members that have a field of their own
	for i := range x.members {
		if m := &x.members[i]; m.kind == plain && !m.padding() && !m.disguised {
			fields[m.field()] = true
		}
	}
	var has []string
	var walk func(list []model.Field, kind model.RecordKind, bits int64, all bool)
	walk = func(list []model.Field, kind model.RecordKind, bits int64, all bool) {
		for i := range list {
			f := &list[i]
			at := bits + f.BitOffset
			switch {
			case isAnonymous(f) && kind == model.Struct && f.Record.Kind == model.Struct && !all:
				walk(f.Record.Fields, model.Struct, at, all)
			case isAnonymous(f):
				has = append(has, fmt.Sprintf("has %d+%d %s {", at, f.BitSize, f.Record.Kind))
				walk(f.Record.Fields, f.Record.Kind, at, true)
				has = append(has, "has }")
			case f.Name == "" || !all && fields[f.Name]:
			case f.Bitfield:
				has = append(has, fmt.Sprintf("has %d:%d %s %s", at, f.BitSize, canonical(f.Type, ""), f.Name))
			default:
				has = append(has, fmt.Sprintf("has %d+%d %s %s", at, f.BitSize, canonical(f.Type, r.Name+"."+f.Name), f.Name))
			}
		}
	}
	walk(r.Fields, r.Kind, 0, x.union)
	if len(has) == 0 && !x.union && !x.packed && x.aligned == 0 {
		return
	}
	head := fmt.Sprintf("layout %s %d", r.Kind, x.size)
	if x.aligned > 0 {
		head += fmt.Sprintf(" align %d", x.aligned)
	}
	if x.packed {
		head += " packed"
	}
	x.facts = append([]string{head}, has...)
}

// canonical spells t for a directive: without what Go cannot attest to, and
// with the path that names an anonymous record.
func canonical(t model.Type, path string) string {
	var simple func(t model.Type) model.Type
	simple = func(t model.Type) model.Type {
		switch x := model.Unqualified(t).(type) {
		case model.Int:
			if x.Char {
				return model.Int{Bits: 8}
			}
			return x
		case model.Pointer:
			return model.Pointer{Elem: model.Void{}}
		case model.Array:
			return model.Array{Len: x.Len, Elem: simple(x.Elem)}
		case model.Vector:
			return model.Vector{Len: x.Len, Elem: simple(x.Elem)}
		case model.Ref:
			if x.Name == "" && x.Kind != model.RefEnum {
				x.Name = path
			}
			return x
		default:
			return x
		}
	}
	return simple(t).String()
}
