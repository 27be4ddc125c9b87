// SPDX-License-Identifier: MIT

//go:build linux

// Command upcall measures a request to a FUSE server beside the BPF program that
// answers in its place, in one run on one kernel:
//
//	go -C bench/upcall run . [-rounds N] [-calls N] [-json]
//
// It needs root and /dev/fuse. Where they are not there it says so, and fails not.
//
// # The request
//
// No released kernel sends FUSE_IOMAP_BEGIN, so another request has to stand for
// it. Its exchange is 32 bytes to the server and 64 back, about an inode that the
// kernel knows: no name, no data, and the caller waits. lseek(2) with SEEK_DATA is
// the nearest there is: FUSE_LSEEK carries 24 bytes and brings 8, nothing of it is
// ever cached, and it asks the same kind of thing, what the file has at a position.
// FIBMAP would ask exactly that, but the kernel sends it only for file systems on
// block devices. The two that surround it are measured too: fstat(2) with no
// attributes cached (FUSE_GETATTR, 16 bytes and 104), and pread(2) of a page past
// the page cache (FUSE_READ, 40 bytes and 4096).
//
// The file system is a real mount, served by go-fuse in a process of its own
// through the library's lower interface, which adds the least; the file is open. The
// server counts its answers, and a run in which they are not exactly the calls
// made fails: each was an upcall.
//
// The same lseek to a server without a library, a loop of read(2) and write(2) with
// one thread, is the limit of what any server can do: the kernel's share and two
// switches of process.
//
// # The answer
//
// "linear" and "stripe", and a program that does nothing, run in this kernel's JIT
// behind a small wrapper, by the kernel's own test loop; see package internal/jit. A
// call includes wrapper and loop, which makes it dearer than it is, and leaves out
// the trampoline of struct_ops, a few nanoseconds, which no kernel without the type
// can show. The kernel gives whole nanoseconds.
//
// # The figures
//
// Everything is measured in each round, in an order that turns from round to round,
// so that whatever else the machine does hits all alike. A round's figure of a
// request is the median of its calls, each timed by itself; that of a program the
// median of 51 loops of 3000 calls, each of which gives its mean, because a call by
// itself is shorter than a clock can tell. The table has medians over the rounds with
// quartiles, and "times" is the quotient taken within each round. Caches are warm on
// both sides. Nothing is bound to a processor but the programs' loops.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// The least rounds that say something about spread.
const leastRounds = 10

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("upcall", flag.ContinueOnError)
	flags.SetOutput(stderr)
	rounds := flags.Int("rounds", 20, "number of rounds, at least 10")
	calls := flags.Int("calls", 1000, "calls of each request in a round")
	asJSON := flags.Bool("json", false, "print JSON, with the figure of every round")
	serveKind := flags.String("serve", "", "serve the directory until standard input ends: what this command calls itself with")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if *serveKind != "" && flags.NArg() == 1 {
		if err := serve(*serveKind, flags.Arg(0), stdin, stdout); err != nil {
			fmt.Fprintln(stderr, "upcall:", err)
			return 1
		}
		return 0
	}
	if flags.NArg() > 0 || *rounds < leastRounds || *calls < 1 {
		fmt.Fprintln(stderr, "upcall: no arguments, 10 rounds and 1 call at least")
		return 2
	}
	report, err := measure(ctx, *rounds, *calls)
	var not unavailable
	if errors.As(err, &not) {
		report = &Report{Schema: schema, Not: not.Error()}
	} else if err != nil {
		fmt.Fprintln(stderr, "upcall:", err)
		return 1
	}
	if *asJSON {
		e := json.NewEncoder(stdout)
		e.SetIndent("", "  ")
		err = e.Encode(report)
	} else {
		err = report.text(stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "upcall:", err)
		return 1
	}
	return 0
}
