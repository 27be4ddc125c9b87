// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"slices"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/goname"
)

// addBitfield adds v, which is f, to the bytes at the end of x, if those store
// bit-fields and v begins in them or right after them, or else to bytes of its
// own. It returns why f cannot be said, if it cannot.
func (l *lowering) addBitfield(x *record, f *model.Field, v *view, renamed string, fields scope, end *int64) string {
	first, last := v.at/8, (v.at+v.width+7)/8
	var store *member
	if n := len(x.members); n > 0 && x.members[n-1].kind == bitStore && first <= *end {
		store = &x.members[n-1]
		before := &store.views[len(store.views)-1]
		if v.at < store.offset*8+before.at+before.width {
			return fmt.Sprintf("member %s overlaps the one before it", f.Name)
		}
	}
	if store == nil {
		if first < *end {
			return fmt.Sprintf("member %s overlaps the one before it", f.Name)
		}
		x.pad(*end, first)
		x.members = append(x.members, member{goName: fields.claim(fmt.Sprintf("Bits%d", first), "the bit-fields at "+place(first*8)),
			cName: v.cName, offset: first, kind: bitStore})
		store = &x.members[len(x.members)-1]
	}
	l.nameView(v, renamed, fields, false)
	v.at -= store.offset * 8
	store.views = append(store.views, *v)
	store.size = last - store.offset
	store.typ = bytesType(store.size)
	x.reserved = x.reserved || v.reserved
	x.natural = max(x.natural, v.typ.align())
	*end = last
	return ""
}

// nameView claims a Go name for the methods of v: also those with the byte
// order in their name where orders says so.
func (l *lowering) nameView(v *view, renamed string, fields scope, orders bool) {
	var suffixes []string
	if orders {
		suffixes = []string{"LittleEndian", "BigEndian"}
	}
	v.ordered = orders
	v.goName = l.nameAccessors(renamed, goname.Field(v.field()), v.cName, fields, suffixes...)
}

// nameAccessors claims a name X for which SetX is free too, and both with each
// suffix. The name alone is claimed already if the configuration gave it.
func (l *lowering) nameAccessors(renamed, name, cName string, fields scope, suffixes ...string) string {
	all := func(name string) []string {
		out := []string{"Set" + name}
		for _, s := range suffixes {
			out = append(out, name+s, "Set"+name+s)
		}
		return out
	}
	if renamed != "" {
		for _, n := range all(renamed) {
			if err := fields.claimExact(n, "a method for "+cName); err != nil {
				l.errs = append(l.errs, err)
			}
		}
		return renamed
	}
	for fields[name] != "" || slices.ContainsFunc(all(name), func(n string) bool { return fields[n] != "" }) {
		name += "_"
	}
	fields[name] = cName
	for _, n := range all(name) {
		fields[n] = "a method for " + cName
	}
	return name
}

// bitfieldType returns the Go type for the values of a bit-field of type t.
func bitfieldType(f *model.Field, t goType) (scalar, string) {
	if w, ok := t.(wide); ok && w.integer && f.BitSize <= 64 {
		t = scalar{bits: 64, kind: w.kind}
		s := t.(scalar)
		s.name = s.basic()
		t = s
	}
	s, ok := t.(scalar)
	switch {
	case !ok || s.kind == float:
		if _, ok := t.(wide); ok {
			return s, fmt.Sprintf("is a bit-field of %d bits: Go has no number of more than 64", f.BitSize)
		}
		return s, fmt.Sprintf("is a bit-field of type %s: C has none", f.Type)
	case f.BitSize < 1 || f.BitSize > int64(s.bits):
		return s, fmt.Sprintf("is a bit-field of %d bits where its type has %d", f.BitSize, s.bits)
	}
	return s, ""
}
