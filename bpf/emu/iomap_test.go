// SPDX-License-Identifier: MIT

package emu_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/emu"
)

// iomapSpec is an object with one program for a member.
func iomapSpec(order binary.ByteOrder, member string, insns ...asm.Instruction) *ebpf.CollectionSpec {
	return &ebpf.CollectionSpec{ByteOrder: order, Programs: map[string]*ebpf.ProgramSpec{"prog": {
		Name: "prog", Type: ebpf.StructOps, AttachTo: "fuse_iomap_bpf_ops:" + member, Instructions: insns, ByteOrder: order,
	}}}
}

var bothOrders = []binary.ByteOrder{binary.LittleEndian, binary.BigEndian}

// arg loads argument n into r.
func arg(r asm.Register, n int) asm.Instruction { return asm.LoadMem(r, asm.R1, int16(8*n), asm.DWord) }

func newIomap(t *testing.T, spec *ebpf.CollectionSpec, opts emu.IomapOptions) *emu.Iomap {
	t.Helper()
	x, err := emu.NewIomap(spec, opts)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestBeginPassesWhatTheKernelDoes(t *testing.T) {
	for _, order := range bothOrders {
		// read.offset = pos, length = count, addr = opflags << 32, dev and type.
		x := newIomap(t, iomapSpec(order, "iomap_begin",
			arg(asm.R2, 4),
			arg(asm.R3, 1), asm.StoreMem(asm.R2, 0, asm.R3, asm.DWord),
			arg(asm.R3, 2), asm.StoreMem(asm.R2, 8, asm.R3, asm.DWord),
			arg(asm.R3, 3), asm.LSh.Imm(asm.R3, 32), asm.StoreMem(asm.R2, 16, asm.R3, asm.DWord),
			asm.StoreImm(asm.R2, 24, 2, asm.Half), asm.StoreImm(asm.R2, 28, 7, asm.Word),
			asm.StoreImm(asm.R2, 62, 9, asm.Half),
			asm.Mov.Imm(asm.R0, 1), asm.Return(),
		), emu.IomapOptions{})
		out, ret, err := x.Begin(5, abi.IomapBeginIn{Pos: 1 << 40, Count: 99, Opflags: abi.FUSE_IOMAP_OP_WRITEBACK})
		want := abi.IomapIO{Offset: 1 << 40, Length: 99, Addr: 1 << 63, Type: abi.FUSE_IOMAP_TYPE_MAPPED, Dev: 7}
		if err != nil || ret != abi.FIB_HANDLED || out.Read != want || out.Write.Dev == 0 {
			t.Errorf("%s: Begin = %+v, %v, %v", order, out, ret, err)
		}
	}
}

func TestEndPassesWhatTheKernelDoes(t *testing.T) {
	x := newIomap(t, iomapSpec(binary.LittleEndian, "iomap_end",
		arg(asm.R0, 1), arg(asm.R2, 2), asm.Add.Reg(asm.R0, asm.R2), arg(asm.R2, 3), asm.Add.Reg(asm.R0, asm.R2), arg(asm.R2, 4), asm.Add.Reg(asm.R0, asm.R2), asm.Return(),
	), emu.IomapOptions{})
	ret, err := x.End(5, abi.IomapEndIn{Pos: 1000, Count: 200, Written: -100, Opflags: abi.FUSE_IOMAP_OP_WRITE})
	if err != nil || ret != 1000+200-100+1 {
		t.Errorf("End = %d, %v", ret, err)
	}
	if begin, end, ioend := x.Has(); begin || !end || ioend {
		t.Errorf("Has() = %v, %v, %v", begin, end, ioend)
	}
}

func TestIoendPassesWhatTheKernelDoes(t *testing.T) {
	for _, order := range bothOrders {
		sum := []asm.Instruction{asm.Mov.Imm(asm.R0, 0)}
		for n := 1; n <= 6; n++ {
			sum = append(sum, arg(asm.R2, n), asm.Mul.Imm(asm.R0, 10), asm.Add.Reg(asm.R0, asm.R2))
		}
		x := newIomap(t, iomapSpec(order, "iomap_ioend", append(sum,
			arg(asm.R2, 7), asm.LoadMem(asm.R3, asm.R2, 0, asm.DWord), asm.Add.Reg(asm.R3, asm.R0), asm.StoreMem(asm.R2, 0, asm.R3, asm.DWord),
			asm.Mov.Imm(asm.R0, 1), asm.Return())...,
		), emu.IomapOptions{})
		// The error is the one that is signed.
		out, ret, err := x.Ioend(5, abi.IomapIoendIn{Pos: 1, Written: 2, Flags: 3, Error: -4, Dev: 5, NewAddr: 6}, 1000000)
		if err != nil || ret != abi.FIB_HANDLED || out.Newsize != 1000000+123000-400+56 {
			t.Errorf("%s: Ioend = %+v, %v, %v", order, out, ret, err)
		}
	}
}

func TestMissingMembersFallBack(t *testing.T) {
	x := newIomap(t, iomapSpec(binary.LittleEndian, "iomap_end", asm.Mov.Imm(asm.R0, 1), asm.Return()), emu.IomapOptions{})
	if out, ret, err := x.Begin(1, abi.IomapBeginIn{}); ret != abi.FIB_FALLBACK || err != nil || out != (abi.IomapBeginOut{}) {
		t.Errorf("Begin = %+v, %v, %v", out, ret, err)
	}
	if out, ret, err := x.Ioend(1, abi.IomapIoendIn{}, 77); ret != abi.FIB_FALLBACK || err != nil || out.Newsize != 77 {
		t.Errorf("Ioend = %+v, %v, %v", out, ret, err)
	}
	x = newIomap(t, iomapSpec(binary.LittleEndian, "iomap_begin", asm.Mov.Imm(asm.R0, 1), asm.Return()), emu.IomapOptions{})
	if ret, err := x.End(1, abi.IomapEndIn{}); ret != abi.FIB_FALLBACK || err != nil {
		t.Errorf("End = %v, %v", ret, err)
	}
}

func TestFirstArgumentIsTheRevisions(t *testing.T) {
	number := iomapSpec(binary.LittleEndian, "iomap_begin", arg(asm.R0, 0), asm.Return())
	if _, ret, err := newIomap(t, number, emu.IomapOptions{Revision: "R1"}).Begin(77, abi.IomapBeginIn{}); ret != 77 || err != nil {
		t.Errorf("R1: %v, %v", ret, err)
	}
	member := iomapSpec(binary.LittleEndian, "iomap_begin", arg(asm.R2, 0), asm.LoadMem(asm.R0, asm.R2, 0, asm.DWord), asm.LoadMem(asm.R2, asm.R2, 8, asm.DWord), asm.Add.Reg(asm.R0, asm.R2), asm.Return())
	for _, revision := range []string{"R2", "R3"} {
		if _, ret, err := newIomap(t, member, emu.IomapOptions{Revision: revision}).Begin(77, abi.IomapBeginIn{AttrIno: 100}); ret != 177 || err != nil {
			t.Errorf("%s: %v, %v", revision, ret, err)
		}
	}
	_, _, err := newIomap(t, member, emu.IomapOptions{Revision: "R4"}).Begin(77, abi.IomapBeginIn{})
	if !errors.Is(err, emu.ErrOutOfBounds) {
		t.Errorf("R4: reading the opaque inode gives %v", err)
	}
}

func TestKernelTypesDecideWhatIsPassed(t *testing.T) {
	// A kernel whose inode has other members first.
	u64 := &btf.Int{Name: "u64", Size: 8}
	inode := &btf.Struct{Name: "fuse_inode", Size: 640, Members: []btf.Member{
		{Name: "other", Type: &btf.Array{Index: u64, Type: u64, Nelems: 70}},
		{Name: "nodeid", Type: u64, Offset: 8 * 560},
	}}
	first := []btf.FuncParam{{Type: &btf.Pointer{Target: inode}}, {Type: u64}, {Type: u64}, {Type: u64}, {Type: u64}}
	build := func(params []btf.FuncParam, inode btf.Type) *btf.Spec {
		t.Helper()
		ops := &btf.Struct{Name: "fuse_iomap_bpf_ops", Size: 8, Members: []btf.Member{{Name: "iomap_begin", Type: &btf.Pointer{Target: &btf.FuncProto{Return: u64, Params: params}}}}}
		b, err := btf.NewBuilder([]btf.Type{ops, inode}, nil)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := b.Marshal(nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		spec, err := btf.LoadSpecFromReader(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		return spec
	}
	at560 := iomapSpec(binary.NativeEndian, "iomap_begin", arg(asm.R2, 0), asm.LoadMem(asm.R0, asm.R2, 560, asm.DWord), asm.Return())
	at560.ByteOrder = []binary.ByteOrder{binary.LittleEndian, binary.BigEndian}[binary.NativeEndian.Uint16([]byte{1, 0})>>8]
	x := newIomap(t, at560, emu.IomapOptions{Options: emu.Options{KernelTypes: build(first, inode)}})
	if _, ret, err := x.Begin(33, abi.IomapBeginIn{}); ret != 33 || err != nil {
		t.Errorf("Begin = %v, %v", ret, err)
	}
	for want, types := range map[string]*btf.Spec{
		"not an inode":                        build([]btf.FuncParam{{Type: &btf.Pointer{Target: u64}}, {Type: u64}, {Type: u64}, {Type: u64}, {Type: u64}}, inode),
		"no callback of five parameters":      build(first[:3], inode),
		"has no member nodeid of 8 bytes":     build(first, inode).Copy(),
		"the types have no struct fuse_iomap": emptyTypes(t),
	} {
		if strings.HasPrefix(want, "has no member") {
			other := &btf.Struct{Name: "fuse_inode", Size: 8, Members: []btf.Member{{Name: "x", Type: u64}}}
			params := append([]btf.FuncParam{{Type: &btf.Pointer{Target: other}}}, first[1:]...)
			types = build(params, other)
		}
		if _, err := emu.NewIomap(at560, emu.IomapOptions{Options: emu.Options{KernelTypes: types}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("NewIomap gives %v, want %s", err, want)
		}
	}
}

func emptyTypes(t *testing.T) *btf.Spec {
	t.Helper()
	b, err := btf.NewBuilder([]btf.Type{&btf.Int{Name: "u64", Size: 8}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := b.Marshal(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	spec, err := btf.LoadSpecFromReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

func TestOtherProgramsOfAnObjectMayNeedMore(t *testing.T) {
	spec := iomapSpec(binary.LittleEndian, "iomap_begin", asm.Mov.Imm(asm.R0, 1), asm.Return())
	spec.Programs["other"] = &ebpf.ProgramSpec{Name: "other", Type: ebpf.Tracing, AttachTo: "vfs_read", License: "GPL",
		Instructions: asm.Instructions{asm.FnGetCurrentTask.Call().WithSymbol("other"), asm.Return()}}
	if _, ret, err := newIomap(t, spec, emu.IomapOptions{}).Begin(1, abi.IomapBeginIn{}); ret != abi.FIB_HANDLED || err != nil {
		t.Errorf("Begin = %v, %v", ret, err)
	}
	_, err := emu.NewIomap(spec, emu.IomapOptions{Options: emu.Options{Programs: []string{"prog", "other"}}})
	if !errors.Is(err, emu.ErrUnsupported) || !strings.Contains(err.Error(), "bpf_get_current_task") {
		t.Errorf("the other program is asked for: %v", err)
	}
	delete(spec.Programs, "other")
	spec.Programs["plain"] = &ebpf.ProgramSpec{Name: "plain", Type: ebpf.Syscall, Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 0).WithSymbol("plain"), asm.Return()}}
	_, err = emu.NewIomap(spec, emu.IomapOptions{Options: emu.Options{Programs: []string{"plain"}}})
	if err == nil || !strings.Contains(err.Error(), "Options.Programs names none of the programs attached to struct fuse_iomap_bpf_ops, prog") {
		t.Errorf("none of those attached is asked for: %v", err)
	}
}

func TestWrongIomapOptionsSayWhatToDo(t *testing.T) {
	ok := iomapSpec(binary.LittleEndian, "iomap_begin", asm.Mov.Imm(asm.R0, 0), asm.Return())
	for want, try := range map[string]func() error{
		`no revision "R9"`: func() error { _, err := emu.NewIomap(ok, emu.IomapOptions{Revision: "R9"}); return err },
		"give one": func() error {
			_, err := emu.NewIomap(ok, emu.IomapOptions{Revision: "R2", Options: emu.Options{KernelTypes: emptyTypes(t)}})
			return err
		},
		"no program is attached to a member": func() error {
			_, err := emu.NewIomap(iomapSpec(binary.LittleEndian, "something", asm.Mov.Imm(asm.R0, 0), asm.Return()), emu.IomapOptions{})
			return err
		},
		"no collection": func() error { _, err := emu.NewIomap(nil, emu.IomapOptions{}); return err },
		"the object cannot be read": func() error {
			_, err := emu.LoadIomap(strings.NewReader("not an object"), emu.IomapOptions{})
			return err
		},
	} {
		if err := try(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestFaultsOfTypedCallsAreReported(t *testing.T) {
	x := newIomap(t, iomapSpec(binary.LittleEndian, "iomap_begin", arg(asm.R2, 4), asm.StoreImm(asm.R2, 64, 1, asm.Word), asm.Mov.Imm(asm.R0, 1), asm.Return()), emu.IomapOptions{})
	_, ret, err := x.Begin(1, abi.IomapBeginIn{})
	var f *emu.Fault
	if !errors.As(err, &f) || !errors.Is(err, emu.ErrOutOfBounds) || !strings.Contains(f.What, "outarg") || ret != 0 {
		t.Errorf("Begin past the answer = %v, %v", ret, err)
	}
	x = newIomap(t, iomapSpec(binary.LittleEndian, "iomap_begin", arg(asm.R2, 0), asm.StoreImm(asm.R2, 0, 1, asm.Word), asm.Mov.Imm(asm.R0, 1), asm.Return()), emu.IomapOptions{})
	if _, _, err := x.Begin(1, abi.IomapBeginIn{}); !errors.Is(err, emu.ErrReadOnly) {
		t.Errorf("a write to the inode gives %v", err)
	}
}

func TestTypedCallsAllocateNothing(t *testing.T) {
	x := newIomap(t, iomapSpec(binary.LittleEndian, "iomap_begin", asm.Mov.Imm(asm.R0, 1), asm.Return()), emu.IomapOptions{})
	if n := testing.AllocsPerRun(100, func() { _, _, _ = x.Begin(1, abi.IomapBeginIn{}) }); n != 0 {
		t.Errorf("%v allocations a call", n)
	}
}

// cacheProgram passes pointers or NULL to a kfunc of the mapping cache.
func cacheProgram(kfunc string, inode, read, write int32) *ebpf.CollectionSpec {
	insns := []asm.Instruction{arg(asm.R6, 0)}
	for i := range 4 {
		insns = append(insns, asm.Mov.Imm(asm.R2, int32(i+1)), asm.StoreMem(asm.RFP, int16(-32+8*i), asm.R2, asm.DWord))
	}
	pointerOrNull := func(r asm.Register, to int32) []asm.Instruction {
		if to == 0 {
			return []asm.Instruction{asm.Mov.Imm(r, 0)}
		}
		return []asm.Instruction{asm.Mov.Reg(r, asm.RFP), asm.Add.Imm(r, to)}
	}
	insns = append(insns, asm.Mov.Reg(asm.R1, asm.R6), asm.Add.Imm(asm.R1, inode))
	insns = append(insns, pointerOrNull(asm.R2, read)...)
	insns = append(insns, pointerOrNull(asm.R3, write)...)
	insns = append(insns, asm.Instruction{OpCode: asm.Call.Label("").OpCode, Src: asm.PseudoKfuncCall, Constant: -1}.WithReference(kfunc), asm.Return())
	return iomapSpec(binary.LittleEndian, "iomap_begin", insns...)
}

func TestCacheFunctionsAreGoFunctions(t *testing.T) {
	var updates []emu.CacheUpdate
	var drops []emu.CacheDrop
	opts := emu.IomapOptions{
		Revision: "R3",
		Upsert:   func(u emu.CacheUpdate) int32 { updates = append(updates, u); return -12 },
		Inval:    func(d emu.CacheDrop) int32 { drops = append(drops, d); return 0 },
	}
	_, ret, err := newIomap(t, cacheProgram("fuse_bpf_iomap_upsert_mappings", 0, -32, 0), opts).Begin(9, abi.IomapBeginIn{})
	if err != nil || int32(ret) != -12 || len(updates) != 1 || updates[0].NodeID != 9 || updates[0].Write != nil || updates[0].Read.Length != 2 {
		t.Errorf("upsert: %v, %v, %+v", int32(ret), err, updates)
	}
	_, ret, err = newIomap(t, cacheProgram("fuse_bpf_iomap_inval_mappings", 0, 0, -16), opts).Begin(9, abi.IomapBeginIn{})
	if err != nil || ret != 0 || len(drops) != 1 || drops[0].Read != nil || *drops[0].Write != (emu.CacheRange{Offset: 3, Length: 4}) {
		t.Errorf("inval: %v, %v, %+v", ret, err, drops)
	}
	_, _, err = newIomap(t, cacheProgram("fuse_bpf_iomap_upsert_mappings", 8, -32, 0), opts).Begin(9, abi.IomapBeginIn{})
	if !errors.Is(err, emu.ErrCallback) || !strings.Contains(err.Error(), "not the inode the program was called with") {
		t.Errorf("another inode: %v", err)
	}
	_, _, err = newIomap(t, cacheProgram("fuse_bpf_iomap_upsert_mappings", 0, -16, 0), opts).Begin(9, abi.IomapBeginIn{})
	if !errors.Is(err, emu.ErrOutOfBounds) {
		t.Errorf("a mapping that does not fit: %v", err)
	}
	_, _, err = newIomap(t, cacheProgram("fuse_bpf_iomap_upsert_mappings", 0, 0, 0), emu.IomapOptions{}).Begin(9, abi.IomapBeginIn{})
	if !errors.Is(err, emu.ErrUnsupported) || !strings.Contains(err.Error(), "which kernels before revision R3 do not have: ask for that revision, or guard the call with bpf_core_type_exists(struct fuse_range)") {
		t.Errorf("revision R2: %v", err)
	}
	opts.Upsert = nil
	if _, ret, err := newIomap(t, cacheProgram("fuse_bpf_iomap_upsert_mappings", 0, 0, 0), opts).Begin(9, abi.IomapBeginIn{}); ret != 0 || err != nil {
		t.Errorf("without a function: %v, %v", ret, err)
	}
}

// An object of one's own, called as a kernel of revision 4 calls it.
func ExampleNewIomap() {
	spec, err := ebpf.LoadCollectionSpec("../programs/internal/object/pattern_bpfel.o")
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := emu.NewIomap(spec, emu.IomapOptions{Revision: "R4"})
	if err != nil {
		fmt.Println(err)
		return
	}
	out, ret, err := x.Begin(7, abi.IomapBeginIn{Pos: 5000, Count: 1, Opflags: abi.FUSE_IOMAP_OP_REPORT})
	fmt.Println(ret, out.Read.Offset, out.Read.Length, out.Read.Type, out.Write.Type, err)
	// Output: HANDLED 4096 4096 UNWRITTEN PURE_OVERWRITE <nil>
}
