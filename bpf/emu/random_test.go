// SPDX-License-Identifier: MIT

package emu

import (
	"fmt"
	"math/rand/v2"

	"github.com/cilium/ebpf/asm"
)

// generator makes random programs the kernel's verifier accepts: all registers
// hold numbers whenever control flow meets, pointers live only inside a group
// of instructions nothing jumps into.
//
// A program works on 256 bytes of global data in the array "data": the first
// 128 are its memory, the rest takes the registers and the stack at the end.
type generator struct {
	rng    *rand.Rand
	out    asm.Instructions
	labels int
	depth  int // of functions
	later  []asm.Instructions
}

const (
	dataSize  = 256
	dataUsed  = 128 // bytes programs work on
	stackUsed = 64  // bytes of each frame
)

// scalars are the registers that hold numbers; r6 points to the data, r9 counts
// loops.
var scalars = []asm.Register{asm.R0, asm.R1, asm.R2, asm.R3, asm.R4, asm.R5, asm.R7, asm.R8}

// randomProgram makes one.
func randomProgram(rng *rand.Rand) asm.Instructions {
	g := &generator{rng: rng}
	g.emit(dataAddress(asm.R6, 0))
	g.prologue(scalars)
	g.emit(asm.LoadImm(asm.R9, g.number(), asm.DWord))
	g.body(8 + rng.IntN(24))
	// Everything the program computed goes into the data.
	for i, r := range append([]asm.Register{asm.R9}, scalars...) {
		g.emit(asm.StoreMem(asm.R6, int16(dataUsed-8+8*i+8), r, asm.DWord))
	}
	for i := range 7 {
		g.emit(asm.LoadMem(asm.R0, asm.RFP, int16(-8-8*i), asm.DWord))
		g.emit(asm.StoreMem(asm.R6, int16(dataUsed+72+8*i), asm.R0, asm.DWord))
	}
	g.emit(asm.Mov.Imm(asm.R0, 0), asm.Return())
	for _, f := range g.later {
		g.out = append(g.out, f...)
	}
	return g.out
}

func dataAddress(dst asm.Register, off uint32) asm.Instruction {
	return asm.Instruction{
		OpCode: asm.LoadImmOp(asm.DWord), Dst: dst, Src: asm.PseudoMapValue, Constant: int64(off) << 32,
	}.WithReference("data")
}

func (g *generator) emit(in ...asm.Instruction) { g.out = append(g.out, in...) }

// prologue gives registers and the stack values.
func (g *generator) prologue(regs []asm.Register) {
	for _, r := range regs {
		g.emit(asm.LoadImm(r, g.number(), asm.DWord))
	}
	for i := range stackUsed / 8 {
		g.emit(asm.StoreMem(asm.RFP, int16(-8-8*i), regs[i%len(regs)], asm.DWord))
	}
}

// number prefers the edges.
func (g *generator) number() int64 {
	v := g.rng.Uint64()
	switch g.rng.IntN(6) {
	case 0:
		return int64(v)
	case 1:
		return int64(v % 70)
	case 2:
		return -int64(v % 70)
	case 3:
		return int64(uint64(1)<<(v%64) - v>>63)
	case 4:
		return int64(v >> 32)
	default:
		return int64(int32(v))
	}
}

func (g *generator) reg() asm.Register { return scalars[g.rng.IntN(len(scalars))] }

func (g *generator) size() asm.Size {
	return []asm.Size{asm.Byte, asm.Half, asm.Word, asm.DWord}[g.rng.IntN(4)]
}

// label names a place.
func (g *generator) label() string {
	g.labels++
	return fmt.Sprintf("l%d_%d", g.depth, g.labels)
}

// body makes n groups of instructions.
func (g *generator) body(n int) {
	for range n {
		switch k := g.rng.IntN(20); {
		case k < 8:
			g.emit(g.alu())
		case k < 11:
			g.jump()
		case k < 13:
			g.stackAccess()
		case k < 15:
			g.dataAccess()
		case k < 16:
			g.indexedAccess()
		case k < 18:
			g.atomic()
		case k < 19:
			g.call()
		default:
			g.loop()
		}
	}
}

