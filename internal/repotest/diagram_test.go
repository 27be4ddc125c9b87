// SPDX-License-Identifier: MIT

package repotest

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	diagramFile  = "ARCHITECTURE.md"
	diagramBegin = "<!-- Generated from the imports: go test ./internal/repotest -update -->\n```mermaid\n"
	diagramEnd   = "```\n<!-- End of what is generated. -->\n"
)

// drawn reports whether a package is in the diagram: what users can import, and
// the command. What serves tests and builds is in the table alone.
func drawn(dir string) bool {
	if strings.Contains("/"+dir+"/", "/internal/") {
		return false
	}
	switch top, _, _ := strings.Cut(dir, "/"); top {
	case "abi", "headers", "gen", "bpf", "cmd":
		return true
	}
	return false
}

// arrows are the imports between the packages of the diagram.
func arrows(imports map[string]map[string]string) map[string][]string {
	out := map[string][]string{}
	for dir, paths := range imports {
		if !drawn(dir) || len(paths) == 0 {
			continue // a directory of tests alone
		}
		out[dir] = nil
		for p := range paths {
			if to, ours := strings.CutPrefix(p, modulePath+"/"); ours && drawn(to) {
				out[dir] = append(out[dir], to)
			}
		}
		slices.Sort(out[dir])
	}
	return out
}

// reaches reports whether one package imports another through at least one in
// between.
func reaches(graph map[string][]string, from, to string) bool {
	seen := map[string]bool{}
	var walk func(string) bool
	walk = func(at string) bool {
		for _, next := range graph[at] {
			if next == to && at != from {
				return true
			}
			if !seen[next] {
				seen[next] = true
				if walk(next) {
					return true
				}
			}
		}
		return false
	}
	return walk(from)
}

// mermaid draws a graph. An arrow that others imply is left out.
func mermaid(graph map[string][]string) string {
	var b strings.Builder
	b.WriteString("flowchart BT\n")
	id := func(dir string) string { return strings.ReplaceAll(dir, "/", "_") }
	groups := map[string][]string{}
	for _, dir := range slices.Sorted(maps.Keys(graph)) {
		top, _, _ := strings.Cut(dir, "/")
		groups[top] = append(groups[top], dir)
	}
	for _, top := range slices.Sorted(maps.Keys(groups)) {
		if len(groups[top]) == 1 && groups[top][0] == top {
			fmt.Fprintf(&b, "    %s[%q]\n", id(top), top)
			continue
		}
		fmt.Fprintf(&b, "    subgraph g_%s[%q]\n", top, top)
		for _, dir := range groups[top] {
			name := path.Base(dir)
			fmt.Fprintf(&b, "        %s[%q]\n", id(dir), name)
		}
		b.WriteString("    end\n")
	}
	for _, from := range slices.Sorted(maps.Keys(graph)) {
		for _, to := range graph[from] {
			if !reaches(graph, from, to) {
				fmt.Fprintf(&b, "    %s --> %s\n", id(from), id(to))
			}
		}
	}
	return b.String()
}

func TestDiagramShowsTheImports(t *testing.T) {
	text := read(t, diagramFile)
	before, rest, ok := strings.Cut(text, diagramBegin)
	got, after, ok2 := strings.Cut(rest, diagramEnd)
	if !ok || !ok2 {
		t.Fatalf("%s: the diagram must stand between the lines %q and %q", diagramFile, diagramBegin, diagramEnd)
	}
	want := mermaid(arrows(packageImports(t)))
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("%s: its diagram is not that of the imports: run go test ./internal/repotest -update", diagramFile)
	}
	if err := os.WriteFile(filepath.Join(root, diagramFile), []byte(before+diagramBegin+want+diagramEnd+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestDiagramLeavesOutWhatOtherArrowsImply(t *testing.T) {
	text := mermaid(map[string][]string{"cmd/abigen": {"gen/drift", "gen/model"}, "gen/drift": {"gen/model"}, "gen/model": nil})
	for arrow, want := range map[string]bool{
		"cmd_abigen --> gen_drift": true, "gen_drift --> gen_model": true, "cmd_abigen --> gen_model": false,
	} {
		if got := strings.Contains(text, arrow); got != want {
			t.Errorf("%s: %v, want %v in\n%s", arrow, got, want, text)
		}
	}
}
