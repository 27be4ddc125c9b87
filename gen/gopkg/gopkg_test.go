// SPDX-License-Identifier: MIT

package gopkg

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/fuseiomap/abigen/gen/model"
)

// target returns a target that the test knows to exist.
func target(t testing.TB, name string) model.Target {
	t.Helper()
	tg, err := model.TargetByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return tg
}

// parse reads one file as package p for a target.
func parse(t *testing.T, targetName, text string) (*model.ABI, error) {
	t.Helper()
	return ParseFS(fstest.MapFS{"d/a.go": {Data: []byte(text)}}, "d", "example.org/p", Options{Target: target(t, targetName)})
}

// mustParse is parse for source without faults.
func mustParse(t *testing.T, targetName, text string) *model.ABI {
	t.Helper()
	abi, err := parse(t, targetName, text)
	if err != nil {
		t.Fatal(err)
	}
	return abi
}

// members writes a record as one line a member: offset, size, name, type.
func members(r *model.Record) string {
	var b strings.Builder
	writeMembers(&b, r, "")
	return b.String()
}

func writeMembers(b *strings.Builder, r *model.Record, indent string) {
	for _, f := range r.Fields {
		b.WriteString(indent)
		name := f.Name
		if name == "" {
			name = "-"
		}
		fmt.Fprintf(b, "%d %d %s %s\n", f.BitOffset/8, f.BitSize/8, name, f.Type)
		if f.Record != nil {
			writeMembers(b, f.Record, indent+"  ")
		}
	}
}

// block strips the indentation a test gives an expected text.
func block(s string) string {
	s = strings.TrimPrefix(s, "\n")
	indent := s[:len(s)-len(strings.TrimLeft(s, "\t"))]
	lines := strings.Split(strings.TrimRight(s, "\n\t"), "\n")
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], indent)
	}
	return strings.Join(lines, "\n") + "\n"
}

const contract = `package p

import "structs"

// IomapIO is one mapping.
//
//abigen:record fuse_iomap_io
type IomapIO struct {
	_      structs.HostLayout
	Offset uint64 // file offset
	Length uint64
	Addr   uint64
	Type   IomapType
	Flags  uint16
	Dev    uint32
}

// IomapBeginIn is the request.
//
//abigen:record fuse_iomap_begin_in
type IomapBeginIn struct {
	Opflags  uint32
	Reserved uint32
	// Ino is the inode.
	//
	//abigen:member attr_ino
	Ino uint64
	_   [16]byte
}

//abigen:record fuse_iomap_begin_out
type IomapBeginOut struct{ Read, Write IomapIO }

// IomapType is no enum in C.
type IomapType uint16

//abigen:enum fuse_iomap_bpf_ret
type IomapBPFRet uint32

const (
	FIB_FALLBACK IomapBPFRet = iota // fall back
	FIB_HANDLED
)

const (
	FUSE_IOMAP_TYPE_HOLE IomapType = 0
	FUSE_IOMAP_NULL_ADDR uint64    = 1<<64 - 1 // no address
	FUSE_IOMAP_NAME                = "x"
	IomapIOSize                    = 32
)

//abigen:constant fuse_page
const pageSize = 4096
`

