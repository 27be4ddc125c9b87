// SPDX-License-Identifier: MIT

package emu

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"testing"
	"unsafe"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
	"golang.org/x/sys/unix"
)

// Instructions that refer to something by its number go to the kernel as bytes: the
// library has no word for some of them.

// progLoad is the part of union bpf_attr that BPF_PROG_LOAD reads, where a pointer
// has 64 bits.
type progLoad struct {
	progType, insnCount           uint32
	insns, licence                unsafe.Pointer
	logLevel, logSize             uint32
	log                           unsafe.Pointer
	kernelVersion, flags          uint32
	name                          [16]byte
	ifindex, attachType           uint32
	btfFD, funcInfoSize           uint32
	funcInfo                      unsafe.Pointer
	funcInfoCount, lineInfoSize   uint32
	lineInfo                      unsafe.Pointer
	lineInfoCount, attachBTFID    uint32
	attachProgFD, relocationCount uint32
	fdArray                       unsafe.Pointer
}

// progTestRun is the part that BPF_PROG_TEST_RUN reads.
type progTestRun struct {
	fd, result       uint32
	sizeIn, sizeOut  uint32
	in, out          unsafe.Pointer
	repeat, duration uint32
}

// runBytes loads instructions beside an array of maps that they refer to by index,
// and gives r0.
func runBytes(program []raw, maps []int32) (uint32, error) {
	insns := bytesOf(binary.NativeEndian, program)
	licence, log := []byte("GPL\x00"), make([]byte, 1<<16)
	load := progLoad{
		progType: uint32(ebpf.SchedCLS), insnCount: uint32(len(program)), insns: unsafe.Pointer(&insns[0]), licence: unsafe.Pointer(&licence[0]),
		logLevel: 1, logSize: uint32(len(log)), log: unsafe.Pointer(&log[0]), fdArray: unsafe.Pointer(&maps[0]),
	}
	fd, _, errno := unix.Syscall(unix.SYS_BPF, unix.BPF_PROG_LOAD, uintptr(unsafe.Pointer(&load)), unsafe.Sizeof(load))
	if errno != 0 {
		return 0, fmt.Errorf("%w: %s", errno, unix.ByteSliceToString(log))
	}
	defer func() { _ = unix.Close(int(fd)) }()
	packet := make([]byte, 64)
	run := progTestRun{fd: uint32(fd), sizeIn: uint32(len(packet)), in: unsafe.Pointer(&packet[0])}
	if _, _, errno := unix.Syscall(unix.SYS_BPF, unix.BPF_PROG_TEST_RUN, uintptr(unsafe.Pointer(&run)), unsafe.Sizeof(run)); errno != 0 {
		return 0, errno
	}
	runtime.KeepAlive(&load)
	return run.result, nil
}

// kernelID gives the number that a function has in the kernel's BTF.
func kernelID(t *testing.T, name string) int32 {
	t.Helper()
	types, err := btf.LoadKernelSpec()
	if err != nil {
		t.Skipf("the running kernel has no BTF: %v", err)
	}
	var fn *btf.Func
	if err := types.TypeByName(name, &fn); err != nil {
		t.Skipf("the running kernel has no %s: %v", name, err)
	}
	id, err := types.TypeID(fn)
	if err != nil {
		t.Fatal(err)
	}
	return int32(id)
}

// refer is lddw with a source, which takes two slots.
func refer(dst, src uint8, imm, next int32) []raw {
	return []raw{{op: 0x18, dst: dst, src: src, imm: imm}, {imm: next}}
}

