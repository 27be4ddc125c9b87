// SPDX-License-Identifier: MIT

package gopkg

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fuseiomap/abigen/gen/model"
)

// detail writes a record with everything that is in it, one line a member: the
// place in bits, the type and the name.
func detail(r *model.Record) string {
	var b strings.Builder
	var write func(r *model.Record, indent string)
	write = func(r *model.Record, indent string) {
		for _, f := range r.Fields {
			sep := "+"
			if f.Bitfield {
				sep = ":"
			}
			b.WriteString(strings.TrimRight(indent+itoa(f.BitOffset)+sep+itoa(f.BitSize)+" "+f.Type.String()+" "+f.Name, " ") + "\n")
			if f.Record != nil {
				write(f.Record, indent+"  ")
			}
		}
	}
	b.WriteString(string(r.Kind) + " " + itoa(r.Size) + " " + itoa(r.Align))
	if r.Packed {
		b.WriteString(" packed")
	}
	b.WriteString("\n")
	write(r, "")
	return b.String()
}

func TestWhatGoCannotSayIsReadFromDirectives(t *testing.T) {
	abi := mustParse(t, "386", `package p

// X has it all.
//
//abigen:record x
//abigen:layout struct 32 align 8 packed
//abigen:has 0:3 u32 mode
//abigen:has 3:29 u32 rest
//abigen:has 32+64 array(2,struct x.in) in
//abigen:has 96+64 union {
//abigen:has 96+64 u64 wide
//abigen:has 96+64 struct {
//abigen:has 96+32 u32 low
//abigen:has 128+32 u32 high
//abigen:has }
//abigen:has }
//abigen:has 256+0 array(0,u8) data
type X struct {
	Bits0   [4]byte //abigen:member -
	In      [8]byte //abigen:member -
	Union12 [8]byte //abigen:member -
	Len     uint32
	Off     uint64
}

//abigen:record x.in
type XIn struct{ A, B uint16 }

//abigen:record u
//abigen:layout union 8
//abigen:has 0+64 u64 wide
//abigen:has 0+32 struct y narrow
type U struct {
	_ [0]uint32
	B [8]byte
}

//abigen:record y
type Y struct{ V U }
`)
	if got, want := detail(abi.Record("x")), block(`
		struct 32 8 packed
		0:3 u32 mode
		3:29 u32 rest
		32+64 array(2,struct) in
		  0+16 u16 a
		  16+16 u16 b
		96+64 union
		  0+64 u64 wide
		  0+64 struct
		    0+32 u32 low
		    32+32 u32 high
		160+32 u32 len
		192+64 u64 off
		256+0 array(0,u8) data
		`); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got, want := detail(abi.Record("u")), "union 8 4\n0+64 u64 wide\n0+32 struct y narrow\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := abi.Record("y").Fields[0].Type.String(); got != "union u" {
		t.Errorf("a member of union type is %s", got)
	}
	if abi.Record("x.in") != nil || len(abi.Records) != 3 || len(abi.Skipped) != 0 {
		t.Errorf("a record without a name of its own is no record: %d records, skipped %v", len(abi.Records), abi.Skipped)
	}
	if got := abi.Locate(abi.Record("x").Field("mode").Pos).String(); got != "d/a.go:7:1" {
		t.Errorf("a bit-field is where its directive is, not at %s", got)
	}
}

func TestARecordNamedByPathThatNothingHoldsIsSkipped(t *testing.T) {
	abi := mustParse(t, "amd64", "package p\n\n//abigen:record x.in\ntype XIn struct{ A uint16 }\n")
	if len(abi.Records) != 0 || len(abi.Skipped) != 1 || abi.Skipped[0].Name != "x.in" {
		t.Errorf("records %v, skipped %v", abi.Records, abi.Skipped)
	}
}