func TestEveryPartOfAPackageIsRead(t *testing.T) {
	abi := mustParse(t, "bpfel", contract)
	if abi.Source != "go:example.org/p" || abi.Target != "bpfel" || abi.Side != model.SideGo {
		t.Errorf("source %q, target %q, side %q", abi.Source, abi.Target, abi.Side)
	}
	if want := []model.Evidence{model.Records, model.Alignment, model.Enums, model.Constants, model.Docs}; !cmp.Equal(abi.Attests, want) {
		t.Errorf("attests %v, want %v", abi.Attests, want)
	}
	var names []string
	for _, r := range abi.Records {
		names = append(names, r.Name)
	}
	if want := []string{"fuse_iomap_io", "fuse_iomap_begin_in", "fuse_iomap_begin_out"}; !cmp.Equal(names, want) {
		t.Fatalf("records %q, want declaration order %q", names, want)
	}
	io := abi.Records[0]
	if io.Kind != model.Struct || io.Size != 32 || io.Align != 8 || io.Doc != "IomapIO is one mapping." || io.Pos.String() != "a.go:8:6" {
		t.Errorf("record %+v", io)
	}
	if got, want := members(io), block(`
		0 8 offset u64
		8 8 length u64
		16 8 addr u64
		24 2 type u16
		26 2 flags u16
		28 4 dev u32
	`); got != want {
		t.Errorf("fuse_iomap_io:\n%s", cmp.Diff(want, got))
	}
	if f := io.Fields[0]; f.Doc != "file offset" || f.Pos.String() != "a.go:10:2" || f.Spelling != "uint64" {
		t.Errorf("field %+v", f)
	}
	if got, want := members(abi.Records[1]), block(`
		0 4 opflags u32
		4 4 reserved u32
		8 8 attr_ino u64
	`); got != want {
		t.Errorf("fuse_iomap_begin_in:\n%s", cmp.Diff(want, got))
	}
	if f := abi.Records[1].Fields[2]; f.Doc != "Ino is the inode." {
		t.Errorf("the directive must not be part of the comment: %q", f.Doc)
	}
	if abi.Records[1].Size != 32 {
		t.Errorf("the blank field must count in the size: %d", abi.Records[1].Size)
	}
	if got, want := members(abi.Records[2]), "0 32 read struct fuse_iomap_io\n32 32 write struct fuse_iomap_io\n"; got != want {
		t.Errorf("fuse_iomap_begin_out:\n%s", cmp.Diff(want, got))
	}

	if len(abi.Enums) != 1 {
		t.Fatalf("%d enums", len(abi.Enums))
	}
	e := abi.Enums[0]
	if e.Name != "fuse_iomap_bpf_ret" || e.Size != 4 || e.Signed || len(e.Values) != 2 ||
		e.Values[0].Name != "FIB_FALLBACK" || e.Values[0].Value.ExactString() != "0" || e.Values[0].Doc != "fall back" ||
		e.Values[1].Name != "FIB_HANDLED" || e.Values[1].Value.ExactString() != "1" || e.Values[1].Pos.String() != "a.go:42:2" {
		t.Errorf("enum %+v", e)
	}
	var constants []string
	for _, c := range abi.Constants {
		if c.Type != "" {
			t.Errorf("%s: Go has no C type, yet it says %q", c.Name, c.Type)
		}
		constants = append(constants, c.Name+" = "+c.Value.ExactString()+" from "+c.Expr)
	}
	if want := []string{
		"FUSE_IOMAP_TYPE_HOLE = 0 from 0", "FUSE_IOMAP_NULL_ADDR = 18446744073709551615 from 1 << 64 - 1",
		`FUSE_IOMAP_NAME = "x" from "x"`, "fuse_page = 4096 from 4096",
	}; !cmp.Equal(constants, want) {
		t.Errorf("constants:\n%s", cmp.Diff(want, constants))
	}
	if len(abi.Skipped) != 0 || len(abi.Prototypes) != 0 || abi.Paths["a.go"] != "d/a.go" {
		t.Errorf("skipped %v, prototypes %v, paths %v", abi.Skipped, abi.Prototypes, abi.Paths)
	}
}

func TestASnapshotOfAGoPackageReadsBack(t *testing.T) {
	abi := mustParse(t, "386", contract+`
//abigen:record nested
type Nested struct { In [2]struct{ A uint32 } }
`)
	first := snapshot(t, abi)
	back, err := model.Decode(strings.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, snapshot(t, back)); diff != "" {
		t.Error(diff)
	}
}

