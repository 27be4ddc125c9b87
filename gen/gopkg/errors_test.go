// SPDX-License-Identifier: MIT

package gopkg

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// Each source has its faults; each message says where, what, why and what to
// do.
func TestFaultsAreExplained(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string // one a line of the error, in order
	}{
		{"syntax error", "package p\ntype T struct{ A uint32\n", []string{
			"d/a.go:2:25: expected '}', found 'EOF': the file does not parse, so nothing in it can be compared: mend the syntax",
		}},
		{"undefined type", "package p\n//abigen:record t\ntype T struct{ A uint33 }", []string{
			"d/a.go:3:18: undefined: uint33: package example.org/p does not type-check for GOARCH=386, so its layout is not known: make `go vet` with that GOARCH pass",
		}},
		{"failed layout assertion", "package p\nimport \"unsafe\"\n//abigen:record t\ntype T struct{ A uint64 }\nvar _ [16 - unsafe.Sizeof(T{})]byte\nvar _ [unsafe.Sizeof(T{}) - 16]byte", []string{
			"d/a.go:6:8: ",
		}},
		{"record on an integer", "package p\n//abigen:record t\ntype T uint32", []string{
			"d/a.go:2:1: //abigen:record t: type T is of type uint32, not a struct: put the directive on a struct type, or use //abigen:enum for an integer",
		}},
		{"record on other kinds", "package p\n//abigen:record a\ntype A [4]byte\n//abigen:record b\ntype B map[int]int\n//abigen:record c\ntype C *A\n" +
			"//abigen:record d\ntype D []int\n//abigen:record e\ntype E func()\n//abigen:record f\ntype F interface{}\n//abigen:record g\ntype G chan int", []string{
			"d/a.go:2:1: //abigen:record a: type A is an array, not a struct:",
			"d/a.go:4:1: //abigen:record b: type B is a map, not a struct:",
			"d/a.go:6:1: //abigen:record c: type C is a pointer, not a struct:",
			"d/a.go:8:1: //abigen:record d: type D is a slice, not a struct:",
			"d/a.go:10:1: //abigen:record e: type E is a function, not a struct:",
			"d/a.go:12:1: //abigen:record f: type F is an interface, not a struct:",
			"d/a.go:14:1: //abigen:record g: type G is a channel, not a struct:",
		}},
		{"enum on something else", "package p\n//abigen:enum e\ntype E struct{}\n//abigen:enum f\ntype F float32", []string{
			"d/a.go:2:1: //abigen:enum e: type E is a struct: an enum is an integer in C: use an integer type",
			"d/a.go:4:1: //abigen:enum f: type F is of type float32: an enum is an integer in C: use an integer type",
		}},
		{"one C name twice", "package p\n//abigen:record x\ntype A struct{ X int8 }\n//abigen:enum x\ntype B uint8", []string{
			"d/a.go:4:1: //abigen:enum x: the C name is given a second time, first at a.go:2:1: one declaration can stand for it: remove one of the two",
		}},
		{"two directives on one type", "package p\n//abigen:record x\n//abigen:record y\ntype A struct{ X int8 }", []string{
			"d/a.go:3:1: //abigen:record y: type A already stands for x: keep one directive",
		}},
		{"no name", "package p\n//abigen:record\ntype A struct{ X int8 }\n//abigen:enum \ntype E uint8\nconst C = 1 //abigen:constant", []string{
			"d/a.go:2:1: //abigen:record has no name: the C name follows the directive after a space: write //abigen:record NAME",
			"d/a.go:4:1: //abigen:enum has no name:",
			"d/a.go:6:13: //abigen:constant has no name:",
		}},
		{"not a C name", "package p\n//abigen:record struct fuse_iomap_io\ntype A struct{ X int8 }\n//abigen:enum a-b\ntype E uint8", []string{
			"d/a.go:2:1: //abigen:record struct fuse_iomap_io: not a C name: give one identifier, without struct or enum, and put other text on a line of its own",
			"d/a.go:4:1: //abigen:enum a-b: not a C name:",
		}},
		{"no type is without a C name", "package p\n//abigen:record -\ntype A struct{ X int8 }", []string{
			"d/a.go:2:1: //abigen:record -: not a C name:",
		}},
		{"unknown directive", "package p\n//abigen:recrod x\ntype A struct{ X int8 }", []string{
			"d/a.go:2:1: //abigen:recrod: unknown directive: write abigen:record, abigen:layout, abigen:has, abigen:enum, abigen:member or abigen:constant",
		}},
		{"a space makes it prose", "package p\n// abigen:record x\ntype A struct{ X int8 }", []string{
			"d/a.go:2:1: // abigen:record x: a directive has no space after the slashes, so this is only prose: remove the space",
		}},
		{"belongs to nothing", "package p\n//abigen:record x\n\ntype A struct{ X int8 }\nfunc f() {\n\t//abigen:record y\n\ttype B struct{}\n\tvar _ B\n}\n//abigen:record g\ntype (\n\tC struct{}\n)\n//abigen:constant v\nvar V = 1", []string{
			"d/a.go:2:1: //abigen:record x belongs to no declaration, so nothing would be compared: put it in the comment directly above a package-level struct type",
			"d/a.go:6:2: //abigen:record y belongs to no declaration",
			"d/a.go:10:1: //abigen:record g belongs to no declaration",
			"d/a.go:14:1: //abigen:constant v belongs to no declaration, so nothing would be compared: put it in the comment directly above one package-level constant",
		}},
		{"on the wrong thing", "package p\n//abigen:member m\ntype A struct {\n\tX int8 //abigen:record y\n}\n//abigen:enum e\nconst C = 1\nvar a A", []string{
			"d/a.go:2:1: //abigen:member m stands on type A: it belongs on one field of a struct type: move or remove it",
			"d/a.go:4:9: //abigen:record y stands on field X: it belongs on a package-level struct type: move or remove it",
			"d/a.go:6:1: //abigen:enum e stands on constant C: it belongs on a package-level integer type: move or remove it",
		}},
		{"one member name for two fields", "package p\n//abigen:record x\ntype A struct {\n\t//abigen:member m\n\tX, Y int8\n}", []string{
			"d/a.go:4:2: //abigen:member m: the line declares 2 fields: one C name cannot stand for all: give each field a line of its own",
		}},
		{"member name for padding", "package p\n//abigen:record x\ntype A struct {\n\tX int8\n\t_ int8 //abigen:member m\n}", []string{
			"d/a.go:5:9: //abigen:member m: a blank field is padding, which no comparison looks at: give the field a name",
		}},
		{"one C name for two members", "package p\n//abigen:record x\ntype A struct {\n\tType uint8\n\tKind uint8 //abigen:member type\n}", []string{
			"d/a.go:5:2: field A.Kind of type uint8: its C name type is already that of field Type: give one of them its own with //abigen:member",
		}},
		{"one constant name for two constants", "package p\nconst (\n\tA_B = 1\n\t//abigen:constant A_B\n\tother = 2\n)\nconst (\n\t//abigen:constant M\n\tx, y = 1, 2\n)", []string{
			"d/a.go:5:2: constant other: its C name A_B is already that of the constant at a.go:3:2: remove one of the two",
			"d/a.go:8:2: //abigen:constant M: the line declares 2 constants: one C name cannot stand for all: give each constant a line of its own",
		}},
		{"constant without a counterpart in C", "package p\nconst (\n\tOn = true //abigen:constant ON\n)", []string{
			"d/a.go:3:2: //abigen:constant ON: constant of type untyped bool: only integers, floats and strings can be compared with C: remove the directive",
		}},
		{"members without a C layout", "package p\n//abigen:record x\ntype A struct {\n\tM map[string]int\n\tS string\n\tL []byte\n\tI interface{ F() }\n\tE error\n\tC chan int\n\tF func()\n\tZ complex64\n\tN [3]struct{ Deep string }\n\tOK uint8\n\tEmb\n}\ntype Emb struct{ Err any }", []string{
			"d/a.go:4:2: field A.M of type map[string]int: a map is a pointer into Go's runtime and has no C layout: keep it outside the record",
			"d/a.go:5:2: field A.S of type string: a string is a pointer and a length and has no C layout: use an array of byte",
			"d/a.go:6:2: field A.L of type []byte: a slice is a pointer, a length and a capacity and has no C layout: use an array, or uint64 for an address",
			"d/a.go:7:2: field A.I of type interface{F()}: an interface holds Go type information and has no C layout: use the concrete type",
			"d/a.go:8:2: field A.E of type error: an interface ",
			"d/a.go:9:2: field A.C of type chan int: a channel is a pointer into Go's runtime and has no C layout: keep it outside the record",
			"d/a.go:10:2: field A.F of type func(): a Go function is not a C function pointer: use uint64 for a struct_ops callback, uintptr for a native one",
			"d/a.go:11:2: field A.Z of type complex64: complex numbers are not part of any ABI this tool knows: use two floats",
			"d/a.go:12:15: field N.Deep of type string: a string ",
			"d/a.go:16:18: field Emb.Err of type any: an interface ",
		}},
		{"type parameters", "package p\n//abigen:record x\ntype A[T any] struct { X T }", []string{
			"d/a.go:2:1: //abigen:record x: type A has type parameters, so it has no fixed layout: put the directive on an instantiation, such as type X A[uint32]",
		}},
		{"blank type", "package p\n//abigen:record x\ntype _ struct { X int8 }", []string{
			"d/a.go:2:1: //abigen:record x: type _ cannot be referred to: give it a name",
		}},
		{"larger than memory", "package p\n//abigen:record x\ntype A struct { X [1<<31]int32; Y int64 }", []string{
			"d/a.go:3:",
		}},
		{"imports that were not read", "package p\nimport (\n\tu \"golang.org/x/sys/unix\"\n\t. \"fmt\"\n)\n//abigen:record x\ntype A struct {\n\tT u.Timespec\n\tN [u.Count]byte\n\tP *u.Timespec\n\t_ [2]u.Timespec\n}\n//abigen:record y\ntype B u.Timespec\n//abigen:constant z\nconst Z = u.Z\nvar x = u.Thing(3).Other\nfunc f() { Println() }\n", []string{
			"d/a.go:8:2: field A.T cannot be laid out: it needs u.Timespec of an imported package, which was not read: declare it in this package, or read the package through the go command (go:IMPORTPATH)",
			"d/a.go:9:2: field A.N cannot be laid out: it needs u.Count of an imported package",
			"d/a.go:10:2: field A.P cannot be laid out: it needs u.Timespec of an imported package",
			"d/a.go:11:2: field A._ cannot be laid out: it needs u.Timespec of an imported package",
			"d/a.go:13:1: //abigen:record y: type B cannot be laid out: it needs u.Timespec of an imported package",
			"d/a.go:16:7: constant Z has no known value: it needs u.Z of an imported package",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			abi, err := parse(t, "386", test.text)
			if err == nil {
				t.Fatalf("no error, model %+v", abi)
			}
			var errs Errors
			if !errors.As(err, &errs) {
				t.Fatalf("not Errors: %v", err)
			}
			lines := strings.Split(err.Error(), "\n")
			for i, want := range test.want {
				if i >= len(lines) || !strings.HasPrefix(lines[i], want) {
					t.Fatalf("fault %d: want %s\ngot\n%v", i, want, err)
				}
			}
			if len(lines) != len(test.want) {
				t.Errorf("want %d faults, got\n%v", len(test.want), err)
			}
			checked := strings.Contains(err.Error(), "does not type-check") || strings.Contains(err.Error(), "does not parse")
			if errors.Is(err, ErrNoTypeCheck) != checked {
				t.Errorf("errors.Is(ErrNoTypeCheck) = %v for %v", !checked, err)
			}
		})
	}
}

