// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/gosrc"
)

// module is a directory with generated packages.
type module struct{ dir string }

func newModule(dir string) (module, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return module{}, err
	}
	return module{dir}, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module headers\n\ngo 1.26\n"), 0o644)
}

// add writes a package, each file as edit returns it.
func (m module) add(h *header, edit func([]byte) ([]byte, error)) error {
	if h.pkg == "" {
		return nil
	}
	dir := filepath.Join(m.dir, h.pkg)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return fmt.Errorf("%s: %w", h.name, err)
	}
	for _, f := range h.files {
		text, err := edit(f.Source)
		if err != nil {
			return fmt.Errorf("%s: %w", h.name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, gosrc.FileName("z.go", f.GOARCH)), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func whole(text []byte) ([]byte, error) { return text, nil }

// layoutOnly returns a generated file without methods and what only those need,
// so that the compiler is quickly through with it: types, constants, and the
// functions that assert the layout.
func layoutOnly(text []byte) ([]byte, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "z.go", text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	at := 0
	drop := func(n ast.Node) {
		out.Write(text[at:fset.Position(n.Pos()).Offset])
		at = fset.Position(n.End()).Offset
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil || d.Name.Name != "_" {
				drop(d)
			}
		case *ast.GenDecl:
			if d.Tok == token.VAR || d.Tok == token.IMPORT {
				drop(d)
			}
			if d.Tok == token.IMPORT && bytes.Contains(text, []byte("unsafe.")) {
				out.WriteString("import \"unsafe\"")
			}
		}
	}
	out.Write(text[at:])
	return out.Bytes(), nil
}

// build compiles all packages of m for a GOARCH and returns what the compiler
// says of them, which is nothing where all is well.
func (m module) build(goarch string) (string, error) {
	cmd := exec.Command("go", "build", "./...")
	cmd.Dir = m.dir
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+goarch, "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off", "GOPROXY=off", "GOTOOLCHAIN=local")
	out, err := cmd.CombinedOutput()
	if err == nil {
		return "", nil
	}
	if len(out) == 0 {
		return "", fmt.Errorf("go build for %s: %w", goarch, err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) > 40 {
		lines = append(slices.Clone(lines[:40]), fmt.Sprintf("and %d lines more", len(lines)-40))
	}
	return strings.Join(lines, "\n"), nil
}
