// SPDX-License-Identifier: MIT

package emu

import (
	"encoding/binary"
	"fmt"
)

// Pointers are numbers as in the kernel, so that programs may add to them,
// compare and spill them: the upper 32 bits name a region of memory, the lower
// 32 are the offset into it. Ids start far above what programs calculate with,
// so a number is not mistaken for a pointer, and nothing a program does to the
// offset reaches another region: there is no address space to run through.
const (
	pointerBase = 0x0b9f_0000 // upper half of a pointer to region 0
	maxRegion   = 1<<31 - 1   // bytes; half of what an offset can say, so that negative ones are told apart
)

// regionKind says what a pointer points to, for messages and for what may be
// done with it.
type regionKind uint8

const (
	regionNone   regionKind = iota // never handed out
	regionMemory                   // memory of an argument or a callback, owner indexes Machine.names
	regionStack                    // a stack frame, owner is the depth, aux the index of its function
	regionValue                    // a map value, owner indexes Machine.maps, aux is the element
	regionRecord                   // a reserved ring buffer record, owner indexes Machine.maps, aux is the record
	regionMap                      // a map handle, owner indexes Machine.maps
	regionCode                     // a function of the program that runs
	regionKfunc                    // address of a kfunc or kernel variable
)

type regionFlags uint8

const (
	flagWrite regionFlags = 1 << iota // the program may write
	flagFreed                         // the memory was given back; len(data) is 0
	flagStale                         // the value was replaced by an update; still readable
)

// region is what a pointer may point to.
type region struct {
	data   []byte
	shadow []byte // nil, or as long as data: 0xff for each byte ever written
	kind   regionKind
	flags  regionFlags
	owner  int32
	aux    int32
}

// pointer gives the address of the first byte of a region.
func pointer(id int) uint64 { return uint64(pointerBase+id) << 32 }

// regionOf gives the region a value points into and the offset there. A
// pointer that was moved below its region still belongs to it.
func (m *Machine) regionOf(addr uint64) (id int, off int64, ok bool) {
	i := int64(addr>>32) - pointerBase
	o := int64(uint32(addr))
	if o > maxRegion {
		i, o = i+1, o-1<<32
	}
	if i <= 0 || i >= int64(len(m.regions)) || m.regions[i].kind == regionNone {
		return 0, 0, false
	}
	return int(i), o, true
}

// access is what is about to be done with memory.
type access uint8

const (
	accessRead access = iota
	accessWrite
	accessFill // written whole by a helper, whatever was there
)

// bytesAt gives the n bytes at addr if they may be accessed like that, and
// marks what is written. It is the slow form of what run does in line.
func (m *Machine) bytesAt(addr, n uint64, a access) ([]byte, *problem) {
	if n == 0 {
		return nil, nil
	}
	i := addr>>32 - pointerBase
	if i >= uint64(len(m.regions)) {
		return nil, m.explain(addr, n, a)
	}
	g := &m.regions[i]
	o := uint64(uint32(addr))
	if n > maxRegion || o+n > uint64(len(g.data)) || a != accessRead && g.flags&flagWrite == 0 {
		return nil, m.explain(addr, n, a)
	}
	if g.shadow != nil {
		shadow := g.shadow[o : o+n]
		if a != accessRead {
			mark(shadow)
		} else if !written(shadow) {
			return nil, m.explain(addr, n, a)
		}
	}
	return g.data[o : o+n : o+n], nil
}

// mark notes that bytes were written. Keys and values are a few words mostly.
func mark(shadow []byte) {
	for ; len(shadow) >= 8; shadow = shadow[8:] {
		le.PutUint64(shadow, ^uint64(0))
	}
	for i := range shadow {
		shadow[i] = 0xff
	}
}

// written reports whether every byte was written.
func written(shadow []byte) bool {
	for ; len(shadow) >= 8; shadow = shadow[8:] {
		if le.Uint64(shadow) != ^uint64(0) {
			return false
		}
	}
	for _, b := range shadow {
		if b == 0 {
			return false
		}
	}
	return true
}

// addRegion enters a region and gives its id.
func (m *Machine) addRegion(r region) int {
	m.regions = append(m.regions, r)
	return len(m.regions) - 1
}

// describe names the target of a pointer and its offset, or prints a number.
func (m *Machine) describe(v uint64) string {
	id, off, ok := m.regionOf(v)
	if !ok {
		if int64(v) < 0 && int64(v) > -1<<31 {
			return fmt.Sprint(int64(v))
		}
		return fmt.Sprintf("%#x", v)
	}
	g := &m.regions[id]
	if g.kind == regionStack {
		return fmt.Sprintf("%s%+d", m.nameOf(id), off-stackSize)
	}
	if g.kind == regionCode {
		return m.prog.functionAt(int(off))
	}
	if off == 0 {
		return m.nameOf(id)
	}
	return fmt.Sprintf("%s%+d", m.nameOf(id), off)
}

// nameOf says what a region is.
func (m *Machine) nameOf(id int) string {
	g := &m.regions[id]
	switch g.kind {
	case regionMemory:
		return fmt.Sprintf("memory %q", m.names[g.owner])
	case regionStack:
		if g.flags&flagFreed != 0 {
			return fmt.Sprintf("stack of %s, which has returned", m.prog.funcs[g.aux].name)
		}
		return fmt.Sprintf("stack of %s", m.prog.funcs[g.aux].name)
	case regionValue:
		mp := m.maps[g.owner]
		return fmt.Sprintf("value %s of map %q", mp.elementName(g.aux), mp.name)
	case regionRecord:
		return fmt.Sprintf("record of ring buffer %q", m.maps[g.owner].name)
	case regionMap:
		return fmt.Sprintf("map %q", m.maps[g.owner].name)
	case regionCode:
		return "code"
	default:
		return fmt.Sprintf("address of %q", m.names[g.owner])
	}
}

