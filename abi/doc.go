// SPDX-License-Identifier: MIT

// Package abi is the binary interface of iomap BPF programs for FUSE servers,
// in Go: the records a program and its loader share with the kernel, the
// constants in them, a codec for both byte orders, and a validator of what a
// program answers.
//
// The records and constants are generated from headers/fuse_iomap_bpf.h and
// say where. Types are spelled as Go does ([IomapIO] is struct fuse_iomap_io),
// constants as C does, so that both communities find them. The layout is the
// same on every GOARCH, and the compiler checks it.
//
// # Memory and bytes
//
// A value may be read from, or written to, shared memory as it is. To go
// through bytes, every record has
//
//	AppendBinary, UnmarshalBinary           the byte order of this machine
//	AppendLittleEndian, DecodeLittleEndian  least significant byte first
//	AppendBigEndian, DecodeBigEndian        most significant byte first
//	SizeofX                                 the size in bytes
//
// None of them allocates, unless the slice given to an Append is too short.
// Members that the interface reserves are read and written like others;
// CheckReserved tells whether they are zero, as they must be.
//
// # Rules
//
// [Validate] checks an answer to iomap_begin, and [IomapBPFOps.Validate] what
// is attached, against the rules the kernel applies; [Rules] lists them by the
// numbers that the comments here cite. [PureOverwrite] is the write mapping to
// answer with when writes go where the read mapping says.
package abi

//go:generate go run ../cmd/abigen generate ../headers/fuse_iomap_bpf.h --config ../abigen.toml -o fuse_iomap_bpf.go
