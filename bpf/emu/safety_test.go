// SPDX-License-Identifier: MIT

package emu

import (
	"errors"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

// safetyMaps are there for every program of this file.
func safetyMaps() map[string]*ebpf.MapSpec {
	return map[string]*ebpf.MapSpec{
		"hash":    {Type: ebpf.Hash, KeySize: 4, ValueSize: 12, MaxEntries: 4, Contents: []ebpf.MapKV{{Key: uint32(0), Value: make([]byte, 12)}}},
		"array":   {Type: ebpf.Array, KeySize: 4, ValueSize: 12, MaxEntries: 4},
		".rodata": {Type: ebpf.Array, KeySize: 4, ValueSize: 8, MaxEntries: 1, Flags: flagReadProg},
		"ring":    {Type: ebpf.RingBuf, MaxEntries: 4096},
		"percpu":  {Type: ebpf.PerCPUArray, KeySize: 4, ValueSize: 8, MaxEntries: 1},
		"lock":    {Type: ebpf.Array, KeySize: 4, ValueSize: 16, MaxEntries: 1},
		"outer": {Type: ebpf.ArrayOfMaps, KeySize: 4, ValueSize: 4, MaxEntries: 2,
			InnerMap: &ebpf.MapSpec{Type: ebpf.Array, KeySize: 4, ValueSize: 12, MaxEntries: 4},
			Contents: []ebpf.MapKV{{Key: uint32(0), Value: "array"}}},
	}
}

func mapPtr(dst asm.Register, name string) asm.Instruction {
	return asm.LoadMapPtr(dst, 0).WithReference(name)
}

func mapValuePtr(dst asm.Register, name string, off uint32) asm.Instruction {
	return asm.LoadMapValue(dst, 0, off).WithReference(name)
}

// storeImm is asm.StoreImm for all sizes.
func storeImm(dst asm.Register, off int16, v int64, size asm.Size) asm.Instruction {
	return asm.Instruction{OpCode: asm.OpCode(asm.StClass).SetMode(asm.MemMode).SetSize(size), Dst: dst, Offset: off, Constant: v}
}

// key0 puts the key 0 at fp-4 and its address into r2, the map into r1.
func key0(name string) asm.Instructions {
	return asm.Instructions{
		storeImm(asm.RFP, -4, 0, asm.Word), asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, -4), mapPtr(asm.R1, name),
	}
}

// looked is r0 = address of element 0 of a map.
func looked(name string) asm.Instructions { return append(key0(name), asm.FnMapLookupElem.Call()) }

func cat(parts ...any) asm.Instructions {
	var all asm.Instructions
	for _, p := range parts {
		switch p := p.(type) {
		case asm.Instruction:
			all = append(all, p)
		case asm.Instructions:
			all = append(all, p...)
		}
	}
	return all
}

// ret ends a program with r0 = 0.
var ret = asm.Instructions{asm.Mov.Imm(asm.R0, 0), asm.Return()}

// reserved is r0 = r6 = a record of 16 bytes.
var reserved = asm.Instructions{
	mapPtr(asm.R1, "ring"), asm.Mov.Imm(asm.R2, 16), asm.Mov.Imm(asm.R3, 0), asm.FnRingbufReserve.Call(), asm.Mov.Reg(asm.R6, asm.R0),
}

// submitted gives it back.
var submitted = asm.Instructions{asm.Mov.Reg(asm.R1, asm.R6), asm.Mov.Imm(asm.R2, 0), asm.FnRingbufSubmit.Call()}

func funcPtr(dst asm.Register, name string) asm.Instruction {
	return asm.Instruction{OpCode: asm.LoadImmOp(asm.DWord), Dst: dst, Src: asm.PseudoFunc, Constant: -1}.WithReference(name)
}

// arg0 is r6 = the first argument.
var arg0 = asm.LoadMem(asm.R6, asm.R1, 0, asm.DWord)

