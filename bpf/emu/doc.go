// SPDX-License-Identifier: MIT

// Package emu runs BPF programs in pure Go, so that a program can be tested
// like any other function: without root, without a kernel that has its type,
// on any operating system, with the same answer every time.
//
// It executes what github.com/cilium/ebpf loads:
//
//	m, err := emu.LoadFile("prog.o", emu.Options{})   // or emu.New(spec, …)
//	p, err := m.Program("begin")
//	out := make([]byte, 64)
//	r, err := p.Call(emu.Mem("inode", inode, false), emu.Scalar(pos), emu.Mem("outarg", out, true))
//
// Call passes arguments as the kernel does to struct_ops programs; Run passes
// one pointer to a context. What the program wrote is in the caller's slices
// afterwards, what it keeps is in its maps ([Machine.Map]) and global variables
// ([Machine.Variable]).
//
// For the programs of a FUSE connection, [NewIomap] finds what an object attaches
// to iomap_begin, iomap_end and iomap_ioend, and calls it with the records of
// package abi, as a kernel of the revision asked for does: with a node id, an
// inode that holds one, or an opaque inode and the functions that tell.
//
//	x, err := emu.NewIomap(spec, emu.IomapOptions{Revision: "R4"})
//	out, ret, err := x.Begin(nodeid, abi.IomapBeginIn{Pos: 4096, Count: 512})
//
// # What is executed
//
// All of RFC 9669, the instruction set of -mcpu=v1 to v4: arithmetic, signed
// division, sign-extending moves and loads, byte swaps, every jump, atomic
// operations, calls of functions, helpers and kfuncs; and may_goto. Not packet
// access instructions, which the RFC deprecates, load-acquire and store-release,
// which came after it, and arenas. Objects of either byte order run on any machine:
// memory and maps are in the order of the object, [Machine.ByteOrder], and
// marshalled accordingly.
//
// Maps are arrays, hashes, LRU hashes, their per-CPU forms, maps of maps and
// ring buffers; one of another type is an error if a program refers to it. An LRU
// hash forgets exactly the element not used for longest; the kernel only tries to.
// [Helpers] lists the helpers; [Options].Helpers and
// Kfuncs add more, written in Go. Programs with a helper that is in neither are
// refused when they are loaded. The kfuncs that bpf_for and bpf_repeat call,
// bpf_iter_num_new and its neighbours, are there too. Another kfunc that is
// missing is an error if the program declares it strong; one declared __weak has
// the address NULL, and a call stops the program.
//
// CO-RE relocations are made against [Options].KernelTypes. A relocation that
// finds nothing poisons its instruction, which stops the program if it is
// reached. (The library applies relocations on Linux only.)
//
// Data sections begin with the values of CollectionSpec.Variables. These are
// bytes in the object's order; VariableSpec.Set writes the host's, so for an
// object of the other order set variables with [Variable.Set] after loading.
//
// # What is checked
//
// Pointers are numbers a program may calculate with, but they carry the region
// of memory they point into. Each access is checked to the byte, and a program
// that makes a bad one is stopped with a [Fault]:
//
//   - through NULL, or a number that is no pointer ([ErrNull], [ErrNotPointer])
//   - before or past an argument, a map value, a record, the frame's own stack:
//     frames are regions of their own, as is each element of an array
//     ([ErrOutOfBounds])
//   - a write to the context, to constants, to what was passed as read-only
//     ([ErrReadOnly])
//   - a deleted map value, a submitted record, the stack of a function that
//     returned, an argument of an earlier call; and a write to a value an update
//     has replaced since it was looked up, which still may be read ([ErrFreed])
//   - stack, records and registers that were never written ([ErrUninitialised])
//   - a map or a function as if it were memory ([ErrNotPointer])
//   - atomic operations at unaligned addresses ([ErrMisaligned])
//   - wrong arguments of helpers, locks or records kept ([ErrHelper], [ErrLeak])
//
// A call may execute [Options].Budget instructions ([ErrBudget]) in at most 8
// nested functions ([ErrStackDepth]). A fault says what happened, the source
// line, the instruction, the registers and who called whom.
//
// This is not the verifier: it judges the path taken, not all paths, and
// accepts programs the verifier refuses, for instance because it cannot see
// that a loop ends, or because the stacks of nested functions together exceed
// 512 bytes. A test that loads the program into a kernel stays necessary; what
// it needs to test is only that.
//
// # What is the same each time
//
// The clock ([Options].Clock), random numbers (Random, Seed), the CPU
// ([Machine.SetCPU]) and the order in which hashes are walked are all decided
// here, so two runs of a test give the same bytes. [Machine.Reset] returns to
// the state after loading.
//
// # How fast it is
//
// A call allocates nothing once what it touches exists, and costs a few
// nanoseconds an instruction: "make bench" compares that with the kernel's JIT,
// BenchmarkHash and its neighbours measure compiled programs.
package emu
