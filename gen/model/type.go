// SPDX-License-Identifier: MIT

package model

import (
	"fmt"
	"strconv"
	"strings"
)

// Type is a canonical type: typedefs resolved, records and enums by name. Its
// String is the canonical spelling that snapshots use and [ParseType] reads:
//
//	u8 s16 u32 s64 u128 …     integers
//	bool                      _Bool
//	f32 f64 f80 f128          floating point
//	void
//	struct x, union x, enum x a named type; without a name an anonymous one
//	ptr(T)                    pointer
//	array(16,T)               array; 0 elements also for a flexible array
//	vector(4,T)               vector type
//	func(R,P1,P2,...)         function; a final ... where it is variadic
//	const T, volatile T       qualified
//
// Types are values and compare with [Identical].
type Type interface {
	String() string
	isType()
}

// Int is an integer type.
type Int struct {
	Bits   int  // its width
	Signed bool // in two's complement
	// Char marks plain char, whose signedness is the target's choice. The
	// canonical spelling does not show it; snapshots carry it beside the type.
	Char bool
}

// Bool is C's _Bool, one byte.
type Bool struct{}

// Float is a floating-point type of the given width in bits, without padding:
// 80 is x87's long double.
type Float struct {
	Bits int // its width
}

// Void is the absence of a type.
type Void struct{}

// Ref names a record or enum.
type Ref struct {
	Kind RefKind // the keyword
	Name string  // empty for an anonymous one
}

// RefKind is the keyword of a [Ref].
type RefKind string

// What a [Ref] can name.
const (
	RefStruct RefKind = "struct"
	RefUnion  RefKind = "union"
	RefEnum   RefKind = "enum"
)

// Pointer is a pointer type. Its size is the target's.
type Pointer struct {
	Elem Type // what it points to
}

// Array is an array type. A flexible array has length 0.
type Array struct {
	Len  int64 // number of elements
	Elem Type  // type of an element
}

// Vector is a vector type of Len elements.
type Vector struct {
	Len  int64
	Elem Type // type of an element
}

// Func is a function type.
type Func struct {
	Result   Type   // type of the result
	Params   []Type // their types
	Variadic bool   // whether more arguments may follow
}

// Qualified is a const or volatile type.
type Qualified struct {
	Const    bool // the value may not be changed
	Volatile bool // the value may change by itself
	Elem     Type // the type without the qualifiers
}

func (Int) isType()       {}
func (Bool) isType()      {}
func (Float) isType()     {}
func (Void) isType()      {}
func (Ref) isType()       {}
func (Pointer) isType()   {}
func (Array) isType()     {}
func (Vector) isType()    {}
func (Func) isType()      {}
func (Qualified) isType() {}

// String returns the canonical spelling, such as "u64" or "s8".
func (t Int) String() string {
	if t.Signed {
		return "s" + strconv.Itoa(t.Bits)
	}
	return "u" + strconv.Itoa(t.Bits)
}

// String returns the canonical spelling, such as "bool".
func (Bool) String() string { return "bool" }

// String returns the canonical spelling, such as "f64".
func (t Float) String() string { return "f" + strconv.Itoa(t.Bits) }

// String returns the canonical spelling, such as "void".
func (Void) String() string { return "void" }

// String returns the canonical spelling, such as "struct x".
func (t Ref) String() string {
	if t.Name == "" {
		return string(t.Kind)
	}
	return string(t.Kind) + " " + t.Name
}

// String returns the canonical spelling, such as "ptr(u8)".
func (t Pointer) String() string { return "ptr(" + t.Elem.String() + ")" }

// String returns the canonical spelling, such as "array(16,s8)".
func (t Array) String() string { return fmt.Sprintf("array(%d,%s)", t.Len, t.Elem) }

// String returns the canonical spelling, such as "vector(4,f32)".
func (t Vector) String() string { return fmt.Sprintf("vector(%d,%s)", t.Len, t.Elem) }

