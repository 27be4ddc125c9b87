// SPDX-License-Identifier: MIT

package main

import (
	"encoding/binary"
	"fmt"
	"runtime"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/internal/jit"
)

// extentSizes are how many extents the inode has, in order.
var extentSizes = []int{16, 256, 4096, 65536, 1 << 20, 4 << 20}

// bounded is the size whose look-ups may take only so many times what they take
// among the fewest.
const bounded = 1 << 20

// Numbers of the wrapper's memory.
const (
	scratchState = iota // of the positions
	scratchOrder        // which positions come next
)

// order is which positions are asked for.
type order struct {
	name, title string
	number      uint64
	most        float64 // times the look-up among the fewest
}

var orders = []order{
	{"sequential", "in order", 0, 3},
	{"random", "anywhere", 1, 8},
}

func extentsRows() []Row {
	const how = howKernel + " The peer is a plain binary search as a BPF program, unrolled to as many steps as the number of extents needs. From both the call of an empty program with the same positions is taken off, measured in the same round. Extents are of 4 KiB with a hole after every second; positions advance by 4 KiB, or are uniformly random."
	var all []Row
	for _, n := range extentSizes {
		for _, o := range orders {
			all = append(all, Row{
				ID: fmt.Sprintf("extents/%s-%d", o.name, n), Title: fmt.Sprintf("%d extents, %s", n, o.title), Front: n == bounded,
				Ours: "extents", Peer: "binary search", Unit: "ns over empty", Wanted: 1, How: how,
				Measure: func(b *Bench, rounds int) (Samples, error) { return b.lookUps(n, o, rounds) },
			})
		}
	}
	return all
}

// extentSet is the programs with one set of extents.
type extentSet struct {
	n                      int
	extents, search, empty *jit.Machine
}

func (s *extentSet) close() {
	for _, m := range []*jit.Machine{s.extents, s.search, s.empty} {
		m.Close()
	}
}

func (b *Bench) lookUps(n int, o order, rounds int) (Samples, error) {
	if err := jit.Available(); err != nil {
		return Samples{}, missing{err.Error()}
	}
	set, err := b.extentsOf(n)
	if err != nil {
		return Samples{}, err
	}
	few := extentSizes[0]
	small, err := b.extentsOf(few)
	if err != nil {
		return Samples{}, err
	}
	var samples []sample
	for _, m := range []*jit.Machine{set.extents, set.search, set.empty, small.extents, small.empty} {
		for i, v := range []uint64{scratchState: 88172645463325252, scratchOrder: o.number} {
			if err := m.SetScratch(i, v); err != nil {
				return Samples{}, err
			}
		}
		samples = append(samples, calls(m, abi.IomapBeginIn{}, longSample))
	}
	if n != bounded {
		samples = samples[:3]
	}
	got, err := turns(rounds, samples...)
	if err != nil {
		return Samples{}, err
	}
	s := Samples{Ours: less(got[0], got[2]), Peer: less(got[1], got[2])}
	s.Notes = []string{fmt.Sprintf("an empty call takes %s ns", value(median(got[2])))}
	if n == bounded {
		by := median(ratios(s.Ours, less(got[3], got[4])))
		s.Bounds = []Bound{{fmt.Sprintf("%s among %d, at most %s", factor(by), few, factor(o.most)), by <= o.most}}
	}
	return s, nil
}

// extentsOf loads the programs with n extents, and drops those with another
// number but the fewest: a set is some hundred megabytes.
func (b *Bench) extentsOf(n int) (*extentSet, error) {
	for i, s := range b.sets {
		if s.n == n {
			return s, nil
		}
		if s.n != extentSizes[0] {
			s.close()
			b.sets = append(b.sets[:i], b.sets[i+1:]...)
			break
		}
	}
	all := manyExtents(n)
	length := all[n-1].Offset + all[n-1].Length
	opts := jit.Options{Before: positions(length)}
	s := &extentSet{n: n}
	p := programs.ExtentsParams{Files: []programs.ExtentsFile{{Inode: inode, Extents: all}}}
	spec, err := p.Program().Spec(nil)
	if err != nil {
		return nil, err
	}
	if err := p.Configure(spec); err != nil {
		return nil, err
	}
	for _, l := range []struct {
		into **jit.Machine
		spec *ebpf.CollectionSpec
	}{{&s.extents, spec}, {&s.search, binarySearch(n)}, {&s.empty, emptyProgram("iomap_begin")}} {
		if *l.into, err = jit.NewWithOptions(l.spec, opts); err != nil {
			return nil, err
		}
	}
	b.sets = append(b.sets, s)
	if err := p.Fill(programs.InKernel(s.extents.Collection(), s.extents.Spec())); err != nil {
		return nil, err
	}
	values := make([][]byte, n)
	memory := make([]byte, 0, 32*n)
	for i, e := range all {
		memory = binary.NativeEndian.AppendUint64(memory, e.Offset)
		memory = binary.NativeEndian.AppendUint64(memory, e.Length)
		memory = binary.NativeEndian.AppendUint64(memory, e.Addr)
		memory = binary.NativeEndian.AppendUint64(memory, 0)
		values[i] = memory[32*i:]
	}
	key := binary.NativeEndian.AppendUint64(nil, inode)
	err = programs.InKernel(s.search.Collection(), s.search.Spec()).PutArray("inodes", key, values)
	runtime.GC() // not while something is measured
	return s, err
}

// manyExtents are of 4 KiB with a hole after every second.
func manyExtents(n int) []programs.Extent {
	all := make([]programs.Extent, n)
	for i := range all {
		at := uint64(i)
		all[i] = programs.Extent{Offset: (at + at/2) * 4096, Length: 4096, Addr: at * 8192, Device: 1}
	}
	return all
}

// positions makes the position of each call, below length, in the order that the
// wrapper's memory says.
func positions(length uint64) asm.Instructions {
	insns := asm.Instructions{
		asm.LoadMem(asm.R0, asm.R6, int16(jit.ScratchAt+8*scratchOrder), asm.DWord),
		asm.JEq.Imm(asm.R0, 0, "in-order"),
	}
	insns = append(insns, jit.Uniform(scratchState, length)...)
	insns = append(insns, asm.Ja.Label("placed"))
	sequential := jit.Sequential(scratchState, 4096, length)
	sequential[0] = sequential[0].WithSymbol("in-order")
	insns = append(insns, sequential...)
	return append(insns, asm.Mov.Imm(asm.R0, 0).WithSymbol("placed"))
}
