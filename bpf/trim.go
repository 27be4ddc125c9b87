// SPDX-License-Identifier: MIT

package bpf

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cilium/ebpf/btf"

	"github.com/fuseiomap/abigen/gen/btfsrc"
	"github.com/fuseiomap/abigen/gen/model"
)

// lower turns what a kernel says about a struct_ops type into a model. The
// decoded types, which loading needs anyway, are cut down to the type itself, the
// records and functions in names, and forward declarations of all that those only
// point to: a pointer to an inode leads to half the kernel.
//
// Reading the kernel's BTF once more, as package btfsrc does for everybody else,
// would double the time of a first load.
func (k *kernelType) lower(names []string) (*model.ABI, error) {
	b, err := btf.NewBuilder(nil, nil)
	if err != nil {
		return nil, err
	}
	t := trimmer{full: names, done: map[btf.Type]btf.Type{}}
	value := *k.value
	value.Members = slices.DeleteFunc(slices.Clone(value.Members), func(m btf.Member) bool {
		return m.Offset.Bytes() != k.data
	})
	add := []btf.Type{t.trim(&value, false)}
	names = slices.Clone(names)
	for _, m := range k.ops.Members {
		// The function that stands in for a callback that is NULL: it has the
		// names of the parameters.
		names = append(names, k.ops.Name+"__"+m.Name)
	}
	// What shows that this kernel marks its kfuncs, so that one it does not have
	// counts as missing.
	names = append(names, anyKernels)
	for _, name := range names {
		found, err := k.declarations(name)
		if err != nil {
			return nil, fmt.Errorf("bpf: %w: %s: %w", ErrNoBTF, k.where, err)
		}
		for _, f := range found {
			switch f.(type) {
			case *btf.Struct, *btf.Union, *btf.Enum, *btf.Func:
				add = append(add, t.trim(f, false))
			}
		}
	}
	k.markKfuncs(add)
	for _, a := range add {
		if _, err := b.Add(a); err != nil {
			return nil, err
		}
	}
	raw, err := b.Marshal(nil, nil)
	if err != nil {
		return nil, err
	}
	a, err := btfsrc.Read("kernel", raw, btfsrc.Options{Side: model.SideKernel})
	if err != nil {
		return nil, err
	}
	a.Source = "btf:kernel"
	return a, nil
}

// declarations are what a kernel has of a name. A program for a type in a module
// may call the functions of vmlinux too, and read its records.
func (k *kernelType) declarations(name string) ([]btf.Type, error) {
	found, err := typesNamed(k.types, name)
	if err != nil {
		return nil, err
	}
	if len(found) > 0 || !k.inModule() {
		return found, nil
	}
	vmlinux, err := k.cache.Kernel()
	if err != nil {
		return nil, err
	}
	return typesNamed(vmlinux, name)
}

// markKfuncs marks functions as kfuncs where the kernel's BTF does not: tools before
// pahole 1.26 have no mark, and loaders find kfuncs by their name anyway. One that
// is marked makes every other that is not count as missing, so where vmlinux has no
// marks whatever was asked for by name gets one, but for what stands in for a
// callback: a function that is no kfunc the verifier refuses.
func (k *kernelType) markKfuncs(all []btf.Type) {
	kfunc := func(f *btf.Func) bool { return slices.Contains(f.Tags, kfuncTag) }
	marked, vmlinuxMarks := false, false
	for _, t := range all {
		f, ok := t.(*btf.Func)
		if !ok {
			continue
		}
		vmlinuxMarks = vmlinuxMarks || f.Name == anyKernels && kfunc(f)
		if strings.HasPrefix(f.Name, "fuse_bpf_") && !kfunc(f) {
			f.Tags = append(slices.Clone(f.Tags), kfuncTag)
			marked = true
		}
	}
	if !marked || vmlinuxMarks {
		return
	}
	for _, t := range all {
		if f, ok := t.(*btf.Func); ok && !kfunc(f) && !strings.HasPrefix(f.Name, k.ops.Name+"__") {
			f.Tags = append(slices.Clone(f.Tags), kfuncTag)
		}
	}
}

const (
	// kfuncTag is the declaration tag of a kfunc.
	kfuncTag = "bpf_kfunc"
	// anyKernels is a kfunc that every kernel has.
	anyKernels = "bpf_rcu_read_lock"
)

// trimmer copies types.
type trimmer struct {
	full []string // names of records to keep also where they are only pointed to
	done map[btf.Type]btf.Type
}

