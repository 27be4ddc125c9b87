// SPDX-License-Identifier: MIT

package gopkg

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Open parses the Go files in a directory and returns the packages there: the
// one of the directory with its test files, and that of its external tests,
// each only where it has files. Imports that records depend on are found
// through the go command when [Package.Read] needs them.
//
// importPath is that of the directory. The error is of type [Errors] when a
// file does not parse.
func Open(dir, importPath string) ([]*Package, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("go:%s: cannot list %s: %w", importPath, dir, errors.Join(ErrNotFound, err))
	}
	fset := token.NewFileSet()
	var packages []*Package
	var errs Errors
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".go") || strings.HasPrefix(e.Name(), ".") || strings.HasPrefix(e.Name(), "_") {
			continue
		}
		f := File{Path: filepath.Join(dir, e.Name())}
		if f.Text, err = os.ReadFile(f.Path); err != nil {
			return nil, fmt.Errorf("%s: cannot be read: %w", f.Path, err)
		}
		if f.Syntax, err = parser.ParseFile(fset, f.Path, f.Text, parser.ParseComments|parser.SkipObjectResolution); err != nil {
			errs = append(errs, syntaxErrors(err)...)
			continue
		}
		// Files for the go command to run, in a package of their own, are
		// among the others too; nothing there is compared with them.
		name := f.Syntax.Name.Name
		i := slices.IndexFunc(packages, func(p *Package) bool { return p.name == name })
		if i < 0 {
			i = len(packages)
			p := &Package{Path: importPath, Fset: fset, name: name, at: place{ImportPath: importPath, Dir: dir}}
			if strings.HasSuffix(name, "_test") {
				p.Path += "_test"
			}
			packages = append(packages, p)
		}
		packages[i].Files = append(packages[i].Files, f)
	}
	return packages, errs.err()
}

// dependenciesFor returns where the imports of the package are on the target.
// The first answer is for every target: where it lacks an import, again tells
// to ask for this one.
func (p *Package) dependenciesFor(o Options, again bool) (*dependencies, error) {
	if p.deps != nil && !again {
		return p.deps, nil
	}
	tests := slices.ContainsFunc(p.Files, func(f File) bool { return strings.HasSuffix(f.Path, "_test.go") })
	deps, err := locateDependencies(p.at, tests, o)
	if err == nil && p.deps == nil {
		p.deps = deps
	}
	return deps, err
}
