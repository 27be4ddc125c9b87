// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestReplacedFilesKeepPermissionsAndSymbolicLinks(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "out.go"), filepath.Join(dir, "link.go")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("out.go", link); err != nil {
		t.Fatal(err)
	}
	ours := func(b []byte) bool { return string(b) == "old" }
	if err := writeOutput(link, []byte("new"), ours, streams{}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil || string(text) != "new" {
		t.Errorf("the link's target holds %q, %v", text, err)
	}
	if st, err := os.Stat(file); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("permissions are %v, %v", st.Mode(), err)
	}
	if target, err := os.Readlink(link); err != nil || target != "out.go" {
		t.Errorf("the link points to %q, %v", target, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%d files are left, want 2: %v, %v", len(entries), entries, err)
	}
}

func TestRefusedFilesAndTheirDirectoryStayAsTheyWere(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "mine.go")
	if err := os.WriteFile(file, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	never := func([]byte) bool { return false }
	if err := writeOutput(file, []byte("new"), never, streams{}); err == nil {
		t.Error("a file that is not ours was replaced")
	}
	// What is there already is no reason to refuse, and none to write.
	if err := writeOutput(file, []byte("mine"), never, streams{}); err != nil {
		t.Errorf("the same content: %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files are left, want 1: %v, %v", len(entries), entries, err)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "mine" {
		t.Errorf("the file holds %q, %v", text, err)
	}
}