func TestFaultyDescriptionsAreRefused(t *testing.T) {
	for name, test := range map[string]struct{ directives, fields, want string }{
		"not a layout":        {"layout class 4 4", "A uint32", "d/a.go:4:1: //abigen:layout class 4 4: not a layout"},
		"not an alignment":    {"layout struct 4 align 3", "A uint32", "not a layout"},
		"other words":         {"layout struct 4 align 4 aligned", "A uint32", "not a layout"},
		"leading zeros":       {"layout struct 04", "A uint32", "not a layout"},
		"two layouts":         {"layout struct 4\n//abigen:layout struct 4", "A uint32", "d/a.go:5:1: //abigen:layout struct 4: the layout is given a second time"},
		"another size":        {"layout struct 8", "A uint32", "the record has 8 bytes in C and X has 4 in Go on amd64"},
		"no place":            {"has u32 a", "A uint32 //abigen:member -", "//abigen:has u32 a: not a member"},
		"no type":             {"has 0+32 a", "A uint32 //abigen:member -", "not a member"},
		"not a type":          {"has 0+32 int a", "A uint32 //abigen:member -", `unknown type "int"`},
		"not a name":          {"has 0+32 u32 a-b", "A uint32 //abigen:member -", "not a member"},
		"behind the end":      {"has 16+32 u32 a", "A uint32 //abigen:member -", "ends behind the 4 bytes around it"},
		"a name twice":        {"has 0+32 u32 a", "A uint32", "already has a member a"},
		"open brace":          {"has 0+32 union {", "A uint32 //abigen:member -", "a brace is not closed"},
		"stray brace":         {"has }", "A uint32", "no brace is open"},
		"before its brace":    {"has 16+16 union {\n//abigen:has 0+16 u16 b\n//abigen:has }", "A uint32 //abigen:member -", "begins before the braces around it"},
		"a bit-field of kind": {"has 0:8 union {", "A uint32", "not a member"},
		"unknown path":        {"has 0+32 struct x.in in", "A uint32 //abigen:member -", "d/a.go:4:1: member in has the type x.in, which no //abigen:record declares"},
		"itself":              {"has 0+0 struct x.in in", "A uint32", "d/a.go:9:1: member more holds x.in, which it is a part of"},
	} {
		t.Run(name, func(t *testing.T) {
			text := "package p\n\n//abigen:record x\n//abigen:" + test.directives + "\ntype X struct {\n\t" + test.fields + "\n}\n"
			if name == "itself" {
				text += "//abigen:record x.in\n//abigen:has 0+0 array(0,struct x.in) more\ntype In struct{}\n"
			}
			_, err := parse(t, "amd64", text)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestFurtherDirectivesNeedARecord(t *testing.T) {
	_, err := parse(t, "amd64", "package p\n\n//abigen:layout struct 4 4\ntype X struct{ A uint32 }\n")
	if err == nil || !strings.Contains(err.Error(), "d/a.go:3:1: //abigen:layout struct 4 4 stands on type X") {
		t.Errorf("got %v", err)
	}
}

func TestARecordMaySayWhereItIsDeclared(t *testing.T) {
	p := newPackage(t, map[string]string{"a.go": "package p\n\n//abigen:record event source=elf:prog.o\ntype Event struct {\n\tA uint32\n\t_ [4]byte\n}\n"})
	r, err := p.Read(Options{Target: target(t, "amd64")})
	if err != nil {
		t.Fatal(err)
	}
	d := r.Records[0]
	if d.Name != "event" || d.Source != "elf:prog.o" || d.Record != r.ABI.Record("event") || d.Described ||
		p.Fset.Position(d.Pos).Line != 3 || d.Spec.Name.Name != "Event" {
		t.Errorf("%+v", d)
	}
	if got, want := members(d.Record), "0 4 a u32\n4 4 _ array(4,u8)\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := p.Fset.Position(r.Pos(d.Record.Fields[0].Pos)).String(); got != "/d/a.go:5:2" {
		t.Errorf("the member is at %s", got)
	}
	for _, bad := range []string{"event source=", "event source=elf:a b", "event from=elf:a"} {
		if _, err := parse(t, "amd64", "package p\n\n//abigen:record "+bad+"\ntype Event struct{ A uint32 }\n"); err == nil {
			t.Errorf("%s: accepted", bad)
		}
	}
}

func TestAPackageReadsTheFilesOfEachTarget(t *testing.T) {
	p := newPackage(t, map[string]string{
		"zx_386.go": "//go:build 386\n\npackage p\n\n//abigen:record x\ntype X struct{ A uint32; B uint64 }\n",
		"zx.go":     "//go:build !386 && !riscv64\n\npackage p\n\n//abigen:record x\ntype X struct{ A uint32; _ [4]byte; B uint64 }\n",
		"a.go":      "package p\n\nimport \"C\"\n\n//abigen:record c\ntype Y struct{ A uint32 }\n",
		"z.go":      "package p\n\n//abigen:record z\ntype Z struct{ A uint32 }\n\ntype plain struct{ b uint32 }\n\ntype named struct{ s string }\n",
	})
	for name, want := range map[string]string{"amd64": "0 4 a u32\n4 4 _ array(4,u8)\n8 8 b u64\n", "386": "0 4 a u32\n4 8 b u64\n", "riscv64": ""} {
		r, err := p.Read(Options{Target: target(t, name)})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if x := r.ABI.Record("x"); x != nil {
			got = members(x)
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
		var skipped []string
		for _, s := range r.ABI.Skipped {
			skipped = append(skipped, s.Name+" at "+s.Pos.String())
		}
		if got := strings.Join(skipped, ", "); got != "c at a.go:5:1, plain at z.go:6:6" {
			t.Errorf("%s: skipped %s", name, got)
		}
	}
}

func TestGeneratedFilesAreReadForTheirGOARCH(t *testing.T) {
	fsys := fstest.MapFS{
		"zfoo_386.go":   {Data: []byte("//go:build 386\n\npackage p\n\n//abigen:record x\ntype X struct{ A uint32 }\n")},
		"zfoo_amd64.go": {Data: []byte("//go:build amd64\n\npackage p\n\n//abigen:record x\ntype X struct{ A uint64 }\n")},
		"zfoo.go":       {Data: []byte("package p\n")},
	}
	for name, want := range map[string]int64{"386": 4, "amd64": 8, "bpfel": 8, "arm": 0} {
		abi, err := ParseFS(fsys, ".", "p", Options{Target: target(t, name)})
		if err != nil {
			t.Fatal(err)
		}
		got := int64(0)
		if r := abi.Record("x"); r != nil {
			got = r.Size
		}
		if got != want {
			t.Errorf("%s: %d bytes, want %d", name, got, want)
		}
	}
}
