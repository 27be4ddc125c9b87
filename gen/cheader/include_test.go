// SPDX-License-Identifier: MIT

package cheader

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fuseiomap/abigen/gen/model"
)

// tree writes files into a new directory and returns it.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOnlyWhatIsHeldByValueComesFromIncludes(t *testing.T) {
	dir := tree(t, map[string]string{
		"main.h": `
#include "sub/a.h"
#include <b.h>
struct s { struct held h[2]; struct pointed *p; enum chosen (*f)(union arg); alias_t a; };
DECLARE(made)
#define TOP (INNER + 1)
#include "sub/a.h"
`,
		"sub/a.h": `
#pragma once
#include "own.h"
struct held { struct deep d; };
struct pointed { int x; };
struct unused { not_even_a_type x; };
int function_of_a(void);
`,
		"sub/own.h": "struct deep { long x; };\n",
		"inc/b.h": `
#ifndef B_H
#define B_H
typedef struct { char c; } alias_t;
enum chosen { C0 };
enum other { O0 };
union arg { int x; };
#define DECLARE(name) struct name { int name ## _x; };
#define INNER 41
#endif
`,
	})
	abi, err := ParseFile(filepath.Join(dir, "main.h"), Options{Target: targetNamed(t, "bpfel"), IncludeDirs: []string{filepath.Join(dir, "inc")}})
	if err != nil {
		t.Fatal(err)
	}
	want := `
struct deep size 8 align 8
  x@0+64 long = s64
struct held size 8 align 8
  d@0+64 struct deep = struct deep
struct alias_t size 1 align 1 typedef
  c@0+8 char = s8
union arg size 4 align 4
  x@0+32 int = s32
struct s size 40 align 8
  h@0+128 struct held[2] = array(2,struct held)
  p@128+64 struct pointed * = ptr(struct pointed)
  f@192+64 enum chosen (*)(union arg) = ptr(func(enum chosen,union arg))
  a@256+8 alias_t = struct alias_t
struct made size 4 align 4
  made_x@0+32 int = s32
enum chosen size 4 unsigned C0=0
TOP = 42 int ` + "`(INNER + 1)`" + `
callback enum chosen s.f(union arg)
`
	if diff := cmp.Diff(want, "\n"+brief(abi)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for subject, want := range map[string]string{
		abi.Record("deep").Pos.String():    "own.h:1:8",
		abi.Record("held").Pos.String():    "sub/a.h:4:8",
		abi.Record("alias_t").Pos.String(): "b.h:4:28",
		abi.Record("s").Pos.String():       "main.h:4:8",
		abi.Record("made").Pos.String():    "main.h:5:9",
	} {
		if subject != want {
			t.Errorf("position %s, want %s", subject, want)
		}
	}
	if got, want := abi.Locate(abi.Record("held").Pos).File, filepath.Join(dir, "sub/a.h"); got != want {
		t.Errorf("located at %s, want %s", got, want)
	}
}

