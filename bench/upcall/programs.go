// SPDX-License-Identifier: MIT

//go:build linux

package main

import (
	"encoding/binary"
	"fmt"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/internal/jit"
)

// inode is the one that the programs know.
const inode = 5

// asked is what every program is asked: where a page of a read is.
var asked = abi.IomapBeginIn{Pos: askedAt, Count: 4096}

// The programs, with parameters a file system may have.
var (
	linear = programs.LinearParams{Files: []programs.LinearFile{{Inode: inode, Length: fileSize, Device: 1}}}
	stripe = programs.StripeParams{ChunkSize: 64 << 10, Devices: []uint32{1, 2, 3, 4}, Files: []programs.StripeFile{{Inode: inode, Length: fileSize}}}
)

// loaded is a program in the kernel.
type loaded struct{ *jit.Machine }

// A figure is the median of so many loops of so many calls. A loop takes less than
// a millisecond, so that most are run without an interruption.
const (
	loops     = 51
	loopCalls = 3000
)

// load loads a program and makes sure that it answers.
func load(p programs.Params) (*loaded, error) {
	spec, err := p.Program().Spec(nil)
	if err != nil {
		return nil, err
	}
	if err := p.Configure(spec); err != nil {
		return nil, err
	}
	m, err := jit.New(spec)
	if err != nil {
		return nil, err
	}
	if err = p.Fill(programs.InKernel(m.Collection(), m.Spec())); err == nil {
		var out abi.IomapBeginOut
		var ret abi.IomapBPFRet
		out, ret, err = m.Begin(inode, asked)
		if err == nil && (ret != abi.FIB_HANDLED || out.Read.Type != abi.FUSE_IOMAP_TYPE_MAPPED) {
			err = fmt.Errorf("%s answers %v, %+v", p.Program().Name(), ret, out.Read)
		}
	}
	if err != nil {
		m.Close()
		return nil, err
	}
	return &loaded{m}, nil
}

// loadEmpty loads a program that does nothing.
func loadEmpty() (*loaded, error) {
	m, err := jit.New(&ebpf.CollectionSpec{ByteOrder: binary.LittleEndian, Programs: map[string]*ebpf.ProgramSpec{"empty": {
		Name: "empty", Type: ebpf.StructOps, AttachTo: "fuse_iomap_bpf_ops:iomap_begin", License: "GPL",
		Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 0).WithSymbol("empty"), asm.Return()},
	}}})
	if err != nil {
		return nil, err
	}
	return &loaded{m}, nil
}

// time gives the nanoseconds of a call: the median of loops.
func (l *loaded) time() (float64, error) {
	release, err := jit.OneCPU()
	if err != nil {
		return 0, err
	}
	defer release()
	means := make([]float64, loops)
	for i := range means {
		if means[i], err = l.Repeat(inode, asked, loopCalls); err != nil {
			return 0, err
		}
	}
	return spread(means).Median, nil
}
