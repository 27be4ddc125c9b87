// SPDX-License-Identifier: MIT

package gopkg

import (
	"cmp"
	"errors"
	"fmt"
	"go/scanner"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// ErrNoTypeCheck is wrapped by the error for a package whose declarations do
// not parse or do not type-check.
var ErrNoTypeCheck = errors.New("package does not type-check")

// ErrNotFound is wrapped by the error for a package that the go command or the
// file system does not have.
var ErrNotFound = errors.New("package not found")

// Error is a fault in a Go source file.
type Error struct {
	// Pos is the place in the file set of the package; it is invalid where the
	// file did not parse.
	Pos token.Pos
	// Position is the same place, with the file as it was opened.
	Position token.Position
	// Msg says what is wrong, why, and what to do.
	Msg string

	kind error
}

// Error returns the place, what is wrong, and what to do.
func (e *Error) Error() string {
	if !e.Position.IsValid() {
		return e.Msg
	}
	return e.Position.String() + ": " + e.Msg
}

// Unwrap returns what kind of fault it is, for [errors.Is].
func (e *Error) Unwrap() error { return e.kind }

// Errors is every fault that was found, in the order of the source.
type Errors []*Error

// Error returns a line for each fault.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the faults for [errors.Is] and [errors.As].
func (es Errors) Unwrap() []error {
	errs := make([]error, len(es))
	for i, e := range es {
		errs[i] = e
	}
	return errs
}

// err returns es as an error, sorted by position; nil when it is empty.
func (es Errors) err() error {
	if len(es) == 0 {
		return nil
	}
	slices.SortStableFunc(es, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Position.Filename, b.Position.Filename),
			cmp.Compare(a.Position.Line, b.Position.Line), cmp.Compare(a.Position.Column, b.Position.Column))
	})
	return es
}

// maxErrors bounds how many faults of the compiler's kind are listed: they tend
// to follow from one another.
const maxErrors = 10

// syntaxErrors turns what the parser says into Errors.
func syntaxErrors(err error) Errors {
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		return Errors{{Msg: err.Error(), kind: ErrNoTypeCheck}}
	}
	var es Errors
	for _, e := range list[:min(len(list), maxErrors)] {
		es = append(es, &Error{Position: e.Pos, Msg: e.Msg + ": the file does not parse, so nothing in it can be compared: mend the syntax", kind: ErrNoTypeCheck})
	}
	return es
}

// typeErrors turns what the type checker says into Errors.
func typeErrors(list []types.Error, importPath, goarch string) Errors {
	var es Errors
	for _, e := range list {
		// Lines that begin with a tab continue the error before them.
		if strings.HasPrefix(e.Msg, "\t") {
			continue
		}
		if len(es) == maxErrors {
			break
		}
		es = append(es, &Error{
			Pos: e.Pos, Position: e.Fset.PositionFor(e.Pos, false), kind: ErrNoTypeCheck,
			Msg: fmt.Sprintf("%s: package %s does not type-check for GOARCH=%s, so its layout is not known: make `go vet` with that GOARCH pass", e.Msg, importPath, goarch),
		})
	}
	return es
}
