// SPDX-License-Identifier: MIT

// Command pages looks at every page that abigen writes in a headless Chromium.
//
//	go run ./internal/pages [-axe FILE] [-only NAME,…]   checks them
//	go run ./internal/pages -screenshots docs/images     takes those of README.md
//	go run ./internal/pages -review DIR                  takes all, to be looked at
//
// A page must say nothing on the console, ask for nothing, fit a window of 375
// pixels, in light and in dark, and have no violation that axe-core knows; and
// the matrix must work with keys alone, and without scripts. Before it looks at
// ours the check looks at pages with one fault each and must find it.
//
// It needs Debian's chromium, and axe.min.js of the npm package axe-core; without
// -axe that part is left out, and said to be.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options are what the command was called with.
type options struct {
	axe, chromium, screenshots, review, only string
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o options
	flags := flag.NewFlagSet("pages", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.axe, "axe", "", "check accessibility with this axe.min.js")
	flags.StringVar(&o.chromium, "chromium", "chromium", "browser to use")
	flags.StringVar(&o.screenshots, "screenshots", "", "write the screenshots of README.md into this directory, check nothing")
	flags.StringVar(&o.review, "review", "", "write screenshots of every page in every view into this directory, check nothing")
	flags.StringVar(&o.only, "only", "", "pages to look at, all by default")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintln(stderr, "pages: takes no argument")
		return 2
	}
	if err := look(ctx, o, stdout); err != nil {
		fmt.Fprintln(stderr, "pages:", err)
		return 1
	}
	return 0
}

func look(ctx context.Context, o options, stdout io.Writer) (err error) {
	root, err := repositoryRoot()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "abigen-pages-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	pages := gallery
	if o.only != "" {
		names := strings.Split(o.only, ",")
		pages = slices.DeleteFunc(slices.Clone(pages), func(p page) bool { return !slices.Contains(names, p.name) })
	}
	var axe []byte
	if o.axe != "" {
		if axe, err = os.ReadFile(o.axe); err != nil {
			return err
		}
	}
	files, err := write(ctx, root, dir, pages)
	if err != nil {
		return err
	}
	b, err := startBrowser(ctx, o.chromium)
	if err != nil {
		return err
	}
	defer b.close()
	switch {
	case o.screenshots != "":
		return takeScreenshots(ctx, b, files, o.screenshots, stdout)
	case o.review != "":
		return review(ctx, b, pages, files, o.review)
	}
	return check(ctx, b, dir, pages, files, string(axe), stdout)
}

// repositoryRoot is the nearest directory upward that has a go.mod.
func repositoryRoot() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if filepath.Dir(dir) == dir {
			return "", errors.New("run it inside the repository")
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}
