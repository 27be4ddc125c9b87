// SPDX-License-Identifier: MIT

package bpf

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
)

// relocationTypes says which types an object's CO-RE relocations are resolved
// with, where the library's own choice would fail: it looks for a name in vmlinux
// and in all modules, and gives up where two types of one name disagree. A kernel
// with FUSE built in has a struct fuse_inode, a module that registers the type
// may have another, and what a program is passed is the module's. What is not in
// the module comes from vmlinux.
func (k *kernelType) relocationTypes(o *Object) (opts ebpf.ProgramOptions, err error) {
	if !k.inModule() || o.spec.Types == nil {
		return opts, nil
	}
	vmlinux, err := k.cache.Kernel()
	if err != nil {
		return opts, err
	}
	var elsewhere []btf.Type
	disagree := false
	for t, err := range o.spec.Types.All() {
		if err != nil {
			return opts, err
		}
		switch t.(type) {
		case *btf.Struct, *btf.Union, *btf.Enum:
		default:
			continue
		}
		name := t.TypeName()
		if flavour := strings.LastIndex(name, "___"); flavour > 0 {
			name = name[:flavour]
		}
		built, err := typesNamed(vmlinux, name)
		if err != nil {
			return opts, err
		}
		own, err := typesNamed(k.types, name)
		if err != nil {
			return opts, err
		}
		switch {
		case len(built) > 0 && len(own) > 0:
			disagree = true
		case len(built) > 0:
			elsewhere = append(elsewhere, built...)
		}
	}
	if !disagree {
		return opts, nil
	}
	opts.KernelTypes = k.types
	if len(elsewhere) == 0 {
		return opts, nil
	}
	b, err := btf.NewBuilder(elsewhere, nil)
	if err != nil {
		return opts, err
	}
	rest, err := b.Spec()
	if err != nil {
		return opts, fmt.Errorf("the types of vmlinux that the object uses: %w", err)
	}
	opts.ExtraRelocationTargets = []*btf.Spec{rest}
	return opts, nil
}

// typesNamed lists a kernel's types of a name: of a module those that are its own.
func typesNamed(types *btf.Spec, name string) ([]btf.Type, error) {
	if name == "" {
		return nil, nil
	}
	found, err := types.AnyTypesByName(name)
	if errors.Is(err, btf.ErrNotFound) {
		return nil, nil
	}
	return found, err
}

// defineForwards gives the kfuncs that an object calls parameters the library
// accepts: it refuses a pointer to a record that the object only declares, as
// fuse_iomap_bpf.h does struct fuse_inode, for one that the kernel defines. An
// empty record of the name stands for any. What the kernel's function takes is
// the kernel's business, and its verifier's.
func defineForwards(spec *ebpf.CollectionSpec) error {
	seen := map[string]bool{}
	for _, p := range spec.Programs {
		for i := range p.Instructions {
			in := &p.Instructions[i]
			name := in.Reference()
			if !in.IsKfuncCall() || seen[name] {
				continue
			}
			seen[name] = true
			var fn *btf.Func
			if err := spec.Types.TypeByName(name, &fn); err != nil {
				return fmt.Errorf("kfunc %s: %w", name, err)
			}
			proto, ok := fn.Type.(*btf.FuncProto)
			if !ok {
				return fmt.Errorf("kfunc %s is declared as no function", name)
			}
			defined := *proto
			defined.Params = make([]btf.FuncParam, len(proto.Params))
			for i, param := range proto.Params {
				param.Type = defineForward(param.Type)
				defined.Params[i] = param
			}
			fn.Type = &defined
		}
	}
	return nil
}

func defineForward(t btf.Type) btf.Type {
	switch x := t.(type) {
	case *btf.Pointer:
		return &btf.Pointer{Target: defineForward(x.Target)}
	case *btf.Const:
		return &btf.Const{Type: defineForward(x.Type)}
	case *btf.Fwd:
		if x.Kind == btf.FwdUnion {
			return &btf.Union{Name: x.Name}
		}
		return &btf.Struct{Name: x.Name}
	}
	return t
}
