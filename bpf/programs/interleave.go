// SPDX-License-Identifier: MIT

package programs

import (
	"fmt"

	"github.com/cilium/ebpf"
)

// Bounds of [Interleave].
const (
	MaxInterleavedExtents = 32
	MaxStrips             = 16
)

// InterleaveParams are the parameters of [Interleave].
type InterleaveParams struct {
	BlockSize uint32           // 0 is 4096
	Files     []InterleaveFile // each inode once
}

// InterleaveFile is a file of extents one after the other.
type InterleaveFile struct {
	Inode   uint64              // node id
	Extents []InterleavedExtent // 1 to 32
}

// InterleavedExtent is spread over strips in chunks. With one strip it is a
// simple extent and ChunkSize may be 0.
type InterleavedExtent struct {
	Length    uint64 // in the file, in bytes
	ChunkSize uint64
	Strips    []Strip // 1 to 16
}

// Strip is where every so many-th chunk is.
type Strip struct {
	Addr   uint64 // on the device
	Device uint32 // cookie
}

// Program is [Interleave].
func (p InterleaveParams) Program() Program { return Interleave }

// Validate checks every entry.
func (p InterleaveParams) Validate() error {
	c, err := newChecker(Interleave, p.BlockSize)
	if err != nil {
		return err
	}
	if err := c.unique(len(p.Files), func(i int) uint64 { return p.Files[i].Inode }); err != nil {
		return err
	}
	for i, f := range p.Files {
		if err := f.check(c.in("Files[%d]", i).of(f.Inode)); err != nil {
			return err
		}
	}
	return nil
}

func (f InterleaveFile) check(c checker) error {
	if n := len(f.Extents); n == 0 || n > MaxInterleavedExtents {
		return c.err("Extents", "there are %d: give 1 to %d", n, MaxInterleavedExtents)
	}
	var start uint64
	for i, e := range f.Extents {
		in := c.in("Extents[%d]", i)
		if err := e.check(in); err != nil {
			return err
		}
		if start += e.Length; start > MaxOffset {
			return in.err("Length", "the extents up to this one are %d bytes: a file has at most %d", start, uint64(MaxOffset))
		}
		if i > 0 && f.Extents[i-1].lastEndsAt(e.at(0)) {
			return in.err("Strips[0].Addr", "it continues where Extents[%d] ends on the device: the mapping would not change there; give both as one extent, or move the boundary", i-1)
		}
	}
	return nil
}

func (e InterleavedExtent) check(c checker) error {
	if err := c.length("Length", e.Length); err != nil {
		return err
	}
	n := uint64(len(e.Strips))
	if n == 0 || n > MaxStrips {
		return c.err("Strips", "there are %d: give 1 to %d", n, MaxStrips)
	}
	size, rows := e.Length, uint64(1)
	if n > 1 {
		if e.ChunkSize == 0 {
			return c.err("ChunkSize", "it is 0: give the bytes that stay on one strip, at least a block")
		}
		if err := c.length("ChunkSize", e.ChunkSize); err != nil {
			return err
		}
		size, rows = e.ChunkSize, ((e.Length-1)/e.ChunkSize)/n+1
		if rows > ^uint64(0)/size {
			return c.err("Length", "%d rows of %d bytes do not fit into 64 bits", rows, size)
		}
	}
	for i, s := range e.Strips {
		in := c.in("Strips[%d]", i)
		if err := in.space("Addr", s.Addr, rows*size); err != nil {
			return err
		}
		if err := in.device("Device", s.Device); err != nil {
			return err
		}
		for j, o := range e.Strips[:i] {
			if o.Device == s.Device && o.Addr < s.Addr+rows*size && s.Addr < o.Addr+rows*size {
				return in.err("Addr", "the strip's %d bytes overlap those of Strips[%d] on device %d", rows*size, j, s.Device)
			}
		}
		if i > 0 && rows == 1 && e.Strips[i-1].Device == s.Device && e.Strips[i-1].Addr+size == s.Addr {
			return in.err("Addr", "it continues where Strips[%d] ends on the device, and there is only one row: the mapping would not change there; give a simple extent", i-1)
		}
	}
	return nil
}

// at gives where byte off of an extent is.
func (e InterleavedExtent) at(off uint64) (device uint32, addr uint64) {
	n := uint64(len(e.Strips))
	if n == 1 {
		return e.Strips[0].Device, e.Strips[0].Addr + off
	}
	chunk := off / e.ChunkSize
	s := e.Strips[chunk%n]
	return s.Device, s.Addr + chunk/n*e.ChunkSize + off%e.ChunkSize
}

// lastEndsAt tells whether the last byte of an extent is just before a place.
func (e InterleavedExtent) lastEndsAt(device uint32, addr uint64) bool {
	d, a := e.at(e.Length - 1)
	return d == device && a+1 == addr
}

// Configure has nothing to set.
func (p InterleaveParams) Configure(*ebpf.CollectionSpec) error { return p.Validate() }

// Fill enters all files.
func (p InterleaveParams) Fill(s Store) error {
	if err := p.Validate(); err != nil {
		return err
	}
	for _, f := range p.Files {
		if err := p.Put(s, f); err != nil {
			return err
		}
	}
	return nil
}

// Put enters a file or replaces it.
func (p InterleaveParams) Put(s Store, f InterleaveFile) error {
	c, err := newChecker(Interleave, p.BlockSize)
	if err != nil {
		return err
	}
	c = c.of(f.Inode)
	if err := f.check(c.in("File")); err != nil {
		return err
	}
	type strip struct {
		Addr     uint64
		Dev, Pad uint32
	}
	var layout struct {
		Count, Pad uint32
		Extents    [MaxInterleavedExtents]struct {
			Start, End, ChunkSize uint64
			Strips, Pad           uint32
			Strip                 [MaxStrips]strip
		}
	}
	layout.Count = uint32(len(f.Extents))
	var start uint64
	for i, e := range f.Extents {
		to := &layout.Extents[i]
		to.Start, to.End, to.ChunkSize, to.Strips = start, start+e.Length, e.ChunkSize, uint32(len(e.Strips))
		start = to.End
		for j, x := range e.Strips {
			to.Strip[j] = strip{Addr: x.Addr, Dev: x.Device}
		}
	}
	return c.wrap(put(s, "layouts", f.Inode, layout))
}

// Remove leaves a file to the server.
func (p InterleaveParams) Remove(s Store, inode uint64) error {
	return remove(Interleave, s, "layouts", inode)
}

// entry is the name of an element.
func entry(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }
