// SPDX-License-Identifier: MIT

package programs_test

import (
	"fmt"
	"math/big"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/programs"
)

// The models say where a byte of a file is, from the parameters and the table of
// programs alone. They do not know of mappings: those are checked byte by byte
// against where the bytes are.

// place is where a byte is.
type place struct {
	mine  bool // the program's to say
	typ   abi.IomapType
	dev   uint32
	addr  uint64
	flags abi.IomapFlags
}

// follows tells whether a byte d after one at a is where b says.
func follows(a, b place, d uint64) bool {
	if a.typ != abi.FUSE_IOMAP_TYPE_HOLE {
		a.addr += d
	}
	return a == b
}

// layout is the model of one file.
type layout interface {
	at(pos uint64) place
	// edges are positions where something may change.
	edges() []uint64
}

// blockMap is the brute force: every block of a small file, and what comes after.
type blockMap struct {
	size   uint64
	blocks []place
	rest   place
}

func (m *blockMap) at(pos uint64) place {
	b := pos / m.size
	if b >= uint64(len(m.blocks)) {
		if pos >= programs.MaxOffset {
			return place{}
		}
		return m.rest
	}
	p := m.blocks[b]
	if p.typ != abi.FUSE_IOMAP_TYPE_HOLE {
		p.addr += pos % m.size
	}
	return p
}

func (m *blockMap) edges() []uint64 {
	var e []uint64
	for i := range m.blocks {
		e = append(e, uint64(i)*m.size)
	}
	return append(e, uint64(len(m.blocks))*m.size)
}

// append adds n bytes at a place.
func (m *blockMap) append(n uint64, p place) {
	for d := uint64(0); d < n; d += m.size {
		q := p
		if q.typ != abi.FUSE_IOMAP_TYPE_HOLE {
			q.addr += d
		}
		m.blocks = append(m.blocks, q)
	}
}

// smallFile is the most bytes the brute force is used for, in blocks.
const smallFile = 512

func hole() place {
	return place{mine: true, typ: abi.FUSE_IOMAP_TYPE_HOLE, addr: abi.FUSE_IOMAP_NULL_ADDR}
}

func mapped(dev uint32, addr uint64) place {
	return place{mine: true, typ: abi.FUSE_IOMAP_TYPE_MAPPED, dev: dev, addr: addr}
}

// formula is a file too long for blocks.
type formula struct {
	length uint64
	place  func(pos *big.Int) place
	marks  []uint64
}

func (f *formula) at(pos uint64) place {
	if pos >= f.length {
		return place{}
	}
	return f.place(new(big.Int).SetUint64(pos))
}

func (f *formula) edges() []uint64 { return append(f.marks, f.length) }

// linearLayout is a run.
func linearLayout(block uint64, f programs.LinearFile) layout {
	if f.Length <= smallFile*block {
		m := &blockMap{size: block}
		m.append(f.Length, mapped(f.Device, f.Addr))
		return m
	}
	return &formula{length: f.Length, place: func(pos *big.Int) place {
		return mapped(f.Device, new(big.Int).Add(pos, new(big.Int).SetUint64(f.Addr)).Uint64())
	}}
}

// stripeLayout lays chunks out row by row, or divides with remainder in numbers
// of any size.
func stripeLayout(block uint64, p programs.StripeParams, f programs.StripeFile) layout {
	if f.Length <= smallFile*block {
		m := &blockMap{size: block}
		for row, left := uint64(0), f.Length; left > 0; row++ {
			for _, d := range p.Devices {
				n := min(p.ChunkSize, left)
				m.append(n, mapped(d, f.Base+row*p.ChunkSize))
				left -= n
			}
		}
		return m
	}
	size, n := new(big.Int).SetUint64(p.ChunkSize), big.NewInt(int64(len(p.Devices)))
	return &formula{length: f.Length, marks: []uint64{p.ChunkSize, 2 * p.ChunkSize, p.ChunkSize * uint64(len(p.Devices)), f.Length - p.ChunkSize}, place: func(pos *big.Int) place {
		chunk, within := new(big.Int).DivMod(pos, size, new(big.Int))
		row, device := new(big.Int).DivMod(chunk, n, new(big.Int))
		addr := row.Mul(row, size)
		addr.Add(addr, within).Add(addr, new(big.Int).SetUint64(f.Base))
		return mapped(p.Devices[device.Int64()], addr.Uint64())
	}}
}

