// SPDX-License-Identifier: MIT

package bpf

import "errors"

// What callers branch on. The text of an error that wraps one of these says
// what was found and what to do.
var (
	// ErrNoType: the running kernel has no fuse_iomap_bpf_ops. The module that
	// has it may not be loaded.
	ErrNoType = errors.New("the kernel does not have the type")
	// ErrNoBTF: the kernel's BTF is missing or cannot be read, so nobody can
	// tell whether it has the type.
	ErrNoBTF = errors.New("the kernel's BTF cannot be read")
	// ErrPermission: the process lacks a capability.
	ErrPermission = errors.New("no permission")
	// ErrIncompatible: the object was compiled for another revision than the
	// kernel's. The error is an [*IncompatibleError].
	ErrIncompatible = errors.New("the object does not fit this kernel")
	// ErrVerifier: the verifier refuses a program. The error is a
	// [*VerifierError].
	ErrVerifier = errors.New("the verifier refuses the program")
	// ErrEightArguments: this kernel passes the last two of eight arguments
	// wrongly, and the object has iomap_ioend.
	ErrEightArguments = errors.New("this kernel passes the 7th and 8th argument wrongly")

	// ErrObject: the input is no compiled BPF object with BTF for this machine.
	ErrObject = errors.New("not a usable BPF object")
	// ErrNoOps: the object has no ops variable, or none of the name asked for.
	ErrNoOps = errors.New("no such ops variable")
	// ErrManyOps: the object has several and Options.Ops does not say which.
	ErrManyOps = errors.New("several ops variables")
	// ErrBinding: one program stands in two members, or in none where it must.
	ErrBinding = errors.New("a program cannot be bound")
	// ErrName: the name is not 1 to 15 characters of [A-Za-z0-9_.] (rule 36).
	ErrName = errors.New("invalid name")
	// ErrZeropad: the padding of the ops variable is not 0 (rule 37).
	ErrZeropad = errors.New("zeropad is not 0")

	// ErrBadFD: Options.Device is not an open descriptor.
	ErrBadFD = errors.New("not an open descriptor")
	// ErrNotFUSE: Options.Device is open and is not /dev/fuse.
	ErrNotFUSE = errors.New("not a FUSE device")
	// ErrNotMounted: Options.Device is /dev/fuse and belongs to no connection,
	// because nothing was mounted with it yet or it has been unmounted.
	ErrNotMounted = errors.New("no FUSE connection")
	// ErrNoIomap: the connection has not negotiated iomap (rule 39).
	ErrNoIomap = errors.New("the connection does not use iomap")
	// ErrBusy: the connection already has an ops attached.
	ErrBusy = errors.New("already attached")

	// ErrClosed: the Ops was closed.
	ErrClosed = errors.New("closed")
	// ErrDetached: the Link was detached.
	ErrDetached = errors.New("detached")
)
