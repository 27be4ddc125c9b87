// SPDX-License-Identifier: MIT

package vet

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/types"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/fuseiomap/abigen/gen/gopkg"
)

// Analyzer checks packages by the configuration that it finds in or above the
// directory of each, see [Find]. Its flag config names another.
var Analyzer = New(nil)

// New returns an analyzer that checks packages by the given configuration; with
// nil it is as [Analyzer]. Its result is a [*Result].
func New(c *Config) *analysis.Analyzer {
	a := &analysis.Analyzer{
		Name: "abigen",
		Doc: `compare Go structs with the C records they stand for

A struct with a comment "//abigen:record NAME" above it is compared, for every
GOARCH, with what C declares under that name: in a header, a compiled BPF object
or kernel BTF that abigen.toml names. Fields that lie elsewhere, have another
width or sign or leave padding to the compiler are reported, with the padding to
insert.`,
		URL:        "https://github.com/fuseiomap/abigen",
		ResultType: reflect.TypeFor[*Result](),
	}
	var file string
	if c == nil {
		a.Flags.StringVar(&file, "config", "", "use this configuration in place of the "+ConfigName+" in or above the directory of each package")
	}
	a.Run = func(pass *analysis.Pass) (any, error) {
		p, err := fromPass(pass)
		if err != nil {
			return nil, err
		}
		res := &Result{Path: pass.Pkg.Path(), pkg: p}
		if !slices.ContainsFunc(p.Files, gopkg.File.HasDirectives) {
			return res, nil
		}
		conf, err := configure(c, file, filepath.Dir(p.Files[0].Path))
		if err != nil {
			return nil, err
		}
		k := &checker{ctx: context.Background(), cfg: conf, pkg: p, res: res,
			compiles: func(now map[*ast.File]*ast.File) bool { return compiles(pass, now) }}
		if err := k.run(); err != nil {
			if errors.Is(err, gopkg.ErrNoTypeCheck) {
				return res, nil // the driver has said so
			}
			return nil, err
		}
		for _, f := range res.Findings {
			pass.Report(diagnostic(f))
		}
		return res, nil
	}
	return a
}

// configure returns the configuration for a package in a directory.
func configure(c *Config, file, dir string) (Config, error) {
	switch {
	case c != nil:
		return *c, nil
	case file != "":
		return Load(file)
	}
	return Find(dir)
}

// diagnostic is a finding as drivers take it.
func diagnostic(f Finding) analysis.Diagnostic {
	d := analysis.Diagnostic{Pos: f.At, Category: f.Rule, Message: f.String()}
	if f.Fix != nil {
		fix := analysis.SuggestedFix{Message: f.Fix.Message}
		for _, e := range f.Fix.Edits {
			fix.TextEdits = append(fix.TextEdits, analysis.TextEdit{Pos: e.Pos, End: e.End, NewText: e.NewText})
		}
		d.SuggestedFixes = []analysis.SuggestedFix{fix}
	}
	return d
}

// fromPass makes a package of what a pass holds: the files of the running
// GOARCH, which are parsed already, and those of the others.
func fromPass(pass *analysis.Pass) (*gopkg.Package, error) {
	p := &gopkg.Package{Path: pass.Pkg.Path(), Fset: pass.Fset, Import: func(path string) *types.Package {
		for _, i := range pass.Pkg.Imports() {
			if i.Path() == path || strings.HasSuffix(i.Path(), "/vendor/"+path) {
				return i
			}
		}
		return nil
	}}
	read := func(name string, syntax *ast.File) error {
		f := gopkg.File{Path: name, Syntax: syntax}
		var err error
		if f.Text, err = pass.ReadFile(name); err != nil {
			return err
		}
		if f.Syntax == nil {
			if f.Syntax = parseOther(pass, name, f.Text); f.Syntax == nil {
				return nil
			}
		}
		p.Files = append(p.Files, f)
		return nil
	}
	for _, f := range pass.Files {
		if err := read(pass.Fset.PositionFor(f.FileStart, false).Filename, f); err != nil {
			return nil, err
		}
	}
	if len(p.Files) == 0 {
		return p, nil
	}
	for _, name := range pass.IgnoredFiles {
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			if err := read(name, nil); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

// parseOther parses a file that the running GOARCH ignores. It returns nil for
// one of another program, and for one that does not parse: the file may be meant
// for anything.
func parseOther(pass *analysis.Pass, name string, text []byte) *ast.File {
	f, err := parser.ParseFile(pass.Fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil || f.Name.Name != pass.Pkg.Name() {
		return nil
	}
	return f
}

// compiles reports whether the package still type-checks, function bodies
// included, with other syntax of its files. Files of another GOARCH are not part
// of it and are let pass.
func compiles(pass *analysis.Pass, now map[*ast.File]*ast.File) bool {
	files := slices.Clone(pass.Files)
	for i, f := range files {
		if x := now[f]; x != nil {
			files[i] = x
		}
	}
	ok := true
	conf := types.Config{
		Sizes: pass.TypesSizes, GoVersion: pass.Pkg.GoVersion(),
		Importer: importer(func(path string) (*types.Package, error) {
			if path == "unsafe" {
				return types.Unsafe, nil
			}
			for _, p := range pass.Pkg.Imports() {
				if p.Path() == path || strings.HasSuffix(p.Path(), "/vendor/"+path) {
					return p, nil
				}
			}
			return nil, errors.New("not imported before")
		}),
		Error: func(error) { ok = false },
	}
	_, err := conf.Check(pass.Pkg.Path(), pass.Fset, files, nil)
	return ok && err == nil
}

type importer func(path string) (*types.Package, error)

func (f importer) Import(path string) (*types.Package, error) { return f(path) }