func TestOptionsActBeforeTheHeader(t *testing.T) {
	dir := tree(t, map[string]string{
		"main.h": "#if N == 3 && defined FLAG\nstruct s { mine_t x; };\n#endif\n",
		"pre.h":  "typedef short mine_t;\nstruct not_ours { int x; };\n#define PRE 1\n",
	})
	abi, err := ParseFile(filepath.Join(dir, "main.h"), Options{Target: targetNamed(t, "amd64"), Defines: []string{"N=3", "FLAG"},
		Includes: []string{filepath.Join(dir, "pre.h")}})
	if err != nil {
		t.Fatal(err)
	}
	want := "struct s size 2 align 2\n  x@0+16 mine_t = s16\n"
	if got := brief(abi); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A file to be read first is found as an #include would find it: in the
// directories, and what is built in as well.
func TestWhatIsReadFirstIsLookedForLikeAnInclude(t *testing.T) {
	dir := tree(t, map[string]string{
		"main.h":    "struct s { mine_t x; uint8_t y; int z[offsetof(struct { char a; short b; }, b)]; };\n",
		"sub/pre.h": "typedef short mine_t;\n",
	})
	o := Options{Target: targetNamed(t, "amd64"), IncludeDirs: []string{filepath.Join(dir, "sub")}, Includes: []string{"pre.h", "stdint.h", "stddef.h"}}
	abi, err := ParseFile(filepath.Join(dir, "main.h"), o)
	if err != nil {
		t.Fatal(err)
	}
	want := "struct s size 12 align 4\n  x@0+16 mine_t = s16\n  y@16+8 uint8_t = u8\n  z@32+64 int[2] = array(2,s32)\n"
	if got := brief(abi); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	o.Includes = []string{"none.h"}
	_, err = ParseFile(filepath.Join(dir, "main.h"), o)
	want = "none.h: --include: no such file, nor in " + filepath.Join(dir, "sub") + ": check the path, or name the directory that holds it with -I DIR"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAFileOfTheSameNameKeepsItsOwnPosition(t *testing.T) {
	dir := tree(t, map[string]string{
		"t.h":    "#include \"x/t.h\"\n#include \"y/t.h\"\nstruct s { struct x x; struct y y; };\n",
		"x/t.h":  "#include \"in.h\"\nstruct x { struct i1 i; };\n",
		"y/t.h":  "#include \"in.h\"\nstruct y { struct i2 i; };\n",
		"x/in.h": "struct i1 { int a; };\n",
		"y/in.h": "struct i2 { int a; };\n",
	})
	abi, err := ParseFile(filepath.Join(dir, "t.h"), Options{Target: targetNamed(t, "bpfel")})
	if err != nil {
		t.Fatal(err)
	}
	for record, file := range map[string]string{"x": "x/t.h", "y": "y/t.h", "i1": "x/in.h", "i2": "y/in.h", "s": "t.h"} {
		if got := abi.Locate(abi.Record(record).Pos).File; got != filepath.Join(dir, file) {
			t.Errorf("struct %s is located in %s, want %s", record, got, file)
		}
	}
}

func TestIncludeNextContinuesTheSearch(t *testing.T) {
	dir := tree(t, map[string]string{
		"main.h": "#include <x.h>\n#define SUM (A + B)\n",
		"1/x.h":  "#define A 1\n#include_next <x.h>\n",
		"2/x.h":  "#define B 2\n#if __has_include_next(<x.h>)\n#error\n#endif\n",
	})
	abi, err := ParseFile(filepath.Join(dir, "main.h"), Options{Target: targetNamed(t, "bpfel"),
		IncludeDirs: []string{filepath.Join(dir, "1"), filepath.Join(dir, "2")}})
	if err != nil {
		t.Fatal(err)
	}
	if got := abi.Constant("SUM").Value.String(); got != "3" {
		t.Errorf("SUM is %s, want 3", got)
	}
}

// A file without a guard that is read twice must take another branch the
// second time.
func TestAFileReadTwiceIsEvaluatedTwice(t *testing.T) {
	dir := tree(t, map[string]string{
		"main.h": "#include \"x.h\"\n#include \"x.h\"\n#include \"x.h\"\n",
		"x.h":    "#ifndef ONE\n#define ONE\nstruct one { int x; };\n#elif !defined TWO\n#define TWO\nstruct two { struct one o; };\n#else\n#define THREE\n#endif\n",
	})
	abi, err := ParseFile(filepath.Join(dir, "main.h"), Options{Target: targetNamed(t, "bpfel")})
	if err != nil {
		t.Fatal(err)
	}
	if len(abi.Records) != 0 {
		t.Errorf("records of an included file are listed: %s", brief(abi))
	}
	dir2 := tree(t, map[string]string{"main.h": "#include \"" + filepath.Join(dir, "main.h") + "\"\nstruct s { struct two t; };\n"})
	abi, err = ParseFile(filepath.Join(dir2, "main.h"), Options{Target: targetNamed(t, "bpfel")})
	if err != nil {
		t.Fatal(err)
	}
	if abi.Record("two") == nil || abi.Record("one") == nil {
		t.Errorf("both branches were wanted: %s", brief(abi))
	}
}

func TestErrorsSayWhereWhyAndWhatToDo(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string // DIR/ stands for the directory
	}{
		{"unknown type", map[string]string{"main.h": "struct s {\n\tfoo_t x;\n};\n"},
			`DIR/main.h:2:2: type "foo_t": unknown: include or --include the file that declares it, or write its struct, union or enum keyword`},
		{"unknown type of a parameter and of a result", map[string]string{"main.h": "int f(bar_t *p);\nbaz_t g(void);\n"},
			`DIR/main.h:1:7: type "bar_t": unknown: include or --include the file that declares it, or write its struct, union or enum keyword
DIR/main.h:2:1: type "baz_t": unknown: include or --include the file that declares it, or write its struct, union or enum keyword`},
		{"unknown type with a qualifier", map[string]string{"main.h": "struct s { volatile foo_t x; };\nconst bar_t x;\n"},
			`DIR/main.h:1:21: type "foo_t": unknown: include or --include the file that declares it, or write its struct, union or enum keyword
DIR/main.h:2:7: type "bar_t": unknown: include or --include the file that declares it, or write its struct, union or enum keyword`},
		{"unknown type of a parameter without a name", map[string]string{"main.h": "int h(const qux_t);\n"},
			`DIR/main.h:1:13: type "qux_t": unknown: include or --include the file that declares it, or write its struct, union or enum keyword`},
		{"syntax errors are all reported", map[string]string{"main.h": "struct a { int x y; };\nstruct ok { int x; };\nenum b { B = };\nint *;\nint (*f(;\n"},
			`DIR/main.h:1:18: "y": unexpected, expected ";": correct the declaration
DIR/main.h:3:14: "}": unexpected, expected unary expression: correct the declaration
DIR/main.h:4:6: ";": unexpected, expected type qualifier: correct the declaration
DIR/main.h:5:9: ";": the "(" at DIR/main.h:5:8 is not closed: add the matching bracket`},
		{"missing include", map[string]string{"main.h": "#include \"a.h\"\n", "a.h": "\n#include <no/such.h>\n"},
			`DIR/a.h:2:10: #include <no/such.h>: no include directory was given; included from DIR/main.h:1:10: name the directory that holds it with -I DIR`},
		{"missing include beside the file", map[string]string{"main.h": "#include \"a.h\"\n"},
			`DIR/main.h:1:10: #include "a.h": no such file in DIR: name the directory that holds it with -I DIR`},
		{"recursive include", map[string]string{"main.h": "#include \"a.h\"\n", "a.h": "#include \"b.h\"\n", "b.h": "#include \"a.h\"\n"},
			`DIR/a.h:1:10: #include "b.h": files include each other more than 200 deep: a.h includes b.h includes a.h: give them include guards`},
		{"a record that contains itself", map[string]string{"main.h": "struct s { int a; struct s b; };\n"},
			`DIR/main.h:1:28: member b: struct s contains itself: use a pointer`},
		{"an array without a length that is not last", map[string]string{"main.h": "struct a { int n; int x[]; int y; };\nstruct b { int n; int x[], y; };\nstruct c { int n; int x[]; int : 0; };\ntypedef int open[];\nstruct d { int n; open x; struct { }; };\nstruct e { int n; int x[2][]; };\n"},
			`DIR/main.h:1:23: member x: an array without a length, and not the last member of struct a: give it a length or move it to the end
DIR/main.h:2:23: member x: an array without a length, and not the last member of struct b: give it a length or move it to the end
DIR/main.h:3:23: member x: an array without a length, and not the last member of struct c: give it a length or move it to the end
DIR/main.h:5:24: member x: an array without a length, and not the last member of struct d: give it a length or move it to the end
DIR/main.h:6:24: array: its elements cannot be of type int[]: use pointers`},
		{"static assertions", map[string]string{"main.h": "#include \"a.h\"\nstruct s { char c; held h; _Static_assert(sizeof(held) == 5, \"held \" \"is five\"); };\n_Static_assert(__builtin_offsetof(struct s, h) == 3);\nstatic_assert(sizeof(struct s) == 8, \"s\");\n",
			"a.h": "typedef int held;\n_Static_assert(0, \"not the header's own\");\n"},
			`DIR/main.h:2:28: _Static_assert: sizeof(held) == 5 is false: "held " "is five": correct the declaration or the assertion
DIR/main.h:3:1: _Static_assert: __builtin_offsetof(struct s, h) == 3 is false: correct the declaration or the assertion`},
		{"incomplete type", map[string]string{"main.h": "struct t;\nstruct s { struct t b; };\n"},
			`DIR/main.h:2:21: member b: struct t is declared but not defined: define its type first, or use a pointer`},
		{"array sizes", map[string]string{"main.h": "struct a { int x[-1]; };\nstruct b { int x[1ULL << 62]; };\nstruct c { char x[1UL << 58], y[1UL << 58], z[1UL << 58]; };\nstruct d { int x[n]; };\n"},
			`DIR/main.h:1:17: array: its length -1 is negative: correct the length
DIR/main.h:2:16: member x: 4611686018427387904 elements of 4 bytes: larger than an object can be: correct the length
DIR/main.h:3:31: member y: 288230376151711744 bytes at byte 288230376151711744: larger than an object can be: correct the declaration
DIR/main.h:4:17: array: its length is not constant: n is not declared: write an integer constant expression`},
		{"bit-fields", map[string]string{"main.h": "struct a { unsigned x : 33; };\nstruct b { int x : 0; };\nstruct c { float x : 3; };\nstruct d { int x : -1; };\n"},
			`DIR/main.h:1:21: bit-field x: its width 33 is not between 0 and 32: correct the width
DIR/main.h:2:16: bit-field x: its width is 0, which only one without a name may have: remove the name or correct the width
DIR/main.h:3:18: bit-field x: its type float is not an integer type: correct the type
DIR/main.h:4:16: bit-field x: its width -1 is not between 0 and 32: correct the width`},
		{"things declared twice", map[string]string{"main.h": "enum e { A, A };\nstruct s { int a; int a; };\nstruct t { int a; };\nstruct t { int a; };\nunion t *p;\ntypedef int x;\ntypedef long x;\n"},
			`DIR/main.h:1:13: enumerator A: declared before: rename one of them
DIR/main.h:2:23: member a: declared twice in struct s: rename one of them
DIR/main.h:4:8: struct t: defined again; the first definition is at DIR/main.h:3:8: remove one of them
DIR/main.h:5:7: tag t: declared before as another kind of type: rename one of them
DIR/main.h:7:14: typedef x: declared before as int, now as long: keep one of them`},
		{"alignment", map[string]string{"main.h": "struct s { int x __attribute__((aligned(3))); };\n"},
			`DIR/main.h:1:33: attribute aligned: the alignment 3 is not a power of two: correct it`},
		{"enumerator", map[string]string{"main.h": "enum e { A = 1 / 0 };\nenum f { B = x };\nenum g : unsigned char { C = 256 };\n"},
			`DIR/main.h:1:10: enumerator A: its value is not constant: it divides by zero: write an integer constant expression
DIR/main.h:2:10: enumerator B: its value is not constant: x is not declared: write an integer constant expression
DIR/main.h:3:26: enumerator C: its value 256 does not fit in unsigned char: correct the value or the type`},
		{"pragma pack", map[string]string{"main.h": "#pragma pack(pop)\n"},
			`DIR/main.h:1:2: #pragma pack: pop without a push before it: remove it or add the push`},
		{"pragma pack left open", map[string]string{"main.h": "struct s { int x; };\n#pragma pack(push, 1)\n"},
			`DIR/main.h:2:2: #pragma pack: push without a pop: add #pragma pack(pop)`},
		{"conditions", map[string]string{"main.h": "#if 1\nint x;\n"}, `DIR/main.h:1:2: #if: has no #endif: add one where the condition ends`},
		{"condition", map[string]string{"main.h": "#if (1 + \n#endif\n"},
			`DIR/main.h:1:2: #if: the condition is not an integer constant expression: an operand is missing at its end: correct it`},
		{"an unknown function-like macro in a condition", map[string]string{"main.h": "#if KERNEL_VERSION(1, 2)\n#endif\n"},
			`DIR/main.h:1:19: #if: the condition is not an integer constant expression: the function-like macro KERNEL_VERSION is not defined: correct it`},
		{"#error", map[string]string{"main.h": "#error \"not for you\"\n"},
			`DIR/main.h:1:2: #error: not for you: the header refuses these conditions: check -D, -I and the target`},
		{"comment", map[string]string{"main.h": "int x; /* no end\n"}, `DIR/main.h:1:8: comment: it is never closed: add */`},
		{"quote", map[string]string{"main.h": "char *x = \"no end;\n"}, `DIR/main.h:1:11: quote: it is not closed on its line: add the closing quote`},
		{"bracket", map[string]string{"main.h": "struct s {\n int x;\n"}, `DIR/main.h:1:10: "{": it is never closed: add the matching bracket`},
		{"other bracket", map[string]string{"main.h": "struct s { int x[2); };\n"},
			`DIR/main.h:1:19: ")": does not match the "[" at DIR/main.h:1:17: balance the brackets`},
		{"no end", map[string]string{"main.h": "struct s { int x; }\n"}, `DIR/main.h:1:19: declaration: the header ends before it does: add the missing ;`},
		{"arguments", map[string]string{"main.h": "#define F(a, b) a\nint x = F(1);\n"},
			`DIR/main.h:2:9: macro F: 1 arguments where 2 are declared: see its definition at DIR/main.h:1:9`},
		{"not text", map[string]string{"main.h": "\x7fELF\x02\x01\x01\x00"}, `DIR/main.h:1:1: header: the byte 0x7f is not text: is this a C header?`},
		{"layout pragmas", map[string]string{"main.h": "#pragma scalar_storage_order big-endian\n"},
			`DIR/main.h:1:2: #pragma scalar_storage_order big-endian: changes layout in a way that is not supported: remove it`},
		{"type missing on the target", map[string]string{"main.h": "struct s { __float128 x; };\n"},
			`DIR/main.h:1:12: type "__float128": __float128 does not exist on bpfel: guard the declaration by a macro of the target`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := tree(t, c.files)
			abi, err := ParseFile(filepath.Join(dir, "main.h"), Options{Target: targetNamed(t, "bpfel")})
			if err == nil {
				t.Fatalf("no error, but a model: %s", brief(abi))
			}
			got := strings.ReplaceAll(err.Error(), dir, "DIR")
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var e *Error
			if !errors.As(err, &e) || !e.Pos.IsValid() {
				t.Errorf("%T has no *Error with a position", err)
			}
		})
	}
}

