// SPDX-License-Identifier: MIT

// Command btffixture compiles headers/kernel and headers/btf/contract.c and
// writes the raw BTF that the project embeds.
//
//	go run ./internal/btffixture           rewrites headers/btf
//	go run ./internal/btffixture -check    compares instead, and fails on a difference
//
// It needs clang-19 and works from any directory of the repository. The
// fixtures are committed so that nobody else needs a C compiler.
//
// A fixture is what clang says without what depends on where it ran: names of
// source files and source lines are left out, and so is every variable and
// function whose name starts with __keep_, which exists only to make clang say
// it. The compiler's version is written beside the fixtures, in
// clang-version.txt; another version may number types differently.
package main

import (
	"bytes"
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
	flags := flag.NewFlagSet("btffixture", flag.ContinueOnError)
	flags.SetOutput(stderr)
	check := flags.Bool("check", false, "compare with the committed fixtures, write nothing")
	clang := flags.String("clang", "clang-19", "compiler to use")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintln(stderr, "btffixture: takes no argument")
		return 2
	}
	root, err := repositoryRoot()
	if err == nil {
		err = rebuild(ctx, *clang, filepath.Join(root, "headers"), *check, stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "btffixture:", err)
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

// rebuild makes every fixture from the sources below headers, and writes it to
// headers/btf or, with check, compares it with what is there.
func rebuild(ctx context.Context, clang, headers string, check bool, stdout io.Writer) error {
	version, err := compilerVersion(ctx, clang)
	if err != nil {
		return err
	}
	recorded, err := os.ReadFile(filepath.Join(headers, "btf", versionFile))
	if err != nil && !check {
		recorded = nil
	} else if err != nil {
		return err
	}
	var differ []string
	for _, f := range fixtures() {
		raw, err := f.build(ctx, clang, headers)
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		path := filepath.Join(headers, "btf", f.name)
		if !check {
			if err := os.WriteFile(path, raw, 0o644); err != nil {
				return err
			}
			continue
		}
		old, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !bytes.Equal(old, raw) {
			differ = append(differ, f.name)
		}
	}
	if !check {
		return os.WriteFile(filepath.Join(headers, "btf", versionFile), []byte(version+"\n"), 0o644)
	}
	if len(differ) > 0 {
		return fmt.Errorf("headers/btf: %s: not what %s makes of the sources (committed: made by %s): run go run ./internal/btffixture and review the change",
			strings.Join(differ, ", "), version, strings.TrimSpace(string(recorded)))
	}
	fmt.Fprintf(stdout, "headers/btf: %d fixtures are what %s makes of their sources\n", len(fixtures()), version)
	return nil
}

// versionFile holds the first line of clang --version, for whoever wonders
// about a difference.
const versionFile = "clang-version.txt"

func compilerVersion(ctx context.Context, clang string) (string, error) {
	out, err := exec.CommandContext(ctx, clang, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w: install clang 19, or name one with -clang", clang, err)
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(line), nil
}
