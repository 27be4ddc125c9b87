// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"go/constant"
	"go/token"
	"math/bits"
	"strconv"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// lowerGroups returns the types of the configured groups, with their constants.
func (l *lowering) lowerGroups() []*enumType {
	var out []*enumType
	for _, g := range l.cfg.groups {
		if g.re == nil {
			continue
		}
		t := &enumType{goName: g.Name, base: g.Base, kind: g.Kind, trim: g.Trim, doc: g.Doc}
		t.bits, t.signed = width(g.Base)
		for _, k := range l.m.constants {
			if !g.owns(k.Name) {
				continue
			}
			if !fits(k.Value, t.bits, t.signed) {
				l.errs = append(l.errs, configError(g.key("base"), "group %s: %s%s is %s, which is no %s: widen the base or narrow the group",
					g, at(k.Pos), k.Name, k.Value.ExactString(), g.Base))
				continue
			}
			t.consts = append(t.consts, l.constant(k, t.goName, t.kind))
		}
		if len(t.consts) > 0 {
			g.outs = append(g.outs, t)
			out = append(out, t)
		}
	}
	return out
}

// lowerEnum returns the Go type of an enum.
func (l *lowering) lowerEnum(e *model.Enum) *enumType {
	t := &enumType{goName: l.names[e.Ref()], kind: Values, cEnum: e.Name, typedef: e.Typedef, doc: e.Doc, pos: e.Pos, signed: e.Signed}
	switch e.Size {
	case 1, 2, 4, 8:
		t.bits = int(e.Size * 8)
	default:
		l.m.refuse(e.Ref(), e.Pos, "enum of %d bytes: Go has no such integer", e.Size)
		return nil
	}
	t.base = t.scalar().basic()
	for _, v := range e.Values {
		if !fits(v.Value, t.bits, t.signed) {
			l.m.refuse(e.Ref(), e.Pos, "enum: %s is %s, which is no %s", v.Name, v.Value.ExactString(), t.base)
			return nil
		}
	}
	t.trim = commonPrefix(e)
	for _, g := range l.cfg.groups {
		if g.Enum == e.Name {
			g.outs = append(g.outs, t)
			t.kind = g.Kind
			if g.Trim != "" {
				t.trim = g.Trim
			}
			if g.Doc != "" {
				t.doc = g.Doc
			}
			if t.kind == Flags && t.signed {
				l.errs = append(l.errs, configError(g.key("kind"), "group %s: %sits type is signed, flags are not: leave out kind", g, at(e.Pos)))
			}
		}
	}
	for i := range e.Values {
		v := &e.Values[i]
		k := &model.Constant{Name: v.Name, Value: v.Value, Pos: v.Pos, Doc: v.Doc}
		t.consts = append(t.consts, l.constant(k, t.goName, t.kind))
	}
	l.enums[e.Ref()] = t
	return t
}

func (t *enumType) scalar() scalar {
	s := scalar{name: t.goName, bits: t.bits, kind: unsigned}
	if t.signed {
		s.kind = signed
	}
	return s
}

// commonPrefix returns what all enumerators begin with, up to an underscore.
func commonPrefix(e *model.Enum) string {
	if len(e.Values) < 2 {
		return ""
	}
	p := e.Values[0].Name
	for _, v := range e.Values[1:] {
		n := 0
		for n < min(len(p), len(v.Name)) && p[n] == v.Name[n] {
			n++
		}
		p = p[:n]
	}
	return p[:strings.LastIndexByte(p, '_')+1]
}

