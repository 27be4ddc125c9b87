// SPDX-License-Identifier: MIT

// Package testobject holds compiled objects for the tests of package bpf, here
// and in a kernel that has the type: what each is for says its source in src.
// "sh bpf/internal/testobject/build.sh" compiles them again.
package testobject

import (
	"bytes"
	"embed"
	"io"
)

//go:embed *-el.o
var files embed.FS

// Open opens an object by the name of its source; r1 to r4 are those of
// revision.c for each revision. A name that is none is a mistake of the test.
func Open(name string) io.ReaderAt {
	b, err := files.ReadFile(name + "-el.o")
	if err != nil {
		panic(err)
	}
	return bytes.NewReader(b)
}
