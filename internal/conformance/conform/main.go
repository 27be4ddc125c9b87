// SPDX-License-Identifier: MIT

// Conform compares what abigen says about C with what clang says: every header
// of the kernel's user-space API and records made at random, for every target.
// It prints what differs, and a table; package conformance says what is
// compared.
//
//	conform [-targets NAME,…] [-headers REGEXP] [-records N] [-seed N] [-losses NAME,…] [-keep DIR]
//
// Exit status: 0 where nothing differs, 1 where something does or something
// needed is missing, 2 for wrong usage.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/conformance"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("conform", flag.ContinueOnError)
	flags.SetOutput(stderr)
	targets := flags.String("targets", "", "compare these targets, separated by commas, instead of all")
	headers := flags.String("headers", "", "compare only headers whose names match this regular `expression`")
	records := flags.Int("records", 20_000, "how many random records to compare for each target")
	seed := flags.Uint64("seed", 1, "what random records are made from")
	losses := flags.String("losses", "amd64", "look for lost declarations in every header of these targets, separated by commas, or of all; in asm/ of the others")
	keep := flags.String("keep", "", "write random headers that are not agreed on to this `directory`")
	usr := flags.String("usr", "/usr", "the `directory` below which the packages with headers are installed")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if flags.NArg() > 0 {
		_, _ = fmt.Fprintf(stderr, "conform: %q: it takes no arguments, only flags\n", flags.Arg(0))
		return 2
	}
	o := conformance.Options{Targets: model.Targets(), Usr: *usr, Records: *records, Seed: *seed, Losses: model.Targets(), Keep: *keep}
	var err error
	if *targets != "" {
		if o.Targets, err = targetsByName(*targets); err != nil {
			_, _ = fmt.Fprintf(stderr, "conform: -targets: %v\n", err)
			return 2
		}
	}
	if *losses != "all" {
		if o.Losses, err = targetsByName(*losses); err != nil {
			_, _ = fmt.Fprintf(stderr, "conform: -losses: %v\n", err)
			return 2
		}
	}
	if *headers != "" {
		if o.Headers, err = regexp.Compile(*headers); err != nil {
			_, _ = fmt.Fprintf(stderr, "conform: -headers: %v\n", err)
			return 2
		}
	}
	ok, err := compare(o, stdout)
	switch {
	case err != nil:
		_, _ = fmt.Fprintf(stderr, "conform: %v\n", err)
		return 1
	case !ok:
		_, _ = fmt.Fprintf(stderr, "conform: abigen and clang do not agree (seed %d)\n", *seed)
		return 1
	}
	return 0
}

// targetsByName returns the targets of a list with commas.
func targetsByName(names string) ([]model.Target, error) {
	var out []model.Target
	for _, name := range strings.Split(names, ",") {
		t, err := model.TargetByName(name)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func compare(o conformance.Options, stdout io.Writer) (bool, error) {
	c, err := conformance.FindClang()
	if err != nil {
		return false, err
	}
	rows, err := conformance.Survey(c, o)
	if err != nil {
		return false, err
	}
	ok, err := conformance.Print(stdout, rows)
	if err == nil && o.Records > 0 {
		_, err = fmt.Fprintf(stdout, "The random records are those of seed %d; -seed has others.\n", o.Seed)
	}
	return ok, err
}
