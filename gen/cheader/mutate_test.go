// SPDX-License-Identifier: MIT

package cheader

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fuseiomap/abigen/gen/model"
)

// vocabulary is what mutations insert, beside the tokens of the headers.
var vocabulary = strings.Fields(`( ) [ ] { } ; , * & = : :: ... . -> ? # ## + - ~ ! << >> && || 0 1 -1 0x 1e9 'a' "s" L"w"
struct union enum typedef extern static inline const volatile int long unsigned char void _Bool double __int128 float
sizeof _Alignof _Alignas typeof __attribute__((packed)) __attribute__((aligned)) __attribute__(( __attribute__ [[ ]]
__builtin_offsetof _Static_assert __extension__ asm u32 foo x _Complex _Atomic case return goto #define #if #endif
#include __VA_ARGS__ \ _Pragma("pack(1)") #pragma`)

// TestMutatedHeadersEndInAModelOrAnError changes tokens of correct headers at
// random. ABIGEN_MUTANTS sets how many.
func TestMutatedHeadersEndInAModelOrAnError(t *testing.T) {
	count := 3000
	if s := os.Getenv("ABIGEN_MUTANTS"); s != "" {
		var err error
		if count, err = strconv.Atoi(s); err != nil {
			t.Fatalf("ABIGEN_MUTANTS=%s: not a number", s)
		}
	}
	seed := uint64(20260224)
	if s := os.Getenv("ABIGEN_SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
	}
	r := rand.New(rand.NewPCG(seed, 1))
	targets := model.Targets()
	models := 0
	for n := range count {
		text := mutant(r)
		target := targets[r.IntN(len(targets))]
		// The parser behind could only hang in a loop of its own.
		alarm := time.AfterFunc(20*time.Second, func() { panic("mutant " + strconv.Itoa(n) + " does not end:\n" + text) })
		abi, err := Parse("m.h", []byte(text), Options{Target: target})
		alarm.Stop()
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Pos.File == "" || strings.Contains(err.Error(), "please report this") {
				t.Fatalf("seed %d, mutant %d: %v\n%s", seed, n, err, text)
			}
			continue
		}
		models++
		var b bytes.Buffer
		if err := model.Encode(&b, abi); err != nil {
			t.Fatalf("seed %d, mutant %d: %v\n%s", seed, n, err, text)
		}
		if _, err := model.Decode(&b); err != nil {
			t.Fatalf("seed %d, mutant %d: %v\n%s", seed, n, err, text)
		}
	}
	if models == 0 || models == count {
		t.Errorf("seed %d: %d of %d mutants are correct: the mutations are of no use", seed, models, count)
	}
}

func mutant(r *rand.Rand) string {
	lines := strings.Split(constructs[r.IntN(len(constructs))].c, "\n")
	for range 1 + r.IntN(3) {
		i := r.IntN(len(lines))
		words := strings.Fields(spaced(lines[i]))
		at := r.IntN(len(words) + 1)
		switch op := r.IntN(5); {
		case op == 0 && at < len(words):
			words = append(words[:at:at], words[at+1:]...)
		case op == 1 && at < len(words):
			words[at] = vocabulary[r.IntN(len(vocabulary))]
		case op == 2 && at+1 < len(words):
			words[at], words[at+1] = words[at+1], words[at]
		case op == 3 && at < len(words):
			words = words[:at] // truncate
		default:
			words = append(words[:at:at], append([]string{vocabulary[r.IntN(len(vocabulary))]}, words[at:]...)...)
		}
		lines[i] = strings.Join(words, " ")
	}
	return strings.Join(lines, "\n")
}

// spaced puts spaces between the tokens of a line.
func spaced(line string) string {
	toks := lexOne(line)
	var b strings.Builder
	for i := range toks {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(toks[i].text)
	}
	return b.String()
}