// String returns the canonical spelling, such as "func(s32,u64)", the result first.
func (t Func) String() string {
	var b strings.Builder
	b.WriteString("func(")
	b.WriteString(t.Result.String())
	for _, p := range t.Params {
		b.WriteByte(',')
		b.WriteString(p.String())
	}
	if t.Variadic {
		b.WriteString(",...")
	}
	b.WriteByte(')')
	return b.String()
}

// String returns the canonical spelling, such as "const volatile u8".
func (t Qualified) String() string {
	s := t.Elem.String()
	if t.Volatile {
		s = "volatile " + s
	}
	if t.Const {
		s = "const " + s
	}
	return s
}

// Identical reports whether two types have the same canonical spelling. A nil
// type is identical to nil alone.
func Identical(a, b Type) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return a.String() == b.String()
}

// Equivalent reports whether the same bytes mean the same value under both
// types: identical but for outer qualifiers and the signedness of plain char.
// Pointers are equivalent when they are both pointers; what they point to is
// compared where it matters, in prototypes.
func Equivalent(a, b Type) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	a, b = Unqualified(a), Unqualified(b)
	switch x := a.(type) {
	case Int:
		y, ok := b.(Int)
		return ok && x.Bits == y.Bits && (x.Signed == y.Signed || x.Char && y.Char)
	case Array:
		y, ok := b.(Array)
		return ok && x.Len == y.Len && Equivalent(x.Elem, y.Elem)
	case Vector:
		y, ok := b.(Vector)
		return ok && x.Len == y.Len && Equivalent(x.Elem, y.Elem)
	case Pointer:
		_, ok := b.(Pointer)
		return ok
	}
	return Identical(a, b)
}

// Unqualified returns t without outer const and volatile.
func Unqualified(t Type) Type {
	for {
		q, ok := t.(Qualified)
		if !ok {
			return t
		}
		t = q.Elem
	}
}

// Qualify returns t with the given qualifiers added. Qualifiers of an array
// are those of its elements.
func Qualify(t Type, isConst, isVolatile bool) Type {
	if !isConst && !isVolatile {
		return t
	}
	switch x := t.(type) {
	case Qualified:
		return Qualified{Const: x.Const || isConst, Volatile: x.Volatile || isVolatile, Elem: x.Elem}
	case Array:
		return Array{Len: x.Len, Elem: Qualify(x.Elem, isConst, isVolatile)}
	}
	return Qualified{Const: isConst, Volatile: isVolatile, Elem: t}
}

// IsCallback reports whether t is a pointer to a function.
func IsCallback(t Type) bool {
	p, ok := Unqualified(t).(Pointer)
	if !ok {
		return false
	}
	_, ok = p.Elem.(Func)
	return ok
}

// HasPlainChar reports whether t is plain char or made of it.
func HasPlainChar(t Type) bool {
	switch x := t.(type) {
	case Int:
		return x.Char
	case Array:
		return HasPlainChar(x.Elem)
	case Vector:
		return HasPlainChar(x.Elem)
	case Qualified:
		return HasPlainChar(x.Elem)
	case Pointer:
		return HasPlainChar(x.Elem)
	}
	return false
}

// maxTypeDepth bounds how deep ParseType descends, so that hostile input ends
// in an error instead of a deep stack.
const maxTypeDepth = 200

