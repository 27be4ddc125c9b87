// SPDX-License-Identifier: MIT

package gosrc

import "fmt"

// printAssertions writes what makes the compiler refuse a wrong layout. The
// index of an array of one element must be 0: a constant above is out of
// bounds, a constant below is no uintptr. The error quotes the expression, so
// the constant in it is named for the C member and the place where it belongs.
func (f *file) printAssertions(w *printer) {
	if len(f.records) == 0 {
		return
	}
	w.line()
	w.line("// The compiler checks the layout for every GOARCH: an index that is not 0 does not compile, and the")
	w.line("// constant in the error names the C member, the byte it must be at or the bytes it must take.")
	for _, r := range f.records {
		w.line("func _() {")
		w.linef("var r %s", r.goName)
		w.line("const (")
		w.linef("%s_takes_%d = unsafe.Sizeof(r)", r.cName, r.size)
		for i := range r.members {
			m := &r.members[i]
			if m.padding() {
				continue
			}
			w.linef("%s_%s_at_%d = unsafe.Offsetof(r.%s)", r.cName, m.cField(), m.offset, m.goName)
			w.linef("%s_%s_takes_%d = unsafe.Sizeof(r.%s)", r.cName, m.cField(), m.size, m.goName)
		}
		w.line(")")
		w.line("var only [1]struct{}")
		w.line("_ = only[", fmt.Sprintf("%s_takes_%d-%[2]d]", r.cName, r.size))
		for i := range r.members {
			m := &r.members[i]
			if m.padding() {
				continue
			}
			w.linef("_ = only[%s_%s_at_%d-%[3]d]", r.cName, m.cField(), m.offset)
			w.linef("_ = only[%s_%s_takes_%d-%[3]d]", r.cName, m.cField(), m.size)
		}
		w.line("}")
		w.line()
	}
}
