// SPDX-License-Identifier: MIT

package drift

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// voices names the two sides in sentences: old is what was compiled, new what
// it meets at run time.
type voices struct{ old, new string }

func voicesOf(old, now model.Side) voices {
	switch {
	case old == model.SideGo && now == model.SideGo:
		return voices{"the old Go code", "the new Go code"}
	case now == model.SideGo:
		return voices{"C code", "the Go code"}
	case old == model.SideGo && now == model.SideKernel:
		return voices{"the Go code", "the kernel"}
	case old == model.SideGo && now == model.SideProgram:
		return voices{"the Go code", "the program"}
	case old == model.SideGo:
		return voices{"the Go code", "C code"}
	case old == model.SideProgram && now == model.SideProgram:
		return voices{"the old program", "the new program"}
	case old == model.SideKernel && now == model.SideContract:
		return voices{"the kernel", "the header"}
	case old == model.SideKernel && now == model.SideProgram:
		return voices{"the kernel", "the program"}
	case now == model.SideProgram:
		return voices{"code built from the declaration", "the program"}
	}
	return voices{"the program", "the kernel"}
}

// place says where a member lies, counted in its record: "byte 16", or "bit 3
// of byte 4" for what does not start on a byte.
func place(bit int64) string {
	if bit%8 == 0 {
		return "byte " + strconv.FormatInt(bit/8, 10)
	}
	return fmt.Sprintf("bit %d of byte %d", bit%8, bit/8)
}

// bytes says a size: "1 byte", "8 bytes", "3 bits".
func bytes(bits int64) string {
	if bits%8 != 0 {
		return count(bits, "bit")
	}
	return count(bits/8, "byte")
}

func count(n int64, noun string) string {
	if n == 1 || n == -1 {
		return strconv.FormatInt(n, 10) + " " + noun
	}
	return strconv.FormatInt(n, 10) + " " + noun + "s"
}

// fact states a member: its type and where it lies.
func (l *leaf) fact() string {
	if l.bitfield {
		return fmt.Sprintf("%s of %s at %s", count(l.size, "bit"), cType(l.typ), place(l.off))
	}
	return cType(l.typ) + " at " + place(l.off)
}

// cType spells a canonical type nearly as C does, but with the width in the
// name of each integer, so that typedefs do not hide it.
func cType(t model.Type) string { return declare(t, "", 0) }

// declare spells t around a declarator, as C's grammar asks for. The depth
// guards against a type that contains itself.
func declare(t model.Type, inner string, depth int) string {
	if depth > 50 {
		return "…"
	}
	join := func(base string) string {
		if inner == "" || strings.HasPrefix(inner, "[") {
			return base + inner
		}
		return base + " " + inner
	}
	switch x := t.(type) {
	case nil:
		return join("an unknown type")
	case model.Int:
		if x.Char && x.Bits == 8 {
			return join("char")
		}
		return join(x.String())
	case model.Float:
		switch x.Bits {
		case 32:
			return join("float")
		case 64:
			return join("double")
		}
		return join("long double")
	case model.Ref:
		if x.Name == "" {
			return join("anonymous " + string(x.Kind))
		}
		return join(x.String())
	case model.Pointer:
		switch model.Unqualified(x.Elem).(type) {
		case model.Func, model.Array:
			return declare(x.Elem, "(*"+inner+")", depth+1)
		}
		return declare(x.Elem, "*"+inner, depth+1)
	case model.Array:
		return declare(x.Elem, inner+"["+strconv.FormatInt(x.Len, 10)+"]", depth+1)
	case model.Vector:
		return join(fmt.Sprintf("vector of %d %s", x.Len, declare(x.Elem, "", depth+1)))
	case model.Func:
		var ps []string
		for _, p := range x.Params {
			ps = append(ps, declare(p, "", depth+1))
		}
		if x.Variadic {
			ps = append(ps, "...")
		}
		if len(ps) == 0 {
			ps = []string{"void"}
		}
		return declare(x.Result, inner+"("+strings.Join(ps, ", ")+")", depth+1)
	case model.Qualified:
		var q string
		if x.Const {
			q = "const "
		}
		if x.Volatile {
			q += "volatile "
		}
		if _, ok := x.Elem.(model.Pointer); ok {
			return declare(x.Elem, strings.TrimSpace(q+inner), depth+1)
		}
		return q + declare(x.Elem, inner, depth+1)
	}
	return join(t.String())
}

// signature spells a prototype with the parameter names there are.
func signature(p *model.Prototype) string {
	var ps []string
	for i := range p.Params {
		ps = append(ps, param(&p.Params[i]))
	}
	if p.Variadic {
		ps = append(ps, "...")
	}
	if len(ps) == 0 {
		ps = []string{"void"}
	}
	return cType(p.ResultType) + " (" + strings.Join(ps, ", ") + ")"
}

// param spells one parameter: "u64 pos", "struct fuse_inode *fi".
func param(p *model.Param) string { return declare(p.Type, p.Name, 0) }

// ordinal is the position of a parameter in words.
func ordinal(i int) string {
	words := []string{"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"}
	if i < len(words) {
		return words[i]
	}
	return strconv.Itoa(i+1) + "th"
}

// tick puts a C name between backquotes.
func tick(s string) string { return "`" + s + "`" }

// ticks lists C names: "`a`", "`a` and `b`", "`a`, `b` and `c`".
func ticks(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = tick(n)
	}
	return series(quoted)
}

func series(s []string) string {
	if len(s) < 2 {
		return strings.Join(s, "")
	}
	return strings.Join(s[:len(s)-1], ", ") + " and " + s[len(s)-1]
}

// capital makes the first letter of a sentence a capital one.
func capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}
