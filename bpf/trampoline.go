// SPDX-License-Identifier: MIT

package bpf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
)

// Trampoline is what is known of the code with which the kernel calls a BPF
// program that has more arguments than fit into registers.
type Trampoline struct {
	// Right is whether the 7th and 8th argument arrive.
	Right Answer
	// Evidence says how this is known.
	Evidence string
}

// argumentRegisters is how many arguments of a C function are in registers. More
// lie on the stack, where the trampoline must find them.
var argumentRegisters = map[string]int{"amd64": 6, "s390x": 5, "arm64": 8, "riscv64": 8, "ppc64le": 8, "loong64": 8}

// EightArguments says whether this kernel passes all eight arguments of
// iomap_ioend. Where the kernel has the type and the process may load programs
// it lets the kernel make the code for such a call, and reads it; nothing is
// called. Otherwise it goes by architecture and release.
func EightArguments(ctx context.Context) Trampoline {
	k, err := findType(ctx, fuseIomap.name)
	if err != nil {
		return expected(runtime.GOARCH, kernelRelease())
	}
	return k.trampoline(ctx, "iomap_ioend")
}

// expected is what is known without looking: where everything is in registers
// nothing can go wrong, and two releases were tried.
func expected(goarch, release string) Trampoline {
	if argumentRegisters[goarch] >= 8 {
		return Trampoline{Yes, "eight arguments are in registers on " + goarch}
	}
	if goarch != "amd64" {
		return Trampoline{Unknown, "nobody has tried it on " + goarch}
	}
	major, rest, _ := strings.Cut(release, ".")
	minor, _, _ := strings.Cut(rest, ".")
	minor, _, _ = strings.Cut(minor, "-")
	a, err1 := strconv.Atoi(major)
	b, err2 := strconv.Atoi(minor)
	switch {
	case err1 != nil || err2 != nil:
		return Trampoline{Unknown, fmt.Sprintf("the release %q has no number", release)}
	case a < 6 || a == 6 && b <= 12:
		return Trampoline{No, "Linux 6.12 for amd64 was seen to pass them 8 bytes off, and this is " + release}
	case a > 7 || a == 7 && b >= 3:
		return Trampoline{Yes, "Linux 7.3 for amd64 was seen to pass them, and this is " + release}
	}
	return Trampoline{Unknown, "Linux 6.12 for amd64 was seen to pass them wrongly and 7.3 rightly, and this is " + release + ", between the two"}
}

// omissions are the callbacks of a variable that this kernel would call with
// wrong arguments: to be left out if the options say so, else an error.
func (k *kernelType) omissions(ctx context.Context, object string, v OpsVariable, opts Options) ([]string, error) {
	return k.omissionsOn(ctx, runtime.GOARCH, object, v, opts)
}

func (k *kernelType) omissionsOn(ctx context.Context, goarch, object string, v OpsVariable, opts Options) (omit []string, err error) {
	for _, member := range k.callbacks() {
		if v.Programs[member] == "" || k.arguments(member) <= argumentRegisters[goarch] {
			continue
		}
		t := k.trampolineOn(ctx, goarch, member)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		switch {
		case t.Right == Yes:
		case opts.AllowPartial:
			omit = append(omit, member)
		default:
			return nil, fmt.Errorf("bpf: %s: %w, so what %s writes through its last parameter could go anywhere: %s: use another kernel, or leave the callback out with Options.AllowPartial, and the server is asked instead", object, ErrEightArguments, v.Programs[member], t.Evidence)
		}
	}
	return omit, nil
}

// read is what reading the code has shown; a kernel does not change while it
// runs.
var read struct {
	sync.Mutex
	trampoline Trampoline
}

// trampoline lets the kernel make the code that calls a callback with arguments
// on the stack, and reads from it where it looks for them.
func (k *kernelType) trampoline(ctx context.Context, member string) Trampoline {
	return k.trampolineOn(ctx, runtime.GOARCH, member)
}

func (k *kernelType) trampolineOn(ctx context.Context, goarch, member string) Trampoline {
	if goarch != "amd64" {
		return expected(goarch, kernelRelease())
	}
	read.Lock()
	defer read.Unlock()
	if read.trampoline.Right != Unknown {
		return read.trampoline
	}
	right, err := k.probe(ctx, member)
	if err != nil {
		t := expected(goarch, kernelRelease())
		t.Evidence += fmt.Sprintf(" (the kernel's code could not be read: %v)", err)
		return t
	}
	t := Trampoline{No, "the code that this kernel makes for the call takes them 8 bytes above where the caller puts them"}
	if right {
		t = Trampoline{Yes, "the code that this kernel makes for the call takes them where the caller puts them"}
	}
	read.trampoline = t
	return t
}

// probe loads a map whose member is a program that does nothing, and reads the
// code made for it.
func (k *kernelType) probe(ctx context.Context, member string) (right bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	pointer := &btf.Pointer{Target: &btf.FuncProto{Return: &btf.Void{}}}
	char := &btf.Int{Name: "char", Size: 1, Encoding: btf.Char}
	value := &btf.Struct{Name: k.ops.Name, Size: 24, Members: []btf.Member{
		{Name: member, Type: pointer},
		{Name: "name", Type: &btf.Array{Index: &btf.Int{Name: "int", Size: 4}, Type: char, Nelems: 16}, Offset: 64},
	}}
	contents := make([]byte, value.Size)
	copy(contents[8:], "abigen.probe")
	const name = "probe"
	spec := &ebpf.CollectionSpec{
		Maps: map[string]*ebpf.MapSpec{name: {
			Name: name, Type: ebpf.StructOpsMap, Key: &btf.Int{Name: "int", Size: 4}, KeySize: 4, ValueSize: value.Size,
			Value: value, MaxEntries: 1, Flags: flagLink, Contents: []ebpf.MapKV{{Key: uint32(0), Value: contents}},
		}},
		Programs: map[string]*ebpf.ProgramSpec{name: {
			Name: name, Type: ebpf.StructOps, License: "GPL", AttachTo: k.ops.Name + ":" + member,
			Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 0), asm.Return()},
		}},
	}
	coll, err := ebpf.NewCollectionWithOptions(spec, ebpf.CollectionOptions{Cache: k.cache, Programs: ebpf.ProgramOptions{LogDisabled: true}})
	if err != nil {
		return false, err
	}
	defer coll.Close()
	code, err := k.code(coll.Maps[name], member)
	if err != nil {
		return false, err
	}
	at, err := stackArguments(code)
	if err != nil {
		return false, err
	}
	// Above the frame pointer lie the caller's and the return address.
	return at == 16, nil
}

// flagLink is BPF_F_LINK: the map is attached by a link.
const flagLink = 1 << 13

// codeSize is how much of a trampoline is read: it stores its arguments first.
const codeSize = 256

