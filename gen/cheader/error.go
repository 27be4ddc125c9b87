// SPDX-License-Identifier: MIT

package cheader

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// Error is one thing that is wrong with a header, or that it needs and does
// not have. It prints as "path:line:col: what: why, and what to do".
type Error struct {
	// Pos is the place; its File is a path that can be opened.
	Pos model.Pos
	// What names the construct, such as "#include <x.h>".
	What string
	// Why says what is wrong with it.
	Why string
	// Fix says what to do; it may be empty where Why says it all.
	Fix string
	// Err is the cause, where another package reported one.
	Err error
}

// Error returns file:line:col: what is wrong.
func (e *Error) Error() string {
	var b strings.Builder
	if s := e.Pos.String(); s != "" {
		b.WriteString(s)
		b.WriteString(": ")
	}
	b.WriteString(e.What)
	b.WriteString(": ")
	b.WriteString(e.Why)
	if e.Fix != "" {
		b.WriteString(": ")
		b.WriteString(e.Fix)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errors is more than one [Error], sorted by position, one a line.
type Errors []*Error

// Error returns a line for each error.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i := range e {
		lines[i] = e[i].Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the errors one by one.
func (e Errors) Unwrap() []error {
	out := make([]error, len(e))
	for i := range e {
		out[i] = e[i]
	}
	return out
}

// maxErrors bounds how many errors are reported of one header.
const maxErrors = 10

// join returns nil, the only error, or all of them as [Errors], without
// duplicates.
func join(errs []*Error) error {
	slices.SortStableFunc(errs, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
	errs = slices.CompactFunc(errs, func(a, b *Error) bool { return a.Error() == b.Error() })
	switch {
	case len(errs) == 0:
		return nil
	case len(errs) == 1:
		return errs[0]
	case len(errs) > maxErrors:
		errs = errs[:maxErrors]
	}
	return Errors(errs)
}