// interleaveLayout does the same extent by extent.
func interleaveLayout(block uint64, f programs.InterleaveFile) layout {
	var length uint64
	for _, e := range f.Extents {
		length += e.Length
	}
	if length <= smallFile*block {
		m := &blockMap{size: block}
		for _, e := range f.Extents {
			size := e.ChunkSize
			if len(e.Strips) == 1 {
				size = e.Length
			}
			for row, left := uint64(0), e.Length; left > 0; row++ {
				for _, s := range e.Strips {
					n := min(size, left)
					m.append(n, mapped(s.Device, s.Addr+row*size))
					left -= n
				}
			}
		}
		return m
	}
	var marks []uint64
	start := uint64(0)
	for _, e := range f.Extents {
		marks = append(marks, start, start+e.ChunkSize, start+e.ChunkSize*uint64(len(e.Strips)))
		start += e.Length
	}
	return &formula{length: length, marks: marks, place: func(pos *big.Int) place {
		off := pos.Uint64()
		for _, e := range f.Extents {
			if off >= e.Length {
				off -= e.Length
				continue
			}
			if len(e.Strips) == 1 {
				return mapped(e.Strips[0].Device, e.Strips[0].Addr+off)
			}
			size, n := new(big.Int).SetUint64(e.ChunkSize), big.NewInt(int64(len(e.Strips)))
			chunk, within := new(big.Int).DivMod(new(big.Int).SetUint64(off), size, new(big.Int))
			row, strip := new(big.Int).DivMod(chunk, n, new(big.Int))
			s := e.Strips[strip.Int64()]
			addr := row.Mul(row, size)
			addr.Add(addr, within).Add(addr, new(big.Int).SetUint64(s.Addr))
			return mapped(s.Device, addr.Uint64())
		}
		return place{}
	}}
}

// extentsLayout enters extent by extent into the block map.
func extentsLayout(block uint64, f programs.ExtentsFile) layout {
	m := &blockMap{size: block, rest: hole()}
	for _, e := range f.Extents {
		m.append(e.Offset-uint64(len(m.blocks))*block, hole())
		p := mapped(e.Device, e.Addr)
		p.flags = e.Flags
		if e.Unwritten {
			p.typ = abi.FUSE_IOMAP_TYPE_UNWRITTEN
		}
		m.append(e.Length, p)
	}
	return m
}

// regular are extents that a formula gives: every stride bytes one of length
// bytes, each at another multiple of length on one of 7 devices.
type regular struct {
	count, stride, length uint64
}

func (r regular) extent(i uint64) programs.Extent {
	return programs.Extent{Offset: i * r.stride, Length: r.length, Addr: (i * 7919 % 1048583) * 2 * r.length, Device: uint32(i%7) + 1, Unwritten: i%5 == 4}
}

func (r regular) file(inode uint64) programs.ExtentsFile {
	f := programs.ExtentsFile{Inode: inode, Extents: make([]programs.Extent, r.count)}
	for i := range f.Extents {
		f.Extents[i] = r.extent(uint64(i))
	}
	return f
}

func (r regular) at(pos uint64) place {
	i, within := pos/r.stride, pos%r.stride
	switch {
	case pos >= programs.MaxOffset:
		return place{}
	case i >= r.count || within >= r.length:
		return hole()
	}
	e := r.extent(i)
	p := mapped(e.Device, e.Addr+within)
	if e.Unwritten {
		p.typ = abi.FUSE_IOMAP_TYPE_UNWRITTEN
	}
	return p
}

func (r regular) edges() []uint64 {
	return []uint64{r.length, r.stride, 8 * r.stride, 64 * r.stride, 2048 * r.stride, 8*r.stride - r.stride + r.length, (r.count - 1) * r.stride, (r.count-1)*r.stride + r.length, r.count * r.stride}
}

// patternLayout is the demonstration's.
func patternLayout(block uint64, p programs.PatternParams) layout {
	n := p.Blocks
	if n == 0 {
		n = 16
	}
	m := &blockMap{size: block}
	for i := range n {
		q := mapped(p.Device, p.Base+i*block)
		if i%2 == 1 {
			q.typ = abi.FUSE_IOMAP_TYPE_UNWRITTEN
		}
		m.append(block, q)
	}
	return m
}

const (
	writes  = abi.FUSE_IOMAP_OP_WRITE | abi.FUSE_IOMAP_OP_ZERO | abi.FUSE_IOMAP_OP_UNSHARE | abi.FUSE_IOMAP_OP_WRITEBACK
	unknown = ^(abi.FUSE_IOMAP_OP_WRITE | abi.FUSE_IOMAP_OP_ZERO | abi.FUSE_IOMAP_OP_REPORT | abi.FUSE_IOMAP_OP_FAULT |
		abi.FUSE_IOMAP_OP_DIRECT | abi.FUSE_IOMAP_OP_NOWAIT | abi.FUSE_IOMAP_OP_OVERWRITE_ONLY | abi.FUSE_IOMAP_OP_UNSHARE |
		abi.FUSE_IOMAP_OP_DAX | abi.FUSE_IOMAP_OP_ATOMIC | abi.FUSE_IOMAP_OP_DONTCACHE | abi.FUSE_IOMAP_OP_SWAPFILE | abi.FUSE_IOMAP_OP_WRITEBACK)
)