// code reads the start of the code in a member of a struct_ops map that is
// loaded. The map does not show it, so a BPF program walks the kernel's maps and
// copies it out.
func (k *kernelType) code(m *ebpf.Map, member string) ([]byte, error) {
	slot, ok := k.slot(member)
	if !ok {
		return nil, fmt.Errorf("the kernel has no member %s", member)
	}
	vmlinux, err := k.cache.Kernel()
	if err != nil {
		return nil, err
	}
	idAt, err := offsetOf(vmlinux, "bpf_map", "id")
	if err != nil {
		return nil, err
	}
	valueAt, err := offsetOf(vmlinux, "bpf_struct_ops_map", "kvalue")
	if err != nil {
		return nil, err
	}
	dataAt, err := offsetOf(vmlinux, "bpf_struct_ops_value", "data")
	if err != nil {
		return nil, err
	}
	info, err := m.Info()
	if err != nil {
		return nil, err
	}
	id, ok := info.ID()
	if !ok {
		return nil, errors.New("the map has no number")
	}

	const state, address, text = 0, 8, 16
	out, err := ebpf.NewMap(&ebpf.MapSpec{Name: "abigen_code", Type: ebpf.Array, KeySize: 4, ValueSize: text + codeSize, MaxEntries: 1})
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Close() }()
	walk, err := ebpf.NewProgramWithOptions(&ebpf.ProgramSpec{
		Name: "abigen_walk", Type: ebpf.Tracing, AttachType: ebpf.AttachTraceIter, AttachTo: "bpf_map", License: "GPL",
		Instructions: asm.Instructions{
			asm.LoadMem(asm.R6, asm.R1, 8, asm.DWord), // struct bpf_iter__bpf_map: map
			asm.JEq.Imm(asm.R6, 0, "done"),
			asm.LoadMem(asm.R1, asm.R6, int16(idAt), asm.Word),
			asm.JNE.Imm(asm.R1, int32(id), "done"),
			asm.LoadMapValue(asm.R7, out.FD(), 0),
			// A pointer that went through memory is a number, to compute with.
			asm.StoreMem(asm.R7, state, asm.R6, asm.DWord),
			asm.LoadMem(asm.R3, asm.R7, state, asm.DWord),
			asm.Mov.Imm(asm.R0, 0),
			asm.StoreMem(asm.R7, state, asm.R0, asm.DWord),
			asm.Add.Imm(asm.R3, int32(valueAt+dataAt+slot)),
			asm.Mov.Reg(asm.R1, asm.R7),
			asm.Add.Imm(asm.R1, address),
			asm.Mov.Imm(asm.R2, 8),
			asm.FnProbeReadKernel.Call(),
			asm.JNE.Imm(asm.R0, 0, "done"),
			asm.LoadMem(asm.R3, asm.R7, address, asm.DWord),
			asm.Mov.Imm(asm.R0, 0),
			asm.StoreMem(asm.R7, address, asm.R0, asm.DWord),
			asm.Mov.Reg(asm.R1, asm.R7),
			asm.Add.Imm(asm.R1, text),
			asm.Mov.Imm(asm.R2, codeSize),
			asm.FnProbeReadKernel.Call(),
			asm.JNE.Imm(asm.R0, 0, "done"),
			asm.Mov.Imm(asm.R0, 1),
			asm.StoreMem(asm.R7, state, asm.R0, asm.DWord),
			asm.Mov.Imm(asm.R0, 0).WithSymbol("done"),
			asm.Return(),
		},
	}, ebpf.ProgramOptions{LogDisabled: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = walk.Close() }()
	if err := iterate(walk); err != nil {
		return nil, err
	}
	b, err := out.LookupBytes(uint32(0))
	if err != nil {
		return nil, err
	}
	if b[state] != 1 {
		return nil, errors.New("the map was not found, or its code is locked away")
	}
	return b[text:], nil
}

// offsetOf is where a member of a kernel's struct lies, in bytes.
func offsetOf(types *btf.Spec, record, member string) (uint32, error) {
	var st *btf.Struct
	if err := types.TypeByName(record, &st); err != nil {
		return 0, err
	}
	for _, m := range st.Members {
		if m.Name == member {
			return m.Offset.Bytes(), nil
		}
	}
	return 0, fmt.Errorf("struct %s has no member %s", record, member)
}

// stackArguments finds in a trampoline for x86-64 where, above the frame pointer,
// it takes its first argument on the stack from: two consecutive slots are loaded
// and stored below the frame pointer.
func stackArguments(code []byte) (int, error) {
	var (
		load  = []byte{0x48, 0x8b, 0x45}       // mov rax, [rbp+disp8]
		short = []byte{0x48, 0x89, 0x45}       // mov [rbp+disp8], rax
		long  = []byte{0x48, 0x89, 0x85}       // mov [rbp+disp32], rax
		frame = []byte{0x55, 0x48, 0x89, 0xe5} // push rbp; mov rbp, rsp
	)
	start := bytes.Index(code, frame)
	if start < 0 {
		return 0, errors.New("it sets up no frame")
	}
	code = code[start:]
	// next matches a load and its store at the start of code.
	next := func(code []byte) (from, size int) {
		switch {
		case len(code) >= 8 && bytes.HasPrefix(code, load) && bytes.HasPrefix(code[4:], short):
			size = 8
		case len(code) >= 11 && bytes.HasPrefix(code, load) && bytes.HasPrefix(code[4:], long):
			size = 11
		default:
			return 0, 0
		}
		// Negative ones are below the frame pointer.
		if from = int(int8(code[3])); from <= 0 || code[size-1] < 0x80 {
			return 0, 0
		}
		return from, size
	}
	for i := range code {
		first, size := next(code[i:])
		if size == 0 {
			continue
		}
		second, more := next(code[i+size:])
		if more > 0 && second == first+8 && (first == 16 || first == 24) {
			return first, nil
		}
		return 0, fmt.Errorf("it takes its arguments on the stack from byte %d and %d", first, second)
	}
	return 0, errors.New("it takes no argument from the stack")
}
