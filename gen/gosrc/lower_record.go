// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/goname"
)

// lowerRecord returns the Go struct for r, or why there is none.
func (l *lowering) lowerRecord(r *model.Record) (*record, string) {
	ref := r.Ref()
	if x := l.records[ref]; x != nil {
		return x, ""
	}
	if reason, ok := l.m.refused[ref]; ok {
		return nil, reason
	}
	if l.busy[ref] {
		return nil, "it embeds itself"
	}
	l.busy[ref] = true
	defer delete(l.busy, ref)
	x, reason := l.structOf(r, l.names[ref])
	if reason != "" {
		l.m.refuse(ref, r.Pos, "%s", reason)
		return nil, reason
	}
	l.nameSizes(x)
	l.records[ref] = x
	return x, ""
}

// nameSizes names the constants for the sizes of x and the records inside it.
func (l *lowering) nameSizes(x *record) {
	x.sizeName = l.scope.claim("Sizeof"+x.goName, "the size of "+x.cType())
	for _, y := range x.inner {
		l.nameSizes(y)
	}
}

// lowerInner returns the Go struct for r, the anonymous record in the type of
// the member cName of x, or why there is none.
func (l *lowering) lowerInner(x *record, r *model.Record, cName, goName string) (*record, string) {
	named := *r
	named.Name = cName
	if s, ok := l.cfg.goName(named.Ref().String()); ok {
		if err := l.scope.claimType(s, named.Ref().String()); err != nil {
			l.errs = append(l.errs, err)
		}
		goName = s
	} else {
		goName = l.scope.claim(x.goName+goName, named.Ref().String())
	}
	y, reason := l.structOf(&named, goName)
	if reason != "" {
		return nil, reason
	}
	x.inner = append(x.inner, y)
	return y, ""
}

// maxSize is the largest size of a type that every GOARCH can address.
const maxSize = 1<<31 - 1

// maxMembers bounds what a hostile header can make of one record: each member
// is several methods and assertions. The largest records of kernels have some
// hundreds.
const maxMembers = 4096

func (l *lowering) structOf(r *model.Record, goName string) (*record, string) {
	if len(r.Fields) > maxMembers {
		return nil, fmt.Sprintf("it has %d members: more than the %d that are generated", len(r.Fields), maxMembers)
	}
	if r.Size > maxSize {
		return nil, fmt.Sprintf("it takes %d bytes: more than a host with 32-bit addresses has", r.Size)
	}
	x := &record{goName: goName, cName: r.Name, typedef: r.Typedef, union: r.Kind == model.Union, packed: r.Packed,
		size: r.Size, align: 1, natural: 1, cAlign: r.Align, doc: r.Doc, pos: r.Pos}
	if r.IsOps() && r.Align == l.target.PointerSize {
		x.cAlign = 0 // it may have BPF's layout, for which this is not the alignment
	}
	fields := recordScope()
	// As in C, the members of an anonymous member are the record's own.
	flat := *r
	flat.Fields = flatten(nil, r.Kind, r.Fields, 0)
	names := l.renamed(&flat, fields)
	var reason string
	if x.union {
		reason = l.lowerUnion(x, &flat, names, fields)
	} else {
		reason = l.lowerMembers(x, &flat, names, fields)
	}
	if reason != "" {
		return nil, reason
	}
	l.overAlign(x)
	l.factsOf(x, r)
	return x, ""
}

// lowerMembers adds the members of a struct to x.
func (l *lowering) lowerMembers(x *record, r *model.Record, names []string, fields scope) string {
	end := int64(0)
	seen := map[string]bool{}
	for i := range r.Fields {
		f := &r.Fields[i]
		if f.Bitfield && f.Name == "" {
			continue // padding
		}
		if isAnonymous(f) {
			if reason := l.addAnonymousUnion(x, r, f, fields, seen, &end); reason != "" {
				return reason
			}
			continue
		}
		v, reason := l.viewOf(x, r, f, names[i], seen)
		switch {
		case reason != "":
			return reason
		case f.BitSize == 0:
			if reason := l.addZeroSize(x, f, v, names[i], fields); reason != "" {
				return reason
			}
		case f.Bitfield:
			if reason := l.addBitfield(x, f, v, names[i], fields, &end); reason != "" {
				return reason
			}
		case v.at/8 < end:
			return fmt.Sprintf("member %s overlaps the one before it", f.Name)
		default:
			l.addMember(x, f, v, names[i], fields, end)
			end = (f.BitOffset + f.BitSize) / 8
		}
	}
	if end > r.Size {
		return fmt.Sprintf("its members take %d bytes, more than its %d", end, r.Size)
	}
	x.pad(end, r.Size)
	return ""
}

