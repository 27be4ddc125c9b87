// SPDX-License-Identifier: MIT

package emu

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"

	"github.com/cilium/ebpf/btf"

	"github.com/fuseiomap/abigen/headers"
)

// RevisionTypes gives the kernel's types of a revision of the contract, "R1"
// to "R4", as a kernel of that byte order has them.
func RevisionTypes(revision string, order binary.ByteOrder) (*btf.Spec, error) {
	raw, err := headers.FS.ReadFile("btf/kernel-" + revision + ".btf")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("emu: no revision %q of the kernel interface: there are R1, R2, R3 and R4", revision)
	} else if err != nil {
		return nil, fmt.Errorf("emu: %w", err)
	}
	spec, err := btf.LoadSpecFromReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("emu: types of revision %s: %w", revision, err)
	}
	if order == binary.ByteOrder(binary.LittleEndian) {
		return spec, nil
	}
	return ReorderTypes(spec, order)
}

// ReorderTypes gives the same types in another byte order: layouts do not
// depend on it, but the library relocates objects only against types of their
// own.
func ReorderTypes(spec *btf.Spec, order binary.ByteOrder) (*btf.Spec, error) {
	var types []btf.Type
	for t, err := range spec.All() {
		if err != nil {
			return nil, fmt.Errorf("emu: reorder types: %w", err)
		}
		types = append(types, t)
	}
	b, err := btf.NewBuilder(types, nil)
	if err != nil {
		return nil, fmt.Errorf("emu: reorder types: %w", err)
	}
	raw, err := b.Marshal(nil, &btf.MarshalOptions{Order: order})
	if err != nil {
		return nil, fmt.Errorf("emu: reorder types: %w", err)
	}
	out, err := btf.LoadSpecFromReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("emu: reorder types: %w", err)
	}
	return out, nil
}

// layout finds what the kernel passes as the first argument, and where in it a
// program will look.
func (x *Iomap) layout(targets []*btf.Spec) error {
	ops, err := structIn(targets, opsType)
	if err != nil {
		return fmt.Errorf("emu: the types have no struct %s: give those of a kernel that registers it, or a Revision: %w", opsType, err)
	}
	first, err := firstParameter(ops)
	if err != nil {
		return fmt.Errorf("emu: struct %s: %w: IomapOptions.KernelTypes is not a kernel of revision R1 to R4", opsType, err)
	}
	switch t := first.(type) {
	case *btf.Int:
		x.who = whoNumber
		return nil
	case *btf.Pointer:
		target, _ := btf.UnderlyingType(t.Target).(*btf.Struct)
		switch t.Target.TypeName() {
		case "fuse_bpf_inode":
			x.who = whoOpaque
			return nil
		case "fuse_inode":
			x.who = whoInode
			if target == nil {
				if target, err = structIn(targets, "fuse_inode"); err != nil {
					return fmt.Errorf("emu: the types only declare struct fuse_inode: %w", err)
				}
			}
			return x.inodeLayout(target)
		}
	}
	return fmt.Errorf("emu: struct %s: the callbacks' first parameter is %v, not an inode: IomapOptions.KernelTypes is not a kernel of revision R1 to R4", opsType, first)
}

// structIn looks a structure up in the kernel and its modules.
func structIn(targets []*btf.Spec, name string) (*btf.Struct, error) {
	var s *btf.Struct
	var errs []error
	for _, spec := range targets {
		err := spec.TypeByName(name, &s)
		if err == nil {
			return s, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// firstParameter gives the underlying type of what iomap_begin is passed first.
func firstParameter(ops *btf.Struct) (btf.Type, error) {
	for _, m := range ops.Members {
		if m.Name != "iomap_begin" {
			continue
		}
		if p, ok := btf.UnderlyingType(m.Type).(*btf.Pointer); ok {
			if f, ok := btf.UnderlyingType(p.Target).(*btf.FuncProto); ok && len(f.Params) == 5 {
				return btf.UnderlyingType(f.Params[0].Type), nil
			}
		}
		return nil, errors.New("member iomap_begin is no callback of five parameters")
	}
	return nil, errors.New("it has no member iomap_begin")
}

// inodeLayout makes the inode that programs read.
func (x *Iomap) inodeLayout(s *btf.Struct) error {
	x.inode, x.nodeOff, x.origOff = make([]byte, s.Size), -1, -1
	for _, m := range s.Members {
		at := int(m.Offset.Bytes())
		size, err := btf.Sizeof(m.Type)
		if err != nil || size != 8 || at+8 > len(x.inode) {
			continue
		}
		switch m.Name {
		case "nodeid":
			x.nodeOff = at
		case "orig_ino":
			x.origOff = at
		}
	}
	if x.nodeOff < 0 {
		return errors.New("emu: struct fuse_inode has no member nodeid of 8 bytes: IomapOptions.KernelTypes is not a kernel of revision R2 or R3")
	}
	return nil
}
