// SPDX-License-Identifier: MIT

package cheader

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
)

// hostile is a header that asks for more than it should get, or is no header.
type hostile struct {
	name string
	text func() string
	// want is part of the error, with the line and column it names; nil for a
	// header that is unusual but right.
	want string
	at   string
}

// many is the number of something there is too much of: a twentieth of it unless
// ABIGEN_HOSTILE=full asks for all, which takes a minute.
func many(n int) int {
	if os.Getenv("ABIGEN_HOSTILE") == "full" {
		return n
	}
	return n / 20
}

func repeat(s string, n int) func() string {
	return func() string { return strings.Repeat(s, n) }
}

// nested puts n of open before and n of end behind middle.
func nested(before, open string, n int, middle, end, after string) func() string {
	return func() string {
		return before + strings.Repeat(open, n) + middle + strings.Repeat(end, n) + after
	}
}

// each joins n lines made by format from the numbers 0 to n-1.
func each(format string, n int) func() string {
	return func() string {
		var b strings.Builder
		args := strings.Count(format, "%")
		for i := range n {
			fmt.Fprintf(&b, format, []any{i, i, i}[:args]...)
		}
		return b.String()
	}
}

// laughs is a chain of n macros each of which expands to the one before ten
// times.
func laughs(n int, use string) func() string {
	return func() string {
		var b strings.Builder
		b.WriteString("#define L0 1 +\n")
		for i := 1; i <= n; i++ {
			fmt.Fprintf(&b, "#define L%d%s\n", i, strings.Repeat(fmt.Sprintf(" L%d", i-1), 10))
		}
		return b.String() + fmt.Sprintf(use, n)
	}
}

// doubling is a chain of n typedefs each of which is twice as much as the one
// before.
func doubling(first, format string, n int, use string) func() string {
	return func() string {
		var b strings.Builder
		b.WriteString(first)
		for i := 1; i <= n; i++ {
			fmt.Fprintf(&b, format, i-1, i-1, i)
		}
		return b.String() + use
	}
}

