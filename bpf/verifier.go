// SPDX-License-Identifier: MIT

package bpf

import (
	"fmt"

	"github.com/cilium/ebpf"
)

// VerifierError is the error of a program that the kernel's verifier refuses. It
// wraps [ErrVerifier] and the *ebpf.VerifierError with the whole log.
type VerifierError struct {
	// Program is the function in the object, Callback the member it is bound to.
	Program, Callback string
	// Log is what the verifier said, whole.
	Log []string
	err *ebpf.VerifierError
}

// newVerifierError is the error for program p of an object.
func newVerifierError(p *ebpf.ProgramSpec, callback string, err *ebpf.VerifierError) *VerifierError {
	return &VerifierError{Program: p.Name, Callback: callback, Log: err.Log, err: err}
}

// Error says which program and why.
func (e *VerifierError) Error() string {
	return fmt.Sprintf("%s (%s): %v: %v", e.Program, e.Callback, ErrVerifier, e.err)
}

// Unwrap returns [ErrVerifier] and the library's error.
func (e *VerifierError) Unwrap() []error { return []error{ErrVerifier, e.err} }
