// SPDX-License-Identifier: MIT

package mutants_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/btfsrc"
	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/mutants"
)

// inOneFile is how many headers clang compiles at once.
const inOneFile = 400

func mark(i int) string { return fmt.Sprintf("Zq%05d_", i) }

// compile lets clang make BTF of headers, and reads each back as the BTF of a
// kernel that has nothing else.
func compile(t *testing.T, clang string, hs []*mutants.Header) []*model.ABI {
	t.Helper()
	dir := t.TempDir()
	var out []*model.ABI
	for from := 0; from < len(hs); from += inOneFile {
		batch := hs[from:min(from+inOneFile, len(hs))]
		text := mutants.Prelude
		for i, h := range batch {
			text += h.Compilable(mark(i))
		}
		c, o := filepath.Join(dir, "batch.c"), filepath.Join(dir, "batch.o")
		if err := os.WriteFile(c, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if msg, err := exec.CommandContext(t.Context(), clang, "-target", "bpf", "-O2", "-g", "-w", "-c", c, "-o", o).CombinedOutput(); err != nil {
			t.Fatalf("clang: %v\n%.2000s", err, msg)
		}
		all, err := btfsrc.ReadFile(o, btfsrc.Options{Side: model.SideKernel})
		if err != nil {
			t.Fatal(err)
		}
		for i := range batch {
			prefix := mark(i)
			part := all.Select(func(n string) bool { return strings.Contains(n, prefix) })
			a, err := model.Decode(strings.NewReader(strings.ReplaceAll(encoded(t, part), prefix, "")))
			if err != nil {
				t.Fatal(err)
			}
			a.Attests = append(a.Attests, model.Registration)
			out = append(out, a)
		}
	}
	return out
}

// What the model says of BTF is not to be believed: here clang writes it.
func TestEveryEditThatBTFShowsIsFoundInWhatClangCompiles(t *testing.T) {
	clang, err := exec.LookPath("clang-19")
	if err != nil {
		t.Skip("clang-19 is not installed: apt-get install clang-19")
	}
	bases := ours(t)
	if everything() {
		bases = append(bases, installed(t)...)
	}
	all := slices.DeleteFunc(plan(bases), func(w work) bool { return w.mutant == nil })
	if !everything() {
		r := rand.New(rand.NewPCG(seed, 2))
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		all = all[:sample/3]
	}
	var originals, edited []*mutants.Header
	for i := range bases {
		originals = append(originals, bases[i].header)
	}
	for _, w := range all {
		edited = append(edited, w.mutant.Edited)
	}
	before, after := compile(t, clang, originals), compile(t, clang, edited)
	c := &campaign{t: t, lines: map[string]*tally{}}
	olds := make([]*model.ABI, len(bases))
	for i := range bases {
		olds[i] = parse(t, "old.h", bases[i].header.String(), cheader.Options{})
		if r := drift.Compare(olds[i], before[i], drift.Options{}); bad(r) {
			t.Errorf("%s: an original differs from what clang made of it:\n%s\n%s", bases[i].origin, render(r), bases[i].header)
		}
	}
	for i, w := range all {
		if ofFunction(w.mutant) {
			// Compilable leaves functions out; they are in the other test.
			continue
		}
		hidden := encoded(t, after[i]) == encoded(t, before[w.base])
		c.judge("clang", bases[w.base].origin, w.mutant, w.mutant.BTF, hidden, withoutFunctions(drift.Compare(olds[w.base], after[i], drift.Options{})))
	}
	c.report()
}

// ofFunction tells mutants of functions.
func ofFunction(m *mutants.Mutant) bool {
	return slices.ContainsFunc(m.BTF, func(s string) bool { return strings.Contains(s, " kfunc.") })
}

func withoutFunctions(r drift.Result) drift.Result {
	r.Findings = slices.DeleteFunc(r.Findings, func(f drift.Finding) bool { return strings.HasPrefix(f.Rule, "kfunc.") })
	return r
}

func bad(r drift.Result) bool {
	return slices.ContainsFunc(withoutFunctions(r).Findings, func(f drift.Finding) bool { return f.Severity.Rank() > drift.Info.Rank() })
}
