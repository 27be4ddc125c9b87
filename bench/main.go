// SPDX-License-Identifier: MIT

// Command bench measures what we do beside what others do, on the same input, and
// prints one table:
//
//	go run ./bench [-rows RE] [-rounds N] [-markdown FILE -readme FILE]
//
// A row is a pair. Both sides are measured in turn, in alternating order, so that
// a busy machine hurts both alike; one round that does not count fills caches. A
// row shows the median and the quartiles of each side, and of the quotient of the
// two in each round. All rows of the program are shown, also those we lose.
//
// Whole processes count by user and system time, theirs and that of every process
// they start. Loops within this process and in the kernel run on one processor.
// What is wanted of a row is said to be met or NOT met; the exit status is about
// commands that fail, and never about a figure.
//
// Where a peer, a privilege or an input is not there, the row says in a line what
// is missing, and the others run all the same. On Debian the peers are in the
// packages clang-19, gcc, bpftool, dwarves (pahole) and abigail-tools (abidiff);
// what runs in the kernel needs root.
//
// -markdown writes the tables to a file, BENCHMARKS.md, and -readme those rows
// that README.md shows into it; both take the whole run, of 10 rounds at least.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// fewest is how many rounds say something about the spread.
const fewest = 10

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// sayingsID selects the table of what each tool says, beside the rows.
const sayingsID = "drift/sayings"

func run(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	pattern := flags.String("rows", "", "measure only the rows whose name matches this regular expression `RE`")
	rounds := flags.Int("rounds", fewest, "number of rounds `N`, at least 2")
	markdown := flags.String("markdown", "", "write the tables to this `FILE`")
	readme := flags.String("readme", "", "write the rows for the front page into this `FILE`")
	list := flags.Bool("list", false, "only list the rows")
	// What follows is for processes that this program starts.
	target := flags.String("read", "", "only read the headers given for this `TARGET`")
	var dirs []string
	flags.Func("I", "with -read: search this `DIR`", func(s string) error { dirs = append(dirs, s); return nil })
	kernels := flags.String("kernels", "", "only write this many `N` kernels into the directory given")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *target != "" {
		return readHere(*target, dirs, flags.Args(), stdout)
	}
	if *kernels != "" {
		n, err := strconv.Atoi(*kernels)
		if err != nil {
			return err
		}
		data, err := readKernelBTF()
		if err != nil {
			return err
		}
		return variants(flags.Arg(0), data, n)
	}
	re, err := regexp.Compile(*pattern)
	if err != nil {
		return fmt.Errorf("-rows: %w", err)
	}
	var chosen []Row
	for _, r := range rows() {
		if re.MatchString(r.ID) {
			chosen = append(chosen, r)
		}
	}
	if *list {
		for _, r := range chosen {
			fmt.Fprintf(stdout, "%s\t%s: %s beside %s\n", r.ID, r.Title, r.Ours, r.Peer)
		}
		return nil
	}
	sayings := re.MatchString(sayingsID)
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("%s: no such argument", flags.Arg(0))
	case *rounds < 2:
		return errors.New("-rounds: fewer than 2 say nothing")
	case len(chosen) == 0 && !sayings:
		return fmt.Errorf("-rows: no row matches %q: -list shows them all", *pattern)
	case (*markdown != "" || *readme != "") && (*pattern != "" || *rounds < fewest):
		return fmt.Errorf("-markdown, -readme: what is published is all rows, of %d rounds at least", fewest)
	}

	b, err := newBench(stderr)
	if err != nil {
		return err
	}
	stopped := make(chan os.Signal, 1)
	signal.Notify(stopped, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(stopped)
	go func() {
		if _, ok := <-stopped; ok {
			_ = os.RemoveAll(b.Dir)
			fmt.Fprintln(stderr, "bench: stopped")
			os.Exit(1)
		}
	}()
	doc, err := b.measure(chosen, *rounds, sayings)
	if err := errors.Join(err, b.Close()); err != nil {
		writeText(stdout, doc)
		return err
	}
	writeText(stdout, doc)
	if *markdown != "" {
		var text bytes.Buffer
		writeMarkdown(&text, doc)
		if err := os.WriteFile(*markdown, text.Bytes(), 0o644); err != nil {
			return err
		}
	}
	if *readme != "" {
		return updateFront(*readme, doc)
	}
	return nil
}

// measure measures rows. One that fails does not keep the others from it.
func (b *Bench) measure(all []Row, rounds int, sayings bool) (Document, error) {
	doc := Document{Machine: machine(b), Rounds: rounds}
	var outcomes []Outcome
	var failed []error
	start := time.Now()
	for i, r := range all {
		fmt.Fprintf(b.progress, "%4.0f s  %d of %d: %s\n", time.Since(start).Seconds(), i+1, len(all), r.ID)
		o := Outcome{Row: r}
		s, err := r.Measure(b, rounds*max(r.Times, 1))
		var not missing
		if err != nil && !errors.As(err, &not) {
			// Something else may have been in the way, such as another who attaches.
			fmt.Fprintf(b.progress, "        once more, after: %v\n", err)
			s, err = r.Measure(b, rounds*max(r.Times, 1))
		}
		switch {
		case errors.As(err, &not):
			o.Not = "not measured: " + not.what
		case err != nil:
			o.Not = "failed: " + firstLine(err.Error())
			failed = append(failed, fmt.Errorf("%s: %w", r.ID, err))
		default:
			o = outcome(r, s)
		}
		b.Results[r.ID] = o
		outcomes = append(outcomes, o)
	}
	doc.Sections = sections(outcomes)
	if b.upcalls != nil && b.upcalls.Not == "" {
		doc.Machine = append(doc.Machine, Fact{"go-fuse", strings.TrimPrefix(b.upcalls.FUSE, "v")})
	}
	if sayings {
		fmt.Fprintf(b.progress, "%4.0f s  what each tool says of an edit\n", time.Since(start).Seconds())
		s, err := b.sayings()
		var not missing
		if errors.As(err, &not) {
			s, err = &Sayings{Not: "not tried: " + not.what}, nil
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", sayingsID, err))
		}
		doc.Sayings = s
	}
	fmt.Fprintf(b.progress, "%4.0f s  done\n", time.Since(start).Seconds())
	return doc, errors.Join(failed...)
}