// lowerConstants returns the constants that belong to no type.
func (l *lowering) lowerConstants(types []*enumType) []*constDecl {
	owner := map[string]*group{}
	for _, g := range l.cfg.groups {
		for _, k := range l.m.constants {
			if !g.owns(k.Name) {
				continue
			}
			if by := owner[k.Name]; by != nil {
				l.errs = append(l.errs, configError(g.key(), "%s%s belongs to group %s and to group %s: narrow one of them",
					at(k.Pos), k.Name, by, g))
			}
			owner[k.Name] = g
		}
	}
	var out []*constDecl
	for _, k := range l.m.constants {
		if owner[k.Name] != nil {
			continue
		}
		typ := goTypeOf(k)
		if typ == "" && k.Value.Kind() == constant.Int && !fits(k.Value, 64, false) && !fits(k.Value, 64, true) {
			l.m.skip(k.Name, k.Pos, "constant of more than 64 bits: Go has no such integer")
			continue
		}
		if k.Value.Kind() == constant.Float {
			typ = ""
		}
		out = append(out, l.constant(k, typ, Values))
	}
	return out
}

// goTypeOf returns the Go type of a constant outside every group, or nothing
// for an untyped one. C's int is untyped: in C too such a constant is assigned
// to members of any width. So are the longs, whose width is the target's.
func goTypeOf(k *model.Constant) string {
	if k.Value.Kind() != constant.Int {
		return ""
	}
	typ := map[string]string{
		"unsigned char": "uint8", "signed char": "int8", "unsigned short": "uint16", "short": "int16",
		"unsigned int": "uint32", "unsigned long long": "uint64", "long long": "int64",
	}[k.Type]
	if typ != "" {
		if n, s := width(typ); !fits(k.Value, n, s) {
			return ""
		}
	}
	return typ
}

func (l *lowering) constant(k *model.Constant, goType string, kind Kind) *constDecl {
	d := &constDecl{cName: k.Name, goType: goType, value: k.Value, cType: k.Type, doc: k.Doc, pos: k.Pos}
	what := "the constant " + k.Name
	if s, ok := l.cfg.goName(k.Name); ok {
		d.goName = s
		if err := l.scope.claimExact(s, what); err != nil {
			l.errs = append(l.errs, err)
		}
	} else {
		d.goName = l.scope.claim(k.Name, what)
	}
	d.literal = literal(k, kind)
	return d
}

// literal spells a value as a person would: a bit as a shift, a mask in
// hexadecimal, a number as a number.
func literal(k *model.Constant, kind Kind) string {
	switch k.Value.Kind() {
	case constant.String:
		return strconv.Quote(constant.StringVal(k.Value))
	case constant.Float:
		f, _ := constant.Float64Val(k.Value)
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	u, exact := constant.Uint64Val(k.Value)
	if !exact {
		return k.Value.ExactString()
	}
	shift := kind == Flags || strings.Contains(k.Expr, "<<")
	switch {
	case shift && bits.OnesCount64(u) == 1:
		return fmt.Sprintf("1 << %d", bits.TrailingZeros64(u))
	case u > 9 && (shift || strings.ContainsAny(k.Expr, "xX~") || u > 1<<32):
		return fmt.Sprintf("%#x", u)
	}
	return strconv.FormatUint(u, 10)
}

// width returns the bits and signedness of one of Go's integer types.
func width(goType string) (n int, signed bool) {
	s, isUnsigned := strings.CutPrefix(goType, "uint")
	if !isUnsigned {
		s = strings.TrimPrefix(goType, "int")
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		panic("gosrc: no integer type: " + goType)
	}
	return n, !isUnsigned
}

// fits reports whether v is an integer of the given width.
func fits(v constant.Value, n int, signed bool) bool {
	if v.Kind() != constant.Int {
		return false
	}
	if !signed {
		return constant.Sign(v) >= 0 && constant.BitLen(v) <= n
	}
	if constant.Sign(v) < 0 {
		v = constant.UnaryOp(token.XOR, v, 0) // -x-1: the most negative value has one bit less
	}
	return constant.BitLen(v) < n
}

// at returns the position as the beginning of a message.
func at(p model.Pos) string {
	if !p.IsValid() {
		return ""
	}
	return p.String() + ": "
}
