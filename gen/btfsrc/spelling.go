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

// declare writes the declaration of declarator, which is what C puts around a
// name, from the inside out.
func (l *lowering) declare(id uint32, declarator string, depth int) (string, error) {
	if err := l.step(id, depth); err != nil {
		return "", err
	}
	t := l.b.at(id)
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
		params := make([]string, t.n)
		for i := range params {
			p := l.b.word(t.data[8*i+4:])
			if p == 0 && i == t.n-1 {
				params[i] = "..."
				continue
			}
			var err error
			if params[i], err = l.declare(p, "", depth+1); err != nil {
				return "", err
			}
		}
		if len(params) == 0 {
			params = []string{"void"}
		}
		return l.declare(t.arg, declarator+"("+strings.Join(params, ", ")+")", depth+1)
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
