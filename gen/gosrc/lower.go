// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/goname"
)

// lowering turns what the targets agree on into Go declarations.
type lowering struct {
	cfg     *config
	m       *merged
	scope   *hostNames
	names   map[model.Ref]string
	enums   map[model.Ref]*enumType
	records map[model.Ref]*record
	// declared holds the records of the model that all targets agree on.
	declared map[model.Ref]*model.Record
	// busy holds the records being lowered, against recursion.
	busy map[model.Ref]bool
	errs []error
}

func newLowering(c *config, m *merged, names *packageNames) *lowering {
	l := &lowering{cfg: c, m: m, scope: names.forHost(), names: map[model.Ref]string{},
		enums: map[model.Ref]*enumType{}, records: map[model.Ref]*record{}, declared: map[model.Ref]*model.Record{}, busy: map[model.Ref]bool{}}
	for _, r := range m.records {
		l.declared[r.Ref()] = r
	}
	return l
}

// lower returns everything the merged models declare, as if it were one file.
func (l *lowering) lower() *file {
	f := &file{cfg: l.cfg}
	f.types = l.lowerGroups()
	for _, e := range l.m.enums {
		if t := l.lowerEnum(e); t != nil {
			f.types = append(f.types, t)
		}
	}
	f.constants = l.lowerConstants(f.types)
	for _, r := range l.m.records {
		l.lowerRecord(r)
	}
	// In the order of declaration, whatever order they were needed in.
	for _, r := range l.m.records {
		if x := l.records[r.Ref()]; x != nil {
			f.records = append(f.records, x)
		}
	}
	return f
}

// typeRefs returns the enums and records of the merged models.
func (l *lowering) typeRefs() []model.Ref {
	var refs []model.Ref
	for _, e := range l.m.enums {
		refs = append(refs, e.Ref())
	}
	for _, r := range l.m.records {
		refs = append(refs, r.Ref())
	}
	return refs
}

// nameConfigured gives types the Go names that the configuration says.
func (l *lowering) nameConfigured() {
	for _, g := range l.cfg.groups {
		if g.re != nil {
			if err := l.scope.claimExact(g.Name, "group "+g.Name); err != nil {
				l.errs = append(l.errs, err)
			}
		}
	}
	for _, ref := range l.typeRefs() {
		if s, ok := l.cfg.goName(ref.Name); ok {
			if err := l.scope.claimType(s, ref.String()); err != nil {
				l.errs = append(l.errs, err)
			}
			l.names[ref] = s
		}
	}
}

// nameTypes gives the other types their Go names, in the order of declaration.
func (l *lowering) nameTypes() {
	for _, ref := range l.typeRefs() {
		if l.names[ref] == "" {
			l.names[ref] = l.scope.claim(goname.Type(ref.Name, l.cfg.Trim), ref.String())
		}
	}
}

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
	x, reason := l.structOf(r)
	if reason != "" {
		l.m.refuse(ref, r.Pos, "%s", reason)
		return nil, reason
	}
	x.sizeName = l.scope.claim("Sizeof"+x.goName, "the size of "+ref.String())
	l.records[ref] = x
	return x, ""
}

// maxSize is the largest size of a type that every GOARCH can address.
const maxSize = 1<<31 - 1

func (l *lowering) structOf(r *model.Record) (*record, string) {
	if r.Size > maxSize {
		return nil, fmt.Sprintf("it takes %d bytes: more than a host with 32-bit addresses has", r.Size)
	}
	x := &record{goName: l.names[r.Ref()], cName: r.Name, typedef: r.Typedef, size: r.Size, align: 1, doc: r.Doc, pos: r.Pos}
	fields := recordScope()
	// As in C, the members of an anonymous member are the record's own.
	flat := *r
	flat.Fields = flatten(nil, r.Kind, r.Fields, 0)
	r = &flat
	names := make([]string, len(r.Fields))
	for i := range r.Fields {
		cName := r.Name + "." + r.Fields[i].Name
		if s, ok := l.cfg.goName(cName); ok {
			if err := fields.claimType(s, cName); err != nil {
				l.errs = append(l.errs, err)
			}
			names[i] = s
		}
	}
	if r.Kind == model.Union {
		return x, l.lowerUnion(x, r, names, fields)
	}
	end := int64(0)
	seen := map[string]bool{}
	for i := range r.Fields {
		f := &r.Fields[i]
		if f.Bitfield && f.Name == "" {
			continue // padding
		}
		if f.Bitfield {
			if reason := l.addBitfield(x, r, f, names[i], fields, seen, &end); reason != "" {
				return nil, reason
			}
			continue
		}
		m, reason := l.memberOf(r, f)
		if reason != "" {
			return nil, reason
		}
		if seen[f.Name] {
			return nil, fmt.Sprintf("it has two members %s", f.Name)
		}
		seen[f.Name] = true
		if names[i] == "" {
			names[i] = fields.claim(goname.Field(f.Name), m.cName)
		}
		m.goName = names[i]
		if m.offset < end {
			return nil, fmt.Sprintf("member %s overlaps the one before it", f.Name)
		}
		x.pad(end, m.offset)
		x.members = append(x.members, *m)
		x.align = max(x.align, m.typ.align())
		x.reserved = x.reserved || m.reserved || embedsReserved(m.typ)
		end = m.offset + m.size
	}
	if end > r.Size {
		return nil, fmt.Sprintf("its members take %d bytes, more than its %d", end, r.Size)
	}
	if r.Size%x.align != 0 {
		return nil, fmt.Sprintf("packed: Go would round its %d bytes up to a multiple of %d", r.Size, x.align)
	}
	x.pad(end, r.Size)
	return x, ""
}

