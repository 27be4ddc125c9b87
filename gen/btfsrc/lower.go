// SPDX-License-Identifier: MIT

package btfsrc

import (
	"fmt"
	"go/constant"

	"github.com/fuseiomap/abigen/gen/model"
)

// maxDepth bounds how deep one type nests in another without a named record
// between: pointers, arrays, qualifiers, prototypes, anonymous records. No C
// comes near it, and a type that goes through itself does not end below it.
const maxDepth = 60

// lowering turns types of one blob into parts of a model.
type lowering struct {
	b      *blob
	target model.Target
	// budget is how many more steps may be taken. It bounds time and memory on
	// BTF that shares a large type very often.
	budget int
}

// newLowering allows a step for each byte of types. Linux takes one for seven.
func newLowering(b *blob, target model.Target) *lowering {
	n := len(b.types)
	if b.base != nil {
		n += len(b.base.types)
	}
	return &lowering{b: b, target: target, budget: 1<<17 + n}
}

// step accounts for one type that is looked at.
func (l *lowering) step(id uint32, depth int) error {
	l.budget--
	switch {
	case depth > maxDepth:
		t := l.b.at(id)
		return l.b.damagedType(&t, "goes through itself, or nests deeper than %d types", maxDepth)
	case l.budget < 0:
		return damaged("its types expand to far more than its size: no compiler wrote this")
	}
	return nil
}

// skipTransparent follows qualifiers and tags. The result of a cycle of them
// is one of them.
func (l *lowering) skipTransparent(id uint32) uint32 {
	for range maxDepth {
		t := l.b.at(id)
		if !t.kind.transparent() {
			break
		}
		id = t.arg
	}
	return id
}

// unsupported is something the model cannot hold. It costs the declaration it
// is in, not the whole source.
type unsupported struct{ reason string }

func (u *unsupported) Error() string { return u.reason }

// entity is a record or enum with a name: a tag, or the typedef that names an
// anonymous one.
type entity struct {
	def     uint32 // the struct, union or enum
	typedef uint32 // the typedef, or 0
}

func (l *lowering) entityName(e entity) string {
	if e.typedef != 0 {
		return l.b.name(l.b.at(e.typedef).name)
	}
	return l.b.name(l.b.at(e.def).name)
}

// use is what one type is made of, besides its canonical form.
type use struct {
	// byValue lists the named records and enums that are part of it.
	byValue []entity
	// anonymous is the anonymous struct or union in it, or 0.
	anonymous uint32
}

// canonical resolves a type. It adds to u, unless that is nil.
func (l *lowering) canonical(id uint32, u *use) (model.Type, error) {
	return l.resolve(id, 0, true, u, 0)
}

// resolve is canonical for a type that was reached through typedef, if that is
// not 0, with nothing but qualifiers between.
func (l *lowering) resolve(id, typedef uint32, byValue bool, u *use, depth int) (model.Type, error) {
	if err := l.step(id, depth); err != nil {
		return nil, err
	}
	t := l.b.at(id)
	switch t.kind {
	case kindVoid:
		return model.Void{}, nil
	case kindInt:
		return l.integer(&t), nil
	case kindFloat:
		return l.float(&t), nil
	case kindPointer:
		elem, err := l.resolve(t.arg, 0, false, u, depth+1)
		return model.Pointer{Elem: elem}, err
	case kindArray:
		elem, err := l.resolve(l.b.word(t.data), 0, byValue, u, depth+1)
		return model.Array{Len: int64(l.b.word(t.data[8:])), Elem: elem}, err
	case kindTypedef:
		return l.resolve(t.arg, id, byValue, u, depth+1)
	case kindConst, kindVolatile:
		elem, err := l.resolve(t.arg, typedef, byValue, u, depth+1)
		if err != nil {
			return nil, err
		}
		return model.Qualify(elem, t.kind == kindConst, t.kind == kindVolatile), nil
	case kindRestrict, kindTypeTag:
		return l.resolve(t.arg, typedef, byValue, u, depth+1)
	case kindFuncProto:
		return l.function(&t, depth)
	case kindStruct, kindUnion, kindEnum, kindEnum64, kindForward:
		return l.reference(&t, typedef, byValue, u)
	}
	return nil, l.b.damagedType(&t, "is no data type")
}

