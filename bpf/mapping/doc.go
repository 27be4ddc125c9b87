// SPDX-License-Identifier: MIT

// Package mapping asks a program for a range of a file, mapping after mapping,
// as FIEMAP would if there were a kernel, and prints or draws what it answers:
//
//	r, err := mapping.Walk(x, mapping.Request{Inode: 1, To: 1 << 20, FS: abi.FS{BlockSize: 4096}})
//	err = r.WriteText(os.Stdout)
//
// x is an interpreter from package emu, or anything else that has iomap_begin.
// Every answer is checked against the kernel's rules, and those it breaks are
// beside it.
package mapping
