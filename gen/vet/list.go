// SPDX-License-Identifier: MIT

package vet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Directory is where the go command finds a package.
type Directory struct {
	Dir        string // its path
	ImportPath string // of the package in it
}

// List asks the go command for the packages that patterns name, such as ./...,
// whether they have files for this machine or not.
func List(ctx context.Context, patterns []string) ([]Directory, error) {
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	type listed struct {
		Dir, ImportPath string
		Error           *struct{ Err string }
	}
	found, err := goList[listed](ctx, append([]string{"-find", "-json=Dir,ImportPath,Error", "--"}, patterns...))
	if err != nil {
		return nil, err
	}
	var out []Directory
	for _, p := range found {
		if p.Dir == "" {
			why := "the go command does not know where it is"
			if p.Error != nil {
				why = oneLine(p.Error.Err)
			}
			return nil, fmt.Errorf("%s: cannot find the package: %s: check the pattern and the module it is resolved in", p.ImportPath, why)
		}
		out = append(out, Directory{p.Dir, p.ImportPath})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no package matches: check the pattern", strings.Join(patterns, " "))
	}
	return out, nil
}

// HasDirectives reports whether a Go file in the directory may have a directive.
func (d Directory) HasDirectives() (bool, error) {
	names, err := filepath.Glob(filepath.Join(d.Dir, "*.go"))
	if err != nil {
		return false, err
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return false, fmt.Errorf("%s: cannot be read: %w", shorten(name), err)
		}
		if bytes.Contains(text, []byte("abigen:")) {
			return true, nil
		}
	}
	return false, nil
}

// Broken compiles the packages that patterns name, tests included, with files
// replaced as overlay has it, from path to text. It returns what no longer
// compiles though it does as the files are.
func Broken(ctx context.Context, patterns []string, overlay map[string][]byte) ([]string, error) {
	dir, err := os.MkdirTemp("", "abigen")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // it is temporary anyway
	replace := map[string]string{}
	for path, text := range overlay {
		if path, err = filepath.Abs(path); err != nil {
			return nil, err
		}
		file := filepath.Join(dir, fmt.Sprintf("%d.go", len(replace)))
		replace[path] = file
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return nil, err
		}
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, list, 0o600); err != nil {
		return nil, err
	}
	after, err := failing(ctx, "-overlay="+file, patterns)
	if err != nil || len(after) == 0 {
		return nil, err
	}
	before, err := failing(ctx, "-overlay=", patterns)
	if err != nil {
		return nil, err
	}
	var broken []string
	for path, why := range after {
		if before[path] == "" {
			broken = append(broken, why)
		}
	}
	slices.Sort(broken)
	return broken, nil
}

// failing returns why packages do not compile, by import path.
func failing(ctx context.Context, overlay string, patterns []string) (map[string]string, error) {
	type listed struct {
		ImportPath string
		Error      *struct{ Err string }
	}
	found, err := goList[listed](ctx, append([]string{"-export", "-test", overlay, "-json=ImportPath,Error", "--"}, patterns...))
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, p := range found {
		if p.Error != nil {
			out[p.ImportPath] = oneLine(p.Error.Err)
		}
	}
	return out, nil
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// goList runs "go list -e" and reads its answer.
func goList[T any](ctx context.Context, args []string) ([]T, error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"list", "-e"}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return nil, fmt.Errorf("cannot run the go command, which knows where packages are: install Go or put it on PATH: %w", err)
		}
		return nil, fmt.Errorf("go list fails: %s: mend what it names: %w", oneLine(stderr.String()), err)
	}
	var found []T
	for dec := json.NewDecoder(&stdout); ; {
		var x T
		err := dec.Decode(&x)
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, fmt.Errorf("go list answers with something other than JSON: %w", err)
		}
		found = append(found, x)
	}
}
