// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// The windows that pages are looked at in.
const (
	wide   = 1100
	narrow = 375
)

// views are the ways to look at a page.
var views = []view{
	{name: "light", width: wide, height: 800},
	{name: "dark", width: wide, height: 800, dark: true},
	{name: "narrow", width: narrow, height: 812},
	{name: "narrow-dark", width: narrow, height: 812, dark: true},
	{name: "print", width: 794, height: 1123, print: true},
}

// shot is a screenshot of README.md.
type shot struct {
	file, page, open string
	view             view
	height           int // at most
}

// shots are narrower than a screen: README.md shows them at less than 900
// pixels.
var shots = []shot{
	{"matrix.png", "matrix", "cell-7-2", view{width: 960, height: 800, scale: 1.5}, 1040},
	{"layout-drift.png", "layout-drift", "", view{width: 960, height: 800, scale: 1.5}, 820},
	{"diff.png", "diff", "", view{width: 960, height: 800, scale: 1.5, dark: true}, 860},
	{"map.png", "map", "", view{width: 960, height: 800, scale: 1.5}, 640},
}

// perPage is how long a page may take.
const perPage = 2 * time.Minute

func takeScreenshots(ctx context.Context, b *browser, files map[string]string, dir string, stdout io.Writer) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, s := range shots {
		n, err := photograph(ctx, b, files[s.page], s.open, s.view, s.height, filepath.Join(dir, s.file))
		if err != nil {
			return fmt.Errorf("%s: %w", s.file, err)
		}
		fmt.Fprintf(stdout, "%s: %d bytes\n", filepath.Join(dir, s.file), n)
	}
	return nil
}

// review takes every page in every view.
func review(ctx context.Context, b *browser, pages []page, files map[string]string, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, p := range pages {
		for _, v := range views {
			if _, err := photograph(ctx, b, files[p.name], p.open, v, 2400, filepath.Join(dir, p.name+"-"+v.name+".png")); err != nil {
				return fmt.Errorf("%s, %s: %w", p.name, v.name, err)
			}
		}
	}
	return nil
}

func photograph(ctx context.Context, b *browser, file, fragment string, v view, most int, to string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, perPage)
	defer cancel()
	t, err := b.open(ctx, address(file, fragment), v)
	if err != nil {
		return 0, err
	}
	defer t.close(ctx)
	// What is not a fragment to scroll to is drawn from the top.
	if err := t.eval(ctx, "document.fonts.ready.then(()=>scrollTo(0,0))", nil); err != nil {
		return 0, err
	}
	png, err := t.picture(ctx, v.width, most)
	if err != nil {
		return 0, err
	}
	return len(png), os.WriteFile(to, png, 0o644)
}

// address is the URL of a file, with the part of it to look at.
func address(file, fragment string) string {
	u := "file://" + file
	if fragment != "" {
		u += "#" + fragment
	}
	return u
}
