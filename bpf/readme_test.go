// SPDX-License-Identifier: MIT

package bpf

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What README.md shows of attaching is the body of the package's example, which
// the compiler has seen.
func TestReadmeShowsTheExample(t *testing.T) {
	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "example_test.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	body := ""
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "Example" {
			body = string(source[set.Position(f.Body.Lbrace).Offset+1 : set.Position(f.Body.Rbrace).Offset])
		}
	}
	want := strings.TrimSpace(strings.ReplaceAll(body, "\n\t", "\n"))
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "# Attach it\n")
	_, block, _ := strings.Cut(section, "```go\n")
	block, _, _ = strings.Cut(block, "```")
	if diff := cmp.Diff(want, strings.TrimSpace(block)); diff != "" || want == "" {
		t.Errorf("README.md, Attach it: %s", diff)
	}
}
