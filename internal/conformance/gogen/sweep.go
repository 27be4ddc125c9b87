// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/gosrc"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/conformance"
)

// prelude is what some headers expect to have been included before them. It is
// tried where a header does not stand alone.
var prelude = []string{"stddef.h", "stdint.h", "string.h", "sys/types.h", "linux/types.h", "sys/socket.h", "sys/time.h",
	"signal.h", "linux/if.h"}

// header is what became of one header.
type header struct {
	name string // such as "linux/fuse.h"
	pkg  string // the name of its package; "" where there is none
	// unread are the targets that it could not be read for; package conformance
	// looks into those.
	unread []string
	// records counts those that the header itself declares for some target;
	// refused are those that are not in the Go of each such target, with the
	// reason.
	records int
	refused map[string]string
	// declared counts all declarations, lost lists those that are neither in the
	// Go nor in the list of what it leaves out.
	declared int
	lost     []string
	// wrong is what the type checker says.
	wrong []string
	files []gosrc.File
}

// sweep generates Go for every header of the trees, several at a time, checks
// the types and hands the result to done, one at a time.
func sweep(trees []*conformance.Tree, only *regexp.Regexp, workers int, done func(*header) error) error {
	names := map[string]bool{}
	for _, t := range trees {
		for _, h := range t.Headers {
			if only == nil || only.MatchString(h) {
				names[h] = true
			}
		}
	}
	caches := map[string]*cheader.Cache{}
	for _, t := range trees {
		caches[t.Target.Name] = &cheader.Cache{}
	}
	var wg sync.WaitGroup
	next, results := make(chan string), make(chan *header)
	for range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			c := newChecker()
			for name := range next {
				h := &header{name: name, refused: map[string]string{}}
				h.generate(trees, caches)
				h.check(c)
				results <- h
			}
		}()
	}
	go func() {
		for _, n := range slices.Sorted(maps.Keys(names)) {
			next <- n
		}
		close(next)
		wg.Wait()
		close(results)
	}()
	var err error
	for h := range results {
		if err == nil {
			err = done(h)
		}
	}
	return err
}

// generate reads h for every target that has it and makes one package of it.
func (h *header) generate(trees []*conformance.Tree, caches map[string]*cheader.Cache) {
	var abis []*model.ABI
	for _, t := range trees {
		if _, ok := slices.BinarySearch(t.Headers, h.name); !ok {
			continue
		}
		a, err := read(t, h.name, caches[t.Target.Name])
		if err != nil {
			h.unread = append(h.unread, t.Target.Name)
			continue
		}
		abis = append(abis, a)
	}
	if len(abis) == 0 {
		return
	}
	// A name of letters and digits: those that differ in case alone stay apart.
	pkg := "h"
	for _, r := range strings.TrimSuffix(h.name, ".h") {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			pkg += string(r)
		case r >= 'A' && r <= 'Z':
			pkg += string(r+'a'-'A') + "0"
		default:
			pkg += "0"
		}
	}
	out, err := gosrc.Build(gosrc.Config{Package: pkg}, abis)
	if err != nil {
		h.wrong = append(h.wrong, err.Error())
		return
	}
	h.pkg, h.files = pkg, out.Files
	h.account(abis, out)
}

// read returns the model of a header as code on the host sees it.
func read(t *conformance.Tree, name string, cache *cheader.Cache) (*model.ABI, error) {
	path := filepath.Join(t.Root, filepath.FromSlash(name))
	o := cheader.Options{Target: t.Target, IncludeDirs: t.Dirs, Cache: cache}
	a, err := cheader.ParseFile(path, o)
	if err == nil {
		return a, nil
	}
	for _, p := range prelude {
		if found := find(t.Dirs, p); found != "" {
			o.Includes = append(o.Includes, found)
		}
	}
	if a, again := cheader.ParseFile(path, o); again == nil {
		return a, nil
	}
	return nil, err
}