func snapshot(t *testing.T, abi *model.ABI) string {
	t.Helper()
	var b strings.Builder
	if err := model.Encode(&b, abi); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTypesLower(t *testing.T) {
	const head = "package p\nimport \"unsafe\"\nvar _ unsafe.Pointer\n"
	tests := []struct{ name, decls, amd64, i386 string }{
		{"fixed integers", "type T struct{ A int8; B uint8; C int16; D uint16; E int32; F uint32; G int64; H uint64 }", `
			0 1 a s8
			1 1 b u8
			2 2 c s16
			4 2 d u16
			8 4 e s32
			12 4 f u32
			16 8 g s64
			24 8 h u64
		`, `
			0 1 a s8
			1 1 b u8
			2 2 c s16
			4 2 d u16
			8 4 e s32
			12 4 f u32
			16 8 g s64
			24 8 h u64
		`},
		{"integers of the target's word", "type T struct{ A int; B uint; C uintptr }", `
			0 8 a s64
			8 8 b u64
			16 8 c u64
		`, `
			0 4 a s32
			4 4 b u32
			8 4 c u32
		`},
		{"bool and floats", "type T struct{ A bool; B float32; C float64 }", `
			0 1 a bool
			4 4 b f32
			8 8 c f64
		`, `
			0 1 a bool
			4 4 b f32
			8 8 c f64
		`},
		{"64-bit member after 32-bit one", "type T struct{ A uint32; B uint64; C uint32 }", `
			0 4 a u32
			8 8 b u64
			16 4 c u32
		`, `
			0 4 a u32
			4 8 b u64
			12 4 c u32
		`},
		{"pointers", "type U struct{ P *U }\n//abigen:record u2\ntype V struct{ X int8 }\n" +
			"type T struct{ A unsafe.Pointer; B *uint16; C *V; D *U; E **V; F *string; G *[4]byte }", `
			0 8 a ptr(void)
			8 8 b ptr(u16)
			16 8 c ptr(struct u2)
			24 8 d ptr(void)
			32 8 e ptr(void)
			40 8 f ptr(void)
			48 8 g ptr(void)
		`, `
			0 4 a ptr(void)
			4 4 b ptr(u16)
			8 4 c ptr(struct u2)
			12 4 d ptr(void)
			16 4 e ptr(void)
			20 4 f ptr(void)
			24 4 g ptr(void)
		`},
		{"arrays", "const n = 3\ntype T struct{ A [16]byte; B [2][n]uint16; C [0]uint32 }", `
			0 16 a array(16,u8)
			16 12 b array(2,array(3,u16))
			28 0 c array(0,u32)
		`, `
			0 16 a array(16,u8)
			16 12 b array(2,array(3,u16))
			28 0 c array(0,u32)
		`},
		{"named integer and enum", "type N uint16\n//abigen:enum e\ntype E int32\ntype T struct{ A N; B E; C [2]E; D *E }", `
			0 2 a u16
			4 4 b enum e
			8 8 c array(2,enum e)
			16 8 d ptr(enum e)
		`, `
			0 2 a u16
			4 4 b enum e
			8 8 c array(2,enum e)
			16 4 d ptr(enum e)
		`},
		{"anonymous struct", "type T struct{ A uint32; B struct{ X uint8; Y uint64 } }", `
			0 4 a u32
			8 16 b struct
			  0 1 x u8
			  8 8 y u64
		`, `
			0 4 a u32
			4 12 b struct
			  0 1 x u8
			  4 8 y u64
		`},
		{"struct without a directive", "type U struct{ X uint8 }\ntype T struct{ A [2]U }", `
			0 2 a array(2,struct)
			  0 1 x u8
		`, `
			0 2 a array(2,struct)
			  0 1 x u8
		`},
		{"embedded structs", "type U struct{ X uint32 }\n//abigen:record v\ntype V struct{ Y uint32 }\n" +
			"type T struct{ U; V; W //abigen:member w\n*Z; N }\n//abigen:record ww\ntype W struct{ A uint32 }\ntype Z struct{}\ntype N uint8", `
			0 4 - struct
			  0 4 x u32
			4 4 - struct
			  0 4 y u32
			8 4 w struct ww
			16 8 z ptr(void)
			24 1 n u8
		`, `
			0 4 - struct
			  0 4 x u32
			4 4 - struct
			  0 4 y u32
			8 4 w struct ww
			12 4 z ptr(void)
			16 1 n u8
		`},
		{"aliases and generic types", "type A = uint32\ntype Vec[E any] = [2]E\ntype Pair[E any] struct{ L E //abigen:member left\nR E }\n" +
			"//abigen:record al\ntype Al = struct{ Q uint8 }\ntype T struct{ A A; B Vec[uint16]; C Pair[uint8]; D Al }", `
			0 4 a u32
			4 4 b array(2,u16)
			8 2 c struct
			  0 1 left u8
			  1 1 r u8
			10 1 d struct al
		`, `
			0 4 a u32
			4 4 b array(2,u16)
			8 2 c struct
			  0 1 left u8
			  1 1 r u8
			10 1 d struct al
		`},
		{"several names, blank fields, final zero-size field", "type T struct{ _ uint32; A, B uint16; _ [0]func(); C [0]uint8 }", `
			4 2 a u16
			6 2 b u16
			8 0 c array(0,u8)
		`, `
			4 2 a u16
			6 2 b u16
			8 0 c array(0,u8)
		`},
		{"sizes in array lengths are the target's", "type T struct{ A [unsafe.Sizeof(uintptr(0))]byte }", `
			0 8 a array(8,u8)
		`, `
			0 4 a array(4,u8)
		`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := head + strings.Replace(test.decls, "type T ", "\n//abigen:record t\ntype T ", 1)
			for name, want := range map[string]string{"amd64": test.amd64, "386": test.i386} {
				r := mustParse(t, name, text).Record("t")
				if r == nil {
					t.Fatalf("%s: no record", name)
				}
				if got := members(r); got != block(want) {
					t.Errorf("%s: %s", name, cmp.Diff(block(want), got))
				}
			}
		})
	}
}

