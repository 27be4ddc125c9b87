// SPDX-License-Identifier: MIT

package btfsrc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/fuseiomap/abigen/gen/model"
)

// Options says what to read. The zero value reads everything.
type Options struct {
	// Keep accepts names of records, enums, typedefs and functions; nil accepts
	// all. What an accepted record contains by value comes with it, what it
	// points to does not: the result is that of [model.ABI.Select].
	Keep func(name string) bool
	// Base is the path of the BTF that split BTF extends: a vmlinux or raw BTF.
	// Where it is empty the running kernel's is taken. It is not used for BTF
	// that stands alone.
	Base string
	// BaseData is the content of Base, where it is in memory already.
	BaseData []byte
	// Side overrides the side the result stands on, which is
	// [model.SideProgram] for a compiled program and [model.SideKernel] for
	// everything else.
	Side model.Side
}

// ReadFile reads a file, recognised by its content: raw BTF, a vmlinux, a
// module, or a compiled BPF object.
//
// Errors start with the path, and are one of [ErrNotBTF], [ErrNoBTF],
// [ErrDamaged], [ErrNeedBase] and [ErrWrongBase], or come from the file system.
func ReadFile(path string, o Options) (*model.ABI, error) {
	in, err := openFile(path)
	if err != nil {
		return nil, explain(path, err)
	}
	return read(path, in, o)
}

// Read is [ReadFile] of data in memory. name stands for the path in errors and
// in the result's Source.
func Read(name string, data []byte, o Options) (*model.ABI, error) {
	in, err := openReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, explain(name, err)
	}
	return read(name, in, o)
}

// Recognises reports whether data starts like something [Read] reads: the
// magic number of BTF in either byte order, or of ELF.
func Recognises(data []byte) bool {
	_, ok := byteOrder(data)
	return ok || isELF(data)
}

// input is what a file holds, before anything is decoded.
type input struct {
	raw       []byte // BTF
	distilled []byte // .BTF.base, or nil
	ext       []byte // .BTF.ext, or nil
	object    bool   // a compiled BPF program in ELF
	machine   string // name of the target, or empty for raw BTF
}

func openFile(path string) (*input, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: not a regular file", ErrNotBTF)
	}
	return openReader(f, info.Size())
}

func openReader(r io.ReaderAt, size int64) (*input, error) {
	var head [4]byte
	n, err := r.ReadAt(head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch _, isBTF := byteOrder(head[:n]); {
	case isELF(head[:n]):
		return openELF(r)
	case isBTF:
		if size > maxBlob {
			return nil, damaged("%d MiB: more than %d MiB is no kernel's or program's", size>>20, maxBlob>>20)
		}
		raw := make([]byte, size)
		if n, err := r.ReadAt(raw, 0); n < len(raw) {
			return nil, fmt.Errorf("read %d of %d bytes: %w", n, size, err)
		}
		return &input{raw: raw}, nil
	}
	return nil, fmt.Errorf("%w: %s", ErrNotBTF, describe(head[:n]))
}

// describe says what else a file may be that people take for BTF.
func describe(head []byte) string {
	for _, f := range []struct{ magic, what string }{
		{"\x1f\x8b", "it is compressed with gzip: unpack it first"},
		{"\xfd7zX", "it is compressed with xz: unpack it first"},
		{"\x28\xb5\x2f\xfd", "it is compressed with zstd: unpack it first"},
		{"MZ", "it looks like a bootable kernel image: give its vmlinux, or /sys/kernel/btf/vmlinux while it runs"},
	} {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return f.what
		}
	}
	if len(head) == 0 {
		return "it is empty"
	}
	return "it is neither raw BTF nor an ELF file"
}

// read turns an opened file into a model.
func read(name string, in *input, o Options) (*model.ABI, error) {
	b, kernel, err := load(in, o)
	if err != nil {
		return nil, explain(name, err)
	}
	target := targetOf(in.machine, b)
	c, err := collect(b, kernel, target, o.Keep)
	if err != nil {
		return nil, explain(name, b.blameBase(err))
	}
	a := &model.ABI{
		Source: "btf:" + filepath.Base(name), Target: target.Name, Side: model.SideKernel,
		Records: c.records, Enums: c.enums, Prototypes: c.protos, Skipped: c.skipped,
	}
	if in.object {
		a.Source = "elf:" + filepath.Base(name)
	}
	if in.object || c.program {
		a.Side = model.SideProgram
	}
	a.Attests = attests(a.Side, c.hasKfunc)
	if o.Side != "" {
		a.Side = o.Side
	}
	if in.ext != nil {
		relos, err := readRelocations(b, in.ext)
		if err != nil {
			return nil, explain(name, fmt.Errorf(".BTF.ext: %w", err))
		}
		if len(relos.guards) > 0 {
			a.Guards = relos.guards
		}
		for _, r := range a.Records {
			for _, path := range relos.members[r.Name] {
				markRelocated(r, path)
			}
		}
	}
	return a, nil
}

