// SPDX-License-Identifier: MIT

package btfsrc

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/cilium/ebpf/btf"

	"github.com/fuseiomap/abigen/gen/model"
)

// bothOrders runs a test with a little-endian and a big-endian encoder.
func bothOrders(t *testing.T, f func(t *testing.T, e *encoder, target string)) {
	t.Run("little-endian", func(t *testing.T) { f(t, newEncoder(false), "bpfel") })
	t.Run("big-endian", func(t *testing.T) { f(t, newEncoder(true), "bpfeb") })
}

func mustRead(t testing.TB, raw []byte, o Options) *model.ABI {
	t.Helper()
	a, err := Read("test.btf", raw, o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// fields returns the members of a record as "spelling name@place", where the
// spelling is what C writes.
func fields(t *testing.T, a *model.ABI, record string) []string {
	t.Helper()
	r := a.Record(record)
	if r == nil {
		t.Fatalf("no record %s in:\n%s", record, text(a))
	}
	var fs []string
	for i := range r.Fields {
		fs = append(fs, r.Fields[i].Spelling)
	}
	return fs
}

// Another encoder's BTF: cilium's, in both byte orders.
func TestEveryKindOfTypeSurvives(t *testing.T) {
	char := &btf.Int{Name: "char", Size: 1, Encoding: btf.Signed}
	integer := &btf.Int{Name: "int", Size: 4, Encoding: btf.Signed}
	ulong := &btf.Int{Name: "unsigned long", Size: 8}
	boolean := &btf.Int{Name: "_Bool", Size: 1, Encoding: btf.Bool}
	wide := &btf.Int{Name: "__int128", Size: 16, Encoding: btf.Signed}
	u64 := &btf.Typedef{Name: "u64", Type: ulong}
	color := &btf.Enum{Name: "color", Size: 4, Values: []btf.EnumValue{{Name: "RED", Value: 0}, {Name: "ALL", Value: 0xffffffff}}}
	level := &btf.Enum{Name: "level", Size: 4, Signed: true, Values: []btf.EnumValue{{Name: "LOW", Value: ^uint64(6)}, {Name: "HIGH", Value: 7}}}
	mask := &btf.Enum{Name: "mask", Size: 8, Values: []btf.EnumValue{{Name: "TOP", Value: 1 << 63}, {Name: "ONE", Value: 1}}}
	deep := &btf.Enum{Name: "deep", Size: 8, Signed: true, Values: []btf.EnumValue{{Name: "DEPTH", Value: 1 << 63}}}
	state := &btf.Typedef{Name: "state_t", Type: &btf.Enum{Size: 4, Values: []btf.EnumValue{{Name: "OFF", Value: 0}}}}
	loose := &btf.Enum{Size: 4, Values: []btf.EnumValue{{Name: "LIMIT", Value: 99}}}
	counter := &btf.Typedef{Name: "counter_t", Type: &btf.Struct{Size: 4, Members: []btf.Member{{Name: "n", Type: integer}}}}
	node := &btf.Struct{Name: "node", Size: 16}
	node.Members = []btf.Member{
		{Name: "next", Type: &btf.Pointer{Target: node}},
		{Name: "opaque", Type: &btf.Pointer{Target: &btf.Fwd{Name: "hidden", Kind: btf.FwdUnion}}, Offset: 64},
	}
	either := &btf.Union{Name: "either", Size: 8, Members: []btf.Member{{Name: "f", Type: &btf.Float{Name: "float", Size: 4}}, {Name: "d", Type: &btf.Float{Name: "double", Size: 8}}}}
	inner := &btf.Struct{Size: 8, Members: []btf.Member{{Name: "x", Type: integer}, {Name: "y", Type: integer, Offset: 32}}}
	grid := &btf.Array{Type: &btf.Array{Type: char, Index: integer, Nelems: 3}, Index: integer, Nelems: 2}
	fn := &btf.FuncProto{Return: integer, Params: []btf.FuncParam{{Type: &btf.Pointer{Target: &btf.Const{Type: char}}}, {Type: &btf.Void{}}}}
	all := &btf.Struct{Name: "all", Size: 144, Members: []btf.Member{
		{Name: "b", Type: boolean},
		{Name: "low", Type: integer, Offset: 32, BitfieldSize: 3},
		{Name: "high", Type: u64, Offset: 35, BitfieldSize: 29},
		{Type: inner, Offset: 64},
		{Name: "counters", Type: &btf.Array{Type: counter, Index: integer, Nelems: 2}, Offset: 128},
		{Name: "grid", Type: grid, Offset: 192},
		{Name: "text", Type: &btf.Const{Type: &btf.Pointer{Target: &btf.Const{Type: &btf.Volatile{Type: char}}}}, Offset: 256},
		{Name: "log", Type: &btf.Pointer{Target: fn}, Offset: 320},
		{Name: "rows", Type: &btf.Pointer{Target: grid}, Offset: 384},
		{Name: "p", Type: &btf.Restrict{Type: &btf.Pointer{Target: &btf.TypeTag{Value: "user", Type: &btf.Void{}}}}, Offset: 448},
		{Name: "color", Type: color, Offset: 512}, {Name: "level", Type: level, Offset: 544},
		{Name: "mask", Type: mask, Offset: 576}, {Name: "deep", Type: deep, Offset: 640},
		{Name: "node", Type: node, Offset: 704}, {Name: "e", Type: either, Offset: 832}, {Name: "s", Type: state, Offset: 896},
		{Name: "big", Type: wide, Offset: 1024},
		{Name: "tail", Type: &btf.Array{Type: u64, Index: integer}, Offset: 1152},
	}}
	b, err := btf.NewBuilder([]btf.Type{all, loose}, nil)
	if err != nil {
		t.Fatal(err)
	}
	const want = `
struct all 144: bool b@0, s32 low@bit32:3, u64 high@bit35:29, struct @8 {struct 8: s32 x@0, s32 y@4}, array(2,struct counter_t) counters@16, array(2,array(3,s8)) grid@24, const ptr(const volatile s8) text@32, ptr(func(s32,ptr(const s8),...)) log@40, ptr(array(2,array(3,s8))) rows@48, ptr(void) p@56, enum color color@64, enum level level@68, enum mask mask@72, enum deep deep@80, struct node node@88, union either e@104, enum state_t s@112, s128 big@128, array(0,u64) tail@144
struct counter_t 4 typedef: s32 n@0
union either 8: f32 f@0, f64 d@0
struct node 16: ptr(struct node) next@0, ptr(union hidden) opaque@8
enum 4: LIMIT=99
enum color 4: RED=0 ALL=4294967295
enum deep 8 signed: DEPTH=-9223372036854775808
enum level 4 signed: LOW=-7 HIGH=7
enum mask 8: TOP=9223372036854775808 ONE=1
enum state_t 4: OFF=0
callback int all.log(const char *, ...)
`
	for target, order := range map[string]binary.ByteOrder{"bpfel": binary.LittleEndian, "bpfeb": binary.BigEndian} {
		t.Run(target, func(t *testing.T) {
			raw, err := b.Marshal(nil, &btf.MarshalOptions{Order: order})
			if err != nil {
				t.Fatal(err)
			}
			a := mustRead(t, raw, Options{})
			if got := text(a); got != want[1:] {
				t.Errorf("got\n%swant%s", got, want)
			}
			if a.Target != target {
				t.Errorf("target %s, want %s", a.Target, target)
			}
			spelled := "_Bool|int|u64|struct { ... }|counter_t[2]|char[2][3]|const volatile char *const|int (*)(const char *, ...)|char (*)[2][3]|void *restrict|enum color|enum level|enum mask|enum deep|struct node|union either|state_t|__int128|u64[]"
			if got := strings.Join(fields(t, a, "all"), "|"); got != spelled {
				t.Errorf("spelled\n%s, want\n%s", got, spelled)
			}
			if f := a.Record("all").Field("tail"); f.BitSize != 0 {
				t.Errorf("flexible array has %d bits, want 0", f.BitSize)
			}
		})
	}
}

// Before member sizes had a place of their own, a bit-field's type was an
// integer that knew its bits.
func TestBitfieldOfOldToolsIsRecognised(t *testing.T) {
	bothOrders(t, func(t *testing.T, e *encoder, _ string) {
		three := e.add(kindInt, "int", 0, false, 4, encodedSigned<<24|3)
		shifted := e.add(kindInt, "int", 0, false, 4, encodedSigned<<24|2<<16|5)
		e.record(kindStruct, "old", 4, member{"a", e.typedef("small", three), 0}, member{"b", shifted, 1})
		sameLines(t, "struct old 4: s32 a@bit0:3, s32 b@bit3:5", text(mustRead(t, e.blob(), Options{})))
	})
}

func TestOnlyOneByteIsABool(t *testing.T) {
	e := newEncoder(false)
	e.record(kindStruct, "s", 8, member{"b", e.integer("_Bool", 1, encodedBool), 0}, member{"w", e.integer("bool32", 4, encodedBool), 32})
	sameLines(t, "struct s 8: bool b@0, u32 w@4", text(mustRead(t, e.blob(), Options{})))
}

func TestFloatIsAsWideAsTheMachineHasIt(t *testing.T) {
	e := newEncoder(false)
	e.record(kindStruct, "f", 16, member{"x", e.add(kindFloat, "long double", 0, false, 16), 0})
	for machine, want := range map[string]string{"amd64": "f80", "arm64": "f128"} {
		b, err := parse(e.blob(), nil)
		if err != nil {
			t.Fatal(err)
		}
		c, err := collect(b, nil, targetOf(machine, b), nil)
		if err != nil {
			t.Fatal(err)
		}
		f := c.records[0].Fields[0]
		if f.Type.String() != want || f.BitSize != 128 {
			t.Errorf("%s: %s of %d bits, want %s of 128", machine, f.Type, f.BitSize, want)
		}
	}
}

func TestTypedefNamesAnAnonymousRecordThroughQualifiers(t *testing.T) {
	e := newEncoder(false)
	i := e.integer("int", 4, encodedSigned)
	anonymous := e.record(kindUnion, "", 4, member{"v", i, 0})
	first := e.typedef("first_t", e.add(kindConst, "", 0, false, anonymous))
	second := e.typedef("second_t", first)
	e.record(kindStruct, "s", 12, member{"a", first, 0}, member{"b", second, 32}, member{"c", anonymous, 64})
	sameLines(t, `union first_t 4 typedef: s32 v@0
struct s 12: const union first_t a@0, const union first_t b@4, union c@8 {union 4: s32 v@0}`, text(mustRead(t, e.blob(), Options{})))
}

func TestAnonymousRecordInsideArrayOrBehindPointerIsShown(t *testing.T) {
	e := newEncoder(false)
	i := e.integer("int", 4, encodedSigned)
	anonymous := e.record(kindStruct, "", 4, member{"v", i, 0})
	e.record(kindStruct, "s", 16, member{"a", e.array(anonymous, 2), 0}, member{"p", e.pointer(anonymous), 64})
	sameLines(t, `struct s 16: array(2,struct) a@0 {struct 4: s32 v@0}, ptr(struct) p@8 {struct 4: s32 v@0}`, text(mustRead(t, e.blob(), Options{})))
}

func TestMachineWithNarrowLongHasNarrowPointers(t *testing.T) {
	for big, want := range map[bool]string{false: "arm", true: "mips"} {
		e := newEncoder(big)
		e.record(kindStruct, "s", 8, member{"p", e.pointer(e.integer("long int", 4, encodedSigned)), 0}, member{"q", e.pointer(0), 32})
		a := mustRead(t, e.blob(), Options{})
		if a.Target != want || a.Record("s").Fields[0].BitSize != 32 {
			t.Errorf("target %s with pointers of %d bits, want %s and 32", a.Target, a.Record("s").Fields[0].BitSize, want)
		}
	}
}

func TestForwardDeclarationIsNoRecord(t *testing.T) {
	e := newEncoder(false)
	e.record(kindStruct, "s", 8, member{"p", e.pointer(e.add(kindForward, "hidden", 0, false, 0)), 0})
	sameLines(t, "struct s 8: ptr(struct hidden) p@0", text(mustRead(t, e.blob(), Options{})))
}
