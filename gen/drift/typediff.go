// SPDX-License-Identifier: MIT

package drift

import (
	"github.com/fuseiomap/abigen/gen/model"
)

// delta is how two types differ: the last part of a rule's ID, or empty.
type delta string

const (
	same         delta = ""
	deltaType    delta = "type"
	deltaEnum    delta = "enum"
	deltaSize    delta = "size"
	deltaSign    delta = "sign"
	deltaArray   delta = "array"
	deltaPointee delta = "pointee"
	deltaConst   delta = "const"
)

// typeDelta compares two types by what their bytes mean. A record named by
// both is the same whatever its members: it is compared on its own. At is the
// subject, for what the evidence cannot decide.
func (c *comparison) typeDelta(ot, nt model.Type, at string, depth int) delta {
	if ot == nil || nt == nil || depth > maxDepth {
		return same
	}
	ou, nu := model.Unqualified(ot), model.Unqualified(nt)
	if c.goSide() {
		if d, ok := c.goDelta(ou, nu, at); ok {
			return d
		}
	}
	d := c.bareDelta(ou, nu, at, depth)
	if d == same && !c.goSide() && qualifiers(ot) != qualifiers(nt) {
		return deltaConst
	}
	return d
}

func qualifiers(t model.Type) (q model.Qualified) {
	for {
		x, ok := t.(model.Qualified)
		if !ok {
			return q
		}
		q.Const = q.Const || x.Const
		q.Volatile = q.Volatile || x.Volatile
		t = x.Elem
	}
}

func (c *comparison) bareDelta(ou, nu model.Type, at string, depth int) delta {
	switch x := ou.(type) {
	case model.Int:
		switch y := nu.(type) {
		case model.Int:
			return c.intDelta(x, y, at)
		case model.Ref:
			if y.Kind == model.RefEnum {
				return enumDelta(c.n.enum(y.Name), x)
			}
		}
	case model.Float:
		if y, ok := nu.(model.Float); ok {
			return when(x.Bits != y.Bits, deltaSize)
		}
	case model.Ref:
		switch y := nu.(type) {
		case model.Ref:
			return c.refDelta(x, y)
		case model.Int:
			if x.Kind == model.RefEnum {
				return enumDelta(c.o.enum(x.Name), y)
			}
		}
	case model.Pointer:
		if y, ok := nu.(model.Pointer); ok {
			return c.pointeeDelta(x.Elem, y.Elem, depth+1)
		}
	case model.Array:
		if y, ok := nu.(model.Array); ok {
			if d := c.typeDelta(x.Elem, y.Elem, at, depth+1); d != same {
				return d
			}
			return when(x.Len != y.Len, deltaArray)
		}
	case model.Vector:
		if y, ok := nu.(model.Vector); ok {
			if d := c.typeDelta(x.Elem, y.Elem, at, depth+1); d != same {
				return d
			}
			return when(x.Len != y.Len, deltaSize)
		}
	}
	// One element turned into several, or the reverse.
	if x, ok := ou.(model.Array); ok && c.sameType(x.Elem, nu, depth+1) {
		return deltaArray
	}
	if y, ok := nu.(model.Array); ok && c.sameType(ou, y.Elem, depth+1) {
		return deltaArray
	}
	return when(!c.sameType(ou, nu, depth+1), deltaType)
}

func when(differs bool, d delta) delta {
	if differs {
		return d
	}
	return same
}

func (c *comparison) intDelta(x, y model.Int, at string) delta {
	switch {
	case x.Bits != y.Bits:
		return deltaSize
	case x.Signed == y.Signed, x.Char && y.Char:
		return same
	case x.Bits == 8 && (x.Char || y.Char) && c.goSide():
		// Go spells char as byte or int8.
		return same
	case x.Bits == 8 && (x.Char || y.Char) && !c.attested(model.CharSign):
		c.both(model.CharSign, at)
		return same
	}
	return deltaSign
}

// enumDelta compares an enum with an integer. What is not known of the enum
// counts as C's default: 32 bits wide.
func enumDelta(e *model.Enum, i model.Int) delta {
	switch {
	case e == nil:
		return when(i.Bits != 32, deltaType) + when(i.Bits == 32, deltaEnum)
	case e.Size*8 != int64(i.Bits):
		return deltaSize
	case e.Signed != i.Signed:
		return deltaSign
	}
	return deltaEnum
}

func (c *comparison) refDelta(x, y model.Ref) delta {
	if (x.Kind == model.RefEnum) != (y.Kind == model.RefEnum) {
		return deltaType
	}
	// A named and an anonymous record may have the same layout, which the
	// caller compares.
	return when(x.Name != "" && y.Name != "" && !c.sameName(x.Name, y.Name), deltaType)
}

// sameName reports whether two names are of one record or enum: flavours of
// one name, or a rename that was found.
func (c *comparison) sameName(older, newer string) bool {
	o, n := essential(older), essential(newer)
	return o == n || c.renames[o] == n
}

// pointeeDelta compares what two pointers point to.
func (c *comparison) pointeeDelta(oe, ne model.Type, depth int) delta {
	if oe == nil || ne == nil {
		return same
	}
	_, of := model.Unqualified(oe).(model.Func)
	_, nf := model.Unqualified(ne).(model.Func)
	if of != nf {
		return deltaType
	}
	if !c.sameType(model.Unqualified(oe), model.Unqualified(ne), depth) {
		return deltaPointee
	}
	return when(c.constDiffers(oe, ne, depth), deltaConst)
}

