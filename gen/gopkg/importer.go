// SPDX-License-Identifier: MIT

package gopkg

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/fuseiomap/abigen/internal/lazyregexp"
)

// errNotRead is what the type checker is told about an import that is not
// read. It then keeps quiet about everything that comes from it.
var errNotRead = errors.New("not read")

// sourceImporter type-checks packages from source, as far as types and constants
// need it: without function bodies, and without the imports only those need.
type sourceImporter struct {
	fset    *token.FileSet
	sizes   types.Sizes
	options Options
	// deps knows where imports are; without it none is read.
	deps *dependencies
	// given, where it is not nil, has the imports that a driver read.
	given func(path string) *types.Package
	done  map[string]*types.Package
	// units is what has been read for its imports' sake.
	units []unit
}

// check type-checks files and returns the faults that matter: not that an
// import was not read, nor, in that case, what may only follow from it.
func (im *sourceImporter) check(importPath string, files []*ast.File) (*types.Package, []types.Error) {
	sc := &scope{sourceImporter: im, from: importPath, needed: referenced(files)}
	var list []types.Error
	conf := types.Config{
		IgnoreFuncBodies: true,
		Sizes:            im.sizes,
		Importer:         sc,
		Error: func(err error) {
			if e := (types.Error{}); errors.As(err, &e) {
				list = append(list, e)
			}
		},
	}
	// The error is the first of those in list.
	pkg, _ := conf.Check(importPath, im.fset, files, nil)
	if sc.unread {
		list = slices.DeleteFunc(list, func(e types.Error) bool { return mayFollow(files, e) })
	}
	return pkg, list
}

// mayFollow reports whether a fault may be due to an import that was not read:
// the type checker is quiet about what it looks up in one, but not about what
// a dot import or an embedded field would have brought. Faults in types and
// constants are otherwise real; those elsewhere do not touch the ABI.
func mayFollow(files []*ast.File, e types.Error) bool {
	dot := slices.ContainsFunc(files, func(f *ast.File) bool {
		return slices.ContainsFunc(f.Imports, func(s *ast.ImportSpec) bool { return s.Name != nil && s.Name.Name == "." })
	})
	if dot && strings.HasPrefix(e.Msg, "undefined: ") {
		return true
	}
	for _, f := range files {
		for _, d := range f.Decls {
			if d.Pos() <= e.Pos && e.Pos < d.End() {
				g, ok := d.(*ast.GenDecl)
				return !ok || g.Tok != token.TYPE && g.Tok != token.CONST
			}
		}
	}
	return false
}

// scope resolves the imports of one package.
type scope struct {
	*sourceImporter
	from string
	// needed are the import paths that types, constants or variables refer to.
	needed map[string]bool
	// unread tells that one was not read.
	unread bool
}

// Import implements [types.Importer].
func (s *scope) Import(name string) (*types.Package, error) {
	pkg := s.find(name)
	if pkg == nil {
		s.unread = true
		return nil, errNotRead
	}
	return pkg, nil
}

// find returns the package that is imported as name, or nil.
func (s *scope) find(name string) *types.Package {
	switch name {
	case "unsafe":
		return types.Unsafe
	case "structs":
		return structsPackage
	}
	if s.given != nil {
		return s.given(name)
	}
	if s.deps == nil || !s.needed[name] {
		return nil
	}
	at, ok := s.deps.resolve(s.from, name)
	if !ok {
		return nil
	}
	if pkg, ok := s.done[at.ImportPath]; ok {
		return pkg // nil in an import cycle, which the go command refuses
	}
	s.done[at.ImportPath] = nil
	src := source{fsys: os.DirFS(at.Dir), dir: ".", shown: shorten(at.Dir, "."), importPath: at.ImportPath}
	p, err := src.parse(s.fset, s.options)
	if err != nil {
		return nil
	}
	// Faults of an imported package show where something depends on them.
	pkg, _ := s.check(at.ImportPath, p.files)
	s.done[at.ImportPath] = pkg
	s.units = append(s.units, unit{pkg, p.files})
	return pkg
}

// referenced returns the import paths that the declarations of types,
// constants and variables may refer to: those whose name occurs before a dot,
// and all dot imports.
func referenced(files []*ast.File) map[string]bool {
	needed := map[string]bool{}
	for _, f := range files {
		used := map[string]bool{}
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok != token.IMPORT {
				ast.Inspect(g, func(n ast.Node) bool {
					if _, ok := n.(*ast.FuncLit); ok {
						return false
					}
					if s, ok := n.(*ast.SelectorExpr); ok {
						if x, ok := s.X.(*ast.Ident); ok {
							used[x.Name] = true
						}
					}
					return true
				})
			}
		}
		for _, s := range f.Imports {
			name, err := strconv.Unquote(s.Path.Value)
			if err != nil {
				continue
			}
			// Without a local name the package's own is unknown before it is
			// read; reading one too many is harmless.
			if s.Name == nil && (used[path.Base(name)] || len(used) > 0 && !plainName(path.Base(name))) ||
				s.Name != nil && (s.Name.Name == "." || used[s.Name.Name]) {
				needed[name] = true
			}
		}
	}
	return needed
}

// major matches the last element of a path that only says a major version.
var major = lazyregexp.New(`^v[0-9]+$`)

// plainName reports whether a package in a directory called base is surely
// called the same: go-cmp and v2 are not.
func plainName(base string) bool { return token.IsIdentifier(base) && !major().MatchString(base) }

// structsPackage is the standard library's package structs, whose only
// declaration marks a struct as having the host's layout.
var structsPackage = func() *types.Package {
	pkg := types.NewPackage("structs", "structs")
	name := types.NewTypeName(token.NoPos, pkg, "HostLayout", nil)
	types.NewNamed(name, types.NewStruct(nil, nil), nil)
	pkg.Scope().Insert(name)
	pkg.MarkComplete()
	return pkg
}()
