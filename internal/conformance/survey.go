// SPDX-License-Identifier: MIT

package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/fuseiomap/abigen/gen/model"
)

// Options says what [Survey] compares.
type Options struct {
	Targets []model.Target
	// Usr is where the packages with headers are installed, "/usr".
	Usr string
	// Headers selects headers by name; nil selects all.
	Headers *regexp.Regexp
	// Records is how many random records are compared for each target, and
	// Seed what they are made from.
	Records int
	Seed    uint64
	// Keep is a directory for the random headers that are not agreed on; empty
	// for none.
	Keep string
	// Losses are the targets of which every header is looked through for
	// declarations that got lost; of the others their asm/ is.
	Losses []model.Target
}

// Row is what came of one target.
type Row struct {
	Target string
	// Headers counts the headers compared, Declared those of them whose
	// declarations were compared, and Declarations these.
	Headers, Declared, Declarations int
	Counts                          Counts
	// Random counts the random records and what is in them.
	Random Counts
	// Wrong are contradicted claims, Refused headers that clang compiles and we
	// do not, Lost declarations that we dropped without a word: each must be
	// empty. A line begins with the header, or with the seed.
	Wrong, Refused, Lost []string
	// Neither are headers that clang does not compile, with its reason.
	Neither []*Result
	Note    string
}

// chunk is how many headers one process of the compiler is given: enough to
// make its start cheap, few enough to keep all processors busy.
const chunk = 30

// Survey compares all that its options ask for, on all processors. The rows
// are in the order of the targets.
func Survey(c *Clang, o Options) ([]*Row, error) {
	dir, err := os.MkdirTemp("", "abigen-conformance")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	trees, err := Trees(c, o.Targets, o.Usr, dir)
	if err != nil {
		return nil, err
	}
	s := survey{c: c, o: o}
	rows := make([]*Row, len(trees))
	var tasks []func(dir string) error
	for i, t := range trees {
		row := &Row{Target: t.Target.Name, Note: t.Note}
		rows[i] = row
		var headers []string
		for _, h := range t.Headers {
			if o.Headers == nil || o.Headers.MatchString(h) {
				headers = append(headers, h)
			}
		}
		tasks = append(tasks, func(dir string) error { return s.predefined(t, row, dir) })
		for part := range slices.Chunk(headers, chunk) {
			tasks = append(tasks, func(dir string) error { return s.headers(t, row, part, dir) })
		}
		for first := 0; first < o.Records; first += batch {
			tasks = append(tasks, func(dir string) error {
				return s.random(t.Target, row, first, min(batch, o.Records-first), dir)
			})
		}
	}
	if err := s.all(tasks, dir); err != nil {
		return nil, err
	}
	for _, row := range rows {
		slices.Sort(row.Wrong)
		slices.Sort(row.Refused)
		slices.Sort(row.Lost)
		slices.SortFunc(row.Neither, func(a, b *Result) int { return strings.Compare(a.Header, b.Header) })
	}
	return rows, nil
}

type survey struct {
	c  *Clang
	o  Options
	mu sync.Mutex // guards the rows
}

// all carries out tasks, each worker in a directory of its own, up to the
// first error.
func (s *survey) all(tasks []func(dir string) error, dir string) error {
	work := make(chan func(dir string) error)
	errs := make(chan error, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i := range runtime.GOMAXPROCS(0) {
		own := filepath.Join(dir, fmt.Sprintf("worker%d", i))
		if err := os.Mkdir(own, 0o755); err != nil {
			return err
		}
		wg.Go(func() {
			var failed error
			for task := range work {
				if failed == nil {
					failed = task(own)
				}
			}
			errs <- failed
		})
	}
	for _, t := range tasks {
		work <- t
	}
	close(work)
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *survey) predefined(t *Tree, row *Row, dir string) error {
	wrong, err := Predefined(s.c, t, dir)
	if err != nil {
		return fmt.Errorf("%s: predefined macros: %w", t.Target.Name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	row.Wrong = append(row.Wrong, wrong...)
	return nil
}

func (s *survey) headers(t *Tree, row *Row, headers []string, dir string) error {
	rs, err := Check(s.c, t, headers, dir)
	if err != nil {
		return fmt.Errorf("%s: %w", t.Target.Name, err)
	}
	var lost []string
	declared, declarations := 0, 0
	for _, pre := range []bool{false, true} {
		var ask []string
		models := map[string]*model.ABI{}
		for _, r := range rs {
			wanted := slices.ContainsFunc(s.o.Losses, func(l model.Target) bool { return l.Name == t.Target.Name }) || strings.HasPrefix(r.Header, "asm/")
			if wanted && r.ABI != nil && r.ClangError == "" && r.Prelude == pre {
				ask = append(ask, r.Header)
				models[r.Header] = r.ABI
			}
		}
		if len(ask) == 0 {
			continue
		}
		all, err := Declarations(s.c, t, ask, pre, dir)
		if err != nil {
			return fmt.Errorf("%s: %w", t.Target.Name, err)
		}
		for _, h := range ask {
			declared++
			declarations += len(all[h])
			for _, l := range Lost(models[h], all[h], filepath.Join(t.Root, filepath.FromSlash(h))) {
				lost = append(lost, h+": "+l)
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	row.Lost = append(row.Lost, lost...)
	row.Declared += declared
	row.Declarations += declarations
	for _, r := range rs {
		switch {
		case r.Refused():
			row.Refused = append(row.Refused, r.Header+": "+r.Err.Error())
		case r.ClangError != "":
			row.Neither = append(row.Neither, r)
		default:
			row.Headers++
			row.Counts.add(r.Counts)
			for _, w := range r.Wrong {
				row.Wrong = append(row.Wrong, r.Header+": "+w)
			}
		}
	}
	return nil
}