// kindReported reports whether struct against union is a finding about the
// record itself, because both sides define it.
func (c *comparison) kindReported(x, y model.Ref) bool {
	return x.Kind != model.RefEnum && y.Kind != model.RefEnum && c.o.record(x.Name) != nil && c.n.record(y.Name) != nil
}

// sameType reports whether two types agree to the last detail but qualifiers
// and the names of flavours and renamed records.
func (c *comparison) sameType(a, b model.Type, depth int) bool {
	if a == nil || b == nil || depth > maxDepth {
		return a == nil && b == nil
	}
	a, b = model.Unqualified(a), model.Unqualified(b)
	switch x := a.(type) {
	case model.Int:
		y, ok := b.(model.Int)
		return ok && x.Bits == y.Bits && (x.Signed == y.Signed || x.Char && y.Char ||
			x.Bits == 8 && (x.Char || y.Char) && !c.attested(model.CharSign))
	case model.Ref:
		y, ok := b.(model.Ref)
		return ok && c.sameName(x.Name, y.Name) && (x.Kind == y.Kind || c.kindReported(x, y))
	case model.Pointer:
		y, ok := b.(model.Pointer)
		return ok && c.sameType(x.Elem, y.Elem, depth+1)
	case model.Array:
		y, ok := b.(model.Array)
		return ok && x.Len == y.Len && c.sameType(x.Elem, y.Elem, depth+1)
	case model.Vector:
		y, ok := b.(model.Vector)
		return ok && x.Len == y.Len && c.sameType(x.Elem, y.Elem, depth+1)
	case model.Func:
		y, ok := b.(model.Func)
		if !ok || len(x.Params) != len(y.Params) || x.Variadic != y.Variadic || !c.sameType(x.Result, y.Result, depth+1) {
			return false
		}
		for i := range x.Params {
			if !c.sameType(x.Params[i], y.Params[i], depth+1) {
				return false
			}
		}
		return true
	}
	// What is left has no parts, so its spelling is all of it.
	_, isRef := b.(model.Ref)
	return !isRef && element(b) == nil && !isPointerOrFunc(b) && model.Identical(a, b)
}

func isPointerOrFunc(t model.Type) bool {
	switch t.(type) {
	case model.Pointer, model.Func:
		return true
	}
	return false
}

// constDiffers reports whether qualifiers differ anywhere in two types that
// agree otherwise.
func (c *comparison) constDiffers(a, b model.Type, depth int) bool {
	if a == nil || b == nil || depth > maxDepth {
		return false
	}
	if qualifiers(a) != qualifiers(b) {
		return true
	}
	switch x := model.Unqualified(a).(type) {
	case model.Pointer:
		y, ok := model.Unqualified(b).(model.Pointer)
		return ok && c.constDiffers(x.Elem, y.Elem, depth+1)
	case model.Array:
		y, ok := model.Unqualified(b).(model.Array)
		return ok && c.constDiffers(x.Elem, y.Elem, depth+1)
	}
	return false
}

// goDelta compares a C type with the Go type that stands for it, where Go has
// to say something else: integers for pointers, enums and callbacks, bytes for
// what it cannot express.
func (c *comparison) goDelta(ou, nu model.Type, at string) (d delta, ok bool) {
	ct, gt := ou, nu
	if c.old.Side == model.SideGo {
		ct, gt = nu, ou
	}
	g, isInt := gt.(model.Int)
	switch x := ct.(type) {
	case model.Pointer:
		address := isInt && !g.Signed && g.Bits >= 32
		if _, isPointer := gt.(model.Pointer); !isPointer && !address {
			return same, false
		}
		if model.IsCallback(ct) {
			c.both(model.Prototypes, at)
		} else {
			c.both(model.Pointees, at)
		}
		return same, true
	case model.Ref:
		if x.Kind == model.RefEnum && isInt {
			return sameNumber(c.cSide().enum(x.Name), g), true
		}
	case model.Int:
		if r, isRef := gt.(model.Ref); isRef && r.Kind == model.RefEnum {
			return sameNumber(c.goIndex().enum(r.Name), x), true
		}
	}
	if a, isArray := gt.(model.Array); isArray && isByte(a.Elem) {
		if b, isArray := ct.(model.Array); isArray && isByte(b.Elem) {
			return same, false
		}
		if isByte(ct) {
			return same, false
		}
		c.unsure(model.Records, "Go holds the member as bytes, so what they mean was not compared", at)
		return same, true
	}
	return same, false
}

// sameNumber compares an enum with an integer where it does not matter which
// of the two it is.
func sameNumber(e *model.Enum, i model.Int) delta {
	if d := enumDelta(e, i); d != deltaEnum {
		return d
	}
	return same
}

// cSide and goIndex tell the two sides apart where one is Go.
func (c *comparison) cSide() *index {
	if c.old.Side == model.SideGo {
		return c.n
	}
	return c.o
}

func (c *comparison) goIndex() *index {
	if c.old.Side == model.SideGo {
		return c.o
	}
	return c.n
}

func isByte(t model.Type) bool {
	i, ok := model.Unqualified(t).(model.Int)
	return ok && i.Bits == 8
}
