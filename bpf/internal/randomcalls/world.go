// SPDX-License-Identifier: MIT

package randomcalls

import (
	"fmt"
	"slices"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/programs"
)

// World is a program with parameters, and the model of each of its files. The
// models follow the calls that change files.
type World struct {
	Program programs.Program
	Params  programs.Params
	Block   uint64
	inodes  []uint64 // that calls are about, known or not
	files   map[uint64]Layout
	every   Layout // of all inodes, where they do not matter
	reports bool   // only reports are answered, so every second call is one
	// file makes another file for an inode: what to enter, and its model.
	file func(t *Tape, inode uint64) (enter func(programs.Store) error, l Layout)
}

func (w *World) layout(inode uint64) Layout {
	if w.every != nil {
		return w.every
	}
	return w.files[inode]
}

// operations are those of rule 35.
var operations = []abi.IomapOpFlags{
	0, abi.FUSE_IOMAP_OP_WRITE, abi.FUSE_IOMAP_OP_WRITE | abi.FUSE_IOMAP_OP_DONTCACHE, abi.FUSE_IOMAP_OP_ZERO,
	abi.FUSE_IOMAP_OP_WRITE | abi.FUSE_IOMAP_OP_UNSHARE, abi.FUSE_IOMAP_OP_WRITE | abi.FUSE_IOMAP_OP_FAULT,
	abi.FUSE_IOMAP_OP_DIRECT, abi.FUSE_IOMAP_OP_DIRECT | abi.FUSE_IOMAP_OP_WRITE,
	abi.FUSE_IOMAP_OP_DIRECT | abi.FUSE_IOMAP_OP_WRITE | abi.FUSE_IOMAP_OP_OVERWRITE_ONLY,
	abi.FUSE_IOMAP_OP_DIRECT | abi.FUSE_IOMAP_OP_WRITE | abi.FUSE_IOMAP_OP_ATOMIC,
	abi.FUSE_IOMAP_OP_WRITEBACK, abi.FUSE_IOMAP_OP_REPORT, abi.FUSE_IOMAP_OP_REPORT | abi.FUSE_IOMAP_OP_SWAPFILE,
	abi.FUSE_IOMAP_OP_DAX | abi.FUSE_IOMAP_OP_FAULT, abi.FUSE_IOMAP_OP_DAX | abi.FUSE_IOMAP_OP_FAULT | abi.FUSE_IOMAP_OP_WRITE,
}

func (w *World) operation(t *Tape) abi.IomapOpFlags {
	if w.reports && t.OneIn(2) {
		return abi.FUSE_IOMAP_OP_REPORT
	}
	if t.OneIn(16) {
		return abi.IomapOpFlags(t.N(1 << 32))
	}
	return Pick(t, operations...)
}

// position chooses a byte, mostly one where something happens.
func (w *World) position(t *Tape, l Layout) uint64 {
	switch t.N(8) {
	case 0, 1, 2:
		if l == nil {
			return t.N(1 << 20)
		}
		return Pick(t, l.Edges()...) + Pick(t, 0, ^uint64(0), 1)
	case 3, 4, 5:
		if l == nil {
			return t.N(1 << 20)
		}
		return t.N(slices.Max(l.Edges())&(1<<62-1) + w.Block)
	case 6:
		return t.N(1 << 63)
	}
	return Pick(t, 0, uint64(programs.MaxOffset), ^uint64(0)) + Pick(t, 0, ^uint64(0), -w.Block, w.Block, 1)
}

func (w *World) count(t *Tape) uint64 {
	switch t.N(4) {
	case 0:
		return Pick(t, 0, 1, w.Block-1, w.Block, w.Block+1, 1<<63, ^uint64(0))
	case 1:
		return t.N(1 << 62)
	}
	return t.N(64 * w.Block)
}

func block(t *Tape) uint32 { return Pick(t, uint32(4096), 512, 1024) }

func device(t *Tape) uint32 { return uint32(t.N(programs.MaxDevice)) + 1 }

// blocks chooses a length of whole blocks: mostly short, sometimes of any size.
func blocks(t *Tape, block uint64) uint64 {
	if t.OneIn(6) {
		return (t.N(programs.MaxOffset/block) + 1) * block
	}
	return (t.N(100) + 1) * block
}

func sectors(t *Tape, limit uint64) uint64 { return t.N(limit/512) * 512 }

// inodes are few, so that calls meet them, and some have extreme numbers.
func inodes(t *Tape) []uint64 {
	return []uint64{1, 2, t.N(1<<32) + 3, ^uint64(0)}
}

func linearWorld(t *Tape) *World {
	w := &World{Program: programs.Linear, inodes: inodes(t), files: map[uint64]Layout{}}
	p := programs.LinearParams{BlockSize: block(t)}
	w.Block = uint64(p.BlockSize)
	file := func(t *Tape, inode uint64) programs.LinearFile {
		f := programs.LinearFile{Inode: inode, Length: blocks(t, w.Block), Device: device(t)}
		f.Addr = sectors(t, -f.Length)
		return f
	}
	for _, i := range w.inodes[:t.N(4)] {
		f := file(t, i)
		p.Files = append(p.Files, f)
		w.files[i] = linearLayout(w.Block, f)
	}
	w.Params = p
	w.file = func(t *Tape, inode uint64) (func(programs.Store) error, Layout) {
		f := file(t, inode)
		return func(s programs.Store) error { return p.Put(s, f) }, linearLayout(w.Block, f)
	}
	return w
}

