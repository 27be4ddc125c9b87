// SPDX-License-Identifier: MIT

package gopkg

import (
	"bytes"
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"io"
	"path/filepath"
	"slices"

	"github.com/fuseiomap/abigen/gen/model"
)

// File is one file of a [Package].
type File struct {
	// Path is where it was read from; its base name takes part in choosing the
	// files of a target.
	Path string
	// Text is its content, and Syntax the same parsed with comments into the
	// file set of the package.
	Text   []byte
	Syntax *ast.File
}

// Package is the source of one package with all its files, whatever their build
// constraints ask for. A driver that already holds the syntax, such as one for
// package go/analysis, reads it for every target from there.
type Package struct {
	// Path is the import path.
	Path string
	Fset *token.FileSet // has the positions of Files
	// Files are all files that may belong to the package on some target. Those
	// of another package clause must not be among them; test files may.
	Files []File
	// Import returns the package that a file imports by this path, nil where it
	// is not known; types that come from it are then an error. It may be nil.
	Import func(path string) *types.Package

	// name is that of the package clause, at where imports are resolved and
	// deps where they were found; for a package of [Open] alone.
	name string
	at   place
	deps *dependencies
}

// Declared is a record and what a driver needs to know of its declaration.
type Declared struct {
	// Record is the one in the model.
	Record *model.Record
	// Name is its name in C as the directive gives it, Source where the
	// directive says that it is declared, "" where it does not.
	Name, Source string
	// Pos is that of the directive.
	Pos  token.Pos
	Spec *ast.TypeSpec // the type in Go
	// Described tells that further directives say what Go cannot, as in files
	// that abigen generates.
	Described bool
}

// Reading is what a package says for one target.
type Reading struct {
	// ABI is the model. Other than those of [Load] its records have the fields
	// that are no member too, as members called _ that are bytes.
	ABI *model.ABI
	// Records are those of the model, in the same order.
	Records []*Declared
	// Files are those that belong to the package on the target.
	Files []*ast.File

	at map[model.Pos]token.Pos
	// lacking tells that imports may help.
	lacking bool
}

// Pos returns the place in the file set of a position in the model, which must
// not have been located yet; [token.NoPos] where it is none of the model's.
func (r *Reading) Pos(p model.Pos) token.Pos { return r.at[p] }

// Read reads the package for a target. Of what [Open] returned it reads imports
// where a record depends on them; otherwise nothing from a disk.
//
// With an error, which is of type [Errors] when it is about the source, the
// reading holds whatever could be converted; it is nil where nothing could.
// The package may have no file for the target: then the reading is empty.
func (p *Package) Read(o Options) (*Reading, error) {
	r, err := p.read(o, nil)
	if r == nil || !r.lacking || p.at.Dir == "" {
		return r, err
	}
	// Something leans on an import: read those as well.
	for _, again := range []bool{false, true} {
		deps, derr := p.dependenciesFor(o, again)
		if derr != nil {
			return r, errors.Join(err, derr)
		}
		if r, err = p.read(o, deps); r == nil || !r.lacking {
			break
		}
	}
	return r, err
}

func (p *Package) read(o Options, deps *dependencies) (*Reading, error) {
	sizes, err := o.sizes()
	if err != nil {
		return nil, err
	}
	files, cgo, err := p.choose(o)
	if err != nil {
		return nil, err
	}
	imp := &sourceImporter{fset: p.Fset, sizes: sizes, options: o, deps: deps, given: p.Import, done: map[string]*types.Package{}}
	pkg, list := imp.check(p.Path, files)
	c, err := convert(unit{pkg, files}, imp.units, deps != nil || p.Import != nil, true, p.Fset, o)
	if err != nil {
		return nil, err
	}
	c.skipCgo(cgo)
	c.abi.Paths = map[string]string{}
	for _, f := range files {
		path := p.Fset.PositionFor(f.Package, false).Filename
		c.abi.Paths[filepath.Base(path)] = shorten(filepath.Dir(path), filepath.Base(path))
	}
	faults := typeErrors(list, p.Path, o.Target.GOARCH)
	return &Reading{ABI: c.abi, Records: c.declared, Files: files, at: c.at, lacking: c.missing || len(faults) > 0},
		firstOf(faults, c.errs)
}

// choose returns the files that belong to the package on the target, and those
// left out because they import "C".
func (p *Package) choose(o Options) (files, cgo []*ast.File, err error) {
	texts := map[string][]byte{}
	for _, f := range p.Files {
		texts[filepath.Base(f.Path)] = f.Text
	}
	ctx := source{}.buildContext(o)
	ctx.OpenFile = func(name string) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(texts[filepath.Base(name)])), nil
	}
	for _, f := range p.Files {
		ok, err := ctx.MatchFile(".", filepath.Base(f.Path))
		switch {
		case err != nil:
			return nil, nil, err
		case !ok:
		case importsC(f.Syntax):
			cgo = append(cgo, f.Syntax)
		default:
			files = append(files, f.Syntax)
		}
	}
	return files, cgo, nil
}

// HasDirectives reports whether a file has a directive, in the form of a
// comment or one that a space has turned into prose.
func (f File) HasDirectives() bool {
	return bytes.Contains(f.Text, []byte("abigen:")) && slices.ContainsFunc(f.Syntax.Comments, func(g *ast.CommentGroup) bool {
		return slices.ContainsFunc(g.List, isDirective)
	})
}
