// SPDX-License-Identifier: MIT

package main

import (
	"fmt"

	"github.com/cilium/ebpf/asm"

	"github.com/fuseiomap/abigen/bpf/emu"
	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/internal/jit"
)

// mostInstruction is what an instruction may take, in ns.
const mostInstruction = 4

func interpreterRows() []Row {
	const how = "A loop within this process calls the interpreter, with the records of package abi, and counts by its thread's CPU time. " + howKernel + " All on one processor."
	all := []Row{{
		ID: "interpreter/instruction", Title: "a loop of 9 instructions, 1000 rounds", Front: true,
		Ours: "bpf/emu", Peer: "the kernel's JIT", Unit: "ns an instruction", How: how,
		Measure: (*Bench).instruction,
	}}
	for _, c := range programCases {
		all = append(all, Row{
			ID: "interpreter/" + c.name, Title: c.what,
			Ours: "bpf/emu", Peer: "the kernel's JIT", Unit: "ns a call", How: how,
			Measure: func(b *Bench, rounds int) (Samples, error) { return b.interpreted(c, rounds) },
		})
	}
	return all
}

// instructions is arithmetic, a compare, a spill and a load.
func instructions() asm.Instructions {
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

func (b *Bench) instruction(rounds int) (Samples, error) {
	m, err := emu.New(beginProgram(instructions()), emu.Options{})
	if err != nil {
		return Samples{}, err
	}
	p, err := m.Program("program")
	if err != nil {
		return Samples{}, err
	}
	r, err := p.Call()
	if err != nil {
		return Samples{}, err
	}
	kernel, err := b.machine(beginProgram(instructions()), jit.Options{})
	if err != nil {
		return Samples{}, err
	}
	s, err := pair(rounds, loop(func(n int) error {
		for range n {
			if _, err := p.Call(); err != nil {
				return err
			}
		}
		return nil
	}), calls(kernel, programCases[0].in, shortSample))
	if err != nil {
		return s, err
	}
	for i := range rounds {
		s.Ours[i] /= float64(r.Steps)
		s.Peer[i] /= float64(r.Steps)
	}
	ns := median(s.Ours)
	s.Bounds = []Bound{{fmt.Sprintf("at most %d ns an instruction", mostInstruction), ns <= mostInstruction}}
	return s, nil
}

func (b *Bench) interpreted(c programCase, rounds int) (Samples, error) {
	x, err := programs.Emulate(c.params, nil, emu.IomapOptions{})
	if err != nil {
		return Samples{}, err
	}
	p, err := x.ProgramFor("fuse_iomap_bpf_ops", "iomap_begin")
	if err != nil {
		return Samples{}, err
	}
	// As the second revision calls it.
	fi := make([]byte, 64)
	x.ByteOrder().PutUint64(fi, inode)
	r, err := p.Call(emu.Mem("fi", fi, false), emu.Scalar(c.in.Pos), emu.Scalar(c.in.Count), emu.Scalar(uint64(c.in.Opflags)), emu.Mem("outarg", make([]byte, 64), true))
	if err != nil {
		return Samples{}, err
	}
	m, err := b.load(c.params)
	if err != nil {
		return Samples{}, err
	}
	s, err := pair(rounds, loop(func(n int) error {
		for range n {
			if _, _, err := x.Begin(inode, c.in); err != nil {
				return err
			}
		}
		return nil
	}), calls(m, c.in, shortSample))
	if err != nil {
		return s, err
	}
	s.Notes = []string{fmt.Sprintf("%d instructions: %s ns each with the interpreter's call, %s with the kernel's wrapper", r.Steps, value(median(s.Ours)/float64(r.Steps)), value(median(s.Peer)/float64(r.Steps)))}
	return s, nil
}
