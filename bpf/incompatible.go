// SPDX-License-Identifier: MIT

package bpf

import "github.com/fuseiomap/abigen/gen/drift"

// IncompatibleError is the error of an object that was compiled for something
// else than the kernel has. It wraps [ErrIncompatible].
type IncompatibleError struct {
	// Object and Kernel name the two sides: a revision where it is known.
	Object, Kernel string
	// Result has the findings, worst first.
	Result drift.Result
}

// Error lists the findings that break something, one a line.
func (e *IncompatibleError) Error() string { return ErrIncompatible.Error() }

// Unwrap returns [ErrIncompatible].
func (e *IncompatibleError) Unwrap() error { return ErrIncompatible }