// alu makes an arithmetic instruction of any kind.
func (g *generator) alu() asm.Instruction {
	wide := g.rng.IntN(2) == 0
	class := asm.ALUClass
	if wide {
		class = asm.ALU64Class
	}
	dst, src := g.reg(), g.reg()
	kinds := []asm.ALUOp{asm.Add, asm.Sub, asm.Mul, asm.Div, asm.SDiv, asm.Or, asm.And, asm.LSh, asm.RSh, asm.Neg, asm.Mod,
		asm.SMod, asm.Xor, asm.Mov, asm.MovSX8, asm.MovSX16, asm.MovSX32, asm.ArSh, asm.Swap}
	kind := kinds[g.rng.IntN(len(kinds))]
	if kind == asm.MovSX32 && !wide {
		kind = asm.Mov
	}
	code := asm.OpCode(class).SetALUOp(kind)
	switch kind {
	case asm.Neg:
		return asm.Instruction{OpCode: code, Dst: dst}
	case asm.Swap:
		if !wide && g.rng.IntN(2) == 0 {
			code |= 0x08
		}
		return asm.Instruction{OpCode: code, Dst: dst, Constant: 16 << g.rng.IntN(3)}
	case asm.MovSX8, asm.MovSX16, asm.MovSX32:
		return asm.Instruction{OpCode: code | 0x08, Dst: dst, Src: src}
	}
	if g.rng.IntN(2) == 0 {
		return asm.Instruction{OpCode: code | 0x08, Dst: dst, Src: src}
	}
	imm := int64(int32(g.number()))
	switch kind {
	case asm.Div, asm.SDiv, asm.Mod, asm.SMod:
		if imm == 0 {
			imm = 7
		}
	case asm.LSh, asm.RSh, asm.ArSh:
		imm &= 31
		if wide {
			imm = g.rng.Int64N(64)
		}
	}
	return asm.Instruction{OpCode: code, Dst: dst, Constant: imm}
}

// jump skips a few instructions, on a condition or always.
func (g *generator) jump() {
	to := g.label()
	kinds := []asm.JumpOp{asm.JEq, asm.JGT, asm.JGE, asm.JSet, asm.JNE, asm.JSGT, asm.JSGE, asm.JLT, asm.JLE, asm.JSLT, asm.JSLE}
	kind := kinds[g.rng.IntN(len(kinds))]
	dst, src, imm := g.reg(), g.reg(), int32(g.number())
	switch g.rng.IntN(9) {
	case 0:
		// A jump over what is never reached would be refused, so some way
		// leads there.
		over := g.label()
		g.emit(kind.Imm(dst, imm, over), asm.LongJump(to))
		g.emit(g.alu().WithSymbol(over))
	case 1, 2:
		g.emit(kind.Imm(dst, imm, to))
	case 3, 4:
		g.emit(kind.Imm32(dst, imm, to))
	case 5, 6:
		g.emit(kind.Reg(dst, src, to))
	default:
		g.emit(kind.Reg32(dst, src, to))
	}
	for range 1 + g.rng.IntN(4) {
		g.emit(g.alu())
	}
	g.emit(asm.Mov.Reg(dst, dst).WithSymbol(to))
}

// load makes a load of any width, with sign or without.
func (g *generator) load(dst, base asm.Register, off int16, size asm.Size) asm.Instruction {
	in := asm.LoadMem(dst, base, off, size)
	if size != asm.DWord && g.rng.IntN(2) == 0 {
		in.OpCode = in.OpCode.SetMode(asm.MemSXMode)
	}
	return in
}

// store makes a store of any width, of a register or a number.
func (g *generator) store(base asm.Register, off int16, size asm.Size) asm.Instruction {
	if g.rng.IntN(2) == 0 {
		return asm.StoreMem(base, off, g.reg(), size)
	}
	return asm.Instruction{
		OpCode: asm.OpCode(asm.StClass).SetMode(asm.MemMode).SetSize(size), Dst: base, Offset: off, Constant: int64(int32(g.number())),
	}
}

func (g *generator) stackAccess() {
	size := g.size()
	n := int16(size.Sizeof())
	off := -int16(stackUsed) + n*int16(g.rng.IntN(stackUsed/int(n)))
	if g.rng.IntN(2) == 0 {
		g.emit(g.load(g.reg(), asm.RFP, off, size))
	} else {
		g.emit(g.store(asm.RFP, off, size))
	}
}

