// SPDX-License-Identifier: MIT

package programs_test

import (
	"encoding/binary"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/emu"
	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/internal/jit"
)

// wanted says whether a bound is kept, and never fails: how long something takes
// on a busy machine is no reason to refuse a change.
func wanted(b *testing.B, met bool, format string, args ...any) {
	b.Helper()
	verdict := ": met"
	if !met {
		verdict = ": NOT met"
	}
	b.Logf(format+verdict, args...)
}

// kernelTime measures a call of iomap_begin in the kernel: the best of several
// rounds, because another guest of the machine only ever makes one slower.
func kernelTime(b *testing.B, m *jit.Machine, in abi.IomapBeginIn) float64 {
	b.Helper()
	best := 0.0
	for range 9 {
		ns, err := m.Repeat(5, in, 300000)
		if err != nil {
			b.Fatal(err)
		}
		if best == 0 || ns < best {
			best = ns
		}
	}
	return best
}

// benchCases are parameters a file system may have.
var benchCases = []struct {
	name   string
	params programs.Params
	in     abi.IomapBeginIn
	// most is how many times the call of an empty program it may take; 0 is any.
	most float64
}{
	{"linear", programs.LinearParams{Files: []programs.LinearFile{{Inode: 5, Length: 1 << 30, Device: 1}}}, abi.IomapBeginIn{Pos: 1 << 20, Count: 4096}, 0},
	{"stripe", programs.StripeParams{ChunkSize: 65536, Devices: []uint32{1, 2, 3, 4}, Files: []programs.StripeFile{{Inode: 5, Length: 1 << 30}}}, abi.IomapBeginIn{Pos: 1 << 20, Count: 4096}, 3},
	{"stripe-odd", programs.StripeParams{ChunkSize: 12288, Devices: []uint32{1, 2, 3}, Files: []programs.StripeFile{{Inode: 5, Length: 1 << 30}}}, abi.IomapBeginIn{Pos: 1 << 20, Count: 4096}, 3},
	{"cached", programs.CachedParams{StripeParams: programs.StripeParams{ChunkSize: 65536, Devices: []uint32{1, 2, 3, 4}, Files: []programs.StripeFile{{Inode: 5, Length: 1 << 30}}}}, abi.IomapBeginIn{Pos: 1 << 20, Count: 4096}, 0},
	{"interleave", programs.InterleaveParams{Files: []programs.InterleaveFile{{Inode: 5, Extents: []programs.InterleavedExtent{{Length: 1 << 30, ChunkSize: 1 << 21,
		Strips: []programs.Strip{{Device: 1}, {Device: 2}, {Device: 3}}}}}}}, abi.IomapBeginIn{Pos: 1 << 20, Count: 4096}, 0},
	{"pattern", programs.PatternParams{Device: 1}, abi.IomapBeginIn{Pos: 4096, Count: 4096, Opflags: abi.FUSE_IOMAP_OP_REPORT}, 0},
	{"observe", programs.ObserveParams{SampleEvery: 1000}, abi.IomapBeginIn{Pos: 4096, Count: 4096}, 0},
}

// BenchmarkInTheKernel gives the time of a call in the kernel's JIT, what it
// takes over a program that does nothing, and how many times as long as that
// one's call it is, all with the wrapper and the kernel's test loop.
func BenchmarkInTheKernel(b *testing.B) {
	if err := jit.Available(); err != nil {
		b.Skip(err)
	}
	m, err := jit.New(emptyProgram())
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	empty := kernelTime(b, m, abi.IomapBeginIn{})
	for _, c := range benchCases {
		b.Run(c.name, func(b *testing.B) {
			ns := kernelTime(b, inKernel(b, c.params, jit.Options{}), c.in)
			b.ReportMetric(ns, "ns/call")
			b.ReportMetric(ns-empty, "ns-over-empty")
			b.ReportMetric(ns/empty, "x-empty")
			b.ReportMetric(0, "ns/op")
			if c.most > 0 {
				wanted(b, ns <= c.most*empty, "%.1f ns a call, %.1f times an empty program's %.1f: at most %.0f times", ns, ns/empty, empty, c.most)
			}
		})
	}
}

