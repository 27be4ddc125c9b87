// SPDX-License-Identifier: MIT

// Package arch has a struct of its own for some GOARCHes.
package arch

import "unsafe"

//abigen:record range
type Range struct {
	Pos   uint64
	Count [unsafe.Sizeof(uintptr(0))]byte // want "range.count: `count` is narrower: .* on 386, arm and mips"
}
