// SPDX-License-Identifier: MIT

package gopkg

import (
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strconv"
	"testing"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// newPackage makes a package of files in the directory /d.
func newPackage(t *testing.T, files map[string]string) *Package {
	t.Helper()
	p := &Package{Path: "example.org/p", Fset: token.NewFileSet()}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f := File{Path: path.Join("/d", name), Text: []byte(files[name])}
		var err error
		if f.Syntax, err = parser.ParseFile(p.Fset, f.Path, f.Text, parser.ParseComments); err != nil {
			t.Fatal(err)
		}
		p.Files = append(p.Files, f)
	}
	return p
}
