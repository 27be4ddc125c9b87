// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The kernel is the oracle of the format: make kernel boots with it. Here it is
// read again by the letter of the documentation.
func TestArchiveHoldsTheFilesAndTheirDirectories(t *testing.T) {
	dir := t.TempDir()
	var contents files
	want := map[string]string{"dev": "040755 ", "dev/console": "020600 "}
	for i, name := range []string{"init", "modules/R2/a.ko", "modules/R3/a.ko", "bin/abigen"} {
		text := strings.Repeat("x", 1000*i+i) // of every length modulo 4
		from := filepath.Join(dir, strconv.Itoa(i))
		if err := os.WriteFile(from, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		contents = append(contents, file{"/" + name, from})
		want[name] = "100755 " + text
	}
	for _, d := range []string{"modules", "modules/R2", "modules/R3", "bin"} {
		want[d] = "040755 "
	}
	out := filepath.Join(dir, "initramfs")
	if err := writeArchive(out, contents); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for at := 0; ; {
		if at%4 != 0 || string(b[at:at+6]) != "070701" {
			t.Fatalf("no header at byte %d", at)
		}
		field := func(n int) int {
			v, err := strconv.ParseUint(string(b[at+6+8*n:at+14+8*n]), 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			return int(v)
		}
		mode, size, name := field(1), field(6), string(b[at+110:at+110+field(11)-1])
		data := (at + 110 + field(11) + 3) &^ 3
		if name == "TRAILER!!!" {
			break
		}
		if slash := strings.LastIndexByte(name, '/'); slash > 0 && got[name[:slash]] == "" {
			t.Errorf("%s comes before its directory", name)
		}
		if got[name] != "" {
			t.Errorf("%s is there twice", name)
		}
		got[name] = fmt.Sprintf("%06o %s", mode, b[data:data+size])
		at = (data + size + 3) &^ 3
	}
	if !maps.Equal(got, want) {
		t.Errorf("it has %q, want %q", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
}
