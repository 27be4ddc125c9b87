// SPDX-License-Identifier: MIT

package gosrc

import "fmt"

// getBits is the Go expression for the value of a bit-field at a bit of b.
func (v *view) getBits(b, isLittle string, at int64) string {
	s := v.typ.(scalar)
	x := fmt.Sprintf("getBits(%s, %s, %d, %d)", b, isLittle, at, v.width)
	switch s.kind {
	case boolean:
		return x + " != 0"
	case signed:
		x = fmt.Sprintf("int64(%s<<%d) >> %[2]d", x, 64-v.width)
		if s.name != "int64" {
			x = s.name + "(" + x + ")"
		}
	default:
		if s.name != "uint64" {
			x = s.name + "(" + x + ")"
		}
	}
	return x
}

// printSetBits sets the bit-field in b to the variable v.
func (v *view) printSetBits(w *printer, b, isLittle string) {
	s, x := v.typ.(scalar), "v"
	if s.kind == boolean {
		w.line("var x uint64")
		w.line("if v {")
		w.line("x = 1")
		w.line("}")
		x = "x"
	} else if s.name != "uint64" {
		x = "uint64(v)"
	}
	w.linef("setBits(%s, %s, %d, %d, %s)", b, isLittle, v.at, v.width, x)
}

func bitsOf(n int64) string {
	if n == 1 {
		return "1 bit"
	}
	return fmt.Sprintf("%d bits", n)
}

// The byte orders place a bit-field differently, so it moves from one to the
// other by its value. Bits between bit-fields are padding.

func (m *member) printPutBits(w *printer, o byteOrder) {
	b := slice(fmt.Sprint(m.offset), m.size)
	w.linef("clear(%s)", b)
	for i := range m.views {
		v := &m.views[i]
		w.linef("setBits(%s, %s, %d, %d, getBits(r.%s[:], hostIsLittle, %[3]d, %[4]d))", b, o.isLittle(), v.at, v.width, m.goName)
	}
}

func (m *member) printGetBits(w *printer, o byteOrder) {
	b := slice(fmt.Sprint(m.offset), m.size)
	w.linef("clear(r.%s[:])", m.goName)
	for i := range m.views {
		v := &m.views[i]
		w.linef("setBits(r.%s[:], hostIsLittle, %d, %d, getBits(%s, %s, %[2]d, %[3]d))", m.goName, v.at, v.width, b, o.isLittle())
	}
}

func (f *file) hasBits() bool {
	for _, r := range f.all() {
		for i := range r.members {
			for k := range r.members[i].views {
				if r.members[i].views[k].width > 0 {
					return true
				}
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
