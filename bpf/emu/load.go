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
	says := func(text string) bool { return strings.Contains(err.Error(), text) } // where the error has no value of its own
	switch {
	case err == nil:
		return spec, checkMetadata(spec)
	case says("unexpected machine type"):
		return nil, fmt.Errorf("emu: the object cannot be read: %w: it is no BPF object; compile the program with clang -target bpf", err)
	case says("no symbol section"):
		return nil, fmt.Errorf("emu: the object cannot be read: %w: its symbols were stripped, and programs and maps with them; strip it with llvm-strip -g at most", err)
	case says("unsupported binding: STB_WEAK"):
		return nil, fmt.Errorf("emu: the object cannot be read: %w: github.com/cilium/ebpf loads no weak variable of the kernel's configuration; declare it without __weak", err)
	case errors.Is(err, btf.ErrNotFound), says("missing BTF"):
		return nil, fmt.Errorf("emu: the object cannot be read: %w: it lacks BTF that its maps need; compile it with -g, and strip it with llvm-strip -g at most", err)
	case errors.Is(err, ebpf.ErrNotSupported):
		return nil, fmt.Errorf("emu: the object cannot be read: %w: github.com/cilium/ebpf does not load such objects either; struct_ops belongs into section .struct_ops.link", err)
	default:
		return nil, fmt.Errorf("emu: the object cannot be read: %w: is it what clang -target bpf wrote, complete?", err)
	}
}

// checkMetadata refuses an object that has BTF and nothing that refers to it: the
// loader then leaves CO-RE relocations out, and the program would read the wrong
// members.
func checkMetadata(spec *ebpf.CollectionSpec) error {
	if spec.Types == nil || len(spec.Programs) == 0 {
		return nil
	}
	for _, p := range spec.Programs {
		for i := range p.Instructions {
			if btf.FuncMetadata(&p.Instructions[i]) != nil {
				return nil
			}
		}
	}
	return errors.New("emu: the object has BTF and no section .BTF.ext: without that its CO-RE relocations are lost; compile it with -g, and strip it with llvm-strip -g at most")
}
