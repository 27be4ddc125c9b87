// SPDX-License-Identifier: MIT

package cheader

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
)

// generator writes random records that are correct C for a target.
type generator struct {
	r      *rand.Rand
	int128 bool
	b      strings.Builder
	n      int
	// whole lists records whose size is a multiple of their alignment and that
	// have no flexible array: they may be elements and members.
	whole []string
}

func (g *generator) chance(percent int) bool { return g.r.IntN(100) < percent }
func (g *generator) pick(xs ...string) string {
	return xs[g.r.IntN(len(xs))]
}

var scalarNames = []string{"char", "signed char", "unsigned char", "short", "unsigned short", "int", "unsigned int", "long",
	"unsigned long", "long long", "unsigned long long", "float", "double", "long double", "_Bool", "void *", "int (*)(void)"}

// prelude declares the types that members use besides scalars.
func (g *generator) prelude() {
	g.b.WriteString(`
enum e_small { ES_A, ES_B = 7 };
enum e_neg { EN_A = -1, EN_B = 3 };
enum e_big { EB_A = 0x1ffffffffULL };
enum __attribute__((packed)) e_byte { EP_A, EP_B = 200 };
enum e_half { EH_A = -300 } __attribute__((packed));
typedef unsigned long long low4 __attribute__((aligned(4)));
typedef unsigned long long low2 __attribute__((aligned(2)));
typedef int low1 __attribute__((aligned(1)));
typedef int high16 __attribute__((aligned(16)));
typedef unsigned char high2 __attribute__((aligned(2)));
typedef int v2 __attribute__((vector_size(8)));
typedef float v4 __attribute__((vector_size(16)));
typedef unsigned char v32 __attribute__((vector_size(32)));
`)
}

