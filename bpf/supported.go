// SPDX-License-Identifier: MIT

package bpf

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
)

// Answer says whether something is so.
type Answer int

// The answers. The zero value is that nobody can tell.
const (
	Unknown Answer = iota
	No
	Yes
)

// String returns "yes", "no" or "unknown".
func (a Answer) String() string {
	switch a {
	case Yes:
		return "yes"
	case No:
		return "no"
	}
	return "unknown"
}

// Support is what [Supported] found out.
type Support struct {
	// Answer is whether this process can load iomap programs into this kernel.
	Answer Answer
	// Revision is the kernel's revision of the interface: "R3", "R3 or R4" where
	// the kernel does not show which, "nearest R3" where it is none of those
	// known. It is empty where the type is missing.
	Revision string
	// Where is "vmlinux", or the name of the module that has the type.
	Where string
	// Reason says in plain words what was found and what to do.
	Reason string
	// Err wraps [ErrNoType], [ErrNoBTF] or [ErrPermission], or is the context's;
	// nil where the answer is Yes.
	Err error
}

// Supported says whether the running kernel has the type and this process may
// load programs for it. It loads a program of two instructions to find out, and
// nothing else.
func Supported(ctx context.Context) Support { return supported(ctx, fuseIomap) }

func supported(ctx context.Context, t opsType) Support {
	k, err := findType(ctx, t.name)
	switch {
	case errors.Is(err, ErrNoType):
		return Support{Answer: No, Reason: reason(err), Err: err}
	case err != nil:
		return Support{Answer: Unknown, Reason: reason(err), Err: err}
	}
	s := Support{Where: k.where}
	where := "built into the kernel"
	if k.inModule() {
		where = "in module " + k.where
	}
	s.Reason = fmt.Sprintf("%s is %s", t.name, where)
	if t.fuse {
		a, err := k.lower(revisionNames())
		if err != nil {
			return Support{Answer: Unknown, Where: k.where, Reason: reason(err), Err: err}
		}
		s.Revision = describe(a)
		s.Reason += ", " + s.Revision
	}
	if err := k.mayLoad(); err != nil {
		s.Answer, s.Err = No, fmt.Errorf("bpf: %w", err)
		s.Reason += ", but " + reason(err)
		return s
	}
	s.Answer = Yes
	return s
}

// reason is the text of an error without the name of the package.
func reason(err error) string { return strings.TrimPrefix(err.Error(), "bpf: ") }

// mayLoad loads the smallest program that takes the capabilities which struct_ops
// takes, and looks into a module's BTF where that is needed.
func (k *kernelType) mayLoad() error {
	p, err := ebpf.NewProgramWithOptions(&ebpf.ProgramSpec{
		Name: "abigen_may", Type: ebpf.RawTracepoint, License: "GPL",
		Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 0), asm.Return()},
	}, ebpf.ProgramOptions{LogDisabled: true})
	if err != nil {
		if denied(err) {
			return permission(err, "the kernel does not let it load programs")
		}
		return err
	}
	_ = p.Close()
	if k.inModule() {
		it := new(btf.HandleIterator)
		it.Next()
		err := it.Err()
		_ = it.Handle.Close()
		if err != nil {
			return permission(err, "the kernel does not let it look into module "+k.where)
		}
	}
	return nil
}