// find returns the path of an included file, "" where there is none.
func find(dirs []string, name string) string {
	for _, d := range dirs {
		path := filepath.Join(d, filepath.FromSlash(name))
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return ""
}

var recordDirective = regexp.MustCompile(`(?m)^//abigen:record (\w+)`)

// account compares what the header itself declares with what is said of it.
func (h *header) account(abis []*model.ABI, out *gosrc.Output) {
	said, isRecord := map[string]bool{}, map[string]bool{}
	for _, f := range out.Files {
		for _, n := range f.Names {
			said[n] = true
		}
		for _, m := range recordDirective.FindAllSubmatch(f.Source, -1) {
			isRecord[string(m[1])] = true
		}
	}
	// What the source had skipped is no refusal of the generator's, unless it is
	// a record.
	theirs := map[model.Skipped]bool{}
	for _, a := range abis {
		for _, s := range a.Skipped {
			theirs[model.Skipped{Name: s.Name, Pos: s.Pos}] = true
		}
	}
	listed, reason := map[string]bool{}, map[string]string{}
	for _, s := range out.Skipped {
		listed[s.Name] = true
		if !theirs[model.Skipped{Name: s.Name, Pos: s.Pos}] || isRefusedRecord(s) {
			reason[s.Name] = s.Reason
		}
	}
	main := filepath.Base(h.name)
	records, seen := map[string]bool{}, map[string]bool{}
	declare := func(kind, name string, pos model.Pos) {
		if pos.File != main || seen[kind+name] {
			return
		}
		seen[kind+name] = true
		h.declared++
		if !said[name] && !listed[name] {
			h.lost = append(h.lost, kind+name)
		}
	}
	for _, a := range abis {
		for _, r := range a.Records {
			declare("struct ", r.Name, r.Pos)
			if r.Pos.File != main {
				continue
			}
			records[r.Name] = true
			if why := reason[r.Name]; why != "" || !isRecord[r.Name] {
				h.refused[r.Name] = why
			}
		}
		for _, e := range a.Enums {
			if e.Name != "" {
				declare("enum ", e.Name, e.Pos)
				continue
			}
			for _, v := range e.Values {
				declare("", v.Name, v.Pos)
			}
		}
		for _, k := range a.Constants {
			declare("", k.Name, k.Pos)
		}
		for _, p := range a.Prototypes {
			if p.Role != model.Callback {
				declare("", p.Name, p.Pos)
			}
		}
		for _, s := range a.Skipped {
			declare("", s.Name, s.Pos)
			if isRefusedRecord(s) {
				records[s.Name] = true
				h.refused[s.Name] = s.Reason
			}
		}
	}
	h.records = len(records)
	slices.Sort(h.lost)
}

// isRefusedRecord reports whether a source skipped a record.
func isRefusedRecord(s model.Skipped) bool {
	return strings.HasPrefix(s.Reason, "struct") || strings.HasPrefix(s.Reason, "union") || strings.HasPrefix(s.Reason, "record")
}

// checker checks the types of generated packages.
type checker struct {
	fset     *token.FileSet
	standard types.Importer
}

// newChecker returns a checker that reads the standard library from source:
// what generated code uses of it is the same for every GOARCH.
func newChecker() *checker {
	c := &checker{fset: token.NewFileSet()}
	c.standard = importer.ForCompiler(c.fset, "source", nil)
	return c
}

// check type-checks the whole package for every GOARCH. The compiler's own
// checker is the same code; sizes are the compiler's.
func (h *header) check(c *checker) {
	if h.pkg == "" {
		return
	}
	fset := token.NewFileSet()
	var parsed []*ast.File
	for _, f := range h.files {
		file, err := parser.ParseFile(fset, gosrc.FileName("z.go", f.GOARCH), f.Source, parser.SkipObjectResolution)
		if err != nil {
			h.wrong = append(h.wrong, err.Error())
			return
		}
		if formatted, err := format.Source(f.Source); err != nil || !bytes.Equal(formatted, f.Source) {
			h.wrong = append(h.wrong, "gofmt would change what was generated")
		}
		parsed = append(parsed, file)
	}
	for _, arch := range goarches() {
		files := parsed[:1]
		for i, f := range h.files {
			if f.GOARCH == arch {
				files = []*ast.File{parsed[0], parsed[i]}
			}
		}
		conf := types.Config{Importer: c.standard, Sizes: types.SizesFor("gc", arch), Error: func(err error) {
			if len(h.wrong) < 20 {
				h.wrong = append(h.wrong, fmt.Sprintf("GOARCH=%s: %v", arch, err))
			}
		}}
		_, _ = conf.Check(h.pkg, fset, files, nil) // the errors are in h.wrong
	}
}

// goarches returns the GOARCH of every target that has one of its own.
func goarches() []string {
	var out []string
	for _, t := range model.Targets() {
		if !t.BPF {
			out = append(out, t.GOARCH)
		}
	}
	return out
}
