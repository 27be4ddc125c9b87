// SPDX-License-Identifier: MIT

package bpf

import (
	"github.com/cilium/ebpf"
)

// Options says how to load. Of the zero value only Device must be set.
type Options struct {
	// Device is the descriptor of /dev/fuse that the file system was mounted
	// with. It stays the caller's.
	Device int
	// Name is what the kernel calls the ops, 1 to 15 characters of
	// [A-Za-z0-9_.]. Empty is the name in the object.
	Name string
	// Ops is which ops variable of the object to load, where it has several.
	Ops string
	// AllowPartial leaves iomap_ioend out on a kernel that calls it with wrong
	// arguments, see [ErrEightArguments]. The kernel then asks the server at the
	// end of I/O. [Ops.Omitted] tells whether it happened.
	AllowPartial bool
	// SkipComparison loads what the comparison refuses. The kernel takes almost
	// anything, and a program that takes one argument for another gives wrong
	// answers: corrupted files. It exists to show just that in tests.
	SkipComparison bool
	// KernelBTF is a file with the BTF of the kernel to compare with, raw or in
	// ELF, in place of the running kernel's, or "embedded:kernel-R2" for one of
	// package headers. It is for tests: programs are loaded into the running
	// kernel in any case.
	KernelBTF string
	// MapReplacements are maps to use in place of the object's own, by name, so
	// that several Ops share their state. They stay the caller's.
	MapReplacements map[string]*ebpf.Map
	// LogLevel and LogSize are how much the verifier says and the bytes to begin
	// with. 0 is to ask only when it refuses.
	LogLevel ebpf.LogLevel
	LogSize  uint32
}
