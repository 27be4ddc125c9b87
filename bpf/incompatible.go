// SPDX-License-Identifier: MIT

package bpf

import (
	"fmt"
	"strings"

	"github.com/fuseiomap/abigen/gen/drift"
)

// IncompatibleError is the error of an object that was compiled for something
// else than the kernel has. It wraps [ErrIncompatible].
type IncompatibleError struct {
	// Object is the name of its file.
	Object string
	// ObjectRevision and KernelRevision are the revisions that the two sides come
	// nearest to: "R1", "R2 or R3", "nearest R4".
	ObjectRevision, KernelRevision string
	// Result has all findings, worst first.
	Result drift.Result

	breaks []drift.Finding
}

// Findings are those that break something for the programs that were to be
// loaded, worst first.
func (e *IncompatibleError) Findings() []drift.Finding { return e.breaks }

// Error says what the two sides are, and below it lists what differs and what
// would happen, one a line.
func (e *IncompatibleError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "bpf: %s: %v", e.Object, ErrIncompatible)
	if e.ObjectRevision != "" {
		fmt.Fprintf(&b, ": it was compiled for %s and the kernel has %s", inWords(e.ObjectRevision), inWords(e.KernelRevision))
	}
	b.WriteString(": compile it with the header of this kernel's revision; it would load, and then:")
	for _, f := range e.breaks {
		fmt.Fprintf(&b, "\n\t%s: %s", f.Subject, f.Message)
	}
	return b.String()
}

// Unwrap returns [ErrIncompatible].
func (e *IncompatibleError) Unwrap() error { return ErrIncompatible }

// inWords words what describe says inside a sentence.
func inWords(revision string) string {
	if near, ok := strings.CutPrefix(revision, "nearest "); ok {
		return "no known revision, nearest is " + near
	}
	return revision
}