var hostiles = []hostile{
	// Nesting.
	{name: "parentheses in an expression", text: nested("enum e { a = ", "(", many(100_000), "1", ")", " };"), want: "nested more than", at: "1:"},
	{name: "parentheses in a macro", text: nested("#define A ", "(", many(100_000), "1", ")", "\n")},
	{name: "parentheses in a condition", text: nested("#if ", "(", 5000, "1", ")", "\n#endif\n"), want: "nested more than", at: "1:"},
	{name: "minus signs in a condition", text: nested("#if ", "- ", many(1_000_000), "1", "", "\n#endif\n"), want: "more than 20000 tokens", at: "1:"},
	{name: "few minus signs in a condition", text: nested("#if ", "- ", 10_000, "1", "", "\n#endif\n"), want: "nested more than", at: "1:"},
	{name: "question marks in a condition", text: nested("#if ", "1 ? 1 : ", 4000, "1", "", "\n#endif\n"), want: "nested more than", at: "1:"},
	{name: "minus signs in a macro", text: nested("#define A ", "- ", many(500_000), "1", "", "\n")},
	{name: "minus signs in an enumerator", text: nested("enum e { a = ", "- ", many(500_000), "1", "", " };"), want: "more than 20000 tokens", at: "1:"},
	{name: "pointers", text: nested("extern int ", "*", many(500_000), "p", "", ";"), want: "more than 20000 tokens", at: "1:"},
	{name: "functions of functions", text: nested("extern int ", "(*", many(100_000), "p", ")(void)", ";"), want: "nested more than", at: "1:"},
	{name: "arrays", text: nested("extern int a", "[2]", many(200_000), "", "", ";"), want: "more than 20000 tokens", at: "1:"},
	{name: "structs in structs", text: nested("struct s { ", "struct {\n", 100, "int a;", "};", "};"), want: "records are nested more than 64 deep", at: "64:"},
	{name: "braces", text: nested("", "{", many(400_000), "", "}", ""), want: "nested more than", at: "1:"},
	{name: "structs", text: nested("struct s { ", "struct { ", many(100_000), "int a;", "};", "};"), want: "nested more than", at: "1:"},
	{name: "attributes", text: nested("struct s { int a __attribute__((aligned", "(", many(100_000), "8", ")", ")); };"), want: "nested more than", at: "1:"},
	{name: "minus signs in attributes", text: nested("struct s { int a __attribute__((aligned(", "- ", many(500_000), "8", "", "))); };"), want: "too much", at: "1:"},
	{name: "#if", text: nested("", "#if 1\n", many(1_000_000), "", "#endif\n", ""), want: "nested more than 200 deep", at: "201:2"},
	{name: "#if that is not read", text: nested("#if 0\n", "#if 1\n", many(1_000_000), "", "#endif\n", "#endif\n"), want: "nested more than 200 deep", at: "201:2"},
	{name: "macros in macros", text: func() string { return each("#define M%d M1%[1]d\n", many(100_000))() + "int M1;" }},
	{name: "arguments in arguments", text: nested("#define F(x) x\nint a[", "F(", many(100_000), "1", ")", "];"), want: "expand to more than", at: "2:"},

	// Sizes.
	{name: "array beyond the address space", text: repeat("struct s { char a[0x7fffffffffffffff]; };", 1), want: "larger than an object can be", at: "1:17"},
	{name: "array of arrays beyond it", text: repeat("struct s { int a[0x100000][0x100000][0x100000]; };", 1), want: "larger than", at: "1:16"},
	{name: "array of 2^64 elements", text: repeat("struct s { char a[18446744073709551615ULL]; };", 1), want: "larger than", at: "1:18"},
	{name: "array of -1 elements", text: repeat("struct s { char a[-1]; };", 1), want: "negative", at: "1:18"},
	{name: "records that grow", text: doubling("struct s0 { char a[1024]; };\n", "struct s%[3]d { struct s%[1]d a, b; };\n", 80, ""), want: "larger than", at: "5"},
	{name: "alignment of 2^40", text: repeat("struct s { int a __attribute__((aligned(1ULL << 40))); };", 1), want: "out of range", at: "1:"},
	{name: "alignment of 3", text: repeat("struct s { int a __attribute__((aligned(3))); };", 1), want: "not a power of two", at: "1:"},
	{name: "bit-field of 2^31 bits", text: repeat("struct s { int a : 0x7fffffff; };", 1), want: "not between 0 and 32", at: "1:16"},
	{name: "vector of 2^60 bytes", text: repeat("typedef int v __attribute__((vector_size(1ULL << 60))); struct s { v a; };", 1), want: "out of range", at: "1:"},
	{name: "shift by 2^31", text: repeat("#define A (1 << 0x7fffffff)\n#define B (1 << -1)\n", 1)},
	{name: "number of a million digits", text: nested("#define A ", "9", many(1_000_000), "", "", "\n")},
	{name: "exponent of a million", text: repeat("#define A 1e999999\n#define B 0x1p999999999\n#define C 1e-999999\n", 1)},
	{name: "divisions by zero", text: repeat("#define A (1 / 0)\n#define B (1 % (1 - 1))\n#define C (-0x7fffffffffffffffLL - 1) / -1\n#if 0\n#elif 1 / 1\n#endif\n", 1)},
	{name: "division by zero in a condition", text: repeat("#if 1 / 0\n#endif\n", 1), want: "division by zero", at: "1:"},

	// Recursion.
	{name: "a record in itself", text: repeat("struct s { struct s a; };", 1), want: "contains itself", at: "1:"},
	{name: "a record in an array in itself", text: repeat("struct s { struct { struct s a[1]; } b; };", 1), want: "contains itself", at: "1:"},
	{name: "a typedef of itself", text: repeat("typedef t t;", 1), want: `"t"`, at: "1:9"},
	{name: "typedefs of each other", text: repeat("typedef b a; typedef a b;", 1), want: `"b"`, at: "1:9"},
	{name: "an enumerator of itself", text: repeat("enum e { a = a };", 1), want: "not declared", at: "1:10"},
	{name: "a macro of itself", text: repeat("#define A A\n#define B C\n#define C B\n#define F(x) F(x) F(F(x))\nint x = F(F(F(1)));", 1)},
	{name: "sizeof of itself", text: repeat("struct s { char a[sizeof(struct s)]; };", 1), want: "contains itself", at: "1:"},

	// Growth.
	{name: "a billion laughs", text: laughs(12, "int a = L%d 0;"), want: "macros expand to more than", at: "14:9"},
	{name: "a billion laughs that nobody hears", text: laughs(12, "// %d\n")},
	{name: "a billion laughs in a condition", text: laughs(12, "#if L%d 0\n#endif\n"), want: "macros expand to more than", at: "14:5"},
	{name: "arguments that double", text: func() string {
		return "#define D(x) x x\nint a[] = {" + strings.Repeat("D(", 60) + "1" + strings.Repeat(")", 60) + "};"
	}, want: "macros expand to more than", at: "2:"},
	{name: "a loop of macros over enumerators", text: func() string {
		var b strings.Builder
		b.WriteString("#define R0(x) E##x,\n")
		for i := 1; i <= 31; i++ {
			fmt.Fprintf(&b, "#define R%d(x) R%d(x##0) R%d(x##1)\n", i, i-1, i-1)
		}
		return b.String() + "enum e { R31(x) };\n"
	}, want: "macros expand to more than", at: "33:10"},
	{name: "names that double", text: func() string {
		var b strings.Builder
		b.WriteString("#define CAT(a, b) a##b\n#define P0 xxxxxxxxxxxxxxxx\n")
		for i := 1; i <= 40; i++ {
			fmt.Fprintf(&b, "#define X%d(a, b) CAT(a, b)\n#define P%d X%d(P%d, P%d)\n", i, i, i, i-1, i-1)
		}
		return b.String() + "int P40;\n"
	}, want: "expand to", at: "83:5"},
	{name: "strings that double", text: func() string {
		var b strings.Builder
		b.WriteString("#define S(x) #x\n#define T(x) S(x x)\n")
		return b.String() + "const char *s = " + strings.Repeat("T(", 60) + "a" + strings.Repeat(")", 60) + ";\n"
	}, want: "expand to", at: "3:"},
	{name: "types that double", text: doubling("typedef int t0;\n", "typedef t%[1]d (*t%[3]d)(t%[2]d, t%[2]d);\n", 200, "struct s { t200 a; };")},
	{name: "operands of ## that multiply", text: func() string {
		return "#define F(x) " + strings.Repeat("x ## b ", 20_000) + "\nF(" + strings.Repeat("1 ", 20_000) + ")\n"
	}, want: "macros expand to more than", at: "2:1"},
	{name: "arguments for __VA_ARGS__ that multiply", text: func() string {
		return "#define F(...) a" + strings.Repeat(", ## __VA_ARGS__ ", 20_000) + "\nF(" + strings.Repeat("1 ", 20_000) + ")\n"
	}, want: "macros expand to more than", at: "2:1"},
	{name: "commas", text: nested("#define F(x) x\nF(", ",", 20_000, "", "", ")\n"), want: "more than 1001 arguments where 1 are declared", at: "2:1"},
	{name: "records without a name that double", text: nested("struct s { ", "struct { ", 30, "int x;", " } a, b;", " };"),
		want: "members and types, written out", at: "1:"},
	{name: "a record without a name many times", text: func() string {
		return "struct s { struct {\n" + each("int a%d;\n", 3000)() + "}\n" + each("b%d,\n", 3000)() + "c; };"
	}, want: "members and types, written out", at: "35"},
	{name: "types that double, many times", text: doubling("typedef int t0;\n", "typedef t%[1]d (*t%[3]d)(t%[2]d, t%[2]d);\n", 7,
		"struct s {\n"+each("t7 a%d;\n", 10_000)()+"};"), want: "members and types, written out", at: "60"},
	{name: "attributes of many declarators", text: func() string {
		return "struct s { int " + strings.Repeat("__attribute__((packed)) ", 5000) + "a" + each(", a%d", 10_000)() + "; };"
	}},
	{name: "a comment of many parts", text: func() string { return "struct s { int a; }; " + strings.Repeat("/* x */ ", 50_000) }},
	{name: "a comment on a member of many lines", text: func() string {
		return "/**\n * @a: x\n" + strings.Repeat(" * more\n", 50_000) + " */\nstruct s { int a; };"
	}},
	{name: "constants that double", text: doubling("enum { e0 = 1 };\n", "enum { e%[3]d = e%[1]d + e%[2]d };\n", 200, "")},

	// Size.
	{name: "a line of a megabyte", text: repeat("struct a; ", many(100_000))},
	{name: "a name of a megabyte", text: nested("struct ", "a", many(1<<20), "", "", " { int x; };")},
	{name: "a string of a megabyte", text: nested("#define A \"", "a", many(1<<20), "", "", "\"\n")},
	{name: "a string of escapes", text: nested("#define A \"", `\x41`, many(1<<18), "", "", "\"\n")},
	{name: "a comment of a megabyte", text: nested("/*", "x\n", many(1<<19), "", "", "*/ struct s { int a; };")},
	{name: "comments", text: func() string { return strings.Repeat("/* x */ // y\n", many(200_000)) + "struct s { int a; };" }},
	{name: "line splices", text: func() string { return "struct s { int a;" + strings.Repeat("\\\n", many(500_000)) + " };" }},
	{name: "backslashes and spaces", text: repeat("\\    ", many(200_000)), want: "not part of C", at: "1:1"},
	{name: "empty lines", text: func() string { return strings.Repeat("\n", many(1<<20)) + "struct s { int a; };" }},
	{name: "semicolons", text: repeat(";", maxTokens+1), want: "more than 1000000 tokens", at: "1:"},
	{name: "100,000 records", text: each("struct s%d { int a%d; };\n", many(100_000))},
	{name: "100,000 enumerators", text: func() string { return "enum e {\n" + each("e%d,\n", many(100_000))() + "};" }},
	{name: "100,000 members", text: func() string { return "struct s {\n" + each("int a%d;\n", many(100_000))() + "};" }},
	{name: "100,000 typedefs", text: func() string { return "typedef int t0;\n" + each("typedef int u%d, v%d;\n", many(50_000))() }},
	{name: "3000 parameters", text: func() string { return "extern void f(" + strings.Repeat("int,", 3000) + "int);" }},
	{name: "1,000,000 macros", text: each("#define M%d %d\n", max(maxDefined+1, many(1_000_000))), want: "defines more than 200000 macros", at: "200001:9"},
	{name: "100,000 macros", text: each("#define M%d %d\n", many(100_000))},
	{name: "100,000 macros of three", text: each("#define M%d (%d + 1)\n", many(100_000))},
	{name: "100,000 macros of unknown ones", text: each("#define M%d UNKNOWN(%d)\n", many(100_000))},
	{name: "100,000 functions", text: each("int f%d(int a);\n", many(100_000))},
	{name: "100,000 declarations that do not parse", text: each("struct s%d { + };\n", many(100_000)), want: "", at: "1:"},
	{name: "100,000 attributes", text: func() string {
		return "struct s { int a " + strings.Repeat("__attribute__((packed)) ", many(100_000)) + "; };"
	}},

	// What no header holds.
	{name: "nothing", text: repeat("", 1)},
	{name: "NUL", text: repeat("struct s { int a;\x00 };", 1), want: "byte 0x00", at: "1:18"},
	{name: "control characters", text: repeat("int a;\n\x1b[31m", 1), want: "byte 0x1b", at: "2:1"},
	{name: "invalid UTF-8", text: repeat("/* \xff\xfe */ struct s { int a\xff; };", 1), want: "unexpected", at: "1:25"},
	{name: "invalid UTF-8 in a string", text: repeat("#define S \"\xff\"\nstruct \xc3\xa9 { int a; };", 1)},
	{name: "byte order mark", text: repeat("\ufeffstruct s { int a; };", 1)},
	{name: "UTF-16", text: repeat("\xff\xfes\x00t\x00r\x00", 1), want: "byte 0x00", at: "1:"},
	{name: "CRLF", text: repeat("#define A 1 \\\r\n + 2\r\nstruct s {\r\n\tint a; /* x */\r\n};\r\n", 1)},
	{name: "lone CR", text: repeat("struct s {\r int a;\r };\r", 1)},
	{name: "trigraphs", text: repeat("??=define A 1\n", 1), want: "ends before it does", at: "1:"},
	{name: "digraphs", text: repeat("%:define A 1\nstruct s <% int a<:2:>; %>;\n", 1)},
	{name: "a backslash at the end", text: repeat("struct s { int a; }; \\", 1), want: "not part of C", at: "1:22"},
	{name: "binary", text: repeat("\x7fELF\x02\x01\x01", 1), want: "byte 0x7f", at: "1:1"},

	// What has no end.
	{name: "comment without an end", text: repeat("struct s { int a; }; /* x", 1), want: "never closed", at: "1:22"},
	{name: "string without an end", text: repeat("char *s = \"abc\nint a;", 1), want: "not closed", at: "1:11"},
	{name: "character without an end", text: repeat("enum e { a = 'x };", 1), want: "not closed", at: "1:14"},
	{name: "brace without an end", text: repeat("struct s { int a;", 1), want: "never closed", at: "1:10"},
	{name: "parenthesis without an end", text: repeat("int f(int a;\n", 1), want: "is not closed", at: "1:"},
	{name: "declaration without an end", text: repeat("struct s { int a; }", 1), want: "ends before it does", at: "1:"},
	{name: "#if without an end", text: repeat("#if 1\nint a;\n", 1), want: "no #endif", at: "1:2"},
	{name: "#else without a beginning", text: repeat("int a;\n#else\n", 1), want: "no #if", at: "2:2"},
	{name: "macro call without an end", text: repeat("#define F(x) x\nint a = F(1;\n", 1), want: "not closed", at: "2:9"},
	{name: "parameters without an end", text: repeat("#define F(a, \nint x;", 1), want: "malformed", at: "1:9"},
	{name: "attribute without an end", text: repeat("struct s { int a; } __attribute__((packed;\n", 1), want: "", at: "1:"},
	{name: "#pragma pack(push) without a pop", text: repeat("#pragma pack(push, 1)\nstruct s { char c; int i; };\n", 1), want: "push without a pop", at: "1:"},
	{name: "#pragma pack(pop) without a push", text: repeat("#pragma pack(pop)\n", 1), want: "pop without a push", at: "1:"},
	{name: "#pragma pack pushed without end", text: repeat("#pragma pack(push, 1)\n", many(200_000)), want: "push without a pop", at: fmt.Sprintf("%d:", many(200_000))},
	{name: "#include without a name", text: repeat("#include\n", 1), want: "name of a file", at: "1:2"},
	{name: "#include <", text: repeat("#include <x\n", 1), want: "name of a file", at: "1:2"},
	{name: "_Pragma without an end", text: repeat("_Pragma(\"pack(1)\"", 1), want: "one string", at: "1:1"},
	{name: "offsetof without an end", text: repeat("enum { a = __builtin_offsetof(struct s", 1), want: "never closed", at: "1:"},
}

