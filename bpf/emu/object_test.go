// SPDX-License-Identifier: MIT

package emu

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
)

// orders are the byte orders every object is compiled for.
var orders = map[string]binary.ByteOrder{"el": binary.LittleEndian, "eb": binary.BigEndian}

// object reads a test object.
func object(t testing.TB, name, order string) *ebpf.CollectionSpec {
	t.Helper()
	spec, err := ebpf.LoadCollectionSpec("testdata/" + name + "-" + order + ".o")
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// inBothOrders runs a test with each of the two objects made from a source.
func inBothOrders(t *testing.T, name string, o func(binary.ByteOrder) Options, test func(t *testing.T, m *Machine)) {
	for order, bo := range orders {
		t.Run(order, func(t *testing.T) {
			opts := Options{}
			if o != nil {
				opts = o(bo)
			}
			m, err := New(object(t, name, order), opts)
			if err != nil {
				t.Fatal(err)
			}
			test(t, m)
		})
	}
}

// call calls a program and gives its result.
func call(t testing.TB, m *Machine, name string, args ...Arg) uint64 {
	t.Helper()
	p, err := m.Program(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Call(args...)
	if err != nil {
		t.Fatal(err)
	}
	return r.R0
}

// fails calls a program that is stopped.
func fails(t testing.TB, m *Machine, name string, args ...Arg) *Fault {
	t.Helper()
	p, err := m.Program(name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Call(args...)
	var f *Fault
	if !errors.As(err, &f) {
		t.Fatalf("program %s ended with %v, want a fault", name, err)
	}
	return f
}

// lookup reads an element.
func lookup[T any](t testing.TB, m *Machine, name string, key any) T {
	t.Helper()
	var v T
	mp, err := m.Map(name)
	if err == nil {
		err = mp.Lookup(key, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestGlobalDataIsReadAtItsOffsets(t *testing.T) {
	inBothOrders(t, "globals", nil, func(t *testing.T, m *Machine) {
		// 1 + 0x1122334455667788 + 0x1234 - 5, then a+b+c[0]+c[5]+d of each pair.
		want := 1 + uint64(0x1122334455667788) + 0x1234 - 5
		want += (1 - 2 + 3 + 8 + 9) + (10 - 20 + 30 + 0 + 40) + (100 - 200 + 255 + 0 - 1)
		if got := call(t, m, "read_all"); got != want {
			t.Errorf("read_all = %#x, want %#x", got, want)
		}
		for name, v := range map[string]any{"bss_first": uint32(100), "bss_last": uint64(1000), "ro_first": uint8(3)} {
			va, err := m.Variable(name)
			if err == nil {
				err = va.Set(v)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if got := call(t, m, "read_all"); got != want+1102 {
			t.Errorf("read_all = %#x after variables were set, want %#x", got, want+1102)
		}
		if err := m.Reset(); err != nil {
			t.Fatal(err)
		}
		if got := call(t, m, "read_all"); got != want {
			t.Errorf("read_all = %#x after Reset, want %#x", got, want)
		}
	})
}

func TestVariablesSetBeforeLoadingCount(t *testing.T) {
	for order, bo := range orders {
		spec := object(t, "globals", order)
		m, err := New(spec, Options{})
		if err != nil {
			t.Fatal(err)
		}
		before := call(t, m, "read_all")
		bo.PutUint64(spec.Variables["bss_last"].Value, 500)
		spec.Variables["ro_first"].Value[0] = 2
		if m, err = New(spec, Options{}); err != nil {
			t.Fatal(err)
		}
		if got := call(t, m, "read_all"); got != before+501 {
			t.Errorf("%s: read_all = %#x, want %#x", order, got, before+501)
		}
	}
}

// mixHash is hash of globals.c.
func mixHash(v uint64, rounds uint32) uint64 {
	for i := range min(rounds, 64) {
		v ^= v >> 7
		v = v*0x9e3779b97f4a7c15 + uint64(bits.ReverseBytes32(i))
		v = bits.RotateLeft64(v, 13)
	}
	return v
}

func TestGlobalDataIsWrittenAtItsOffsets(t *testing.T) {
	inBothOrders(t, "globals", nil, func(t *testing.T, m *Machine) {
		a, b := uint64(0xfedcba9876543210), uint64(0x0123456789abcd17)
		if got, want := call(t, m, "write_all", Scalar(a), Scalar(b)), mixHash(a, uint32(b&31)); got != want {
			t.Errorf("write_all = %#x, want %#x", got, want)
		}
		type pair struct {
			A uint32
			B int16
			C [6]uint8
			_ [4]byte
			D uint64
		}
		var pairs [3]pair
		var first uint16
		var second int64
		var third [13]uint8
		for name, out := range map[string]any{"pairs": &pairs, "data_first": &first, "data_last": &second, "bss_bytes": &third} {
			v, err := m.Variable(name)
			if err == nil {
				err = v.Get(out)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if first != 0x3210 || second != int64(b) || third[12] != uint8(a>>12&0xff) || third[0] != 0x10 {
			t.Errorf("variables are %#x, %#x, %x", first, second, third)
		}
		if want := int16(b - 0x0123456789ab0000 - 0x10000); pairs[2].B != want || pairs[2].A != 100 || pairs[1].B != -20 {
			t.Errorf("pairs are %+v, want the last one's b to be %d", pairs, want)
		}
	})
}

func TestMixedWidthsGiveTheSameInBothOrders(t *testing.T) {
	type pair struct {
		A uint32
		B int16
		C [6]uint8
		_ [4]byte
		D uint64
	}
	results := map[string]string{}
	for order, bo := range orders {
		m, err := New(object(t, "globals", order), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for n := int32(-50); n < 50; n += 7 {
			in := pair{A: 0xdeadbeef, B: -3, C: [6]uint8{1, 2, 3, 4, 5, 250}, D: uint64(n) * 12345}
			mem, err := binary.Append(nil, bo, in)
			if err != nil {
				t.Fatal(err)
			}
			p, err := m.Program("mix")
			if err != nil {
				t.Fatal(err)
			}
			r, err := p.Call(Mem("pair", mem, true), Scalar(uint64(n)))
			if err != nil {
				t.Fatal(err)
			}
			var out pair
			if _, err := binary.Decode(mem, bo, &out); err != nil {
				t.Fatal(err)
			}
			local := in
			local.B, local.A, local.C[1], local.D = int16(n/3), uint32(n)%7, uint8(n), in.D+uint64(n)
			want := in
			want.D = local.D + bits.ReverseBytes64(uint64(local.A))
			want.B, want.C[3] = local.B%5, local.C[1]
			r0 := uint64(int64(local.A)+int64(local.B)+int64(local.C[0])+int64(local.C[5])+int64(local.D)) + mixHash(want.D, 5)
			if out != want || r.R0 != r0 {
				t.Errorf("%s: mix(%d) = %#x, %+v, want %#x, %+v", order, n, r.R0, out, r0, want)
			}
			results[order] += fmt.Sprintln(r, out)
		}
	}
	if results["el"] != results["eb"] {
		t.Errorf("the orders differ, in steps or values:\n%s\n%s", results["el"], results["eb"])
	}
}

type mapKey struct {
	Ino uint32
	Dev uint16
	_   uint16
}

type mapValue struct {
	Count uint64
	Last  uint32
	_     uint32
}

func TestMapsCountAsTheProgramSays(t *testing.T) {
	o := func(binary.ByteOrder) Options { return Options{CPUs: 2} }
	inBothOrders(t, "maps", o, func(t *testing.T, m *Machine) {
		for i := range 9 {
			if err := m.SetCPU(i % 2); err != nil {
				t.Fatal(err)
			}
			if got := call(t, m, "count", Scalar(uint64(i%3)), Scalar(uint64(i))); got != 0 {
				t.Fatalf("count = %d", int64(got))
			}
		}
		for i := range uint32(3) {
			want := mapValue{Count: 3, Last: 6 + i}
			if got := lookup[mapValue](t, m, "array", i); got != want {
				t.Errorf("array[%d] = %+v, want %+v", i, got, want)
			}
			if got := lookup[mapValue](t, m, "hash", mapKey{Ino: i, Dev: 7}); got != want {
				t.Errorf("hash[%d] = %+v, want %+v", i, got, want)
			}
		}
		// Calls 0 to 8 on CPUs 0 and 1 in turn, key i%3&1: 1 for i = 1, 4, 7.
		for _, name := range []string{"percpu", "percpu_hash"} {
			for cpu, want := range [2][2]uint64{{4, 1}, {2, 2}} {
				mp, err := m.Map(name)
				if err != nil {
					t.Fatal(err)
				}
				for k := range uint32(2) {
					var v uint64
					if err := mp.LookupCPU(k, cpu, &v); err != nil || v != want[k] {
						t.Errorf("%s[%d] on CPU %d = %d, %v, want %d", name, k, cpu, v, err, want[k])
					}
				}
			}
		}
		// Two keys more do not fit: 0, 1, 2 and 3 are there.
		if got := call(t, m, "count", Scalar(3), Scalar(0)); got != 0 {
			t.Errorf("the fourth key: %d", int64(got))
		}
		if got := call(t, m, "count", Scalar(4), Scalar(0)); got != ones {
			t.Errorf("the fifth key was stored in a hash of 4")
		}
		if got := call(t, m, "forget", Scalar(1)); got != 0 {
			t.Errorf("forget = %d", int64(got))
		}
		if got := int64(call(t, m, "forget", Scalar(1))); got != -eNOENT {
			t.Errorf("forget twice = %d, want -ENOENT", got)
		}
	})
}

func TestLRUHashForgetsTheLeastRecentlyUsed(t *testing.T) {
	inBothOrders(t, "maps", nil, func(t *testing.T, m *Machine) {
		for _, k := range []uint64{1, 2, 1, 3} {
			if got := call(t, m, "recent", Scalar(k), Scalar(10*k)); got != 0 {
				t.Fatalf("recent(%d) = %d", k, int64(got))
			}
		}
		mp, err := m.Map("lru")
		if err != nil {
			t.Fatal(err)
		}
		var v uint64
		if err := mp.Lookup(uint32(2), &v); !errors.Is(err, ErrKeyNotExist) {
			t.Errorf("key 2, the oldest, is there: %d, %v", v, err)
		}
		if lookup[uint64](t, m, "lru", uint32(1)) != 10 || lookup[uint64](t, m, "lru", uint32(3)) != 30 || mp.Len() != 2 {
			t.Errorf("1 and 3 are not what is left")
		}
	})
}

func TestMapsOfMaps(t *testing.T) {
	inBothOrders(t, "maps", nil, func(t *testing.T, m *Machine) {
		if got := call(t, m, "nested", Scalar(0), Scalar(1), Scalar(5)); got != 5 {
			t.Errorf("nested(0, 1, 5) = %d", got)
		}
		if got := call(t, m, "nested", Scalar(1), Scalar(1), Scalar(7)); got != 7 {
			t.Errorf("nested(1, 1, 7) = %d: inner maps must be apart", got)
		}
		if got := lookup[uint64](t, m, "inner_a", uint32(1)); got != 5 {
			t.Errorf("inner_a[1] = %d, want 5", got)
		}
		if got := call(t, m, "nested", Scalar(2), Scalar(0), Scalar(1)); got != 404 {
			t.Errorf("an empty element gave %d", got)
		}
		inner, err := m.NewMap("inner_c", &ebpf.MapSpec{Type: ebpf.Array, KeySize: 4, ValueSize: 8, MaxEntries: 9})
		if err != nil {
			t.Fatal(err)
		}
		outer, err := m.Map("outer_hash")
		if err != nil {
			t.Fatal(err)
		}
		if err := outer.SetInner(uint32(2), inner); err != nil {
			t.Fatal(err)
		}
		if got := call(t, m, "nested", Scalar(2), Scalar(8), Scalar(1)); got != 1 {
			t.Errorf("nested(2, 8, 1) = %d, want 1 from inner_c", got)
		}
		if got, err := outer.Inner(uint32(2)); got != inner || err != nil {
			t.Errorf("Inner = %v, %v", got, err)
		}
		if err := outer.SetInner(uint32(3), mustMap(t, m, "array")); err == nil || !strings.Contains(err.Error(), "value size 16") {
			t.Errorf("a map of another shape became an element: %v", err)
		}
	})
}

func mustMap(t testing.TB, m *Machine, name string) *Map {
	t.Helper()
	mp, err := m.Map(name)
	if err != nil {
		t.Fatal(err)
	}
	return mp
}

func TestRingBufferKeepsTheOrderOfReservation(t *testing.T) {
	inBothOrders(t, "maps", nil, func(t *testing.T, m *Machine) {
		call(t, m, "report", Scalar(4))
		call(t, m, "report", Scalar(5)) // discards its second record
		records, err := mustMap(t, m, "events").Records()
		if err != nil {
			t.Fatal(err)
		}
		type event struct {
			A      uint64
			B, CPU uint32
		}
		var got []event
		for _, r := range records {
			var e event
			if _, err := binary.Decode(r, m.ByteOrder(), &e); err != nil {
				t.Fatal(err)
			}
			got = append(got, e)
		}
		if want := []event{{4, 1, 0}, {^uint64(4), 2, 0}, {5, 1, 0}}; !reflect.DeepEqual(got, want) {
			t.Errorf("records %v, want %v", got, want)
		}
		if got, want := m.Trace(), []string{"a=4 b=-7 word", "a=5 b=-7 word"}; !reflect.DeepEqual(got, want) {
			t.Errorf("trace %q, want %q", got, want)
		}
		// A record takes 24 bytes of 4096, of which one stays free: 170 fit.
		n := 0
		for call(t, m, "report", Scalar(4)) == 0 {
			n++
		}
		if n != 85 {
			t.Errorf("%d pairs of records fit, want 85", n)
		}
		if records, err = mustMap(t, m, "events").Records(); err != nil || len(records) != 170 {
			t.Errorf("%d records, %v, want 170", len(records), err)
		}
		if call(t, m, "report", Scalar(4)) != 0 {
			t.Error("an emptied buffer is still full")
		}
	})
}

func TestCallbacks(t *testing.T) {
	inBothOrders(t, "maps", nil, func(t *testing.T, m *Machine) {
		call(t, m, "count", Scalar(2), Scalar(0))
		call(t, m, "count", Scalar(3), Scalar(0))
		// array: 0,1: 0+0, 0+1; 2: 1000+2; 3: 1000+3: 2006 after 4 elements; hash: keys 2 and 3: 2005 more; then 45.
		if got, want := call(t, m, "total", Scalar(1<<40)), uint64((2006+2005+45)*10000+4000+200+10); got != want {
			t.Errorf("total = %d, want %d", got, want)
		}
		// The limit stops the array at its third element, the hash and the loop at their first.
		if got, want := call(t, m, "total", Scalar(500)), uint64((1003+1002)*10000+3000+100+1); got != want {
			t.Errorf("total(500) = %d, want %d", got, want)
		}
	})
}

// kernelTypes is BTF of a kernel where struct inode is laid out differently and
// struct absent does not exist.
func kernelTypes(t testing.TB, bo binary.ByteOrder) *btf.Spec {
	t.Helper()
	u64 := &btf.Int{Name: "unsigned long long", Size: 8}
	u32 := &btf.Int{Name: "unsigned int", Size: 4}
	b, err := btf.NewBuilder([]btf.Type{
		&btf.Struct{Name: "inode", Size: 32, Members: []btf.Member{
			{Name: "lock", Type: u32}, {Name: "flags", Type: u32, Offset: 32 * 3}, {Name: "nodeid", Type: u64, Offset: 128},
		}},
		&btf.Enum{Name: "mode", Size: 4, Values: []btf.EnumValue{{Name: "MODE_A", Value: 5}, {Name: "MODE_B", Value: 6}}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := b.Marshal(nil, &btf.MarshalOptions{Order: bo})
	if err != nil {
		t.Fatal(err)
	}
	spec, err := btf.LoadSpecFromReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// coreOptions are for core.c.
func coreOptions(t testing.TB) func(bo binary.ByteOrder) Options {
	return func(bo binary.ByteOrder) Options {
		return Options{
			KernelTypes: kernelTypes(t, bo),
			Kconfig:     map[string]any{"LINUX_KERNEL_VERSION": uint32(0x060c01)},
		}
	}
}

func TestRelocationsFollowTheKernelsTypes(t *testing.T) {
	inBothOrders(t, "core", coreOptions(t), func(t *testing.T, m *Machine) {
		inode := make([]byte, 32)
		m.ByteOrder().PutUint32(inode[12:], 5)
		m.ByteOrder().PutUint64(inode[16:], 1<<40)
		if got := call(t, m, "nodeid", Mem("inode", inode, false)); got != 1<<40+5 {
			t.Errorf("nodeid = %#x: it must read at the kernel's offsets", got)
		}
		if got := call(t, m, "info"); got != 32*1000000+6*1000+12 {
			t.Errorf("info = %d, want size 32, MODE_B 6, offset 12", got)
		}
		if got := call(t, m, "guarded", Null()); got != 1 {
			t.Errorf("guarded = %d: no such type, no such kfunc", got)
		}
		if got := call(t, m, "version"); got != 0x060c01 {
			t.Errorf("version = %#x", got)
		}
		if f := fails(t, m, "unguarded", Null()); !errors.Is(f, ErrPoisoned) || !strings.Contains(f.Error(), "bpf_core_type_exists") {
			t.Errorf("a relocation that found nothing: %v", f)
		}
		if f := fails(t, m, "unguarded_call", Null()); !errors.Is(f, ErrUnsupported) || !strings.Contains(f.Error(), "missing_kfunc") {
			t.Errorf("a kfunc that is missing: %v", f)
		}
	})
}

func TestKfuncsAreGoFunctions(t *testing.T) {
	o := func(bo binary.ByteOrder) Options {
		o := coreOptions(t)(bo)
		o.Kfuncs = map[string]Func{"inode_id": func(c *Call) (uint64, error) {
			b, err := c.Read(c.Args[0]+16, 8)
			if err != nil {
				return 0, err
			}
			return 1000 + bo.Uint64(b), nil
		}}
		return o
	}
	inBothOrders(t, "core", o, func(t *testing.T, m *Machine) {
		inode := make([]byte, 32)
		m.ByteOrder().PutUint64(inode[16:], 77)
		if got := call(t, m, "guarded", Mem("inode", inode, false)); got != 1077 {
			t.Errorf("guarded = %d, want what the kfunc gave", got)
		}
		f := fails(t, m, "guarded", Mem("inode", inode[:20], false))
		if !errors.Is(f, ErrOutOfBounds) || !strings.Contains(f.Error(), "inode_id: read of 8 bytes at offset 16 of memory \"inode\"") {
			t.Errorf("a kfunc's own bad access: %v", f)
		}
	})
}

func TestStructOpsMembersLeadToPrograms(t *testing.T) {
	inBothOrders(t, "core", coreOptions(t), func(t *testing.T, m *Machine) {
		p, err := m.ProgramFor("demo_ops", "nodeid")
		if err != nil || p.Name() != "nodeid" {
			t.Errorf("ProgramFor = %v, %v", p, err)
		}
		if _, err := m.ProgramFor("demo_ops", "unused"); err == nil {
			t.Error("a NULL member has a program")
		}
	})
}

func TestFaultsNameTheSourceLine(t *testing.T) {
	inBothOrders(t, "faults", nil, func(t *testing.T, m *Machine) {
		f := fails(t, m, "past_end", Mem("outarg", make([]byte, 64), true))
		text := f.Error()
		for _, want := range []string{
			"./src/faults.c:19:10: write of 8 bytes at offset 64 of memory \"outarg\": it has 64 bytes\n",
			"\tprogram past_end, function store, instruction ",
			"\tsource: o->a[i] = 1;\n",
			"r1=memory \"outarg\",",
			"r10=stack of store+0",
			"\tcalled from past_end, instruction ",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("the fault does not say %q:\n%s", want, text)
			}
		}
		if !errors.Is(f, ErrOutOfBounds) || f.Line != 19 || f.Program != "past_end" || f.Function != "store" || len(f.Calls) != 1 {
			t.Errorf("fields of the fault: %+v", f)
		}
		f = fails(t, m, "forgot_null")
		if !errors.Is(f, ErrNull) || !strings.HasPrefix(f.Error(), "./src/faults.c:35:9: read of 8 bytes through NULL: ") {
			t.Errorf("fault %v", f)
		}
	})
}

// Line information names the first instruction of a line alone; a fault in one of
// the others has a source line too.
func TestEveryInstructionHasItsSourceLine(t *testing.T) {
	for _, name := range []string{"globals", "maps", "faults"} {
		inBothOrders(t, name, nil, func(t *testing.T, m *Machine) {
			for _, prog := range m.Programs() {
				p := m.programs[prog]
				for pc, in := range p.ins {
					if file, line, _, text := in.source(); file != "./src/"+name+".c" || line == 0 || text == "" {
						t.Fatalf("%s, instruction %d, %s: from %q, line %d, %q", p.functionAt(pc), in.slot, in.text(), file, line, text)
					}
				}
			}
		})
	}
	// A line does not go on in the next function.
	f := func(name string) *asm.Instruction {
		in := btf.WithFuncMetadata(asm.Mov.Imm(asm.R0, 0).WithSymbol(name), &btf.Func{Name: name, Type: &btf.FuncProto{Return: &btf.Void{}}})
		return &in
	}
	insns := asm.Instructions{f("prog").WithSource(asm.Comment("first")), asm.Return(), *f("next"), asm.Return()}
	for i, want := range []fmt.Stringer{asm.Comment("first"), asm.Comment("first"), nil, nil} {
		if got := sourceOf(insns, i); got != want {
			t.Errorf("instruction %d is from %v, want %v", i, got, want)
		}
	}
	p := machine(t, binary.LittleEndian, insns, Options{}).p
	for i, want := range []fmt.Stringer{asm.Comment("first"), asm.Comment("first"), nil, nil} {
		if got := p.ins[i].line; got != want {
			t.Errorf("the op of instruction %d is from %v, want %v", i, got, want)
		}
	}
}

func TestObjectsAreWhatTheirSourcesSay(t *testing.T) {
	sources, err := os.ReadDir("testdata/src")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, s := range sources {
		if name, ok := strings.CutSuffix(s.Name(), ".c"); ok {
			n++
			for order := range orders {
				object(t, name, order)
			}
		}
	}
	if n != 6 {
		t.Errorf("%d sources, want 6", n)
	}
}
