// SPDX-License-Identifier: MIT

package bpf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/rlimit"
)

// refused is a program that every kernel refuses, whatever types it has.
type refused struct {
	name string
	make func(*testing.T) *ebpf.CollectionSpec
	want string // part of the cause
	slow bool   // the verifier takes seconds: only when recording
}

const lookupElem = asm.FnMapLookupElem

// classifier is a program of a type that needs no privilege beyond loading.
func classifier(insns ...asm.Instruction) func(*testing.T) *ebpf.CollectionSpec {
	return program(ebpf.SchedCLS, "", insns...)
}

// dummy is one of the struct_ops type that kernels with CONFIG_NET have for
// their own tests: test_2 takes a record of 4 bytes and four numbers.
func dummy(member string, insns ...asm.Instruction) func(*testing.T) *ebpf.CollectionSpec {
	return program(ebpf.StructOps, "bpf_dummy_ops:"+member, insns...)
}

func program(kind ebpf.ProgramType, to string, insns ...asm.Instruction) func(*testing.T) *ebpf.CollectionSpec {
	return func(*testing.T) *ebpf.CollectionSpec {
		return &ebpf.CollectionSpec{
			ByteOrder: binary.LittleEndian,
			Maps: map[string]*ebpf.MapSpec{
				"values":    {Name: "values", Type: ebpf.Array, KeySize: 4, ValueSize: 16, MaxEntries: 1},
				"constants": {Name: "constants", Type: ebpf.Array, KeySize: 4, ValueSize: 16, MaxEntries: 1, Flags: 1 << 7}, // BPF_F_RDONLY_PROG
				"some":      {Name: "some", Type: ebpf.Hash, KeySize: 4, ValueSize: 16, MaxEntries: 1},
				"ring":      {Name: "ring", Type: ebpf.RingBuf, MaxEntries: 4096},
			},
			Programs: map[string]*ebpf.ProgramSpec{"refused": {
				Name: "refused", Type: kind, AttachTo: to, License: "GPL", Instructions: append(asm.Instructions{insns[0].WithSymbol("refused")}, insns[1:]...),
			}},
		}
	}
}

// lookup leaves element 0 of a map in R0.
func lookup(m string, then ...asm.Instruction) []asm.Instruction {
	return append([]asm.Instruction{
		asm.StoreImm(asm.RFP, -4, 0, asm.Word), asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, -4),
		asm.LoadMapPtr(asm.R1, 0).WithReference(m), lookupElem.Call(),
	}, then...)
}

// found does the same and leaves where there is none.
func found(m string, then ...asm.Instruction) []asm.Instruction {
	insns := append(lookup(m, asm.JEq.Imm(asm.R0, 0, "leave")), then...)
	return append(insns, asm.Mov.Imm(asm.R0, 0).WithSymbol("leave"), asm.Return())
}

// number leaves an unknown number in R0.
func number(then ...asm.Instruction) []asm.Instruction {
	return append([]asm.Instruction{asm.FnKtimeGetNs.Call()}, then...)
}

func leave(insns ...asm.Instruction) []asm.Instruction {
	return append(insns, asm.Mov.Imm(asm.R0, 0), asm.Return())
}

// object is the faulty object of a case in kerneltest/testdata/refuse, in place
// of a program for another type with five arguments.
func object(name string, kind ebpf.ProgramType, attach ebpf.AttachType, to string) func(*testing.T) *ebpf.CollectionSpec {
	return func(t *testing.T) *ebpf.CollectionSpec {
		spec := caseObject(t, name)
		for _, p := range spec.Programs {
			p.Type, p.AttachType, p.AttachTo = kind, attach, to
		}
		return spec
	}
}

func caseObject(t *testing.T, name string) *ebpf.CollectionSpec {
	t.Helper()
	spec, err := ebpf.LoadCollectionSpec(filepath.Join("kerneltest", "testdata", "refuse", "object", name+".faulty.o"))
	if err != nil {
		t.Fatal(err)
	}
	for n, m := range spec.Maps {
		if m.Type == ebpf.StructOpsMap {
			delete(spec.Maps, n)
		}
	}
	return spec
}

