// SPDX-License-Identifier: MIT

package gopkg

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// source is the directory of one package.
type source struct {
	fsys fs.FS
	dir  string // within fsys
	// shown is the directory as messages name it.
	shown      string
	importPath string
}

// buildContext chooses files as the go command does for the target.
func (s source) buildContext(o Options) *build.Context {
	ctx := build.Default
	ctx.GOOS, ctx.GOARCH, ctx.Compiler = "linux", o.Target.GOARCH, "gc"
	ctx.CgoEnabled = false
	ctx.BuildTags = o.Tags
	// Those of the running machine's features, such as amd64.v1, are not the
	// target's.
	ctx.ToolTags = slices.DeleteFunc(slices.Clone(ctx.ToolTags), func(t string) bool { return !strings.HasPrefix(t, "goexperiment.") })
	ctx.JoinPath = path.Join
	ctx.OpenFile = func(name string) (io.ReadCloser, error) { return s.fsys.Open(name) }
	return &ctx
}

// parsed is what the files of a package say.
type parsed struct {
	files []*ast.File
	// cgo are the files left out because they import "C".
	cgo []*ast.File
}

// parse parses the files that belong to the package on the target, sorted by
// name.
func (s source) parse(fset *token.FileSet, o Options) (parsed, error) {
	var p parsed
	entries, err := fs.ReadDir(s.fsys, s.dir)
	if err != nil {
		return p, fmt.Errorf("go:%s: cannot list %s: %w", s.importPath, s.shown, errors.Join(ErrNotFound, err))
	}
	ctx := s.buildContext(o)
	var errs Errors
	seen := 0
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		seen++
		if ok, err := ctx.MatchFile(s.dir, name); err != nil {
			return p, fmt.Errorf("%s: cannot be read: %w", filepath.Join(s.shown, name), err)
		} else if !ok {
			continue
		}
		text, err := fs.ReadFile(s.fsys, path.Join(s.dir, name))
		if err != nil {
			return p, fmt.Errorf("%s: cannot be read: %w", filepath.Join(s.shown, name), err)
		}
		f, err := parser.ParseFile(fset, filepath.Join(s.shown, name), text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			errs = append(errs, syntaxErrors(err)...)
			continue
		}
		if importsC(f) {
			p.cgo = append(p.cgo, f)
			continue
		}
		p.files = append(p.files, f)
	}
	if err := errs.err(); err != nil {
		return p, err
	}
	if len(p.files) == 0 {
		why := "the directory has no Go file"
		if seen > 0 {
			why = fmt.Sprintf("build constraints exclude all %d Go files for GOOS=linux GOARCH=%s CGO_ENABLED=0", seen, o.Target.GOARCH)
		}
		return p, fmt.Errorf("go:%s: no Go source in %s: %s: name another package or target: %w", s.importPath, s.shown, why, ErrNotFound)
	}
	for _, f := range p.files[1:] {
		if f.Name.Name != p.files[0].Name.Name {
			return p, Errors{{
				Pos: f.Name.Pos(), Position: fset.PositionFor(f.Name.Pos(), false), kind: ErrNoTypeCheck,
				Msg: fmt.Sprintf("package %s, but %s says package %s: a directory holds one package: move one of them or constrain its build",
					f.Name.Name, filepath.Base(fset.PositionFor(p.files[0].Package, false).Filename), p.files[0].Name.Name),
			}}
		}
	}
	return p, nil
}

func importsC(f *ast.File) bool {
	return slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"C"` })
}

// read parses, type-checks and converts the package. Imports come from deps;
// without it none is read. What the type checker objects to is returned
// separately, because reading the imports may cure it.
func (s source) read(o Options, deps *dependencies) (*converter, Errors, error) {
	sizes, err := o.sizes()
	if err != nil {
		return nil, nil, err
	}
	fset := token.NewFileSet()
	p, err := s.parse(fset, o)
	if err != nil {
		return nil, nil, err
	}
	imp := &sourceImporter{fset: fset, sizes: sizes, options: o, deps: deps, done: map[string]*types.Package{}}
	pkg, list := imp.check(s.importPath, p.files)
	c, err := convert(unit{pkg, p.files}, imp.units, deps != nil, false, fset, o)
	if err != nil {
		return nil, nil, err
	}
	c.skipCgo(p.cgo)
	// The package's own files win over those of imports with the same name.
	c.abi.Paths = map[string]string{}
	for _, u := range append(slices.Clone(imp.units), c.unit) {
		for _, f := range append(slices.Clone(u.files), p.cgo...) {
			name := fset.PositionFor(f.Package, false).Filename
			c.abi.Paths[filepath.Base(name)] = name
		}
	}
	return c, typeErrors(list, s.importPath, o.Target.GOARCH), nil
}

// skipCgo lists the directives in files that were left out.
func (c *converter) skipCgo(files []*ast.File) {
	for _, f := range files {
		for _, g := range f.Comments {
			for _, d := range directives(g) {
				c.abi.Skipped = append(c.abi.Skipped, model.Skipped{
					Name: d.name, Pos: c.pos(d.pos),
					Reason: `the file imports "C", which is left out with CGO_ENABLED=0: move the declaration to a file without it`,
				})
			}
		}
	}
	slices.SortStableFunc(c.abi.Skipped, func(a, b model.Skipped) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
}
