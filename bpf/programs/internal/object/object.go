// SPDX-License-Identifier: MIT

// Package object holds the compiled programs: what bpf2go makes of
// bpf/programs/*.c with the clang of clang-version.txt, for both byte orders.
// "make programs" makes it again.
//
// The objects are embedded once more for tools that want those of the other
// byte order, which the generated files leave out.
package object

import "embed"

// FS holds NAME_bpfel.o and NAME_bpfeb.o of each program.
//
//go:embed *_bpfel.o *_bpfeb.o
var FS embed.FS
