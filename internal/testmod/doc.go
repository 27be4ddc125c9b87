// SPDX-License-Identifier: MIT

// Package testmod talks to the kernel module of bpf/testmod, which gives a kernel
// struct fuse_iomap_bpf_ops: it loads it, calls what is attached to a FUSE device
// file as the kernel would, and sets what the module cannot see.
//
//	err := testmod.Load("abigen_testmod.ko")
//	device, err := testmod.Open()
//	caller := testmod.Caller{Device: device, FD: int(fuse.Fd())}
//	out, ret, err := caller.Begin(nodeid, abi.IomapBeginIn{Pos: 0, Count: 4096})
//
// Only Linux has it.
package testmod
