// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"strings"
)

// printAccessors writes the methods that stand for what has no field.
func (r *record) printAccessors(w *printer) {
	r.printViews(w)
	for i := range r.members {
		m := &r.members[i]
		for k := range m.bits {
			r.printBitAccessors(w, m, &m.bits[k])
		}
	}
}

func (r *record) printBitAccessors(w *printer, m *member, b *bitfield) {
	w.line()
	var c comment
	c.introduce(fmt.Sprintf("%s returns %s (%s, %s at bit %d)", b.goName, b.cName, b.spelling, bitsOf(b.width), m.offset*8+b.at), b.doc, b.pos)
	c.print(w, 0)
	w.linef("func (r *%s) %s() %s {", r.goName, b.goName, b.typ.name)
	x := fmt.Sprintf("getBits(r.%s[:], hostIsLittle, %d, %d)", m.goName, b.at, b.width)
	switch b.typ.kind {
	case boolean:
		x += " != 0"
	case signed:
		x = fmt.Sprintf("int64(%s<<%d) >> %[2]d", x, 64-b.width)
		if b.typ.name != "int64" {
			x = b.typ.name + "(" + x + ")"
		}
	default:
		if b.typ.name != "uint64" {
			x = b.typ.name + "(" + x + ")"
		}
	}
	w.line("return ", x)
	w.line("}")
	cut := fmt.Sprintf("the low %s of v, as C does", bitsOf(b.width))
	if b.width == int64(b.typ.bits) || b.typ.kind == boolean {
		cut = "v"
	}
	w.doc("Set%s sets %s to %s.", b.goName, b.cName, cut)
	w.linef("func (r *%s) Set%s(v %s) {", r.goName, b.goName, b.typ.name)
	x = "v"
	if b.typ.kind == boolean {
		w.line("var x uint64")
		w.line("if v {")
		w.line("x = 1")
		w.line("}")
		x = "x"
	} else if b.typ.name != "uint64" {
		x = "uint64(v)"
	}
	w.linef("setBits(r.%s[:], hostIsLittle, %d, %d, %s)", m.goName, b.at, b.width, x)
	w.line("}")
}

func bitsOf(n int64) string {
	if n == 1 {
		return "1 bit"
	}
	return fmt.Sprintf("%d bits", n)
}

// bitNames lists the bit-fields of a store for its comment.
func (m *member) bitNames() string {
	names := make([]string, len(m.bits))
	for i := range m.bits {
		names[i] = m.bits[i].cName[strings.LastIndexByte(m.bits[i].cName, '.')+1:]
	}
	return strings.Join(names, ", ")
}

// The byte orders place a bit-field differently, so it moves from one to the
// other by its value. Bits between bit-fields are padding.

func (m *member) printPutBits(w *printer, order string) {
	b := slice(fmt.Sprint(m.offset), m.size)
	w.linef("clear(%s)", b)
	for i := range m.bits {
		f := &m.bits[i]
		w.linef("setBits(%s, %v, %d, %d, getBits(r.%s[:], hostIsLittle, %[3]d, %[4]d))", b, order == "Little", f.at, f.width, m.goName)
	}
}

func (m *member) printGetBits(w *printer, order string) {
	b := slice(fmt.Sprint(m.offset), m.size)
	w.linef("clear(r.%s[:])", m.goName)
	for i := range m.bits {
		f := &m.bits[i]
		w.linef("setBits(r.%s[:], hostIsLittle, %d, %d, getBits(%s, %v, %[2]d, %[3]d))", m.goName, f.at, f.width, b, order == "Little")
	}
}

func (f *file) hasBits() bool {
	for _, r := range f.records {
		for i := range r.members {
			if r.members[i].bits != nil {
				return true
			}
		}
	}
	return false
}

// printBitSupport writes what all bit-fields share.
func (f *file) printBitSupport(w *printer) {
	if !f.hasBits() {
		return
	}
	w.line(`
// getBits returns the n bits from bit at of b. A little-endian target counts bits from the least
// significant one of each byte and stores the low bits of a number first, a big-endian one both the
// other way round.
func getBits(b []byte, little bool, at, n uint) (v uint64) {
	for done := uint(0); done < n; {
		bit := (at + done) % 8
		take := min(8-bit, n-done)
		x, mask := b[(at+done)/8], byte(1)<<take-1
		if little {
			v |= uint64(x>>bit&mask) << done
		} else {
			v = v<<take | uint64(x>>(8-bit-take)&mask)
		}
		done += take
	}
	return v
}

// setBits sets what getBits returns to the low n bits of v.
func setBits(b []byte, little bool, at, n uint, v uint64) {
	for done := uint(0); done < n; {
		bit := (at + done) % 8
		take := min(8-bit, n-done)
		shift, x, mask := bit, byte(v>>done), byte(1)<<take-1
		if !little {
			shift, x = 8-bit-take, byte(v>>(n-done-take))
		}
		p := &b[(at+done)/8]
		*p = *p&^(mask<<shift) | x&mask<<shift
		done += take
	}
}`)
}
