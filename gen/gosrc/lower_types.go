// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/goname"
)

// nest is the member whose type is asked for: an anonymous record or enum in it
// is known by it.
type nest struct {
	x             *record
	f             *model.Field
	cName, goName string
}

func (l *lowering) within(x *record, f *model.Field, renamed string) *nest {
	n := &nest{x: x, f: f, cName: x.cName + "." + f.Name, goName: renamed}
	if renamed == "" {
		n.goName = goname.Field(f.Name)
	}
	return n
}

// typeOf returns the Go type for t, which takes size bytes, or why there is
// none, as the rest of a sentence about a member.
func (l *lowering) typeOf(t model.Type, size int64, in *nest) (goType, string) {
	switch x := model.Unqualified(t).(type) {
	case model.Int:
		return intOf(x)
	case model.Bool:
		return scalar{name: "bool", kind: boolean, bits: 8}, ""
	case model.Float:
		if x.Bits == 32 || x.Bits == 64 {
			return scalar{name: fmt.Sprintf("float%d", x.Bits), kind: float, bits: x.Bits}, ""
		}
		return wide{name: fmt.Sprintf("[%d]byte", size), n: size}, ""
	case model.Pointer:
		return pointerOf(x, size)
	case model.Vector:
		elem, reason := l.typeOf(x.Elem, l.sizeOf(x.Elem, nil), in)
		if reason != "" || elem.size() == 0 || size%elem.size() != 0 {
			return nil, fmt.Sprintf("is a vector of %d bytes: Go has none like it", size)
		}
		// One of 3 elements has room for 4.
		return array{n: size / elem.size(), elem: elem}, ""
	case model.Array:
		if x.Len > size || x.Len == 0 {
			return nil, fmt.Sprintf("takes %s, which does not fit its %d elements", bytesOf(size), x.Len)
		}
		elem, reason := l.typeOf(x.Elem, size/x.Len, in)
		if reason != "" {
			return nil, reason
		}
		return array{n: x.Len, elem: elem}, ""
	case model.Ref:
		return l.named(x, size, in)
	}
	return nil, fmt.Sprintf("has the type %s: Go has none like it", t)
}

// sizeOf returns the size of t in bytes, or -1 where it is not known or not the
// same on all targets. An anonymous record in t is anonymous.
func (l *lowering) sizeOf(t model.Type, anonymous *model.Record) int64 {
	switch x := model.Unqualified(t).(type) {
	case model.Int:
		return int64(x.Bits / 8)
	case model.Bool:
		return 1
	case model.Float:
		if x.Bits == 80 {
			return -1 // and padding
		}
		return int64(x.Bits / 8)
	case model.Pointer:
		return l.target.PointerSize
	case model.Array:
		if n := l.sizeOf(x.Elem, anonymous); n >= 0 && (n == 0 || x.Len <= maxSize/n) {
			return x.Len * n
		}
	case model.Vector:
		if n := l.sizeOf(x.Elem, nil); n > 0 && x.Len <= maxSize/n && x.Len&(x.Len-1) == 0 {
			return x.Len * n
		}
	case model.Ref:
		switch {
		case x.Name == "" && x.Kind != model.RefEnum && anonymous != nil:
			return anonymous.Size
		case x.Kind == model.RefEnum && l.enums[x] != nil:
			return int64(l.enums[x].bits / 8)
		case l.declared[x] != nil:
			return l.declared[x].Size
		}
	}
	return -1
}

func intOf(t model.Int) (goType, string) {
	s := scalar{bits: t.Bits, kind: unsigned}
	if t.Signed {
		s.kind = signed
	}
	switch {
	case t.Char:
		// The targets disagree whether it is signed; text is bytes in Go.
		s.kind, s.name = unsigned, "byte"
		return s, ""
	case t.Bits == 128:
		name := "Uint128"
		if t.Signed {
			name = "Int128"
		}
		return wide{name: name, n: 16, integer: true, kind: s.kind}, ""
	case t.Bits != 8 && t.Bits != 16 && t.Bits != 32 && t.Bits != 64:
		return nil, fmt.Sprintf("is a %d-bit integer: Go has none", t.Bits)
	}
	s.name = s.basic()
	return s, ""
}

// pointerOf returns the integer that holds a pointer. A Go pointer would have
// the host's size and be followed by the garbage collector.
func pointerOf(_ model.Pointer, size int64) (goType, string) {
	switch size {
	case 8:
		return scalar{name: "uint64", kind: unsigned, bits: 64}, ""
	case 4:
		return scalar{name: "uint32", kind: unsigned, bits: 32}, ""
	}
	return nil, fmt.Sprintf("is a pointer of %d bytes", size)
}

func (l *lowering) named(ref model.Ref, size int64, in *nest) (goType, string) {
	switch {
	case ref.Name == "" && ref.Kind == model.RefEnum:
		return l.anonymousEnum(size, in.f)
	case ref.Name == "" && in.f.Record == nil:
		return nil, fmt.Sprintf("has an anonymous %s type that the source does not describe", ref.Kind)
	case ref.Name == "":
		y, reason := l.lowerInner(in.x, in.f.Record, in.cName, in.goName)
		if reason != "" {
			return nil, "is of an anonymous type that is left out: " + reason
		}
		return embedded{y}, ""
	case ref.Kind == model.RefEnum:
		if e := l.enums[ref]; e != nil {
			return e.scalar(), ""
		}
	default:
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

// anonymousEnum returns the integer for an enum without a name that is declared
// in the type of f. The model lists those enums apart: it is the last one that
// begins before the name of f.
func (l *lowering) anonymousEnum(size int64, f *model.Field) (goType, string) {
	var found *model.Enum
	for _, e := range l.m.abi.Enums {
		if e.Name == "" && e.Pos.File == f.Pos.File && !after(e.Pos, f.Pos) && (found == nil || !after(found.Pos, e.Pos)) {
			found = e
		}
	}
	t := model.Int{Bits: int(size * 8)}
	if found != nil && (size == 0 || found.Size == size) {
		t = model.Int{Bits: int(found.Size * 8), Signed: found.Signed}
	} else if size == 0 {
		t.Bits = 32
	}
	return intOf(t)
}

func after(a, b model.Pos) bool { return a.Line > b.Line || a.Line == b.Line && a.Col > b.Col }

// disguised reports whether the Go type for t does not say what t is.
func disguised(t model.Type) bool {
	switch x := model.Unqualified(t).(type) {
	case model.Int:
		return x.Bits > 64
	case model.Float:
		return x.Bits != 32 && x.Bits != 64
	case model.Vector:
		return true
	case model.Array:
		return disguised(x.Elem)
	case model.Ref:
		return x.Name == "" && x.Kind == model.RefEnum
	}
	return false
}

// naturalAlign returns the alignment of t in C, where nothing else was asked
// for.
func naturalAlign(t goType) int64 {
	switch x := t.(type) {
	case array:
		return naturalAlign(x.elem)
	case embedded:
		return max(x.rec.natural, x.rec.aligned)
	}
	return t.align()
}
