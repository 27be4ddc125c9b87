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
	batch = 250
	exprs = 60
)

// RandomHeader returns a header of n random records that is correct C for a
// target, with macros that are constant expressions over them. The same seed,
// target and first give the same header on every machine.
func RandomHeader(t model.Target, seed uint64, first, n int) string {
	h := uint64(0)
	for _, c := range t.Name {
		h = h*31 + uint64(c)
	}
	g := generator{r: rand.New(rand.NewPCG(seed, h<<32|uint64(first))), int128: t.PointerSize == 8, target: t}
	g.prelude()
	for i := range n {
		g.record(i)
	}
	for i := range exprs {
		g.macro(i)
	}
	return g.b.String()
}

// random compares n random records, those from first on.
func (s *survey) random(t model.Target, row *Row, first, n int, dir string) error {
	text := RandomHeader(t, s.o.Seed, first, n)
	where := fmt.Sprintf("seed %d, random records from %d", s.o.Seed, first)
	abi, err := cheader.Parse("random.h", []byte(text), cheader.Options{Target: t})
	if err != nil {
		return s.random1(row, Counts{}, []string{where + ": " + err.Error()}, t, first, text)
	}
	cs, bs, counts := claims(abi)
	var wrong []string
	if counts.Records < n {
		wrong = append(wrong, fmt.Sprintf("%s: %d of %d are in the model; skipped: %v", where, counts.Records, n, abi.Skipped))
	}
	q := question{front: text}
	for _, k := range cs {
		q.lines = append(q.lines, k.line)
	}
	answers, err := s.c.ask(t.Name, nil, dir, []question{q})
	if err != nil {
		return fmt.Errorf("%s: %s: %w", t.Name, where, err)
	}
	if answers[0].refused != "" {
		wrong = append(wrong, where+": clang: "+answers[0].refused)
		return s.random1(row, Counts{}, wrong, t, first, text)
	}
	for i, said := range answers[0].wrong {
		if said != "" {
			wrong = append(wrong, where+": "+cs[i].subject+": clang: "+said)
		}
	}
	more, err := s.c.bits(t.Name, t.BigEndian, nil, dir, text, bs)
	if err != nil {
		return fmt.Errorf("%s: %s: %w", t.Name, where, err)
	}
	for _, w := range more {
		wrong = append(wrong, where+": "+w)
	}
	r := &Result{ABI: abi}
	if err := s.c.foldable(t.Name, nil, []question{{front: text}}, []*Result{r}, dir); err != nil {
		return fmt.Errorf("%s: %s: %w", t.Name, where, err)
	}
	for _, w := range r.Wrong {
		wrong = append(wrong, where+": "+w)
	}
	return s.random1(row, counts, wrong, t, first, text)
}

// random1 enters what came of a batch, and keeps the header of one that went
// wrong where that is asked for.
func (s *survey) random1(row *Row, counts Counts, wrong []string, t model.Target, first int, text string) error {
	s.mu.Lock()
	row.Random.add(counts)
	row.Wrong = append(row.Wrong, wrong...)
	s.mu.Unlock()
	if len(wrong) == 0 || s.o.Keep == "" {
		return nil
	}
	return os.WriteFile(filepath.Join(s.o.Keep, fmt.Sprintf("%s-%d-%d.h", t.Name, s.o.Seed, first)), []byte(text), 0o644)
}
