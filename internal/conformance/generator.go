// SPDX-License-Identifier: MIT

package conformance

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// generator writes random records that are correct C for a target.
type generator struct {
	r      *rand.Rand
	int128 bool
	target model.Target
	b      strings.Builder
	n      int
	// whole lists records whose size is a multiple of their alignment and that
	// have no flexible array: they may be elements and members.
	whole []string
	// enums lists random enums.
	enums []string
	// offsets are offsetof expressions that are correct.
	offsets []string
}

func (g *generator) chance(percent int) bool { return g.r.IntN(100) < percent }
func (g *generator) pick(xs ...string) string {
	return xs[g.r.IntN(len(xs))]
}
func (g *generator) printf(format string, args ...any) { fmt.Fprintf(&g.b, format, args...) }

var scalarNames = []string{"char", "signed char", "unsigned char", "short", "unsigned short", "int", "unsigned int", "long",
	"unsigned long", "long long", "unsigned long long", "float", "double", "long double", "_Bool", "void *", "int (*)(void)",
	"const volatile unsigned short", "unsigned long int", "__SIZE_TYPE__", "__builtin_va_list"}

// prelude declares the types that members use besides scalars.
func (g *generator) prelude() {
	g.b.WriteString(`
typedef unsigned char u8_t;
enum e_small { ES_A, ES_B = 7 };
enum e_neg { EN_A = -1, EN_B = 3 };
enum e_big { EB_A = 0x1ffffffffULL };
enum e_bigneg { EC_A = -0x1ffffffffLL, EC_B };
enum __attribute__((packed)) e_byte { EP_A, EP_B = 200 };
enum e_half { EH_A = -300 } __attribute__((packed));
enum e_u8 : u8_t { EU_A = 255 };
enum e_s16 : short { EV_A = -5, EV_B };
enum e_u64 : unsigned long long { EW_A = 1, EW_B = 0xffffffffffffffffULL };
typedef unsigned long long low4 __attribute__((aligned(4)));
typedef unsigned long long low2 __attribute__((aligned(2)));
typedef int low1 __attribute__((aligned(1)));
typedef int high16 __attribute__((aligned(16)));
typedef unsigned char high2 __attribute__((aligned(2)));
typedef int v2 __attribute__((vector_size(8)));
typedef float v4 __attribute__((vector_size(16)));
typedef unsigned char v32 __attribute__((vector_size(32)));
typedef struct { char c; short s; int : 3; } three;
typedef struct { char c; double d; } __attribute__((packed)) nine;
typedef three raised __attribute__((aligned(8)));
typedef nine plain_nine;
typedef struct __attribute__((aligned(2))) { char c[2]; } two;
`)
}

func (g *generator) scalar() string {
	if g.int128 && g.chance(4) {
		return g.pick("__int128", "unsigned __int128")
	}
	switch g.r.IntN(13) {
	case 0:
		return g.pick("low4", "low2", "low1", "high16", "high2")
	case 1:
		if len(g.enums) > 0 && g.chance(50) {
			return g.enums[g.r.IntN(len(g.enums))]
		}
		return "enum " + g.pick("e_small", "e_neg", "e_big", "e_bigneg", "e_byte", "e_half", "e_u8", "e_s16", "e_u64")
	case 2:
		return g.pick("v2", "v4", "v32")
	case 3:
		return g.pick("three", "nine", "raised", "plain_nine", "two")
	}
	return scalarNames[g.r.IntN(len(scalarNames))]
}

func (g *generator) align() string {
	if g.chance(10) {
		return "aligned"
	}
	return "aligned(" + g.pick("1", "2", "4", "8", "16", "32") + ")"
}

// attrs returns attributes for a member or a record.
func (g *generator) attrs(percent int) string {
	if !g.chance(percent) {
		return ""
	}
	switch g.r.IntN(6) {
	case 0, 1:
		return " __attribute__((packed))"
	case 2, 3:
		return " __attribute__((" + g.align() + "))"
	case 4:
		return " __attribute__((" + g.align() + ")) __attribute__((__packed__))"
	}
	return " __attribute__((packed, " + g.align() + "))"
}

func (g *generator) name() string { g.n++; return fmt.Sprintf("m%d", g.n) }

// widths are how many bits a bit-field of a type may have, where that is not
// 32 on every target.
var widths = map[string]int{"signed char": 8, "unsigned char": 8, "high2": 8, "enum e_byte": 8, "_Bool": 1, "short": 16,
	"unsigned short": 16, "long long": 64, "unsigned long long": 64, "low4": 64, "enum e_u8": 8, "enum e_s16": 16, "enum e_u64": 64,
	"enum e_big": 33, "char": 8, "u8_t": 8, "enum e_half": 16}

