// SPDX-License-Identifier: MIT

package emu

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
)

// LoadFile reads an object file and calls [New] for what it holds.
func LoadFile(path string, opts Options) (*Machine, error) {
	f, err := os.Open(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("emu: %w: compile the program first, with clang -target bpf -g", err)
		}
		return nil, fmt.Errorf("emu: %w", err)
	}
	defer func() { _ = f.Close() }()
	m, err := Load(f, opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// Load reads an object and calls [New] for what it holds.
func Load(r io.ReaderAt, opts Options) (*Machine, error) {
	spec, err := readCollection(r)
	if err != nil {
		return nil, err
	}
	return New(spec, opts)
}

// readCollection reads an object. What the ELF reader panics over is damaged
// too.
func readCollection(r io.ReaderAt) (spec *ebpf.CollectionSpec, err error) {
	defer func() {
		if p := recover(); p != nil {
			spec, err = nil, fmt.Errorf("emu: the object cannot be read: %v: it is damaged; compile it again", p)
		}
	}()
	spec, err = ebpf.LoadCollectionSpecFromReader(r)
	switch {
	case err == nil:
		return spec, nil
	case errors.Is(err, btf.ErrNotFound), strings.Contains(err.Error(), "missing BTF"): // the second has no error of its own
		return nil, fmt.Errorf("emu: the object cannot be read: %w: it lacks BTF that its maps need; compile it with -g, and strip it with llvm-strip -g at most", err)
	case errors.Is(err, ebpf.ErrNotSupported):
		return nil, fmt.Errorf("emu: the object cannot be read: %w: github.com/cilium/ebpf does not load such objects either; struct_ops belongs into section .struct_ops.link", err)
	default:
		return nil, fmt.Errorf("emu: the object cannot be read: %w: is it what clang -target bpf wrote, complete?", err)
	}
}