func asDummy(name string) func(*testing.T) *ebpf.CollectionSpec {
	return object(name, ebpf.StructOps, ebpf.AttachNone, "bpf_dummy_ops:test_2")
}

func asTracepoint(name string) func(*testing.T) *ebpf.CollectionSpec {
	return object(name, ebpf.RawTracepoint, ebpf.AttachNone, "")
}

// A type information with a member whose name no C compiler takes.
func badBTF(*testing.T) *ebpf.CollectionSpec {
	spec := program(ebpf.SchedCLS, "", leave()...)(nil)
	odd := &btf.Struct{Name: "odd", Size: 4, Members: []btf.Member{{Name: "not a name", Type: &btf.Int{Name: "int", Size: 4}}}}
	p := spec.Programs["refused"]
	p.Instructions[0] = btf.WithFuncMetadata(p.Instructions[0], &btf.Func{Name: "refused", Linkage: btf.GlobalFunc, Type: &btf.FuncProto{
		Return: &btf.Int{Name: "int", Size: 4}, Params: []btf.FuncParam{{Name: "ctx", Type: &btf.Pointer{Target: odd}}},
	}})
	return spec
}

// calls nests functions, each with a frame of the size.
func calls(depth int, frame int16) []asm.Instruction {
	var insns []asm.Instruction
	for i := range depth {
		f := []asm.Instruction{asm.StoreImm(asm.RFP, -frame, 0, asm.Word)}
		if i+1 < depth {
			f = append(f, asm.Call.Label(fmt.Sprint("f", i+1)))
		}
		f = leave(f...)
		if i > 0 {
			f[0] = f[0].WithSymbol(fmt.Sprint("f", i))
		}
		insns = append(insns, f...)
	}
	return insns
}

// halfPointer reads the lower half of a member that is a pointer.
func halfPointer(t *testing.T) *ebpf.CollectionSpec {
	kernel, err := btf.LoadKernelSpec()
	if err != nil {
		t.Fatal(err)
	}
	var task *btf.Struct
	if err := kernel.TypeByName("task_struct", &task); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(task.Members, func(m btf.Member) bool { return m.Name == "mm" })
	return program(ebpf.RawTracepoint, "", leave(asm.FnGetCurrentTaskBtf.Call(), asm.LoadMem(asm.R1, asm.R0, int16(task.Members[i].Offset.Bytes()), asm.Word))...)(t)
}

// manyPaths makes a number of unknown bits, one branch a bit, and no two ways to
// it alike.
func manyPaths(bits int) []asm.Instruction {
	insns := number(asm.Mov.Reg(asm.R6, asm.R0), asm.Mov.Imm(asm.R7, 0))
	for i := range bits {
		to := fmt.Sprint("b", i)
		insns = append(insns, asm.LSh.Imm(asm.R7, 1), asm.JSet.Imm(asm.R6, 1<<i, to), asm.Or.Imm(asm.R7, 1), asm.Mov.Imm(asm.R1, 0).WithSymbol(to))
	}
	return append(insns, asm.And.Imm(asm.R7, 7), asm.Mov.Reg(asm.R1, asm.RFP), asm.Add.Imm(asm.R1, -8), asm.Add.Reg(asm.R1, asm.R7),
		asm.StoreImm(asm.R1, 0, 0, asm.Byte), asm.Mov.Imm(asm.R0, 0), asm.Return())
}

