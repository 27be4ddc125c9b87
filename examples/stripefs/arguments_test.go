// SPDX-License-Identifier: MIT

//go:build linux

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMistakesAreSaid(t *testing.T) {
	dir := t.TempDir()
	small := filepath.Join(dir, "small")
	if err := os.WriteFile(small, make([]byte, 100), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"-device memory -file a=1", 2, "0 directories to mount on"},
		{"-device memory -file a=1 x y", 2, "2 directories to mount on"},
		{"-file a=1 x", 2, "no device: give -device pattern:1"},
		{"-device memory x", 2, "no file: give -file NAME=SIZE"},
		{"-device memory -file a x", 2, "want NAME=SIZE"},
		{"-device memory -file a=1Q x", 2, `"1Q" is no size`},
		{"-device memory -file a=K x", 2, `"K" is no size`},
		{"-device memory -file a=8388608T x", 2, `"8388608T" is no size`},
		{"-chunk -1 -device memory -file a=1 x", 2, `"-1" is no size`},
		{"-nothing x", 2, "flag provided but not defined"},
		{"-device memory -file a=1 -file a=2 x", 1, "file a: there are two of that name"},
		{"-device memory -file a/b=1 x", 1, `file "a/b": no name for a file`},
		{"-device memory -file a=0 x", 1, "Files[0].Length (inode 2): it is 0"},
		{"-chunk 100 -device memory -file a=1 x", 1, "ChunkSize: 100 is not a multiple of the block size"},
		{"-chunk 0 -device memory -file a=1 x", 1, "ChunkSize: it is 0"},
		{"-device memory -file a=4194304T -file b=4194304T x", 1, "file b: the devices end at"},
		{"-device memory -file a=4194304T x", 1, "device memory: 4611686018427387904 bytes: mmap: cannot allocate memory"},
		{"-device disk -file a=1 x", 1, "device disk: unknown"},
		{"-device pattern:x -file a=1 x", 1, `device pattern:x: "x" is no number`},
		{"-device file:" + dir + "/none -file a=1 x", 1, "no such file"},
		{"-device file:" + small + " -file a=1 x", 1, "it has 100 bytes and the files need 65536: run truncate --size 65536 " + small},
		{"-device memory -file a=1 " + dir + "/none", 1, "mount point: stat " + dir + "/none: no such file or directory"},
	} {
		var stdout, stderr bytes.Buffer
		status := run(t.Context(), strings.Fields(c.args), &stdout, &stderr)
		if status != c.status || !strings.Contains(stderr.String(), c.want) || stdout.Len() > 0 {
			t.Errorf("stripefs %s: exit status %d, %q, %q: want %d and %q", c.args, status, stdout.String(), stderr.String(), c.status, c.want)
		}
		if n := strings.Count(stderr.String(), "\n"); n != 1 {
			t.Errorf("stripefs %s: %d lines, want one:\n%s", c.args, n, stderr.String())
		}
	}
	var stderr bytes.Buffer
	if status := run(t.Context(), []string{"-help"}, &stderr, &stderr); status != 0 || !strings.HasPrefix(stderr.String(), "usage: stripefs ") {
		t.Errorf("-help: exit status %d:\n%s", status, stderr.String())
	}
}

func TestSizesHaveSuffixes(t *testing.T) {
	for s, want := range map[string]uint64{"0": 0, "100": 100, "64K": 64 << 10, "3M": 3 << 20, "1G": 1 << 30, "2T": 2 << 40} {
		if got, err := parseSize(s); got != want || err != nil {
			t.Errorf("parseSize(%q) = %d, %v, want %d", s, got, err, want)
		}
	}
}