// flatten appends fields to out, with those of anonymous members in place of
// these, but for the members of an anonymous union in a struct.
func flatten(out []model.Field, kind model.RecordKind, fields []model.Field, bits int64) []model.Field {
	for _, f := range fields {
		f.BitOffset += bits
		if n := f.Record; n != nil && f.Name == "" && model.Unqualified(f.Type) == model.Type(n.Ref()) && (n.Kind == model.Struct || kind == model.Union) {
			out = flatten(out, kind, n.Fields, f.BitOffset)
			continue
		}
		out = append(out, f)
	}
	return out
}

// pad adds explicit padding for a hole, so that no compiler adds its own.
func (r *record) pad(from, to int64) {
	if from < to {
		r.members = append(r.members, member{offset: from, size: to - from,
			typ: array{n: to - from, elem: scalar{name: "byte", bits: 8}}})
	}
}

func (l *lowering) memberOf(r *model.Record, f *model.Field) (*member, string) {
	switch {
	case f.Record != nil && f.Name == "":
		return nil, fmt.Sprintf("it has an anonymous %s member", f.Record.Kind)
	case f.Record != nil:
		return nil, fmt.Sprintf("member %s has an anonymous %s type", f.Name, f.Record.Kind)
	case f.Name == "":
		return nil, fmt.Sprintf("it has an unnamed member at %s", place(f.BitOffset))
	case !isCName(f.Name):
		return nil, fmt.Sprintf("member %s: %s", f.Name, badName)
	case f.BitSize/8 > maxSize:
		return nil, fmt.Sprintf("member %s takes %d bytes: more than a host with 32-bit addresses has", f.Name, f.BitSize/8)
	case f.BitOffset%8 != 0 || f.BitSize%8 != 0:
		return nil, fmt.Sprintf("member %s does not lie on byte boundaries", f.Name)
	}
	m := &member{cName: r.Name + "." + f.Name, spelling: f.Spelling, offset: f.BitOffset / 8, size: f.BitSize / 8, doc: f.Doc, pos: f.Pos}
	t := model.Unqualified(f.Type)
	if zeroLength(t) {
		return nil, fmt.Sprintf("member %s is an array without length: Go has no flexible arrays", f.Name)
	}
	var reason string
	if m.typ, reason = l.typeOf(t, m.size); reason != "" {
		return nil, fmt.Sprintf("member %s %s", f.Name, reason)
	}
	if g := l.groupOf(m.cName); g != nil {
		typ, err := retype(m.typ, g)
		if err != nil {
			l.errs = append(l.errs, fmt.Errorf("configuration: group %s: members: %s %w", g, m.cName, err))
		}
		m.typ = typ
	}
	if got := m.typ.size(); got != m.size {
		return nil, fmt.Sprintf("member %s takes %d bytes where its type takes %d", f.Name, m.size, got)
	}
	if m.size == 0 {
		return nil, fmt.Sprintf("member %s takes no space: Go would give it some at the end of a struct", f.Name)
	}
	if a := m.typ.align(); m.offset%a != 0 {
		return nil, fmt.Sprintf("packed: member %s at byte %d is not on a multiple of %d, as Go would have it", f.Name, m.offset, a)
	}
	if l.cfg.reserved != nil && isInteger(m.typ) {
		m.reserved = l.cfg.reserved.match(f.Name)
	}
	if model.IsCallback(t) {
		m.callback = true
		m.prototype = l.prototype(m.cName, f)
	}
	return m, ""
}

// prototype spells a callback as C does.
func (l *lowering) prototype(cName string, f *model.Field) string {
	p := l.m.abi.Prototype(cName)
	if p == nil {
		return ""
	}
	params := make([]string, 0, len(p.Params)+1)
	for _, q := range p.Params {
		params = append(params, declare(q.Spelling, q.Name))
	}
	if p.Variadic {
		params = append(params, "...")
	}
	if len(params) == 0 {
		params = append(params, "void")
	}
	return wrapPrototype(declare(p.Result, "(*"+f.Name+")")+"(", params)
}

// wrapPrototype joins the parameters of a prototype, in lines of about the
// width of a comment.
func wrapPrototype(head string, params []string) string {
	var b strings.Builder
	width := commentWidth - 16
	line := head
	for i, p := range params {
		if i < len(params)-1 {
			p += ","
		} else {
			p += ")"
		}
		if i > 0 && len(line)+1+len(p) > width {
			b.WriteString(line + "\n\t")
			line, width = p, commentWidth-24
			continue
		}
		if i > 0 {
			p = " " + p
		}
		line += p
	}
	return b.String() + line
}

