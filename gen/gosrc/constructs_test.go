// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"os"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/model"
)

const constructsDoc = "../../docs/constructs.md"

// constructs are the examples of docs/constructs.md: what C declares, and what
// is to be known about its Go.
var constructs = []struct{ title, c, note string }{
	{"Integers, text, holes", `struct x { unsigned char kind; unsigned int len; char name[6]; short rest[2][3]; };`,
		"Fields of the same width at the same places. A hole is a blank field, also at the end, so nothing depends on how a GOARCH aligns."},
	{"Enums and constants", "enum color { RED, GREEN, BLUE };\n#define X_MAX 16u\nstruct x { enum color c; };",
		"An enum is an integer type of its width and sign. Constants keep their C names."},
	{"Packed enums, enums wider than int", "enum __attribute__((packed)) tiny { TINY = 200 };\nenum wide { WIDE = 0x100000000ULL };", ""},
	{"Enums with a type, as C23 has them", "enum level : unsigned char { LOW = 1, HIGH = 200 };\nstruct x { enum level l; };", "Its width and sign are the type's."},
	{"Enums without a name", "enum { X_READ = 1, X_WRITE = 2 };", "Constants of no type; a group of the configuration gives them one, and a String method."},
	{"Macros", "struct x { int a; };\n#define X_NAME \"iomap\"\n#define X_RATIO 1.5\n#define X_GET (2u << 30 | sizeof(struct x) << 16 | 'x' << 8)\n#define X_MASK (~0ULL)",
		"A macro that is a constant expression is a constant: text, a number with a point, or an integer, computed with the sizes of the target."},
	{"Pointers", `struct x { void *data; const char *name; };`,
		"The address as a number: a Go pointer would belong to the garbage collector, and to the wrong address space."},
	{"Bit-fields", `struct x { unsigned int a : 3, b : 5; int c : 24; };`,
		"Methods on the bytes that store them. A bit-field has another place on big-endian targets; the methods know it."},
	{"Unions", `union x { unsigned int whole; unsigned char bytes[4]; };`,
		"The bytes, and methods for each member. A codec does not know which member is there and copies the bytes; for bytes in an explicit order there are methods with the order in their name."},
	{"Anonymous structs", `struct x { unsigned short a; struct { unsigned short b; }; };`, "As in C, their members are the record's own."},
	{"Anonymous unions", `struct x { int tag; union { int number; float real; }; };`,
		"Their bytes; the methods for their members are the record's own."},
	{"Members of a type without a name", `struct x { struct { unsigned short lo, hi; } in, many[2]; };`,
		"The type is called as its record and the member together; for several members of one such type, each has its own."},
	{"Packed, misaligned", `struct x { unsigned char a; unsigned int b; } __attribute__((packed));`,
		"A member that Go would put elsewhere, or that would make Go round the size up, is its bytes, in this machine's order, with a method to get and one to set it."},
	{"Packed, but where Go has it too", `struct x { unsigned int a; unsigned short b, c; } __attribute__((packed));`, "Fields, with the alignment of C in a directive."},
	{"Flexible arrays", `struct x { unsigned int n; unsigned short data[]; };`,
		"No field: a field without length at the end would make the struct longer. Methods read and write elements in a buffer that begins with the record, and return an error where it is too short."},
	{"Zero-length arrays", `union x { unsigned int word; unsigned char bytes[0]; };`, "The same, wherever they are."},
	{"128-bit integers", `struct x { unsigned __int128 id; __int128 sum; };`, "16 bytes in this machine's order with a method for both halves."},
	{"long double", `struct x { long double v; };`, "Its bytes: Go has no such numbers."},
	{"Vectors", "typedef float v4 __attribute__((vector_size(16)));\nstruct x { v4 v; };", ""},
	{"Alignment up to 8", `struct x { unsigned int a; } __attribute__((aligned(8)));`, "A field without length aligns the struct."},
	{"Alignment above 8", `struct x { unsigned int a; } __attribute__((aligned(64)));`, "Size and offsets hold; Go aligns variables to 8 at most, which the comment says."},
	{"Callbacks", `struct x { int (*open)(int fd, void *arg); };`, "The slot; its prototype is in the comment. A record with callbacks that is a struct_ops type has slots of 8 bytes on every host, as BPF has it."},
	{"Empty records", "struct empty { };\nstruct x { int a; struct empty e; };", "A member that takes no space has no field."},
	{"What Go cannot say", "#define TWICE(x) (2 * (x))\n#define X_API __attribute__((visibility(\"default\")))\ntypedef unsigned int id_type;\nstatic inline int x_zero(void) { return 0; }\nint x_open(id_type id);\nextern int x_debug;",
		leftOut},
	{"Names that collide", `struct x { int a_b, aB, append_binary; };`, "Whoever comes later gets an underscore. The configuration can rename it."},
}

