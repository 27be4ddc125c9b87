// SPDX-License-Identifier: MIT

package programs

import (
	"encoding/binary"

	"github.com/cilium/ebpf"

	"github.com/fuseiomap/abigen/abi"
)

// ExtentsParams are the parameters of [Extents].
type ExtentsParams struct {
	BlockSize uint32 // 0 is 4096
	// MaxInodes is how many inodes may have extents at a time; 0 is 65536.
	MaxInodes uint32
	Files     []ExtentsFile // each inode once
}

// ExtentsFile are the extents of a file, in the order of their offsets. What is
// between them, and up to the end of all files, is a hole.
type ExtentsFile struct {
	Inode   uint64   // node id
	Extents []Extent // sorted by Offset, without overlap
}

// Extent is space for a range of a file. Extents that continue each other, in
// the file and on the device, are answered as one.
type Extent struct {
	Offset, Length uint64 // in the file, in bytes
	Addr           uint64 // on the device
	Device         uint32 // cookie
	// Unwritten space reads as zeroes until it is written.
	Unwritten bool
	// Flags may hold FUSE_IOMAP_F_SHARED, to which writes are left to the
	// server, FUSE_IOMAP_F_ATOMIC_BIO, without which atomic writes are, and any
	// other flag of an answer but FUSE_IOMAP_F_NEW.
	Flags abi.IomapFlags
}

func (e Extent) end() uint64 { return e.Offset + e.Length }

func (e Extent) continues(o Extent) bool {
	return o.end() == e.Offset && o.Addr+o.Length == e.Addr && o.Device == e.Device && o.Unwritten == e.Unwritten && o.Flags == e.Flags
}

// Program is [Extents].
func (p ExtentsParams) Program() Program { return Extents }

