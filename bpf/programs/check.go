// SPDX-License-Identifier: MIT

package programs

import (
	"fmt"
	"math/bits"
)

// Limits of the contract.
const (
	// MaxDevice is the greatest device cookie (rule 20).
	MaxDevice = 1024
	// MaxOffset is where every file ends at the latest: positions are signed in
	// the kernel.
	MaxOffset = 1 << 63

	sector = 512

	defaultBlockSize = 4096
)

// ParamError is what is wrong with parameters: which program, which entry, what
// and why.
type ParamError struct {
	Program string // name of the program
	// Entry is the member in Go, such as "Files[2].Length".
	Entry string
	// Inode is the node id of the file, where the entry belongs to one.
	Inode   uint64
	InInode bool // whether Inode says something
	// What says what is wrong and what to do.
	What string
}

// Error describes e in one line.
func (e *ParamError) Error() string {
	where := e.Entry
	if e.InInode {
		where += fmt.Sprintf(" (inode %d)", e.Inode)
	}
	return fmt.Sprintf("programs: %s: %s: %s", e.Program, where, e.What)
}

// checker collects nothing: the first thing wrong is the error.
type checker struct {
	program string
	prefix  string
	inode   uint64
	inInode bool
	block   uint64
}

// newChecker checks the block size itself.
func newChecker(p Program, blockSize uint32) (checker, error) {
	c := checker{program: p.name, block: uint64(blockSize)}
	if blockSize == 0 {
		c.block = defaultBlockSize
	}
	if c.block < sector || c.block&(c.block-1) != 0 {
		return c, c.err("BlockSize", "%d is no power of two of at least %d: give the file system's block size, or 0 for %d", blockSize, sector, defaultBlockSize)
	}
	return c, nil
}

// in is the checker of a part.
func (c checker) in(format string, args ...any) checker {
	c.prefix += fmt.Sprintf(format, args...) + "."
	return c
}

// of is the checker of a file.
func (c checker) of(inode uint64) checker {
	c.inode, c.inInode = inode, true
	return c
}

func (c checker) err(entry, format string, args ...any) error {
	return &ParamError{Program: c.program, Entry: c.prefix + entry, Inode: c.inode, InInode: c.inInode, What: fmt.Sprintf(format, args...)}
}

func (c checker) device(entry string, d uint32) error {
	if d == 0 || d > MaxDevice {
		return c.err(entry, "%d is no device cookie: give the number the kernel answered when the device was registered, 1 to %d", d, MaxDevice)
	}
	return nil
}

// blocks checks a number of bytes in a file.
func (c checker) blocks(entry string, n uint64) error {
	if n%c.block != 0 {
		return c.err(entry, "%d is not a multiple of the block size of %d: round it", n, c.block)
	}
	return nil
}

// length checks one that may not be 0 nor past the end of all files.
func (c checker) length(entry string, n uint64) error {
	switch {
	case n == 0:
		return c.err(entry, "it is 0: give at least one block, or leave the entry out")
	case n > MaxOffset:
		return c.err(entry, "%d is more than the %d bytes a file can have", n, uint64(MaxOffset))
	}
	return c.blocks(entry, n)
}

// space checks that n bytes from addr are on a device.
func (c checker) space(entry string, addr, n uint64) error {
	if addr%sector != 0 {
		return c.err(entry, "%#x is not a multiple of %d: the kernel would use the sector it is in", addr, sector)
	}
	if _, carry := bits.Add64(addr, n, 0); carry != 0 {
		return c.err(entry, "%#x plus %d bytes does not fit into 64 bits", addr, n)
	}
	return nil
}

// unique checks that no inode has two entries.
func (c checker) unique(n int, inode func(i int) uint64) error {
	seen := make(map[uint64]int, n)
	for i := range n {
		if j, ok := seen[inode(i)]; ok {
			return c.in("Files[%d]", i).err("Inode", "%d has an entry already, Files[%d]: give each inode once", inode(i), j)
		}
		seen[inode(i)] = i
	}
	return nil
}

// log2 gives the logarithm of a power of two, and 0 for every other number.
func log2(n uint64) uint32 {
	if n == 0 || n&(n-1) != 0 {
		return 0
	}
	return uint32(bits.TrailingZeros64(n))
}

// wrap says which program an error of a store happened to.
func (c checker) wrap(err error) error {
	if err == nil {
		return nil
	}
	if c.inInode {
		return fmt.Errorf("programs: %s: inode %d: %w", c.program, c.inode, err)
	}
	return fmt.Errorf("programs: %s: %w", c.program, err)
}

// remove takes an inode out of a table.
func remove(p Program, s Store, table string, inode uint64) error {
	return checker{program: p.name}.of(inode).wrap(s.Delete(table, nodeKey(s, inode)))
}
