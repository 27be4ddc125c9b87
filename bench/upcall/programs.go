// SPDX-License-Identifier: MIT

//go:build linux

package main

import (
	"encoding/binary"
	"fmt"
	"time"

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
type loaded struct {
	*jit.Machine
	loops int // calls that take some milliseconds
}

// sample is how long the kernel's loop runs.
const sample = 10 * time.Millisecond

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
	return &loaded{Machine: m}, nil
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
	return &loaded{Machine: m}, nil
}

// time gives the nanoseconds of a call.
func (l *loaded) time() (float64, error) {
	release, err := jit.OneCPU()
	if err != nil {
		return 0, err
	}
	defer release()
	if l.loops == 0 {
		ns, err := l.Repeat(inode, asked, 10000)
		if err != nil {
			return 0, err
		}
		l.loops = int(float64(sample) / max(ns, 1))
	}
	return l.Repeat(inode, asked, l.loops)
}
