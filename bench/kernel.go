// SPDX-License-Identifier: MIT

package main

import (
	"encoding/binary"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/internal/jit"
)

// inode is the one that all programs know.
const inode = 5

// programCase is a reference program with parameters a file system may have, and
// a request it answers.
type programCase struct {
	name, what string
	params     programs.Params
	in         abi.IomapBeginIn
	// wanted is how many times the call of an empty program it may take; 0 is any.
	wanted float64
}

var programCases = []programCase{
	{"linear", "linear: one run of bytes", programs.LinearParams{Files: []programs.LinearFile{{Inode: inode, Length: 1 << 30, Device: 1}}}, abi.IomapBeginIn{Pos: 1 << 20, Count: 4096}, 0},
	{"stripe", "stripe: RAID0 of 4 devices", stripes(65536, 1, 2, 3, 4), abi.IomapBeginIn{Pos: 1 << 20, Count: 4096}, 3},
	{"stripe-odd", "stripe: 3 devices, 12 KiB chunks", stripes(12288, 1, 2, 3), abi.IomapBeginIn{Pos: 1 << 20, Count: 4096}, 3},
	{"cached", "cached: stripe where the cache has nothing", programs.CachedParams{StripeParams: stripes(65536, 1, 2, 3, 4)}, abi.IomapBeginIn{Pos: 1 << 20, Count: 4096}, 0},
	{"interleave", "interleave: 3 strips", programs.InterleaveParams{Files: []programs.InterleaveFile{{Inode: inode, Extents: []programs.InterleavedExtent{{
		Length: 1 << 30, ChunkSize: 1 << 21, Strips: []programs.Strip{{Device: 1}, {Device: 2}, {Device: 3}}}}}}}, abi.IomapBeginIn{Pos: 1 << 20, Count: 4096}, 0},
	{"pattern", "pattern: something to see", programs.PatternParams{Device: 1}, abi.IomapBeginIn{Pos: 4096, Count: 4096, Opflags: abi.FUSE_IOMAP_OP_REPORT}, 0},
	{"observe", "observe: counts and falls back", programs.ObserveParams{SampleEvery: 1000}, abi.IomapBeginIn{Pos: 4096, Count: 4096}, 0},
}

func stripes(chunk uint64, devices ...uint32) programs.StripeParams {
	return programs.StripeParams{ChunkSize: chunk, Devices: devices, Files: []programs.StripeFile{{Inode: inode, Length: 1 << 30}}}
}

// howKernel is the method of calls in the kernel.
const howKernel = "The kernel's test loop calls the program, unchanged, as a static function behind a wrapper that makes its context: see package internal/jit. The figure is of a call with loop and wrapper, to a whole ns, on one processor."

func kernelRows() []Row {
	var all []Row
	for _, c := range programCases {
		r := Row{
			ID: "kernel/" + c.name, Title: c.what,
			Ours: "the program", Peer: "an empty program", Unit: "ns a call", How: howKernel + " An empty program is the limit.",
			Measure: func(b *Bench, rounds int) (Samples, error) {
				m, err := b.load(c.params)
				if err != nil {
					return Samples{}, err
				}
				empty, err := b.empty()
				if err != nil {
					return Samples{}, err
				}
				return pair(rounds, calls(m, c.in, shortSample), calls(empty, c.in, shortSample))
			},
		}
		if c.wanted > 0 {
			r.Wanted = 1 / c.wanted
		}
		all = append(all, r)
	}
	// append has no iomap_begin.
	const size = 1 << 30
	for _, c := range []struct {
		name, what, member string
		repeat             func(m *jit.Machine, n int) (float64, error)
	}{
		{"append-end", "append: a write that was done as asked ends", "iomap_end", func(m *jit.Machine, n int) (float64, error) {
			return m.RepeatEnd(inode, abi.IomapEndIn{Pos: 4096, Count: 4096, Written: 4096, Opflags: abi.FUSE_IOMAP_OP_WRITE}, n)
		}},
		{"append-ioend", "append: data is on disk, before where the file ends by now", "iomap_ioend", func(m *jit.Machine, n int) (float64, error) {
			return m.RepeatIoend(inode, abi.IomapIoendIn{Pos: 4096, Written: 4096, Flags: abi.FUSE_IOMAP_IOEND_DIRECT | abi.FUSE_IOMAP_IOEND_APPEND}, size, n)
		}},
	} {
		all = append(all, Row{
			ID: "kernel/" + c.name, Title: c.what,
			Ours: "the program", Peer: "an empty program", Unit: "ns a call", How: howKernel + " An empty program is the limit.",
			Measure: func(b *Bench, rounds int) (Samples, error) {
				m, err := b.load(programs.AppendParams{Files: []programs.AppendFile{{Inode: inode, Size: size}}})
				if err != nil {
					return Samples{}, err
				}
				empty, err := b.machine(emptyProgram(c.member), jit.Options{})
				if err != nil {
					return Samples{}, err
				}
				return pair(rounds,
					repeated(shortSample, func(n int) (float64, error) { return c.repeat(m, n) }),
					repeated(shortSample, func(n int) (float64, error) { return c.repeat(empty, n) }))
			},
		})
	}
	return all
}