// answers tells whether a program answers an operation on a byte at p.
func answers(program programs.Program, op abi.IomapOpFlags, p place) bool {
	if !p.mine || op&unknown != 0 {
		return false
	}
	switch program {
	case programs.Pattern:
		return op == abi.FUSE_IOMAP_OP_REPORT
	case programs.Extents:
		atomic := op&abi.FUSE_IOMAP_OP_ATOMIC != 0
		switch {
		case p.typ == abi.FUSE_IOMAP_TYPE_HOLE:
			return !atomic && op&(abi.FUSE_IOMAP_OP_WRITE|abi.FUSE_IOMAP_OP_WRITEBACK) == 0
		case atomic && p.flags&abi.FUSE_IOMAP_F_ATOMIC_BIO == 0:
			return false
		case op&writes == 0:
			return true
		case p.flags&abi.FUSE_IOMAP_F_SHARED != 0:
			return false
		}
		return op&abi.FUSE_IOMAP_OP_OVERWRITE_ONLY == 0 || p.typ != abi.FUSE_IOMAP_TYPE_UNWRITTEN
	}
	return op&abi.FUSE_IOMAP_OP_ATOMIC == 0
}

// judge says what is wrong with an answer to iomap_begin.
func judge(program programs.Program, l layout, block uint64, in abi.IomapBeginIn, out abi.IomapBeginOut, ret abi.IomapBPFRet) error {
	var here place
	if l != nil {
		here = l.at(in.Pos)
	}
	if want := answers(program, in.Opflags, here); want != (ret == abi.FIB_HANDLED) {
		return fmt.Errorf("it returned %v for a byte at %+v", ret, here)
	}
	if ret != abi.FIB_HANDLED {
		if ret != abi.FIB_FALLBACK || out != (abi.IomapBeginOut{}) {
			return fmt.Errorf("a fallback is %v and wrote %+v", ret, out)
		}
		return nil
	}
	if r := abi.Validate(in, out, everything(block)); len(r.Violations)+len(r.Warnings)+len(r.Unchecked) > 0 {
		return fmt.Errorf("%+v: %s", out, r)
	}
	pure := abi.IomapBeginOut{Read: out.Read}
	if pure.PureOverwrite(); pure != out {
		return fmt.Errorf("the write mapping is %+v", out.Write)
	}
	return covers(l, block, in, out.Read)
}

// covers checks a mapping byte by byte: the first and last of each block of a
// short one, of a long one those around every edge.
func covers(l layout, block uint64, in abi.IomapBeginIn, m abi.IomapIO) error {
	end := m.Offset + m.Length
	first := place{mine: true, typ: m.Type, dev: m.Dev, addr: m.Addr, flags: m.Flags}
	check := func(pos uint64) error {
		if pos < m.Offset || pos >= end {
			return nil
		}
		if p := l.at(pos); !follows(first, p, pos-m.Offset) {
			return fmt.Errorf("mapping %+v covers byte %d, which is at %+v", m, pos, p)
		}
		return nil
	}
	points := []uint64{m.Offset, in.Pos, end - 1}
	if m.Length <= smallFile*block {
		for pos := m.Offset; pos < end; pos += block {
			points = append(points, pos, pos+block-1)
		}
	} else {
		for _, e := range l.edges() {
			points = append(points, e-1, e, e+1)
		}
		for i := range uint64(16) {
			points = append(points, m.Offset+m.Length/16*i)
		}
	}
	for _, p := range points {
		if err := check(p); err != nil {
			return err
		}
	}
	// The end of the request, in whole blocks, or where something changes.
	last := in.Pos + in.Count
	if last < in.Pos || last > programs.MaxOffset {
		last = programs.MaxOffset
	}
	if end < last && end < programs.MaxOffset && follows(first, l.at(end), m.Length) {
		return fmt.Errorf("mapping %+v ends before the request, and nothing changes there", m)
	}
	return nil
}

// everything is a file system of which all is known.
func everything(block uint64) abi.FS { return fileSystems[block] }

var fileSystems = func() map[uint64]abi.FS {
	devices := map[uint32]abi.Device{}
	for d := uint32(1); d <= programs.MaxDevice; d++ {
		devices[d] = abi.Device{Readable: true, Writable: true}
	}
	all := map[uint64]abi.FS{}
	for _, block := range []uint64{512, 1024, 4096} {
		all[block] = abi.FS{BlockSize: uint32(block), MaxFileSize: programs.MaxOffset - 1, Devices: devices, UncacheableOps: abi.FUSE_IOMAP_OP_REPORT}
	}
	return all
}()