func TestErrorsAboutTheFileItself(t *testing.T) {
	dir := t.TempDir()
	o := Options{Target: targetNamed(t, "bpfel")}
	_, err := ParseFile(filepath.Join(dir, "none.h"), o)
	if want := filepath.Join(dir, "none.h") + ": header: no such file: check the path"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v does not wrap os.ErrNotExist", err)
	}
	_, err = ParseFile(dir, o)
	if want := dir + ": header: it is a directory: name a file in it"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	o.Defines = []string{"1X"}
	_, err = Parse("t.h", nil, o)
	if want := "-D 1X: not the name of a macro with an optional value: write -D NAME or -D NAME=VALUE"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	o.Defines, o.Includes = nil, []string{"no-such.h"}
	_, err = Parse("t.h", nil, o)
	if want := "no-such.h: --include: no such file: check the path, or name the directory that holds it with -I DIR"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err = Parse("t.h", nil, Options{}); err == nil {
		t.Error("no error without a target")
	}
}

// What a reader must not do is run on, whatever the input.
func TestHostileHeadersEndSoon(t *testing.T) {
	repeat := strings.Repeat
	var doubling, typedefs strings.Builder
	doubling.WriteString("#define A0 x,\n")
	typedefs.WriteString("typedef void (*t0)(int);\n")
	for i := 1; i < 64; i++ {
		n, m := string(rune('0'+i/10))+string(rune('0'+i%10)), string(rune('0'+(i-1)/10))+string(rune('0'+(i-1)%10))
		if i == 1 {
			m = "0"
		}
		doubling.WriteString("#define A" + n + " A" + m + " A" + m + "\n")
		typedefs.WriteString("typedef void (*t" + n + ")(t" + m + ", t" + m + ");\n")
	}
	for name, text := range map[string]string{
		"parentheses":  "int x = " + repeat("(", 50_000),
		"records":      repeat("struct a {", 20_000),
		"minuses":      "enum { A = " + repeat("- ", 50_000) + "1 };",
		"sums":         "enum { A = " + repeat("1 + ", 100_000) + "1 };",
		"conditionals": "enum { A = " + repeat("1 ? 2 : ", 30_000) + "1 };",
		"casts":        "enum { A = " + repeat("(int)", 30_000) + "1 };",
		"stars":        "int " + repeat("*", 50_000) + "p;",
		"dimensions":   "int x" + repeat("[1]", 30_000) + ";",
		"enumerators":  doubling.String() + "enum { A63 };",
		"calls":        "#define f(x) x\nint x = " + repeat("f(", 2_000) + repeat(")", 2_000) + ";",
		"conditions":   repeat("#if 1\n", 100_000),
		"macros":       repeat("#define A b c d e f\n", 10_000),
		"constants":    doubling.String(),
		"typedefs":     typedefs.String() + "struct s { t63 f; };",
		"attributes":   "struct s { int x " + repeat("__attribute__((packed)) ", 50_000) + "; };",
		"unfinished":   "int *",
		"abstract":     "int f(int (*)(",
		"lines":        repeat("\n", 300_000),
		"brackets":     repeat("[[", 100_000),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			abi, err := Parse("t.h", []byte(text), Options{Target: targetNamed(t, "bpfel")})
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("it took %v", d)
			}
			if err == nil && abi == nil {
				t.Error("neither a model nor an error")
			}
			if err != nil && !strings.HasPrefix(err.Error(), "t.h:") {
				t.Errorf("the error has no position: %v", err)
			}
		})
	}
}