// Validate checks every entry.
func (p ExtentsParams) Validate() error {
	c, err := newChecker(Extents, p.BlockSize)
	if err != nil {
		return err
	}
	most := p.MaxInodes
	if most == 0 {
		most = defaultInodes
	}
	if uint64(len(p.Files)) > uint64(most) {
		return c.err("MaxInodes", "there are %d files: set it to at least that", len(p.Files))
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

const (
	defaultInodes = 1 << 16
	// extentFlags are the flags an extent may have. NEW would have every write
	// zero the rest of a block.
	extentFlags = abi.IomapFlags(0xff) &^ abi.FUSE_IOMAP_F_NEW
	// maxExtents is what four levels of keys hold.
	maxExtents = 1 << 31
)

func (f ExtentsFile) check(c checker) error {
	if uint64(len(f.Extents)) > maxExtents {
		return c.err("Extents", "there are %d: at most %d fit", len(f.Extents), uint64(maxExtents))
	}
	for i, e := range f.Extents {
		// Not c.in: with millions of extents only the one that is wrong needs a name.
		if err := e.check(c); err != nil {
			return e.check(c.in("Extents[%d]", i))
		}
		if i == 0 {
			continue
		}
		switch o := f.Extents[i-1]; {
		case e.Offset < o.Offset:
			return c.in("Extents[%d]", i).err("Offset", "%d is before that of Extents[%d], %d: sort extents by offset", e.Offset, i-1, o.Offset)
		case e.Offset < o.end():
			return c.in("Extents[%d]", i).err("Offset", "%d is inside Extents[%d], which ends at %d: extents must not overlap", e.Offset, i-1, o.end())
		}
	}
	return nil
}

func (e Extent) check(c checker) error {
	if err := c.blocks("Offset", e.Offset); err != nil {
		return err
	}
	if err := c.length("Length", e.Length); err != nil {
		return err
	}
	if e.Offset > MaxOffset-e.Length {
		return c.err("Length", "offset %d plus length %d is past the %d bytes a file can have", e.Offset, e.Length, uint64(MaxOffset))
	}
	if err := c.space("Addr", e.Addr, e.Length); err != nil {
		return err
	}
	if bad := e.Flags &^ extentFlags; bad != 0 {
		return c.err("Flags", "an extent must not have %v", bad)
	}
	return c.device("Device", e.Device)
}

// Configure sets how many inodes there may be.
func (p ExtentsParams) Configure(spec *ebpf.CollectionSpec) error {
	if err := p.Validate(); err != nil {
		return err
	}
	inodes := spec.Maps["inodes"]
	if inodes == nil {
		return checker{program: Extents.name}.err("spec", "it has no map \"inodes\": is it of this program?")
	}
	if p.MaxInodes > 0 {
		inodes.MaxEntries = p.MaxInodes
	}
	return nil
}

// Fill enters all files.
func (p ExtentsParams) Fill(s Store) error {
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

// Put enters the extents of a file, or replaces them, all in one step: a call
// that runs meanwhile sees only the old ones or only the new ones.
func (p ExtentsParams) Put(s Store, f ExtentsFile) error {
	c, err := newChecker(Extents, p.BlockSize)
	if err != nil {
		return err
	}
	c = c.of(f.Inode)
	if err := f.check(c.in("File")); err != nil {
		return err
	}
	return c.wrap(s.PutArray("inodes", nodeKey(s, f.Inode), extentBlocks(s.ByteOrder(), joined(f.Extents))))
}

// Remove leaves a file to the server, holes too.
func (p ExtentsParams) Remove(s Store, inode uint64) error {
	return remove(Extents, s, "inodes", inode)
}

// joined makes one extent of those that continue each other, because a mapping
// must reach to where something changes.
func joined(extents []Extent) []Extent {
	i := 1
	for i < len(extents) && !extents[i].continues(extents[i-1]) {
		i++
	}
	if i >= len(extents) {
		return extents
	}
	out := append(make([]Extent, 0, len(extents)), extents[:i]...)
	for _, e := range extents[i:] {
		if last := &out[len(out)-1]; e.continues(*last) {
			last.Length += e.Length
			continue
		}
		out = append(out, e)
	}
	return out
}

// The tree of extents.c.
const (
	treeKeys   = 256
	treeTop    = 16 // every so many-th key is repeated in front
	treeGroup  = 8  // extents of a group
	treeGroups = 8  // groups of a leaf
	treeBlock  = 8*treeTop + 8*treeKeys + 64
	groupSize  = treeGroup * (8 + 24)

	leafNext    = treeGroups * groupSize
	rootExtents = 8*treeTop + 8*treeKeys
	rootLevels  = rootExtents + 8
	rootLevel   = rootLevels + 4
)

// extentBlocks builds the blocks: block 0, leaves, index blocks from the lowest
// level up.
func extentBlocks(order binary.ByteOrder, extents []Extent) [][]byte {
	groups := (len(extents) + treeGroup - 1) / treeGroup
	leaves := (groups + treeGroups - 1) / treeGroups
	// The number of blocks of each level, from the one whose keys are groups.
	var index []int
	for n := groups; n > treeKeys; n = index[len(index)-1] {
		index = append(index, (n+treeKeys-1)/treeKeys)
	}
	total := 1 + leaves
	for _, n := range index {
		total += n
	}
	data := make([]byte, total*treeBlock)
	blocks := make([][]byte, total)
	for i := range blocks {
		blocks[i] = data[i*treeBlock : (i+1)*treeBlock]
	}
	fillLeaves(order, blocks[1:1+leaves], extents)

	// Each level's keys are the first starts of what is below.
	keys := make([]uint64, groups)
	for g := range keys {
		keys[g] = extents[g*treeGroup].Offset
	}
	root, at := blocks[0], 1+leaves
	for i, n := range index {
		order.PutUint32(root[rootLevel+4*(len(index)-1-i):], uint32(at))
		up := make([]uint64, n)
		for b := range n {
			part := keys[b*treeKeys : min((b+1)*treeKeys, len(keys))]
			fillKeys(order, blocks[at+b], part)
			up[b] = part[0]
		}
		keys, at = up, at+n
	}
	fillKeys(order, root, keys)
	order.PutUint64(root[rootExtents:], uint64(len(extents)))
	order.PutUint32(root[rootLevels:], uint32(len(index)))
	return blocks
}

// fillKeys writes keys, and what is never reached after them.
func fillKeys(order binary.ByteOrder, block []byte, keys []uint64) {
	for i := range treeKeys {
		key := uint64(MaxOffset)
		if i < len(keys) {
			key = keys[i]
		}
		order.PutUint64(block[8*treeTop+8*i:], key)
		if i%treeTop == 0 {
			order.PutUint64(block[8*(i/treeTop):], key)
		}
	}
}

func fillLeaves(order binary.ByteOrder, leaves [][]byte, extents []Extent) {
	start := func(i int) uint64 {
		if i < len(extents) {
			return extents[i].Offset
		}
		return MaxOffset
	}
	const perLeaf = treeGroup * treeGroups
	for l, block := range leaves {
		for i := range perLeaf {
			n := l*perLeaf + i
			group := block[i/treeGroup*groupSize:]
			order.PutUint64(group[8*(i%treeGroup):], start(n))
			if n >= len(extents) {
				continue
			}
			e, space := extents[n], group[8*treeGroup+24*(i%treeGroup):]
			typ := abi.FUSE_IOMAP_TYPE_MAPPED
			if e.Unwritten {
				typ = abi.FUSE_IOMAP_TYPE_UNWRITTEN
			}
			order.PutUint64(space, e.Length)
			order.PutUint64(space[8:], e.Addr)
			order.PutUint32(space[16:], e.Device)
			order.PutUint16(space[20:], uint16(typ))
			order.PutUint16(space[22:], uint16(e.Flags))
		}
		order.PutUint64(block[leafNext:], start((l+1)*perLeaf))
	}
}
