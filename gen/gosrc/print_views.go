// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"slices"
)

// byteOrder is how the methods and codecs spell a byte order.
type byteOrder string

// The two byte orders, and that of the machine the code runs on.
const (
	little byteOrder = "Little"
	big    byteOrder = "Big"
	native byteOrder = "Native"
)

// isLittle is the Go expression for whether it is little-endian.
func (o byteOrder) isLittle() string {
	return map[byteOrder]string{little: "true", big: "false", native: "hostIsLittle"}[o]
}

// suffix is what the names of methods for the order end in.
func (o byteOrder) suffix() string {
	if o == native {
		return ""
	}
	return string(o) + "Endian"
}

// in is what a comment says of the order.
func (o byteOrder) in() string {
	return map[byteOrder]string{little: ", in little-endian byte order", big: ", in big-endian byte order",
		native: ", in the byte order of this machine"}[o]
}

// hasAccessors tells whether printAccessors has anything to write.
func (r *record) hasAccessors() bool {
	return len(r.flexible) > 0 || slices.ContainsFunc(r.members, func(m member) bool { return len(m.views) > 0 })
}

// printAccessors writes the methods that stand for what has no field.
//
// Nothing in a union says which member it holds, so its bytes cannot move from
// one byte order to the other: the codec copies them, and the methods exist for
// each order. What other bytes store the codec translates, so they are always
// in the machine's.
func (r *record) printAccessors(w *printer) {
	for i := range r.members {
		m := &r.members[i]
		for k := range m.views {
			v := &m.views[k]
			orders := []byteOrder{native}
			if v.ordered {
				orders = []byteOrder{native, little, big}
			}
			for _, o := range orders {
				r.printView(w, m, v, o)
			}
		}
	}
	for i := range r.flexible {
		r.printFlexible(w, &r.flexible[i])
	}
}

// printView writes the two methods of v, in m, for one byte order.
func (r *record) printView(w *printer, m *member, v *view, o byteOrder) {
	name, in := v.goName+o.suffix(), ""
	if v.ordered {
		in = o.in()
	}
	what := fmt.Sprintf("%s returns %s (%s at byte %d)%s", name, v.cName, v.spelling, m.offset+v.at/8, in)
	if v.width > 0 {
		what = fmt.Sprintf("%s returns %s (%s, %s at bit %d)%s", name, v.cName, v.spelling, bitsOf(v.width), m.offset*8+v.at, in)
	}
	w.line()
	var c comment
	c.introduce(what, v.doc, v.pos)
	if v.prototype != "" {
		c.code(v.prototype)
	}
	c.print(w, 0)
	// Generated getters are short, so those of one word are one line.
	switch {
	case v.width > 0:
		w.linef("func (r *%s) %s() %s {", r.goName, name, v.typ.spelling())
		w.line("return ", v.getBits("r."+m.goName+"[:]", o.isLittle(), v.at))
	case v.ordered && o == native:
		w.linef("func (r *%s) %s() %s {", r.goName, name, v.typ.spelling())
		w.line("if hostIsLittle {")
		w.linef("return r.%sLittleEndian()", v.goName)
		w.line("}")
		w.linef("return r.%sBigEndian()", v.goName)
	default:
		w.linef("func (r *%s) %s() (v %s) {", r.goName, name, v.typ.spelling())
		w.linef("b := &r.%s", m.goName)
		printGet(w, v.typ, o, "v", fmt.Sprint(v.at/8))
		w.line("return v")
	}
	w.line("}")

	cut := "v"
	if s, ok := v.typ.(scalar); ok && v.width > 0 && v.width < int64(s.bits) && s.kind != boolean {
		cut = fmt.Sprintf("the low %s of v, as C does", bitsOf(v.width))
	}
	rest := ""
	if m.kind == unionStore {
		rest = " What it does not take of the union stays as it is."
	}
	w.doc("Set%s sets %s to %s%s.%s", name, v.cName, cut, in, rest)
	w.linef("func (r *%s) Set%s(v %s) {", r.goName, name, v.typ.spelling())
	switch {
	case v.width > 0:
		v.printSetBits(w, "r."+m.goName+"[:]", o.isLittle())
	case v.ordered && o == native:
		w.line("if hostIsLittle {")
		w.linef("r.Set%sLittleEndian(v)", v.goName)
		w.line("} else {")
		w.linef("r.Set%sBigEndian(v)", v.goName)
		w.line("}")
	default:
		w.linef("b := &r.%s", m.goName)
		printPut(w, v.typ, o, "v", fmt.Sprint(v.at/8))
	}
	w.line("}")
}

// printFlexible writes the methods of an array that no field holds.
func (r *record) printFlexible(w *printer, v *view) {
	at, size, elem := v.at/8, v.typ.size(), v.typ.spelling()
	w.doc("%sIn returns how many whole elements of %s (%s at byte %d) there are in b, which begins with the record.",
		v.goName, v.cName, v.spelling, at)
	w.linef("func (*%s) %sIn(b []byte) int {", r.goName, v.goName)
	if size == 1 {
		w.linef("return max(len(b)-%d, 0)", at)
	} else {
		w.linef("return max(len(b)-%d, 0) / %d", at, size)
	}
	w.line("}")
	orders := []byteOrder{native}
	if v.ordered {
		orders = []byteOrder{native, little, big}
	}
	for _, o := range orders {
		name, in := v.goName+o.suffix(), ""
		if v.ordered {
			in = o.in()
		}
		for _, set := range []string{"", "Set"} {
			w.line()
			var c comment
			what := fmt.Sprintf("%s reads the first len(v) elements of %s from b, which begins with the record%s. "+
				"A shorter b is a [*ShortError] and leaves v alone", name, v.cName, in)
			if set != "" {
				what = fmt.Sprintf("Set%s writes v to the first elements of %s in b, which begins with the record%s. "+
					"A shorter b is a [*ShortError] and stays as it is", name, v.cName, in)
			}
			c.introduce(what, map[string]string{"": v.doc}[set], v.pos)
			c.print(w, 0)
			w.linef("func (r *%s) %s%s(b []byte, v []%s) error {", r.goName, set, name, elem)
			if v.ordered && o == native {
				w.line("if hostIsLittle {")
				w.linef("return r.%s%sLittleEndian(b, v)", set, v.goName)
				w.line("}")
				w.linef("return r.%s%sBigEndian(b, v)", set, v.goName)
				w.line("}")
				continue
			}
			need := fmt.Sprintf("%d+len(v)*%d", at, size)
			if size == 1 {
				need = fmt.Sprintf("%d+len(v)", at)
			}
			w.linef("if n := %s; len(b) < n {", need)
			w.linef("return &ShortError{Record: %q, Want: n, Have: len(b)}", v.cName)
			w.line("}")
			if elem == "byte" || elem == "uint8" {
				if set == "" {
					w.linef("copy(v, b[%d:])", at)
				} else {
					w.linef("copy(b[%d:], v)", at)
				}
			} else {
				w.line("for i := range v {")
				index := fmt.Sprintf("%d+i*%d", at, size)
				if size == 1 {
					index = fmt.Sprintf("%d+i", at)
				}
				if set == "" {
					printGet(w, v.typ, o, "v[i]", index)
				} else {
					printPut(w, v.typ, o, "v[i]", index)
				}
				w.line("}")
			}
			w.line("return nil")
			w.line("}")
		}
	}
}
