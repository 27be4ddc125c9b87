// SPDX-License-Identifier: MIT

//go:build linux

package testmod

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"github.com/fuseiomap/abigen/abi"
)

// ErrGuard is that a program wrote past its answer.
var ErrGuard = errors.New("the word behind the answer was overwritten")

const guard = 0x6162696765e76a5a

// logged is how many calls of kfuncs a call remembers.
const logged = 64

type rawKfunc struct {
	what, given uint32
	read, write [32]byte
}

type rawCall struct {
	fuseFD          int32
	flags           uint32
	nodeid, origIno uint64
	pos, count      uint64
	written         int64
	opflags         uint32
	errno           int32
	dev             uint32
	holdMS          uint32
	newAddr         uint64
	kfuncResult     int32
	called          uint32
	result          uint64
	guard           uint64
	kfuncs          uint32
	_               uint32
	out             [64]byte
	log             [logged]rawKfunc
}

// Kfunc says which of the kfuncs for the mapping cache was called.
type Kfunc uint32

// The kfuncs.
const (
	Inval  Kfunc = 1 // fuse_bpf_iomap_inval_mappings
	Upsert Kfunc = 2 // fuse_bpf_iomap_upsert_mappings
)

// KfuncCall is what a program called a kfunc with. What is nil was NULL. Of a
// Kfunc other than Upsert only Offset and Length are set.
type KfuncCall struct {
	Kfunc       Kfunc
	NodeID      uint64
	Read, Write *abi.IomapIO
}

// Caller calls what is attached to a FUSE device file. It must not be copied
// while in use, and is not safe for concurrent use; several may share a Device.
type Caller struct {
	Device *Device
	FD     int // of the FUSE device, in this process

	OrigIno uint64
	// Always calls the program for operations that the kernel would not ask
	// about: those with FUSE_IOMAP_OP_NOWAIT (rule 1).
	Always bool
	// Hold is how long a call is in flight before the program runs; the module
	// counts milliseconds.
	Hold time.Duration
	// KfuncResult is what the kfuncs for the mapping cache return.
	KfuncResult int32
	// Outarg is what iomap_begin finds in its answer: what a program is given on
	// a cache retry is not zeroed again (rule 3).
	Outarg abi.IomapBeginOut
	// Kfunc is told each call of a kfunc for the mapping cache, in order.
	Kfunc func(KfuncCall)
}

// Begin calls iomap_begin. A callback that is NULL gives FIB_FALLBACK.
func (c *Caller) Begin(nodeid uint64, in abi.IomapBeginIn) (abi.IomapBeginOut, abi.IomapBPFRet, error) {
	r := rawCall{nodeid: nodeid, pos: in.Pos, count: in.Count, opflags: uint32(in.Opflags)}
	b, err := c.Outarg.AppendBinary(nil)
	if err != nil {
		return abi.IomapBeginOut{}, 0, err
	}
	copy(r.out[:], b)
	ret, err := c.call(2, "iomap_begin", &r)
	if err != nil {
		return abi.IomapBeginOut{}, ret, err
	}
	var out abi.IomapBeginOut
	return out, ret, out.UnmarshalBinary(r.out[:abi.SizeofIomapBeginOut])
}

// End calls iomap_end.
func (c *Caller) End(nodeid uint64, in abi.IomapEndIn) (abi.IomapBPFRet, error) {
	r := rawCall{nodeid: nodeid, pos: in.Pos, count: in.Count, written: in.Written, opflags: uint32(in.Opflags)}
	return c.call(3, "iomap_end", &r)
}

// Ioend calls iomap_ioend, with newsize in the answer. Where the module has not
// seen eight arguments arrive, see Device.EightArguments, the error wraps
// EOPNOTSUPP and nothing is called.
func (c *Caller) Ioend(nodeid uint64, in abi.IomapIoendIn, newsize uint64) (abi.IomapIoendOut, abi.IomapBPFRet, error) {
	r := rawCall{nodeid: nodeid, pos: in.Pos, written: int64(in.Written), opflags: uint32(in.Flags),
		errno: in.Error, dev: in.Dev, newAddr: in.NewAddr}
	binary.NativeEndian.PutUint64(r.out[:], newsize)
	ret, err := c.call(4, "iomap_ioend", &r)
	return abi.IomapIoendOut{Newsize: binary.NativeEndian.Uint64(r.out[:])}, ret, err
}

func (c *Caller) call(nr uintptr, what string, r *rawCall) (abi.IomapBPFRet, error) {
	r.fuseFD, r.origIno, r.kfuncResult = int32(c.FD), c.OrigIno, c.KfuncResult
	r.holdMS = uint32(c.Hold.Milliseconds())
	if c.Always {
		r.flags = 1
	}
	if err := c.Device.ioctl(nr, ioRead|ioWrite, unsafe.Pointer(r), unsafe.Sizeof(*r), what); err != nil {
		return 0, err
	}
	if r.called == 0 {
		return abi.FIB_FALLBACK, nil
	}
	if r.guard != guard {
		return 0, fmt.Errorf("testmod: %s: %w with %#x", what, ErrGuard, r.guard)
	}
	if r.kfuncs > logged {
		return 0, fmt.Errorf("testmod: %s: kfuncs were called %d times: the module remembers %d", what, r.kfuncs, logged)
	}
	for _, k := range r.log[:r.kfuncs] {
		kc := KfuncCall{Kfunc: Kfunc(k.what), NodeID: r.nodeid}
		for i, to := range []**abi.IomapIO{&kc.Read, &kc.Write} {
			if k.given&(1<<i) == 0 {
				continue
			}
			*to = &abi.IomapIO{}
			if err := (*to).UnmarshalBinary([][]byte{k.read[:], k.write[:]}[i]); err != nil {
				return 0, err
			}
		}
		if c.Kfunc != nil {
			c.Kfunc(kc)
		}
	}
	return abi.IomapBPFRet(r.result), nil
}