// referencePrograms are those of opcodesWithReferences again, with what r0 must be:
// the array "array" there is descriptor fd here, and number 0.
func referencePrograms(t *testing.T, fd int32) map[form]struct {
	program []raw
	want    uint32
} {
	key := []raw{{op: 0x62, dst: 10, off: -4}, {op: 0xbf, dst: 2, src: 10}, {op: 0x07, dst: 2, imm: -4}} // r2 = address of a zero
	found := []raw{{op: 0x85, imm: 1}, {op: 0x15, off: 1}, {op: 0x71, src: 0, off: 7}, exit}             // byte 7 of what is looked up
	at11 := []raw{{op: 0x71, dst: 0, src: 1, off: 2}, exit}                                              // byte 2 from r1
	num := kernelID(t, "bpf_iter_num_new")
	end := kernelID(t, "bpf_iter_num_destroy")
	iterator := []raw{{op: 0xbf, dst: 1, src: 10}, {op: 0x07, dst: 1, imm: -8}}
	type p = struct {
		program []raw
		want    uint32
	}
	return map[form]p{
		// bpf_map_update_elem with flags there are not.
		{op: 0x85}: {join(key, refer(1, 1, fd, 0), []raw{{op: 0x7a, dst: 10, off: -16}, {op: 0x7a, dst: 10, off: -24}, {op: 0xbf, dst: 3, src: 10},
			{op: 0x07, dst: 3, imm: -24}, {op: 0xb7, dst: 4, imm: 9}, {op: 0x85, imm: 2}, exit}), uint32(0xffffffff - eINVAL + 1)},
		// bpf_iter_num_new(iterator, 5, 4), which says that 4 is before 5.
		{op: 0x85, src: 2}: {join(iterator, []raw{{op: 0xb7, dst: 2, imm: 5}, {op: 0xb7, dst: 3, imm: 4}, {op: 0x85, src: 2, imm: num}, {op: 0xbf, dst: 6}},
			iterator, []raw{{op: 0x85, src: 2, imm: end}, {op: 0xbf, src: 6}, exit}), uint32(0xffffffff - eINVAL + 1)},
		{op: 0x18, src: 1}: {join(key, refer(1, 1, fd, 0), found), 7},
		{op: 0x18, src: 2}: {join(refer(1, 2, fd, 9), at11), 11},
		// An address in the kernel, of a function because not every kernel tells those of variables, is not NULL.
		{op: 0x18, src: 3}: {join(refer(1, 3, num, 0), []raw{{op: 0xb7, imm: 1}, {op: 0x55, dst: 1, off: 1}, {op: 0xb7}, exit}), 1},
		{op: 0x18, src: 5}: {join(key, refer(1, 5, 0, 0), found), 7},
		{op: 0x18, src: 6}: {join(refer(1, 6, 0, 9), at11), 11},
	}
}

// runCallback calls bpf_loop(3, callback, NULL, 0) with a callback that stops at once.
func runCallback() (uint32, error) {
	number := &btf.Int{Name: "int", Size: 4, Encoding: btf.Signed}
	function := func(name string, linkage btf.FuncLinkage, params ...btf.FuncParam) *btf.Func {
		return &btf.Func{Name: name, Linkage: linkage, Type: &btf.FuncProto{Return: number, Params: params}}
	}
	p, err := ebpf.NewProgram(&ebpf.ProgramSpec{Type: ebpf.SchedCLS, License: "GPL", Instructions: asm.Instructions{
		btf.WithFuncMetadata(asm.Mov.Imm(asm.R1, 3).WithSymbol("prog"), function("prog", btf.GlobalFunc, btf.FuncParam{Name: "ctx", Type: &btf.Pointer{Target: &btf.Void{}}})),
		funcPtr(asm.R2, "callback"), asm.Mov.Imm(asm.R3, 0), asm.Mov.Imm(asm.R4, 0), asm.FnLoop.Call(), asm.Return(),
		btf.WithFuncMetadata(asm.Mov.Imm(asm.R0, 1).WithSymbol("callback"), function("callback", btf.StaticFunc,
			btf.FuncParam{Name: "i", Type: number}, btf.FuncParam{Name: "context", Type: &btf.Pointer{Target: &btf.Void{}}})),
		asm.Return(),
	}})
	if err != nil {
		return 0, err
	}
	defer func() { _ = p.Close() }()
	return p.Run(&ebpf.RunOptions{Data: make([]byte, 64)})
}

func TestEveryReferenceDoesTheSameInTheKernel(t *testing.T) {
	newKernel(t)
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("the running kernel is none of 64 bits")
	}
	value := make([]byte, 16)
	for i := range value {
		value[i] = byte(i)
	}
	array, err := ebpf.NewMap(&ebpf.MapSpec{Type: ebpf.Array, KeySize: 4, ValueSize: 16, MaxEntries: 1, Contents: []ebpf.MapKV{{Key: uint32(0), Value: value}}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = array.Close() }()
	programs := referencePrograms(t, int32(array.FD()))
	for f, c := range programs {
		got, err := runBytes(c.program, []int32{int32(array.FD())})
		if err != nil {
			t.Errorf("opcode %#02x with source %d: %v", f.op, f.src, err)
		} else if got != c.want {
			t.Errorf("opcode %#02x with source %d: r0 = %#x in the kernel, want %#x", f.op, f.src, got, c.want)
		}
	}

	// The kernel wants to know a callback's prototype, which the library tells it.
	callback := form{op: 0x18, src: 4}
	if got, err := runCallback(); err != nil || got != 1 {
		t.Errorf("opcode 0x18 with source 4: r0 = %d, %v, want 1", got, err)
	}

	// With those of TestEveryOpcodeDoesTheSameInTheKernel they are all.
	inKernel := map[form]bool{callback: true}
	for _, c := range opcodePrograms(binary.LittleEndian) {
		inKernel[c.form] = true
	}
	for f := range programs {
		inKernel[f] = true
	}
	for _, f := range definedForms() {
		if deprecated := f.op&7 == 0 && f.op != 0x18; !inKernel[f] && !deprecated {
			t.Errorf("opcode %#02x with source %d, offset %d, immediate %#x has no case in the kernel", f.op, f.src, f.off, f.imm)
		}
	}
}