// emptyProgram answers nothing.
func emptyProgram(member string) *ebpf.CollectionSpec {
	return programOf(member, asm.Instructions{asm.Mov.Imm(asm.R0, 0), asm.Return()})
}

// beginProgram is a collection of one iomap_begin.
func beginProgram(insns asm.Instructions) *ebpf.CollectionSpec {
	return programOf("iomap_begin", insns)
}

func programOf(member string, insns asm.Instructions) *ebpf.CollectionSpec {
	const name = "program"
	insns[0] = insns[0].WithSymbol(name)
	return &ebpf.CollectionSpec{ByteOrder: binary.LittleEndian, Programs: map[string]*ebpf.ProgramSpec{name: {
		Name: name, Type: ebpf.StructOps, AttachTo: "fuse_iomap_bpf_ops:" + member, License: "GPL", Instructions: insns,
	}}}
}

// machine loads a collection until the run ends.
func (b *Bench) machine(spec *ebpf.CollectionSpec, opts jit.Options) (*jit.Machine, error) {
	if err := jit.Available(); err != nil {
		return nil, missing{err.Error()}
	}
	m, err := jit.NewWithOptions(spec, opts)
	if err == nil {
		b.clean = append(b.clean, m.Close)
	}
	return m, err
}

// load loads a reference program with its parameters.
func (b *Bench) load(p programs.Params) (*jit.Machine, error) { return b.loadWith(p, jit.Options{}) }

func (b *Bench) loadWith(p programs.Params, opts jit.Options) (*jit.Machine, error) {
	spec, err := p.Program().Spec(nil)
	if err != nil {
		return nil, err
	}
	if err := p.Configure(spec); err != nil {
		return nil, err
	}
	m, err := b.machine(spec, opts)
	if err != nil {
		return nil, err
	}
	return m, p.Fill(programs.InKernel(m.Collection(), m.Spec()))
}

// How long the kernel's loop runs for a sample. Look-ups among many extents take
// longer until the processor's caches hold what they will hold.
const (
	shortSample = 10 * time.Millisecond
	longSample  = 60 * time.Millisecond
)

// calls makes samples of a call of iomap_begin, in nanoseconds.
func calls(m *jit.Machine, in abi.IomapBeginIn, long time.Duration) sample {
	return repeated(long, func(n int) (float64, error) { return m.Repeat(inode, in, n) })
}

// repeated makes samples of what the kernel repeats.
func repeated(long time.Duration, repeat func(n int) (float64, error)) sample {
	n := 0
	return func() (float64, error) {
		release, err := jit.OneCPU()
		if err != nil {
			return 0, err
		}
		defer release()
		if n == 0 {
			ns, err := repeat(10000)
			if err != nil {
				return 0, err
			}
			n = int(float64(long) / max(ns, 1))
		}
		return repeat(n)
	}
}
