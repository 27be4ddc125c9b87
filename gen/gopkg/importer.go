// SPDX-License-Identifier: MIT

package gopkg

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path"
	"strconv"
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
	done map[string]*types.Package
	// units is what has been read for its imports' sake.
	units []unit
}

// check type-checks files. Errors that say that an import was not read are
// left out.
func (im *sourceImporter) check(importPath string, files []*ast.File) (*types.Package, []types.Error) {
	specs := map[token.Pos]bool{}
	for _, f := range files {
		for _, s := range f.Imports {
			specs[s.Path.Pos()] = true
		}
	}
	var list []types.Error
	conf := types.Config{
		IgnoreFuncBodies: true,
		Sizes:            im.sizes,
		Importer:         &scope{im, importPath, referenced(files)},
		Error: func(err error) {
			if e := (types.Error{}); errors.As(err, &e) && !specs[e.Pos] {
				list = append(list, e)
			}
		},
	}
	// The error is the first of those in list.
	pkg, _ := conf.Check(importPath, im.fset, files, nil)
	return pkg, list
}

// scope resolves the imports of one package.
type scope struct {
	*sourceImporter
	from string
	// needed are the import paths that types, constants or variables refer to.
	needed map[string]bool
}

// Import implements [types.Importer].
func (s *scope) Import(name string) (*types.Package, error) {
	switch name {
	case "unsafe":
		return types.Unsafe, nil
	case "structs":
		return structsPackage, nil
	}
	if s.deps == nil || !s.needed[name] {
		return nil, errNotRead
	}
	at, ok := s.deps.resolve(s.from, name)
	if !ok {
		return nil, errNotRead
	}
	if pkg, ok := s.done[at.ImportPath]; ok {
		if pkg == nil { // an import cycle, which the go command refuses
			return nil, errNotRead
		}
		return pkg, nil
	}
	s.done[at.ImportPath] = nil
	src := source{fsys: os.DirFS(at.Dir), dir: ".", shown: shorten(at.Dir), importPath: at.ImportPath}
	p, err := src.parse(s.fset, s.options)
	if err != nil {
		return nil, errNotRead
	}
	// Faults of an imported package show where something depends on them.
	pkg, _ := s.check(at.ImportPath, p.files)
	s.done[at.ImportPath] = pkg
	s.units = append(s.units, unit{pkg, p.files})
	return pkg, nil
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

// plainName reports whether a package in a directory called base is surely
// called the same: go-cmp and v2 are not.
func plainName(base string) bool {
	return token.IsIdentifier(base) && !(base[0] == 'v' && len(base) > 1 && base[1] >= '0' && base[1] <= '9')
}

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
