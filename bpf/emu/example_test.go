// SPDX-License-Identifier: MIT

package emu_test

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"github.com/fuseiomap/abigen/bpf/emu"
)

// A program of an object is called like the kernel calls it; its maps are read
// like user space reads them.
func Example() {
	m, err := emu.LoadFile("testdata/maps-el.o", emu.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	count, err := m.Program("count")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, last := range []uint64{10, 20} {
		if _, err := count.Call(emu.Scalar(2), emu.Scalar(last)); err != nil {
			fmt.Println(err)
			return
		}
	}
	array, err := m.Map("array")
	if err != nil {
		fmt.Println(err)
		return
	}
	var v struct {
		Count     uint64
		Last, Pad uint32
	}
	if err := array.Lookup(uint32(2), &v); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("counted %d, last %d\n", v.Count, v.Last)
	// Output: counted 2, last 20
}

// What a program writes to memory it was passed is in the slice.
func ExampleMem() {
	spec := &ebpf.CollectionSpec{Programs: map[string]*ebpf.ProgramSpec{"double": {
		Type: ebpf.StructOps,
		Instructions: asm.Instructions{
			asm.LoadMem(asm.R2, asm.R1, 0, asm.DWord), // first argument: a pointer
			asm.LoadMem(asm.R0, asm.R2, 0, asm.DWord),
			asm.Add.Reg(asm.R0, asm.R0),
			asm.StoreMem(asm.R2, 0, asm.R0, asm.DWord),
			asm.Mov.Imm(asm.R0, 1),
			asm.Return(),
		},
	}}}
	m, err := emu.New(spec, emu.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := m.Program("double")
	if err != nil {
		fmt.Println(err)
		return
	}
	mem := binary.LittleEndian.AppendUint64(nil, 21)
	r, err := p.Call(emu.Mem("number", mem, true))
	fmt.Println(r.R0, binary.LittleEndian.Uint64(mem), r.Steps, err)
	// Output: 1 42 6 <nil>
}

// A program that goes wrong is stopped with an error that says where.
func ExampleFault() {
	m, err := emu.LoadFile("testdata/faults-el.o", emu.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := m.Program("forgot_null")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = p.Call()
	var f *emu.Fault
	if errors.Is(err, emu.ErrNull) && errors.As(err, &f) {
		fmt.Println(f.File, f.Line, f.Source)
		fmt.Println(f.What)
	}
	// Output:
	// ./src/faults.c 35 return *v;
	// read of 8 bytes through NULL: the pointer was not set or a look-up failed; test it before use
}

// A kfunc is a Go function; so the test decides what the kernel answers.
func ExampleFunc() {
	needed := func(c *emu.Call) (uint64, error) { return c.Args[0] + 1, nil }
	m, err := emu.LoadFile("testdata/strong-el.o", emu.Options{Kfuncs: map[string]emu.Func{"needed": needed}})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := m.Program("user")
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := p.Call(emu.Scalar(41))
	fmt.Println(r.R0, err)
	// Output: 42 <nil>
}
