// SPDX-License-Identifier: MIT

package emu

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

// raw is an instruction as RFC 9669 encodes it: tests of opcodes write bytes,
// so that the assembler of the library has no say in what they mean.
type raw struct {
	op  uint8
	dst uint8
	src uint8
	off int16
	imm int32
}

// bytesOf encodes instructions for a machine of the given byte order.
func bytesOf(bo binary.ByteOrder, program []raw) []byte {
	var b []byte
	for _, r := range program {
		regs := r.src<<4 | r.dst
		if bo == binary.BigEndian {
			regs = r.dst<<4 | r.src
		}
		in := []byte{r.op, regs, 0, 0, 0, 0, 0, 0}
		bo.PutUint16(in[2:], uint16(r.off))
		bo.PutUint32(in[4:], uint32(r.imm))
		b = append(b, in...)
	}
	return b
}

// lddw loads a 64-bit number: two slots.
func lddw(dst uint8, v uint64) []raw {
	return []raw{{op: 0x18, dst: dst, imm: int32(uint32(v))}, {imm: int32(v >> 32)}}
}

// exit returns r0.
var exit = raw{op: 0x95}

// join puts programs together.
func join(parts ...[]raw) []raw {
	var all []raw
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// decoded reads instructions as the library reads them from an object.
func decoded(t testing.TB, bo binary.ByteOrder, program []raw) asm.Instructions {
	t.Helper()
	insns, err := asm.AppendInstructions(nil, bytes.NewReader(bytesOf(bo, program)), bo, "linux")
	if err != nil {
		t.Fatalf("%v: %v", program, err)
	}
	return insns
}

// machine loads one program.
func machine(t testing.TB, bo binary.ByteOrder, insns asm.Instructions, o Options) *Program {
	t.Helper()
	p, err := newProgram(bo, insns, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func newProgram(bo binary.ByteOrder, insns asm.Instructions, o Options) (*Program, error) {
	spec := collection(insns)
	spec.ByteOrder = bo
	m, err := New(spec, o)
	if err != nil {
		return nil, err
	}
	return m.Program("prog")
}

func collection(insns asm.Instructions) *ebpf.CollectionSpec {
	return &ebpf.CollectionSpec{Programs: map[string]*ebpf.ProgramSpec{
		"prog": {Name: "prog", Type: ebpf.SocketFilter, License: "GPL", Instructions: insns},
	}}
}
