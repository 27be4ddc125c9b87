// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"

	"github.com/fuseiomap/abigen/gen/model"
)

// lowerUnion makes x the bytes of a union, with methods for its members. It
// returns why one of them cannot be said, if it cannot.
func (l *lowering) lowerUnion(x *record, r *model.Record, names []string, fields scope) string {
	if err := fields.claimExact("Bytes", "the bytes of the union"); err != nil {
		l.errs = append(l.errs, err)
	}
	store := &member{goName: "Bytes", cName: r.Name, size: r.Size, kind: unionStore}
	if r.Size > 0 {
		x.members = []member{*store}
		store = &x.members[0]
	}
	return l.addViews(x, store, r, names, fields, map[string]bool{})
}

// addAnonymousUnion adds the bytes of f, a union without a name, to x. As in C,
// its members are those of the record.
func (l *lowering) addAnonymousUnion(x *record, r *model.Record, f *model.Field, fields scope, seen map[string]bool, end *int64) string {
	offset, size := f.BitOffset/8, f.Record.Size
	switch {
	case f.BitOffset%8 != 0 || f.BitSize != size*8:
		return fmt.Sprintf("its anonymous union at %s does not lie on byte boundaries", place(f.BitOffset))
	case offset < *end:
		return fmt.Sprintf("its anonymous union at %s overlaps the member before it", place(f.BitOffset))
	case size > maxSize:
		return fmt.Sprintf("it takes %d bytes: more than a host with 32-bit addresses has", size)
	}
	u := *r // named as the record, as its members are
	u.Fields = flatten(nil, model.Union, f.Record.Fields, f.BitOffset)
	store := &member{offset: offset, size: size, kind: unionStore}
	if size > 0 {
		store.goName = fields.claim(fmt.Sprintf("Union%d", offset), "the union at "+place(f.BitOffset))
		x.pad(*end, offset)
		x.members = append(x.members, *store)
		store = &x.members[len(x.members)-1]
		*end = offset + size
	}
	if reason := l.addViews(x, store, &u, l.renamed(&u, fields), fields, seen); reason != "" {
		return reason
	}
	store.cName = fmt.Sprintf("%s._union%d", r.Name, offset)
	if len(store.views) > 0 {
		store.cName = store.views[0].cName
	}
	return ""
}

// addViews gives store, bytes of a union in x, methods for the fields of r.
func (l *lowering) addViews(x *record, store *member, r *model.Record, names []string, fields scope, seen map[string]bool) string {
	store.typ = bytesType(store.size)
	for i := range r.Fields {
		f := &r.Fields[i]
		if f.Bitfield && f.Name == "" {
			continue // padding
		}
		v, reason := l.viewOf(x, r, f, names[i], seen)
		switch {
		case reason != "":
			return reason
		case f.BitSize == 0:
			if reason := l.addZeroSize(x, f, v, names[i], fields); reason != "" {
				return reason
			}
			continue
		case v.at < store.offset*8 || v.at+f.BitSize > (store.offset+store.size)*8:
			return fmt.Sprintf("member %s ends at %s of a union that ends at byte %d", f.Name, place(v.at+f.BitSize), store.offset+store.size)
		}
		v.at -= store.offset * 8
		// What must be zero is another matter for each member of a union.
		v.reserved = false
		l.nameView(v, names[i], fields, v.width > 0 || ordered(v.typ))
		x.natural = max(x.natural, naturalAlign(v.typ))
		store.views = append(store.views, *v)
	}
	return ""
}

// ordered reports whether the bytes of a t depend on the byte order.
func ordered(t goType) bool {
	switch x := t.(type) {
	case scalar:
		return x.bits > 8
	case wide:
		return true
	case array:
		return ordered(x.elem)
	case embedded:
		for i := range x.rec.members {
			if m := &x.rec.members[i]; m.kind == bitStore || m.kind == packedStore || ordered(m.typ) {
				return true
			}
		}
	}
	return false
}
