// SPDX-License-Identifier: MIT

package cheader

import (
	"fmt"
	"go/constant"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fuseiomap/abigen/gen/model"
)

func targetNamed(t testing.TB, name string) model.Target {
	t.Helper()
	m, err := model.TargetByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mustParse(t testing.TB, targetName, text string) *model.ABI {
	t.Helper()
	abi, err := Parse("t.h", []byte(text), Options{Target: targetNamed(t, targetName)})
	if err != nil {
		t.Fatalf("%s: %v", targetName, err)
	}
	return abi
}

// brief writes a model in one line per fact, without positions and comments.
func brief(abi *model.ABI) string {
	var b strings.Builder
	var record func(r *model.Record, indent string)
	record = func(r *model.Record, indent string) {
		fmt.Fprintf(&b, "%s size %d align %d", strings.TrimSpace(string(r.Kind)+" "+r.Name), r.Size, r.Align)
		if r.Typedef {
			b.WriteString(" typedef")
		}
		if r.Packed {
			b.WriteString(" packed")
		}
		b.WriteString("\n")
		for _, f := range r.Fields {
			op := "+"
			if f.Bitfield {
				op = ":"
			}
			fmt.Fprintf(&b, "%s  %s@%d%s%d %s = %s", indent, f.Name, f.BitOffset, op, f.BitSize, f.Spelling, f.Type)
			if f.Record != nil {
				b.WriteString(" in ")
				record(f.Record, indent+"  ")
				continue
			}
			b.WriteString("\n")
		}
	}
	for _, r := range abi.Records {
		record(r, "")
	}
	for _, e := range abi.Enums {
		sign := "unsigned"
		if e.Signed {
			sign = "signed"
		}
		fmt.Fprintf(&b, "%s size %d %s", strings.TrimSpace("enum "+e.Name), e.Size, sign)
		if e.Typedef {
			b.WriteString(" typedef")
		}
		for _, v := range e.Values {
			fmt.Fprintf(&b, " %s=%s", v.Name, v.Value.ExactString())
		}
		b.WriteString("\n")
	}
	for _, c := range abi.Constants {
		v := c.Value.ExactString()
		if c.Value.Kind() == constant.Float {
			v = c.Value.String()
		}
		fmt.Fprintf(&b, "%s = %s %s `%s`\n", c.Name, v, c.Type, c.Expr)
	}
	for _, p := range abi.Prototypes {
		var ps []string
		for _, q := range p.Params {
			ps = append(ps, strings.TrimSpace(q.Name+" "+q.Type.String()))
		}
		if p.Variadic {
			ps = append(ps, "...")
		}
		fmt.Fprintf(&b, "%s %s %s(%s)\n", p.Role, p.ResultType, p.Name, strings.Join(ps, ", "))
	}
	for _, s := range abi.Skipped {
		fmt.Fprintf(&b, "skipped %s: %s\n", s.Name, s.Reason)
	}
	return b.String()
}

// constructs shows what each construct of C becomes. The targets are bpfel
// unless named; clang confirms them all where it is installed.
var constructs = []struct {
	name, target, c, want string
}{
	{name: "plain members are aligned", c: `struct s { char a; int b; char c; };`, want: `
struct s size 12 align 4
  a@0+8 char = s8
  b@32+32 int = s32
  c@64+8 char = s8
`},
	{name: "64-bit members are aligned to 4 on 386", target: "386", c: `struct s { int a; long long b; double c; };`, want: `
struct s size 20 align 4
  a@0+32 int = s32
  b@32+64 long long = s64
  c@96+64 double = f64
`},
	{name: "pointers and long follow the target", target: "mips", c: `struct s { char c; void *p; unsigned long l; };`, want: `
struct s size 12 align 4
  c@0+8 char = s8
  p@32+32 void * = ptr(void)
  l@64+32 unsigned long = u32
`},
	{name: "plain char is unsigned on arm64", target: "arm64", c: `struct s { char a; signed char b; unsigned char c; };`, want: `
struct s size 3 align 1
  a@0+8 char = u8
  b@8+8 signed char = s8
  c@16+8 unsigned char = u8
`},
	{name: "built-in typedefs", c: `struct s { u8 a; __le16 b; __u32 c; uint64_t d; s64 e; size_t f; bool g; };`, want: `
struct s size 40 align 8
  a@0+8 u8 = u8
  b@16+16 __le16 = u16
  c@32+32 __u32 = u32
  d@64+64 uint64_t = u64
  e@128+64 s64 = s64
  f@192+64 size_t = u64
  g@256+8 bool = bool
`},
	{name: "a declaration of the header's own replaces a built-in type", c: `typedef unsigned short u32; struct s { u32 u32; };`, want: `
struct s size 2 align 2
  u32@0+16 u32 = u16
skipped u32: typedef: every use stands for unsigned short
`},
	{name: "packed record and packed member", c: `
struct a { char c; int i; } __attribute__((packed));
struct __attribute__((__packed__)) b { char c; int i; };
struct c { char c; int i __attribute__((packed)), j; };
struct [[gnu::packed]] d { char c; int i; };`, want: `
struct a size 5 align 1 packed
  c@0+8 char = s8
  i@8+32 int = s32
struct b size 5 align 1 packed
  c@0+8 char = s8
  i@8+32 int = s32
struct c size 12 align 4
  c@0+8 char = s8
  i@8+32 int = s32
  j@64+32 int = s32
struct d size 5 align 1 packed
  c@0+8 char = s8
  i@8+32 int = s32
`},
	{name: "pragma pack", c: `
#pragma pack(push, 2)
struct a { char c; long long l; };
#pragma pack(pop)
struct b { char c; long long l; };
_Pragma("pack(1)") struct c { char c; long long l; }; _Pragma("pack()")
`, want: `
struct a size 10 align 2 packed
  c@0+8 char = s8
  l@16+64 long long = s64
struct b size 16 align 8
  c@0+8 char = s8
  l@64+64 long long = s64
struct c size 9 align 1 packed
  c@0+8 char = s8
  l@8+64 long long = s64
`},
	{name: "every attribute of a list counts", c: `struct a { char c; long long l; } __attribute__((packed, aligned(4), may_alias));`, want: `
struct a size 12 align 4 packed
  c@0+8 char = s8
  l@8+64 long long = s64
`},
	{name: "aligned on member, type, typedef and by _Alignas", c: `
typedef unsigned long long low __attribute__((aligned(4)));
struct a { int i; low l; };
struct b { char c; char d __attribute__((aligned(sizeof(long)))); };
struct c { char c; } __attribute__((aligned(16)));
struct d { char c; _Alignas(8) char d; _Alignas(long) char e; };
struct e { char c; struct c __attribute__((aligned(32))) *p; };`, want: `
struct a size 12 align 4
  i@0+32 int = s32
  l@32+64 low = u64
struct b size 16 align 8
  c@0+8 char = s8
  d@64+8 char = s8
struct c size 16 align 16
  c@0+8 char = s8
struct d size 24 align 8
  c@0+8 char = s8
  d@64+8 char = s8
  e@128+8 char = s8
struct e size 64 align 32
  c@0+8 char = s8
  p@256+64 struct c * = ptr(struct c)
skipped low: typedef: every use stands for unsigned long long
`},
	{name: "bit-fields", c: `struct s { unsigned a : 3, : 2, b : 12; signed char c; unsigned d : 20; unsigned : 0; _Bool e : 1; unsigned long long f : 40; };`, want: `
struct s size 16 align 8
  a@0:3 unsigned = u32
  @3:2 unsigned = u32
  b@5:12 unsigned = u32
  c@24+8 signed char = s8
  d@32:20 unsigned = u32
  @64:0 unsigned = u32
  e@64:1 _Bool = bool
  f@65:40 unsigned long long = u64
`},
	{name: "bit-fields count from the top on big-endian targets", target: "s390x", c: `struct s { unsigned a : 3, b : 12; unsigned char c; };`, want: `
struct s size 4 align 4
  a@0:3 unsigned = u32
  b@3:12 unsigned = u32
  c@16+8 unsigned char = u8
`},
	{name: "an unnamed bit-field raises the alignment under AAPCS", target: "arm64", c: `struct s { char a; int : 5; char b; }; struct t { char a; int : 0; char b; };`, want: `
struct s size 4 align 4
  a@0+8 char = u8
  @8:5 int = s32
  b@16+8 char = u8
struct t size 8 align 4
  a@0+8 char = u8
  @32:0 int = s32
  b@32+8 char = u8
`},
	{name: "and does not elsewhere", c: `struct s { char a; int : 5; char b; }; struct t { char a; int : 0; char b; };`, want: `
struct s size 3 align 1
  a@0+8 char = s8
  @8:5 int = s32
  b@16+8 char = s8
struct t size 5 align 1
  a@0+8 char = s8
  @32:0 int = s32
  b@32+8 char = s8
`},
	{name: "bit-fields of enum type, one without a name", c: `enum e { A, B }; struct s { enum e x : 2; enum e : 3; enum e y : 1; };`, want: `
struct s size 4 align 4
  x@0:2 enum e = enum e
  @2:3 enum e = enum e
  y@5:1 enum e = enum e
enum e size 4 unsigned A=0 B=1
`},
	{name: "unions and anonymous members", c: `struct s { int a; union { char b; struct { short c; int d; } n; long long e; }; struct { int f; }; };`, want: `
struct s size 24 align 8
  a@0+32 int = s32
  @64+64 union = union in union size 8 align 8
    b@0+8 char = s8
    n@0+64 struct = struct in struct size 8 align 4
      c@0+16 short = s16
      d@32+32 int = s32
    e@0+64 long long = s64
  @128+32 struct = struct in struct size 4 align 4
    f@0+32 int = s32
`},
	{name: "a tagged record inside another is a record of its own", c: `struct s { struct t { int a; } b; struct u { int c; }; struct t *p; };`, want: `
struct s size 16 align 8
  b@0+32 struct t = struct t
  p@64+64 struct t * = ptr(struct t)
struct t size 4 align 4
  a@0+32 int = s32
struct u size 4 align 4
  c@0+32 int = s32
`},
	{name: "anonymous records in arrays and behind pointers", c: `struct s { struct { int a; } x[2]; struct { char b; } *p; };`, want: `
struct s size 16 align 8
  x@0+64 struct[2] = array(2,struct) in struct size 4 align 4
    a@0+32 int = s32
  p@64+64 struct * = ptr(struct) in struct size 1 align 1
    b@0+8 char = s8
`},
	{name: "flexible and zero-length arrays, empty records", c: `struct e { }; struct s { int n; struct e e; long long z[0]; char f[]; };`, want: `
struct e size 0 align 1
struct s size 8 align 8
  n@0+32 int = s32
  e@32+0 struct e = struct e
  z@64+0 long long[0] = array(0,s64)
  f@64+0 char[] = array(0,s8)
`},
	{name: "a typedef names a record without a tag", c: `typedef struct { int a; } one_t, *one_p; struct s { one_t x; one_p y; };`, want: `
struct one_t size 4 align 4 typedef
  a@0+32 int = s32
struct s size 16 align 8
  x@0+32 one_t = struct one_t
  y@64+64 one_p = ptr(struct one_t)
skipped one_p: typedef: every use stands for struct *
`},
	{name: "a typedef of a tagged record is another name for it", c: `typedef struct t { int a; } t_t; struct s { t_t x; };`, want: `
struct t size 4 align 4
  a@0+32 int = s32
struct s size 4 align 4
  x@0+32 t_t = struct t
skipped t_t: typedef: every use stands for struct t
`},
	{name: "vectors, __int128 and floating point", target: "amd64", c: `
typedef int v4si __attribute__((vector_size(16)));
struct s { char c; v4si v; __int128 i; long double l; float f; };`, want: `
struct s size 80 align 16
  c@0+8 char = s8
  v@128+128 v4si = vector(4,s32)
  i@256+128 __int128 = s128
  l@384+128 long double = f80
  f@512+32 float = f32
skipped v4si: typedef: every use stands for int __attribute__((vector_size(4 * sizeof(int))))
`},
	{name: "enums take the type their values need", c: `
enum a { A = 1 }; enum b { B = -1 }; enum c { C = 0x100000000 }; enum d { D = -1, D2 = 0xffffffff };
enum __attribute__((packed)) e { E = 255 }; enum f { F = -129 } __attribute__((packed));
enum g : unsigned char { G = 7 }; typedef enum { H = 2 } h_t; enum { I = sizeof(h_t), J };`, want: `
enum a size 4 unsigned A=1
enum b size 4 signed B=-1
enum c size 8 unsigned C=4294967296
enum d size 8 signed D=-1 D2=4294967295
enum e size 1 unsigned E=255
enum f size 2 signed F=-129
enum g size 1 unsigned G=7
enum h_t size 4 unsigned typedef H=2
enum size 4 unsigned I=4 J=5
`},
	{name: "constants have the value and type of C", target: "amd64", c: `
#define A 1
#define B 0xffffffff
#define C 4294967296
#define D (1U << 31)
#define E (-1ULL)
#define F ((unsigned char)257)
#define G 'a'
#define H sizeof(struct s)
#define I (1 ? 2 : 3U)
#define J _Alignof(long)
#define K __builtin_offsetof(struct s, b.c[1])
#define L V
#define M (-7 / 2)
#define N (-7 % 4)
#define O ~0UL
#define P (1 << 31)
#define Q ((enum e)1)
#define R (3 > 2 && !0)
#define S ((size_t)&((struct s *)0)->b)
#define T 'RIFF'
#define U 0777
#define X (1, 2)
enum e { V = 3 };
struct s { int a; struct { short c[2]; } b; };`, want: `
struct s size 8 align 4
  a@0+32 int = s32
  b@32+32 struct = struct in struct size 4 align 2
    c@0+32 short[2] = array(2,s16)
enum e size 4 unsigned V=3
A = 1 int ` + "`1`" + `
B = 4294967295 unsigned int ` + "`0xffffffff`" + `
C = 4294967296 long ` + "`4294967296`" + `
D = 2147483648 unsigned int ` + "`(1U << 31)`" + `
E = 18446744073709551615 unsigned long long ` + "`(-1ULL)`" + `
F = 1 unsigned char ` + "`((unsigned char)257)`" + `
G = 97 int ` + "`'a'`" + `
H = 8 unsigned long ` + "`sizeof(struct s)`" + `
I = 2 unsigned int ` + "`(1 ? 2 : 3U)`" + `
J = 8 unsigned long ` + "`_Alignof(long)`" + `
K = 6 unsigned long ` + "`__builtin_offsetof(struct s, b.c[1])`" + `
L = 3 int ` + "`V`" + `
M = -3 int ` + "`(-7 / 2)`" + `
N = -3 int ` + "`(-7 % 4)`" + `
O = 18446744073709551615 unsigned long ` + "`~0UL`" + `
P = -2147483648 int ` + "`(1 << 31)`" + `
Q = 1 enum e ` + "`((enum e)1)`" + `
R = 1 int ` + "`(3 > 2 && !0)`" + `
S = 4 unsigned long ` + "`((size_t)&((struct s *)0)->b)`" + `
T = 1380533830 int ` + "`'RIFF'`" + `
U = 511 int ` + "`0777`" + `
X = 2 int ` + "`(1, 2)`" + `
`},
	{name: "constants follow the target", target: "386", c: `
#define A 4294967295
#define B sizeof(long)
#define C (~0UL)
#define D 0x80000000
#define E sizeof(struct s)
struct s { char c; long long l; };`, want: `
struct s size 12 align 4
  c@0+8 char = s8
  l@32+64 long long = s64
A = 4294967295 long long ` + "`4294967295`" + `
B = 4 unsigned int ` + "`sizeof(long)`" + `
C = 4294967295 unsigned long ` + "`(~0UL)`" + `
D = 2147483648 unsigned int ` + "`0x80000000`" + `
E = 12 unsigned int ` + "`sizeof(struct s)`" + `
`},
	{name: "strings and floating-point numbers", c: `
#define A "one" " two\n"
#define B 1.5
#define C (0.1f)
#define D (1.0 / 4)`, want: `
A = "one two\n" char[9] ` + "`\"one\" \" two\\n\"`" + `
B = 1.5 double ` + "`1.5`" + `
C = 0.1 float ` + "`(0.1f)`" + `
D = 0.25 double ` + "`(1.0 / 4)`" + `
`},
	{name: "macros that are no constants", c: `
#define EMPTY
#define CALL(x) (x)
#define TYPE unsigned int
#define ATTR __attribute__((packed))
#define DEF char LICENSE[] SEC("license") = "GPL v2";
#define UNKNOWN (NOT_DECLARED + 1)
#define POINTER ((void *)0)
#define GONE 1
#undef GONE
#define ZERO (1 / 0)
#define TWICE 1
#undef TWICE
#define TWICE 2
#define SELF SELF
#define HALF (1 +
#define BRACE { 1, 2 }
#define SHIFT (1 << 32)`, want: `
TWICE = 2 int ` + "`2`" + `
skipped EMPTY: object-like macro without a value
skipped CALL: function-like macro
skipped TYPE: object-like macro whose text is not a constant expression
skipped ATTR: object-like macro whose text is not a constant expression
skipped DEF: object-like macro whose text is not a constant expression
skipped UNKNOWN: object-like macro whose text is not a constant expression: NOT_DECLARED is not declared
skipped POINTER: object-like macro whose text is not a constant expression: it is a pointer
skipped GONE: macro that is undefined again
skipped ZERO: object-like macro whose text is not a constant expression: it divides by zero
skipped SELF: object-like macro whose text is not a constant expression: SELF is not declared
skipped HALF: object-like macro whose text is not a constant expression
skipped BRACE: object-like macro whose text is not a constant expression
skipped SHIFT: object-like macro whose text is not a constant expression: it shifts 32 bits by 32
`},
	{name: "the include guard is not listed", c: `
/* a comment */
#ifndef T_H
#define T_H
#define A 1
#endif
`, want: `
A = 1 int ` + "`1`" + `
`},
	{name: "macro expansion", c: `
#define CAT_(a, b) a ## b
#define CAT(a, b) CAT_(a, b)
#define STR(x) #x
#define N 7
#define A CAT(1, N)
#define B STR(a "b" \n)
#define VA(f, ...) f(__VA_ARGS__)
#define ADD(x, y) ((x) + (y))
#define C VA(ADD, 2, 3)
#define D ADD(ADD(1, 2), N)
#define E(x, ...) x, ## __VA_ARGS__
struct s { int CAT(m, N), E(a); };
#if defined(A) && !defined(Z) && CAT(1, N) == 17 && (-1 > 0U) && 'a' == 97 && __has_include(<stdint.h>)
#define F 1
#elif 1
#define F 2
#else
#define F 3
#endif`, want: `
struct s size 8 align 4
  m7@0+32 int = s32
  a@32+32 int = s32
N = 7 int ` + "`7`" + `
A = 17 int ` + "`CAT(1, N)`" + `
B = "a \"b\" \n" char[8] ` + "`STR(a \"b\" \\n)`" + `
C = 5 int ` + "`VA(ADD, 2, 3)`" + `
D = 10 int ` + "`ADD(ADD(1, 2), N)`" + `
F = 1 int ` + "`1`" + `
skipped CAT_: function-like macro
skipped CAT: function-like macro
skipped STR: function-like macro
skipped VA: function-like macro
skipped ADD: function-like macro
skipped E: function-like macro
`},
	{name: "callbacks and functions", c: `
struct x; enum r { R0 };
struct ops {
	enum r (*begin)(struct x *x, const u64 pos, char name[16]);
	void (*none)(void);
	int (*print)(const char *fmt, ...);
	struct { int (*inner)(int); } sub;
	struct { void *(*anon)(void); };
	void (*(*deep)(int))(long);
};
int plain(struct x *p);
extern u64 kf(const struct x *p__nullable) __ksym __weak;
extern int other(void) __attribute__((section(".ksyms"), weak));
static inline int inl(int a) { return a > 1 ? a : ({ 2; }); }
static int stat(void);
int body(void) { return 1; }
extern int var;
static const int tab[] = { 1, 2, };
typedef int (*fn_t)(int);
typedef int (fn)(int);
int plain(struct x *p);`, want: `
struct ops size 48 align 8
  begin@0+64 enum r (*)(struct x *, const u64, char *) = ptr(func(enum r,ptr(struct x),u64,ptr(s8)))
  none@64+64 void (*)(void) = ptr(func(void))
  print@128+64 int (*)(const char *, ...) = ptr(func(s32,ptr(const s8),...))
  sub@192+64 struct = struct in struct size 8 align 8
    inner@0+64 int (*)(int) = ptr(func(s32,s32))
  @256+64 struct = struct in struct size 8 align 8
    anon@0+64 void *(*)(void) = ptr(func(ptr(void)))
  deep@320+64 void (*(*)(int))(long) = ptr(func(ptr(func(void,s64)),s32))
enum r size 4 unsigned R0=0
callback enum r ops.begin(x ptr(struct x), pos u64, name ptr(s8))
callback void ops.none()
callback s32 ops.print(fmt ptr(const s8), ...)
callback s32 ops.sub.inner(s32)
callback ptr(void) ops.anon()
callback ptr(func(void,s64)) ops.deep(s32)
function s32 plain(p ptr(struct x))
kfunc u64 kf(p__nullable ptr(const struct x))
kfunc s32 other()
skipped inl: inline function
skipped stat: static function
skipped body: function with a body
skipped var: variable
skipped tab: variable
skipped fn_t: typedef of a function type
skipped fn: typedef of a function type
`},
	{name: "qualifiers", c: `struct s { const char *const p; volatile int v; char const a[2]; const struct s *const *q; };`, want: `
struct s size 24 align 8
  p@0+64 const char *const = const ptr(const s8)
  v@64+32 volatile int = volatile s32
  a@96+16 const char[2] = array(2,const s8)
  q@128+64 const struct s *const * = ptr(const ptr(const struct s))
`},
	{name: "what the model cannot express is refused", c: `struct c { _Complex double z; }; struct d { struct c c; }; struct e { struct c *p; }; struct f { _Atomic int a; };`, want: `
struct e size 8 align 8
  p@0+64 struct c * = ptr(struct c)
skipped c: member z: _Complex double is not supported
skipped d: member c: struct c: member z: _Complex double is not supported
skipped f: member a: _Atomic is not supported
`},
	{name: "types the target does not have", target: "bpfel", c: `struct s { typeof(1 + 1ULL) a; __typeof__(struct t *) b; };`, want: `
struct s size 16 align 8
  a@0+64 unsigned long long = u64
  b@64+64 struct t * = ptr(struct t)
`},
	{name: "stray semicolons and static assertions", c: `;; struct s { ; int a;; _Static_assert(sizeof(int) == 4, "int"); int b; ; };; _Static_assert(1, "");`, want: `
struct s size 8 align 4
  a@0+32 int = s32
  b@32+32 int = s32
`},
	{name: "a typedef raises the alignment or lowers it, also of a record and in an array", c: `
typedef struct { char c; long long l; } plain;
typedef plain raised __attribute__((aligned(16)));
typedef plain lowered __attribute__((aligned(2)));
typedef short half __attribute__((aligned(1)));
struct s { char a; lowered b; char c; raised d; char e; half f[2]; };`, want: `
struct plain size 16 align 8 typedef
  c@0+8 char = s8
  l@64+64 long long = s64
struct s size 64 align 16
  a@0+8 char = s8
  b@16+128 lowered = struct plain
  c@144+8 char = s8
  d@256+128 raised = struct plain
  e@384+8 char = s8
  f@392+32 half[2] = array(2,s16)
skipped raised: typedef: every use stands for plain
skipped lowered: typedef: every use stands for plain
skipped half: typedef: every use stands for short
`},
	{name: "pragma pack nests, has names, and caps aligned members", c: `
#pragma pack(push, outer, 4)
#pragma pack(push)
#pragma pack(1)
struct a { char c; int i; };
#pragma pack(pop)
struct b { char c; long long l; int i __attribute__((aligned(16))); };
#pragma pack(pop, outer)
struct c { char c; long long l; };`, want: `
struct a size 5 align 1 packed
  c@0+8 char = s8
  i@8+32 int = s32
struct b size 16 align 4 packed
  c@0+8 char = s8
  l@32+64 long long = s64
  i@96+32 int = s32
struct c size 16 align 8
  c@0+8 char = s8
  l@64+64 long long = s64
`},
	{name: "bit-fields of every type", target: "amd64", c: `
enum __attribute__((packed)) small { S = 200 };
enum fixed : unsigned short { F = 1 };
struct s { signed char a : 3; unsigned char b : 6; short c : 9; unsigned short d : 16; int e : 31; long f : 33; unsigned long long g : 63;
	_Bool h : 1; enum small i : 5; enum fixed j : 12; long long : 0; char k : 1; };`, want: `
struct s size 40 align 8
  a@0:3 signed char = s8
  b@8:6 unsigned char = u8
  c@16:9 short = s16
  d@32:16 unsigned short = u16
  e@64:31 int = s32
  f@95:33 long = s64
  g@128:63 unsigned long long = u64
  h@191:1 _Bool = bool
  i@192:5 enum small = enum small
  j@208:12 enum fixed = enum fixed
  @256:0 long long = s64
  k@256:1 char = s8
enum small size 1 unsigned S=200
enum fixed size 2 unsigned F=1
`},
	{name: "packed bit-fields straddle, aligned ones do not", c: `
struct a { unsigned a : 20, b : 20; } __attribute__((packed));
struct b { unsigned a : 3; unsigned b : 4 __attribute__((aligned(2))); unsigned c : 30 __attribute__((packed)); };`, want: `
struct a size 5 align 1 packed
  a@0:20 unsigned = u32
  b@20:20 unsigned = u32
struct b size 8 align 4
  a@0:3 unsigned = u32
  b@16:4 unsigned = u32
  c@20:30 unsigned = u32
`},
	{name: "zero-width bit-fields under AAPCS, of a wider type than their neighbours", target: "arm", c: `struct s { char a; long long : 0; char b; }; union u { char a; int : 0; };`, want: `
struct s size 16 align 8
  a@0+8 char = u8
  @64:0 long long = s64
  b@64+8 char = u8
union u size 4 align 4
  a@0+8 char = u8
  @0:0 int = s32
`},
	{name: "flexible arrays where GNU C lets them stand", c: `
struct inner { int n; short f[]; };
struct a { struct inner i; int g; };
struct b { int n; union { char c[]; int i[]; }; };
struct c { struct { } e; long f[]; };
union u { int n; int f[]; };`, want: `
struct inner size 4 align 4
  n@0+32 int = s32
  f@32+0 short[] = array(0,s16)
struct a size 8 align 4
  i@0+32 struct inner = struct inner
  g@32+32 int = s32
struct b size 4 align 4
  n@0+32 int = s32
  @32+0 union = union in union size 0 align 4
    c@0+0 char[] = array(0,s8)
    i@0+0 int[] = array(0,s32)
struct c size 0 align 8
  e@0+0 struct = struct in struct size 0 align 1
  f@0+0 long[] = array(0,s64)
union u size 4 align 4
  n@0+32 int = s32
  f@0+0 int[] = array(0,s32)
`},
	{name: "the alignment of __int128 and of vectors follows the target", target: "s390x", c: `
typedef unsigned char v32 __attribute__((vector_size(32)));
struct s { char c; __int128 i; unsigned __int128 u : 70; v32 v; };`, want: `
struct s size 96 align 32
  c@0+8 char = u8
  i@64+128 __int128 = s128
  u@192:70 unsigned __int128 = u128
  v@512+256 v32 = vector(32,u8)
skipped v32: typedef: every use stands for unsigned char __attribute__((vector_size(32 * sizeof(unsigned char))))
`},
	{name: "constant expressions see our layout, in dimensions, widths, alignments and enumerators", c: `
#include <stddef.h>
struct __attribute__((packed)) p { char c; int i; };
struct s { char a[sizeof(struct p)]; char b[_Alignof(struct p) + 2]; int c : sizeof(struct p); char d __attribute__((aligned(offsetof(struct p, i) * 8))); };
enum e { SIZE = sizeof(struct s), AT = offsetof(struct s, d) };
#define IOC(type) (2U << 30 | sizeof(type) << 16 | 'x' << 8 | 1)
#define GET IOC(struct p)`, want: `
struct p size 5 align 1 packed
  c@0+8 char = s8
  i@8+32 int = s32
struct s size 24 align 8
  a@0+40 char[5] = array(5,s8)
  b@40+24 char[3] = array(3,s8)
  c@64:5 int = s32
  d@128+8 char = s8
enum e size 4 unsigned SIZE=24 AT=16
GET = 2147842049 unsigned long ` + "`IOC(struct p)`" + `
skipped IOC: function-like macro
`},
	{name: "enumerators have the type that C gives them", target: "386", c: `
enum a { A1 = -1, A2 = 5 };
enum b { B1 = 0x80000000, B2 = 1 };
enum c { C1 = 0x100000000, C2 = 1 };
enum d : unsigned char { D1 = 3 };
enum e { E1 = 'x', E2 = 2147483647, E3 };
#define TA1 A1
#define TA2 A2
#define TB1 B1
#define TB2 B2
#define TC1 C1
#define TC2 C2
#define TD1 D1
#define TE1 E1
#define TE3 E3`, want: `
enum a size 4 signed A1=-1 A2=5
enum b size 4 unsigned B1=2147483648 B2=1
enum c size 8 unsigned C1=4294967296 C2=1
enum d size 1 unsigned D1=3
enum e size 4 unsigned E1=120 E2=2147483647 E3=2147483648
TA1 = -1 int ` + "`A1`" + `
TA2 = 5 int ` + "`A2`" + `
TB1 = 2147483648 unsigned int ` + "`B1`" + `
TB2 = 1 int ` + "`B2`" + `
TC1 = 4294967296 unsigned long long ` + "`C1`" + `
TC2 = 1 int ` + "`C2`" + `
TD1 = 3 enum d ` + "`D1`" + `
TE1 = 120 int ` + "`E1`" + `
TE3 = 2147483648 unsigned int ` + "`E3`" + `
`},
	{name: "what is not evaluated may be undefined, and is not a constant where it is", target: "amd64", c: `
#define A (1 || 1 / 0)
#define B (0 && 1 % 0)
#define C (1 ? 2 : 1 / 0)
#define D sizeof(1 / 0)
#define E sizeof(1 << 99)
#define F (0 || 1 / 0)
#define G (1 / 0 == 1)
#define H (2147483647 + 1)`, want: `
A = 1 int ` + "`(1 || 1 / 0)`" + `
B = 0 int ` + "`(0 && 1 % 0)`" + `
C = 2 int ` + "`(1 ? 2 : 1 / 0)`" + `
D = 4 unsigned long ` + "`sizeof(1 / 0)`" + `
E = 4 unsigned long ` + "`sizeof(1 << 99)`" + `
H = -2147483648 int ` + "`(2147483647 + 1)`" + `
skipped F: object-like macro whose text is not a constant expression: it divides by zero
skipped G: object-like macro whose text is not a constant expression: it divides by zero
`},
	{name: "character constants of every kind", target: "arm", c: `
#define A '\xff'
#define B u'c'
#define C (U'\x41' + 1)
#define D L'd'
#define E 'ab'`, want: `
A = 255 int ` + "`'\\xff'`" + `
B = 99 unsigned short ` + "`u'c'`" + `
C = 66 unsigned int ` + "`(U'\\x41' + 1)`" + `
D = 100 unsigned int ` + "`L'd'`" + `
E = 24930 int ` + "`'ab'`" + `
`},
	{name: "a list of expressions is no constant", c: `
#define LIST 1, 2
#define NAMES "a", "b"
#define PAIR (1, 2)`, want: `
PAIR = 2 int ` + "`(1, 2)`" + `
skipped LIST: object-like macro that stands for a list
skipped NAMES: object-like macro that stands for a list
`},
	{name: "attributes in every place that C has for them", c: `
struct __attribute__((packed)) a { char c; int i; };
struct b { char c; __attribute__((packed)) int i; int __attribute__((packed)) j; int k __attribute__((packed)), l; };
struct c { char c; int *p __attribute__((packed)); [[gnu::aligned(4)]] char d; char e [[gnu::aligned(4)]]; };
typedef struct { char c; int i; } __attribute__((packed)) d;
enum __attribute__((packed)) e { E };
enum f { F __attribute__((deprecated)) = 300 } __attribute__((packed));
__attribute__((unused)) struct g { enum e e; enum f f; } __attribute__((aligned(4)));`, want: `
struct a size 5 align 1 packed
  c@0+8 char = s8
  i@8+32 int = s32
struct b size 20 align 4
  c@0+8 char = s8
  i@8+32 int = s32
  j@40+32 int = s32
  k@72+32 int = s32
  l@128+32 int = s32
struct c size 20 align 4
  c@0+8 char = s8
  p@8+64 int * = ptr(s32)
  d@96+8 char = s8
  e@128+8 char = s8
struct d size 5 align 1 typedef packed
  c@0+8 char = s8
  i@8+32 int = s32
struct g size 4 align 4
  e@0+8 enum e = enum e
  f@16+16 enum f = enum f
enum e size 1 unsigned E=0
enum f size 2 unsigned F=300
`},
	{name: "a static assertion that is not evaluated is listed", c: `struct s { _Complex int z; }; _Static_assert(sizeof(struct s) == 8, "");`, want: `
skipped s: member z: _Complex int is not supported
skipped _Static_assert: static assertion that is not evaluated: struct s: member z: _Complex int is not supported
`},
	{name: "va_list is what the target passes arguments in", target: "amd64", c: `
typedef __builtin_va_list va_list;
struct s { int n; va_list args; };
int print(const char *format, va_list args);`, want: `
struct s size 32 align 8
  n@0+32 int = s32
  args@64+192 va_list = array(1,struct) in struct size 24 align 8
    gp_offset@0+32 unsigned = u32
    fp_offset@32+32 unsigned = u32
    overflow_arg_area@64+64 void * = ptr(void)
    reg_save_area@128+64 void * = ptr(void)
function s32 print(format ptr(const s8), args ptr(struct))
skipped va_list: typedef: every use stands for __builtin_va_list
`},
	{name: "the kernel's macros for groups and flexible arrays", c: `
#include <linux/stddef.h>
struct s { int n; __struct_group(tag, grp, , int a; char b;); __DECLARE_FLEX_ARRAY(int, tail); };`, want: `
struct s size 12 align 4
  n@0+32 int = s32
  @32+64 union = union in union size 8 align 4
    @0+64 struct = struct in struct size 8 align 4
      a@0+32 int = s32
      b@32+8 char = s8
    grp@0+64 struct tag = struct tag
  @96+0 struct = struct in struct size 0 align 4
    __empty_tail@0+0 struct = struct in struct size 0 align 1
    tail@0+0 int[] = array(0,s32)
struct tag size 8 align 4
  a@0+32 int = s32
  b@32+8 char = s8
`},
}

func TestConstructsBecomeTheModel(t *testing.T) {
	for _, c := range constructs {
		t.Run(c.name, func(t *testing.T) {
			name := c.target
			if name == "" {
				name = "bpfel"
			}
			got := "\n" + brief(mustParse(t, name, c.c))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.c, diff)
			}
		})
	}
}
