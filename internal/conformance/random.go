// SPDX-License-Identifier: MIT

package conformance

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/model"
)

// batch is how many random records are compared at a time, and exprs how many
// macros go with them.
const (
	batch = 500
	exprs = 100
)

// RandomHeader returns a header of n random records that is correct C for a
// target, with enums, and macros that are constant expressions over them. The same seed,
// target and first give the same header on every machine.
func RandomHeader(t model.Target, seed uint64, first, n int) string {
	h := uint64(0)
	for _, c := range t.Name {
		h = h*31 + uint64(c)
	}
	g := generator{r: rand.New(rand.NewPCG(seed, h<<32|uint64(first))), int128: t.PointerSize == 8, target: t}
	g.prelude()
	for i := range n {
		if i%8 == 0 {
			g.enum(i)
		}
		g.record(i)
	}
	for i := range exprs {
		g.macro(i)
	}
	return g.b.String()
}

// random compares random records, those from first on.
func (s *survey) random(t model.Target, row *Row, first, want int, dir string) error {
	text := RandomHeader(t, s.o.Seed, first, want)
	where := fmt.Sprintf("seed %d, random records from %d", s.o.Seed, first)
	abi, err := cheader.Parse("random.h", []byte(text), cheader.Options{Target: t})
	if err != nil {
		return s.random1(row, Counts{}, where, []string{err.Error()}, t, first, text)
	}
	var wrong []string
	if n := len(abi.Records); n < want {
		wrong = append(wrong, fmt.Sprintf("%d of %d are in the model; skipped: %v", n, want, abi.Skipped))
	}
	contradictions, counts, err := s.c.Compare(t, text, abi, dir)
	if err != nil {
		return fmt.Errorf("%s: %s: %w", t.Name, where, err)
	}
	return s.random1(row, counts, where, append(wrong, contradictions...), t, first, text)
}

// Text is a header as text, and the model of it.
type Text struct {
	Text string
	ABI  *model.ABI
}

// Compare compares a model of a header that is given as text, and includes
// nothing but the compiler's own headers, with what clang says. dir is a directory for temporary
// files. It returns the contradictions.
func (c *Clang) Compare(t model.Target, text string, abi *model.ABI, dir string) ([]string, Counts, error) {
	wrong, counts, err := c.CompareAll(t, []Text{{text, abi}}, dir)
	if err != nil {
		return nil, Counts{}, err
	}
	return wrong[0], counts[0], nil
}

// CompareAll is [Clang.Compare] for several headers: it starts clang less often.
func (c *Clang) CompareAll(t model.Target, texts []Text, dir string) ([][]string, []Counts, error) {
	dirs := []string{c.Include}
	claimed := make([][]claim, len(texts))
	bitfields := make([][]bitClaim, len(texts))
	counts := make([]Counts, len(texts))
	qs := make([]question, len(texts))
	for i, x := range texts {
		claimed[i], bitfields[i], counts[i] = claims(x.ABI)
		qs[i].front = x.Text
		for _, k := range claimed[i] {
			qs[i].lines = append(qs[i].lines, k.line)
		}
	}
	answers, err := c.ask(t.Name, dirs, dir, qs)
	if err != nil {
		return nil, nil, err
	}
	wrong := make([][]string, len(texts))
	var rs []*Result
	var fronts []question
	var of []int // the text that a result is of
	for i, x := range texts {
		if answers[i].refused != "" {
			wrong[i], counts[i] = []string{"clang: " + answers[i].refused}, Counts{}
			continue
		}
		for k, said := range answers[i].wrong {
			if said != "" {
				wrong[i] = append(wrong[i], claimed[i][k].subject+": clang: "+said)
			}
		}
		more, err := c.bits(t.Name, t.BigEndian, dirs, dir, x.Text, bitfields[i])
		if err != nil {
			return nil, nil, err
		}
		rs = append(rs, &Result{ABI: x.ABI, Wrong: append(wrong[i], more...)})
		fronts, of = append(fronts, question{front: x.Text}), append(of, i)
	}
	if err := c.foldable(t.Name, dirs, fronts, rs, dir); err != nil {
		return nil, nil, err
	}
	for k, r := range rs {
		wrong[of[k]] = r.Wrong
	}
	return wrong, counts, nil
}

// random1 enters what came of a batch, and keeps the header of one that went
// wrong where that is asked for.
func (s *survey) random1(row *Row, counts Counts, where string, wrong []string, t model.Target, first int, text string) error {
	s.mu.Lock()
	row.Random.add(counts)
	for _, w := range wrong {
		row.Wrong = append(row.Wrong, where+": "+w)
	}
	s.mu.Unlock()
	if len(wrong) == 0 || s.o.Keep == "" {
		return nil
	}
	return os.WriteFile(filepath.Join(s.o.Keep, fmt.Sprintf("%s-%d-%d.h", t.Name, s.o.Seed, first)), []byte(text), 0o644)
}
