// SPDX-License-Identifier: MIT

package bpf

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"

	"github.com/cilium/ebpf"

	"github.com/fuseiomap/abigen/gen/drift"
)

// Load compares an object with the running kernel, loads the programs that one of
// its ops variables binds, which the kernel's verifier looks at, and fills the
// map. Nothing is attached. What no map refers to is left out. The error of a
// refusal leaves nothing behind.
//
// The errors are [ErrNoOps], [ErrManyOps], [ErrObject], [ErrBinding], [ErrName],
// [ErrZeropad], [ErrBadFD] and [ErrNotFUSE], which do not depend on the kernel,
// then [ErrNoBTF], [ErrNoType], [ErrIncompatible], [ErrEightArguments],
// [ErrPermission], [ErrVerifier] and the context's. A context cannot interrupt the
// verifier; it is looked at before each step.
func Load(ctx context.Context, o *Object, opts Options) (*Ops, error) {
	return load(ctx, o, opts, fuseIomap)
}

func load(ctx context.Context, o *Object, opts Options, t opsType) (*Ops, error) {
	v, err := o.variable(opts.Ops, t.name)
	if err != nil {
		return nil, err
	}
	if _, err := o.part(v, nil); err != nil {
		return nil, err
	}
	if t.fuse {
		if _, err := o.contents(t, v, nil, opts); err != nil {
			return nil, err
		}
		if err := checkDevice(opts.Device); err != nil {
			return nil, err
		}
	}
	result, k, err := o.fit(ctx, t, v, opts)
	if err != nil {
		return nil, err
	}
	// The library would try, and take what the kernel does not let it do for what
	// the kernel cannot do, for as long as the process lives.
	if err := k.mayLoad(); err != nil {
		return nil, fmt.Errorf("bpf: %s: %w", o.name, err)
	}
	omit, err := k.omissions(ctx, o.name, v, opts)
	if err != nil {
		return nil, err
	}
	c, err := o.contents(t, v, omit, opts)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	programs, err := k.relocationTypes(o)
	if err != nil {
		return nil, fmt.Errorf("bpf: %s: %w", o.name, err)
	}
	programs.LogLevel, programs.LogSizeStart = opts.LogLevel, opts.LogSize
	coll, err := ebpf.NewCollectionWithOptions(c.spec, ebpf.CollectionOptions{
		Programs:        programs,
		MapReplacements: opts.MapReplacements,
		Cache:           k.cache,
	})
	if err != nil {
		return nil, o.loadError(k, c.spec, err)
	}
	v.Programs = maps.Clone(v.Programs)
	for _, member := range omit {
		delete(v.Programs, member)
	}
	if err := k.verifySlots(coll, v); err != nil {
		coll.Close()
		return nil, fmt.Errorf("bpf: %s: %w", o.name, err)
	}
	return &Ops{t: t, callbacks: k.callbacks(), variable: v, device: opts.Device, name: c.name, spec: c.spec, comparison: result, omitted: omit, coll: coll}, nil
}

// fit finds the type in the running kernel and compares the object with it, or
// with the kernel that Options.KernelBTF names.
func (o *Object) fit(ctx context.Context, t opsType, v OpsVariable, opts Options) (drift.Result, *kernelType, error) {
	var result drift.Result
	names := declared(contract(o.model, t.name))
	if t.fuse {
		// All that tells revisions apart.
		names = append(names, revisionNames()...)
		slices.Sort(names)
		names = slices.Compact(names)
	}
	if opts.KernelBTF != "" {
		foreign, err := foreignKernel(ctx, opts.KernelBTF, names)
		if err != nil {
			return result, nil, err
		}
		if result, err = o.compare(t, v, foreign); err != nil && !opts.SkipComparison {
			return result, nil, err
		}
	}
	k, err := findType(ctx, t.name)
	if err != nil {
		return result, nil, err
	}
	if opts.KernelBTF == "" {
		running, err := k.lower(names)
		if err != nil {
			return result, nil, err
		}
		if result, err = o.compare(t, v, running); err != nil && !opts.SkipComparison {
			return result, nil, err
		}
	}
	return result, k, nil
}

// loadable is what of an object is handed to the library.
type loadable struct {
	spec *ebpf.CollectionSpec
	name string
}

func (o *Object) contents(t opsType, v OpsVariable, omit []string, opts Options) (loadable, error) {
	spec, err := o.part(v, omit)
	if err != nil {
		return loadable{}, err
	}
	val, err := valueOf(spec.Maps[v.Name])
	if err != nil {
		return loadable{}, fmt.Errorf("bpf: %s: %w: %w", o.name, ErrObject, err)
	}
	name, err := t.prepare(val, opts)
	if err != nil {
		return loadable{}, fmt.Errorf("bpf: %s: %s: %w", o.name, v.Name, err)
	}
	return loadable{spec, name}, nil
}

// loadError sorts out why a collection could not be loaded.
func (o *Object) loadError(k *kernelType, spec *ebpf.CollectionSpec, err error) error {
	var verifier *ebpf.VerifierError
	rejected := errors.As(err, &verifier) && len(verifier.Log) > 0
	switch {
	case denied(err) && !rejected:
		err = permission(err, "the kernel does not let it load programs")
	case rejected:
		known := error(newVerifierError(&ebpf.ProgramSpec{}, "", verifier))
		for name, p := range spec.Programs {
			// Only the text tells which it was.
			if strings.Contains(err.Error(), "program "+name+":") {
				_, callback, _ := strings.Cut(p.AttachTo, ":")
				known = newVerifierError(p, callback, verifier)
				break
			}
		}
		return known // begins with the place in the source
	case errors.Is(err, syscall.EFAULT):
		for name, p := range spec.Programs {
			if strings.Contains(err.Error(), "program "+name+": load program:") {
				_, callback, _ := strings.Cut(p.AttachTo, ":")
				return gaveUp(p, callback, err)
			}
		}
	case k.inModule() && errors.Is(err, ebpf.ErrNotSupported):
		// The library takes "you may not look into modules" for "not there".
		err = permission(err, "the type is in module "+k.where+", and the kernel does not let it look there")
	case errors.Is(err, syscall.EINVAL):
		err = fmt.Errorf("the kernel refuses the map, so it checks more than is known here: %w", err)
	}
	return fmt.Errorf("bpf: %s: %w", o.name, err)
}

// verifySlots asks the kernel which program it has in which member, and compares
// that with what the object says.
func (k *kernelType) verifySlots(coll *ebpf.Collection, v OpsVariable) error {
	b, err := coll.Maps[v.Name].LookupBytes(uint32(0))
	if err != nil {
		return fmt.Errorf("reading back the map %s: %w", v.Name, err)
	}
	for _, member := range k.callbacks() {
		slot, _ := k.slot(member)
		at := int(k.data + slot)
		if at+8 > len(b) {
			return fmt.Errorf("reading back the map %s: it has %d bytes", v.Name, len(b))
		}
		// The kernel shows the program's number where its address is.
		got, want := binary.NativeEndian.Uint64(b[at:]), uint64(0)
		if p := coll.Programs[v.Programs[member]]; p != nil {
			info, err := p.Info()
			if err != nil {
				return fmt.Errorf("%s: %w", v.Programs[member], err)
			}
			id, _ := info.ID()
			want = uint64(id)
		}
		if got != want {
			return fmt.Errorf("%w: %s.%s is program %d in the kernel and not %d (%s): please report this", ErrBinding, v.Name, member, got, want, v.Programs[member])
		}
	}
	return nil
}
