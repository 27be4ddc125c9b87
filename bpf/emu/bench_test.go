// SPDX-License-Identifier: MIT

package emu

import (
	"testing"

	"github.com/cilium/ebpf/asm"
)

// loopProgram does 1000 rounds of nine instructions: arithmetic, a compare, a
// spill and a load.
func loopProgram() asm.Instructions {
	return asm.Instructions{
		asm.Mov.Imm(asm.R0, 0),
		asm.Mov.Imm(asm.R1, 1000),
		asm.Add.Reg(asm.R0, asm.R1).WithSymbol("loop"),
		asm.Xor.Imm(asm.R0, 0x55),
		asm.LSh.Imm(asm.R0, 1),
		asm.StoreMem(asm.RFP, -8, asm.R0, asm.DWord),
		asm.LoadMem(asm.R2, asm.RFP, -8, asm.DWord),
		asm.And.Imm32(asm.R2, 0xff),
		asm.JEq.Imm(asm.R2, 0x1ff, "out"),
		asm.Sub.Imm(asm.R1, 1),
		asm.JNE.Imm(asm.R1, 0, "loop"),
		asm.Return().WithSymbol("out"),
	}
}

// BenchmarkInstruction reports nanoseconds an instruction.
func BenchmarkInstruction(b *testing.B) {
	m, err := New(collection(loopProgram()), Options{})
	if err != nil {
		b.Fatal(err)
	}
	p, err := m.Program("prog")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	var steps uint64
	for b.Loop() {
		r, err := p.Call()
		if err != nil {
			b.Fatal(err)
		}
		steps += r.Steps
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(steps), "ns/instruction")
}
