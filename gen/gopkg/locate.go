// SPDX-License-Identifier: MIT

package gopkg

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/build"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// place is where the go command finds a package.
type place struct {
	ImportPath string
	Dir        string
	// ImportMap gives the resolved path of imports where it differs from the
	// path as written, as for what the standard library vendors.
	ImportMap map[string]string
	Error     *struct{ Err string }
}

// located keeps what locate found, by directory and pattern.
var located sync.Map

// locate asks the go command for the directory of one package.
func locate(pattern string, o Options) (place, error) {
	if pattern == "" || strings.HasPrefix(pattern, "-") {
		return place{}, fmt.Errorf("go:%s: no import path: name a package, such as go:./abi: %w", pattern, ErrNotFound)
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return place{}, fmt.Errorf("go:%s: cannot find the working directory: %w", pattern, err)
	}
	ask := pattern
	if (build.IsLocalImport(pattern) || filepath.IsAbs(pattern)) && !strings.Contains(pattern, "...") {
		// From inside, so that the directory may belong to another module.
		ask = "."
		if filepath.IsAbs(pattern) {
			dir = filepath.Clean(pattern)
		} else {
			dir = filepath.Join(dir, pattern)
		}
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return place{}, fmt.Errorf("go:%s: cannot find the package: there is no such directory: name a directory or an import path: %w", pattern, ErrNotFound)
		}
	}
	key := [2]string{dir, ask}
	if at, ok := located.Load(key); ok {
		return at.(place), nil
	}
	o.Dir = dir
	// -find leaves the imports alone: they may be unknown without harm.
	found, err := goList(ask, o, "-find")
	if err != nil {
		return place{}, fmt.Errorf("go:%s: %w", pattern, err)
	}
	if len(found) != 1 {
		return place{}, fmt.Errorf("go:%s: matches %d packages: a source is one package: name it: %w", pattern, len(found), ErrNotFound)
	}
	at := found[0]
	// Where there is a directory, what is wrong in it is for the parser to say.
	if at.Dir == "" {
		why := "the go command does not know where it is"
		if at.Error != nil {
			why = strings.Join(strings.Fields(at.Error.Err), " ")
		}
		return place{}, fmt.Errorf("go:%s: cannot find the package: %s: check the import path and the module it is resolved in: %w", pattern, why, ErrNotFound)
	}
	if at.ImportPath == "." { // a directory without Go files has no import path
		at.ImportPath = pattern
	}
	located.Store(key, at)
	return at, nil
}

// dependencies is where everything a package imports is.
type dependencies struct{ places map[string]place }

// locateDependencies asks the go command where everything is that at imports,
// directly or not, on the target; what its tests import too, if asked for.
func locateDependencies(at place, tests bool, o Options) (*dependencies, error) {
	o.Dir = at.Dir
	found, err := goList(".", o, "-deps", fmt.Sprintf("-test=%v", tests))
	if err != nil {
		return nil, fmt.Errorf("go:%s: %w", at.ImportPath, err)
	}
	d := &dependencies{places: map[string]place{}}
	for _, p := range found {
		d.places[p.ImportPath] = p
	}
	return d, nil
}

// resolve finds what the package at importPath imports as name.
func (d *dependencies) resolve(importPath, name string) (place, bool) {
	if mapped, ok := d.places[importPath].ImportMap[name]; ok {
		name = mapped
	}
	at, ok := d.places[name]
	return at, ok && at.Dir != ""
}

// goList runs "go list" for the target.
func goList(pattern string, o Options, mode ...string) ([]place, error) {
	args := append([]string{"list", "-e", "-json=ImportPath,Dir,ImportMap,Error", "-tags=" + strings.Join(o.Tags, ",")}, mode...)
	cmd := exec.Command("go", append(args, "--", pattern)...)
	cmd.Dir = o.Dir
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+o.Target.GOARCH, "CGO_ENABLED=0")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return nil, fmt.Errorf("cannot run the go command, which knows where packages are: install Go or put it on PATH: %w", err)
		}
		return nil, fmt.Errorf("go list fails: %s: mend what it names: %w", strings.Join(strings.Fields(stderr.String()), " "), err)
	}
	var found []place
	for dec := json.NewDecoder(&stdout); ; {
		var p place
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, fmt.Errorf("go list answers with something other than JSON: %w", err)
		}
		found = append(found, p)
	}
}
