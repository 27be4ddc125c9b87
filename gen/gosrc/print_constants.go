// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"go/constant"
	"math/bits"
	"slices"
	"strings"
)

// print writes the type, its constants and its String method.
func (t *enumType) print(w *printer) {
	w.gofmt(func() { t.printType(w) })
	if t.kind == Flags {
		t.printFlagsString(w)
		return
	}
	t.printValuesString(w)
}

func (t *enumType) printType(w *printer) {
	w.line()
	var c comment
	var directives []string
	switch {
	case t.cEnum != "":
		what := "enum " + t.cEnum
		if t.typedef {
			what = t.cEnum
		}
		c.introduce(fmt.Sprintf("%s is %s (%s)", t.goName, what, bytesOf(int64(t.bits/8))), t.doc, t.pos)
		directives = append(directives, "enum "+t.cEnum)
	default:
		what := "a value"
		if t.kind == Flags {
			what = "a set of flags"
		}
		c.introduce(fmt.Sprintf("%s is %s of %d bits", t.goName, what, t.bits), t.doc, t.pos)
	}
	c.print(w, 0, directives...)
	w.linef("type %s %s", t.goName, t.base)
	if len(t.consts) > 0 {
		w.line()
		w.linef("// Constants of type %s.", t.goName)
		printConstants(w, t.consts)
	}
}

func printConstants(w *printer, cs []*constDecl) {
	w.line("const (")
	for _, k := range cs {
		k.print(w)
	}
	w.line(")")
}

func (k *constDecl) print(w *printer) {
	what := k.cName
	if k.cType != "" {
		what += " (" + k.cType + ")"
	}
	if k.goName != k.cName {
		what = k.goName + " is " + what
	}
	var c comment
	c.introduce(what, k.doc, k.pos)
	var directives []string
	if k.needsDirective() {
		directives = append(directives, "constant "+k.cName)
	}
	c.print(w, 8, directives...)
	literal := k.literal
	if w.bare {
		literal = k.value.ExactString()
	}
	if k.goType == "" {
		w.linef("%s = %s", k.goName, literal)
		return
	}
	w.linef("%s %s = %s", k.goName, k.goType, literal)
}

// needsDirective tells that a reader of the Go source would not take the name
// for that of a C constant: it has another one, or is not all capitals.
func (k *constDecl) needsDirective() bool {
	return k.goName != k.cName || strings.ToUpper(k.cName) != k.cName || strings.HasPrefix(k.cName, "_")
}

// label returns what String calls a constant.
func (t *enumType) label(k *constDecl) string {
	if s := strings.TrimPrefix(k.cName, t.trim); s != "" {
		return s
	}
	return k.cName
}

// trims tells whether a label is not the whole name: the prefix that a
// configuration gives may be any text.
func (t *enumType) trims() bool {
	return slices.ContainsFunc(t.consts, func(k *constDecl) bool { return t.label(k) != k.cName })
}

// distinct returns the constants without those whose value an earlier one has.
func (t *enumType) distinct() []*constDecl {
	seen := map[string]bool{}
	var out []*constDecl
	for _, k := range t.consts {
		if v := k.value.ExactString(); !seen[v] {
			seen[v] = true
			out = append(out, k)
		}
	}
	return out
}

// number returns the call that formats x in the given base.
func (t *enumType) number(x string, base int) string {
	if t.signed {
		return fmt.Sprintf("strconv.FormatInt(int64(%s), %d)", x, base)
	}
	return fmt.Sprintf("strconv.FormatUint(uint64(%s), %d)", x, base)
}

func (t *enumType) printValuesString(w *printer) {
	prefix := "the name"
	if t.trims() {
		prefix = "the name without " + t.trim
	}
	w.doc("String returns %s, or %s(n) for a value without one.", prefix, t.goName)
	w.linef("func (v %s) String() string {", t.goName)
	if ks := t.distinct(); len(ks) > 0 {
		w.line("switch v {")
		for _, k := range ks {
			w.linef("case %s:", k.goName)
			w.linef("return %q", t.label(k))
		}
		w.line("}")
	}
	w.linef("return %q + %s + %q", t.goName+"(", t.number("v", 10), ")")
	w.line("}")
}

func (t *enumType) printFlagsString(w *printer) {
	ks := t.distinct()
	zero := "0"
	room := len("0x") + t.bits/4
	for _, k := range ks {
		if constant.Sign(k.value) == 0 {
			zero = t.label(k)
			continue
		}
		room += len(t.label(k)) + 1
	}
	names := "their names"
	if t.trims() {
		names += " without " + t.trim
	}
	w.doc("String returns the flags in the order above, by %s, separated by |, and bits without a name in "+
		"hexadecimal at the end. No flag at all is %s. It allocates only for more than one.", names, zero)
	w.linef("func (v %s) String() string {", t.goName)
	w.line("switch v {")
	w.line("case 0:")
	w.linef("return %q", zero)
	for _, k := range ks {
		if constant.Sign(k.value) != 0 {
			w.linef("case %s:", k.goName)
			w.linef("return %q", t.label(k))
		}
	}
	w.line("}")
	w.linef("var buf [%d]byte", room)
	w.line("b, rest := buf[:0], v")
	for _, k := range ks {
		if constant.Sign(k.value) == 0 {
			continue
		}
		if u, _ := constant.Uint64Val(k.value); bits.OnesCount64(u) == 1 {
			w.linef("if rest&%s != 0 {", k.goName)
		} else {
			w.linef("if rest&%s == %[1]s {", k.goName)
		}
		w.linef("b = append(b, %q...)", t.label(k)+"|")
		w.linef("rest &^= %s", k.goName)
		w.line("}")
	}
	w.line("if rest != 0 {")
	w.line(`b = append(b, "0x"...)`)
	w.line("b = strconv.AppendUint(b, uint64(rest), 16)")
	w.line("return string(b)")
	w.line("}")
	w.line("return string(b[:len(b)-1])")
	w.line("}")
}