func (g *generator) bitfield() {
	typ := g.pick("char", "signed char", "unsigned char", "short", "unsigned short", "int", "unsigned int", "long", "unsigned long",
		"long long", "unsigned long long", "_Bool", "enum e_small", "enum e_neg", "enum e_byte", "enum e_half", "enum e_u8",
		"enum e_s16", "enum e_u64", "enum e_big", "low4", "low1", "high16", "high2", "u8_t")
	limit := widths[typ]
	if limit == 0 {
		limit = 32
		if strings.HasSuffix(typ, "long") {
			limit = int(g.target.PointerSize) * 8
		}
	}
	if g.chance(20) {
		g.printf("%s : %d%s;\n", typ, g.r.IntN(limit+1), g.attrs(10))
		return
	}
	name := g.name()
	g.printf("%s %s : %d%s", typ, name, 1+g.r.IntN(limit), g.attrs(15))
	if g.chance(10) {
		g.printf(", %s : %d, : %d", g.name(), 1+g.r.IntN(limit), g.r.IntN(limit+1))
	}
	g.printf(";\n")
}

func (g *generator) member(depth int, path string) {
	switch k := g.r.IntN(20); {
	case k < 8:
		g.bitfield()
	case k < 10 && len(g.whole) > 0:
		typ := g.whole[g.r.IntN(len(g.whole))]
		dim := g.pick("", "[2]", "[3][2]", "[0]")
		g.printf("%s %s%s%s;\n", typ, g.member1(path), dim, g.attrs(20))
	case k < 12 && depth < 3:
		before := g.pick("", g.attrs(40))
		g.printf("%s%s {\n", g.pick("struct", "struct", "union"), before)
		name, inner := "", path
		if g.chance(50) {
			name = g.name()
			inner = path + name + "."
		}
		g.members(1+g.r.IntN(4), depth+1, inner)
		after := g.attrs(25)
		g.printf("}%s %s%s;\n", g.pick("", after), name, g.attrs(20))
	default:
		g.plain(path)
	}
}

// member1 names a member that has an offset.
func (g *generator) member1(path string) string {
	name := g.name()
	g.offsets = append(g.offsets, path+name)
	return name
}

func (g *generator) plain(path string) {
	typ := g.scalar()
	dim := g.pick("", "", "", "[1]", "[3]", "[0]", "[ES_B]", "[sizeof(int) * 2]")
	if strings.HasPrefix(typ, "high") || typ == "long double" || typ == "raised" {
		dim = "" // clang refuses elements whose size is not a multiple of their alignment
	}
	name := g.member1(path)
	switch {
	case typ == "int (*)(void)":
		g.printf("int (*%s%s)(void)%s;\n", name, dim, g.attrs(20))
		return
	case g.chance(4) && !strings.HasPrefix(typ, "low"):
		g.printf("_Alignas(%s) ", g.pick("32", "64"))
		dim = ""
	case g.chance(4):
		g.printf("__extension__ ")
	}
	if g.chance(10) && !strings.HasSuffix(typ, "*") {
		g.printf("%s %s%s%s, %s%s;\n", typ, name, dim, g.attrs(30), g.name(), g.attrs(30))
		return
	}
	g.printf("%s %s%s%s;\n", typ, name, dim, g.attrs(20))
}

func (g *generator) members(n, depth int, path string) {
	for range n {
		g.member(depth, path)
	}
}

// record writes one record.
func (g *generator) record(i int) {
	pack := g.r.IntN(100)
	switch {
	case pack < 12:
		g.printf("#pragma pack(push, %s)\n", g.pick("1", "2", "4", "8", "16"))
	case pack < 15:
		g.printf("#pragma pack(%s)\n", g.pick("1", "2", "4", "8"))
	case pack < 17:
		g.printf("#pragma pack(push)\n#pragma pack(push, here, 2)\n")
	}
	kw := g.pick("struct", "struct", "struct", "union")
	typ := fmt.Sprintf("%s r%d", kw, i)
	typedef := g.chance(10)
	if typedef {
		typ = fmt.Sprintf("t%d", i)
		g.printf("typedef %s%s {\n", kw, g.attrs(15))
	} else {
		g.printf("%s%s r%d {\n", kw, g.attrs(15), i)
	}
	known := len(g.offsets)
	g.members(1+g.r.IntN(7), 0, "")
	flexible := kw == "struct" && g.chance(10)
	if flexible {
		g.printf("int %s;\n", g.name())
		elem, name := g.pick("char", "int", "long long", "low2", "two"), g.name()
		switch g.r.IntN(4) {
		case 0:
			g.printf("union { %s %s[0]; struct { struct { } %s; %s %s[]; }; };\n", elem, name, g.name(), g.pick("short", "double"), g.name())
		default:
			g.printf("%s %s[];\n", elem, name)
		}
	}
	g.printf("}%s%s;\n", g.attrs(15), map[bool]string{true: fmt.Sprintf(" t%d", i)}[typedef])
	switch {
	case pack < 12:
		g.printf("#pragma pack(pop)\n")
	case pack < 15:
		g.printf("#pragma pack()\n")
	case pack < 17:
		g.printf("#pragma pack(pop, here)\n#pragma pack(pop)\n")
	}
	for k := known; k < len(g.offsets); k++ {
		g.offsets[k] = "__builtin_offsetof(" + typ + ", " + g.offsets[k] + ")"
	}
	if !flexible {
		g.whole = append(g.whole, typ)
	}
}

