// SPDX-License-Identifier: MIT

//go:build linux

package testmod

import (
	"fmt"
	"unsafe"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/link"
)

// Probe is what arrives of eight arguments: Got[i] is what the program found as
// its i-th when it was called with Given.
type Probe struct {
	Arrival    Arrival
	Given, Got [8]uint64
}

// EightArguments calls a program that returns one of eight plain numbers, for
// each of them in turn. Nothing is written anywhere, so it is safe where the
// arguments are wrong. The module remembers the outcome and calls iomap_ioend
// only where it was right.
func (d *Device) EightArguments() (Probe, error) {
	l, err := attachProbe()
	if err != nil {
		return Probe{}, fmt.Errorf("testmod: the probe: %w", err)
	}
	defer func() { _ = l.Close() }()
	p := Probe{Arrival: Right}
	for n := range p.Given {
		io := struct {
			args     [8]uint64
			which, _ uint32
			result   uint64
		}{which: uint32(n)}
		for i := range io.args {
			io.args[i] = 0xa1a1a1a100000000 + uint64(i)
		}
		p.Given = io.args
		// The first tells the program which one to return, and is given back
		// itself for 0.
		io.args[0] = uint64(n)
		p.Given[0] = 0
		if err := d.ioctl(5, ioRead|ioWrite, unsafe.Pointer(&io), unsafe.Sizeof(io), "probe"); err != nil {
			return Probe{}, err
		}
		p.Got[n] = io.result
		if p.Got[n] != p.Given[n] {
			p.Arrival = Wrong
		}
	}
	return p, nil
}

// attachProbe attaches a program that returns one of its arguments: the first one
// says which.
func attachProbe() (link.Link, error) {
	const member, typ = "eight", "abigen_testmod_probe"
	insns := asm.Instructions{asm.LoadMem(asm.R2, asm.R1, 0, asm.DWord)}
	for n := 1; n < 8; n++ {
		insns = append(insns,
			asm.LoadMem(asm.R0, asm.R1, int16(8*n), asm.DWord),
			asm.JEq.Imm(asm.R2, int32(n), "out"))
	}
	insns = append(insns, asm.Mov.Reg(asm.R0, asm.R2), asm.Return().WithSymbol("out"))
	prog := &ebpf.ProgramSpec{
		Name: "probe_eight", Type: ebpf.StructOps, AttachTo: typ + ":" + member, License: "GPL", Instructions: insns,
	}
	m := &ebpf.MapSpec{
		Name: "probe_ops", Type: ebpf.StructOpsMap, KeySize: 4, Key: &btf.Int{Name: "u32", Size: 4}, ValueSize: 8, MaxEntries: 1,
		Value: &btf.Struct{Name: typ, Size: 8, Members: []btf.Member{
			{Name: member, Type: &btf.Pointer{Target: &btf.FuncProto{Return: &btf.Void{}}}},
		}},
		Flags:    bpfLink,
		Contents: []ebpf.MapKV{{Key: uint32(0), Value: make([]byte, 8)}},
	}
	coll, err := ebpf.NewCollection(&ebpf.CollectionSpec{
		Maps:     map[string]*ebpf.MapSpec{m.Name: m},
		Programs: map[string]*ebpf.ProgramSpec{prog.Name: prog},
	})
	if err != nil {
		return nil, err
	}
	defer coll.Close() // the link keeps the map, and that the program
	return link.AttachStructOps(link.StructOpsOptions{Map: coll.Maps[m.Name]})
}

// bpfLink is BPF_F_LINK.
const bpfLink = 1 << 13
