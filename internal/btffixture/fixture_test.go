// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestCommittedFixturesAreWhatClangMakesOfTheirSources(t *testing.T) {
	if _, err := exec.LookPath("clang-19"); err != nil {
		t.Skip("no clang-19: .ci/run installs it")
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"-check"}, &out, &errs); code != 0 {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	if !strings.Contains(out.String(), "10 fixtures") {
		t.Errorf("output %q, want it to count 10 fixtures", out.String())
	}
}

func TestChangedSourceIsADifference(t *testing.T) {
	if _, err := exec.LookPath("clang-19"); err != nil {
		t.Skip("no clang-19: .ci/run installs it")
	}
	root, err := repositoryRoot()
	if err != nil {
		t.Fatal(err)
	}
	headers := t.TempDir()
	if err := os.CopyFS(headers, os.DirFS(root+"/headers")); err != nil {
		t.Fatal(err)
	}
	source := headers + "/kernel/fuse_bpf_ops2.c"
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Replace(text, []byte("int dev_fd"), []byte("long dev_fd"), 1)
	if err := os.WriteFile(source, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	err = rebuild(t.Context(), "clang-19", headers, true, &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "headers/btf: fuse_bpf_ops2.btf: not what") {
		t.Errorf("error %v, want one that names fuse_bpf_ops2.btf alone", err)
	}
}
