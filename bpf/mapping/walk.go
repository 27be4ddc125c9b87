// SPDX-License-Identifier: MIT

package mapping

import (
	"fmt"

	"github.com/fuseiomap/abigen/abi"
)

// Caller has iomap_begin; *emu.Iomap is one.
type Caller interface {
	// Begin calls iomap_begin for an inode.
	Begin(nodeid uint64, in abi.IomapBeginIn) (abi.IomapBeginOut, abi.IomapBPFRet, error)
}

// Request is what to ask.
type Request struct {
	// Inode is the node id.
	Inode uint64
	// From and To are the range of the file in bytes, without To itself.
	From, To uint64
	// Op is what the kernel would be about to do.
	Op abi.IomapOpFlags
	// FS is what answers are checked against. BlockSize is also how far to go on
	// after a fallback; 0 is 4096 for that.
	FS abi.FS
	// Most bounds the calls; 0 is a million.
	Most int
}

const (
	defaultBlock = 4096
	defaultMost  = 1 << 20
)

// Extent is an answer, or several fallbacks one after the other.
type Extent struct {
	// Pos is what was asked for.
	Pos uint64
	// Offset and Length are the mapping's, or the range that fell back.
	Offset, Length uint64
	// Ret is what the program returned. Answer counts if it is FIB_HANDLED.
	Ret    abi.IomapBPFRet
	Answer abi.IomapBeginOut
	// Broken are the rules that the answer breaks; Warnings what the kernel
	// accepts and probably nobody wants.
	Broken, Warnings []abi.Problem
}

// Handled tells whether the program answered.
func (e *Extent) Handled() bool { return e.Ret == abi.FIB_HANDLED }

// Result is what the program answered for a range.
type Result struct {
	Request Request
	Extents []Extent // in the order of the file
	// Unchecked are the rules that Request.FS says too little for.
	Unchecked []abi.Unchecked
	// Calls is how often the program was called. Stopped tells that there were
	// too many, and Next where.
	Calls   int
	Stopped bool
	Next    uint64
}

// Walk asks for the range. The error is the program's, it wraps a *emu.Fault and
// says what was asked for, or a request that makes no sense.
func Walk(c Caller, r Request) (*Result, error) {
	if r.From >= r.To {
		return nil, fmt.Errorf("mapping: the range from %d to %d is empty: give an end after the beginning", r.From, r.To)
	}
	res := &Result{Request: r}
	block, most := uint64(r.FS.BlockSize), r.Most
	if block == 0 {
		block = defaultBlock
	}
	if most == 0 {
		most = defaultMost
	}
	for pos := r.From; pos < r.To; {
		if res.Calls == most {
			res.Stopped, res.Next = true, pos
			return res, nil
		}
		res.Calls++
		in := abi.IomapBeginIn{Pos: pos, Count: r.To - pos, Opflags: r.Op, AttrIno: r.Inode}
		out, ret, err := c.Begin(r.Inode, in)
		if err != nil {
			return nil, fmt.Errorf("%w\n\tasked for inode %d, position %d, count %d, operation %v", err, r.Inode, in.Pos, in.Count, in.Opflags)
		}
		next := pos - pos%block + block
		if next < pos {
			next = r.To
		}
		e := Extent{Pos: pos, Offset: pos, Length: min(next, r.To) - pos, Ret: ret, Answer: out}
		if ret == abi.FIB_HANDLED {
			next = res.judge(&e, in, next)
		} else if ret != abi.FIB_FALLBACK {
			e.Warnings = []abi.Problem{{
				Rule: 2, Field: "result", GoField: "Ret", Value: uint64(ret),
				Message: fmt.Sprintf("the result is %d: only 1 is an answer, so this is a fallback and no error", int32(ret)),
				Fix:     "return FIB_HANDLED or FIB_FALLBACK; a program cannot return an errno",
			}}
		}
		res.add(e)
		pos = next
	}
	return res, nil
}

// judge checks an answer and says where to go on: after it, or where it makes no
// sense, at the next block.
func (r *Result) judge(e *Extent, in abi.IomapBeginIn, nextBlock uint64) uint64 {
	report := abi.Validate(in, e.Answer, r.Request.FS)
	e.Broken, e.Warnings = report.Violations, report.Warnings
	r.Unchecked = report.Unchecked
	m := &e.Answer.Read
	e.Offset, e.Length = m.Offset, m.Length
	if end := m.Offset + m.Length; m.Offset <= in.Pos && end > in.Pos {
		return end
	}
	return nextBlock
}

// add appends an extent, or makes the last one longer if both are fallbacks.
func (r *Result) add(e Extent) {
	if n := len(r.Extents); n > 0 && !e.Handled() {
		if last := &r.Extents[n-1]; last.Ret == e.Ret && last.Offset+last.Length == e.Offset {
			last.Length += e.Length
			return
		}
	}
	r.Extents = append(r.Extents, e)
}

// Broken counts the rules that answers break.
func (r *Result) Broken() int {
	n := 0
	for i := range r.Extents {
		n += len(r.Extents[i].Broken)
	}
	return n
}

// counts counts the extents that were answered and those that were not, and the
// warnings.
func (r *Result) counts() (handled, fallback, warnings int) {
	for i := range r.Extents {
		if r.Extents[i].Handled() {
			handled++
		} else {
			fallback++
		}
		warnings += len(r.Extents[i].Warnings)
	}
	return handled, fallback, warnings
}

// summary is the last line of the text.
func (r *Result) summary() string {
	handled, fallback, warnings := r.counts()
	s := fmt.Sprintf("%s, %s left to the server, %s, %s, %d not checked",
		plural(handled, "mapping"), plural(fallback, "range"), plural(r.Broken(), "broken rule"), plural(warnings, "warning"), len(r.Unchecked))
	if r.Stopped {
		s += fmt.Sprintf("; stopped at %d after %d calls", r.Next, r.Calls)
	}
	return s
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
