// SPDX-License-Identifier: MIT

// Package source turns what a user writes into a model. It is the one place
// that knows every reader.
//
// A source is written KIND:NAME, see [Kinds] for what there is. A name without
// a kind is recognised by what it is: a directory or an import path is a Go
// package; a file is a snapshot, BTF, an ELF object or, where it is none of
// these, a C header.
//
// Records with callbacks that are named as the kernel names its struct_ops types,
// with the word ops as in tcp_congestion_ops, are filled by programs, so they
// have the layout of the BPF machine whatever the host. [Open] is honest about
// the target it was asked for; [OpenHost] gives the model as code on that host
// must see it, with such records, and the prototypes, taken from the BPF target
// of the same byte order.
package source