// A record can be an instantiation of a generic type, and its fields keep the
// directives of the generic declaration.
func TestAnInstantiationIsARecord(t *testing.T) {
	abi := mustParse(t, "amd64", `package p
type Pair[E any] struct {
	L E // the left one
	R E //abigen:member right
}
//abigen:record pair32
type Pair32 Pair[uint32]
//abigen:record pair64
type Pair64 = Pair[uint64]
`)
	if got, want := members(abi.Record("pair32")), "0 4 l u32\n4 4 right u32\n"; got != want {
		t.Errorf("pair32: %q", got)
	}
	if got, want := members(abi.Record("pair64")), "0 8 l u64\n8 8 right u64\n"; got != want {
		t.Errorf("pair64: %q", got)
	}
	if f := abi.Record("pair32").Fields[0]; f.Doc != "the left one" || f.Pos.Line != 3 {
		t.Errorf("field %+v", f)
	}
}

func TestAlignmentIsAttestedWhereGoAlignsLikeC(t *testing.T) {
	// What the C compilers of the targets say about a struct of one
	// uint64_t.
	inC := map[string]int64{"386": 4}
	for _, tg := range model.Targets() {
		want, ok := inC[tg.Name]
		if !ok {
			want = 8
		}
		abi := mustParse(t, tg.Name, "package p\n//abigen:record t\ntype T struct{ A uint64 }")
		agrees := types.SizesFor("gc", tg.GOARCH).Alignof(types.Typ[types.Uint64]) == want
		if abi.Can(model.Alignment) != agrees {
			t.Errorf("%s: attests to alignment: %v, but Go and C agree: %v", tg.Name, abi.Can(model.Alignment), agrees)
		}
		if !agrees {
			want = 0
		}
		if got := abi.Record("t").Align; got != want {
			t.Errorf("%s: alignment %d, want %d", tg.Name, got, want)
		}
	}
}

func TestEveryTargetGetsItsOwnSizes(t *testing.T) {
	const text = "package p\n//abigen:record t\ntype T struct{ A uint32; B uint64; P uintptr }\n"
	want := map[string]string{}
	for _, tg := range model.Targets() {
		want[tg.Name] = "0 4 a u32\n8 8 b u64\n16 8 p u64\n"
	}
	for _, name := range []string{"386", "arm", "mips"} {
		want[name] = "0 4 a u32\n4 8 b u64\n12 4 p u32\n"
	}
	for name, w := range want {
		if got := members(mustParse(t, name, text).Record("t")); got != w {
			t.Errorf("%s: %s", name, cmp.Diff(w, got))
		}
	}
}