// manyExtents are of 4 KiB with a hole after every second.
func manyExtents(n uint64) []programs.Extent {
	all := make([]programs.Extent, n)
	for i := range all {
		at := uint64(i)
		all[i] = programs.Extent{Offset: (at + at/2) * 4096, Length: 4096, Addr: at * 8192, Device: 1}
	}
	return all
}

// lengthOf is where the last of them ends.
func lengthOf(n uint64) uint64 { return (n + (n-1)/2) * 4096 }

// binarySearch is what extents is compared with: a program that does the same
// with a plain binary search over 2^20 entries at most.
func binarySearch(n uint64) *ebpf.CollectionSpec {
	insns := asm.Instructions{
		asm.LoadMem(asm.R6, asm.R1, 8, asm.DWord).WithSymbol("search"), // pos
		asm.LoadMem(asm.R7, asm.R1, 32, asm.DWord),                     // outarg
		asm.LoadMem(asm.R8, asm.R1, 16, asm.DWord),                     // count, which the caller makes 0: the first candidate
		asm.LoadImm(asm.R9, int64(n), asm.DWord),                       // behind the last
		asm.LoadMem(asm.R1, asm.R1, 0, asm.DWord),                      // inode
		asm.LoadMem(asm.R1, asm.R1, 0, asm.DWord),                      // its node id
		asm.StoreMem(asm.RFP, -32, asm.R1, asm.DWord),
		asm.LoadMapPtr(asm.R1, 0).WithReference("inodes"),
		asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, -32),
		asm.FnMapLookupElem.Call(),
		asm.JEq.Imm(asm.R0, 0, "none"),
		asm.StoreMem(asm.RFP, -24, asm.R0, asm.DWord), // its extents
	}
	probe := func(into string) asm.Instructions {
		return asm.Instructions{
			asm.StoreMem(asm.RFP, -4, asm.R1, asm.Word),
			asm.LoadMem(asm.R1, asm.RFP, -24, asm.DWord),
			asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, -4),
			asm.FnMapLookupElem.Call(),
			asm.JEq.Imm(asm.R0, 0, into),
		}
	}
	for i := range 20 {
		next, high := "next"+string(rune('a'+i)), "high"+string(rune('a'+i))
		step := asm.Instructions{asm.Mov.Reg(asm.R1, asm.R8), asm.Add.Reg(asm.R1, asm.R9), asm.RSh.Imm(asm.R1, 1), asm.StoreMem(asm.RFP, -16, asm.R1, asm.DWord)}
		if i > 0 {
			step[0] = step[0].WithSymbol("next" + string(rune('a'+i-1)))
		}
		insns = append(insns, step...)
		insns = append(insns, probe("none")...)
		insns = append(insns,
			asm.LoadMem(asm.R1, asm.R0, 0, asm.DWord),
			asm.LoadMem(asm.R2, asm.RFP, -16, asm.DWord),
			asm.JGT.Reg(asm.R1, asm.R6, high),
			asm.Mov.Reg(asm.R8, asm.R2),
			asm.Ja.Label(next),
			asm.Mov.Reg(asm.R9, asm.R2).WithSymbol(high),
		)
	}
	last := probe("none")
	insns = append(insns, asm.Mov.Reg(asm.R1, asm.R8).WithSymbol("next"+string(rune('a'+19))))
	insns = append(insns, last...)
	for i := range 4 {
		insns = append(insns, asm.LoadMem(asm.R1, asm.R0, int16(8*i), asm.DWord), asm.StoreMem(asm.R7, int16(8*i), asm.R1, asm.DWord))
	}
	insns = append(insns,
		asm.Mov.Imm(asm.R0, 1), asm.Return(),
		asm.Mov.Imm(asm.R0, 0).WithSymbol("none"), asm.Return())
	return &ebpf.CollectionSpec{
		ByteOrder: binary.LittleEndian,
		Maps: map[string]*ebpf.MapSpec{"inodes": {
			Name: "inodes", Type: ebpf.HashOfMaps, KeySize: 8, ValueSize: 4, MaxEntries: 16,
			InnerMap: &ebpf.MapSpec{Name: "sorted", Type: ebpf.Array, KeySize: 4, ValueSize: 32, MaxEntries: 1, Flags: 1 << 12}, // BPF_F_INNER_MAP
		}},
		Programs: map[string]*ebpf.ProgramSpec{"search": {
			Name: "search", Type: ebpf.StructOps, AttachTo: "fuse_iomap_bpf_ops:iomap_begin", License: "GPL", Instructions: insns,
		}},
	}
}

