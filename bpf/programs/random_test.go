// SPDX-License-Identifier: MIT

package programs_test

import (
	"fmt"
	"slices"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/programs"
)

// world is a program with parameters, and the model of each of its files.
type world struct {
	program programs.Program
	params  programs.Params
	block   uint64
	inodes  []uint64 // that calls are about, known or not
	files   map[uint64]layout
	every   layout // of all inodes, where they do not matter
	reports bool   // only reports are answered, so every second call is one
	// file makes another file for an inode: what to enter, and its model.
	file func(t *tape, inode uint64) (enter func(programs.Store) error, l layout)
}

func (w *world) layout(inode uint64) layout {
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

func (w *world) operation(t *tape) abi.IomapOpFlags {
	if w.reports && t.bool(2) {
		return abi.FUSE_IOMAP_OP_REPORT
	}
	if t.bool(16) {
		return abi.IomapOpFlags(t.n(1 << 32))
	}
	return pick(t, operations...)
}

// position chooses a byte, mostly one where something happens.
func (w *world) position(t *tape, l layout) uint64 {
	switch t.n(8) {
	case 0, 1, 2:
		if l == nil {
			return t.n(1 << 20)
		}
		return pick(t, l.edges()...) + pick(t, 0, ^uint64(0), 1)
	case 3, 4, 5:
		if l == nil {
			return t.n(1 << 20)
		}
		return t.n(slices.Max(l.edges())&(1<<62-1) + w.block)
	case 6:
		return t.n(1 << 63)
	}
	return pick(t, 0, uint64(programs.MaxOffset), ^uint64(0)) + pick(t, 0, ^uint64(0), -w.block, w.block, 1)
}

func (w *world) count(t *tape) uint64 {
	switch t.n(4) {
	case 0:
		return pick(t, 0, 1, w.block-1, w.block, w.block+1, 1<<63, ^uint64(0))
	case 1:
		return t.n(1 << 62)
	}
	return t.n(64 * w.block)
}

func block(t *tape) uint32 { return pick(t, uint32(4096), 512, 1024) }

func device(t *tape) uint32 { return uint32(t.n(programs.MaxDevice)) + 1 }

// blocks chooses a length of whole blocks: mostly short, sometimes of any size.
func blocks(t *tape, block uint64) uint64 {
	if t.bool(6) {
		return (t.n(programs.MaxOffset/block) + 1) * block
	}
	return (t.n(100) + 1) * block
}

func sectors(t *tape, limit uint64) uint64 { return t.n(limit/512) * 512 }

// inodes are few, so that calls meet them, and some have extreme numbers.
func inodes(t *tape) []uint64 {
	return []uint64{1, 2, t.n(1<<32) + 3, ^uint64(0)}
}

func linearWorld(t *tape) *world {
	w := &world{program: programs.Linear, inodes: inodes(t), files: map[uint64]layout{}}
	p := programs.LinearParams{BlockSize: block(t)}
	w.block = uint64(p.BlockSize)
	file := func(t *tape, inode uint64) programs.LinearFile {
		f := programs.LinearFile{Inode: inode, Length: blocks(t, w.block), Device: device(t)}
		f.Addr = sectors(t, -f.Length)
		return f
	}
	for _, i := range w.inodes[:t.n(4)] {
		f := file(t, i)
		p.Files = append(p.Files, f)
		w.files[i] = linearLayout(w.block, f)
	}
	w.params = p
	w.file = func(t *tape, inode uint64) (func(programs.Store) error, layout) {
		f := file(t, inode)
		return func(s programs.Store) error { return p.Put(s, f) }, linearLayout(w.block, f)
	}
	return w
}

func stripeParams(t *tape) programs.StripeParams {
	p := programs.StripeParams{BlockSize: block(t)}
	b := uint64(p.BlockSize)
	switch t.n(4) {
	case 0:
		p.ChunkSize = b << t.n(8)
	case 1:
		p.ChunkSize = (t.n(1<<40) + 1) * b
	default:
		p.ChunkSize = (t.n(20) + 1) * b
	}
	n := t.n(8) + 1
	if t.bool(10) {
		n = t.n(programs.MaxStripeDevices) + 1
	}
	first := t.n(programs.MaxDevice)
	for i := range n { // 467 and 1024 have no common factor, so none comes twice
		p.Devices = append(p.Devices, uint32((first+i*467)%programs.MaxDevice)+1)
	}
	return p
}

func stripeFile(t *tape, p programs.StripeParams, inode uint64) programs.StripeFile {
	return programs.StripeFile{Inode: inode, Base: sectors(t, 1<<40), Length: blocks(t, uint64(p.BlockSize))}
}

func stripeWorld(t *tape) *world {
	p := stripeParams(t)
	w := stripeFiles(t, programs.Stripe, &p)
	w.params = p
	w.file = func(t *tape, inode uint64) (func(programs.Store) error, layout) {
		f := stripeFile(t, p, inode)
		return func(s programs.Store) error { return p.Put(s, f) }, stripeLayout(w.block, p, f)
	}
	return w
}

func cachedWorld(t *tape) *world {
	p := programs.CachedParams{Ahead: uint32(t.n(programs.MaxAhead + 1)), StripeParams: stripeParams(t)}
	w := stripeFiles(t, programs.Cached, &p.StripeParams)
	w.params = p
	w.file = func(t *tape, inode uint64) (func(programs.Store) error, layout) {
		f := stripeFile(t, p.StripeParams, inode)
		return func(s programs.Store) error { return p.Put(s, f) }, stripeLayout(w.block, p.StripeParams, f)
	}
	return w
}

func stripeFiles(t *tape, program programs.Program, p *programs.StripeParams) *world {
	w := &world{program: program, inodes: inodes(t), files: map[uint64]layout{}, block: uint64(p.BlockSize)}
	for _, i := range w.inodes[:t.n(4)] {
		f := stripeFile(t, *p, i)
		p.Files = append(p.Files, f)
		w.files[i] = stripeLayout(w.block, *p, f)
	}
	return w
}

func interleaveWorld(t *tape) *world {
	w := &world{program: programs.Interleave, inodes: inodes(t), files: map[uint64]layout{}}
	p := programs.InterleaveParams{BlockSize: block(t)}
	w.block = uint64(p.BlockSize)
	// Strips are far apart, so that none continues another by accident.
	file := func(t *tape, inode uint64) programs.InterleaveFile {
		f := programs.InterleaveFile{Inode: inode}
		for i := range t.n(pick(t, uint64(3), programs.MaxInterleavedExtents)) + 1 {
			e := programs.InterleavedExtent{Length: (t.n(60) + 1) * w.block}
			if t.bool(8) {
				e.Length = (t.n(1<<56/w.block) + 1) * w.block
			}
			n := t.n(programs.MaxStrips) + 1
			if n > 1 {
				e.ChunkSize = (t.n(12) + 1) * w.block
			}
			for s := range n {
				e.Strips = append(e.Strips, programs.Strip{Addr: sectors(t, 1<<30) + (i*16+s+1)*(1<<51), Device: uint32(s*5+t.n(5)) + 1})
			}
			// Far apart only as long as they are not longer than the distance.
			if rows := e.Length / max(e.ChunkSize, w.block) / n; rows*e.ChunkSize > 1<<50 {
				e.Length = 60 * w.block
			}
			f.Extents = append(f.Extents, e)
		}
		return f
	}
	for _, i := range w.inodes[:t.n(4)] {
		f := file(t, i)
		p.Files = append(p.Files, f)
		w.files[i] = interleaveLayout(w.block, f)
	}
	w.params = p
	w.file = func(t *tape, inode uint64) (func(programs.Store) error, layout) {
		f := file(t, inode)
		return func(s programs.Store) error { return p.Put(s, f) }, interleaveLayout(w.block, f)
	}
	return w
}

func extentsWorld(t *tape) *world {
	w := &world{program: programs.Extents, inodes: inodes(t), files: map[uint64]layout{}}
	p := programs.ExtentsParams{BlockSize: block(t), MaxInodes: 16}
	w.block = uint64(p.BlockSize)
	file := func(t *tape, inode uint64) (programs.ExtentsFile, layout) {
		if t.bool(12) {
			r := regular{count: pick(t, uint64(8), 64, 65, 2048, 2049, 5000), length: (t.n(4) + 1) * w.block}
			r.stride = r.length + t.n(3)*w.block
			return r.file(inode), r
		}
		f := programs.ExtentsFile{Inode: inode}
		var at uint64
		for range t.n(pick(t, uint64(4), 20, 100)) {
			if t.bool(2) {
				at += t.n(20) * w.block
			}
			e := programs.Extent{
				Offset: at, Length: (t.n(8) + 1) * w.block, Device: uint32(t.n(3)) + 1, Addr: sectors(t, 1<<40),
				Unwritten: t.bool(3), Flags: pick(t, 0, 0, 0, abi.FUSE_IOMAP_F_SHARED, abi.FUSE_IOMAP_F_ATOMIC_BIO, abi.FUSE_IOMAP_F_DIRTY|abi.FUSE_IOMAP_F_BOUNDARY),
			}
			if n := len(f.Extents); n > 0 && t.bool(4) { // where the one before ends
				o := f.Extents[n-1]
				e.Addr, e.Device = o.Addr+o.Length, o.Device
				if t.bool(2) {
					e.Unwritten, e.Flags = o.Unwritten, o.Flags
				}
			}
			f.Extents = append(f.Extents, e)
			at += e.Length
		}
		return f, extentsLayout(w.block, f)
	}
	for _, i := range w.inodes[:t.n(4)] {
		f, l := file(t, i)
		p.Files = append(p.Files, f)
		w.files[i] = l
	}
	w.params = p
	w.file = func(t *tape, inode uint64) (func(programs.Store) error, layout) {
		f, l := file(t, inode)
		return func(s programs.Store) error { return p.Put(s, f) }, l
	}
	return w
}

func patternWorld(t *tape) *world {
	w := &world{program: programs.Pattern, reports: true, inodes: inodes(t)}
	p := programs.PatternParams{BlockSize: block(t), Blocks: t.n(64), Base: sectors(t, 1<<40), Device: device(t)}
	w.block = uint64(p.BlockSize)
	l := patternLayout(w.block, p)
	if t.bool(3) {
		p.Inode = pick(t, w.inodes...)
		w.files = map[uint64]layout{p.Inode: l}
	} else {
		w.every = l
	}
	w.params = p
	return w
}

// call is one thing that happens to a program.
type call struct {
	what  string // for messages
	inode uint64
	begin *abi.IomapBeginIn
	end   *abi.IomapEndIn
	ioend *abi.IomapIoendIn
	size  uint64 // iomap_ioend's newsize
	// store changes the files, and layout is the model of the one after it; nil
	// of one that is gone.
	store  func(programs.Store) error
	layout layout
}

func (c call) String() string {
	switch {
	case c.begin != nil:
		return fmt.Sprintf("begin inode %d pos %d count %d op %v", c.inode, c.begin.Pos, c.begin.Count, c.begin.Opflags)
	case c.end != nil:
		return fmt.Sprintf("end inode %d %+v", c.inode, *c.end)
	case c.ioend != nil:
		return fmt.Sprintf("ioend inode %d %+v newsize %d", c.inode, *c.ioend, c.size)
	}
	return fmt.Sprintf("%s inode %d", c.what, c.inode)
}

// call makes the next one. The model follows what it does.
func (w *world) call(t *tape) call {
	inode := pick(t, w.inodes...)
	if w.file != nil && t.bool(40) {
		if t.bool(3) && w.files[inode] != nil {
			delete(w.files, inode)
			remover := w.params.(interface {
				Remove(s programs.Store, inode uint64) error
			})
			return call{what: "remove", inode: inode, store: func(s programs.Store) error { return remover.Remove(s, inode) }}
		}
		enter, l := w.file(t, inode)
		w.files[inode] = l
		return call{what: "put", inode: inode, store: enter, layout: l}
	}
	l := w.layout(inode)
	return call{inode: inode, layout: l, begin: &abi.IomapBeginIn{Pos: w.position(t, l), Count: w.count(t), Opflags: w.operation(t), AttrIno: inode + 1000}}
}

// mappers are the worlds of the programs that answer with mappings.
var mappers = []struct {
	program programs.Program
	make    func(t *tape) *world
}{
	{programs.Linear, linearWorld},
	{programs.Stripe, stripeWorld},
	{programs.Interleave, interleaveWorld},
	{programs.Extents, extentsWorld},
	{programs.Pattern, patternWorld},
	{programs.Cached, cachedWorld},
}
