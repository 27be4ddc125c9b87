// SPDX-License-Identifier: MIT

package emu

import (
	"fmt"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
)

// program is a decoded program.
type program struct {
	name     string
	spec     *ebpf.ProgramSpec
	ops      []op
	ins      []where // instruction of each op
	funcs    []function
	function []int32 // index into funcs for each op
	traps    []*problem
	checked  bool // registers are checked for initialisation as it runs
}

// function is one function of a program.
type function struct {
	name string
	op   int32 // its first
}

// functionAt names the function an op belongs to.
func (p *program) functionAt(pc int) string {
	if p == nil || pc < 0 || pc >= len(p.function) {
		return "?"
	}
	return p.funcs[p.function[pc]].name
}

// where is the origin of an op.
type where struct {
	slot int
	in   *asm.Instruction
	line fmt.Stringer // the source it was compiled from, nil if not known
}

// sourceOf gives the line instruction i was compiled from: line information says
// where another begins, so what follows in the function is of the same.
func sourceOf(insns asm.Instructions, i int) fmt.Stringer {
	for ; i >= 0; i-- {
		if line := insns[i].Source(); line != nil {
			return line
		}
		if btf.FuncMetadata(&insns[i]) != nil {
			break
		}
	}
	return nil
}

func (w where) text() string { return strings.TrimSpace(fmt.Sprintf("%v", *w.in)) }

// source gives the line an instruction was compiled from.
func (w where) source() (file string, line, column int, text string) {
	switch s := w.line.(type) {
	case *btf.Line:
		return s.FileName(), int(s.LineNumber()), int(s.LineColumn()), strings.TrimSpace(s.Line())
	case nil:
		return "", 0, 0, ""
	default:
		return "", 0, 0, strings.TrimSpace(s.String())
	}
}

// at prefixes a message with the position of an instruction.
func (w where) at(fn, format string, args ...any) error {
	msg := fmt.Sprintf(format, args...)
	if file, line, column, _ := w.source(); file != "" {
		return fmt.Errorf("%s:%d:%d: function %s, instruction %d: %s: %s", file, line, column, fn, w.slot, w.text(), msg)
	}
	return fmt.Errorf("function %s, instruction %d: %s: %s", fn, w.slot, w.text(), msg)
}
