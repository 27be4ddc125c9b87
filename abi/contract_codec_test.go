// SPDX-License-Identifier: MIT

package abi

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/bits"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// These bytes were written down from the layout of the interface, not from the
// code.
func TestCodecBytesOfAMapping(t *testing.T) {
	v := IomapIO{Offset: 0x0102030405060708, Length: 0x1112131415161718, Addr: FUSE_IOMAP_NULL_ADDR,
		Type: FUSE_IOMAP_TYPE_PURE_OVERWRITE, Flags: FUSE_IOMAP_F_STALE | FUSE_IOMAP_F_NEW, Dev: 0x21222324}
	const (
		little = "0807060504030201 1817161514131211 ffffffffffffffff ff00 0102 24232221"
		big    = "0102030405060708 1112131415161718 ffffffffffffffff 00ff 0201 21222324"
	)
	for _, c := range []struct {
		name  string
		bytes []byte
		want  string
	}{{"little-endian", v.AppendLittleEndian(nil), little}, {"big-endian", v.AppendBigEndian(nil), big}} {
		want := strings.ReplaceAll(c.want, " ", "")
		if got := fmt.Sprintf("%x", c.bytes); got != want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, want)
		}
	}
}

func TestCodecBytesOfTheOps(t *testing.T) {
	v := IomapBPFOps{IomapBegin: 1, IomapEnd: 2, IomapIoend: 3, FuseFD: -2, Zeropad: 0, Name: [16]byte{'r', 'a', 'i', 'd'}}
	want := strings.ReplaceAll("0000000000000001 0000000000000002 0000000000000003 fffffffe 00000000 72616964000000000000000000000000", " ", "")
	if got := fmt.Sprintf("%x", v.AppendBigEndian(nil)); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestCheckReservedNamesTheCMemberAndItsValue(t *testing.T) {
	for _, c := range []struct {
		check func() error
		want  string // empty: no error
		value uint64
	}{
		{(&IomapBeginIn{Opflags: 1, AttrIno: 2, Pos: 3, Count: 4}).CheckReserved, "", 0},
		{(&IomapBeginIn{Reserved: 5}).CheckReserved, "fuse_iomap_begin_in.reserved", 5},
		{(&IomapEndIn{Opflags: 1, Written: -1, Map: IomapIO{Dev: 1}}).CheckReserved, "", 0},
		{(&IomapEndIn{Reserved: 0x80000000}).CheckReserved, "fuse_iomap_end_in.reserved", 0x80000000},
		{(&IomapIoendIn{Flags: 1, Error: -5, Dev: 3}).CheckReserved, "", 0},
		{(&IomapIoendIn{Pad: 0xff}).CheckReserved, "fuse_iomap_ioend_in.pad", 0xff},
		{(&IomapBPFOps{FuseFD: 3, Name: [16]byte{'x'}}).CheckReserved, "", 0},
		{(&IomapBPFOps{Zeropad: 1}).CheckReserved, "fuse_iomap_bpf_ops.zeropad", 1},
	} {
		err := c.check()
		if c.want == "" {
			if err != nil {
				t.Errorf("%v", err)
			}
			continue
		}
		var reserved *ReservedError
		if !errors.As(err, &reserved) || reserved.Member != c.want || reserved.Value != c.value {
			t.Errorf("want %s with %#x, got %v", c.want, c.value, err)
			continue
		}
		if s := err.Error(); !strings.Contains(s, c.want) || !strings.Contains(s, fmt.Sprintf("%#x", c.value)) {
			t.Errorf("message %q does not name %s and %#x", s, c.want, c.value)
		}
	}
}

func TestShortErrorSaysWhatIsMissing(t *testing.T) {
	err := new(IomapEndIn).UnmarshalBinary(make([]byte, 71))
	if want := "struct fuse_iomap_end_in: 71 bytes of input, need 72: pass the whole record"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// typedConstants returns the constants of the generated file by their type.
func typedConstants(t *testing.T) map[string]map[string]uint64 {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "fuse_iomap_bpf.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]uint64{}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			spec := s.(*ast.ValueSpec)
			typ, ok := spec.Type.(*ast.Ident)
			if !ok {
				continue
			}
			if out[typ.Name] == nil {
				out[typ.Name] = map[string]uint64{}
			}
			out[typ.Name][spec.Names[0].Name] = evaluate(t, spec.Values[0])
		}
	}
	return out
}