func (g *generator) scalar() string {
	if g.int128 && g.chance(4) {
		return g.pick("__int128", "unsigned __int128")
	}
	switch g.r.IntN(12) {
	case 0:
		return g.pick("low4", "low2", "low1", "high16", "high2")
	case 1:
		return "enum " + g.pick("e_small", "e_neg", "e_big", "e_byte", "e_half")
	case 2:
		return g.pick("v2", "v4", "v32")
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
	switch g.r.IntN(5) {
	case 0, 1:
		return " __attribute__((packed))"
	case 2, 3:
		return " __attribute__((" + g.align() + "))"
	}
	return " __attribute__((packed, " + g.align() + "))"
}

func (g *generator) name() string { g.n++; return fmt.Sprintf("m%d", g.n) }

func (g *generator) bitfield() {
	typ := g.pick("signed char", "unsigned char", "short", "unsigned short", "int", "unsigned int", "long", "unsigned long",
		"long long", "unsigned long long", "_Bool", "enum e_small", "enum e_neg", "enum e_byte", "low4", "low1", "high16", "high2")
	limit := map[string]int{"signed char": 8, "unsigned char": 8, "high2": 8, "enum e_byte": 8, "_Bool": 1, "short": 16,
		"unsigned short": 16, "long long": 64, "unsigned long long": 64, "low4": 64}[typ]
	if limit == 0 {
		limit = 32
	}
	if g.chance(20) {
		fmt.Fprintf(&g.b, "%s : %d%s;\n", typ, g.r.IntN(limit+1), g.attrs(10))
		return
	}
	fmt.Fprintf(&g.b, "%s %s : %d%s;\n", typ, g.name(), 1+g.r.IntN(limit), g.attrs(15))
}

func (g *generator) member(depth int) {
	switch k := g.r.IntN(20); {
	case k < 8:
		g.bitfield()
	case k < 10 && len(g.whole) > 0:
		typ := g.whole[g.r.IntN(len(g.whole))]
		dim := g.pick("", "[2]", "[3][2]", "[0]")
		fmt.Fprintf(&g.b, "%s %s%s%s;\n", typ, g.name(), dim, g.attrs(20))
	case k < 12 && depth < 3:
		before := g.pick("", g.attrs(40))
		fmt.Fprintf(&g.b, "%s%s {\n", g.pick("struct", "struct", "union"), before)
		g.members(1+g.r.IntN(4), depth+1)
		name := ""
		if g.chance(50) {
			name = " " + g.name()
		}
		after := g.attrs(25)
		fmt.Fprintf(&g.b, "}%s%s%s;\n", g.pick("", after), name, g.attrs(20))
	default:
		typ := g.scalar()
		dim := g.pick("", "", "", "[1]", "[3]", "[0]")
		if strings.HasPrefix(typ, "high") || strings.HasPrefix(typ, "long double") {
			dim = "" // clang refuses elements whose size is not a multiple of their alignment
		}
		name := g.name()
		if typ == "int (*)(void)" {
			fmt.Fprintf(&g.b, "int (*%s%s)(void)%s;\n", name, dim, g.attrs(20))
			return
		}
		if g.chance(4) && typ != "low1" && typ != "low2" && typ != "low4" {
			fmt.Fprintf(&g.b, "_Alignas(%s) ", g.pick("32", "64"))
			dim = ""
		}
		if g.chance(10) && !strings.HasSuffix(typ, "*") {
			fmt.Fprintf(&g.b, "%s %s%s%s, %s%s;\n", typ, name, dim, g.attrs(30), g.name(), g.attrs(30))
			return
		}
		fmt.Fprintf(&g.b, "%s %s%s%s;\n", typ, name, dim, g.attrs(20))
	}
}

func (g *generator) members(n, depth int) {
	for range n {
		g.member(depth)
	}
}

// record writes one record.
func (g *generator) record(i int) {
	pack := g.chance(15)
	if pack {
		fmt.Fprintf(&g.b, "#pragma pack(push, %s)\n", g.pick("1", "2", "4", "8"))
	}
	kw := g.pick("struct", "struct", "struct", "union")
	fmt.Fprintf(&g.b, "%s%s r%d {\n", kw, g.attrs(15), i)
	g.members(1+g.r.IntN(7), 0)
	flexible := kw == "struct" && g.chance(10)
	if flexible {
		fmt.Fprintf(&g.b, "int %s;\n%s %s[];\n", g.name(), g.pick("char", "int", "long long", "low2"), g.name())
	}
	fmt.Fprintf(&g.b, "}%s;\n", g.attrs(15))
	if pack {
		g.b.WriteString("#pragma pack(pop)\n")
	}
	if !flexible {
		g.whole = append(g.whole, fmt.Sprintf("%s r%d", kw, i))
	}
}

// TestRandomRecordsAgreeWithClang compares the layout of random records with
// clang's, for every target. ABIGEN_RECORDS sets how many a target.
func TestRandomRecordsAgreeWithClang(t *testing.T) {
	compiler := clang(t)
	count := 100
	if s := os.Getenv("ABIGEN_RECORDS"); s != "" {
		var err error
		if count, err = strconv.Atoi(s); err != nil {
			t.Fatalf("ABIGEN_RECORDS=%s: not a number", s)
		}
	}
	seed := uint64(20260223)
	if s := os.Getenv("ABIGEN_SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
	}
	const batch = 100
	for i, target := range model.Targets() {
		t.Run(target.Name, func(t *testing.T) {
			o := oracle{clang: compiler, target: target, dir: t.TempDir()}
			confirmed := 0
			for done := 0; done < count && !t.Failed(); done += batch {
				g := generator{r: rand.New(rand.NewPCG(seed, uint64(i)<<32|uint64(done))), int128: target.PointerSize == 8}
				g.prelude()
				for k := range batch {
					g.record(k)
				}
				text := g.b.String()
				abi, err := Parse("random.h", []byte(text), Options{Target: target})
				if err != nil {
					t.Fatalf("seed %d, batch %d: %v", seed, done/batch, err)
				}
				if len(abi.Records) != batch {
					t.Fatalf("seed %d, batch %d: %d records of %d in the model; skipped: %v", seed, done/batch, len(abi.Records), batch, abi.Skipped)
				}
				cs, bs := claims(abi)
				o.include = text
				right, wrong, err := o.check(cs, bs)
				confirmed += right
				if err != nil {
					t.Fatalf("seed %d, batch %d: %v", seed, done/batch, err)
				}
				for n, w := range wrong {
					if n == 10 {
						break
					}
					t.Errorf("seed %d, batch %d: %s", seed, done/batch, w)
				}
				if len(wrong) > 0 && os.Getenv("ABIGEN_KEEP") != "" {
					_ = os.WriteFile(os.Getenv("ABIGEN_KEEP"), []byte(text), 0o644)
				}
			}
			t.Logf("seed %d: %d claims about %d records confirmed", seed, confirmed, count)
		})
	}
}
