// SPDX-License-Identifier: MIT

// Abigen keeps Go code, C headers and kernels in agreement about an ABI. Every
// verb reads sources, see package gen/source for how they are written:
//
//	abigen check [SOURCE…]     is everything that attests to the contract the same ABI?
//	abigen diff OLD NEW        what differs between two sources
//	abigen matrix SOURCE…      which source is which revision, and where it drifts
//	abigen generate SOURCE     Go source for one
//	abigen layout TYPE         the bytes of a record, holes and cache lines
//	abigen dump SOURCE         the model of one, as JSON
//	abigen snapshot SOURCE…    the models of several, to keep and to review
//	abigen explain [RULE]      why a finding matters and what to do
//	abigen vet [PACKAGE…]      are structs written by hand in Go what C declares?
//	abigen map OBJECT          what a mapping program answers for a range of a file
//	abigen doctor              can this machine compile, load and attach programs?
//	abigen completion SHELL    completion for bash, zsh or fish
//
// "abigen help VERB" lists the flags of a verb; they may stand before or after
// its arguments. Findings, models and generated code go to standard output,
// everything else to standard error. The exit status is 0 where all is well,
// 100 where there are findings at or above --fail-on, 1 where abigen itself
// failed, and 2 where it was called wrongly.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"

	"github.com/fuseiomap/abigen/gen/source"
	"github.com/fuseiomap/abigen/gen/vet"
	"github.com/fuseiomap/abigen/internal/near"
)

// Exit statuses.
const (
	exitClean    = 0
	exitFailed   = 1
	exitUsage    = 2
	exitFindings = 100
)

func main() {
	tuneCollector()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run does what args ask for and returns the exit status.
func run(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) (status int) {
	defer func() {
		// The runtime's own status for a panic is the one for wrong usage.
		if r := recover(); r != nil {
			fmt.Fprintf(stderr, "abigen: %s: internal error: %v: this is a mistake in abigen: please report it with the input\n%s",
				strings.Join(args, " "), r, debug.Stack())
			status = exitFailed
		}
	}()
	err := dispatch(ctx, args, streams{out: stdout, err: stderr})
	var usage *usageError
	switch {
	case err == nil:
		return exitClean
	case errors.Is(err, errFindings):
		return exitFindings
	case errors.Is(err, errVetTool):
		return exitFailed
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "abigen: %v\n%s\n", err, usage.hint())
		return exitUsage
	case errors.Is(err, source.ErrSpec):
		fmt.Fprintf(stderr, "abigen: %v\n", err)
		return exitUsage
	}
	fmt.Fprintf(stderr, "abigen: %v\n", err)
	return exitFailed
}

// streams are where one run writes to. No verb reads standard input.
type streams struct{ out, err io.Writer }

// errVetTool is returned when "go vet" is to be told of findings, which are
// printed then.
var errVetTool = errors.New("findings for go vet")

// errFindings is returned by a verb that did its work and found something.
var errFindings = errors.New("findings")

// usageError is a mistake on the command line.
type usageError struct {
	verb string // "" before a verb is known
	msg  string
}

func (e *usageError) Error() string {
	if e.verb == "" {
		return e.msg
	}
	return e.verb + ": " + e.msg
}

func (e *usageError) hint() string {
	if e.verb == "" {
		return "see: abigen help"
	}
	return "see: abigen help " + e.verb
}

func dispatch(ctx context.Context, args []string, s streams) error {
	if len(args) == 0 {
		return &usageError{msg: "a verb is missing: one of " + strings.Join(verbNames(), ", ")}
	}
	if vet.IsUnit(args) {
		return vetTool(ctx, args, s)
	}
	name := args[0]
	switch name {
	case "-h", "-help", "--help":
		name = "help"
	case "-version", "--version":
		name = "version"
	}
	v, ok := verbByName(name)
	if !ok {
		return &usageError{msg: fmt.Sprintf("%q is not a verb%s: choose one of %s", name,
			near.Hint(name, verbNames()), strings.Join(verbNames(), ", "))}
	}
	return v.call(ctx, args[1:], s)
}
