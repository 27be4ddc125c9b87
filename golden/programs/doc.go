// SPDX-License-Identifier: MIT

// Package programs pins what the reference programs answer: a file of cases for
// each, the same for the interpreter in both byte orders, for every revision of
// the kernel interface, and for the kernel's JIT. A case file is read from top
// to bottom:
//
//	params {…}                  parameters as JSON of the type in bpf/programs;
//	                            the program is loaded anew with them
//	put {…}                     enters or replaces a file
//	remove INODE                takes one out
//	begin INODE POS COUNT OPFLAGS
//	end INODE POS COUNT WRITTEN OPFLAGS
//	ioend INODE POS WRITTEN IOENDFLAGS ERROR DEV NEWADDR NEWSIZE
//	contents                    lists maps and ring buffers
//
// Numbers are written like 12K, 3M, 0x1f, 2^63-1. What a command gives follows
// it: lines that begin with "= " were written by hand and are never rewritten,
// lines that begin with "~ " were generated and reviewed:
//
//	go test ./golden/programs -update
//
// A mapping is OFFSET+LENGTH TYPE DEVICE:ADDRESS FLAGS, without the parts that
// are nothing. "pure" is the write mapping that refers to the read mapping.
// Lines "cache …" are entries into the mapping cache; revision 2 has none.
//
// Every answer passes the validator of package abi, and a fallback leaves the
// memory of the answer alone.
//
// verified.txt has the number of instructions the verifier of one kernel walked
// through for each program.
package programs