// addMember adds v, which is f, as a field where Go puts it at its place, or
// else as bytes.
func (l *lowering) addMember(x *record, f *model.Field, v *view, renamed string, fields scope, end int64) {
	m := member{cName: v.cName, spelling: v.spelling, offset: v.at / 8, size: f.BitSize / 8, typ: v.typ,
		callback: v.callback, prototype: v.prototype, doc: v.doc, pos: v.pos}
	x.pad(end, m.offset)
	x.reserved = x.reserved || v.reserved || embedsReserved(v.typ)
	x.natural = max(x.natural, naturalAlign(v.typ))
	if a := l.cap(v.typ.align()); m.offset%a != 0 || x.size%a != 0 {
		// Packed: Go would put it elsewhere, or make the record longer.
		m.goName = fields.claim(fmt.Sprintf("Bytes%d", m.offset), "the bytes of "+v.cName)
		m.kind, m.typ = packedStore, bytesType(m.size)
		l.nameView(v, renamed, fields, false)
		v.at = 0
		m.views = []view{*v}
	} else {
		if m.goName = renamed; renamed == "" {
			m.goName = fields.claim(goname.Field(f.Name), m.cName)
		}
		m.reserved = v.reserved
		m.disguised = disguised(f.Type)
		x.align = max(x.align, a)
	}
	x.members = append(x.members, m)
}

// addZeroSize adds a member without space: methods for an array without
// length, if the type of its elements can be said, or else a word about it. It
// returns why even that is not possible, if it is not.
func (l *lowering) addZeroSize(x *record, f *model.Field, v *view, renamed string, fields scope) string {
	z := zeroSize{cName: v.cName, spelling: v.spelling, offset: v.at / 8}
	if a, ok := model.Unqualified(f.Type).(model.Array); ok && a.Len == 0 {
		if v.typ, z.reason = l.elementOf(x, f, a.Elem, renamed); z.reason == "" && v.typ != nil {
			l.nameFlexible(v, renamed, fields)
			x.natural = max(x.natural, naturalAlign(v.typ))
			x.flexible = append(x.flexible, *v)
			return ""
		}
	}
	x.zeroSize = append(x.zeroSize, z)
	if f.Record == nil || !holdsAnonymous(f.Type) {
		return ""
	}
	// A directive names its type, which therefore must be there.
	in := l.within(x, f, renamed)
	_, reason := l.lowerInner(x, f.Record, in.cName, in.goName)
	if reason != "" {
		return fmt.Sprintf("member %s is of an anonymous type that is left out: %s", f.Name, reason)
	}
	return ""
}

// holdsAnonymous reports whether t is, or is made of, a record without a name.
func holdsAnonymous(t model.Type) bool {
	switch x := model.Unqualified(t).(type) {
	case model.Array:
		return holdsAnonymous(x.Elem)
	case model.Ref:
		return x.Name == "" && x.Kind != model.RefEnum
	}
	return false
}

// elementOf returns the type of the elements of a flexible array, whose size
// the model does not give.
func (l *lowering) elementOf(x *record, f *model.Field, t model.Type, renamed string) (goType, string) {
	size := l.sizeOf(t, f.Record)
	if size < 0 {
		return nil, "the source does not give the size of its elements"
	}
	if size == 0 {
		return nil, ""
	}
	return l.typeOf(t, size, l.within(x, f, renamed))
}

// nameFlexible claims a name X for the methods of a flexible array: X, SetX and
// XIn, and for either byte order what the elements need.
func (l *lowering) nameFlexible(v *view, renamed string, fields scope) {
	v.ordered = ordered(v.typ)
	suffixes := []string{"In"}
	if v.ordered {
		suffixes = append(suffixes, "LittleEndian", "BigEndian")
	}
	v.goName = l.nameAccessors(renamed, goname.Field(v.field()), v.cName, fields, suffixes...)
}

// overAlign aligns x as C does, as far as Go can: a field without length aligns
// the struct as its elements would be aligned.
func (l *lowering) overAlign(x *record) {
	want := min(x.natural, 8)
	if x.cAlign != 0 && x.cAlign != l.natural(want) {
		// C was told to, or its types have an alignment that Go's have not.
		x.aligned = x.cAlign
		want = min(x.cAlign, 8)
	}
	for want > 1 && x.size%l.cap(want) != 0 {
		want /= 2
	}
	if l.cap(want) > x.align {
		x.members = append([]member{{typ: array{elem: scalar{name: fmt.Sprintf("uint%d", want*8), bits: int(want * 8)}}}}, x.members...)
		x.align = l.cap(want)
	}
}