// TestHostileHeadersEndInAModelOrAnErrorWithItsPlace also holds the memory that
// they take: what is allocated in all bounds the time too, and does not depend
// on the machine.
func TestHostileHeadersEndInAModelOrAnErrorWithItsPlace(t *testing.T) {
	target, err := model.TargetByName("bpfel")
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hostiles {
		t.Run(h.name, func(t *testing.T) {
			text := []byte(h.text())
			parse := func() (*model.ABI, error) { return Parse("h.h", text, Options{Target: target}) }
			judge(t, h, parse)
		})
	}
}

const (
	maxHeap      = 500 << 20
	maxAllocated = 2 << 30
)

func judge(t *testing.T, h hostile, parse func() (*model.ABI, error)) {
	t.Helper()
	// abigen asks for the same, see its startup.
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(maxHeap * 4 / 5))
	var before, after runtime.MemStats
	debug.FreeOSMemory()
	runtime.ReadMemStats(&before)
	abi, err := parse()
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > maxAllocated {
		t.Errorf("%d MB were allocated, want at most %d", n>>20, maxAllocated>>20)
	}
	if n := after.HeapSys - after.HeapReleased; n > maxHeap {
		t.Errorf("the heap has %d MB, want at most %d", n>>20, maxHeap>>20)
	}
	if h.at == "" {
		if err != nil {
			t.Errorf("refused: %.300s", err)
		} else if err := model.Encode(&bytes.Buffer{}, abi); err != nil {
			t.Error(err)
		}
		return
	}
	var e *Error
	switch {
	case err == nil:
		t.Errorf("accepted, want an error with %q", h.want)
	case !errors.As(err, &e):
		t.Errorf("%T: %.300s", err, err)
	case !strings.Contains(err.Error(), h.want) || !strings.HasPrefix(err.Error(), "h.h:"+h.at) || len(err.Error()) > 2000:
		t.Errorf("%.300s, want %q at h.h:%s", err, h.want, h.at)
	}
}

