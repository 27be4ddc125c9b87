// SPDX-License-Identifier: MIT

package gosrc

// uses reports whether a member, or an element of a flexible array, is of, or
// made of, a type that is accepts.
func (f *file) uses(is func(goType) bool) bool {
	for _, r := range f.all() {
		for i := range r.members {
			m := &r.members[i]
			if is(innermost(m.typ)) {
				return true
			}
			for k := range m.views {
				if is(innermost(m.views[k].typ)) {
					return true
				}
			}
		}
		for i := range r.flexible {
			if is(innermost(r.flexible[i].typ)) {
				return true
			}
		}
	}
	return false
}

// printWideSupport writes what the numbers share that Go has no type for.
func (f *file) printWideSupport(w *printer) {
	named := func(name string) func(goType) bool {
		return func(t goType) bool { x, ok := t.(wide); return ok && x.name == name }
	}
	if f.uses(named("Uint128")) {
		w.line(`
// Uint128 is an unsigned __int128: 16 bytes in the byte order of this machine.
type Uint128 [16]byte

// Halves returns the most and the least significant half of v.
func (v *Uint128) Halves() (high, low uint64) {
	high, low = binary.NativeEndian.Uint64(v[8:]), binary.NativeEndian.Uint64(v[:8])
	if !hostIsLittle {
		high, low = low, high
	}
	return high, low
}

// SetHalves sets v to high<<64 | low.
func (v *Uint128) SetHalves(high, low uint64) {
	if !hostIsLittle {
		high, low = low, high
	}
	binary.NativeEndian.PutUint64(v[8:], high)
	binary.NativeEndian.PutUint64(v[:8], low)
}`)
	}
	if f.uses(named("Int128")) {
		w.line(`
// Int128 is an __int128: 16 bytes in the byte order of this machine.
type Int128 [16]byte

// Halves returns the most significant half of v, which has its sign, and the least significant.
func (v *Int128) Halves() (high int64, low uint64) {
	h, l := binary.NativeEndian.Uint64(v[8:]), binary.NativeEndian.Uint64(v[:8])
	if !hostIsLittle {
		h, l = l, h
	}
	return int64(h), l
}

// SetHalves sets v to high<<64 | low.
func (v *Int128) SetHalves(high int64, low uint64) {
	h, l := uint64(high), low
	if !hostIsLittle {
		h, l = l, h
	}
	binary.NativeEndian.PutUint64(v[8:], h)
	binary.NativeEndian.PutUint64(v[:8], l)
}`)
	}
	if f.uses(func(t goType) bool { _, ok := t.(wide); return ok }) {
		w.line(`
// reorder copies a number from src to dst, one of which has the byte order of this machine and the
// other the given one.
func reorder(dst, src []byte, little bool) {
	copy(dst, src)
	if little != hostIsLittle {
		slices.Reverse(dst)
	}
}`)
	}
}
