// SPDX-License-Identifier: MIT

package randomcalls

import (
	"math/big"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/programs"
)

// The models say where a byte of a file is, from the parameters and the table of
// programs alone. They do not know of mappings: those are checked byte by byte
// against where the bytes are.

// Place is where a byte is.
type Place struct {
	Mine  bool // the program's to say
	typ   abi.IomapType
	dev   uint32
	addr  uint64
	flags abi.IomapFlags
}

// follows tells whether a byte d after one at a is where b says.
func follows(a, b Place, d uint64) bool {
	if a.typ != abi.FUSE_IOMAP_TYPE_HOLE {
		a.addr += d
	}
	return a == b
}

// Layout is the model of one file.
type Layout interface {
	// At is where a byte is.
	At(pos uint64) Place
	// Edges are positions where something may change.
	Edges() []uint64
}

// blockMap is the brute force: every block of a small file, and what comes after.
type blockMap struct {
	size   uint64
	blocks []Place
	rest   Place
}

func (m *blockMap) At(pos uint64) Place {
	b := pos / m.size
	if b >= uint64(len(m.blocks)) {
		if pos >= programs.MaxOffset {
			return Place{}
		}
		return m.rest
	}
	p := m.blocks[b]
	if p.typ != abi.FUSE_IOMAP_TYPE_HOLE {
		p.addr += pos % m.size
	}
	return p
}

func (m *blockMap) Edges() []uint64 {
	var e []uint64
	for i := range m.blocks {
		e = append(e, uint64(i)*m.size)
	}
	return append(e, uint64(len(m.blocks))*m.size)
}

// append adds n bytes at a place.
func (m *blockMap) append(n uint64, p Place) {
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

func hole() Place {
	return Place{Mine: true, typ: abi.FUSE_IOMAP_TYPE_HOLE, addr: abi.FUSE_IOMAP_NULL_ADDR}
}

func mapped(dev uint32, addr uint64) Place {
	return Place{Mine: true, typ: abi.FUSE_IOMAP_TYPE_MAPPED, dev: dev, addr: addr}
}

// formula is a file too long for blocks.
type formula struct {
	length uint64
	place  func(pos *big.Int) Place
	marks  []uint64
}

func (f *formula) At(pos uint64) Place {
	if pos >= f.length {
		return Place{}
	}
	return f.place(new(big.Int).SetUint64(pos))
}

func (f *formula) Edges() []uint64 { return append(f.marks, f.length) }

// linearLayout is a run.
func linearLayout(block uint64, f programs.LinearFile) Layout {
	if f.Length <= smallFile*block {
		m := &blockMap{size: block}
		m.append(f.Length, mapped(f.Device, f.Addr))
		return m
	}
	return &formula{length: f.Length, place: func(pos *big.Int) Place {
		return mapped(f.Device, new(big.Int).Add(pos, new(big.Int).SetUint64(f.Addr)).Uint64())
	}}
}

// stripeLayout lays chunks out row by row, or divides with remainder in numbers
// of any size.
func stripeLayout(block uint64, p programs.StripeParams, f programs.StripeFile) Layout {
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
	return &formula{length: f.Length, marks: []uint64{p.ChunkSize, 2 * p.ChunkSize, p.ChunkSize * uint64(len(p.Devices)), f.Length - p.ChunkSize}, place: func(pos *big.Int) Place {
		chunk, within := new(big.Int).DivMod(pos, size, new(big.Int))
		row, device := new(big.Int).DivMod(chunk, n, new(big.Int))
		addr := row.Mul(row, size)
		addr.Add(addr, within).Add(addr, new(big.Int).SetUint64(f.Base))
		return mapped(p.Devices[device.Int64()], addr.Uint64())
	}}
}

// interleaveLayout does the same extent by extent.
func interleaveLayout(block uint64, f programs.InterleaveFile) Layout {
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
	return &formula{length: length, marks: marks, place: func(pos *big.Int) Place {
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
		return Place{}
	}}
}

// extentsLayout enters extent by extent into the block map.
func extentsLayout(block uint64, f programs.ExtentsFile) Layout {
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

// Regular are extents that a formula gives: every stride bytes one of length
// bytes, each at another multiple of length on one of 7 devices.
type Regular struct {
	Count, Stride, Length uint64
}

func (r Regular) extent(i uint64) programs.Extent {
	return programs.Extent{Offset: i * r.Stride, Length: r.Length, Addr: (i * 7919 % 1048583) * 2 * r.Length, Device: uint32(i%7) + 1, Unwritten: i%5 == 4}
}

// File makes a file of them.
func (r Regular) File(inode uint64) programs.ExtentsFile {
	f := programs.ExtentsFile{Inode: inode, Extents: make([]programs.Extent, r.Count)}
	for i := range f.Extents {
		f.Extents[i] = r.extent(uint64(i))
	}
	return f
}

// At implements Layout.
func (r Regular) At(pos uint64) Place {
	i, within := pos/r.Stride, pos%r.Stride
	switch {
	case pos >= programs.MaxOffset:
		return Place{}
	case i >= r.Count || within >= r.Length:
		return hole()
	}
	e := r.extent(i)
	p := mapped(e.Device, e.Addr+within)
	if e.Unwritten {
		p.typ = abi.FUSE_IOMAP_TYPE_UNWRITTEN
	}
	return p
}

// Edges implements Layout.
func (r Regular) Edges() []uint64 {
	return []uint64{r.Length, r.Stride, 8 * r.Stride, 64 * r.Stride, 2048 * r.Stride, 8*r.Stride - r.Stride + r.Length, (r.Count - 1) * r.Stride, (r.Count-1)*r.Stride + r.Length, r.Count * r.Stride}
}

// patternLayout is the demonstration's.
func patternLayout(block uint64, p programs.PatternParams) Layout {
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