var refusals = []refused{
	{name: "dummy_read_past", make: dummy("test_2", leave(asm.LoadMem(asm.R1, asm.R1, 0, asm.DWord), asm.LoadMem(asm.R0, asm.R1, 8, asm.Word))...), want: "reads 4 bytes at offset 8 of struct bpf_dummy_ops_state, which is past its end"},
	{name: "dummy_read_straddles", make: dummy("test_2", leave(asm.LoadMem(asm.R1, asm.R1, 0, asm.DWord), asm.LoadMem(asm.R0, asm.R1, 2, asm.Word))...), want: "reads 4 bytes at offset 2 of struct bpf_dummy_ops_state, which is past"},
	{name: "dummy_write_past", make: dummy("test_2", leave(asm.LoadMem(asm.R1, asm.R1, 0, asm.DWord), asm.StoreImm(asm.R1, 4, 0, asm.Word))...), want: "writes at offset 4 of a record of the kernel"},
	{name: "dummy_negative", make: dummy("test_2", leave(asm.LoadMem(asm.R1, asm.R1, 0, asm.DWord), asm.StoreImm(asm.R1, -4, 0, asm.Word))...), want: "writes in front of struct bpf_dummy_ops_state, at offset -4"},
	{name: "dummy_variable", make: dummy("test_2", leave(asm.LoadMem(asm.R2, asm.R1, 32, asm.DWord), asm.LoadMem(asm.R1, asm.R1, 0, asm.DWord), asm.And.Imm(asm.R2, 4), asm.Add.Reg(asm.R1, asm.R2), asm.StoreImm(asm.R1, 0, 0, asm.Word))...), want: "offset that is known only when"},
	{name: "dummy_unsupported_member", make: func(t *testing.T) *ebpf.CollectionSpec {
		spec := dummy("test_1", leave()...)(t)
		spec.Programs["refused"].Flags = 1 << 4 // BPF_F_SLEEPABLE
		return spec
	}, want: "does not take it for member test_1"},
	{name: "read_sixth_argument", make: asDummy("read_sixth_argument"), want: "takes argument 6 of test_2, which has fewer"},
	{name: "write_context", make: asDummy("write_context"), want: "writes to the context"},
	{name: "context_moved", make: dummy("test_2", leave(asm.Add.Imm(asm.R1, 8), asm.LoadMem(asm.R0, asm.R1, 0, asm.DWord))...), want: "has moved ctx"},
	{name: "number_as_pointer", make: asDummy("number_as_pointer"), want: "reads where a number says"},
	{name: "stack_index", make: asDummy("stack_index"), want: "indexes memory on the stack with a number that nothing bounds"},
	{name: "dummy_no_callback", make: program(ebpf.StructOps, "tcp_congestion_ops:key", leave()...), want: "member key of struct tcp_congestion_ops is no callback"},
	{name: "packet_end", make: classifier(leave(asm.LoadMem(asm.R1, asm.R1, 80, asm.Word), asm.LoadMem(asm.R0, asm.R1, 0, asm.Byte))...), want: "through a pointer of kind pkt_end"},
	{name: "half_a_pointer", make: halfPointer, want: "reads a part of member mm of struct task_struct, which is a pointer"},
	{name: "record_moved", make: classifier(leave(asm.LoadMapPtr(asm.R1, 0).WithReference("ring"), asm.Mov.Imm(asm.R2, 16), asm.Mov.Imm(asm.R3, 0), asm.FnRingbufReserve.Call(), asm.JEq.Imm(asm.R0, 0, "none"), asm.Mov.Reg(asm.R1, asm.R0), asm.Add.Imm(asm.R1, 8), asm.Mov.Imm(asm.R2, 0), asm.FnRingbufSubmit.Call(), asm.Mov.Imm(asm.R1, 0).WithSymbol("none"))...), want: "passes a pointer that it has moved"},
	{name: "type_missing", make: classifier(leave(asm.BuiltinFunc(195896080).Call())...), want: "a type or member that this kernel does not have"},
	{name: "dynptr_unset", make: classifier(leave(asm.Mov.Reg(asm.R1, asm.RFP), asm.Add.Imm(asm.R1, -8), asm.Mov.Imm(asm.R2, 8), asm.Mov.Reg(asm.R3, asm.RFP), asm.Add.Imm(asm.R3, -24), asm.Mov.Imm(asm.R4, 0), asm.Mov.Imm(asm.R5, 0), asm.FnDynptrRead.Call())...), want: "a dynamic pointer that nothing has set up"},
	{name: "licence", make: asDummy("licence"), want: "licence is none that the kernel takes"},
	{name: "wrong_helper", make: asDummy("wrong_helper"), want: "calls helper bpf_redirect"},
	{name: "null_map_value", make: asTracepoint("null_map_value"), want: "reads through a pointer that may be NULL"},
	{name: "map_value_index", make: asTracepoint("map_value_index"), want: "nothing bounds"},
	{name: "map_value_end", make: asTracepoint("map_value_end"), want: "8 bytes at offset 128 of a map's value, which has 128"},
	{name: "record_leak", make: asTracepoint("record_leak"), want: "without giving back what it has taken at record_leak.c:12"},
	{name: "dynptr_leak", make: asTracepoint("dynptr_leak"), want: "without giving back what it has taken at dynptr_leak.c:21"},
	{name: "write_task", make: asTracepoint("write_task"), want: "writes to memory of the kernel that programs may only read"},
	{name: "uninitialised_result", make: classifier(asm.Return()), want: "can return without having set what it returns"},
	{name: "uninitialised_register", make: classifier(leave(asm.Mov.Reg(asm.R1, asm.R3))...), want: "uses register 3 where nothing has set it"},
	{name: "null_arithmetic", make: classifier(lookup("some", leave(asm.Add.Imm(asm.R0, 8))...)...), want: "moves a pointer that may be NULL"},
	{name: "map_pointer", make: classifier(leave(asm.LoadMapPtr(asm.R1, 0).WithReference("values"), asm.StoreImm(asm.R1, 0, 0, asm.Word))...), want: "writes to struct bpf_array"},
	{name: "pointer_multiplied", make: classifier(leave(asm.Mul.Imm(asm.R1, 8))...), want: "calculates with a pointer"},
	{name: "pointer_masked", make: classifier(leave(asm.And.Imm(asm.R1, 8))...), want: "calculates with a pointer"},
	{name: "pointer_32", make: classifier(leave(asm.Add.Imm32(asm.R1, 8))...), want: "calculates with a pointer"},
	{name: "frame_pointer", make: classifier(leave(asm.Mov.Imm(asm.RFP, 0))...), want: "changes the frame pointer"},
	{name: "map_value_negative", make: classifier(found("values", asm.Mov.Reg(asm.R6, asm.R0), asm.FnKtimeGetNs.Call(), asm.JSGT.Imm(asm.R0, 8, "leave"), asm.Add.Reg(asm.R6, asm.R0), asm.LoadMem(asm.R1, asm.R6, 0, asm.Byte))...), want: "bound"},
	{name: "map_value_constant", make: classifier(found("values", asm.LoadMem(asm.R1, asm.R0, 16, asm.Byte))...), want: "1 bytes at offset 16 of a map's value, which has 16"},
	{name: "ring_record_constant", make: classifier(leave(asm.LoadMapPtr(asm.R1, 0).WithReference("ring"), asm.Mov.Imm(asm.R2, 8), asm.Mov.Imm(asm.R3, 0), asm.FnRingbufReserve.Call(), asm.JEq.Imm(asm.R0, 0, "none"), asm.StoreImm(asm.R0, 8, 1, asm.Word), asm.Mov.Imm(asm.R1, 0).WithSymbol("none"))...), want: "4 bytes at offset 8 of memory of 8 bytes"},
	{name: "constant_map", make: classifier(found("constants", asm.StoreImm(asm.R0, 0, 1, asm.Word))...), want: "writes to a map that programs may only read"},
	{name: "stack_end", make: classifier(leave(asm.StoreImm(asm.RFP, -516, 0, asm.Word))...), want: "the stack at offset -516, and there are 512 bytes"},
	{name: "stack_variable", make: classifier(leave(number(asm.And.Imm(asm.R0, 1023), asm.Mov.Reg(asm.R1, asm.RFP), asm.Add.Imm(asm.R1, -64), asm.Add.Reg(asm.R1, asm.R0), asm.StoreImm(asm.R1, 0, 0, asm.Byte))...)...), want: "the stack at an index that may be outside"},
	{name: "stack_misaligned", make: classifier(leave(asm.StoreImm(asm.RFP, -6, 0, asm.Word))...), want: "no multiple of the access's size"},
	{name: "helper_unknown", make: classifier(leave(asm.BuiltinFunc(9999).Call())...), want: "helper, number 9999, that this kernel does not have"},
	{name: "helper_argument", make: classifier(leave(asm.Mov.Imm(asm.R1, 0), asm.Mov.Imm(asm.R2, 0), lookupElem.Call())...), want: "argument 1 of the helper must be map_ptr"},
	{name: "helper_length", make: classifier(leave(number(asm.Mov.Reg(asm.R2, asm.R0), asm.Mov.Reg(asm.R1, asm.RFP), asm.Add.Imm(asm.R1, -8), asm.Mov.Imm(asm.R3, 0), asm.FnProbeReadKernel.Call())...)...), want: "bound"},
	{name: "gpl_helper", make: func(t *testing.T) *ebpf.CollectionSpec {
		spec := classifier(leave(asm.Mov.Imm(asm.R2, 0), asm.StoreMem(asm.RFP, -8, asm.R2, asm.DWord), asm.Mov.Reg(asm.R1, asm.RFP), asm.Add.Imm(asm.R1, -8), asm.Mov.Imm(asm.R2, 8), asm.FnTracePrintk.Call())...)(t)
		spec.Programs["refused"].License = "MIT"
		return spec
	}, want: "only programs under the GPL may"},
	{name: "loop_unchanged", make: classifier(number(asm.Mov.Imm(asm.R1, 0).WithSymbol("again"), asm.JNE.Imm(asm.R0, 7, "again"), asm.Mov.Imm(asm.R0, 0), asm.Return())...), want: "loop that need not end"},
	{name: "paths_many", make: classifier(manyPaths(22)...), want: "the verifier gave up after", slow: true},
	{name: "unreachable", make: classifier(asm.Mov.Imm(asm.R0, 0), asm.Return(), asm.Mov.Imm(asm.R0, 1), asm.Return()), want: "no path leads to"},
	{name: "no_exit", make: classifier(asm.Mov.Imm(asm.R0, 0), asm.Mov.Imm(asm.R1, 0)), want: "end in the middle of a path"},
	{name: "stack_nested", make: classifier(calls(3, 256)...), want: "bytes of stack in 3 nested calls"},
	{name: "calls_nested", make: classifier(calls(9, 8)...), want: "more than 8 deep"},
	{name: "division", make: classifier(leave(asm.Mov.Imm(asm.R0, 1), asm.Div.Imm(asm.R0, 0))...), want: "divides by a constant 0"},
	{name: "result_range", make: func(t *testing.T) *ebpf.CollectionSpec {
		spec := program(ebpf.CGroupSockAddr, "", asm.Mov.Imm(asm.R0, 7), asm.Return())(t)
		spec.Programs["refused"].AttachType = ebpf.AttachCGroupInet4Connect
		return spec
	}, want: "can return something else than the kernel allows"},
	{name: "btf_name", make: badBTF, want: "does not take the object's BTF"},
}