// ParseType reads a canonical spelling, see [Type].
func ParseType(s string) (Type, error) {
	p := typeParser{s: s}
	t, err := p.parse(0)
	if err == nil && p.i != len(s) {
		err = p.errorf("unexpected %q after the type", s[p.i:])
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

type typeParser struct {
	s string
	i int
}

func (p *typeParser) errorf(format string, args ...any) error {
	return fmt.Errorf("canonical type %q: at byte %d: %s", p.s, p.i, fmt.Sprintf(format, args...))
}

func (p *typeParser) eat(s string) bool {
	if strings.HasPrefix(p.s[p.i:], s) {
		p.i += len(s)
		return true
	}
	return false
}

// word consumes characters up to the next delimiter.
func (p *typeParser) word() string {
	start := p.i
	for p.i < len(p.s) && !strings.ContainsRune("(), ", rune(p.s[p.i])) {
		p.i++
	}
	return p.s[start:p.i]
}

func (p *typeParser) parse(depth int) (Type, error) {
	if depth > maxTypeDepth {
		return nil, p.errorf("nested more than %d deep", maxTypeDepth)
	}
	w := p.word()
	switch w {
	case "bool":
		return Bool{}, nil
	case "void":
		return Void{}, nil
	case "struct", "union", "enum":
		r := Ref{Kind: RefKind(w)}
		if p.eat(" ") {
			if r.Name = p.word(); r.Name == "" {
				return nil, p.errorf("a name must follow %q and a space", w)
			}
		}
		return r, nil
	case "const", "volatile":
		if !p.eat(" ") {
			return nil, p.errorf("a type must follow %q", w)
		}
		e, err := p.parse(depth + 1)
		if err != nil {
			return nil, err
		}
		return Qualify(e, w == "const", w == "volatile"), nil
	case "ptr":
		e, err := p.only(depth)
		if err != nil {
			return nil, err
		}
		return Pointer{Elem: e}, nil
	case "array", "vector":
		return p.sequence(w, depth)
	case "func":
		return p.function(depth)
	}
	return p.scalar(w)
}

func (p *typeParser) scalar(w string) (Type, error) {
	if len(w) > 1 {
		bits, err := strconv.ParseUint(w[1:], 10, 16)
		// The second condition refuses spellings that would not print again
		// as they were read, such as "u008".
		if err == nil && bits > 0 && w[1:] == strconv.FormatUint(bits, 10) {
			switch w[0] {
			case 'u', 's':
				return Int{Bits: int(bits), Signed: w[0] == 's'}, nil
			case 'f':
				return Float{Bits: int(bits)}, nil
			}
		}
	}
	return nil, p.errorf("unknown type %q", w)
}

// only parses "(T)".
func (p *typeParser) only(depth int) (Type, error) {
	if !p.eat("(") {
		return nil, p.errorf("expected (")
	}
	e, err := p.parse(depth + 1)
	if err != nil {
		return nil, err
	}
	if !p.eat(")") {
		return nil, p.errorf("expected )")
	}
	return e, nil
}

// sequence parses "(N,T)".
func (p *typeParser) sequence(kind string, depth int) (Type, error) {
	if !p.eat("(") {
		return nil, p.errorf("expected (")
	}
	w := p.word()
	n, err := strconv.ParseInt(w, 10, 64)
	if err != nil || n < 0 || w != strconv.FormatInt(n, 10) {
		return nil, p.errorf("bad length %q", w)
	}
	if !p.eat(",") {
		return nil, p.errorf("expected , and an element type")
	}
	e, err := p.parse(depth + 1)
	if err != nil {
		return nil, err
	}
	if !p.eat(")") {
		return nil, p.errorf("expected )")
	}
	if kind == "vector" {
		return Vector{Len: n, Elem: e}, nil
	}
	return Array{Len: n, Elem: e}, nil
}

// function parses "(R,P…)".
func (p *typeParser) function(depth int) (Type, error) {
	if !p.eat("(") {
		return nil, p.errorf("expected (")
	}
	var f Func
	var err error
	if f.Result, err = p.parse(depth + 1); err != nil {
		return nil, err
	}
	for p.eat(",") {
		if p.eat("...") {
			f.Variadic = true
			break
		}
		t, err := p.parse(depth + 1)
		if err != nil {
			return nil, err
		}
		f.Params = append(f.Params, t)
	}
	if !p.eat(")") {
		return nil, p.errorf("expected ) at the end of the parameters")
	}
	return f, nil
}
