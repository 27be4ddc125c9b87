// SPDX-License-Identifier: MIT

package programs

import (
	"encoding/binary"
	"fmt"

	"github.com/cilium/ebpf"
)

// AppendParams are the parameters of [Append]. Its iomap_ioend must not be
// attached to Linux 6.12 on x86-64, whose trampoline passes the last two arguments
// of that callback wrongly.
type AppendParams struct {
	// Ring is the size of the ring buffer of ranges to convert, a power of two
	// of at least 4096; 0 is 262144.
	Ring  uint32
	Files []AppendFile // each inode once
}

// AppendFile is a file whose size the program keeps.
type AppendFile struct {
	Inode uint64 // node id
	Size  uint64 // on disk
}

// AppendState is what the program knows of a file.
type AppendState struct {
	Size      uint64 // on disk
	Appended  uint64 // bytes by which it grew here
	Converted uint64 // bytes that were unwritten, in the ring buffer
	Ended     uint64 // operations that iomap_end answered
	Left      uint64 // calls left to the server
}

// Conversion is a record of the ring buffer "conversions": a range that is no
// longer unwritten.
type Conversion struct {
	NodeID      uint64 // of the inode
	Pos, Length uint64 // the range in the file, in bytes
}

// Program is [Append].
func (p AppendParams) Program() Program { return Append }

// Validate checks every entry.
func (p AppendParams) Validate() error {
	c := checker{program: Append.name}
	if p.Ring != 0 && (p.Ring < 4096 || p.Ring&(p.Ring-1) != 0) {
		return c.err("Ring", "%d is no power of two of at least 4096", p.Ring)
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

func (f AppendFile) check(c checker) error {
	if f.Size > MaxOffset {
		return c.err("Size", "%d is more than the %d bytes a file can have", f.Size, uint64(MaxOffset))
	}
	return nil
}

// Configure sets the size of the ring buffer.
func (p AppendParams) Configure(spec *ebpf.CollectionSpec) error {
	if err := p.Validate(); err != nil {
		return err
	}
	return sizeRing(Append, spec, "conversions", p.Ring)
}

// sizeRing sets the size of a ring buffer unless it is 0.
func sizeRing(p Program, spec *ebpf.CollectionSpec, name string, size uint32) error {
	ring := spec.Maps[name]
	if ring == nil {
		return checker{program: p.name}.err("spec", "it has no map %q: is it of this program?", name)
	}
	if size != 0 {
		ring.MaxEntries = size
	}
	return nil
}

// Fill enters all files.
func (p AppendParams) Fill(s Store) error {
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

// Put enters a file, or sets its size and forgets what was counted.
func (p AppendParams) Put(s Store, f AppendFile) error {
	c := checker{program: Append.name}.of(f.Inode)
	if err := f.check(c.in("File")); err != nil {
		return err
	}
	return c.wrap(put(s, "files", f.Inode, AppendState{Size: f.Size}))
}

// Remove leaves a file to the server.
func (p AppendParams) Remove(s Store, inode uint64) error { return remove(Append, s, "files", inode) }

// DecodeConversion reads a record of the ring buffer "conversions".
func DecodeConversion(order binary.ByteOrder, record []byte) (Conversion, error) {
	var c Conversion
	return c, decode(order, record, &c)
}

// decode reads all of a record.
func decode(order binary.ByteOrder, record []byte, out any) error {
	if n := binary.Size(out); len(record) != n {
		return fmt.Errorf("programs: a record of %d bytes: %d are needed", len(record), n)
	}
	_, err := binary.Decode(record, order, out)
	return err
}