// trim copies a type. pointed tells that it is the target of a pointer.
func (t *trimmer) trim(in btf.Type, pointed bool) btf.Type {
	switch x := in.(type) {
	case *btf.Struct:
		if pointed && x.Name != "" && !slices.Contains(t.full, x.Name) {
			return t.memo(x, &btf.Fwd{Name: x.Name, Kind: btf.FwdStruct})
		}
		out := *x
		return t.record(x, &out, &out.Members)
	case *btf.Union:
		if pointed && x.Name != "" && !slices.Contains(t.full, x.Name) {
			return t.memo(x, &btf.Fwd{Name: x.Name, Kind: btf.FwdUnion})
		}
		out := *x
		return t.record(x, &out, &out.Members)
	case *btf.Pointer:
		return &btf.Pointer{Target: t.trim(x.Target, true)}
	case *btf.Typedef:
		return &btf.Typedef{Name: x.Name, Type: t.trim(x.Type, pointed), Tags: x.Tags}
	case *btf.Const:
		return &btf.Const{Type: t.trim(x.Type, pointed)}
	case *btf.Volatile:
		return &btf.Volatile{Type: t.trim(x.Type, pointed)}
	case *btf.Restrict:
		return &btf.Restrict{Type: t.trim(x.Type, pointed)}
	case *btf.TypeTag:
		return &btf.TypeTag{Type: t.trim(x.Type, pointed), Value: x.Value}
	case *btf.Array:
		return &btf.Array{Index: x.Index, Type: t.trim(x.Type, pointed), Nelems: x.Nelems}
	case *btf.Func:
		return &btf.Func{Name: x.Name, Type: t.trim(x.Type, false), Linkage: x.Linkage, Tags: x.Tags}
	case *btf.FuncProto:
		out := &btf.FuncProto{Return: t.trim(x.Return, false), Params: slices.Clone(x.Params)}
		for i := range out.Params {
			out.Params[i].Type = t.trim(out.Params[i].Type, false)
		}
		return out
	}
	// Numbers, enums, void, forward declarations.
	return in
}

// record copies the members of a record into out, once for each.
func (t *trimmer) record(in, out btf.Type, members *[]btf.Member) btf.Type {
	if done, ok := t.done[in]; ok {
		if _, fwd := done.(*btf.Fwd); !fwd {
			return done
		}
	}
	t.done[in] = out
	*members = slices.Clone(*members)
	for i := range *members {
		(*members)[i].Type = t.trim((*members)[i].Type, false)
	}
	return out
}

// memo keeps what stands for a record that is only pointed to: it may also be
// contained somewhere, and then that is taken from there on.
func (t *trimmer) memo(in, out btf.Type) btf.Type {
	if done, ok := t.done[in]; ok {
		return done
	}
	t.done[in] = out
	return out
}

// essential is a name without its CO-RE flavour, what follows "___".
func essential(name string) string {
	if i := strings.Index(name, "___"); i > 0 {
		return name[:i]
	}
	return name
}

// contract is the part of a program's model that it shares with the kernel: the
// struct_ops type, what leads from there, the kfuncs, and what it tests for. A
// struct of the program's own that happens to be called like one of the kernel's
// is none of it.
func contract(a *model.ABI, ops string) *model.ABI {
	names := map[string]bool{}
	var visit func(t model.Type)
	var record func(r *model.Record)
	record = func(r *model.Record) {
		for _, f := range r.Fields {
			if f.Record != nil {
				record(f.Record)
			}
			visit(f.Type)
		}
	}
	visit = func(t model.Type) {
		switch x := t.(type) {
		case model.Pointer:
			visit(x.Elem)
		case model.Qualified:
			visit(x.Elem)
		case model.Array:
			visit(x.Elem)
		case model.Func:
			visit(x.Result)
			for _, p := range x.Params {
				visit(p)
			}
		case model.Ref:
			if x.Name == "" || names[x.Name] {
				return
			}
			names[x.Name] = true
			if r := a.Record(x.Name); r != nil {
				record(r)
			}
		}
	}
	visit(model.Ref{Kind: model.RefStruct, Name: ops})
	for _, p := range a.Prototypes {
		if p.Role != model.Kfunc {
			continue
		}
		names[p.Name] = true
		visit(p.ResultType)
		for _, param := range p.Params {
			visit(param.Type)
		}
	}
	for _, g := range a.Guards {
		names[g] = true
	}
	return a.Select(func(name string) bool { return names[name] || names[essential(name)] && a.Record(name) != nil })
}

// declared lists the names of a model, as the kernel would have them.
func declared(a *model.ABI) (names []string) {
	for _, r := range a.Records {
		names = append(names, essential(r.Name))
	}
	for _, e := range a.Enums {
		if e.Name != "" {
			names = append(names, e.Name)
		}
	}
	for _, p := range a.Prototypes {
		if p.Role == model.Kfunc {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