// explain says why an access is refused. It must be called only when it is.
func (m *Machine) explain(addr, n uint64, a access) *problem {
	verb := "read of"
	if a != accessRead {
		verb = "write of"
	}
	what := fmt.Sprintf("%s %s", verb, plural(n, "byte"))
	id, off, ok := m.regionOf(addr)
	if !ok {
		if addr < nullPage {
			if addr == 0 {
				return &problem{kind: ErrNull, what: what + " through NULL: the pointer was not set or a look-up failed; test it before use"}
			}
			return &problem{kind: ErrNull, what: fmt.Sprintf("%s through NULL plus %d: the pointer was not set or a look-up failed; test it before use", what, addr)}
		}
		if -addr <= nullPage {
			return &problem{kind: ErrNull, what: fmt.Sprintf("%s through NULL minus %d: the pointer was not set or a look-up failed; test it before use", what, -addr)}
		}
		return &problem{kind: ErrNotPointer, what: fmt.Sprintf("%s at %#x, which is a number and not a pointer: take the address from an argument, a map or the stack", what, addr)}
	}
	g := &m.regions[id]
	name := m.nameOf(id)
	switch {
	case g.kind == regionMap:
		return &problem{kind: ErrNotPointer, what: fmt.Sprintf("%s through %s itself: a map handle is only good as a helper's argument; look an element up first", what, name)}
	case g.kind == regionCode:
		return &problem{kind: ErrNotPointer, what: what + " of code: a function's address is only good as a callback"}
	case g.kind == regionKfunc:
		return &problem{kind: ErrNotPointer, what: fmt.Sprintf("%s through the %s: it may only be compared with NULL; Options.Ksyms gives no memory", what, name)}
	case g.kind == regionStack && g.flags&flagFreed != 0:
		return &problem{kind: ErrFreed, what: fmt.Sprintf("%s in the %s: keep nothing that points into a frame after its function returns", what, name)}
	case g.kind == regionRecord && g.flags&flagFreed != 0:
		return &problem{kind: ErrFreed, what: fmt.Sprintf("%s in a %s after it was submitted or discarded: the consumer owns it then", what, name)}
	case g.flags&flagFreed != 0 && g.kind == regionValue:
		return &problem{kind: ErrFreed, what: fmt.Sprintf("%s in the %s after it was deleted: look it up again, or finish with it before bpf_map_delete_elem", what, name)}
	case g.flags&flagFreed != 0:
		return &problem{kind: ErrFreed, what: fmt.Sprintf("%s in %s after the call it was passed to: it is gone then", what, name)}
	case off < 0 || uint64(off)+n > uint64(len(g.data)):
		return &problem{kind: ErrOutOfBounds, what: m.outside(what, id, off, n)}
	case a != accessRead && g.flags&flagStale != 0:
		return &problem{kind: ErrFreed, what: fmt.Sprintf("%s in the %s after an update replaced it: the write would be lost; look it up again", what, name)}
	case a != accessRead && g.flags&flagWrite == 0:
		return &problem{kind: ErrReadOnly, what: fmt.Sprintf("%s at offset %d of %s, which is read-only", what, off, name)}
	default:
		first := uint64(off)
		for g.shadow[first] != 0 {
			first++
		}
		if g.kind == regionStack {
			return &problem{kind: ErrUninitialised, what: fmt.Sprintf("%s at offset %+d of the %s: the byte at %+d was never written", what, off-stackSize, name, int64(first)-stackSize)}
		}
		return &problem{kind: ErrUninitialised, what: fmt.Sprintf("%s at offset %d of %s: the byte at %d was never written", what, off, name, first)}
	}
}

// outside words an access that begins or ends beyond its region.
func (m *Machine) outside(what string, id int, off int64, n uint64) string {
	g := &m.regions[id]
	if g.kind == regionStack {
		fp := off - stackSize
		if off < 0 {
			return fmt.Sprintf("%s at offset %+d of the %s: a frame has %d bytes, from -%d to -1", what, fp, m.nameOf(id), stackSize, stackSize)
		}
		return fmt.Sprintf("%s at offset %+d of the %s: that is another frame's stack or none, a frame ends at +0; pass a pointer to what the function may touch", what, fp, m.nameOf(id))
	}
	size := uint64(len(g.data))
	switch {
	case off < 0:
		return fmt.Sprintf("%s at offset %d of %s: that is before its start", what, off, m.nameOf(id))
	case uint64(off) >= size:
		return fmt.Sprintf("%s at offset %d of %s: it has %s", what, off, m.nameOf(id), plural(size, "byte"))
	default:
		return fmt.Sprintf("%s at offset %d of %s: it has %s, so %d of them lie past its end", what, off, m.nameOf(id), plural(size, "byte"), uint64(off)+n-size)
	}
}

// nullPage is how far from zero an address is still called NULL.
const nullPage = 1 << 16

func plural(n uint64, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

// le reads and writes registers' images in memory; objects for big-endian
// targets are decoded into swaps around it.
var le = binary.LittleEndian