// The contract written by other hands is the same contract.
func TestSpellingDoesNotChangeTheModel(t *testing.T) {
	const a = `
#ifndef A_H
#define A_H
#include <stdint.h>
/* Flags. */
#define X_FLAG (1U << 3)
#define X_NULL (-1ULL)
struct x_io { uint64_t off; uint16_t type, flags; int32_t err; };
enum x_ret { X_NO = 0, X_YES = 1 };
struct x_ops { enum x_ret (*begin)(struct x_inode *i, uint64_t pos, struct x_io *out); char name[16]; };
#endif
`
	const b = `
#pragma once
struct x_inode;   // only declared
typedef unsigned short myshort;
#  define   X_FLAG   8u
#define X_NULL 0xffffffffffffffffULL
enum x_ret
{
	X_NO,	/* no */
	X_YES,
};
struct x_io
{
	__u64	off;	/* other words */
	myshort	type;
	__u16	flags;
	s32	err;
} ;
#define LEN 16
struct x_ops {
	enum x_ret	(*begin) (struct x_inode *i , u64 pos ,
		struct x_io * out);
	char	name [ 0x10 ];
};
`
	for _, name := range []string{"bpfel", "386", "mips"} {
		x, y := mustParse(t, name, a), mustParse(t, name, b)
		facts := func(m *model.ABI) map[string]string {
			out := map[string]string{}
			for _, r := range m.Records {
				for _, f := range r.Fields {
					out[r.Name+"."+f.Name] = f.Type.String() + " " + model.Int{Bits: int(f.BitOffset)}.String()
				}
			}
			for _, e := range m.Enums {
				for _, v := range e.Values {
					out[e.Name+" "+v.Name] = v.Value.String()
				}
			}
			for _, c := range m.Constants {
				if c.Name != "LEN" {
					out[c.Name] = c.Value.String() + c.Type
				}
			}
			for _, p := range m.Prototypes {
				out[p.Name] = p.ResultType.String()
				for _, q := range p.Params {
					out[p.Name] += " " + q.Name + " " + q.Type.String()
				}
			}
			return out
		}
		if diff := cmp.Diff(facts(x), facts(y)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestTheContractRefusesRevisionsThatDoNotExist(t *testing.T) {
	for _, rev := range []string{"0", "-1", "5", "x", "R2"} {
		_, err := ParseFile("../../headers/fuse_iomap_bpf.h", Options{Target: targetNamed(t, "bpfel"), Defines: []string{"FUSE_IOMAP_BPF_REV=" + rev}})
		if err == nil || !strings.Contains(err.Error(), "define it as 1, 2, 3 or 4") {
			t.Errorf("FUSE_IOMAP_BPF_REV=%s: %v", rev, err)
		}
	}
}

func TestTheContract(t *testing.T) {
	for _, c := range []struct {
		rev                        string
		records, constants, protos int
	}{{"1", 7, 40, 3}, {"2", 7, 40, 3}, {"3", 8, 41, 5}, {"4", 9, 41, 7}} {
		for _, target := range model.Targets() {
			abi, err := ParseFile("../../headers/fuse_iomap_bpf.h", Options{Target: target, Defines: []string{"FUSE_IOMAP_BPF_REV=" + c.rev}})
			if err != nil {
				t.Fatalf("R%s, %s: %v", c.rev, target.Name, err)
			}
			if len(abi.Records) != c.records || len(abi.Constants) != c.constants || len(abi.Prototypes) != c.protos || len(abi.Enums) != 1 {
				t.Errorf("R%s, %s: %d records, %d constants, %d prototypes, %d enums; want %d, %d, %d, 1", c.rev, target.Name,
					len(abi.Records), len(abi.Constants), len(abi.Prototypes), len(abi.Enums), c.records, c.constants, c.protos)
			}
			var skipped []string
			for _, s := range abi.Skipped {
				skipped = append(skipped, s.Name+": "+s.Reason)
			}
			want := []string{
				"fuse_iomap_begin_pure_overwrite: inline function",
				"DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF: object-like macro whose text is not a constant expression",
				"FUSE_IOMAP_BEGIN_BPF_FUNC: function-like macro",
				"FUSE_IOMAP_END_BPF_FUNC: function-like macro",
				"FUSE_IOMAP_IOEND_BPF_FUNC: function-like macro",
				"DEFINE_FUSE_IOMAP_BPF_OPS: function-like macro",
			}
			if diff := cmp.Diff(want, skipped); diff != "" {
				t.Errorf("R%s, %s: skipped (-want +got):\n%s", c.rev, target.Name, diff)
			}
			for name, doc := range docs(abi) {
				if doc == "" {
					t.Errorf("%s has no comment", name)
				}
			}
		}
	}
}

func TestReadersRunInParallel(t *testing.T) {
	platforms.Clear()
	var wg sync.WaitGroup
	for range 4 {
		for _, target := range model.Targets() {
			wg.Go(func() {
				if _, err := ParseFile("../../headers/fuse_iomap_bpf.h", Options{Target: target}); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
}