func evaluate(t *testing.T, e ast.Expr) uint64 {
	t.Helper()
	switch e := e.(type) {
	case *ast.BasicLit:
		n, err := strconv.ParseUint(e.Value, 0, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	case *ast.BinaryExpr:
		if e.Op == token.SHL {
			return evaluate(t, e.X) << evaluate(t, e.Y)
		}
	}
	t.Fatalf("constant expression %T", e)
	return 0
}

// The contract, written down once more: every constant with type and value.
func TestConstantsHaveTheTypesAndValuesOfTheInterface(t *testing.T) {
	run := func(prefix string, names string, from int) map[string]uint64 {
		m := map[string]uint64{}
		for i, name := range strings.Fields(names) {
			m[prefix+name] = 1 << (from + i)
		}
		return m
	}
	op := run("FUSE_IOMAP_OP_", "WRITE ZERO REPORT FAULT DIRECT NOWAIT OVERWRITE_ONLY UNSHARE DAX ATOMIC DONTCACHE", 0)
	for name, v := range run("FUSE_IOMAP_OP_", "SWAPFILE WRITEBACK", 30) {
		op[name] = v
	}
	want := map[string]map[string]uint64{
		"IomapType": {
			"FUSE_IOMAP_TYPE_HOLE": 0, "FUSE_IOMAP_TYPE_DELALLOC": 1, "FUSE_IOMAP_TYPE_MAPPED": 2,
			"FUSE_IOMAP_TYPE_UNWRITTEN": 3, "FUSE_IOMAP_TYPE_INLINE": 4, "FUSE_IOMAP_TYPE_NOCACHE": 253,
			"FUSE_IOMAP_TYPE_RETRY_CACHE": 254, "FUSE_IOMAP_TYPE_PURE_OVERWRITE": 255,
		},
		"IomapFlags":   run("FUSE_IOMAP_F_", "NEW DIRTY SHARED MERGED BOUNDARY ANON_WRITE ATOMIC_BIO WANT_IOMAP_END SIZE_CHANGED STALE", 0),
		"IomapOpFlags": op,
		"IoendFlags":   run("FUSE_IOMAP_IOEND_", "SHARED UNWRITTEN BOUNDARY DIRECT APPEND WRITEBACK SWAPOFF", 0),
		"IomapBPFRet":  {"FIB_FALLBACK": 0, "FIB_HANDLED": 1},
		"uint32":       {"FUSE_IOMAP_DEV_NULL": 0},
		"uint64":       {"FUSE_IOMAP_NULL_ADDR": 1<<64 - 1},
	}
	if got := typedConstants(t); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestStringOfEveryMappingType(t *testing.T) {
	names := map[uint64]string{}
	for name, v := range typedConstants(t)["IomapType"] {
		names[v] = strings.TrimPrefix(name, "FUSE_IOMAP_TYPE_")
	}
	for v := range 1 << 16 {
		want, ok := names[uint64(v)]
		if !ok {
			want = fmt.Sprintf("IomapType(%d)", v)
		}
		if got := IomapType(v).String(); got != want {
			t.Fatalf("IomapType(%d) prints %q, want %q", v, got, want)
		}
	}
}

func TestStringOfReturnValues(t *testing.T) {
	for v, want := range map[IomapBPFRet]string{FIB_FALLBACK: "FALLBACK", FIB_HANDLED: "HANDLED", 2: "IomapBPFRet(2)",
		0xffffffda: "IomapBPFRet(4294967258)"} {
		if got := v.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// flagNames returns the name of each bit without the prefix.
func flagNames(constants map[string]uint64, prefix string) (names [64]string) {
	for name, v := range constants {
		names[bits.TrailingZeros64(v)] = strings.TrimPrefix(name, prefix)
	}
	return names
}

// flagString says what a set of flags must print as: the names from the lowest
// bit up, then what has no name.
func flagString(v uint64, names [64]string) string {
	var parts []string
	for i, name := range names {
		if v&(1<<i) != 0 && name != "" {
			parts = append(parts, name)
			v &^= 1 << i
		}
	}
	if v != 0 {
		parts = append(parts, fmt.Sprintf("%#x", v))
	}
	if len(parts) == 0 {
		return "0"
	}
	return strings.Join(parts, "|")
}

func TestStringOfFlags(t *testing.T) {
	constants := typedConstants(t)
	mapping := flagNames(constants["IomapFlags"], "FUSE_IOMAP_F_")
	op := flagNames(constants["IomapOpFlags"], "FUSE_IOMAP_OP_")
	ioend := flagNames(constants["IoendFlags"], "FUSE_IOMAP_IOEND_")
	r := rand.New(rand.NewPCG(seed, 1))
	t.Logf("seed %d", seed)
	for v := range 1 << 16 {
		if got, want := IomapFlags(v).String(), flagString(uint64(v), mapping); got != want {
			t.Fatalf("IomapFlags(%#x) prints %q, want %q", v, got, want)
		}
	}
	for i := range 1 << 16 {
		v := r.Uint32()
		if i < 32 {
			v = 1 << i
		}
		if got, want := IomapOpFlags(v).String(), flagString(uint64(v), op); got != want {
			t.Fatalf("IomapOpFlags(%#x) prints %q, want %q", v, got, want)
		}
		if got, want := IoendFlags(v).String(), flagString(uint64(v), ioend); got != want {
			t.Fatalf("IoendFlags(%#x) prints %q, want %q", v, got, want)
		}
	}
	if got, want := IomapOpFlags(0x40011).String(), "WRITE|DIRECT|0x40000"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStringAllocatesOnlyForSeveralFlags(t *testing.T) {
	for _, c := range []struct {
		f    func() string
		want float64
	}{
		{FUSE_IOMAP_TYPE_PURE_OVERWRITE.String, 0},
		{FIB_HANDLED.String, 0},
		{IomapFlags(0).String, 0},
		{FUSE_IOMAP_OP_WRITEBACK.String, 0},
		{(FUSE_IOMAP_OP_WRITE | FUSE_IOMAP_OP_DIRECT).String, 1},
	} {
		if n := testing.AllocsPerRun(50, func() { _ = c.f() }); n != c.want {
			t.Errorf("%s: %v allocations, want %v", c.f(), n, c.want)
		}
	}
}

// The generated file measures with package unsafe and does nothing else with it.
func TestCodecDoesNotUseUnsafe(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "fuse_iomap_bpf.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	uses := map[string]int{}
	for _, d := range f.Decls {
		fn, isFunc := d.(*ast.FuncDecl)
		ast.Inspect(d, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "unsafe" {
					uses[s.Sel.Name]++
					if !isFunc || fn.Name.Name != "_" {
						t.Errorf("unsafe.%s outside an assertion", s.Sel.Name)
					}
				}
			}
			return true
		})
	}
	delete(uses, "Sizeof")
	delete(uses, "Offsetof")
	if len(uses) > 0 {
		t.Errorf("unsafe is used for more than Sizeof and Offsetof: %v", uses)
	}
}
