// SPDX-License-Identifier: MIT

// Package bpf gives a FUSE connection of the running kernel a BPF program that
// answers its iomap requests: a struct_ops map of type fuse_iomap_bpf_ops.
//
// # Attaching
//
// The server has mounted with an open /dev/fuse, and negotiated iomap:
//
//	object, err := bpf.OpenObject("mine.bpf.o")
//	ops, err := bpf.Load(ctx, object, bpf.Options{Device: fd}) // compared, loaded, verified
//	link, err := ops.Attach(ctx)                               // from now on the kernel asks it
//	defer link.Close()                                         // detaches and unloads
//
// Any object will do that uses the macros of fuse_iomap_bpf.h. For the programs
// of package bpf/programs one call does all of it. A server that cannot attach
// loses nothing but speed: it serves through the ordinary path, and the error
// says why in plain words and what to do.
//
// # What is compared, and why
//
// A loader matches the members of the program's struct and the kernel's by name
// and never compares the callbacks, so a program compiled for another revision
// loads, runs, and takes one argument for another. Load therefore reads what the
// object was compiled for, finds the type in the running kernel, be it built in
// or in a module, and compares the two, prototypes of the callbacks included,
// before the kernel sees anything. What breaks is refused with an
// [IncompatibleError]. What only may break, depending on what the program does,
// and what the evidence does not allow to check, such as two parameters of one
// type that changed places, is in [Ops.Comparison].
//
// # The descriptor
//
// Load writes the number of the descriptor into the map, and the kernel looks it
// up when the link is created, in the descriptor table of the process that
// attaches. Keep it open until then, and do not pass Ops to another process. The
// connection may go away later; the link is stale then, and Detach does not mind.
//
// # Replacing
//
// The kernel knows no update: one ops a connection, so a replacement is detach,
// then attach. [Link.Replace] takes one that is loaded and verified, so the time
// between the two is that of two system calls, of which the first waits for the
// calls in flight. In that time the kernel asks the server. If the new one cannot
// be attached the old one is attached again.
//
// # Privileges
//
// CAP_BPF and CAP_PERFMON; CAP_SYS_ADMIN besides where the type is in a module,
// whose BTF the kernel hands to nobody else. iomap itself needs CAP_SYS_RAWIO.
//
// # Eight arguments
//
// iomap_ioend has eight parameters. Some kernels for x86-64, Linux 6.12 among
// them, pass the last two wrongly to BPF programs, and what the program writes
// through the last one goes anywhere. Load looks at the code that the kernel made
// for the call, refuses such a program with [ErrEightArguments], or leaves the
// callback out where [Options.AllowPartial] says so. See [Trampoline].
//
// # Errors
//
// What a caller may branch on is a sentinel, listed with its meaning in this
// package; errors.Is finds it. Every error of the kernel keeps its errno.
//
// All of it is safe for concurrent use and leaves no goroutine behind.
package bpf
