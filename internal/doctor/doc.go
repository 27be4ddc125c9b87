// SPDX-License-Identifier: MIT

// Package doctor says what a machine can do of what abigen is for: generate Go,
// compile BPF programs, load them, attach them to a FUSE connection.
//
// Each question is an [Item]: data with a name, the question, a function that
// answers it and what to do when the answer is no. [Examine] asks them all of a
// [Machine], which is [Here] or, in tests, one that is made up: files, programs
// in PATH and what the kernel says are its members.
//
// An answer is one of three. "ok" and "missing" are what was seen; where the
// process may not look, or the machine does not show it, the answer is "cannot
// tell", which is never taken for ok.
//
// Whether the kernel has the type, can load programs for it and passes eight
// arguments is package bpf's to say, and which revision of the contract it is
// package check's; here they only become lines.
package doctor