var kernelAddress = regexp.MustCompile(`0x?ffff[0-9a-f]{12}`)

// shortened is a log as it is kept: without the kernel's addresses, and without
// the middle of a long one, which no test looks at.
func shortened(log []string) []string {
	log = slices.Clone(log)
	for i, l := range log {
		log[i] = kernelAddress.ReplaceAllString(l, "0xffff888000000000")
	}
	if n := len(log); n > 120 {
		log = slices.Concat(log[:30], log[n-60:])
	}
	return log
}

// refusal loads a collection and returns the error that Load would.
func refusalOf(t *testing.T, spec *ebpf.CollectionSpec) *VerifierError {
	t.Helper()
	c, err := ebpf.NewCollection(spec)
	if err == nil {
		c.Close()
		t.Fatal("the kernel takes it")
	}
	var v *ebpf.VerifierError
	if !errors.As(err, &v) {
		t.Fatalf("no error of the verifier: %v", err)
	}
	for _, p := range spec.Programs {
		return newVerifierError(p, "", v)
	}
	return nil
}

// A way through a program that has too many branches is no error of the verifier
// to the library, which keeps the log for itself.
func TestRunningKernelGivesUp(t *testing.T) {
	_ = rlimit.RemoveMemlock()
	spec := classifier(number(asm.Mov.Imm(asm.R1, 0), asm.Add.Imm(asm.R1, 1).WithSymbol("again"), asm.JEq.Reg(asm.R0, asm.R1, "leave"),
		asm.JLT.Imm(asm.R1, 1<<20, "again"), asm.Mov.Imm(asm.R0, 0).WithSymbol("leave"), asm.Return())...)(t)
	c, err := ebpf.NewCollection(spec)
	if err == nil {
		c.Close()
		t.Skip("the running kernel takes more branches")
	}
	if !errors.Is(err, syscall.EFAULT) {
		t.Skipf("the running kernel does not give up, or may not be used: %v", err)
	}
	o := &Object{name: "object"}
	err = o.loadError(&kernelType{where: "vmlinux"}, spec, err)
	var v *VerifierError
	if !errors.As(err, &v) || v.Program != "refused" || !errors.Is(err, ErrVerifier) || !errors.Is(err, syscall.EFAULT) || !strings.Contains(err.Error(), "more than 8192 branches") {
		t.Errorf("%v", err)
	}
}

