// SPDX-License-Identifier: MIT

package gosrc

import "fmt"

// printViews writes the methods for the members of a union. Nothing in a union
// says which member it holds, so its bytes cannot move from one byte order to
// the other: the codec copies them, and the methods exist for each order.
func (r *record) printViews(w *printer) {
	for i := range r.views {
		m := &r.views[i]
		if !ordered(m.typ) {
			r.printView(w, m, "Little", "")
			continue
		}
		w.line()
		var c comment
		c.introduce(fmt.Sprintf("%s returns %s (%s), in the byte order of this machine", m.goName, m.cName, m.spelling), m.doc, m.pos)
		c.print(w, 0)
		w.linef("func (r *%s) %s() %s {", r.goName, m.goName, m.typ.spelling())
		w.line("if hostIsLittle {")
		w.linef("return r.%sLittleEndian()", m.goName)
		w.line("}")
		w.linef("return r.%sBigEndian()", m.goName)
		w.line("}")
		w.doc("Set%s sets %s to v, in the byte order of this machine. What it does not take of the union stays as it is.", m.goName, m.cName)
		w.linef("func (r *%s) Set%s(v %s) {", r.goName, m.goName, m.typ.spelling())
		w.line("if hostIsLittle {")
		w.linef("r.Set%sLittleEndian(v)", m.goName)
		w.line("} else {")
		w.linef("r.Set%sBigEndian(v)", m.goName)
		w.line("}")
		w.line("}")
		r.printView(w, m, "Little", "LittleEndian")
		r.printView(w, m, "Big", "BigEndian")
	}
}

// printView writes the methods for one byte order.
func (r *record) printView(w *printer, m *member, order, suffix string) {
	in := map[string]string{"LittleEndian": ", in little-endian byte order", "BigEndian": ", in big-endian byte order"}[suffix]
	w.line()
	var c comment
	c.introduce(fmt.Sprintf("%s%s returns %s (%s)%s", m.goName, suffix, m.cName, m.spelling, in), m.doc, m.pos)
	c.print(w, 0)
	w.linef("func (r *%s) %s%s() (v %s) {", r.goName, m.goName, suffix, m.typ.spelling())
	w.line("b := &r.Bytes")
	m.printGetTo(w, order, "v")
	w.line("return v")
	w.line("}")
	w.doc("Set%s%s sets %s to v%s. What it does not take of the union stays as it is.", m.goName, suffix, m.cName, in)
	w.linef("func (r *%s) Set%s%s(v %s) {", r.goName, m.goName, suffix, m.typ.spelling())
	w.line("b := &r.Bytes")
	m.printPutFrom(w, order, "v")
	w.line("}")
}