// dataAccess reads or writes global data at any offset, aligned or not, through
// r6 or an address of its own.
func (g *generator) dataAccess() {
	size := g.size()
	off := int16(g.rng.IntN(dataUsed - size.Sizeof() + 1))
	base := asm.R6
	dst := g.reg()
	if g.rng.IntN(2) == 0 {
		at := int16(g.rng.IntN(int(off) + 1))
		base = dst
		g.emit(dataAddress(base, uint32(at)))
		off -= at
	}
	if g.rng.IntN(2) == 0 {
		g.emit(g.load(dst, base, off, size))
		return
	}
	src := asm.R9
	g.emit(asm.StoreMem(base, off, src, size))
	if base == dst {
		g.emit(asm.LoadImm(dst, g.number(), asm.DWord))
	}
}

// indexedAccess reaches the data with an index known only when it runs.
func (g *generator) indexedAccess() {
	size := g.size()
	index, base := g.reg(), g.reg()
	if index == base {
		return
	}
	off := int16(g.rng.IntN(dataUsed - 63 - size.Sizeof()))
	g.emit(asm.And.Imm(index, 63), asm.Mov.Reg(base, asm.R6), asm.Add.Reg(base, index))
	if g.rng.IntN(2) == 0 {
		g.emit(g.load(index, base, off, size))
	} else {
		g.emit(asm.StoreMem(base, off, index, size))
	}
	g.emit(asm.LoadImm(base, g.number(), asm.DWord))
}

// atomic operates on the data or the stack.
func (g *generator) atomic() {
	kinds := []asm.AtomicOp{asm.AddAtomic, asm.AndAtomic, asm.OrAtomic, asm.XorAtomic, asm.FetchAdd, asm.FetchAnd, asm.FetchOr,
		asm.FetchXor, asm.Xchg, asm.CmpXchg}
	size := asm.Word
	if g.rng.IntN(2) == 0 {
		size = asm.DWord
	}
	n := int16(size.Sizeof())
	base, off := asm.R6, n*int16(g.rng.IntN(dataUsed/int(n)))
	if g.rng.IntN(3) == 0 {
		base, off = asm.RFP, -int16(stackUsed)+n*int16(g.rng.IntN(stackUsed/int(n)))
	}
	kind := kinds[g.rng.IntN(len(kinds))]
	in := kind.Mem(base, g.reg(), size, off)
	in.Constant = int64(kind >> 8) // the library encodes an addition without it
	g.emit(in)
}

// loop repeats a few instructions a known number of times.
func (g *generator) loop() {
	to := g.label()
	g.emit(asm.Mov.Imm(asm.R9, int32(1+g.rng.IntN(4))))
	g.emit(g.alu().WithSymbol(to))
	for range g.rng.IntN(4) {
		g.emit(g.alu())
	}
	if g.rng.IntN(2) == 0 {
		g.stackAccess()
	}
	g.emit(asm.Sub.Imm(asm.R9, 1), asm.JNE.Imm(asm.R9, 0, to))
}

// call calls a function made for it, with numbers and a pointer to the
// caller's stack, at most three deep.
func (g *generator) call() {
	if g.depth == 3 || len(g.later) > 4 {
		g.emit(g.alu())
		return
	}
	name := fmt.Sprintf("f%d_%d", g.depth+1, g.rng.Uint32())
	pointer := g.rng.IntN(2) == 0
	off := -8 - 8*int32(g.rng.IntN(stackUsed/8))
	if pointer {
		g.emit(asm.Mov.Reg(asm.R1, asm.RFP), asm.Add.Imm(asm.R1, off))
	}
	g.emit(asm.Call.Label(name))
	for _, r := range scalars[1:6] {
		g.emit(asm.LoadImm(r, g.number(), asm.DWord))
	}
	f := &generator{rng: g.rng, depth: g.depth + 1, labels: 1000*len(g.later) + g.labels}
	f.emit(asm.Mov.Imm(asm.R0, int32(g.number())).WithSymbol(name))
	if pointer {
		size := f.size()
		f.emit(f.load(asm.R0, asm.R1, 0, size), asm.StoreMem(asm.R1, 0, asm.R2, size))
		f.emit(asm.LoadImm(asm.R1, f.number(), asm.DWord))
	}
	f.emit(dataAddress(asm.R6, 0))
	f.emit(asm.LoadImm(asm.R7, f.number(), asm.DWord), asm.LoadImm(asm.R8, f.number(), asm.DWord), asm.LoadImm(asm.R9, f.number(), asm.DWord))
	for i := range stackUsed / 8 {
		f.emit(asm.StoreMem(asm.RFP, int16(-8-8*i), scalars[i], asm.DWord))
	}
	f.body(2 + g.rng.IntN(6))
	f.emit(asm.Return())
	g.labels = f.labels
	g.later = append(append(g.later, f.out), f.later...)
}
