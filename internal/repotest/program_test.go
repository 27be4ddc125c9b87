// SPDX-License-Identifier: MIT

package repotest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A block of Go in a document that is a whole program is run, and the block of
// text after it is what it prints.
func TestProgramsInDocumentsPrintWhatFollows(t *testing.T) {
	for _, doc := range documents(t) {
		blocks, _ := fences(read(t, doc))
		for i, b := range blocks {
			if b.language != "go" || len(b.lines) == 0 || b.lines[0] != "package main" {
				continue
			}
			if i+1 == len(blocks) || blocks[i+1].language != "text" {
				t.Errorf("%s:%d: no block of text with the program's output follows", doc, b.line)
				continue
			}
			got := runProgram(t, strings.Join(b.lines, "\n")+"\n")
			if want := strings.Join(blocks[i+1].lines, "\n") + "\n"; got != want {
				t.Errorf("%s:%d: the program prints\n%snot\n%s", doc, b.line, got, want)
			}
		}
	}
}

// runProgram runs a program as if it were a package of this module.
func runProgram(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "main.go")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{
		"Replace": map[string]string{filepath.Join(top, "internal", "document", "main.go"): file},
	})
	if err != nil {
		t.Fatal(err)
	}
	overlayFile := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlayFile, overlay, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", "-overlay", overlayFile, "./internal/document")
	cmd.Dir = top
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return string(out)
}
