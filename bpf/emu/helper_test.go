// SPDX-License-Identifier: MIT

package emu

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

// callHelper loads arguments of a helper from the arguments of the program and
// calls it.
func helperProgram(fn asm.BuiltinFunc, args int) asm.Instructions {
	insns := asm.Instructions{asm.Mov.Reg(asm.R6, asm.R1)}
	for i := range args {
		insns = append(insns, asm.LoadMem(asm.R1+asm.Register(i), asm.R6, int16(8*i), asm.DWord))
	}
	return append(insns, fn.Call(), asm.Return())
}

func runHelper(t *testing.T, o Options, fn asm.BuiltinFunc, args ...Arg) int64 {
	t.Helper()
	r, err := machine(t, binary.LittleEndian, helperProgram(fn, len(args)), o).Call(args...)
	if err != nil {
		t.Fatal(err)
	}
	return int64(r.R0)
}

func str(name, s string) Arg { return Mem(name, []byte(s), false) }

func TestStringsAreComparedUpToTheirEnd(t *testing.T) {
	for _, c := range []struct {
		a    string
		n    uint64
		b    string
		want int64
	}{
		{"abc\x00", 4, "abc\x00", 0}, {"abd\x00", 4, "abc\x00", 1}, {"abb\x00", 4, "abc\x00", -1},
		{"abcX", 3, "abcY", 0}, {"ab\x00x", 4, "ab\x00y", 0}, {"", 0, "x", 0}, {"\xff", 1, "\x01", 1},
	} {
		if got := runHelper(t, Options{}, asm.FnStrncmp, str("a", c.a), Scalar(c.n), str("b", c.b)); got != c.want {
			t.Errorf("bpf_strncmp(%q, %d, %q) = %d, want %d", c.a, c.n, c.b, got, c.want)
		}
	}
}

func TestNumbersAreParsedAsTheKernelDoes(t *testing.T) {
	for _, c := range []struct {
		s        string
		flags    uint64
		signed   int64
		n        int64
		unsigned int64 // result of bpf_strtoul, or an error
	}{
		{"42", 0, 42, 2, 2}, {" -42 x", 10, -42, 4, -eINVAL}, {"0x1F", 0, 31, 4, 4}, {"017", 0, 15, 3, 3}, {"17", 8, 15, 2, 2},
		{"ff\n", 16, 255, 2, 2}, {"9223372036854775807", 0, math.MaxInt64, 19, 19}, {"-9223372036854775808", 0, math.MinInt64, 20, -eINVAL},
		{"9223372036854775808", 0, 0, -eRANGE, 19}, {"99999999999999999999", 0, 0, -eRANGE, -eRANGE}, {"x", 0, 0, -eINVAL, -eINVAL},
		{"1", 7, 0, -eINVAL, -eINVAL}, {"1", 64, 0, -eINVAL, -eINVAL}, {"8", 8, 0, -eINVAL, -eINVAL}, {"12\x0034", 0, 12, 2, 2},
	} {
		out := make([]byte, 8)
		if got := runHelper(t, Options{}, asm.FnStrtol, str("s", c.s), Scalar(uint64(len(c.s))), Scalar(c.flags), Mem("out", out, true)); got != c.n {
			t.Errorf("bpf_strtol(%q, %d) = %d, want %d", c.s, c.flags, got, c.n)
		} else if got > 0 && int64(le.Uint64(out)) != c.signed {
			t.Errorf("bpf_strtol(%q) found %d, want %d", c.s, int64(le.Uint64(out)), c.signed)
		}
		if got := runHelper(t, Options{}, asm.FnStrtoul, str("s", c.s), Scalar(uint64(len(c.s))), Scalar(c.flags), Mem("out", out, true)); got != c.unsigned {
			t.Errorf("bpf_strtoul(%q, %d) = %d, want %d", c.s, c.flags, got, c.unsigned)
		}
	}
}

