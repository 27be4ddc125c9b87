// SPDX-License-Identifier: MIT

package emu

import (
	"github.com/cilium/ebpf/asm"
)

// A register that nothing was written to must not be read; the verifier refuses
// such programs. Watching every register of every instruction would cost a
// tenth of the speed, so a program is first examined without running it: which
// registers *may* be unwritten where, on any path. Compiled code never reads
// one that may be, and then nothing is checked. Where it might, the program is
// decoded with a check before each instruction, which knows the path taken.

// regset is a set of registers, bit n is rn.
type regset uint16

// effect is what an instruction does to registers.
type effect struct {
	reads    regset
	writes   regset
	clobbers regset // left without a value: r1 to r5 after a call
}

const (
	argRegs = regset(0x3e) // r1 to r5
	allRegs = regset(0x7ff)
)

func bit(r asm.Register) regset { return 1 << (r & 15) }

// effects finds the effect of every node.
func (d *decoder) effects() error {
	d.reg = make([]effect, len(d.nodes))
	for i := range d.nodes {
		d.reg[i] = d.effectOf(i)
	}
	return nil
}

func (d *decoder) effectOf(i int) effect {
	in := d.nodes[i].in
	dst, src := bit(in.Dst), bit(in.Src)
	switch class := in.OpCode.Class(); class {
	case asm.ALUClass, asm.ALU64Class:
		e := effect{reads: dst, writes: dst}
		kind := in.OpCode.ALUOp()
		if kind == asm.Mov || kind == asm.MovSX8 || kind == asm.MovSX16 || kind == asm.MovSX32 {
			e.reads = 0
		}
		if kind != asm.Swap && in.OpCode&0x08 != 0 {
			e.reads |= src
		}
		return e
	case asm.JumpClass, asm.Jump32Class:
		switch in.OpCode.JumpOp() {
		case asm.Ja, asm.JCOND:
			return effect{}
		case asm.Exit:
			if d.functionOf(i) == 0 {
				return effect{reads: bit(asm.R0)}
			}
			return effect{}
		case asm.Call:
			if in.Src == asm.PseudoCall {
				return effect{} // see flow, and opCall and opExit in run
			}
			e := effect{writes: bit(asm.R0), clobbers: argRegs}
			if h, ok := helperTable[asm.BuiltinFunc(in.Constant)]; ok && in.Src == 0 && d.m.opts.Helpers[asm.BuiltinFunc(in.Constant)] == nil {
				e.reads = argRegs & (1<<(h.args+1) - 1)
			}
			return e
		default:
			e := effect{reads: dst}
			if in.OpCode&0x08 != 0 {
				e.reads |= src
			}
			return e
		}
	case asm.LdClass:
		return effect{writes: dst}
	case asm.LdXClass:
		return effect{reads: src, writes: dst}
	case asm.StClass:
		return effect{reads: dst}
	default: // StXClass
		e := effect{reads: dst | src}
		if in.OpCode.Mode() == asm.AtomicMode {
			switch kind := in.OpCode.AtomicOp(); {
			case kind == asm.CmpXchg:
				e.reads |= bit(asm.R0)
				e.writes = bit(asm.R0)
			case kind&fetchBit != 0:
				e.writes = src
			}
		}
		return e
	}
}

// mayReadUninitialised says whether, on some path, a register is read that
// nothing was written to. in[i] is the set of registers that may be unwritten
// before node i; it only grows, until nothing changes.
func (d *decoder) mayReadUninitialised() bool {
	const unset = regset(1 << 15) // node not reached yet
	in := make([]regset, len(d.nodes))
	for i := range in {
		in[i] = unset
	}
	exits := make([]regset, len(d.starts)) // r0 at the exits of each function
	callers := make([][]int, len(d.starts))
	var work []int
	flow := func(to int, s regset) {
		if in[to] == unset {
			in[to] = s
			work = append(work, to)
		} else if in[to]|s != in[to] {
			in[to] |= s
			work = append(work, to)
		}
	}
	flow(0, allRegs&^bit(asm.R1)&^bit(asm.R10))
	for len(work) > 0 {
		i := work[len(work)-1]
		work = work[:len(work)-1]
		n, s := &d.nodes[i], in[i]
		switch {
		case n.in.IsFunctionCall():
			f := d.functionOf(n.target)
			callers[f] = append(callers[f], i)
			flow(n.target, s&argRegs|allRegs&^argRegs&^bit(asm.R10))
			flow(i+1, s&^bit(asm.R0)|argRegs|exits[f])
		case n.in.OpCode.Class().IsJump() && n.in.OpCode.JumpOp() == asm.Exit:
			f := d.functionOf(i)
			if r0 := s & bit(asm.R0); exits[f]|r0 != exits[f] {
				exits[f] |= r0
				work = append(work, callers[f]...)
			}
		case isJump(n.in):
			flow(n.target, s)
			if n.in.OpCode.JumpOp() != asm.Ja {
				flow(i+1, s)
			}
		default:
			if n.in.IsLoadOfFunctionPointer() {
				flow(n.target, allRegs&^bit(asm.R1)&^bit(asm.R2)&^bit(asm.R10))
			}
			flow(i+1, (s|d.reg[i].clobbers)&^d.reg[i].writes)
		}
	}
	for i := range in {
		if in[i] != unset && in[i]&d.reg[i].reads != 0 {
			return true
		}
	}
	return false
}
