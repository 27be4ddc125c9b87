// SPDX-License-Identifier: MIT

package randomcalls

import (
	"fmt"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/programs"
)

const (
	writes  = abi.FUSE_IOMAP_OP_WRITE | abi.FUSE_IOMAP_OP_ZERO | abi.FUSE_IOMAP_OP_UNSHARE | abi.FUSE_IOMAP_OP_WRITEBACK
	unknown = ^(abi.FUSE_IOMAP_OP_WRITE | abi.FUSE_IOMAP_OP_ZERO | abi.FUSE_IOMAP_OP_REPORT | abi.FUSE_IOMAP_OP_FAULT |
		abi.FUSE_IOMAP_OP_DIRECT | abi.FUSE_IOMAP_OP_NOWAIT | abi.FUSE_IOMAP_OP_OVERWRITE_ONLY | abi.FUSE_IOMAP_OP_UNSHARE |
		abi.FUSE_IOMAP_OP_DAX | abi.FUSE_IOMAP_OP_ATOMIC | abi.FUSE_IOMAP_OP_DONTCACHE | abi.FUSE_IOMAP_OP_SWAPFILE | abi.FUSE_IOMAP_OP_WRITEBACK)
)

// Answers tells whether a program answers an operation on a byte at p.
func Answers(program programs.Program, op abi.IomapOpFlags, p Place) bool {
	if !p.Mine || op&unknown != 0 {
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

// Judge says what is wrong with an answer to iomap_begin.
func Judge(program programs.Program, l Layout, block uint64, in abi.IomapBeginIn, out abi.IomapBeginOut, ret abi.IomapBPFRet) error {
	var here Place
	if l != nil {
		here = l.At(in.Pos)
	}
	if want := Answers(program, in.Opflags, here); want != (ret == abi.FIB_HANDLED) {
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
func covers(l Layout, block uint64, in abi.IomapBeginIn, m abi.IomapIO) error {
	end := m.Offset + m.Length
	first := Place{Mine: true, typ: m.Type, dev: m.Dev, addr: m.Addr, flags: m.Flags}
	check := func(pos uint64) error {
		if pos < m.Offset || pos >= end {
			return nil
		}
		if p := l.At(pos); !follows(first, p, pos-m.Offset) {
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
		for _, e := range l.Edges() {
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
	if end < last && end < programs.MaxOffset && follows(first, l.At(end), m.Length) {
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
