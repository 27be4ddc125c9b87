// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"slices"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/goname"
)

// addBitfield adds f to the bytes at the end of x, if those store bit-fields
// and f begins in them or right after them, or else to bytes of its own. It
// returns why f cannot be said, if it cannot.
func (l *lowering) addBitfield(x *record, r *model.Record, f *model.Field, renamed string, fields scope, seen map[string]bool, end *int64) string {
	b, reason := l.bitfieldOf(r, f)
	switch {
	case reason != "":
		return reason
	case seen[f.Name]:
		return fmt.Sprintf("it has two members %s", f.Name)
	}
	seen[f.Name] = true
	first, last := f.BitOffset/8, (f.BitOffset+f.BitSize+7)/8
	var store *member
	if n := len(x.members); n > 0 && x.members[n-1].bits != nil && first <= *end {
		store = &x.members[n-1]
		before := &store.bits[len(store.bits)-1]
		if f.BitOffset < store.offset*8+before.at+before.width {
			return fmt.Sprintf("member %s overlaps the one before it", f.Name)
		}
	}
	if store == nil {
		if first < *end {
			return fmt.Sprintf("member %s overlaps the one before it", f.Name)
		}
		x.pad(*end, first)
		x.members = append(x.members, member{goName: fields.claim(fmt.Sprintf("Bits%d", first), "the bit-fields at "+place(first*8)),
			cName: b.cName, offset: first})
		store = &x.members[len(x.members)-1]
	}
	b.goName = l.nameAccessors(renamed, goname.Field(f.Name), b.cName, fields)
	b.at = f.BitOffset - store.offset*8
	store.bits = append(store.bits, *b)
	store.size = last - store.offset
	store.typ = array{n: store.size, elem: scalar{name: "byte", bits: 8}}
	x.reserved = x.reserved || b.reserved
	*end = last
	return ""
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

func (l *lowering) bitfieldOf(r *model.Record, f *model.Field) (*bitfield, string) {
	if !isCName(f.Name) {
		return nil, fmt.Sprintf("member %s: %s", f.Name, badName)
	}
	b := &bitfield{cName: r.Name + "." + f.Name, spelling: f.Spelling, width: f.BitSize, doc: f.Doc, pos: f.Pos}
	t, reason := l.typeOf(f.Type, 0)
	if reason != "" {
		return nil, fmt.Sprintf("member %s %s", f.Name, reason)
	}
	if g := l.groupOf(b.cName); g != nil {
		typ, err := retype(t, g)
		if err != nil {
			l.errs = append(l.errs, fmt.Errorf("configuration: group %s: members: %s %w", g, b.cName, err))
		}
		t = typ
	}
	s, ok := t.(scalar)
	switch {
	case !ok || s.kind == float:
		return nil, fmt.Sprintf("member %s is a bit-field of type %s: C has none", f.Name, f.Type)
	case f.BitSize < 1 || f.BitSize > int64(s.bits):
		return nil, fmt.Sprintf("member %s is a bit-field of %d bits where its type has %d", f.Name, f.BitSize, s.bits)
	}
	b.typ = s
	b.reserved = l.cfg.reserved != nil && s.kind != boolean && l.cfg.reserved.match(f.Name)
	return b, ""
}