// reference names a record or enum.
func (l *lowering) reference(t *typ, typedef uint32, byValue bool, u *use) (model.Type, error) {
	ref := model.Ref{Kind: refKind(t)}
	e := entity{def: t.id}
	if t.name == 0 {
		e.typedef = typedef
	}
	ref.Name = l.entityName(e)
	if ref.Name != "" && !isIdentifier(ref.Name) {
		return nil, &unsupported{fmt.Sprintf("refers to %q, which is no C identifier", ref.Name)}
	}
	switch {
	case t.kind == kindForward && byValue:
		return nil, &unsupported{fmt.Sprintf("is %s, which is only declared", ref)}
	case u == nil || t.kind == kindForward:
	case ref.Name == "" && ref.Kind != model.RefEnum:
		u.anonymous = t.id
	case ref.Name != "" && byValue:
		u.byValue = append(u.byValue, e)
	}
	return ref, nil
}

func refKind(t *typ) model.RefKind {
	switch t.kind {
	case kindUnion:
		return model.RefUnion
	case kindEnum, kindEnum64:
		return model.RefEnum
	case kindForward:
		if t.flag {
			return model.RefUnion
		}
	}
	return model.RefStruct
}

func (l *lowering) integer(t *typ) model.Type {
	encoding := l.b.word(t.data) >> 24
	if encoding&encodedBool != 0 && t.arg == 1 {
		return model.Bool{}
	}
	return model.Int{
		Bits:   int(t.arg) * 8,
		Signed: encoding&encodedSigned != 0,
		Char:   t.arg == 1 && l.b.name(t.name) == "char",
	}
}

func (l *lowering) float(t *typ) model.Type {
	bits := int(t.arg) * 8
	if x87 := l.target.GOARCH == "amd64" || l.target.GOARCH == "386"; x87 && t.arg > 8 {
		bits = 80
	}
	return model.Float{Bits: bits}
}

func (l *lowering) function(t *typ, depth int) (model.Type, error) {
	var f model.Func
	var err error
	if f.Result, err = l.resolve(t.arg, 0, false, nil, depth+1); err != nil {
		return nil, err
	}
	for i := range t.n {
		p := l.b.word(t.data[8*i+4:])
		if p == 0 && i == t.n-1 {
			f.Variadic = true
			break
		}
		param, err := l.resolve(p, 0, false, nil, depth+1)
		if err != nil {
			return nil, err
		}
		f.Params = append(f.Params, param)
	}
	return f, nil
}

// size returns the size in bytes of a value.
func (l *lowering) size(id uint32) (int64, error) {
	n := int64(1)
	for depth := 0; ; depth++ {
		if err := l.step(id, depth); err != nil {
			return 0, err
		}
		t := l.b.at(id)
		switch t.kind {
		case kindInt, kindFloat, kindStruct, kindUnion, kindEnum, kindEnum64:
			return n * int64(t.arg), nil
		case kindPointer:
			return n * l.target.PointerSize, nil
		case kindArray:
			n *= int64(l.b.word(t.data[8:]))
			// Whatever it is of, it would not fit a size of 32 bits.
			if n > 1<<32 {
				return 0, l.b.damagedType(&t, "an array of %d elements", n)
			}
			id = l.b.word(t.data)
		case kindTypedef, kindConst, kindVolatile, kindRestrict, kindTypeTag:
			id = t.arg
		case kindFuncProto:
			return 0, &unsupported{"is a function, which has no size"}
		default:
			return 0, &unsupported{fmt.Sprintf("is %s, which has no size", l.baseName(&t))}
		}
	}
}

// record lowers a struct or union and lists what it contains by value.
func (l *lowering) record(e entity, depth int) (*model.Record, []entity, error) {
	t := l.b.at(e.def)
	r := &model.Record{Kind: model.Struct, Name: l.entityName(e), Typedef: e.typedef != 0, Size: int64(t.arg)}
	if t.kind == kindUnion {
		r.Kind = model.Union
	}
	var contains []entity
	for i := range t.n {
		f, by, err := l.member(&t, i, depth)
		if err != nil {
			return nil, nil, fmt.Errorf("member %q: %w", f.Name, err)
		}
		contains = append(contains, by...)
		r.Fields = append(r.Fields, f)
	}
	return r, contains, nil
}

