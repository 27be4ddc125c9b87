// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// printAssertions writes what makes the compiler refuse a wrong layout. Sizes
// and offsets are constants of type uintptr, which cannot be negative: the
// difference of what is and what must be does not compile in one order if the
// member is too early and in the other if it is too late. The error quotes the
// expression, so the constant in it is named for the C member and the place
// where it belongs. Bytes that store bit-fields are named for the first of them.
func (f *file) printAssertions(w *printer) {
	if len(f.records) == 0 {
		return
	}
	w.doc("The compiler checks the layout for every GOARCH. Where it finds a constant negative, the name in its " +
		"message is that of the C member, with the byte it must be at or the bytes it must take.")
	for i, r := range f.all() {
		if i > 0 {
			w.line()
		}
		w.line("func _() {")
		w.linef("var r %s", r.goName)
		w.line("const (")
		var rows columns
		for i := range r.members {
			m := &r.members[i]
			if m.padding() || r.union {
				continue
			}
			name := strings.ReplaceAll(m.cName, ".", "_")
			rows.assert(fmt.Sprintf("%s_at_%d", name, m.offset), "unsafe.Offsetof(r."+m.goName+")", m.offset)
			rows.assert(fmt.Sprintf("%s_takes_%d", name, m.size), "unsafe.Sizeof(r."+m.goName+")", m.size)
		}
		if len(r.members) > 0 && r.members[0].aligns() {
			// A type of this size is aligned to less on a GOARCH that does so to all.
			name := fmt.Sprintf("%s_aligns_%d", strings.ReplaceAll(r.cName, ".", "_"), r.members[0].typ.align())
			must := fmt.Sprintf("unsafe.Alignof(uint%d(0))", r.members[0].typ.align()*8)
			rows = append(rows, [2]string{name, "unsafe.Alignof(r)"},
				[2]string{"_, _", fmt.Sprintf("%s - %s, %[2]s - %[1]s", name, must)})
		}
		rows.assert(fmt.Sprintf("%s_takes_%d", strings.ReplaceAll(r.cName, ".", "_"), r.size), "unsafe.Sizeof(r)", r.size)
		rows.print(w)
		w.line(")")
		w.line("}")
	}
}

// columns are the constants of one declaration: names and values.
type columns [][2]string

// assert adds a constant and the two differences that must not be negative.
func (c *columns) assert(name, is string, must int64) {
	*c = append(*c, [2]string{name, is}, [2]string{"_, _", fmt.Sprintf("%s - %d, %[2]d - %[1]s", name, must)})
}

// print writes the constants with their equal signs below each other.
func (c columns) print(w *printer) {
	width := 0
	for _, row := range c {
		width = max(width, utf8.RuneCountInString(row[0]))
	}
	for _, row := range c {
		w.line(row[0], strings.Repeat(" ", width-utf8.RuneCountInString(row[0])), " = ", row[1])
	}
}