func stripeParams(t *Tape) programs.StripeParams {
	p := programs.StripeParams{BlockSize: block(t)}
	b := uint64(p.BlockSize)
	switch t.N(4) {
	case 0:
		p.ChunkSize = b << t.N(8)
	case 1:
		p.ChunkSize = (t.N(1<<40) + 1) * b
	default:
		p.ChunkSize = (t.N(20) + 1) * b
	}
	n := t.N(8) + 1
	if t.OneIn(10) {
		n = t.N(programs.MaxStripeDevices) + 1
	}
	first := t.N(programs.MaxDevice)
	for i := range n { // 467 and 1024 have no common factor, so none comes twice
		p.Devices = append(p.Devices, uint32((first+i*467)%programs.MaxDevice)+1)
	}
	return p
}

func stripeFile(t *Tape, p programs.StripeParams, inode uint64) programs.StripeFile {
	return programs.StripeFile{Inode: inode, Base: sectors(t, 1<<40), Length: blocks(t, uint64(p.BlockSize))}
}

func stripeWorld(t *Tape) *World {
	p := stripeParams(t)
	w := stripeFiles(t, programs.Stripe, &p)
	w.Params = p
	w.file = func(t *Tape, inode uint64) (func(programs.Store) error, Layout) {
		f := stripeFile(t, p, inode)
		return func(s programs.Store) error { return p.Put(s, f) }, stripeLayout(w.Block, p, f)
	}
	return w
}

func cachedWorld(t *Tape) *World {
	p := programs.CachedParams{Ahead: uint32(t.N(programs.MaxAhead + 1)), StripeParams: stripeParams(t)}
	w := stripeFiles(t, programs.Cached, &p.StripeParams)
	w.Params = p
	w.file = func(t *Tape, inode uint64) (func(programs.Store) error, Layout) {
		f := stripeFile(t, p.StripeParams, inode)
		return func(s programs.Store) error { return p.Put(s, f) }, stripeLayout(w.Block, p.StripeParams, f)
	}
	return w
}

func stripeFiles(t *Tape, program programs.Program, p *programs.StripeParams) *World {
	w := &World{Program: program, inodes: inodes(t), files: map[uint64]Layout{}, Block: uint64(p.BlockSize)}
	for _, i := range w.inodes[:t.N(4)] {
		f := stripeFile(t, *p, i)
		p.Files = append(p.Files, f)
		w.files[i] = stripeLayout(w.Block, *p, f)
	}
	return w
}

func interleaveWorld(t *Tape) *World {
	w := &World{Program: programs.Interleave, inodes: inodes(t), files: map[uint64]Layout{}}
	p := programs.InterleaveParams{BlockSize: block(t)}
	w.Block = uint64(p.BlockSize)
	// Strips are far apart, so that none continues another by accident.
	file := func(t *Tape, inode uint64) programs.InterleaveFile {
		f := programs.InterleaveFile{Inode: inode}
		for i := range t.N(Pick(t, uint64(3), programs.MaxInterleavedExtents)) + 1 {
			e := programs.InterleavedExtent{Length: (t.N(60) + 1) * w.Block}
			if t.OneIn(8) {
				e.Length = (t.N(1<<56/w.Block) + 1) * w.Block
			}
			n := t.N(programs.MaxStrips) + 1
			if n > 1 {
				e.ChunkSize = (t.N(12) + 1) * w.Block
			}
			for s := range n {
				e.Strips = append(e.Strips, programs.Strip{Addr: sectors(t, 1<<30) + (i*16+s+1)*(1<<51), Device: uint32(s*5+t.N(5)) + 1})
			}
			// Far apart only as long as they are not longer than the distance.
			if rows := e.Length / max(e.ChunkSize, w.Block) / n; rows*e.ChunkSize > 1<<50 {
				e.Length = 60 * w.Block
			}
			f.Extents = append(f.Extents, e)
		}
		return f
	}
	for _, i := range w.inodes[:t.N(4)] {
		f := file(t, i)
		p.Files = append(p.Files, f)
		w.files[i] = interleaveLayout(w.Block, f)
	}
	w.Params = p
	w.file = func(t *Tape, inode uint64) (func(programs.Store) error, Layout) {
		f := file(t, inode)
		return func(s programs.Store) error { return p.Put(s, f) }, interleaveLayout(w.Block, f)
	}
	return w
}

