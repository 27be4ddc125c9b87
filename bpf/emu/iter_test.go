// SPDX-License-Identifier: MIT

package emu

import (
	"errors"
	"math"
	"testing"

	"github.com/cilium/ebpf/asm"
)

// iterCases are what the program of iter.c is asked for, and what it must count:
// the result of bpf_iter_num_new, how many numbers came, at most 100, and the sum
// that each number makes of 31 times the one before.
var iterCases = []struct {
	from, to, made int32
	numbers        uint32
	sum            uint64
}{
	{from: 3, to: 6, numbers: 3, sum: (3*31+4)*31 + 5},
	{from: -2, to: 1, numbers: 3, sum: minus(2*31*31 + 1*31)},
	{from: 7, to: 8, numbers: 1, sum: 7},
	{from: 7, to: 7},
	{from: 7, to: 6, made: -eINVAL},
	{from: math.MinInt32, to: math.MinInt32 + 1, numbers: 1, sum: minus(1 << 31)},
	{from: math.MaxInt32 - 1, to: math.MaxInt32, numbers: 1, sum: math.MaxInt32 - 1},
	{from: 0, to: 8<<20 + 1, made: -eBIG},
	{from: math.MinInt32, to: math.MaxInt32, made: -eBIG},
	{from: 0, to: 8 << 20, numbers: 100, sum: hundred()},
}

// hundred is the sum of the numbers from 0 to 99.
func hundred() (s uint64) {
	for i := range uint64(100) {
		s = s*31 + i
	}
	return s
}

func TestNumbersAreIterated(t *testing.T) {
	inBothOrders(t, "iter", nil, func(t *testing.T, m *Machine) {
		for _, c := range iterCases {
			variable := func(name string) *Variable {
				v, err := m.Variable(name)
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
			if err := errors.Join(variable("from").Set(c.from), variable("to").Set(c.to)); err != nil {
				t.Fatal(err)
			}
			call(t, m, "iterate")
			var made int32
			var n uint32
			var sum uint64
			if err := errors.Join(variable("made").Get(&made), variable("numbers").Get(&n), variable("sum").Get(&sum)); err != nil {
				t.Fatal(err)
			}
			if made != c.made || n != c.numbers || sum != c.sum {
				t.Errorf("%d to %d: result %d, %d numbers, sum %d, want %d, %d, %d", c.from, c.to, made, n, sum, c.made, c.numbers, c.sum)
			}
		}
	})
}

// iterCall calls a kfunc of iterators with r1 = fp-8.
func iterCall(name string, args ...asm.Instruction) asm.Instructions {
	call := asm.Instruction{OpCode: asm.OpCode(0x85), Src: asm.PseudoKfuncCall, Constant: -1}.WithReference(name)
	return cat(asm.Mov.Reg(asm.R1, asm.RFP), asm.Add.Imm(asm.R1, -8), asm.Instructions(args), call)
}

func TestIteratorsAreChecked(t *testing.T) {
	made := iterCall("bpf_iter_num_new", asm.Mov.Imm(asm.R2, 0), asm.Mov.Imm(asm.R3, 4))
	other := iterCall("bpf_iter_num_new", asm.Add.Imm(asm.R1, -8), asm.Mov.Imm(asm.R2, 0), asm.Mov.Imm(asm.R3, 4))
	destroyed := iterCall("bpf_iter_num_destroy")
	for _, c := range []struct {
		name string
		prog asm.Instructions
		kind error
		want string
	}{
		{"not made", cat(iterCall("bpf_iter_num_next"), ret), ErrUninitialised, "bpf_iter_num_next, argument 1: read of 8 bytes at offset -8 of the stack of prog"},
		{"destroyed and not made", cat(iterCall("bpf_iter_num_destroy"), ret), ErrUninitialised, "bpf_iter_num_destroy, argument 1: read of 8 bytes"},
		{"in constants", cat(mapValuePtr(asm.R1, ".rodata", 0), asm.Mov.Imm(asm.R2, 0), asm.Mov.Imm(asm.R3, 0), made[len(made)-1:], ret), ErrReadOnly, "bpf_iter_num_new, argument 1: write of 8 bytes"},
		{"not destroyed", cat(made, ret), ErrLeak, "1 iterator that bpf_iter_num_new made not destroyed"},
		{"made twice", cat(made, made, ret), ErrHelper, "bpf_iter_num_new, argument 1: it is an iterator already"},
		{"destroyed twice", cat(made, destroyed, destroyed, ret), ErrHelper, "bpf_iter_num_destroy, argument 1: it is stack of prog-8, where no iterator is"},
		{"destroyed twice for another", cat(made, other, destroyed, destroyed, ret), ErrHelper, "where no iterator is"},
		{"asked after it was destroyed", cat(made, destroyed, iterCall("bpf_iter_num_next"), ret), ErrHelper, "bpf_iter_num_next, argument 1: it is"},
		{"other memory", cat(storeImm(asm.RFP, -8, 0, asm.DWord), iterCall("bpf_iter_num_next"), ret), ErrHelper, "where no iterator is"},
		{"one of two not destroyed", cat(made, other, destroyed, ret), ErrLeak, "1 iterator that bpf_iter_num_new made not destroyed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.prog[0] = c.prog[0].WithSymbol("prog")
			spec := collection(c.prog)
			spec.Maps = safetyMaps()
			m, err := New(spec, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				refused(t, fails(t, m, "prog"), c.kind, c.want)
			}
		})
	}
	// A function of one's own comes first, and the address of one is not NULL.
	addr := asm.Instruction{OpCode: asm.LoadImmOp(asm.DWord), Dst: asm.R0, Src: loadVariable}.WithReference("bpf_iter_num_new")
	m, err := New(collection(cat(addr, asm.RSh.Imm(asm.R0, 32), asm.Return())), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if call(t, m, "prog") == 0 {
		t.Error("bpf_iter_num_new has the address NULL")
	}
	own := map[string]Func{"bpf_iter_num_new": func(*Call) (uint64, error) { return 7, nil }}
	m, err = New(collection(cat(made, asm.Return())), Options{Kfuncs: own})
	if err != nil {
		t.Fatal(err)
	}
	if got := call(t, m, "prog"); got != 7 {
		t.Errorf("a bpf_iter_num_new of one's own gives %d", got)
	}
}