// TestHostileIncludesEndInAnError writes files, as includes need.
func TestHostileIncludesEndInAnError(t *testing.T) {
	target, err := model.TargetByName("bpfel")
	if err != nil {
		t.Fatal(err)
	}
	chain := map[string]string{"h.h": "#include \"c0.h\"\n"}
	for i := range 300 {
		chain[fmt.Sprintf("c%d.h", i)] = fmt.Sprintf("#include \"c%d.h\"\n", i+1)
	}
	for _, c := range []struct {
		hostile
		files map[string]string
	}{
		{hostile{name: "itself", want: "include each other more than", at: "h.h:1:"}, map[string]string{"h.h": "#include \"h.h\"\n"}},
		{hostile{name: "each other", want: "a.h includes h.h includes a.h", at: ""}, map[string]string{"h.h": "#include \"a.h\"\n", "a.h": "#include \"h.h\"\n"}},
		{hostile{name: "a chain of 300", want: "include each other more than", at: ""}, chain},
		{hostile{name: "a file a million times", want: "", at: "h.h:"},
			map[string]string{"h.h": strings.Repeat("#include \"a.h\"\n", 1_000_000), "a.h": "extern int a;\n"}},
		{hostile{name: "a tree of a billion", want: "files included", at: ""},
			map[string]string{"h.h": strings.Repeat("#include \"a.h\"\n", 1000), "a.h": strings.Repeat("#include \"b.h\"\n", 1000), "b.h": strings.Repeat("#include \"c.h\"\n", 1000), "c.h": "\n"}},
		{hostile{name: "a large file that is not read, many times", want: "tokens in all", at: ""},
			map[string]string{"h.h": strings.Repeat("#include \"a.h\"\n", 10_000), "a.h": "#if 0\n" + strings.Repeat("a b c d e f g h\n", 10_000) + "#endif\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range c.files {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			var e *Error
			_, err := ParseFile(filepath.Join(dir, "h.h"), Options{Target: target, Cache: new(Cache)})
			if !errors.As(err, &e) || !e.Pos.IsValid() || e.Pos.Line == 0 || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.at) {
				t.Errorf("%.500v, want %q at %s", err, c.want, c.at)
			}
		})
	}
}
