// SPDX-License-Identifier: MIT

package abigen

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestEmbeddedSourceIsPackageABIWithoutTests(t *testing.T) {
	want, err := fs.Glob(os.DirFS("."), "abi/*.go")
	if err != nil {
		t.Fatal(err)
	}
	want = slices.DeleteFunc(want, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
	got, err := fs.Glob(ABI, "*/*")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("embedded: %v\nwant: %v\nA file of package abi whose name ends in t.go needs another name.", got, want)
	}
	for _, name := range got {
		embedded, err := ABI.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if onDisk, err := os.ReadFile(name); err != nil || string(onDisk) != string(embedded) {
			t.Errorf("%s: embedded text differs from the file (%v)", name, err)
		}
	}
}
