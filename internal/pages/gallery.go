// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// page is one page of the command, with what there is to look at.
type page struct {
	name string
	args []string
	// root tells that the command is about the repository; the others are run
	// beside copies of testdata.
	root bool
	// open is the fragment of the address to look at, such as the cell of a
	// matrix.
	open string
}

// gallery has every kind of page that abigen writes, and the records that are
// hard to draw.
var gallery = []page{
	{name: "check", root: true, args: []string{"check"}},
	{name: "check-drift", args: []string{"check", "server.h", "embedded:kernel-R2", "embedded:R4"}},
	{name: "diff", args: []string{"diff", "event-old.h", "event-new.h"}},
	{name: "diff-callback", args: []string{"diff", "embedded:R1", "embedded:kernel-R2"}},
	{name: "diff-equal", args: []string{"diff", "embedded:R2", "embedded:R2"}},
	{name: "vet", root: true, args: []string{"vet", "./gen/vet/testdata/demo"}},
	{name: "layout", args: []string{"layout", "--expand", "fuse_iomap_end_in"}},
	{name: "layout-ops", args: []string{"layout", "fuse_iomap_bpf_ops"}},
	{name: "layout-event", args: []string{"layout", "event-old.h", "event"}},
	{name: "layout-drift", args: []string{"layout", "event-old.h", "event-new.h", "event"}},
	{name: "layout-odd", args: []string{"layout", "--target", "s390x", "odd.h", "odd"}},
	{name: "layout-long", args: []string{"layout", "odd.h", "longer"}},
	{name: "layout-empty", args: []string{"layout", "odd.h", "empty"}},
	{name: "matrix", open: "cell-7-2", args: []string{"matrix", "embedded:R1", "embedded:R2",
		"embedded:kernel-R1", "embedded:kernel-R3", "embedded:kernel-R4", "embedded:abi", "server.h", "event-new.h"}},
	{name: "matrix-targets", args: []string{"matrix", "embedded:R2", "embedded:R4", "embedded:kernel-R3", "odd.h", "--target", "bpfel", "--target", "mips"}},
	{name: "map", args: []string{"map", "program:stripe", "--to", "1M", "--params", "stripe.json"}},
	{name: "map-broken", args: []string{"map", "program:stripe", "--to", "1M", "--op", "WRITE|DIRECT", "--block-size", "128K", "--devices", "1,2", "--params", "stripe.json"}},
	{name: "map-server", args: []string{"map", "program:stripe", "--inode", "7", "--to", "64K", "--params", "stripe.json"}},
}

// write lets abigen write each page into dir and returns their files by name.
func write(ctx context.Context, root, dir string, pages []page) (map[string]string, error) {
	bin := filepath.Join(dir, "abigen")
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", bin, "./cmd/abigen")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", build, err, out)
	}
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "internal", "pages", "testdata"))); err != nil {
		return nil, err
	}
	if err := writeDrifted(root, filepath.Join(dir, "server.h")); err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, p := range pages {
		cmd := exec.CommandContext(ctx, bin, append(slices.Clone(p.args), "--format", "html")...)
		cmd.Dir = dir
		if p.root {
			cmd.Dir = root
		}
		var errs strings.Builder
		cmd.Stderr = &errs
		out, err := cmd.Output()
		var exit *exec.ExitError
		// 100 tells of findings, which some pages are there to show.
		if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 100) {
			return nil, fmt.Errorf("abigen %s: %w\n%s", strings.Join(p.args, " "), err, &errs)
		}
		file := filepath.Join(dir, p.name+".html")
		if err := os.WriteFile(file, out, 0o644); err != nil {
			return nil, err
		}
		files[p.name] = file
	}
	return files, nil
}

// writeDrifted writes the contract as it looks after a mistake: what a server
// might ship.
func writeDrifted(root, path string) error {
	text, err := os.ReadFile(filepath.Join(root, "headers", "fuse_iomap_bpf.h"))
	if err != nil {
		return err
	}
	const right, wrong = "uint64_t attr_ino;", "uint32_t attr_ino;"
	if !bytes.Contains(text, []byte(right)) {
		return fmt.Errorf("the contract has no %q to get wrong", right)
	}
	return os.WriteFile(path, bytes.ReplaceAll(text, []byte(right), []byte(wrong)), 0o644)
}