// declare joins a C type and a name: no space follows the star of a pointer.
func declare(typ, name string) string {
	if name == "" || strings.HasSuffix(typ, "*") {
		return typ + name
	}
	return typ + " " + name
}

func zeroLength(t model.Type) bool {
	a, ok := t.(model.Array)
	return ok && (a.Len == 0 || zeroLength(model.Unqualified(a.Elem)))
}

// typeOf returns the Go type for t, which takes size bytes, or why there is
// none, as the rest of a sentence about a member.
func (l *lowering) typeOf(t model.Type, size int64) (goType, string) {
	switch x := model.Unqualified(t).(type) {
	case model.Int:
		return intOf(x)
	case model.Bool:
		return scalar{name: "bool", kind: boolean, bits: 8}, ""
	case model.Float:
		if x.Bits != 32 && x.Bits != 64 {
			return nil, fmt.Sprintf("is a %d-bit floating-point number: Go has none", x.Bits)
		}
		return scalar{name: fmt.Sprintf("float%d", x.Bits), kind: float, bits: x.Bits}, ""
	case model.Pointer:
		return pointerOf(x, size)
	case model.Vector:
		return nil, "is a vector: Go has none"
	case model.Array:
		if x.Len > size {
			return nil, fmt.Sprintf("takes %s, which is too little for its %d elements", bytesOf(size), x.Len)
		}
		elem, reason := l.typeOf(x.Elem, size/x.Len)
		if reason != "" {
			return nil, reason
		}
		return array{n: x.Len, elem: elem}, ""
	case model.Ref:
		return l.named(x)
	}
	return nil, fmt.Sprintf("has the type %s: Go has none like it", t)
}

func intOf(t model.Int) (goType, string) {
	s := scalar{bits: t.Bits, kind: unsigned}
	switch {
	case t.Char:
		// The targets disagree whether it is signed; text is bytes in Go.
		s.name = "byte"
		return s, ""
	case t.Bits != 8 && t.Bits != 16 && t.Bits != 32 && t.Bits != 64:
		return nil, fmt.Sprintf("is a %d-bit integer: Go has none", t.Bits)
	case t.Signed:
		s.kind = signed
	}
	s.name = s.basic()
	return s, ""
}

// pointerOf returns the integer that holds a pointer. A Go pointer would have
// the host's size and be followed by the garbage collector.
func pointerOf(t model.Pointer, size int64) (goType, string) {
	_, callback := t.Elem.(model.Func)
	switch {
	case size == 8:
		return scalar{name: "uint64", kind: unsigned, bits: 64}, ""
	case callback:
		return nil, fmt.Sprintf("is a callback of %d bytes: the slots of a struct_ops type take 8 on every host, as BPF has it: "+
			"take the record from a BPF target", size)
	case size == 4:
		return scalar{name: "uint32", kind: unsigned, bits: 32}, ""
	}
	return nil, fmt.Sprintf("is a pointer of %d bytes", size)
}

func (l *lowering) named(ref model.Ref) (goType, string) {
	if ref.Name == "" {
		return nil, fmt.Sprintf("has an anonymous %s type", ref.Kind)
	}
	if ref.Kind == model.RefEnum {
		if e := l.enums[ref]; e != nil {
			return e.scalar(), ""
		}
	} else {
		if r := l.declared[ref]; r != nil {
			x, reason := l.lowerRecord(r)
			if reason != "" {
				return nil, fmt.Sprintf("is of type %s, which is left out: %s", ref, reason)
			}
			return embedded{x}, ""
		}
	}
	if reason, ok := l.m.refused[ref]; ok {
		return nil, fmt.Sprintf("is of type %s, which is left out: %s", ref, reason)
	}
	return nil, fmt.Sprintf("is of type %s, which the source does not define", ref)
}

// groupOf returns the group whose type the configuration gives a member.
func (l *lowering) groupOf(cName string) *group {
	for _, g := range l.cfg.groups {
		if slices.Contains(g.Members, cName) {
			g.typed[cName] = true
			return g
		}
	}
	return nil
}

// retype gives a number, or the elements of an array, the type of a group.
func retype(t goType, g *group) (goType, error) {
	switch x := t.(type) {
	case array:
		elem, err := retype(x.elem, g)
		return array{n: x.n, elem: elem}, err
	case scalar:
		if x.basic() == g.Base {
			x.name = g.Name
			return x, nil
		}
		return t, fmt.Errorf("is a %s, the group's base is %s: change the base or take the member out", x.basic(), g.Base)
	}
	return t, fmt.Errorf("is a %s, not a number: take it out", t.spelling())
}

// isInteger reports whether t is an integer or an array of integers.
func isInteger(t goType) bool {
	switch x := t.(type) {
	case scalar:
		return x.kind == unsigned || x.kind == signed
	case array:
		return isInteger(x.elem)
	}
	return false
}

func embedsReserved(t goType) bool {
	switch x := t.(type) {
	case embedded:
		return x.rec.reserved
	case array:
		return embedsReserved(x.elem)
	}
	return false
}