// load parses a file's BTF. kernel is what a distilled base stands for, if that
// was given.
func load(in *input, o Options) (b, kernel *blob, err error) {
	if in.distilled != nil {
		noBase := func() (*blob, error) { return nil, damaged(".BTF.base is split BTF itself") }
		base, err := parse(in.distilled, noBase)
		if err != nil {
			return nil, nil, fmt.Errorf(".BTF.base: %w", err)
		}
		base.distilled = true
		if o.Base != "" {
			if kernel, err = loadBase(o); err != nil {
				return nil, nil, err
			}
		}
		b, err = parse(in.raw, func() (*blob, error) { return base, nil })
		return b, kernel, err
	}
	b, err = parse(in.raw, func() (*blob, error) { return loadBase(o) })
	return b, nil, err
}

// loadBase reads the BTF that split BTF extends.
func loadBase(o Options) (*blob, error) {
	path, ask := o.Base, "give the vmlinux it was built with"
	if path == "" {
		path = kernelBTF + "/vmlinux"
		ask = "it was looked for in the running kernel: " + ask
	}
	var in *input
	var err error
	if o.BaseData != nil {
		in, err = openReader(bytes.NewReader(o.BaseData), int64(len(o.BaseData)))
	} else {
		in, err = openFile(path)
	}
	if err == nil {
		var b *blob
		noBase := func() (*blob, error) { return nil, fmt.Errorf("%w: it is split BTF itself", ErrWrongBase) }
		if b, err = parse(in.raw, noBase); err == nil {
			return b, nil
		}
	}
	return nil, fmt.Errorf("%w: %s: %w: %s", ErrNeedBase, path, err, ask)
}

// attests lists the evidence BTF gives. A kernel that marks no kfunc at all was
// built by tools that did not know the mark, so it says nothing about them.
func attests(side model.Side, hasKfunc bool) []model.Evidence {
	es := []model.Evidence{model.Records, model.Pointees, model.Enums, model.Prototypes}
	if side == model.SideProgram || hasKfunc {
		es = append(es, model.Kfuncs)
	}
	if side == model.SideKernel {
		es = append(es, model.Registration)
	}
	return es
}

// targetOf chooses the target of a blob, see the package comment. A machine
// whose pointers are not as wide as the blob's long is not the blob's: a 32-bit
// program may run on a 64-bit kernel.
func targetOf(machine string, b *blob) model.Target {
	if t, err := model.TargetByName(machine); err == nil && (b.longSize == 0 || t.PointerSize == int64(b.longSize)) {
		return t
	}
	name := "bpfel"
	switch narrow := b.longSize == 4; {
	case narrow && b.big:
		name = "mips"
	case narrow:
		name = "arm"
	case b.big:
		name = "bpfeb"
	}
	ts := model.Targets()
	return ts[slices.IndexFunc(ts, func(t model.Target) bool { return t.Name == name })]
}

// explain puts the name of the file in front of an error and what to do behind
// it.
func explain(name string, err error) error {
	advice := ""
	switch {
	case errors.Is(err, os.ErrNotExist) && !errors.Is(err, ErrNeedBase) && !errors.Is(err, ErrNoBTF):
		advice = ": check the path"
	case errors.Is(err, os.ErrPermission):
		advice = ": read it as root, or copy it"
	case errors.Is(err, ErrDamaged):
		advice = ": copy or build the file again"
	case errors.Is(err, ErrWrongBase):
		advice = ": give the vmlinux of the very build the module belongs to"
	case errors.Is(err, ErrNotBTF):
		advice = ": give raw BTF, a vmlinux, a module or a compiled BPF object"
	}
	var p *os.PathError
	if errors.As(err, &p) && p.Path == name {
		err = fmt.Errorf("%s: %w", p.Op, p.Err)
	}
	return fmt.Errorf("%s: %w%s", name, err, advice)
}
