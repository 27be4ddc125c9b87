// SPDX-License-Identifier: MIT

package randomcalls

import (
	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/programs"
)

func appendWorld(t *Tape) *World {
	w := &World{Program: programs.Append, inodes: inodes(t), Block: 4096}
	p := programs.AppendParams{Ring: 4096}
	for _, i := range w.inodes[:t.N(4)] {
		p.Files = append(p.Files, programs.AppendFile{Inode: i, Size: Pick(t, 0, t.N(1<<20), programs.MaxOffset)})
	}
	w.Params = p
	return w
}

func observeWorld(t *Tape) *World {
	return &World{Program: programs.Observe, inodes: inodes(t), Block: 4096,
		Params: programs.ObserveParams{SampleEvery: uint32(t.N(4)), Ring: 4096, Kinds: uint32(t.N(20)) + 1}}
}

// stateCall makes a call of any of the three.
func (w *World) stateCall(t *Tape) Call {
	inode := Pick(t, w.inodes...)
	count := w.count(t)
	pos := w.position(t, nil)
	switch t.N(3) {
	case 0:
		return Call{Inode: inode, Begin: &abi.IomapBeginIn{Pos: pos, Count: count, Opflags: w.operation(t)}}
	case 1:
		written := Pick(t, count, 0, -t.N(134), t.N(1<<20))
		return Call{Inode: inode, End: &abi.IomapEndIn{Pos: pos, Count: count, Written: int64(written), Opflags: w.operation(t)}}
	}
	in := &abi.IomapIoendIn{Pos: pos, Written: Pick(t, t.N(1<<20), t.N(1<<20), count, 0), Flags: abi.IoendFlags(t.N(128)), NewAddr: t.N(1 << 40), Dev: uint32(t.N(4))}
	if t.OneIn(2) {
		in.Flags &= abi.FUSE_IOMAP_IOEND_UNWRITTEN | abi.FUSE_IOMAP_IOEND_APPEND | abi.FUSE_IOMAP_IOEND_DIRECT
	}
	if t.OneIn(8) {
		in.Error = -int32(t.N(133)) - 1
	}
	return Call{Inode: inode, Ioend: in, Size: t.N(1 << 30)}
}
