// SPDX-License-Identifier: MIT

package emu

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf"
)

// Arg is an argument of a call: a number, or memory. Make one with [Scalar],
// [Mem], [Null] or [Pointer].
type Arg struct {
	name     string
	value    uint64
	mem      []byte
	writable bool
	isMem    bool
}

// Args are the arguments of a call, in order.
type Args []Arg

// Scalar is an integer argument of any width; pass signed ones as
// Scalar(uint64(v)), which extends the sign as the kernel does.
func Scalar(v uint64) Arg { return Arg{value: v} }

// Mem is a pointer to b. The program sees b itself: what it writes is in b
// after the call, in the byte order of the object. name appears in messages.
// Accesses past len(b) are reported, and writes unless writable. An empty b is
// a pointer nothing may be read through, as to an opaque type.
func Mem(name string, b []byte, writable bool) Arg {
	return Arg{name: name, mem: b, writable: writable, isMem: true}
}

// Null is a NULL pointer.
func Null() Arg { return Arg{} }

// Result is what a call gives besides the memory it wrote.
type Result struct {
	R0    uint64 // return value; a C function that returns 32 bits defines only the lower ones
	Steps uint64 // instructions executed, lddw counted once
}

// Program is a program of a [Machine], ready to be called.
type Program struct {
	m *Machine
	p *program
}

// Name is that of the program's function.
func (p *Program) Name() string { return p.p.name }

// Spec is what the program was loaded from.
func (p *Program) Spec() *ebpf.ProgramSpec { return p.p.spec }

// Call calls the program as the kernel calls a struct_ops, fentry or raw
// tracepoint program: r1 points to an array of 64-bit arguments, which the
// macro BPF_PROG takes apart. There are at most 12. The error is a *[Fault] if
// the program was stopped.
func (p *Program) Call(args ...Arg) (Result, error) {
	m := p.m
	if len(args) > maxArgs {
		return Result{}, fmt.Errorf("emu: %d arguments: a program takes at most %d", len(args), maxArgs)
	}
	if m.running {
		return Result{}, errNested
	}
	ctx := m.ctx[:8*len(args)]
	for i := range args {
		a := &args[i]
		v := a.value
		if a.isMem {
			v = m.argument(firstArg+i, a)
		}
		m.bo.PutUint64(ctx[8*i:], v)
	}
	g := &m.regions[contextRegion]
	g.data, g.flags = ctx, 0
	m.names[contextRegion] = "ctx"
	return m.start(p.p, pointer(contextRegion), firstArg+len(args))
}

// Run calls the program with r1 set to ctx itself: a pointer to the context of
// a program type that has one, such as syscall programs. Contexts whose fields
// the kernel translates (sk_buff, xdp_md) are plain memory here: what they
// point to must be entered with [Machine.NewRegion].
func (p *Program) Run(ctx Arg) (Result, error) {
	m := p.m
	if m.running {
		return Result{}, errNested
	}
	v := ctx.value
	if ctx.isMem {
		v = m.argument(contextRegion, &ctx)
	}
	return m.start(p.p, v, firstArg)
}

var errNested = errors.New("emu: a program is running already: a Go callback cannot call another of the same machine")

// argument makes memory reachable through one of the fixed regions.
func (m *Machine) argument(id int, a *Arg) uint64 {
	g := &m.regions[id]
	g.data, g.flags = a.mem, 0
	if a.writable {
		g.flags = flagWrite
	}
	m.names[id] = a.name
	return pointer(id)
}

// start runs a program from its beginning and cleans up after it.
func (m *Machine) start(p *program, r1 uint64, regions int) (Result, error) {
	m.running = true
	m.call++
	m.prog = p
	m.steps = 0
	m.depth = 0
	*(*[scratch + 1]uint64)(m.regs[:]) = [scratch + 1]uint64{1: r1}
	m.init = 1<<1 | 1<<10
	m.frames[0].gotos = maxGoto
	m.pushStack(&m.frames[0], 0)
	f := m.run(0)
	if f == nil {
		f = m.leaks()
	}
	for {
		m.dropStack()
		if m.depth == 0 {
			break
		}
		m.depth--
	}
	for id := contextRegion; id < regions; id++ {
		m.regions[id].data = nil
		m.regions[id].flags = flagFreed
	}
	m.endTemps()
	m.running = false
	if f != nil {
		m.abandon()
		return Result{Steps: m.steps}, f
	}
	return Result{R0: m.regs[0], Steps: m.steps}, nil
}

// leaks reports what the verifier would not let a program keep past its exit.
func (m *Machine) leaks() *Fault {
	if m.reserved == 0 && m.locked == 0 && len(m.iterators) == 0 {
		return nil
	}
	last := len(m.prog.ops) - 1
	for pc := range m.prog.ops {
		if m.prog.ops[pc].code == opExit && m.prog.function[pc] == 0 {
			last = pc
		}
	}
	if m.locked != 0 {
		return m.fault(last, &problem{kind: ErrLeak, what: fmt.Sprintf("the program returns with the spin lock in %s held: call bpf_spin_unlock on every path", m.describe(m.locked))}, nil)
	}
	if n := len(m.iterators); n > 0 {
		return m.fault(last, &problem{kind: ErrLeak, what: fmt.Sprintf("the program returns and %s that bpf_iter_num_new made not destroyed: call bpf_iter_num_destroy on every path", plural(uint64(n), "iterator"))}, nil)
	}
	return m.fault(last, &problem{kind: ErrLeak, what: fmt.Sprintf("the program returns and %s it reserved with bpf_ringbuf_reserve neither submitted nor discarded: do one of them on every path", plural(uint64(m.reserved), "record"))}, nil)
}

// abandon puts right what a program that was stopped left behind.
func (m *Machine) abandon() {
	m.locked, m.iterators = 0, m.iterators[:0]
	if m.reserved == 0 {
		return
	}
	for _, mp := range m.maps {
		if mp.ring != nil {
			mp.ring.discardReserved(m)
		}
	}
	m.reserved = 0
}

// budgetProblem words the end of the budget.
func (m *Machine) budgetProblem() *problem {
	return &problem{kind: ErrBudget, what: fmt.Sprintf("more than %d instructions executed: the program loops for ever, or set Options.Budget", m.budget)}
}

// uninitialisedRegister words the read of registers nothing was written to.
func uninitialisedRegister(missing regset) *problem {
	s := ""
	for i := range 11 {
		if missing&(1<<i) != 0 {
			if s != "" {
				s += " and "
			}
			s += fmt.Sprintf("r%d", i)
		}
	}
	why := "nothing was written to it on this path, or a call since then cleared it"
	if missing == 1 {
		why = "nothing was written to it on this path: a program must set its result"
	}
	return &problem{kind: ErrUninitialised, what: fmt.Sprintf("read of %s: %s", s, why)}
}