func TestFilesAreChosenForTheTarget(t *testing.T) {
	fsys := fstest.MapFS{
		"p/b.go":             {Data: []byte("package p\n//abigen:record b\ntype B struct{ W Word }\n")},
		"p/a_arm64.go":       {Data: []byte("package p\n//abigen:record a64\ntype A struct{ X uint8 }\ntype Word uint64\n")},
		"p/a_386.go":         {Data: []byte("package p\n//abigen:record a32\ntype A struct{ X uint8 }\ntype Word uint32\n")},
		"p/linux.go":         {Data: []byte("//go:build linux && !cgo && gc\n\npackage p\n//abigen:record lin\ntype L struct{ X uint8 }\n")},
		"p/tool.go":          {Data: []byte("//go:build ignore\n\npackage main\n")},
		"p/z_windows.go":     {Data: []byte("package p\n//abigen:record win\ntype L struct{ X uint8 }\n")},
		"p/tagged.go":        {Data: []byte("//go:build special\n\npackage p\n//abigen:record tagged\ntype S struct{ X uint8 }\n")},
		"p/x_test.go":        {Data: []byte("package p\n//abigen:record test\ntype X struct{ X uint8 }\n")},
		"p/_hidden.go":       {Data: []byte("package q")},
		"p/testdata/data.go": {Data: []byte("package q")},
	}
	records := func(targetName string, tags ...string) (names []string) {
		t.Helper()
		abi, err := ParseFS(fsys, "p", "p", Options{Target: target(t, targetName), Tags: tags})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range abi.Records {
			names = append(names, r.Name)
		}
		return names
	}
	if got, want := records("arm64"), []string{"a64", "b", "lin"}; !cmp.Equal(got, want) {
		t.Errorf("arm64: %q, want %q", got, want)
	}
	if got, want := records("386", "special"), []string{"a32", "b", "lin", "tagged"}; !cmp.Equal(got, want) {
		t.Errorf("386: %q, want %q", got, want)
	}
	if _, err := ParseFS(fsys, "p", "p", Options{Target: target(t, "mips")}); err == nil || !strings.Contains(err.Error(), "p/b.go:3:18: undefined: Word") {
		t.Errorf("mips: a type that only other targets declare: %v", err)
	}
}

// onlyImporter imports one package.
type onlyImporter struct{ pkg *types.Package }

func (i onlyImporter) Import(path string) (*types.Package, error) {
	if path != i.pkg.Path() {
		return nil, fmt.Errorf("no package %s", path)
	}
	return i.pkg, nil
}

// Convert is given a package that something else has type-checked, with other
// sizes and its files in any order.
func TestConvertRecomputesSizes(t *testing.T) {
	fset := token.NewFileSet()
	var files []*ast.File
	for name, text := range map[string]string{
		"dir/b.go": "package p\n//abigen:record b\ntype B struct{ N uint32; W uint64; U uint }\nfunc f() { var unused int }\n",
		"dir/a.go": "package p\nimport \"example.org/other\"\nvar _ = other.X\n//abigen:record a\ntype A struct{ B B }\n",
	} {
		f, err := parser.ParseFile(fset, name, text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	other := types.NewPackage("example.org/other", "other")
	other.Scope().Insert(types.NewVar(token.NoPos, other, "X", types.Typ[types.Int]))
	other.MarkComplete()
	conf := types.Config{Importer: onlyImporter{other}, Sizes: types.SizesFor("gc", "amd64"), IgnoreFuncBodies: true}
	pkg, err := conf.Check("example.org/p", fset, files, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"amd64": "0 4 n u32\n8 8 w u64\n16 8 u u64\n", "arm": "0 4 n u32\n4 8 w u64\n12 4 u u32\n"} {
		abi, err := Convert(pkg, files, fset, Options{Target: target(t, name)})
		if err != nil {
			t.Fatal(err)
		}
		if len(abi.Records) != 2 || abi.Records[0].Name != "a" || abi.Records[0].Pos.File != "a.go" {
			t.Fatalf("records must be in the order of their files: %+v", abi.Records)
		}
		if got := members(abi.Record("b")); got != want {
			t.Errorf("%s: %s", name, cmp.Diff(want, got))
		}
	}
}

func TestConvertKeepsWhatIsRight(t *testing.T) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "a.go", "package p\n//abigen:record a\ntype A struct{ M map[int]int; S string }\n//abigen:record b\ntype B struct{ X uint8 }\n", parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := new(types.Config).Check("p", fset, []*ast.File{f}, nil)
	if err != nil {
		t.Fatal(err)
	}
	abi, err := Convert(pkg, []*ast.File{f}, fset, Options{Target: target(t, "amd64")})
	var errs Errors
	if !errors.As(err, &errs) || len(errs) != 2 {
		t.Fatalf("want two faults, got %v", err)
	}
	for i, col := range []int{16, 31} {
		if p := fset.Position(errs[i].Pos); p.Line != 3 || p.Column != col || errs[i].Position != p {
			t.Errorf("fault %d at %v (%v), want column %d", i, p, errs[i].Position, col)
		}
	}
	if len(abi.Records) != 1 || abi.Records[0].Name != "b" {
		t.Errorf("records %+v", abi.Records)
	}
}
