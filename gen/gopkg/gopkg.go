// SPDX-License-Identifier: MIT

package gopkg

import (
	"fmt"
	"go/types"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/fuseiomap/abigen/gen/model"
)

// Options says for what and where a package is read.
type Options struct {
	// Target is the machine whose sizes apply. It must be one of
	// [model.Targets].
	Target model.Target
	// Dir is the directory [Load] resolves its pattern in: that of the module
	// which uses the package. Empty means the working directory.
	Dir string
	// Tags are build tags that hold besides those of the target.
	Tags []string
}

// sizes returns the gc compiler's sizes for the target.
func (o Options) sizes() (types.Sizes, error) {
	if s := types.SizesFor("gc", o.Target.GOARCH); s != nil && o.Target.Name != "" {
		return s, nil
	}
	return nil, fmt.Errorf("target %q with GOARCH %q: the Go compiler has no sizes for it: take a target of model.Targets", o.Target.Name, o.Target.GOARCH)
}

// Load reads the package that pattern names: an import path, or a directory
// beginning with ./ or ../. It needs the go command to find it. Within one
// process the answer is kept for each directory and pattern, so that reading a
// package for every target asks once.
//
// The error is of type [Errors] when it is about the source, and wraps
// [ErrNotFound] when there is no such package.
func Load(pattern string, o Options) (*model.ABI, error) {
	if _, err := o.sizes(); err != nil {
		return nil, err
	}
	at, err := locate(pattern, o)
	if err != nil {
		return nil, err
	}
	src := source{fsys: os.DirFS(at.Dir), dir: ".", shown: shorten(at.Dir, "."), importPath: at.ImportPath}
	c, faults, err := src.read(o, nil)
	if err != nil {
		return nil, err
	}
	if len(faults) > 0 || c.missing {
		// Something leans on an import: read those as well.
		var deps *dependencies
		if deps, err = locateDependencies(at, false, o); err != nil {
			return nil, err
		}
		if c, faults, err = src.read(o, deps); err != nil {
			return nil, err
		}
	}
	if err := firstOf(faults, c.errs); err != nil {
		return nil, err
	}
	return c.abi, nil
}

// ParseFS reads the package in a directory of a file system, "." for its root.
// It reads nothing else: no import, no go command. What needs an import is an
// error when a record or a constant with a directive depends on it, is listed
// as skipped when another constant does, and does not matter otherwise.
//
// The error is of type [Errors] when it is about the source.
func ParseFS(fsys fs.FS, dir, importPath string, o Options) (*model.ABI, error) {
	src := source{fsys: fsys, dir: path.Clean(dir), shown: path.Clean(dir), importPath: importPath}
	c, faults, err := src.read(o, nil)
	if err != nil {
		return nil, err
	}
	if err := firstOf(faults, c.errs); err != nil {
		return nil, err
	}
	return c.abi, nil
}

// firstOf returns the faults of the type checker if there are any: what the
// conversion found then may only follow from them.
func firstOf(faults, conversion Errors) error {
	if len(faults) > 0 {
		return faults.err()
	}
	return conversion.err()
}

// shorten returns the path of name in dir, relative to the working directory
// where that is shorter.
func shorten(dir, name string) string {
	wd, err := os.Getwd()
	if err != nil {
		return filepath.Join(dir, name)
	}
	if rel, err := filepath.Rel(wd, dir); err == nil && len(rel) < len(dir) {
		dir = rel
	}
	return filepath.Join(dir, name)
}
