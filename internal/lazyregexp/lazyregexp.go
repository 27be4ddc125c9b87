// SPDX-License-Identifier: MIT

// Package lazyregexp has regular expressions that are compiled when they are first
// used.
//
// A command that starts, does one thing and ends pays for the variables of every
// package it is linked from, and tables of patterns are the dearest of them: those
// that explain a verifier's refusal took a twentieth of the processor time of
// abigen generate, which meets no verifier. So a pattern in a variable of a package
// is one of this package's. What a user wrote is not: it can be wrong.
package lazyregexp

import (
	"regexp"
	"sync"
)

// New returns what compiles the pattern, a constant of the program, once: when it is
// first called, by whichever goroutine. Like [regexp.MustCompile] it panics, then,
// where the pattern is none.
func New(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
