// SPDX-License-Identifier: MIT

package main

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

// binarySearch is what extents is compared with: a program that does the same
// with a plain binary search over n entries of 32 bytes, each an offset, a length
// and an address, in an array of the inode. It is unrolled: as many steps as n
// needs and no more. What it answers is the entry.
func binarySearch(n int) *ebpf.CollectionSpec {
	insns := asm.Instructions{
		asm.LoadMem(asm.R6, asm.R1, 8, asm.DWord),  // pos
		asm.LoadMem(asm.R7, asm.R1, 32, asm.DWord), // outarg
		asm.LoadMem(asm.R8, asm.R1, 16, asm.DWord), // count, which the caller makes 0: the first candidate, of which the verifier knows nothing
		asm.LoadImm(asm.R9, int64(n), asm.DWord),   // behind the last
		asm.LoadMem(asm.R1, asm.R1, 0, asm.DWord),  // inode
		asm.LoadMem(asm.R1, asm.R1, 0, asm.DWord),  // its node id
		asm.StoreMem(asm.RFP, -32, asm.R1, asm.DWord),
		asm.LoadMapPtr(asm.R1, 0).WithReference("inodes"),
		asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, -32),
		asm.FnMapLookupElem.Call(),
		asm.JEq.Imm(asm.R0, 0, "none"),
		asm.StoreMem(asm.RFP, -24, asm.R0, asm.DWord), // its extents
	}
	// probe makes r0 the entry whose number is in r1.
	probe := asm.Instructions{
		asm.StoreMem(asm.RFP, -4, asm.R1, asm.Word),
		asm.LoadMem(asm.R1, asm.RFP, -24, asm.DWord),
		asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, -4),
		asm.FnMapLookupElem.Call(),
		asm.JEq.Imm(asm.R0, 0, "none"),
	}
	steps := bits.Len(uint(n - 1))
	for i := range steps {
		high := fmt.Sprintf("high%d", i)
		insns = append(insns,
			asm.Mov.Reg(asm.R1, asm.R8).WithSymbol(fmt.Sprintf("step%d", i)), asm.Add.Reg(asm.R1, asm.R9), asm.RSh.Imm(asm.R1, 1),
			asm.StoreMem(asm.RFP, -16, asm.R1, asm.DWord))
		insns = append(insns, probe...)
		insns = append(insns,
			asm.LoadMem(asm.R1, asm.R0, 0, asm.DWord),
			asm.LoadMem(asm.R2, asm.RFP, -16, asm.DWord),
			asm.JGT.Reg(asm.R1, asm.R6, high),
			asm.Mov.Reg(asm.R8, asm.R2),
			asm.Ja.Label(fmt.Sprintf("step%d", i+1)),
			asm.Mov.Reg(asm.R9, asm.R2).WithSymbol(high),
		)
	}
	insns = append(insns, asm.Mov.Reg(asm.R1, asm.R8).WithSymbol(fmt.Sprintf("step%d", steps)))
	insns = append(insns, probe...)
	for i := range 4 {
		insns = append(insns, asm.LoadMem(asm.R1, asm.R0, int16(8*i), asm.DWord), asm.StoreMem(asm.R7, int16(8*i), asm.R1, asm.DWord))
	}
	insns = append(insns,
		asm.Mov.Imm(asm.R0, 1), asm.Return(),
		asm.Mov.Imm(asm.R0, 0).WithSymbol("none"), asm.Return())
	spec := beginProgram(insns)
	spec.Maps = map[string]*ebpf.MapSpec{"inodes": {
		Name: "inodes", Type: ebpf.HashOfMaps, KeySize: 8, ValueSize: 4, MaxEntries: 16,
		InnerMap: &ebpf.MapSpec{Name: "sorted", Type: ebpf.Array, KeySize: 4, ValueSize: 32, MaxEntries: 1, Flags: 1 << 12}, // BPF_F_INNER_MAP
	}}
	spec.ByteOrder = binary.LittleEndian
	return spec
}
