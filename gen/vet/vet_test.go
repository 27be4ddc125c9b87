// SPDX-License-Identifier: MIT

package vet_test

import (
	"context"
	"flag"
	"go/ast"
	"go/parser"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/fuseiomap/abigen/gen/gopkg"
	"github.com/fuseiomap/abigen/gen/vet"
)

var update = flag.Bool("update", false, "write the golden files of the suggested fixes again")

// objects names the compiled BPF object whose source is beside it.
func objects(t testing.TB) *vet.Config {
	t.Helper()
	dir, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	return &vet.Config{Sources: []string{"elf:bpf/events.bpf.o"}, Dir: dir}
}

func TestStructsAreReportedAtTheField(t *testing.T) {
	if *update {
		for _, dir := range []string{"arch", "wrong"} {
			writeGoldens(t, filepath.Join("testdata", "src", dir))
		}
	}
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), vet.New(objects(t)), "right", "wrong", "arch")
}

func TestDirectivesThatCheckNothingAreReported(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), vet.New(objects(t)), "faults")
}

// open opens the package in a directory of the fixtures.
func open(t *testing.T, dir string) *gopkg.Package {
	t.Helper()
	ps, err := gopkg.Open(dir, "example.org/"+filepath.Base(dir))
	if err != nil || len(ps) != 1 {
		t.Fatalf("%d packages, %v", len(ps), err)
	}
	return ps[0]
}

// fixed returns what becomes of the files of a package once all fixes are
// carried out, by path.
func fixed(t *testing.T, p *gopkg.Package) map[string][]byte {
	t.Helper()
	res, err := vet.Check(context.Background(), p, *objects(t))
	if err != nil {
		t.Fatal(err)
	}
	texts, err := res.Fixed()
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

func writeGoldens(t *testing.T, dir string) {
	for path, text := range fixed(t, open(t, dir)) {
		if err := os.WriteFile(path+".golden", text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFixedStructsCompileAndPass(t *testing.T) {
	p := open(t, filepath.Join("testdata", "src", "wrong"))
	before, err := vet.Check(context.Background(), p, *objects(t))
	if err != nil {
		t.Fatal(err)
	}
	texts := fixed(t, p)
	var files []*ast.File
	for i := range p.Files {
		f := &p.Files[i]
		if text, ok := texts[f.Path]; ok {
			f.Text = text
			if f.Syntax, err = parser.ParseFile(p.Fset, f.Path, text, parser.ParseComments); err != nil {
				t.Fatal(err)
			}
		}
		files = append(files, f.Syntax)
	}
	if _, err := new(types.Config).Check(p.Path, p.Fset, files, nil); err != nil {
		t.Errorf("what was fixed does not compile: %v", err)
	}
	after, err := vet.Check(context.Background(), p, *objects(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range after.Findings {
		for _, b := range before.Findings {
			if b.Subject == f.Subject && b.Fix != nil {
				t.Errorf("fixed, and still there: %s", f)
			}
		}
	}
	if n := len(before.Findings) - len(after.Findings); n < 10 {
		t.Errorf("only %d findings were fixed", n)
	}
}

func TestFilesForAnotherGOARCHAreChecked(t *testing.T) {
	res, err := vet.Check(context.Background(), open(t, filepath.Join("testdata", "src", "ignored")), *objects(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range res.Findings {
		if filepath.Base(f.Pos.File) == "ignored_386.go" && f.Pos.Line == 8 && strings.Join(f.Targets, " ") == "386" &&
			strings.Contains(f.Message, "before Ts: on 386 Go has Ts at byte 4") {
			return
		}
	}
	t.Errorf("nothing is said about the file for 386:\n%s", messages(res))
}