// safetyCases hold a program for each way to misuse memory, a register or a
// helper, and what must be said about it.
var safetyCases = []struct {
	name string
	prog asm.Instructions
	args []Arg
	kind error
	want string
}{
	{name: "read through NULL", kind: ErrNull, want: "read of 8 bytes through NULL:",
		prog: cat(asm.Mov.Imm(asm.R1, 0), asm.LoadMem(asm.R0, asm.R1, 0, asm.DWord), ret)},
	{name: "write through NULL with an offset", kind: ErrNull, want: "write of 2 bytes through NULL plus 24:",
		prog: cat(asm.Mov.Imm(asm.R1, 0), storeImm(asm.R1, 24, 1, asm.Half), ret)},
	{name: "read below NULL", kind: ErrNull, want: "read of 1 byte through NULL minus 8:",
		prog: cat(asm.Mov.Imm(asm.R1, 0), asm.LoadMem(asm.R0, asm.R1, -8, asm.Byte), ret)},
	{name: "failed look-up", kind: ErrNull, want: "a look-up failed",
		prog: cat(storeImm(asm.RFP, -4, 9, asm.Word), asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, -4), mapPtr(asm.R1, "hash"),
			asm.FnMapLookupElem.Call(), asm.LoadMem(asm.R0, asm.R0, 0, asm.Word), ret)},
	{name: "a number as a pointer", kind: ErrNotPointer, want: "at 0x123456789, which is a number and not a pointer",
		prog: cat(asm.LoadImm(asm.R1, 0x123456789, asm.DWord), asm.LoadMem(asm.R0, asm.R1, 0, asm.DWord), ret)},

	{name: "past the end of an argument", kind: ErrOutOfBounds, want: `read of 4 bytes at offset 8 of memory "out": it has 8 bytes`,
		prog: cat(arg0, asm.LoadMem(asm.R0, asm.R6, 8, asm.Word), ret), args: Args{Mem("out", make([]byte, 8), true)}},
	{name: "across the end of an argument", kind: ErrOutOfBounds, want: `write of 8 bytes at offset 1 of memory "out": it has 8 bytes, so 1 of them lie past its end`,
		prog: cat(arg0, storeImm(asm.R6, 1, 0, asm.DWord), ret), args: Args{Mem("out", make([]byte, 8), true)}},
	{name: "before an argument", kind: ErrOutOfBounds, want: `read of 1 byte at offset -1 of memory "out": that is before its start`,
		prog: cat(arg0, asm.LoadMem(asm.R0, asm.R6, -1, asm.Byte), ret), args: Args{Mem("out", make([]byte, 8), true)}},
	{name: "far from an argument", kind: ErrOutOfBounds, want: `offset -2147483640 of memory "out"`,
		prog: cat(arg0, asm.Add.Imm(asm.R6, -0x7ffffff8), asm.LoadMem(asm.R0, asm.R6, 0, asm.Byte), ret), args: Args{Mem("out", make([]byte, 8), true)}},
	{name: "past the arguments", kind: ErrOutOfBounds, want: `read of 8 bytes at offset 8 of memory "ctx": it has 8 bytes`,
		prog: cat(asm.LoadMem(asm.R0, asm.R1, 8, asm.DWord), ret), args: Args{Scalar(1)}},
	{name: "past an array element", kind: ErrOutOfBounds, want: `read of 4 bytes at offset 12 of value [0] of map "array": it has 12 bytes`,
		prog: cat(looked("array"), asm.LoadMem(asm.R0, asm.R0, 12, asm.Word), ret)},
	{name: "into the next array element", kind: ErrOutOfBounds, want: `offset 16 of value [0] of map "array"`,
		prog: cat(looked("array"), asm.LoadMem(asm.R0, asm.R0, 16, asm.Word), ret)},
	{name: "past a hash value", kind: ErrOutOfBounds, want: `write of 8 bytes at offset 8 of value [00000000] of map "hash": it has 12 bytes, so 4 of them lie past its end`,
		prog: cat(looked("hash"), storeImm(asm.R0, 8, 0, asm.DWord), ret)},
	{name: "past a record", kind: ErrOutOfBounds, want: `write of 1 byte at offset 16 of record of ring buffer "ring": it has 16 bytes`,
		prog: cat(reserved, storeImm(asm.R6, 16, 0, asm.Byte), submitted, ret)},
	{name: "opaque argument", kind: ErrOutOfBounds, want: `memory "inode": it has 0 bytes`,
		prog: cat(arg0, asm.LoadMem(asm.R0, asm.R6, 0, asm.DWord), ret), args: Args{Mem("inode", nil, false)}},

	{name: "write to the arguments", kind: ErrReadOnly, want: `write of 8 bytes at offset 0 of memory "ctx", which is read-only`,
		prog: cat(storeImm(asm.R1, 0, 0, asm.DWord), ret), args: Args{Scalar(1)}},
	{name: "write to a read-only argument", kind: ErrReadOnly, want: `memory "in", which is read-only`,
		prog: cat(arg0, storeImm(asm.R6, 0, 0, asm.Byte), ret), args: Args{Mem("in", make([]byte, 8), false)}},
	{name: "write to constants", kind: ErrReadOnly, want: `value [0] of map ".rodata", which is read-only`,
		prog: cat(mapValuePtr(asm.R1, ".rodata", 4), storeImm(asm.R1, 0, 0, asm.Byte), ret)},
	{name: "atomic write to constants", kind: ErrReadOnly, want: "which is read-only",
		prog: cat(mapValuePtr(asm.R1, ".rodata", 0), asm.Mov.Imm(asm.R2, 1), asm.AddAtomic.Mem(asm.R1, asm.R2, asm.DWord, 0), ret)},
	{name: "helper writes to constants", kind: ErrReadOnly, want: "bpf_probe_read_kernel, argument 1: write of 8 bytes",
		prog: cat(mapValuePtr(asm.R1, ".rodata", 0), asm.Mov.Imm(asm.R2, 8), asm.Mov.Reg(asm.R3, asm.R1), asm.FnProbeReadKernel.Call(), ret)},
	{name: "update of constants", kind: ErrReadOnly, want: `map ".rodata" is read-only for programs`,
		prog: cat(key0(".rodata"), storeImm(asm.RFP, -16, 0, asm.DWord), asm.Mov.Reg(asm.R3, asm.RFP), asm.Add.Imm(asm.R3, -16),
			asm.Mov.Imm(asm.R4, 0), asm.FnMapUpdateElem.Call(), ret)},

	{name: "value after its deletion", kind: ErrFreed, want: `read of 4 bytes in the value [00000000] of map "hash" after it was deleted`,
		prog: cat(looked("hash"), asm.Mov.Reg(asm.R6, asm.R0), key0("hash"), asm.FnMapDeleteElem.Call(), asm.LoadMem(asm.R0, asm.R6, 0, asm.Word), ret)},
	{name: "write to a value that was replaced", kind: ErrFreed, want: "after an update replaced it: the write would be lost",
		prog: cat(looked("hash"), asm.Mov.Reg(asm.R6, asm.R0), storeImm(asm.RFP, -16, 0, asm.DWord), storeImm(asm.RFP, -24, 0, asm.DWord), key0("hash"),
			asm.Mov.Reg(asm.R3, asm.RFP), asm.Add.Imm(asm.R3, -24), asm.Mov.Imm(asm.R4, 0), asm.FnMapUpdateElem.Call(),
			asm.LoadMem(asm.R0, asm.R6, 0, asm.Word), storeImm(asm.R6, 0, 0, asm.Word), ret)},
	{name: "record after its submission", kind: ErrFreed, want: "after it was submitted or discarded",
		prog: cat(reserved, submitted, storeImm(asm.R6, 0, 0, asm.Byte), ret)},
	{name: "record submitted twice", kind: ErrFreed, want: "bpf_ringbuf_submit, argument 1: the record was submitted or discarded already",
		prog: cat(reserved, submitted, submitted, ret)},
	{name: "stack of a function that returned", kind: ErrFreed, want: "stack of leak, which has returned",
		prog: cat(asm.Call.Label("leak"), asm.LoadMem(asm.R0, asm.R0, 0, asm.DWord), ret,
			storeImm(asm.RFP, -8, 1, asm.DWord).WithSymbol("leak"), asm.Mov.Reg(asm.R0, asm.RFP), asm.Add.Imm(asm.R0, -8), asm.Return())},

	{name: "stack of a function that returned, with another in its place", kind: ErrFreed, want: "which has returned",
		prog: cat(asm.Call.Label("leak"), asm.Mov.Reg(asm.R6, asm.R0), asm.Mov.Reg(asm.R1, asm.R6), asm.Call.Label("use"), ret,
			storeImm(asm.RFP, -8, 1, asm.DWord).WithSymbol("leak"), asm.Mov.Reg(asm.R0, asm.RFP), asm.Add.Imm(asm.R0, -8), asm.Return(),
			storeImm(asm.RFP, -8, 1, asm.DWord).WithSymbol("use"), asm.LoadMem(asm.R0, asm.R1, 0, asm.DWord), asm.Return())},

	{name: "above the frame", kind: ErrOutOfBounds, want: "at offset +0 of the stack of prog: that is another frame's stack or none",
		prog: cat(asm.LoadMem(asm.R0, asm.RFP, 0, asm.DWord), ret)},
	{name: "caller's frame through one's own", kind: ErrOutOfBounds, want: "at offset +504 of the stack of peek: that is another frame's stack",
		prog: cat(storeImm(asm.RFP, -8, 1, asm.DWord), asm.Call.Label("peek"), asm.Return(),
			asm.LoadMem(asm.R0, asm.RFP, 504, asm.DWord).WithSymbol("peek"), asm.Return())},
	{name: "across the top of the frame", kind: ErrOutOfBounds, want: "write of 8 bytes at offset -4 of the stack of prog: that is another frame's",
		prog: cat(storeImm(asm.RFP, -4, 1, asm.DWord), ret)},
	{name: "below the frame", kind: ErrOutOfBounds, want: "at offset -520 of the stack of prog: a frame has 512 bytes, from -512 to -1",
		prog: cat(storeImm(asm.RFP, -520, 1, asm.DWord), ret)},

	{name: "unwritten stack", kind: ErrUninitialised, want: "read of 8 bytes at offset -8 of the stack of prog: the byte at -8 was never written",
		prog: cat(asm.LoadMem(asm.R0, asm.RFP, -8, asm.DWord), asm.Return())},
	{name: "partly written stack", kind: ErrUninitialised, want: "the byte at -5 was never written",
		prog: cat(storeImm(asm.RFP, -8, 1, asm.Half), storeImm(asm.RFP, -6, 1, asm.Byte), asm.LoadMem(asm.R0, asm.RFP, -8, asm.Word), asm.Return())},
	{name: "unwritten stack through a copy of r10", kind: ErrUninitialised, want: "read of 4 bytes at offset -16 of the stack of prog: the byte at -16 was never written",
		prog: cat(asm.Mov.Reg(asm.R1, asm.RFP), asm.LoadMem(asm.R0, asm.R1, -16, asm.Word), asm.Return())},
	{name: "stack of an earlier call of the function", kind: ErrUninitialised, want: "stack of twice: the byte at -8 was never written",
		prog: cat(asm.Mov.Imm(asm.R1, 1), asm.Call.Label("twice"), asm.Mov.Imm(asm.R1, 0), asm.Call.Label("twice"), asm.Return(),
			asm.JEq.Imm(asm.R1, 0, "read").WithSymbol("twice"), storeImm(asm.RFP, -8, 1, asm.DWord),
			asm.LoadMem(asm.R0, asm.RFP, -8, asm.DWord).WithSymbol("read"), asm.Return())},
	{name: "unwritten key", kind: ErrUninitialised, want: "bpf_map_lookup_elem, argument 2: read of 4 bytes at offset -4",
		prog: cat(asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, -4), mapPtr(asm.R1, "hash"), asm.FnMapLookupElem.Call(), ret)},
	{name: "value with an unwritten byte", kind: ErrUninitialised, want: "bpf_map_update_elem, argument 3: read of 12 bytes at offset -24 of the stack of prog: the byte at -18 was never written",
		prog: cat(storeImm(asm.RFP, -4, 1, asm.Word), storeImm(asm.RFP, -24, 1, asm.Word), storeImm(asm.RFP, -20, 1, asm.Half), storeImm(asm.RFP, -17, 1, asm.Byte),
			storeImm(asm.RFP, -16, 1, asm.Word), mapPtr(asm.R1, "hash"), asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, -4), asm.Mov.Reg(asm.R3, asm.RFP),
			asm.Add.Imm(asm.R3, -24), asm.Mov.Imm(asm.R4, 0), asm.FnMapUpdateElem.Call(), ret)},
	{name: "unwritten record", kind: ErrUninitialised, want: `at offset 8 of record of ring buffer "ring": the byte at 8 was never written`,
		prog: cat(reserved, asm.LoadMem(asm.R0, asm.R6, 8, asm.DWord), submitted, ret)},
	{name: "unwritten register", kind: ErrUninitialised, want: "read of r3: nothing was written to it",
		prog: cat(asm.Mov.Reg(asm.R0, asm.R3), asm.Return())},
	{name: "no result", kind: ErrUninitialised, want: "read of r0: nothing was written to it on this path: a program must set its result",
		prog: cat(asm.Return())},
	{name: "register unwritten on one path", kind: ErrUninitialised, want: "read of r3",
		prog: cat(arg0, asm.JEq.Imm(asm.R6, 1, "skip"), asm.Mov.Imm(asm.R3, 0), asm.Mov.Reg(asm.R0, asm.R3).WithSymbol("skip"), asm.Return()), args: Args{Scalar(1)}},
	{name: "argument register after a call", kind: ErrUninitialised, want: "read of r1: nothing was written to it on this path, or a call since then cleared it",
		prog: cat(asm.FnKtimeGetNs.Call(), asm.Mov.Reg(asm.R0, asm.R1), asm.Return())},
	{name: "argument register after a function", kind: ErrUninitialised, want: "read of r2",
		prog: cat(asm.Mov.Imm(asm.R2, 1), asm.Call.Label("f"), asm.Mov.Reg(asm.R0, asm.R2), asm.Return(), asm.Mov.Imm(asm.R0, 0).WithSymbol("f"), asm.Return())},
	{name: "result of a function without one", kind: ErrUninitialised, want: "read of r0",
		prog: cat(asm.Call.Label("f"), asm.Return(), asm.Mov.Imm(asm.R1, 0).WithSymbol("f"), asm.Return())},
	{name: "caller's saved register in a function", kind: ErrUninitialised, want: "read of r6",
		prog: cat(asm.Mov.Imm(asm.R6, 1), asm.Call.Label("f"), asm.Return(), asm.Mov.Reg(asm.R0, asm.R6).WithSymbol("f"), asm.Return())},
	{name: "helper argument not set", kind: ErrUninitialised, want: "read of r2",
		prog: cat(mapPtr(asm.R1, "hash"), asm.FnMapLookupElem.Call(), ret)},

	{name: "map handle as memory", kind: ErrNotPointer, want: `read of 8 bytes through map "hash" itself: a map handle is only good as a helper's argument`,
		prog: cat(mapPtr(asm.R1, "hash"), asm.LoadMem(asm.R0, asm.R1, 0, asm.DWord), ret)},
	{name: "inner map handle as memory", kind: ErrNotPointer, want: `through map "array" itself`,
		prog: cat(looked("outer"), asm.LoadMem(asm.R0, asm.R0, 0, asm.DWord), ret)},
	{name: "code as memory", kind: ErrNotPointer, want: "of code: a function's address is only good as a callback",
		prog: cat(funcPtr(asm.R1, "f"), asm.LoadMem(asm.R0, asm.R1, 0, asm.DWord), ret, asm.Mov.Imm(asm.R0, 0).WithSymbol("f"), asm.Return())},
	{name: "memory as a map", kind: ErrHelper, want: "bpf_map_lookup_elem, argument 1: it is stack of prog-4, not a map",
		prog: cat(key0("hash"), asm.Mov.Reg(asm.R1, asm.R2), asm.FnMapLookupElem.Call(), ret)},
	{name: "NULL inner map", kind: ErrHelper, want: "argument 1: it is 0x0, not a map",
		prog: cat(key0("hash"), asm.Mov.Imm(asm.R1, 0), asm.FnMapLookupElem.Call(), ret)},
	{name: "number as a callback", kind: ErrHelper, want: "bpf_loop, argument 2: it is 0x2a, not a function",
		prog: cat(asm.Mov.Imm(asm.R1, 1), asm.Mov.Imm(asm.R2, 42), asm.Mov.Imm(asm.R3, 0), asm.Mov.Imm(asm.R4, 0), asm.FnLoop.Call(), ret)},
	{name: "ring buffer looked up", kind: ErrHelper, want: `map "ring" is a ring buffer, which has no elements`,
		prog: cat(looked("ring"), ret)},
	{name: "hash as a ring buffer", kind: ErrHelper, want: `map "hash" is not a ring buffer`,
		prog: cat(mapPtr(asm.R1, "hash"), asm.Mov.Imm(asm.R2, 8), asm.Mov.Imm(asm.R3, 0), asm.FnRingbufReserve.Call(), ret)},
	{name: "update of a map of maps", kind: ErrHelper, want: `map "outer" holds maps, which only user space may change`,
		prog: cat(key0("outer"), asm.Mov.Reg(asm.R3, asm.R2), asm.Mov.Imm(asm.R4, 0), asm.FnMapUpdateElem.Call(), ret)},
	{name: "delete from a map of maps", kind: ErrHelper, want: `map "outer" holds maps, which only user space may change`,
		prog: cat(key0("outer"), asm.FnMapDeleteElem.Call(), ret)},
	{name: "CPU of a map without", kind: ErrHelper, want: `map "array" is not a per-CPU map`,
		prog: cat(key0("array"), asm.Mov.Imm(asm.R3, 0), asm.FnMapLookupPercpuElem.Call(), ret)},
	{name: "submit of what is no record", kind: ErrHelper, want: "it is 0x0, not a record bpf_ringbuf_reserve gave",
		prog: cat(asm.Mov.Imm(asm.R1, 0), asm.Mov.Imm(asm.R2, 0), asm.FnRingbufSubmit.Call(), ret)},
	{name: "submit of the middle of a record", kind: ErrHelper, want: "it points into the record",
		prog: cat(reserved, asm.Add.Imm(asm.R6, 8), submitted, ret)},
	{name: "lock held twice", kind: ErrHelper, want: `the lock in value [0] of map "lock" is held already`,
		prog: cat(looked("lock"), asm.Mov.Reg(asm.R6, asm.R0), asm.Mov.Reg(asm.R1, asm.R6), asm.FnSpinLock.Call(), asm.Mov.Reg(asm.R1, asm.R6), asm.FnSpinLock.Call(), ret)},
	{name: "unlock of what is not locked", kind: ErrHelper, want: "is not held",
		prog: cat(looked("lock"), asm.Mov.Reg(asm.R1, asm.R0), asm.FnSpinUnlock.Call(), ret)},
	{name: "lock on the stack", kind: ErrHelper, want: "a lock must be in a map value, this is in stack of prog-4",
		prog: cat(key0("lock"), asm.Mov.Reg(asm.R1, asm.R2), asm.FnSpinLock.Call(), ret)},

	{name: "lock held at the end", kind: ErrLeak, want: `returns with the spin lock in value [0] of map "lock" held`,
		prog: cat(looked("lock"), asm.Mov.Reg(asm.R1, asm.R0), asm.FnSpinLock.Call(), ret)},
	{name: "record never submitted", kind: ErrLeak, want: "1 record it reserved with bpf_ringbuf_reserve neither submitted nor discarded",
		prog: cat(reserved, ret)},

	{name: "misaligned atomic operation", kind: ErrMisaligned, want: `atomic operation on 8 bytes at value [0] of map "array"+4: its address must be a multiple of 8`,
		prog: cat(looked("array"), asm.Mov.Imm(asm.R1, 1), asm.AddAtomic.Mem(asm.R0, asm.R1, asm.DWord, 4), ret)},
	{name: "endless loop", kind: ErrBudget, want: "more than 1000 instructions executed",
		prog: cat(asm.Mov.Imm(asm.R0, 0).WithSymbol("again"), asm.Ja.Label("again"), ret)},
	{name: "endless recursion", kind: ErrStackDepth, want: "8 functions are the most that may be active",
		prog: cat(asm.Call.Label("prog"), asm.Return())},
	{name: "recursion through callbacks", kind: ErrStackDepth, want: "callback again: 8 functions",
		prog: cat(asm.Call.Label("again"), ret,
			asm.Mov.Imm(asm.R1, 1).WithSymbol("again"), funcPtr(asm.R2, "again"), asm.Mov.Imm(asm.R3, 0), asm.Mov.Imm(asm.R4, 0), asm.FnLoop.Call(), ret)},
	{name: "endless callbacks", kind: ErrBudget, want: "more than 1000 instructions executed",
		prog: cat(asm.Mov.Imm(asm.R1, 1<<20), funcPtr(asm.R2, "f"), asm.Mov.Imm(asm.R3, 0), asm.Mov.Imm(asm.R4, 0), asm.FnLoop.Call(), ret,
			asm.Mov.Imm(asm.R0, 0).WithSymbol("f"), asm.Return())},
}

