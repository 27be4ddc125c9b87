// SPDX-License-Identifier: MIT

// Package randomcalls puts the reference programs to random calls: parameters
// and files, calls about them, changes of the files in between, a model that says
// where each byte is, and the judge that compares an answer with it.
//
// All choices come from a [Tape], so that a case that fails is made again with
// fewer and smaller ones. It is for tests: of the interpreter against the models,
// of the kernel's JIT against the interpreter, and of programs that are attached.
package randomcalls
