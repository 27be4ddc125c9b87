// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"strings"

	"github.com/fuseiomap/abigen/internal/goname"
)

// all returns the records of f, each followed by those inside it.
func (f *file) all() []*record {
	var out []*record
	var add func(rs []*record)
	add = func(rs []*record) {
		for _, r := range rs {
			out = append(out, r)
			add(r.inner)
		}
	}
	add(f.records)
	return out
}

// cType spells the C type of a record.
func (r *record) cType() string {
	if r.typedef {
		return r.cName
	}
	if r.union {
		return "union " + r.cName
	}
	return "struct " + r.cName
}

func (r *record) print(w *printer) {
	w.line()
	var c comment
	c.introduce(fmt.Sprintf("%s is %s (%s)", r.goName, r.cType(), bytesOf(r.size)), r.doc, r.pos)
	r.remark(&c)
	c.print(w, 0, append([]string{"record " + r.cName}, r.facts...)...)
	w.linef("type %s struct {", r.goName)
	for i := range r.members {
		r.members[i].print(w)
	}
	w.line("}")
	w.doc("%s is the size of %s in bytes.", r.sizeName, r.cType())
	w.linef("const %s = %d", r.sizeName, r.size)
}

// remark adds what the fields cannot show.
func (r *record) remark(c *comment) {
	if r.note != "" {
		c.paragraph(r.note)
	}
	if r.cAlign > 8 {
		c.paragraph(fmt.Sprintf("C aligns it to %d bytes, which Go does not: where that matters, choose its address.", r.cAlign))
	}
	for i := range r.flexible {
		v := &r.flexible[i]
		c.paragraph(fmt.Sprintf("At byte %d follow the elements of %s (%s), which no field holds: see %s, Set%[4]s and %[4]sIn.",
			v.at/8, v.cName, v.spelling, v.goName))
	}
	for _, z := range r.zeroSize {
		text := fmt.Sprintf("%s (%s at byte %d) takes no space and is no field", z.cName, z.spelling, z.offset)
		if z.reason != "" {
			text += ": " + z.reason
		}
		c.paragraph(text + ".")
	}
}

func (m *member) print(w *printer) {
	switch {
	case m.aligns():
		w.linef("_ %s // aligns the struct", m.typ.spelling())
		return
	case m.padding():
		w.linef("_ %s // hole at byte %d", m.typ.spelling(), m.offset)
		return
	case m.kind != plain:
		var c comment
		c.paragraph(m.stores())
		c.print(w, 8)
		w.linef("%s %s //abigen:member -", m.goName, m.typ.spelling())
		return
	}
	var c comment
	if m.callback {
		c.introduce(fmt.Sprintf("%s is the slot of %s (callback at byte %d)", m.goName, m.cName, m.offset), m.doc, m.pos)
		if m.prototype != "" {
			c.code(m.prototype)
		}
	} else {
		c.introduce(fmt.Sprintf("%s is %s (%s at byte %d)", m.goName, m.cName, m.spelling, m.offset), m.doc, m.pos)
	}
	var directives []string
	if m.disguised {
		directives = append(directives, "member -")
	} else if c := m.field(); goname.Snake(m.goName) != c {
		directives = append(directives, "member "+c)
	}
	c.print(w, 8, directives...)
	w.linef("%s %s", m.goName, m.typ.spelling())
}

// stores says what the bytes of m are.
func (m *member) stores() string {
	var names []string
	for i := range m.views {
		names = append(names, m.views[i].field())
	}
	list := strings.Join(names, ", ")
	switch {
	case m.kind == bitStore:
		return fmt.Sprintf("%s holds the bit-fields at byte %d: %s.", m.goName, m.offset, list)
	case m.kind == packedStore:
		v := &m.views[0]
		return fmt.Sprintf("%s holds %s (%s at byte %d), which Go would align: see %s and Set%[5]s.", m.goName, m.cName, v.spelling, m.offset, v.goName)
	case m.goName == "Bytes":
		return "Bytes is whatever the union holds."
	case list == "":
		return fmt.Sprintf("%s is the union at byte %d, which has no members.", m.goName, m.offset)
	}
	return fmt.Sprintf("%s is whatever the union at byte %d holds: %s.", m.goName, m.offset, list)
}

func bytesOf(n int64) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}
