// SPDX-License-Identifier: MIT

// Package jit runs iomap programs in the running kernel's JIT, on any kernel:
// also one that has no struct fuse_iomap_bpf_ops to attach them to.
//
// The instructions of a struct_ops program are linked, as they are after CO-RE
// relocation, as a static function behind a small program of another type. That
// one builds the array of arguments on its stack, with pointers to an inode and
// to the answer inside the value of a map that is shared with this process, and
// calls it. What is not exercised is what the verifier asks of struct_ops
// programs in particular; and kernel functions cannot be called, so revision 2
// is the one to relocate against.
//
// It needs root, or CAP_BPF and CAP_NET_ADMIN.
package jit
