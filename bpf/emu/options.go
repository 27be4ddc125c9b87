// SPDX-License-Identifier: MIT

package emu

import (
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
)

// DefaultBudget is how many instructions a call may execute unless
// [Options.Budget] says otherwise: more than the verifier would walk through,
// and a twentieth of a second.
const DefaultBudget = 16 << 20

// Options say what surrounds the programs. The zero value is useful: no kernel
// types, no kfuncs, one CPU, a clock and random numbers that are the same in
// every run.
type Options struct {
	// Programs names the programs to load; all when empty. Those left out
	// need no kfuncs and helpers.
	Programs []string

	// KernelTypes are what CO-RE relocations are made against: BTF of the
	// kernel the answer is wanted for, with the same byte order as the
	// object. btf.LoadKernelSpec gives the running kernel's, btf.LoadSpec
	// reads a file. Needed only if a program has CO-RE relocations.
	KernelTypes *btf.Spec

	// ModuleTypes are BTF of modules that relocations may also find types in.
	ModuleTypes []*btf.Spec

	// Kfuncs gives the kernel functions programs call, by name. A call to a
	// kfunc that is not given stops the program; its address is NULL, which is
	// what bpf_ksym_exists tests.
	Kfuncs map[string]Func
	// absent says of kfuncs that are not given why, and what to do.
	absent map[string]string

	// Helpers adds helpers, or replaces those of this package, by number:
	// asm.FnGetCurrentTask and so on.
	Helpers map[asm.BuiltinFunc]Func

	// Ksyms gives the addresses of kernel variables (extern … __ksym). They
	// are numbers to the program, not memory. A missing one is 0.
	Ksyms map[string]uint64

	// Kconfig gives the values of configuration variables (extern …
	// __kconfig), for instance "LINUX_KERNEL_VERSION": uint32(0x060c00): a
	// fixed-size number, bool, or []byte. One that is referred to and missing
	// is an error.
	Kconfig map[string]any

	// MapIndex names the maps that instructions refer to by index (lddw with
	// src 5 and 6). Compilers do not emit these; loaders that number maps do.
	MapIndex []string

	// Clock is bpf_ktime_get_ns and its relatives, in nanoseconds since boot.
	// When nil the clock reads one second at first and one microsecond more
	// each time it is read.
	Clock func() uint64

	// Random is bpf_get_prandom_u32. When nil it is a fixed sequence that
	// depends on Seed.
	Random func() uint32
	Seed   uint64

	// CPUs is the number of processors, for per-CPU maps; 0 means 1. Programs
	// run on CPU 0 until [Machine.SetCPU].
	CPUs int

	// PID, UID and Comm are the current task's, as bpf_get_current_pid_tgid,
	// _uid_gid and _comm give them: thread group in the upper 32 bits of PID,
	// group in the upper half of UID.
	PID, UID uint64
	Comm     string

	// Budget is how many instructions one call may execute, callbacks
	// included; 0 means [DefaultBudget].
	Budget uint64
}