func extentsWorld(t *Tape) *World {
	w := &World{Program: programs.Extents, inodes: inodes(t), files: map[uint64]Layout{}}
	p := programs.ExtentsParams{BlockSize: block(t), MaxInodes: 16}
	w.Block = uint64(p.BlockSize)
	file := func(t *Tape, inode uint64) (programs.ExtentsFile, Layout) {
		if t.OneIn(12) {
			r := Regular{Count: Pick(t, uint64(8), 64, 65, 2048, 2049, 5000), Length: (t.N(4) + 1) * w.Block}
			r.Stride = r.Length + t.N(3)*w.Block
			return r.File(inode), r
		}
		f := programs.ExtentsFile{Inode: inode}
		var at uint64
		for range t.N(Pick(t, uint64(4), 20, 100)) {
			if t.OneIn(2) {
				at += t.N(20) * w.Block
			}
			e := programs.Extent{
				Offset: at, Length: (t.N(8) + 1) * w.Block, Device: uint32(t.N(3)) + 1, Addr: sectors(t, 1<<40),
				Unwritten: t.OneIn(3), Flags: Pick(t, 0, 0, 0, abi.FUSE_IOMAP_F_SHARED, abi.FUSE_IOMAP_F_ATOMIC_BIO, abi.FUSE_IOMAP_F_DIRTY|abi.FUSE_IOMAP_F_BOUNDARY),
			}
			if n := len(f.Extents); n > 0 && t.OneIn(4) { // where the one before ends
				o := f.Extents[n-1]
				e.Addr, e.Device = o.Addr+o.Length, o.Device
				if t.OneIn(2) {
					e.Unwritten, e.Flags = o.Unwritten, o.Flags
				}
			}
			f.Extents = append(f.Extents, e)
			at += e.Length
		}
		return f, extentsLayout(w.Block, f)
	}
	for _, i := range w.inodes[:t.N(4)] {
		f, l := file(t, i)
		p.Files = append(p.Files, f)
		w.files[i] = l
	}
	w.Params = p
	w.file = func(t *Tape, inode uint64) (func(programs.Store) error, Layout) {
		f, l := file(t, inode)
		return func(s programs.Store) error { return p.Put(s, f) }, l
	}
	return w
}

func patternWorld(t *Tape) *World {
	w := &World{Program: programs.Pattern, reports: true, inodes: inodes(t)}
	p := programs.PatternParams{BlockSize: block(t), Blocks: t.N(64), Base: sectors(t, 1<<40), Device: device(t)}
	w.Block = uint64(p.BlockSize)
	l := patternLayout(w.Block, p)
	if t.OneIn(3) {
		p.Inode = Pick(t, w.inodes...)
		w.files = map[uint64]Layout{p.Inode: l}
	} else {
		w.every = l
	}
	w.Params = p
	return w
}

// Call is one thing that happens to a program: a callback, or a change of its
// files.
type Call struct {
	Inode uint64
	Begin *abi.IomapBeginIn
	End   *abi.IomapEndIn
	Ioend *abi.IomapIoendIn
	Size  uint64 // iomap_ioend's newsize
	// Store changes the files.
	Store func(programs.Store) error
	// Layout is the model of the file, after a change; nil of one that is not there.
	Layout Layout
	what   string // for messages
}

func (c Call) String() string {
	switch {
	case c.Begin != nil:
		return fmt.Sprintf("begin inode %d pos %d count %d op %v", c.Inode, c.Begin.Pos, c.Begin.Count, c.Begin.Opflags)
	case c.End != nil:
		return fmt.Sprintf("end inode %d %+v", c.Inode, *c.End)
	case c.Ioend != nil:
		return fmt.Sprintf("ioend inode %d %+v newsize %d", c.Inode, *c.Ioend, c.Size)
	}
	return fmt.Sprintf("%s inode %d", c.what, c.Inode)
}

// call makes the next one. The model follows what it does.
func (w *World) call(t *Tape) Call {
	inode := Pick(t, w.inodes...)
	if w.file != nil && t.OneIn(40) {
		if t.OneIn(3) && w.files[inode] != nil {
			delete(w.files, inode)
			remover := w.Params.(interface {
				Remove(s programs.Store, inode uint64) error
			})
			return Call{what: "remove", Inode: inode, Store: func(s programs.Store) error { return remover.Remove(s, inode) }}
		}
		enter, l := w.file(t, inode)
		w.files[inode] = l
		return Call{what: "put", Inode: inode, Store: enter, Layout: l}
	}
	l := w.layout(inode)
	return Call{Inode: inode, Layout: l, Begin: &abi.IomapBeginIn{Pos: w.position(t, l), Count: w.count(t), Opflags: w.operation(t), AttrIno: inode + 1000}}
}

// Source makes random calls for one of the programs.
type Source struct {
	Program programs.Program
	// Make chooses parameters, and Next makes the next call in the world it made.
	Make func(t *Tape) *World
	Next func(w *World, t *Tape) Call
}

// Mappers are the programs that answer with mappings.
var Mappers = []Source{
	{programs.Linear, linearWorld, (*World).call},
	{programs.Stripe, stripeWorld, (*World).call},
	{programs.Interleave, interleaveWorld, (*World).call},
	{programs.Extents, extentsWorld, (*World).call},
	{programs.Pattern, patternWorld, (*World).call},
	{programs.Cached, cachedWorld, (*World).call},
}

// Keepers are those that keep something.
var Keepers = []Source{
	{programs.Append, appendWorld, (*World).stateCall},
	{programs.Observe, observeWorld, (*World).stateCall},
}
