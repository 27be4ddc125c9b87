// SPDX-License-Identifier: MIT

package emu

import (
	"errors"
	"fmt"
	"strings"
)

// What stops a program. Every [Fault] wraps one of these; test with errors.Is.
var (
	ErrNull          = errors.New("NULL pointer access")
	ErrOutOfBounds   = errors.New("access out of bounds")
	ErrReadOnly      = errors.New("write to read-only memory")
	ErrFreed         = errors.New("access to freed memory")
	ErrUninitialised = errors.New("read of an uninitialised value")
	ErrNotPointer    = errors.New("not a pointer to memory")
	ErrMisaligned    = errors.New("misaligned atomic access")
	ErrBudget        = errors.New("instruction budget used up")
	ErrStackDepth    = errors.New("calls nested too deep")
	ErrUnsupported   = errors.New("not supported")
	ErrPoisoned      = errors.New("instruction poisoned by CO-RE")
	ErrHelper        = errors.New("wrong use of a helper")
	ErrLeak          = errors.New("reference not released")
	ErrCallback      = errors.New("error in a Go callback")
)

// problem is a fault before it is known where it happened.
type problem struct {
	kind  error
	what  string
	cause error  // what a Go callback returned
	fault *Fault // of a callback in BPF, which knows better where it happened
}

// Fault is what stopped a program: what happened, where, and the state the
// program was in. Its text is one line in the form of a compiler's message and
// then, indented, the program, the instruction, its source line, the registers
// and the chain of calls.
type Fault struct {
	Program   string     // name of the program that was called
	Function  string     // function of the program the instruction is in
	Slot      int        // position in the program, in 8-byte slots as llvm-objdump and the verifier count
	Text      string     // the instruction
	File      string     // from line information; empty without
	Line      int        // from 1; 0 without line information
	Column    int        // from 1; 0 without
	Source    string     // the source line; empty without
	What      string     // what happened and what to do
	Registers [11]uint64 // r0 to r10
	Meaning   [11]string // each register as a number, or as what it points to
	Calls     []string   // "function, instruction n" of each caller, innermost first
	Steps     uint64     // instructions executed, this one not included
	kind      error
	cause     error
}

// Error implements error.
func (f *Fault) Error() string {
	var b strings.Builder
	if f.File != "" {
		fmt.Fprintf(&b, "%s:%d:%d: ", f.File, f.Line, f.Column)
	}
	fmt.Fprintf(&b, "%s\n\tprogram %s, ", f.What, f.Program)
	if f.Function != f.Program {
		fmt.Fprintf(&b, "function %s, ", f.Function)
	}
	fmt.Fprintf(&b, "instruction %d: %s", f.Slot, f.Text)
	if f.Source != "" {
		fmt.Fprintf(&b, "\n\tsource: %s", f.Source)
	}
	b.WriteString("\n\tregisters:")
	for i, s := range f.Meaning {
		fmt.Fprintf(&b, " r%d=%s", i, s)
		if i < len(f.Meaning)-1 {
			b.WriteByte(',')
		}
	}
	for _, c := range f.Calls {
		fmt.Fprintf(&b, "\n\tcalled from %s", c)
	}
	return b.String()
}

// Unwrap gives the kind of fault, one of the errors above, and the error a Go
// callback returned, if that is what stopped the program.
func (f *Fault) Unwrap() []error {
	if f.cause != nil {
		return []error{f.kind, f.cause}
	}
	return []error{f.kind}
}

// fault completes a problem with where it happened: op pc of the running
// program.
func (m *Machine) fault(pc int, p *problem, cause error) *Fault {
	in := m.prog.ins[pc]
	f := &Fault{
		Program: m.prog.name, Function: m.prog.functionAt(pc), Slot: in.slot, Text: in.text(),
		What: p.what, kind: p.kind, cause: cause, Steps: m.steps,
	}
	f.File, f.Line, f.Column, f.Source = in.source()
	for i := range f.Registers {
		f.Registers[i] = m.regs[i]
		f.Meaning[i] = m.describe(m.regs[i])
		if m.prog.checked && m.init&(1<<i) == 0 && m.prog.ops[pc].code != opHelper {
			f.Meaning[i] = "?"
		}
	}
	for d := m.depth; d > 0; d-- {
		at := int(m.frames[d].ret) - 1
		if m.frames[d].callback {
			at = int(m.frames[d].site)
		}
		caller := m.prog.ins[at]
		f.Calls = append(f.Calls, fmt.Sprintf("%s, instruction %d", m.prog.functionAt(at), caller.slot))
	}
	return f
}
