// SPDX-License-Identifier: MIT

package bpf

import (
	"fmt"
	"path"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
)

// VerifierError is the error of a program that the kernel's verifier refuses, or
// of an object whose BTF it does. It wraps [ErrVerifier] and the
// *ebpf.VerifierError with the whole log.
//
// What a person needs is in its fields and in its text: where in the source, what
// is wrong, what to do, and of the log the instructions that led there.
type VerifierError struct {
	// Program is the function in the object, Callback the member it is bound to.
	Program, Callback string
	// File, Line and Column are where the instruction comes from that is refused,
	// as the object has them: the file's name as the compiler was given it, line
	// and column from 1. Where the complaint is about no instruction they are the
	// program's first line. Empty and 0 where the object has no line information.
	File         string
	Line, Column int
	// Source is the source line, without the white space around it.
	Source string
	// Instruction is what is refused, as the verifier prints it, and Slot its
	// position in the program, in 8-byte slots. Empty and -1 where the complaint
	// is about no instruction.
	Instruction string
	Slot        int
	// Complaint is what the kernel says, word for word: a line, or several
	// joined with ": ". Empty where it says nothing.
	Complaint string
	// Reason and Suggestion are what the kernel says of it besides, in lines of
	// their own, from Linux 7 on and not for every complaint.
	Reason, Suggestion string
	// Cause says the same in plain words and Remedy what to do. Both are empty
	// for a complaint that is not known here: nothing is guessed.
	Cause, Remedy string
	// Path are the lines of the log that bear on it: the instruction, and those
	// before it that made the registers in question what they are, each with the
	// source line above it.
	Path []string
	// Log is what the verifier said, whole.
	Log []string
	err *ebpf.VerifierError
}

// newVerifierError is the error for program p of an object.
func newVerifierError(p *ebpf.ProgramSpec, callback string, err *ebpf.VerifierError) *VerifierError {
	e := &VerifierError{Program: p.Name, Callback: callback, Slot: -1, Log: err.Log, err: err}
	log := readLog(err.Log)
	e.Complaint = strings.Join(log.complaint, ": ")
	e.Reason, e.Suggestion = log.reason, log.suggestion
	if len(err.Log) > 0 && strings.HasPrefix(err.Log[0], "magic: ") {
		e.Path = lastType(err.Log)
		e.Complaint = strings.Join(e.Path, ": ")
		e.Cause, e.Remedy = explainBTF()
		return e
	}
	at := log.refused()
	if at != nil {
		e.Slot, e.Instruction = at.slot, at.text
		e.File, e.Line, e.Source = at.file, at.line, at.source
	}
	e.locate(p.Instructions)
	e.Path = log.path()
	e.Cause, e.Remedy = explain(log, e.Source)
	return e
}

// locate completes the place from the object's own line information: kernels
// before 6.9 print the source without file and line, none prints the column, and
// a complaint about no instruction has the program's first line.
func (e *VerifierError) locate(insns asm.Instructions) {
	var last *btf.Line
	for it := insns.Iterate(); it.Next(); {
		if e.Slot >= 0 && int(it.Offset) > e.Slot {
			break
		}
		if line, ok := it.Ins.Source().(*btf.Line); ok {
			last = line
		}
		if e.Slot < 0 && last != nil {
			break
		}
	}
	if last == nil {
		return
	}
	file := path.Clean(last.FileName())
	if e.File != "" && (e.File != path.Base(file) || e.Line != int(last.LineNumber())) {
		return // the kernel's word counts: this is not the program it was about
	}
	e.File, e.Line, e.Column, e.Source = file, int(last.LineNumber()), int(last.LineColumn()), strings.TrimSpace(last.Line())
}

// gaveUp is the error for a program that the verifier gave up on without handing
// out its log: the library takes that for a defect of the verifier, which it may be.
func gaveUp(p *ebpf.ProgramSpec, callback string, err error) *VerifierError {
	e := &VerifierError{Program: p.Name, Callback: callback, Slot: -1, err: &ebpf.VerifierError{Cause: err}}
	e.locate(p.Instructions)
	e.Cause = "the verifier gave up: one way through it has more than 8192 branches, or the verifier has a defect"
	e.Remedy = "bound each loop by a constant, or move its body into bpf_loop; if it has no long loop, see what the kernel's log says"
	return e
}

// lastType is the end of a log about BTF, which prints one type after the other
// up to the one it does not take: a line for the type, then one for each member.
func lastType(log []string) []string {
	for len(log) > 0 && strings.HasPrefix(log[len(log)-1], "processed ") {
		log = log[:len(log)-1]
	}
	n := len(log) - 1
	for n > 0 && strings.HasPrefix(log[n], "\t") {
		n--
	}
	if n < len(log)-2 {
		return []string{log[n], strings.TrimSpace(log[len(log)-1])}
	}
	lines := make([]string, 0, len(log)-n)
	for _, l := range log[n:] {
		lines = append(lines, strings.TrimSpace(l))
	}
	return lines
}

// Error is one line in the form of a compiler's message and then, indented, the
// source, the kernel's words, and the instructions that led there.
func (e *VerifierError) Error() string {
	var b strings.Builder
	if e.File != "" {
		fmt.Fprintf(&b, "%s:%d:", e.File, e.Line)
		if e.Column > 0 {
			fmt.Fprintf(&b, "%d:", e.Column)
		}
		b.WriteByte(' ')
	}
	b.WriteString(e.Program)
	if e.Callback != "" {
		fmt.Fprintf(&b, " (%s)", e.Callback)
	}
	complaint := e.Complaint
	if complaint == "" {
		complaint = "it does not say why"
	}
	fmt.Fprintf(&b, ": %v: ", ErrVerifier)
	if e.Cause == "" {
		fmt.Fprintf(&b, "%s (%v)", complaint, e.err.Cause)
	} else {
		fmt.Fprintf(&b, "%s: %s\n\tkernel: %s (%v)", e.Cause, e.Remedy, complaint, e.err.Cause)
	}
	if e.Reason != "" {
		fmt.Fprintf(&b, "\n\tkernel, why: %s", e.Reason)
	}
	if e.Suggestion != "" {
		fmt.Fprintf(&b, "\n\tkernel, what to do: %s", e.Suggestion)
	}
	if e.Source != "" {
		fmt.Fprintf(&b, "\n\tsource: %s", e.Source)
	}
	if len(e.Path) > 0 {
		fmt.Fprintf(&b, "\n\tof the %d lines of its log:", len(e.Log))
		for _, line := range e.Path {
			b.WriteString("\n\t\t" + line)
		}
	}
	return b.String()
}

// Unwrap returns [ErrVerifier] and the library's error.
func (e *VerifierError) Unwrap() []error { return []error{ErrVerifier, e.err} }