func TestWhatOnlyFunctionsNeedDoesNotMatter(t *testing.T) {
	abi := mustParse(t, "arm64", `package p
import (
	"encoding/binary"
	"fmt"
	. "nowhere.example/dotted"
)
//abigen:record x
type A struct { X uint32 }
func (a A) Append(o binary.AppendByteOrder, b []byte) []byte { return o.AppendUint32(b, a.X + undefined) }
var _ fmt.Stringer = A{}
var errs = fmt.Errorf("%w", binary.ErrX)
type Iface interface { fmt.Stringer; M(Dotted) }
type embedsForeign struct { binary.ByteOrder; n int }
var order = embedsForeign{}.Uint16(nil)
`)
	if got := members(abi.Record("x")); got != "0 4 x u32\n" {
		t.Errorf("%q", got)
	}
}

func TestConstantsThatCannotBeComparedAreListed(t *testing.T) {
	abi := mustParse(t, "bpfel", "package p\nimport \"unix\"\nconst (\n\tSYS = unix.SYS\n\tDEBUG = true\n\tLIMIT = 1.5\n\tCHAR = 'a'\n)\n")
	var got []string
	for _, s := range abi.Skipped {
		got = append(got, s.Pos.String()+" "+s.Name+": "+s.Reason)
	}
	want := []string{
		"a.go:4:2 SYS: constant SYS has no known value: it needs unix.SYS of an imported package, which was not read: declare it in this package, or read the package through the go command (go:IMPORTPATH)",
		"a.go:5:2 DEBUG: constant of type untyped bool: only integers, floats and strings can be compared with C",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(abi.Constants) != 2 || abi.Constants[0].Value.String() != "1.5" || abi.Constants[1].Value.ExactString() != "97" {
		t.Errorf("constants %v", abi.Constants)
	}
}

func TestConstantsWithoutACNameAreLeftOut(t *testing.T) {
	abi := mustParse(t, "bpfel", `package p
//abigen:enum e
type E uint8
const (
	A, B = 1, 2 //abigen:constant -
	C = 3
	//abigen:constant -
	D E = 4
	F E = 5
	G = true //abigen:constant -
)
`)
	if len(abi.Constants) != 1 || abi.Constants[0].Name != "C" || len(abi.Enums[0].Values) != 1 || abi.Enums[0].Values[0].Name != "F" || len(abi.Skipped) != 0 {
		t.Errorf("constants %v, enum %+v, skipped %v", abi.Constants, abi.Enums[0], abi.Skipped)
	}
}

func TestDirectivesInFilesWithCgoAreListed(t *testing.T) {
	fsys := fstest.MapFS{
		"a.go": {Data: []byte("package p\n")},
		"c.go": {Data: []byte("package p\n\nimport \"C\"\n\n//abigen:record x\ntype A C.struct_x\n")},
	}
	abi, err := ParseFS(fsys, ".", "p", Options{Target: target(t, "bpfel")})
	if err != nil {
		t.Fatal(err)
	}
	if len(abi.Records) != 0 || len(abi.Skipped) != 1 || abi.Skipped[0].Name != "x" || abi.Skipped[0].Pos.String() != "c.go:5:1" ||
		!strings.Contains(abi.Skipped[0].Reason, "CGO_ENABLED=0") {
		t.Errorf("records %v, skipped %v", abi.Records, abi.Skipped)
	}
}

func TestDirectoriesWithoutAPackage(t *testing.T) {
	fsys := fstest.MapFS{
		"empty/x.txt":     {},
		"tests/a_test.go": {Data: []byte("package p")},
		"other/a.go":      {Data: []byte("//go:build windows\n\npackage p")},
		"two/a.go":        {Data: []byte("package p")},
		"two/b.go":        {Data: []byte("package q")},
	}
	for dir, want := range map[string]string{
		"none":  "go:none: cannot list none: package not found\nopen none: file does not exist",
		"empty": "go:empty: no Go source in empty: the directory has no Go file: name another package or target: package not found",
		"tests": "go:tests: no Go source in tests: the directory has no Go file: name another package or target: package not found",
		"other": "go:other: no Go source in other: build constraints exclude all 1 Go files for GOOS=linux GOARCH=386 CGO_ENABLED=0: name another package or target: package not found",
		"two":   "two/b.go:1:9: package q, but a.go says package p: a directory holds one package: move one of them or constrain its build",
	} {
		_, err := ParseFS(fsys, dir, dir, Options{Target: target(t, "386")})
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", dir, err, want)
		}
		if errors.Is(err, ErrNotFound) != (dir != "two") {
			t.Errorf("%s: errors.Is(ErrNotFound) is wrong for %v", dir, err)
		}
	}
}

func TestATargetIsNeeded(t *testing.T) {
	const want = "the Go compiler has no sizes for it: take a target of model.Targets"
	if _, err := ParseFS(fstest.MapFS{}, ".", "p", Options{}); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("ParseFS: %v", err)
	}
	if _, err := Load("fmt", Options{}); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Load: %v", err)
	}
}
