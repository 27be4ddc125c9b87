// SPDX-License-Identifier: MIT

package emu

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

// mapsToTry are the maps random programs work on: with four elements, all but
// those that forget on their own, which the kernel does as it likes.
func mapsToTry() map[string]*ebpf.MapSpec {
	all := map[string]*ebpf.MapSpec{}
	for name, typ := range map[string]ebpf.MapType{
		"hash": ebpf.Hash, "array": ebpf.Array, "percpuhash": ebpf.PerCPUHash, "percpuarray": ebpf.PerCPUArray, "lru": ebpf.LRUHash,
	} {
		all[name] = &ebpf.MapSpec{Name: name, Type: typ, KeySize: 4, ValueSize: 8, MaxEntries: 4}
	}
	all["lru"].MaxEntries = 1024
	all["allocated"] = &ebpf.MapSpec{Name: "allocated", Type: ebpf.Hash, KeySize: 4, ValueSize: 8, MaxEntries: 4, Flags: 1} // BPF_F_NO_PREALLOC
	return all
}

// mapProgram makes a program of random look-ups, updates with every flag and
// deletions. What they give is folded into r8, which is in the data at the end.
func mapProgram(rng *rand.Rand) asm.Instructions {
	names := slices.Sorted(maps.Keys(mapsToTry()))
	p := asm.Instructions{asm.Mov.Imm(asm.R8, 1)}
	fold := func(r asm.Register) {
		p = append(p, asm.Mul.Imm(asm.R8, 31), asm.Add.Reg(asm.R8, r))
	}
	for i := range 40 {
		p = append(p, storeImm(asm.RFP, -4, int64(rng.IntN(6)), asm.Word), asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, -4),
			mapPtr(asm.R1, names[rng.IntN(len(names))]))
		switch rng.IntN(4) {
		case 0, 1:
			none, next := fmt.Sprintf("none%d", i), fmt.Sprintf("next%d", i)
			p = append(p, asm.FnMapLookupElem.Call(), asm.JEq.Imm(asm.R0, 0, none), asm.LoadMem(asm.R1, asm.R0, 0, asm.DWord))
			fold(asm.R1)
			p = append(p, asm.StoreMem(asm.R0, 0, asm.R8, asm.DWord), asm.Ja.Label(next), asm.Add.Imm(asm.R8, 7).WithSymbol(none),
				asm.Mov.Reg(asm.R8, asm.R8).WithSymbol(next))
		case 2:
			p = append(p, asm.StoreMem(asm.RFP, -16, asm.R8, asm.DWord), asm.Mov.Reg(asm.R3, asm.RFP), asm.Add.Imm(asm.R3, -16),
				asm.Mov.Imm(asm.R4, []int32{0, 0, 0, 1, 2, 3, 9}[rng.IntN(7)]), asm.FnMapUpdateElem.Call())
			fold(asm.R0)
		case 3:
			p = append(p, asm.FnMapDeleteElem.Call())
			fold(asm.R0)
		}
	}
	return append(p, dataAddress(asm.R6, 0), asm.StoreMem(asm.R6, 0, asm.R8, asm.DWord), asm.Mov.Imm(asm.R0, 0), asm.Return())
}

// runWithMaps runs such a program in the kernel and gives the data after.
func (k *kernel) runWithMaps(insns asm.Instructions) ([]byte, error) {
	insns = slices.Clone(insns)
	for name, spec := range mapsToTry() {
		m, err := ebpf.NewMap(spec)
		if err != nil {
			return nil, err
		}
		defer func() { _ = m.Close() }()
		if err := insns.AssociateMap(name, m); err != nil && !errors.Is(err, asm.ErrUnreferencedSymbol) {
			return nil, err
		}
	}
	return k.run(insns, make([]byte, dataSize), true)
}

func TestMapHelpersDoWhatTheKernelDoes(t *testing.T) {
	k := newKernel(t)
	n := uint64(150)
	if testing.Short() {
		n = 30
	}
	for i := range n {
		insns := mapProgram(rand.New(rand.NewPCG(*kernelSeed, i)))
		spec := collection(insns)
		spec.Maps = mapsToTry()
		spec.Maps["data"] = &ebpf.MapSpec{Type: ebpf.Array, KeySize: 4, ValueSize: dataSize, MaxEntries: 1}
		m, err := New(spec, Options{})
		if err != nil {
			t.Fatal(err)
		}
		call(t, m, "prog")
		got := lookup[[dataSize]byte](t, m, "data", uint32(0))
		want, err := k.runWithMaps(insns)
		if err != nil {
			t.Fatalf("seed %d, program %d: %v", *kernelSeed, i, err)
		}
		if !bytes.Equal(got[:], want) {
			t.Fatalf("seed %d, program %d: %x, in the kernel %x:\n%v", *kernelSeed, i, got[:8], want[:8], insns)
		}
	}
}
