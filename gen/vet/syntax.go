// SPDX-License-Identifier: MIT

package vet

import (
	"go/ast"
	"go/token"
	"os"
	"path/filepath"

	"github.com/fuseiomap/abigen/gen/gopkg"
)

// fieldAt returns the name of the field that is written at a place, "" where
// there is none.
func fieldAt(r *gopkg.Reading, at token.Pos) string {
	for _, f := range r.Files {
		if at < f.FileStart || at > f.FileEnd {
			continue
		}
		name := ""
		ast.Inspect(f, func(n ast.Node) bool {
			if n == nil || at < n.Pos() || at > n.End() {
				return false
			}
			if id, ok := n.(*ast.Ident); ok && id.Pos() == at {
				name = id.Name
			}
			return name == ""
		})
		return name
	}
	return ""
}

// shorten returns a path relative to the working directory where that is
// shorter.
func shorten(path string) string {
	wd, err := os.Getwd()
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(wd, path); err == nil && len(rel) < len(path) {
		return rel
	}
	return path
}