func TestProbeReadGivesEFAULTWhereThereIsNothing(t *testing.T) {
	dst := bytes.Repeat([]byte{9}, 8)
	if got := runHelper(t, Options{}, asm.FnProbeReadKernel, Mem("dst", dst, true), Scalar(4), str("src", "abcdef")); got != 0 || string(dst) != "abcd\x09\x09\x09\x09" {
		t.Errorf("read gave %d, %q", got, dst)
	}
	if got := runHelper(t, Options{}, asm.FnProbeReadKernel, Mem("dst", dst, true), Scalar(8), str("src", "abcdef")); got != -eFAULT || !bytes.Equal(dst, make([]byte, 8)) {
		t.Errorf("read past the end gave %d, %q, want -EFAULT and zeroes", got, dst)
	}
	if got := runHelper(t, Options{}, asm.FnProbeRead, Mem("dst", dst, true), Scalar(8), Scalar(0)); got != -eFAULT {
		t.Errorf("read through NULL gave %d", got)
	}
	for _, c := range []struct {
		src  string
		n    uint64
		want int64
		dst  string
	}{
		{"abc\x00def", 8, 4, "abc\x00"}, {"abcdef\x00", 4, 4, "abc\x00"}, {"abc", 8, -eFAULT, strings.Repeat("\x00", 8)}, {"", 0, 0, ""},
	} {
		if got := runHelper(t, Options{}, asm.FnProbeReadKernelStr, Mem("dst", dst, true), Scalar(c.n), str("src", c.src)); got != c.want || !bytes.HasPrefix(dst, []byte(c.dst)) {
			t.Errorf("bpf_probe_read_kernel_str(%d, %q) = %d, %q, want %d, %q", c.n, c.src, got, dst, c.want, c.dst)
		}
	}
}

func TestFormatsAreThoseOfTheKernel(t *testing.T) {
	for _, c := range []struct {
		format string
		values []uint64
		want   string
		n      int64
	}{
		{"%d %i|%u\x00", []uint64{minus(1), minus(2), minus(3)}, "-1 -2|4294967293", 17},
		{"%lld %llu %lx\x00", []uint64{minus(1), ones, 0xabc}, "-1 18446744073709551615 abc", 28},
		{"%08x %X %%\x00", []uint64{0xbeef, 0xff}, "0000beef FF %", 14},
		{"%c%c %p\x00", []uint64{'o', 'k', 0x1000}, "ok 0x1000", 10},
		{"%5d|%-4u|%o\x00", []uint64{7, 8, 9}, "    7|8   |11", 14},
		{"%d\x00", nil, "", -eINVAL},
		{"%n\x00", []uint64{1}, "", -eINVAL},
		{"%llld\x00", []uint64{1}, "", -eINVAL},
		{"%\x00", []uint64{1}, "", -eINVAL},
	} {
		var values []byte
		for _, v := range c.values {
			values = le.AppendUint64(values, v)
		}
		out := make([]byte, 64)
		got := runHelper(t, Options{}, asm.FnSnprintf, Mem("out", out, true), Scalar(64), str("format", c.format), Mem("values", values, false), Scalar(uint64(len(values))))
		if got != c.n || string(bytes.TrimRight(out, "\x00")) != c.want {
			t.Errorf("bpf_snprintf(%q, %x) = %d, %q, want %d, %q", c.format, c.values, got, bytes.TrimRight(out, "\x00"), c.n, c.want)
		}
	}
	out := bytes.Repeat([]byte{1}, 8)
	if got := runHelper(t, Options{}, asm.FnSnprintf, Mem("out", out, true), Scalar(4), str("format", "abcdef\x00"), Scalar(0), Scalar(0)); got != 7 || string(out) != "abc\x00\x01\x01\x01\x01" {
		t.Errorf("a buffer too small: %d, %q", got, out)
	}
}

