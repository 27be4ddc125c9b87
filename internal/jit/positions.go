// SPDX-License-Identifier: MIT

package jit

import "github.com/cilium/ebpf/asm"

// posAt is the position among the arguments of iomap_begin.
const posAt = ArgsAt + 8

func scratchAt(i int) int16 { return int16(ScratchAt + 8*i) }

// Sequential is for Options.Before: it makes the position of each call a step
// after that of the one before, below limit. The state is in number i of the
// scratch memory.
func Sequential(i int, step int32, limit uint64) asm.Instructions {
	return asm.Instructions{
		asm.LoadMem(asm.R0, asm.R6, scratchAt(i), asm.DWord),
		asm.Add.Imm(asm.R0, step),
		asm.LoadImm(asm.R1, int64(limit), asm.DWord),
		asm.JLT.Reg(asm.R0, asm.R1, "below"),
		asm.Mov.Imm(asm.R0, 0),
		asm.StoreMem(asm.R6, scratchAt(i), asm.R0, asm.DWord).WithSymbol("below"),
		asm.StoreMem(asm.R6, posAt, asm.R0, asm.DWord),
	}
}

// Uniform does the same with any position below limit. The state must not be 0.
func Uniform(i int, limit uint64) asm.Instructions {
	shift := func(op asm.ALUOp, n int32) asm.Instructions {
		return asm.Instructions{asm.Mov.Reg(asm.R1, asm.R0), op.Imm(asm.R1, n), asm.Xor.Reg(asm.R0, asm.R1)}
	}
	insns := asm.Instructions{asm.LoadMem(asm.R0, asm.R6, scratchAt(i), asm.DWord)}
	insns = append(insns, shift(asm.LSh, 13)...)
	insns = append(insns, shift(asm.RSh, 7)...)
	insns = append(insns, shift(asm.LSh, 17)...)
	return append(insns,
		asm.StoreMem(asm.R6, scratchAt(i), asm.R0, asm.DWord),
		asm.RSh.Imm(asm.R0, 1),
		asm.LoadImm(asm.R1, int64(limit), asm.DWord),
		asm.Mod.Reg(asm.R0, asm.R1),
		asm.StoreMem(asm.R6, posAt, asm.R0, asm.DWord),
	)
}
