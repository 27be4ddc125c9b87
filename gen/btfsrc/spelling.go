// SPDX-License-Identifier: MIT

package btfsrc

import (
	"strconv"
	"strings"
)

// spelling returns the type as C would write it without a name, such as
// "uint64_t", "char[16]", "const struct fuse_range *" or
// "int (*)(struct inode *, loff_t)". BTF does not tell a flexible array from
// one of no elements: both are "[]".
func (l *lowering) spelling(id uint32) (string, error) { return l.declare(id, "", 0) }

// maxSpelling bounds, in bytes, what a spelling puts around a name. The longest
// spelling in Linux has about 200.
const maxSpelling = 1 << 14

// declare writes the declaration of declarator, which is what C puts around a
// name, from the inside out.
func (l *lowering) declare(id uint32, declarator string, depth int) (string, error) {
	if err := l.step(id, depth); err != nil {
		return "", err
	}
	t := l.b.at(id)
	if len(declarator) > maxSpelling {
		return "", l.b.damagedType(&t, "has more to it than %d characters can say", maxSpelling)
	}
	switch t.kind {
	case kindPointer:
		declarator = "*" + declarator
		switch l.b.kind(l.skipTransparent(t.arg)) {
		case kindArray, kindFuncProto:
			declarator = "(" + declarator + ")"
		}
		return l.declare(t.arg, declarator, depth+1)
	case kindArray:
		n := l.b.word(t.data[8:])
		size := "[]"
		if n > 0 {
			size = "[" + strconv.FormatUint(uint64(n), 10) + "]"
		}
		return l.declare(l.b.word(t.data), declarator+size, depth+1)
	case kindFuncProto:
		params, err := l.parameters(&t, depth)
		if err != nil {
			return "", err
		}
		return l.declare(t.arg, declarator+params, depth+1)
	case kindConst, kindVolatile, kindRestrict:
		return l.declareQualified(&t, declarator, depth)
	case kindTypeTag:
		return l.declare(t.arg, declarator, depth+1)
	}
	base := l.baseName(&t)
	switch {
	case declarator == "":
		return base, nil
	case declarator[0] == '[':
		return base + declarator, nil
	}
	return base + " " + declarator, nil
}

// parameters writes the parameters of a prototype, in parentheses.
func (l *lowering) parameters(t *typ, depth int) (string, error) {
	if t.n == 0 {
		return "(void)", nil
	}
	var b strings.Builder
	b.WriteByte('(')
	for i := range t.n {
		if i > 0 {
			b.WriteString(", ")
		}
		p := l.b.word(t.data[8*i+4:])
		if p == 0 && i == t.n-1 {
			b.WriteString("...")
			break
		}
		s, err := l.declare(p, "", depth+1)
		if err != nil {
			return "", err
		}
		b.WriteString(s)
	}
	b.WriteByte(')')
	return b.String(), nil
}

// declareQualified puts the qualifier of a pointer behind its asterisk and any
// other in front.
func (l *lowering) declareQualified(t *typ, declarator string, depth int) (string, error) {
	word := map[kind]string{kindConst: "const", kindVolatile: "volatile", kindRestrict: "restrict"}[t.kind]
	if l.b.kind(l.skipTransparent(t.arg)) == kindPointer {
		if declarator != "" {
			word += " "
		}
		return l.declare(t.arg, word+declarator, depth+1)
	}
	s, err := l.declare(t.arg, declarator, depth+1)
	return word + " " + s, err
}

// baseName names a type that has no inner one.
func (l *lowering) baseName(t *typ) string {
	name := l.b.name(t.name)
	var keyword string
	switch t.kind {
	case kindVoid:
		return "void"
	case kindStruct:
		keyword = "struct"
	case kindUnion:
		keyword = "union"
	case kindEnum, kindEnum64:
		keyword = "enum"
	case kindForward:
		keyword = "struct"
		if t.flag {
			keyword = "union"
		}
	default:
		return name
	}
	if name == "" {
		return keyword + " { ... }"
	}
	return keyword + " " + name
}