func TestTraceIsCaptured(t *testing.T) {
	values := le.AppendUint64(le.AppendUint64(nil, 1), 2)
	p := machine(t, binary.LittleEndian, helperProgram(asm.FnTraceVprintk, 4), Options{})
	r, err := p.Call(str("format", "%d-%d\n\x00"), Scalar(7), Mem("values", values, false), Scalar(16))
	if err != nil || r.R0 != 4 || !slices.Equal(p.m.Trace(), []string{"1-2"}) {
		t.Errorf("bpf_trace_vprintk = %d, %v, trace %q", r.R0, err, p.m.Trace())
	}
	// What is printed without end does not take memory without end.
	for i := range maxTrace {
		if _, err := p.Call(str("format", "%d-%d\n\x00"), Scalar(7), Mem("values", le.AppendUint64(le.AppendUint64(nil, uint64(i)), 0), false), Scalar(16)); err != nil {
			t.Fatal(err)
		}
	}
	if got := p.m.Trace(); len(got) != maxTrace/2+1 || got[0] != "32767-0" || got[len(got)-1] != "65535-0" {
		t.Errorf("%d lines, from %q to %q", len(got), got[0], got[len(got)-1])
	}
	if got := runHelper(t, Options{}, asm.FnTracePrintk, str("format", "no end"), Scalar(6)); got != -eINVAL {
		t.Errorf("a format without an end: %d", got)
	}
}

func TestSurroundingsComeFromTheOptions(t *testing.T) {
	o := Options{PID: 7<<32 | 8, UID: 5, Comm: "a long name for a task", Clock: func() uint64 { return 3e9 }, Random: func() uint32 { return 4 }}
	for fn, want := range map[asm.BuiltinFunc]int64{
		asm.FnGetCurrentPidTgid: 7<<32 | 8, asm.FnGetCurrentUidGid: 5, asm.FnKtimeGetNs: 3e9, asm.FnKtimeGetBootNs: 3e9,
		asm.FnJiffies64: 3000, asm.FnGetPrandomU32: 4, asm.FnGetSmpProcessorId: 0, asm.FnGetNumaNodeId: 0,
	} {
		if got := runHelper(t, o, fn); got != want {
			t.Errorf("%s = %d, want %d", helperName(fn), got, want)
		}
	}
	comm := make([]byte, 16)
	if got := runHelper(t, o, asm.FnGetCurrentComm, Mem("comm", comm, true), Scalar(16)); got != 0 || string(comm) != "a long name for\x00" {
		t.Errorf("bpf_get_current_comm = %d, %q", got, comm)
	}
}

func TestClockAndRandomNumbersAreTheSameInEveryRun(t *testing.T) {
	var first []uint64
	for range 2 {
		var all []uint64
		for _, fn := range []asm.BuiltinFunc{asm.FnKtimeGetNs, asm.FnGetPrandomU32} {
			p := machine(t, binary.LittleEndian, helperProgram(fn, 0), Options{Seed: 5})
			for range 4 {
				r, err := p.Call()
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, r.R0)
			}
		}
		if first == nil {
			first = all
		}
		if !slices.Equal(all, first) {
			t.Errorf("%d, then %d", first, all)
		}
	}
	if first[1] != 1e9+tick || first[4] == first[5] || first[4]>>32 != 0 {
		t.Errorf("clock and numbers: %d", first)
	}
	if other := uint64(runHelper(t, Options{Seed: 6}, asm.FnGetPrandomU32)); other == first[4] {
		t.Error("the seed makes no difference")
	}
}

func TestUpdateFlagsAreObserved(t *testing.T) {
	spec := collection(cat(arg0, storeImm(asm.RFP, -8, 1, asm.DWord), storeImm(asm.RFP, -16, 9, asm.DWord),
		asm.Mov.Reg(asm.R2, asm.RFP), asm.Add.Imm(asm.R2, -8), asm.Mov.Reg(asm.R3, asm.RFP), asm.Add.Imm(asm.R3, -16),
		asm.Mov.Reg(asm.R4, asm.R6), mapPtr(asm.R1, "m"), asm.FnMapUpdateElem.Call(), asm.Return()))
	for _, c := range []struct {
		typ    ebpf.MapType
		flags  uint64
		exists bool
		want   int64
	}{
		{ebpf.Hash, 0, false, 0}, {ebpf.Hash, 0, true, 0}, {ebpf.Hash, 1, false, 0}, {ebpf.Hash, 1, true, -eEXIST},
		{ebpf.Hash, 2, false, -eNOENT}, {ebpf.Hash, 2, true, 0}, {ebpf.Hash, 3, true, -eINVAL}, {ebpf.LRUHash, 2, false, -eNOENT},
		{ebpf.PerCPUHash, 1, true, -eEXIST}, {ebpf.PerCPUHash, 0, true, 0},
		{ebpf.Array, 0, true, 0}, {ebpf.Array, 1, true, -eEXIST}, {ebpf.Array, 2, true, 0}, {ebpf.Array, 4, true, -eINVAL},
	} {
		spec.Maps = map[string]*ebpf.MapSpec{"m": {Type: c.typ, KeySize: 4, ValueSize: 8, MaxEntries: 2}}
		m, err := New(spec, Options{CPUs: 2})
		if err != nil {
			t.Fatal(err)
		}
		if c.exists {
			if err := mustMap(t, m, "m").Update(uint32(1), uint64(5)); err != nil {
				t.Fatal(err)
			}
		}
		if got := int64(call(t, m, "prog", Scalar(c.flags))); got != c.want {
			t.Errorf("%s, flags %d, exists %v: %d, want %d", c.typ, c.flags, c.exists, got, c.want)
		}
		if c.want == 0 && lookup[uint64](t, m, "m", uint32(1)) != 9 {
			t.Errorf("%s, flags %d: the value was not stored", c.typ, c.flags)
		}
	}
}

