// SPDX-License-Identifier: MIT

package source

import (
	"context"

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
	{Prefix: "snapshot", Operand: "FILE[#SOURCE]", Doc: "what abigen dump or snapshot has written", open: openSnapshot, fixed: true},
	{Prefix: "embedded", Operand: "NAME", Doc: "built into abigen: " + embeddedText(), open: openEmbedded},
}

// Kinds lists the kinds of source.
func Kinds() []Kind { return append([]Kind(nil), kinds...) }

func openHeader(_ context.Context, path string, o Options) (*model.ABI, error) {
	co := cheader.Options{Target: o.target(), Defines: o.Defines, IncludeDirs: o.includeDirs(), Includes: o.Includes, Own: o.Own, Cache: o.Cache}
	a, err := cheader.ParseFile(path, co)
	if err != nil || !isEmpty(a) {
		return a, err
	}
	// A header such as linux/errno.h is only another name for what it includes.
	co.Own = func(string) bool { return true }
	return cheader.ParseFile(path, co)
}

func openBTF(_ context.Context, path string, o Options) (*model.ABI, error) {
	bo := btfsrc.Options{Keep: o.keep(), Side: model.SideKernel, Base: o.Base}
	if path == "kernel" {
		return btfsrc.Kernel(bo)
	}
	return readBTF(path, bo)
}

func openELF(_ context.Context, path string, o Options) (*model.ABI, error) {
	return readBTF(path, btfsrc.Options{Keep: o.keep(), Side: model.SideProgram, Base: o.Base})
}
