// SPDX-License-Identifier: MIT

package source

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fuseiomap/abigen/gen/btfsrc"
	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/model"
)

// Kind is a kind of source.
type Kind struct {
	// Prefix stands before the colon.
	Prefix string
	// Operand names what follows it, such as "PATH".
	Operand string
	// Doc says in a few words what it is.
	Doc string

	open func(ctx context.Context, operand string, o Options) (*model.ABI, error)
	// fixed tells that the source brings its own target.
	fixed bool
}

// kinds is the registry: a new kind of source is one more line here.
var kinds = []Kind{
	{Prefix: "header", Operand: "PATH", Doc: "a C header, laid out for --target", open: openHeader},
	{Prefix: "btf", Operand: "PATH|kernel", Doc: "raw BTF, a vmlinux or a .ko; or the running kernel and its modules", open: openBTF, fixed: true},
	{Prefix: "elf", Operand: "PATH", Doc: "a compiled BPF object", open: openELF, fixed: true},
	{Prefix: "go", Operand: "PACKAGE", Doc: "a Go package by import path or ./directory, sized for --target", open: openGo},
	{Prefix: "snapshot", Operand: "FILE", Doc: "what abigen dump has printed", open: openSnapshot, fixed: true},
	{Prefix: "embedded", Operand: "NAME", Doc: "built into abigen: " + strings.Join(Embedded(), ", "), open: openEmbedded},
}

// Kinds lists the kinds of source.
func Kinds() []Kind { return append([]Kind(nil), kinds...) }

func openHeader(_ context.Context, path string, o Options) (*model.ABI, error) {
	return cheader.ParseFile(path, cheader.Options{Target: o.target(),
		Defines: o.Defines, IncludeDirs: o.IncludeDirs, Includes: o.Includes})
}

func openBTF(_ context.Context, path string, o Options) (*model.ABI, error) {
	bo := btfsrc.Options{Keep: o.keep(), Side: model.SideKernel}
	if path == "kernel" {
		return btfsrc.Kernel(bo)
	}
	return btfsrc.ReadFile(path, bo)
}

func openELF(_ context.Context, path string, o Options) (*model.ABI, error) {
	return btfsrc.ReadFile(path, btfsrc.Options{Keep: o.keep(), Side: model.SideProgram})
}

func openSnapshot(_ context.Context, path string, _ Options) (*model.ABI, error) {
	if st, err := os.Stat(path); err == nil && st.Mode()&os.ModeDevice != 0 {
		// Reading it may never end.
		return nil, fmt.Errorf("%s: cannot be read: it is a device: name a file that abigen dump has written", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	a, err := model.Decode(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w: make one with abigen dump", path, err)
	}
	// What it was made from stays in the positions; the name is its own.
	a.Source = "snapshot:" + filepath.Base(path)
	return a, nil
}
