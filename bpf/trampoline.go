// SPDX-License-Identifier: MIT

package bpf

import "context"

// Trampoline is what is known of the code with which the kernel calls a BPF
// program that has more arguments than fit into registers.
type Trampoline struct {
	// Right is whether the 7th and 8th argument arrive.
	Right Answer
	// Evidence says how this is known.
	Evidence string
}

// EightArguments says whether this kernel passes all eight arguments of
// iomap_ioend. Where the kernel has the type and the process may load programs
// it lets the kernel make the code for such a call, and reads it; nothing is
// called. Otherwise it goes by architecture and release.
func EightArguments(ctx context.Context) Trampoline { return Trampoline{} }
