// SPDX-License-Identifier: MIT

package emu

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/cilium/ebpf/asm"
)

// pair is a move and the arithmetic after it, on values in r2, r3 and r4.
type pair struct{ move, then asm.Instruction }

// result runs the pair with something between the two and gives r0, where the
// outcome is, the steps, and how many ops the program has.
func (p pair) result(t *testing.T, between asm.Instructions, values [3]int64) (r0, steps uint64, ops int) {
	t.Helper()
	insns := asm.Instructions{
		asm.LoadImm(asm.R2, values[0], asm.DWord), asm.LoadImm(asm.R3, values[1], asm.DWord), asm.LoadImm(asm.R4, values[2], asm.DWord), p.move,
	}
	insns = append(insns, between...)
	insns = append(insns, p.then, asm.Mov.Reg(asm.R0, asm.R2), asm.Return())
	prog := machine(t, binary.LittleEndian, insns, Options{})
	r, err := prog.Call()
	if err != nil {
		t.Fatal(err)
	}
	return r.R0, r.Steps, len(prog.p.ops)
}

// skip is a jump to the next instruction, which is then one that others jump to.
func skip() asm.Instructions {
	return asm.Instructions{{OpCode: asm.Ja.Op(asm.ImmSource)}}
}

// Every operation of two operands after every move: the outcome and the number
// of steps are those of the same with a jump between the two, which keeps them
// apart.
func TestAMoveAndWhatFollowsAreOneAndMeanTheSame(t *testing.T) {
	values := [][3]int64{
		{7, 3, 5}, {-1, 1 << 40, 0}, {1 << 62, -9, 0x1_0000_0001}, {0, 0, -1 << 63}, {0x1234_5678_9abc_def0, -0x7fff_ffff_0000_0003, 33},
	}
	ops := slices.SortedFunc(maps.Keys(aluCodes), func(a, b asm.ALUOp) int { return int(a) - int(b) })
	for _, op := range ops {
		for _, wideMove := range []bool{true, false} {
			move := asm.Mov.Reg(asm.R2, asm.R3)
			if !wideMove {
				move = asm.Mov.Reg32(asm.R2, asm.R3)
			}
			for name, then := range map[string]asm.Instruction{
				"64 bits, another": op.Reg(asm.R2, asm.R4), "64 bits, moved": op.Reg(asm.R2, asm.R3), "64 bits, itself": op.Reg(asm.R2, asm.R2),
				"64 bits, number": op.Imm(asm.R2, -7), "64 bits, zero": op.Imm(asm.R2, 0),
				"32 bits, another": op.Reg32(asm.R2, asm.R4), "32 bits, moved": op.Reg32(asm.R2, asm.R3), "32 bits, itself": op.Reg32(asm.R2, asm.R2),
				"32 bits, number": op.Imm32(asm.R2, -7), "32 bits, zero": op.Imm32(asm.R2, 0),
			} {
				t.Run(fmt.Sprintf("%v/wide=%v/%s", op, wideMove, name), func(t *testing.T) {
					for _, v := range values {
						p := pair{move, then}
						got, steps, joined := p.result(t, nil, v)
						want, more, apart := p.result(t, skip(), v)
						if got != want || steps+1 != more {
							t.Errorf("of %v: %#x in %d steps, apart %#x in %d", v, got, steps, want, more)
						}
						saved := 1
						if wideMove || then.OpCode.Class() == asm.ALUClass {
							saved = 2 // the jump and the move
						}
						if apart-joined != saved {
							t.Fatalf("%d ops, and %d apart: want %d less", joined, apart, saved)
						}
					}
				})
			}
		}
	}
}

func TestWhatAJumpGoesToIsNotJoined(t *testing.T) {
	// The first time the move is skipped, and r2 is 1.
	prog := machine(t, binary.LittleEndian, asm.Instructions{
		asm.Mov.Imm(asm.R2, 1), asm.Mov.Imm(asm.R3, 100), asm.Mov.Imm(asm.R0, 0),
		asm.Ja.Label("then"),
		asm.Mov.Reg(asm.R2, asm.R3).WithSymbol("move"),
		asm.Add.Imm(asm.R2, 5).WithSymbol("then"),
		asm.Add.Reg(asm.R0, asm.R2),
		asm.JLT.Imm(asm.R0, 100, "move"),
		asm.Return(),
	}, Options{})
	if r, err := prog.Call(); err != nil || r.R0 != 6+105 || r.Steps != 12 {
		t.Errorf("%d in %d steps, %v; want 111 in 12", r.R0, r.Steps, err)
	}
}

func TestAMoveToAnotherRegisterIsNotJoined(t *testing.T) {
	p := pair{asm.Mov.Reg(asm.R4, asm.R3), asm.Add.Imm(asm.R2, 5)}
	if got, steps, _ := p.result(t, nil, [3]int64{1, 10, 100}); got != 6 || steps != 7 {
		t.Errorf("%d in %d steps, want 6 in 7", got, steps)
	}
}
