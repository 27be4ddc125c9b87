// SPDX-License-Identifier: MIT

// Command bpfbuild compiles the reference programs with bpf2go, for both byte
// orders.
//
//	go run ./internal/bpfbuild           rewrites bpf/programs/internal/object
//	go run ./internal/bpfbuild -check    compiles elsewhere and compares
//
// It needs clang-19 and llvm-strip-19 and works from any directory of the
// repository. The same build of clang gives the same bytes wherever it runs, and
// its version is recorded beside the objects. With -check another build of
// clang 19 is said to be one, and then what is compared is what the objects
// hold: instructions, maps and variables.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("bpfbuild", flag.ContinueOnError)
	flags.SetOutput(stderr)
	check := flags.Bool("check", false, "compare with the committed objects, write nothing")
	clang := flags.String("clang", "clang-19", "compiler to use")
	strip := flags.String("strip", "llvm-strip-19", "tool that takes debug sections out")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintln(stderr, "bpfbuild: takes no argument")
		return 2
	}
	root, err := repositoryRoot()
	if err == nil {
		b := builder{sources: filepath.Join(root, "bpf", "programs"), clang: *clang, strip: *strip, stdout: stdout}
		err = b.build(ctx, *check)
	}
	if err != nil {
		fmt.Fprintln(stderr, "bpfbuild:", err)
		return 1
	}
	return 0
}

// repositoryRoot is the nearest directory upward that has a go.mod.
func repositoryRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no go.mod here or above: run it inside the repository")
		}
		dir = up
	}
}

func compilerVersion(ctx context.Context, clang string) (string, error) {
	out, err := exec.CommandContext(ctx, clang, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w: install clang 19, or name one with -clang", clang, err)
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(line), nil
}