// known tells whether the words of a release are in the table.
func known(release string) bool {
	var major, minor int
	_, err := fmt.Sscanf(release, "%d.%d", &major, &minor)
	return err == nil && binary.NativeEndian.Uint16([]byte{1, 0}) == 1 && (major == 6 && minor >= 12 || major == 7 && minor <= 3)
}

// mayLoad skips a program for a struct_ops type that not every kernel has.
func mayLoad(t *testing.T, spec *ebpf.CollectionSpec) {
	t.Helper()
	for _, p := range spec.Programs {
		name, _, ok := strings.Cut(p.AttachTo, ":")
		if !ok {
			continue
		}
		kernel, err := btf.LoadKernelSpec()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := kernel.AnyTypeByName("bpf_struct_ops_" + name); err != nil {
			t.Skipf("the running kernel has no struct_ops type %s", name)
		}
	}
}

// TestRunningKernelRefusesInKnownWords lets the running kernel refuse what it
// must and asks whether its words are still understood. With -update it records
// them for those who cannot load programs.
func TestRunningKernelRefusesInKnownWords(t *testing.T) {
	_ = rlimit.RemoveMemlock() // what it is for fails below, with a better message
	p, err := ebpf.NewProgram(&ebpf.ProgramSpec{Type: ebpf.SchedCLS, License: "GPL", Instructions: leave()})
	if err != nil {
		t.Skipf("the kernel may not be used: %v: run as root with CAP_BPF; .ci/run does", err)
	}
	_ = p.Close()
	if r := release(t); !known(r) && !*update {
		t.Skipf("the running kernel is %s: the words are those of Linux 6.12 to 7.3", r)
	}
	for _, r := range refusals {
		if r.slow && !*update {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			spec := r.make(t)
			mayLoad(t, spec)
			e := refusalOf(t, spec)
			if r.want == "" || !strings.Contains(e.Cause, r.want) {
				t.Errorf("cause %q (%s), want %q", e.Cause, e.Complaint, r.want)
			}
			if *update {
				record(t, r.name, e.err)
			}
		})
	}
}