// leftOut is the note of the example that is about what is left out.
const leftOut = "Nothing is dropped silently: the comment at the end of the file lists what is left out, with place and reason."

// TestTheTableOfConstructsIsWhatTheGeneratorDoes compares docs/constructs.md
// with the examples above.
func TestTheTableOfConstructsIsWhatTheGeneratorDoes(t *testing.T) {
	var b strings.Builder
	b.WriteString(`<!-- SPDX-License-Identifier: MIT -->
<!-- Made by "go test ./gen/gosrc -run TheTableOfConstructs -update". -->

# What a C construct becomes in Go

Each example is what ` + "`abigen generate --target amd64`" + ` makes of the C above it: declarations
and the signatures of the methods, without comments, assertions and the codec
that every record has. The comment of [package gosrc](../gen/gosrc/doc.go) says
how names are chosen and what the directives mean.
`)
	tg, err := model.TargetByName("amd64")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range constructs {
		a, err := cheader.Parse("x.h", []byte(c.c), cheader.Options{Target: tg})
		if err != nil {
			t.Fatalf("%s: %v", c.title, err)
		}
		out, err := Build(Config{Package: "p"}, []*model.ABI{a})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range out.Skipped {
			if c.note != leftOut && !strings.HasPrefix(s.Reason, "typedef: ") {
				t.Errorf("%s: %s is left out: %s", c.title, s.Name, s.Reason)
			}
		}
		fmt.Fprintf(&b, "\n## %s\n\n", c.title)
		if c.note != "" {
			for _, line := range wrap(c.note, 80) {
				b.WriteString(line + "\n")
			}
			b.WriteString("\n")
		}
		text := string(out.Files[0].Source)
		golang := synopsis(t, parseGo(t, out.Files[0].Source))
		if c.note == leftOut {
			golang += text[strings.Index(text, "// Not in this file:"):]
		}
		fmt.Fprintf(&b, "```c\n%s\n```\n\n```go\n%s```\n", c.c, golang)
	}
	if *update {
		if err := os.WriteFile(constructsDoc, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(constructsDoc)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != b.String() {
		t.Errorf("docs/constructs.md is not what the generator does: go test ./gen/gosrc -run TheTableOfConstructs -update")
	}
}

// synopsis returns the types, the constants of C and the signatures of what is
// peculiar to a record.
func synopsis(t *testing.T, f *ast.File) string {
	t.Helper()
	own := recordNames(f)
	codec := recordScope()
	var b strings.Builder
	node := func(n any) {
		if err := format.Node(&b, token.NewFileSet(), n); err != nil {
			t.Fatal(err)
		}
		b.WriteString("\n")
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			if d.Tok == token.TYPE {
				s := d.Specs[0].(*ast.TypeSpec)
				if s.Name.Name == "ShortError" {
					continue
				}
				doc := d.Doc
				d.Doc = nil
				if doc != nil {
					for _, c := range doc.List {
						if strings.HasPrefix(c.Text, "//abigen:") {
							b.WriteString(c.Text + "\n")
						}
					}
				}
				if st, ok := s.Type.(*ast.StructType); ok {
					b.WriteString(structText(s.Name.Name, st))
					continue
				}
				node(d)
			}
			if d.Tok == token.CONST {
				for _, s := range d.Specs {
					v := s.(*ast.ValueSpec)
					if strings.HasPrefix(v.Names[0].Name, "Sizeof") {
						continue
					}
					v.Doc, v.Comment = nil, nil
					node(&ast.GenDecl{Tok: token.CONST, Specs: []ast.Spec{v}})
				}
			}
		case *ast.FuncDecl:
			if d.Recv == nil || !d.Name.IsExported() || codec[d.Name.Name] != "" {
				continue
			}
			typ := d.Recv.List[0].Type
			if p, ok := typ.(*ast.StarExpr); ok {
				typ = p.X
			}
			if name := typ.(*ast.Ident).Name; own[name] == "" && !strings.HasSuffix(name, "128") {
				continue
			}
			node(&ast.FuncDecl{Recv: d.Recv, Name: d.Name, Type: d.Type})
		}
	}
	return b.String()
}

// structText prints a struct without comments but for what a blank field is for.
func structText(name string, st *ast.StructType) string {
	var b strings.Builder
	fmt.Fprintf(&b, "type %s struct {\n", name)
	for _, f := range st.Fields.List {
		var typ strings.Builder
		_ = format.Node(&typ, token.NewFileSet(), f.Type)
		fmt.Fprintf(&b, "%s %s", f.Names[0].Name, typ.String())
		if f.Comment != nil {
			b.WriteString(" " + f.Comment.List[0].Text)
		}
		b.WriteString("\n")
	}
	b.WriteString("}\n")
	out, _ := format.Source([]byte(b.String()))
	return string(out)
}