func TestPerCPUValuesAreReachedFromOtherCPUs(t *testing.T) {
	spec := collection(cat(asm.LoadMem(asm.R6, asm.R1, 0, asm.DWord), key0("percpu"), asm.Mov.Reg(asm.R3, asm.R6), asm.FnMapLookupPercpuElem.Call(),
		asm.JEq.Imm(asm.R0, 0, "out"), asm.LoadMem(asm.R0, asm.R0, 0, asm.DWord), asm.Return().WithSymbol("out")))
	spec.Maps = safetyMaps()
	m, err := New(spec, Options{CPUs: 3})
	if err != nil {
		t.Fatal(err)
	}
	if err := mustMap(t, m, "percpu").UpdateCPU(uint32(0), 2, uint64(33)); err != nil {
		t.Fatal(err)
	}
	for cpu, want := range []uint64{0, 0, 33, 0} {
		if got := call(t, m, "prog", Scalar(uint64(cpu))); got != want {
			t.Errorf("CPU %d: %d, want %d", cpu, got, want)
		}
	}
}

func TestKfuncsMayGiveMemory(t *testing.T) {
	state := []byte{1, 2, 3, 4}
	o := Options{Kfuncs: map[string]Func{"get": func(c *Call) (uint64, error) {
		s, err := c.String(c.Args[0], 8)
		return c.NewMemory(s, state, true), err
	}}}
	get := asm.Instruction{OpCode: asm.OpCode(0x85), Src: asm.PseudoKfuncCall, Constant: -1}.WithReference("get")
	p := machine(t, binary.LittleEndian, asm.Instructions{
		asm.LoadMem(asm.R1, asm.R1, 0, asm.DWord), get, storeImm(asm.R0, 1, 9, asm.Byte), asm.LoadMem(asm.R0, asm.R0, 4, asm.Byte), asm.Return(),
	}, o)
	_, err := p.Call(str("name", "state\x00"))
	refused(t, err, ErrOutOfBounds, `read of 1 byte at offset 4 of memory "state": it has 4 bytes`)
	if state[1] != 9 {
		t.Error("the program's write is not in the memory")
	}
	_, err = p.Call(str("name", "endless"))
	refused(t, err, ErrOutOfBounds, `memory "name"`)
	_, err = p.Call(str("name", "endless name"))
	refused(t, err, ErrCallback, "has no end in its first 8 bytes")
}

func TestMemoryMayPointToOtherMemory(t *testing.T) {
	p := machine(t, binary.LittleEndian, asm.Instructions{
		asm.LoadMem(asm.R1, asm.R1, 0, asm.DWord), asm.LoadMem(asm.R1, asm.R1, 0, asm.DWord), asm.LoadMem(asm.R0, asm.R1, 0, asm.Word), asm.Return(),
	}, Options{})
	addr := p.m.NewRegion("inner", []byte{1, 0, 0, 0}, false)
	outer := Mem("outer", le.AppendUint64(nil, addr), false)
	wantCall := func(want uint64) {
		t.Helper()
		if r, err := p.Call(outer); err != nil || r.R0 != want {
			t.Errorf("read %d, %v, want %d", r.R0, err, want)
		}
	}
	wantCall(1)
	wantCall(1)
	if r, err := p.Run(outer); err == nil {
		t.Errorf("Run passes the context itself; it read %d", r.R0)
	}
	p.m.FreeRegion(addr)
	_, err := p.Call(outer)
	refused(t, err, ErrFreed, `memory "inner"`)
}

