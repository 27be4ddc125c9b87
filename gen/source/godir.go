// SPDX-License-Identifier: MIT

package source

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"github.com/fuseiomap/abigen/gen/gopkg"
	"github.com/fuseiomap/abigen/gen/model"
)

func openGo(_ context.Context, pattern string, o Options) (*model.ABI, error) {
	if dir := filepath.Join(o.Dir, pattern); isDir(dir) {
		if _, err := exec.LookPath("go"); err != nil {
			return readGoDir(dir, o)
		}
	}
	return gopkg.Load(pattern, gopkg.Options{Target: o.target(), Dir: o.Dir})
}

// OpenDir is [Open] for the Go package in a directory, read from its source
// alone: it needs no go command, and so is quick enough to be done for every
// target. Any other spec is opened as [Open] does.
func OpenDir(ctx context.Context, spec string, o Options) (*model.ABI, error) {
	k, operand, err := resolve(spec)
	if err != nil {
		return nil, err
	}
	if dir := filepath.Join(o.Dir, operand); k.Prefix == "go" && isDir(dir) {
		a, err := readGoDir(dir, o)
		if err != nil {
			return nil, explain(err)
		}
		return filter(spec, a, o)
	}
	return Open(ctx, spec, o)
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

func readGoDir(dir string, o Options) (*model.ABI, error) {
	a, err := gopkg.ParseFS(os.DirFS(dir), ".", importPath(dir), gopkg.Options{Target: o.target()})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	// The reader knows the file system alone, not where it is.
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	a.Paths = map[string]string{}
	for _, f := range files {
		a.Paths[filepath.Base(f)] = f
	}
	return a, nil
}

// importPath returns the import path of the package in dir as the go.mod above
// it makes it, or dir itself where there is none.
func importPath(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return filepath.ToSlash(dir)
	}
	rel := "."
	for d := abs; ; d = filepath.Dir(d) {
		if text, err := os.ReadFile(filepath.Join(d, "go.mod")); err == nil {
			if m := modulePath(text); m != "" {
				return path.Join(m, filepath.ToSlash(rel))
			}
		}
		if d == filepath.Dir(d) {
			return filepath.ToSlash(dir)
		}
		rel = filepath.Join(filepath.Base(d), rel)
	}
}

// modulePath returns the path in the module line of a go.mod file.
func modulePath(text []byte) string {
	sc := bufio.NewScanner(bytes.NewReader(text))
	for sc.Scan() {
		if fields := strings.Fields(sc.Text()); len(fields) > 1 && fields[0] == "module" {
			return strings.Trim(fields[1], "\"`")
		}
	}
	return ""
}
