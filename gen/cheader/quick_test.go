// SPDX-License-Identifier: MIT

package cheader

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
)

const quickTypes = `
typedef unsigned short half; typedef struct { int a; char b; } pair; typedef int *ref;
enum e { minus = -1, zero, big = 0x80000000, huge = 0x123456789abcdef0LL };
enum small { small_one = 1 };
struct s { long l; char c[3]; }; union u { double d; struct s s; };
`

// quickWords are what random expressions are made of: what [lowerer.quick]
// knows, and some of what it does not.
var quickWords = strings.Fields(`0 1 2 7 63 0x80000000 0xffffffffu 0x7fffffffffffffffL 18446744073709551615ULL 010 0b11 4294967296
	'a' '\377' L'x' "s" 1.5 1e3 0x1p3 minus zero big huge small_one missing
	sizeof(int) sizeof(struct|s) sizeof(half) sizeof(void) sizeof(union|u) sizeof|1 sizeof(pair*) _Alignof(long)
	(int) (unsigned|char) (half) (enum|e) (long|long) (struct|s*) (_Bool) (char) (enum|small) (const|int)`)

func randomExpression(r *rand.Rand, depth int) string {
	if depth == 0 || r.IntN(4) == 0 {
		w := strings.ReplaceAll(quickWords[r.IntN(len(quickWords))], "|", " ")
		if strings.HasPrefix(w, "(") {
			return w + randomExpression(r, 0)
		}
		return w
	}
	sub := func() string { return randomExpression(r, depth-1) }
	switch r.IntN(8) {
	case 0:
		return "(" + sub() + ")"
	case 1:
		return string("+-~!*&"[r.IntN(6)]) + " " + sub()
	case 2:
		return sub() + " ? " + sub() + " : " + sub()
	case 3:
		return "(" + sub() + ") << " + sub()
	}
	ops := strings.Fields("+ - * / % << >> < > <= >= == != & | ^ && || ,")
	return sub() + " " + ops[r.IntN(len(ops))] + " " + sub()
}

// TestQuickEvaluationAgreesWithTheParsers: what is evaluated from tokens has
// the value and the type that it has by way of the parser.
func TestQuickEvaluationAgreesWithTheParsers(t *testing.T) {
	seed := uint64(20261122)
	if s := os.Getenv("ABIGEN_SEED"); s != "" {
		if _, err := fmt.Sscan(s, &seed); err != nil {
			t.Fatal(err)
		}
	}
	r := rand.New(rand.NewPCG(seed, 2))
	for _, target := range model.Targets() {
		l := lowered(t, target, quickTypes)
		agreed := 0
		for range 400 {
			text := randomExpression(r, 3)
			toks := lexOne(text)
			got, ok := l.quick(toks)
			if !ok {
				continue
			}
			agreed++
			want := make([]result, 1)
			if _, err := l.tryExpressions([][]token{toks}, []int{0}, want); err != nil || want[0].err != nil {
				t.Errorf("seed %d, %s: %s: %v, though the parser says %v %v", seed, target.Name, text, got.v, err, want[0].err)
				continue
			}
			a, whyA := l.constant(result{val: got})
			b, whyB := l.constant(want[0])
			if whyA != whyB || (a == nil) != (b == nil) || a != nil && (a.Type != b.Type || a.Value.ExactString() != b.Value.ExactString()) {
				t.Errorf("seed %d, %s: %s: %+v %s, by way of the parser %+v %s", seed, target.Name, text, a, whyA, b, whyB)
			}
		}
		if agreed < 40 {
			t.Errorf("seed %d, %s: only %d expressions were evaluated from their tokens", seed, target.Name, agreed)
		}
	}
}

// lowered returns a lowerer that knows the declarations of a text.
func lowered(t *testing.T, target model.Target, text string) *lowerer {
	t.Helper()
	pl := platformOf(target)
	p := newPreproc(pl.macros)
	p.main = &source{path: "q.h", name: "q.h", lex: lex(text, maxLexemes)}
	p.openSource(p.main, token{})
	p.run()
	decls, e := split(p)
	if e != nil {
		t.Fatal(e)
	}
	l := newLowerer(p, pl.machine)
	if err := l.lower(newUnit(decls)); err != nil || len(l.errs) > 0 {
		t.Fatal(err, l.errs)
	}
	return l
}