func (l *lowering) member(t *typ, i, depth int) (model.Field, []entity, error) {
	m := t.data[12*i:]
	id, offset := l.b.word(m[4:]), l.b.word(m[8:])
	f := model.Field{Name: l.b.name(l.b.word(m)), BitOffset: int64(offset)}
	if f.Name != "" && !isIdentifier(f.Name) {
		return f, nil, &unsupported{"is no C identifier"}
	}
	var u use
	var err error
	if f.Type, err = l.canonical(id, &u); err != nil {
		return f, nil, err
	}
	if f.Spelling, err = l.spelling(id); err != nil {
		return f, nil, err
	}
	size, err := l.size(id)
	if err != nil {
		return f, nil, err
	}
	f.BitSize = 8 * size
	if t.flag {
		f.BitOffset = int64(offset & 0xffffff)
		if bits := int64(offset >> 24); bits != 0 {
			f.Bitfield, f.BitSize = true, bits
		}
	} else {
		l.oldBitfield(id, &f)
	}
	switch {
	case f.Bitfield && f.BitSize > 8*size:
		return f, nil, damaged("a bit-field of %d bits in a type of %d", f.BitSize, 8*size)
	case f.BitOffset+f.BitSize > 8*int64(t.arg):
		return f, nil, damaged("ends at bit %d of a %s of %d bytes", f.BitOffset+f.BitSize, refKind(t), t.arg)
	}
	if u.anonymous != 0 {
		if err := l.step(u.anonymous, depth+1); err != nil {
			return f, nil, err
		}
		inner, by, err := l.record(entity{def: u.anonymous}, depth+1)
		if err != nil {
			return f, nil, err
		}
		f.Record = inner
		// What an anonymous record behind a pointer contains is no part of
		// this one, but model.Select follows it too.
		u.byValue = append(u.byValue, by...)
	}
	return f, u.byValue, nil
}

// oldBitfield recognises a bit-field of BTF without sizes in its members: its
// type is an integer that says so itself.
func (l *lowering) oldBitfield(id uint32, f *model.Field) {
	for range maxDepth {
		t := l.b.at(id)
		if t.kind == kindTypedef || t.kind.transparent() {
			id = t.arg
			continue
		}
		if t.kind == kindInt {
			w := l.b.word(t.data)
			if bits, off := w&0xff, w>>16&0xff; off != 0 || bits != 8*t.arg {
				f.BitOffset += int64(off)
				f.Bitfield, f.BitSize = true, int64(bits)
			}
		}
		return
	}
}

func (l *lowering) enum(e entity) (*model.Enum, error) {
	t := l.b.at(e.def)
	out := &model.Enum{Name: l.entityName(e), Typedef: e.typedef != 0, Size: int64(t.arg), Signed: t.flag}
	each := tail[t.kind].each
	for i := range t.n {
		p := t.data[i*each:]
		name := l.b.name(l.b.word(p))
		if !isIdentifier(name) {
			return nil, &unsupported{fmt.Sprintf("enumerator %q is no C identifier", name)}
		}
		v := uint64(l.b.word(p[4:]))
		switch {
		case t.kind == kindEnum64:
			v |= uint64(l.b.word(p[8:])) << 32
		case t.flag:
			v = uint64(int64(int32(v)))
		}
		value := constant.MakeUint64(v)
		if t.flag {
			value = constant.MakeInt64(int64(v))
		}
		out.Values = append(out.Values, model.Enumerator{Name: name, Value: value})
	}
	l.budget -= t.n
	return out, nil
}

// prototype lowers a function type.
func (l *lowering) prototype(name string, role model.Role, id uint32) (*model.Prototype, error) {
	t := l.b.at(id)
	p := &model.Prototype{Name: name, Role: role}
	var err error
	if p.ResultType, err = l.canonical(t.arg, nil); err != nil {
		return nil, fmt.Errorf("result: %w", err)
	}
	if p.Result, err = l.spelling(t.arg); err != nil {
		return nil, fmt.Errorf("result: %w", err)
	}
	for i := range t.n {
		q := model.Param{Name: l.b.name(l.b.word(t.data[8*i:]))}
		param := l.b.word(t.data[8*i+4:])
		if param == 0 && i == t.n-1 {
			p.Variadic = true
			break
		}
		if q.Type, err = l.canonical(param, nil); err != nil {
			return nil, fmt.Errorf("parameter %d: %w", i+1, err)
		}
		if q.Spelling, err = l.spelling(param); err != nil {
			return nil, fmt.Errorf("parameter %d: %w", i+1, err)
		}
		p.Params = append(p.Params, q)
	}
	return p, nil
}

// callback returns the prototype of the function that a member's type points
// to, or 0 for a member that is no callback.
func (l *lowering) callback(id uint32) uint32 {
	pointed := false
	for range maxDepth {
		t := l.b.at(id)
		switch {
		case t.kind == kindPointer && !pointed:
			pointed = true
		case t.kind == kindFuncProto && pointed:
			return id
		case t.kind != kindTypedef && !t.kind.transparent():
			return 0
		}
		id = t.arg
	}
	return 0
}

func isIdentifier(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9' || i == 0) {
			return false
		}
	}
	return s != ""
}
