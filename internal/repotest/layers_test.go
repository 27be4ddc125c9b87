// SPDX-License-Identifier: MIT

package repotest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// layer is a row of the table in ARCHITECTURE.md.
type layer struct {
	pkg     string   // directory, "." for the root
	inside  []string // directories of this module it may import
	outside []string // modules other than this one
}

var quoted = regexp.MustCompile("`([^`]+)`")

// layers reads the table of ARCHITECTURE.md whose first column is "package".
func layers(t *testing.T) []layer {
	t.Helper()
	var ls []layer
	in := false
	for _, line := range strings.Split(read(t, "ARCHITECTURE.md"), "\n") {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		switch {
		case !strings.HasPrefix(line, "|"):
			in = false
		case strings.TrimSpace(cells[0]) == "package":
			in = true
		case in && strings.HasPrefix(line, "|---"):
		case in:
			if len(cells) != 4 {
				t.Fatalf("ARCHITECTURE.md: row has %d cells, want 4: %s", len(cells), line)
			}
			names := func(cell string) []string {
				var s []string
				for _, m := range quoted.FindAllStringSubmatch(cell, -1) {
					s = append(s, m[1])
				}
				return s
			}
			pkg := names(cells[0])
			if len(pkg) != 1 {
				t.Fatalf("ARCHITECTURE.md: the first cell must name one package: %s", line)
			}
			ls = append(ls, layer{pkg: pkg[0], inside: names(cells[2]), outside: names(cells[3])})
		}
	}
	if len(ls) == 0 {
		t.Fatal("ARCHITECTURE.md: no table whose first column is \"package\"")
	}
	return ls
}

// packageImports returns the import paths of every package in the repository
// under any build constraint, tests excepted, and one position of each.
func packageImports(t *testing.T) map[string]map[string]string {
	t.Helper()
	pkgs := map[string]map[string]string{}
	fset := token.NewFileSet()
	others := otherModules(t)
	for _, f := range files(t) {
		if path.Ext(f) != ".go" || others(f) || strings.Contains("/"+f, "/testdata/") {
			continue
		}
		dir := path.Dir(f)
		if pkgs[dir] == nil {
			pkgs[dir] = map[string]string{}
		}
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, filepath.Join(root, f), nil, parser.ImportsOnly)
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		for _, spec := range file.Imports {
			p, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			pkgs[dir][p] = fmt.Sprintf("%s:%d", f, fset.Position(spec.Pos()).Line)
		}
	}
	return pkgs
}

// allows reports whether l may import p, and if not says why.
func (l layer) allows(p string) (ok bool, why string) {
	switch {
	case p == modulePath || strings.HasPrefix(p, modulePath+"/"):
		dir := strings.TrimPrefix(strings.TrimPrefix(p, modulePath), "/")
		if dir == "" {
			dir = "."
		}
		return slices.Contains(l.inside, dir), "its row in ARCHITECTURE.md does not list " + dir
	case !strings.Contains(strings.SplitN(p, "/", 2)[0], "."):
		return true, "" // the standard library
	}
	return slices.ContainsFunc(l.outside, func(m string) bool { return p == m || strings.HasPrefix(p, m+"/") }),
		"its row in ARCHITECTURE.md lists no module that has it"
}