// BenchmarkExtentsInTheKernel compares a million extents of one inode with
// sixteen, and with a plain binary search, over positions in order and over
// random ones.
func BenchmarkExtentsInTheKernel(b *testing.B) {
	if err := jit.Available(); err != nil {
		b.Skip(err)
	}
	const few, many = 16, 1000000
	in := abi.IomapBeginIn{}
	measure := func(n uint64, before func(n uint64) asm.Instructions) (extents, search, empty float64) {
		p := programs.ExtentsParams{Files: []programs.ExtentsFile{{Inode: 5, Extents: manyExtents(n)}}}
		opts := jit.Options{Before: before(n)}
		extents = kernelTime(b, inKernel(b, p, opts), in)
		load := func(spec *ebpf.CollectionSpec) *jit.Machine {
			m, err := jit.NewWithOptions(spec, opts)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(m.Close)
			if err := m.SetScratch(scratchState, 88172645463325252); err != nil {
				b.Fatal(err)
			}
			return m
		}
		empty = kernelTime(b, load(emptyProgram()), in)
		m := load(binarySearch(n))
		var values [][]byte
		for _, e := range manyExtents(n) {
			v := make([]byte, 32)
			binary.NativeEndian.PutUint64(v, e.Offset)
			binary.NativeEndian.PutUint64(v[8:], e.Length)
			binary.NativeEndian.PutUint64(v[16:], e.Addr)
			values = append(values, v)
		}
		key := binary.NativeEndian.AppendUint64(nil, 5)
		if err := programs.InKernel(m.Collection(), m.Spec()).PutArray("inodes", key, values); err != nil {
			b.Fatal(err)
		}
		return extents, kernelTime(b, m, in), empty
	}
	for _, c := range []struct {
		name   string
		before func(n uint64) asm.Instructions
		most   float64
	}{
		{"sequential", func(n uint64) asm.Instructions { return sequential(4096, lengthOf(n)) }, 3},
		{"random", func(n uint64) asm.Instructions { return uniform(lengthOf(n)) }, 8},
	} {
		b.Run(c.name, func(b *testing.B) {
			small, smallSearch, smallEmpty := measure(few, c.before)
			large, search, empty := measure(many, c.before)
			over, overSmall := large-empty, small-smallEmpty
			b.ReportMetric(overSmall, "ns-16")
			b.ReportMetric(over, "ns-1000000")
			b.ReportMetric(over/overSmall, "x-16")
			b.ReportMetric(smallSearch-smallEmpty, "ns-search-16")
			b.ReportMetric(search-empty, "ns-search-1000000")
			b.ReportMetric(0, "ns/op")
			b.Logf("over an empty program: %d extents %.0f ns, %d extents %.0f ns, binary search %.0f and %.0f ns", few, overSmall, many, over, smallSearch-smallEmpty, search-empty)
			wanted(b, over <= c.most*overSmall, "%.1f ns over an empty program for %d extents, %.1f times the %.1f for %d: at most %.0f times", over, many, over/overSmall, overSmall, few, c.most)
			wanted(b, over < search-empty, "%.1f ns over an empty program for %d extents, a plain binary search takes %.1f: less", over, many, search-empty)
		})
	}
}

// BenchmarkInTheInterpreter gives the same for package emu.
func BenchmarkInTheInterpreter(b *testing.B) {
	for _, c := range benchCases {
		b.Run(c.name, func(b *testing.B) {
			x, err := programs.Emulate(c.params, nil, emu.IomapOptions{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := x.Begin(5, c.in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPut enters a set of extents into an interpreter.
func BenchmarkPut(b *testing.B) {
	extents := manyExtents(100000)
	for b.Loop() {
		p := programs.ExtentsParams{Files: []programs.ExtentsFile{{Inode: 5, Extents: extents}}}
		if _, err := programs.Emulate(p, nil, emu.IomapOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