// cap returns how Go aligns what is n bytes long and aligned on the GOARCH the
// file is for.
func (l *lowering) cap(n int64) int64 { return min(n, l.maxAlign) }

// natural is cap for C.
func (l *lowering) natural(n int64) int64 {
	if l.target.Name == "386" {
		return min(n, 4)
	}
	return n
}

// renamed returns the names that the configuration gives the members of r, and
// claims them.
func (l *lowering) renamed(r *model.Record, fields scope) []string {
	names := make([]string, len(r.Fields))
	for i := range r.Fields {
		if r.Fields[i].Name == "" {
			continue
		}
		cName := r.Name + "." + r.Fields[i].Name
		if s, ok := l.cfg.goName(cName); ok {
			if err := fields.claimType(s, cName); err != nil {
				l.errs = append(l.errs, err)
			}
			names[i] = s
		}
	}
	return names
}

// isAnonymous reports whether f is a record without a name, whose members are
// those of the record around it.
func isAnonymous(f *model.Field) bool {
	return f.Record != nil && f.Name == "" && model.Unqualified(f.Type) == model.Type(f.Record.Ref())
}

// flatten appends fields to out, with those of anonymous members in place of
// these, but for the members of an anonymous union in a struct.
func flatten(out []model.Field, kind model.RecordKind, fields []model.Field, bits int64) []model.Field {
	for _, f := range fields {
		f.BitOffset += bits
		if isAnonymous(&f) && (f.Record.Kind == model.Struct || kind == model.Union) {
			out = flatten(out, kind, f.Record.Fields, f.BitOffset)
			continue
		}
		out = append(out, f)
	}
	return out
}

// pad adds explicit padding for a hole, so that no compiler adds its own.
func (r *record) pad(from, to int64) {
	if from < to {
		r.members = append(r.members, member{offset: from, size: to - from, typ: bytesType(to - from)})
	}
}

// viewOf returns what f is in Go, in a record that begins where r does.
func (l *lowering) viewOf(x *record, r *model.Record, f *model.Field, renamed string, seen map[string]bool) (*view, string) {
	switch {
	case f.Name == "":
		return nil, fmt.Sprintf("it has an unnamed member at %s", place(f.BitOffset))
	case !isCName(f.Name):
		return nil, fmt.Sprintf("member %s: %s", f.Name, badName)
	case f.BitSize/8 > maxSize:
		return nil, fmt.Sprintf("member %s takes %d bytes: more than a host with 32-bit addresses has", f.Name, f.BitSize/8)
	case seen[f.Name]:
		return nil, fmt.Sprintf("it has two members %s", f.Name)
	case !f.Bitfield && (f.BitOffset%8 != 0 || f.BitSize%8 != 0):
		return nil, fmt.Sprintf("member %s does not lie on byte boundaries", f.Name)
	}
	seen[f.Name] = true
	v := &view{cName: r.Name + "." + f.Name, spelling: f.Spelling, at: f.BitOffset, doc: f.Doc, pos: f.Pos}
	if f.BitSize == 0 && !f.Bitfield {
		return v, ""
	}
	size := f.BitSize / 8
	if f.Bitfield {
		size = 0
	}
	var reason string
	if v.typ, reason = l.typeOf(f.Type, size, l.within(x, f, renamed)); reason != "" {
		return nil, fmt.Sprintf("member %s %s", f.Name, reason)
	}
	if g := l.groupOf(v.cName); g != nil {
		typ, err := retype(v.typ, g)
		if err != nil {
			l.errs = append(l.errs, configError(g.memberKey(v.cName), "group %s: members: %s %v", g, v.cName, err))
		}
		v.typ = typ
	}
	if f.Bitfield {
		s, reason := bitfieldType(f, v.typ)
		if reason != "" {
			return nil, fmt.Sprintf("member %s %s", f.Name, reason)
		}
		v.width, v.typ = f.BitSize, s
		v.reserved = l.cfg.reserved != nil && s.kind != boolean && l.cfg.reserved.match(f.Name)
		return v, ""
	}
	if got := v.typ.size(); got != size {
		return nil, fmt.Sprintf("member %s takes %d bytes where its type takes %d", f.Name, size, got)
	}
	if l.cfg.reserved != nil && isInteger(v.typ) {
		v.reserved = l.cfg.reserved.match(f.Name)
	}
	if model.IsCallback(f.Type) {
		v.callback = true
		v.prototype = l.prototype(v.cName, f)
	}
	return v, ""
}