func TestPackagesImportOnlyWhatArchitectureAllows(t *testing.T) {
	imports := packageImports(t)
	rows := map[string]bool{}
	for _, l := range layers(t) {
		if rows[l.pkg] {
			t.Errorf("ARCHITECTURE.md: %s has two rows", l.pkg)
		}
		rows[l.pkg] = true
		if imports[l.pkg] == nil {
			t.Errorf("ARCHITECTURE.md: %s is in the table, but there is no such package", l.pkg)
		}
		for _, p := range slices.Sorted(maps.Keys(imports[l.pkg])) {
			if ok, why := l.allows(p); !ok {
				t.Errorf("%s: package %s may not import %s: %s", imports[l.pkg][p], l.pkg, p, why)
			}
		}
		for _, dir := range l.inside {
			if imports[dir] == nil {
				t.Errorf("ARCHITECTURE.md: %s may import %s, but there is no such package", l.pkg, dir)
			}
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(imports)) {
		if !rows[dir] {
			t.Errorf("%s: package without a row in the table of ARCHITECTURE.md", dir)
		}
	}
}

func TestLayerRefusesWhatItsRowDoesNotList(t *testing.T) {
	l := layer{pkg: "abi", inside: []string{"gen/model", "."}, outside: []string{"golang.org/x/tools"}}
	for p, want := range map[string]bool{
		"fmt":                                  true,
		"encoding/binary":                      true,
		modulePath:                             true,
		modulePath + "/gen/model":              true,
		modulePath + "/gen/drift":              false,
		modulePath + "/gen/model/inner":        false,
		modulePath + "x/gen":                   false,
		"golang.org/x/tools/go/packages":       true,
		"golang.org/x/toolsmith":               false,
		"github.com/cilium/ebpf":               false,
		"github.com/cilium/ebpf/internal/unix": false,
	} {
		if got, _ := l.allows(p); got != want {
			t.Errorf("allows(%q) = %v, want %v", p, got, want)
		}
	}
}

// Layout assertions need sizes and offsets, which are constants. Anything else
// of unsafe would have to be trusted.
func TestContractUsesUnsafeForConstantsAlone(t *testing.T) {
	fset := token.NewFileSet()
	for _, f := range files(t) {
		if path.Dir(f) != "abi" || path.Ext(f) != ".go" {
			continue
		}
		file, err := parser.ParseFile(fset, filepath.Join(root, f), nil, 0)
		if err != nil {
			t.Error(err)
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "unsafe" && !slices.Contains([]string{"Sizeof", "Offsetof", "Alignof"}, sel.Sel.Name) {
				t.Errorf("%s:%d: unsafe.%s: package abi promises to do without", f, fset.Position(sel.Pos()).Line, sel.Sel.Name)
			}
			return true
		})
	}
}

const (
	lintFile  = ".golangci.yml"
	lintBegin = "        # Generated from the table of ARCHITECTURE.md: go test ./internal/repotest -update\n"
	lintEnd   = "        # End of what is generated.\n"
)

// lintRules writes the table as rules of the linter depguard, so that an
// editor shows a forbidden import where it is typed.
func lintRules(ls []layer) string {
	var b bytes.Buffer
	for _, l := range ls {
		name, glob := strings.ReplaceAll(l.pkg, "/", "-"), "**/"+l.pkg+"/*.go"
		if l.pkg == "." {
			name, glob = "root", "${base-path}/*.go"
		}
		fmt.Fprintf(&b, "        %s:\n          list-mode: strict\n          files: [%q, \"!$test\"]\n          allow:\n            - $gostd\n", name, glob)
		for _, dir := range l.inside {
			fmt.Fprintf(&b, "            - %s$\n", path.Join(modulePath, dir))
		}
		for _, m := range l.outside {
			fmt.Fprintf(&b, "            - %s\n", m)
		}
	}
	return b.String()
}

func TestLinterEnforcesTheSameTable(t *testing.T) {
	text := read(t, lintFile)
	before, rest, ok := strings.Cut(text, lintBegin)
	got, after, ok2 := strings.Cut(rest, lintEnd)
	if !ok || !ok2 {
		t.Fatalf("%s: the generated part must stand between the lines %q and %q", lintFile, lintBegin, lintEnd)
	}
	want := lintRules(layers(t))
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("%s: its import rules are not those of ARCHITECTURE.md: run go test ./internal/repotest -update", lintFile)
	}
	if err := os.WriteFile(filepath.Join(root, lintFile), []byte(before+lintBegin+want+lintEnd+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