func TestEveryBadAccessIsStoppedAndExplained(t *testing.T) {
	seen := map[error]bool{}
	for _, c := range safetyCases {
		seen[c.kind] = true
		t.Run(c.name, func(t *testing.T) {
			c.prog[0] = c.prog[0].WithSymbol(firstSymbol(c.prog[0]))
			spec := collection(c.prog)
			spec.Maps = safetyMaps()
			m, err := New(spec, Options{Budget: 1000})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // what a fault leaves behind must not matter to the next call
				f := fails(t, m, "prog", c.args...)
				if !errors.Is(f, c.kind) || !strings.Contains(f.Error(), c.want) {
					t.Errorf("want %q (%v), the program was stopped with\n%v", c.want, c.kind, f)
				}
				if err := m.Reset(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	for _, kind := range []error{ErrNull, ErrOutOfBounds, ErrReadOnly, ErrFreed, ErrUninitialised, ErrNotPointer, ErrMisaligned, ErrBudget,
		ErrStackDepth, ErrHelper, ErrLeak} {
		if !seen[kind] {
			t.Errorf("no program for %v", kind)
		}
	}
}

// firstSymbol keeps a label on the first instruction.
func firstSymbol(in asm.Instruction) string {
	if s := in.Symbol(); s != "" {
		return s
	}
	return "prog"
}

func TestReadOfAReplacedValueShowsTheOldOne(t *testing.T) {
	prog := cat(looked("hash"), asm.Mov.Reg(asm.R6, asm.R0), storeImm(asm.R6, 0, 5, asm.Word),
		storeImm(asm.RFP, -16, 7, asm.DWord), storeImm(asm.RFP, -24, 7, asm.DWord), key0("hash"),
		asm.Mov.Reg(asm.R3, asm.RFP), asm.Add.Imm(asm.R3, -24), asm.Mov.Imm(asm.R4, 0), asm.FnMapUpdateElem.Call(),
		asm.LoadMem(asm.R0, asm.R6, 0, asm.Word), asm.Return())
	spec := collection(prog)
	spec.Maps = safetyMaps()
	m, err := New(spec, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 300 { // long enough for slots to be used again
		if got := call(t, m, "prog"); got != 5 {
			t.Fatalf("call %d read %d, want 5", i, got)
		}
		if got := lookup[[3]uint32](t, m, "hash", uint32(0)); got != [3]uint32{7, 0, 7} {
			t.Fatalf("after call %d the value is %v", i, got)
		}
	}
	if n := len(mustMap(t, m, "hash").hash.slots); n > 4+quarantine+chunkSlots {
		t.Errorf("%d slots for 4 elements: they are not used again", n)
	}
}

func TestArgumentsAreGoneAfterTheCall(t *testing.T) {
	// Saves the address of its argument in a map, and reads through what it saved before.
	prog := cat(arg0, asm.Mov.Reg(asm.R7, asm.R6), looked("lock"), asm.LoadMem(asm.R1, asm.R0, 0, asm.DWord), asm.StoreMem(asm.R0, 0, asm.R7, asm.DWord),
		asm.Mov.Imm(asm.R0, 0), asm.JEq.Imm(asm.R1, 0, "out"), asm.LoadMem(asm.R0, asm.R1, 0, asm.Byte), asm.Return().WithSymbol("out"))
	spec := collection(prog)
	spec.Maps = safetyMaps()
	m, err := New(spec, Options{})
	if err != nil {
		t.Fatal(err)
	}
	call(t, m, "prog", Mem("first", make([]byte, 8), true))
	if f := fails(t, m, "prog", Scalar(0)); !errors.Is(f, ErrFreed) || !strings.Contains(f.Error(), `memory "first" after the call it was passed to`) {
		t.Errorf("stopped with %v", f)
	}
}