// enum writes an enum, and for each enumerator a macro, which tells its type.
func (g *generator) enum(i int) {
	name := fmt.Sprintf("e%d", i)
	packed := g.pick("", "", " __attribute__((packed))")
	negative, wide := g.chance(40), g.chance(25)
	fixed := ""
	bits := 31
	if wide {
		bits = 63
	}
	if g.chance(15) {
		fixed, packed = g.pick(" : int", " : unsigned char", " : long long", " : unsigned long", " : u8_t"), ""
		bits = 7
		negative = negative && !strings.Contains(fixed, "u")
	}
	g.printf("enum%s %s%s {\n", packed, name, fixed)
	n := 1 + g.r.IntN(5)
	for k := range n {
		g.printf("  V%d_%d", i, k)
		if k == 0 || g.chance(60) {
			v := g.r.Uint64() >> (64 - bits) >> g.r.IntN(bits)
			switch {
			case negative && g.chance(50):
				g.printf(" = -%d%s", v, g.pick("", "LL"))
			case !negative && fixed == "" && g.chance(15):
				// Up to the largest of the unsigned type.
				g.printf(" = %dU%s", v<<1|1, map[bool]string{true: "LL"}[wide])
			default:
				g.printf(" = %d%s", v, g.pick("", "LL", "L"))
			}
		}
		g.printf(",\n")
	}
	g.printf("};\n")
	for k := range n {
		g.printf("#define T%d_%d V%d_%d\n", i, k, i, k)
	}
	if fixed == "" && !wide {
		g.enums = append(g.enums, "enum "+name)
	}
}

// macro writes a macro that is an integer constant expression, or would be if
// it did not divide by zero or overflow.
func (g *generator) macro(i int) {
	g.printf("#define X%d %s\n", i, g.expr(4))
}

var castTypes = []string{"char", "signed char", "unsigned char", "short", "unsigned short", "int", "unsigned", "long", "unsigned long",
	"long long", "unsigned long long", "_Bool", "u8_t", "enum e_neg", "enum e_byte", "enum e_big", "enum e_s16", "high2"}

func (g *generator) expr(depth int) string {
	if depth == 0 || g.chance(10) {
		return g.operand()
	}
	a := g.expr(depth - 1)
	switch g.r.IntN(12) {
	case 0:
		return g.pick("-", "~", "!", "+") + "(" + a + ")"
	case 1:
		return "(" + castTypes[g.r.IntN(len(castTypes))] + ")(" + a + ")"
	case 2:
		return "(" + a + " ? " + g.expr(depth-1) + " : " + g.expr(depth-1) + ")"
	case 3:
		return "sizeof(" + a + ")"
	case 4:
		return "((" + a + ") " + g.pick("<<", ">>") + " " + fmt.Sprint(g.r.IntN(31)) + ")"
	case 5:
		return "((" + a + ") " + g.pick("/", "%") + " " + g.operand() + ")"
	}
	return "(" + a + " " + g.pick("+", "-", "*", "&", "|", "^", "<", ">", "<=", ">=", "==", "!=", "&&", "||") + " " + g.expr(depth-1) + ")"
}

func (g *generator) operand() string {
	switch k := g.r.IntN(12); {
	case k < 4:
		v := g.r.Uint64() >> g.r.IntN(64)
		if g.chance(50) {
			v %= 100
		}
		suffix := g.pick("", "", "u", "L", "UL", "ll", "ull", "lU")
		if v > 1<<63-1 {
			suffix = g.pick("u", "ULL", "ull")
		}
		return fmt.Sprintf(g.pick("%d", "0x%x", "0%o"), v) + suffix
	case k < 5:
		return g.pick(`'a'`, `'\n'`, `'\xff'`, `'\0'`, `'\377'`, `L'b'`, `'ab'`, `u'c'`, `U'd'`)
	case k < 7:
		return g.pick("ES_A", "ES_B", "EN_A", "EN_B", "EB_A", "EC_A", "EC_B", "EP_B", "EH_A", "EU_A", "EV_A", "EV_B", "EW_A", "EW_B")
	case k < 8:
		return g.pick("sizeof", "_Alignof", "__alignof__") + "(" + g.pick("long", "double", "long double", "void *", "three", "nine", "raised", "low2", "v4", "enum e_half") + ")"
	case k < 9 && len(g.whole) > 0:
		return g.pick("sizeof", "_Alignof") + "(" + g.whole[g.r.IntN(len(g.whole))] + ")"
	case k < 11 && len(g.offsets) > 0:
		return g.offsets[g.r.IntN(len(g.offsets))]
	}
	return g.pick("(int)2.75", "(unsigned char)300.5f", "__INT_MAX__", "__LONG_MAX__", "sizeof(\"text\")", "sizeof(int[3])")
}
