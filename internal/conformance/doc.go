// SPDX-License-Identifier: MIT

// Package conformance compares what package cheader says about C with what
// clang says, for every target.
//
// # What is compared
//
// [Check] takes headers of the kernel's user-space API: of each, every record's
// size and alignment, every member's offset, size and sign, the bits of every
// bit-field, the size and sign of every enum, every enumerator, and the value
// and C type of every object-like macro that is a constant expression. A macro
// that we leave out and clang takes for a constant is an error as well, and so
// is a header that clang compiles and we do not.
//
// [Lost] compares what a header declares: clang's own list ([Declarations],
// from its syntax tree and its preprocessor) must be in the model, or in its
// list of what was skipped. Nothing of our parser takes part in that list.
//
// [Predefined] compares the macros that are defined before a header is read:
// what its conditions depend on.
//
// [RandomHeader] makes records, enums and constant expressions at random, which
// are compared in the same way.
//
// # How
//
// A claim is a line of C, an assertion about a constant expression; clang
// compiles a file of them for each header, many files in one process, without
// generating code. The bits of a bit-field are no constant expression: for
// these clang compiles constants in which nothing but the bit-field is set, and
// the bytes are read from the object.
//
// # Where the headers come from
//
// Each target has the package of its architecture, which Debian calls
// linux-libc-dev-ARCH-cross; see [Trees]. The few files of a C library that
// these headers include are stand-ins of ours, the same for both sides.
package conformance