func TestMayGotoEndsALoop(t *testing.T) {
	// may_goto falls through 8 Mi times in a frame, then jumps.
	p := machine(t, binary.LittleEndian, decoded(t, binary.LittleEndian, []raw{
		{op: 0xb7}, {op: 0xe5, off: 2}, {op: 0x07, imm: 1}, {op: 0x05, off: -3}, exit,
	}), Options{Budget: 1 << 30})
	wantR0(t, p, maxGoto)
}

func TestStepsCountInstructions(t *testing.T) {
	wide := join(lddw(0, 1), lddw(1, 2), []raw{{op: 0x15, dst: 0, off: 1, imm: 1}, {op: 0xb7}, {op: 0x85, src: 1, imm: 1}, exit, {op: 0xb7}, exit})
	for _, bo := range orders {
		r, err := machine(t, bo, decoded(t, bo, wide), Options{}).Call()
		if err != nil || r.Steps != 7 { // two loads, a jump taken, a call, two in the function, exit
			t.Errorf("%v: %d steps, %v, want 7", bo, r.Steps, err)
		}
	}
	f := machine(t, binary.LittleEndian, asm.Instructions{asm.Mov.Imm(asm.R1, 0), asm.Mov.Imm(asm.R2, 0), asm.LoadMem(asm.R0, asm.R1, 0, asm.Byte), asm.Return()}, Options{})
	r, err := f.Call()
	if err == nil || r.Steps != 2 {
		t.Errorf("%d steps before the fault, %v, want 2", r.Steps, err)
	}
}

func TestHelpersAreListed(t *testing.T) {
	all := Helpers()
	if !slices.IsSorted(all) || !slices.Contains(all, "bpf_map_lookup_elem") || len(all) != len(helperTable) {
		t.Errorf("%d helpers listed of %d: %v", len(all), len(helperTable), all)
	}
}

func TestCallsKeepWhatBelongsToTheCaller(t *testing.T) {
	// r6 to r9 are 6 to 9 and the stack holds 10; the function overwrites its own of each and doubles what r1 points to.
	p := machine(t, binary.LittleEndian, asm.Instructions{
		asm.Mov.Imm(asm.R6, 6), asm.Mov.Imm(asm.R7, 7), asm.Mov.Imm(asm.R8, 8), asm.Mov.Imm(asm.R9, 9),
		storeImm(asm.RFP, -8, 10, asm.DWord), storeImm(asm.RFP, -16, 100, asm.DWord), asm.Mov.Reg(asm.R1, asm.RFP), asm.Add.Imm(asm.R1, -16), asm.Call.Label("f"),
		asm.Add.Reg(asm.R0, asm.R6), asm.Add.Reg(asm.R0, asm.R7), asm.Add.Reg(asm.R0, asm.R8), asm.Add.Reg(asm.R0, asm.R9),
		asm.LoadMem(asm.R1, asm.RFP, -8, asm.DWord), asm.Add.Reg(asm.R0, asm.R1), asm.Mov.Reg(asm.R2, asm.RFP),
		asm.LoadMem(asm.R1, asm.R2, -16, asm.DWord), asm.Add.Reg(asm.R0, asm.R1), asm.Return(),
		asm.Mov.Imm(asm.R6, 0).WithSymbol("f"), asm.Mov.Imm(asm.R7, 0), asm.Mov.Imm(asm.R8, 0), asm.Mov.Imm(asm.R9, 0), storeImm(asm.RFP, -8, 0, asm.DWord),
		asm.LoadMem(asm.R0, asm.R1, 0, asm.DWord), asm.Add.Reg(asm.R0, asm.R0), asm.StoreMem(asm.R1, 0, asm.R0, asm.DWord), asm.Mov.Imm(asm.R0, 1000), asm.Return(),
	}, Options{})
	wantR0(t, p, 1000+6+7+8+9+10+200)
}
