// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/vet"
)

var vetVerb = verb{
	name: "vet", synopsis: "[PACKAGE…]", summary: "are structs written by hand in Go what C declares?",
	doc: `Compares Go structs that have a directive with the C records they stand for, on
every GOARCH:

  //abigen:record event
  type Event struct {

PACKAGE is what the go command takes, such as ./...; without one it is the
package in the working directory. The table vet of the abigen.toml in or above
the directory of each package names the headers, BPF objects or BTF to compare
with; without one it is the contract. Behind the name, source=elf:prog.o names
the one for a struct.

The same check is a tool for go vet:

  go vet -vettool=$(command -v abigen) ./...`,
	maxArgs: -1,
	flags: func(f *flags) {
		f.reportFlags()
		f.configFlag("use this configuration in place of the abigen.toml of each package")
		f.set.BoolVar(&f.fix, "fix", false, "carry out the fixes: insert padding, order fields, correct types")
		f.verboseFlag("list what was not checked, and why, and what is suppressed")
	},
	run: func(ctx context.Context, f *flags, args []string, s streams) error {
		c, err := f.loadConfig(findConfig)
		if err != nil {
			return err
		}
		dirs, err := vet.List(ctx, args)
		if err != nil {
			return err
		}
		results, err := vetAll(ctx, dirs, f.config)
		if err != nil {
			return err
		}
		if f.fix {
			if results, err = fixAll(ctx, f, args, dirs, results, s); err != nil {
				return err
			}
		}
		rep := vetReport(results)
		if err := f.judge(rep, c, false); err != nil {
			return err
		}
		return f.print(rep, s)
	},
}

func vetAll(ctx context.Context, dirs []vet.Directory, config string) ([]*vet.Result, error) {
	var out []*vet.Result
	for _, d := range dirs {
		rs, err := d.Check(ctx, config)
		if err != nil {
			return nil, err
		}
		out = append(out, rs...)
	}
	return out, nil
}

// fixAll carries out the fixes of each package after which everything that
// patterns name still compiles, and returns what is left to be found.
func fixAll(ctx context.Context, f *flags, patterns []string, dirs []vet.Directory, results []*vet.Result, s streams) ([]*vet.Result, error) {
	done := map[string][]byte{}
	for _, r := range results {
		files, err := r.Fixed()
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			continue
		}
		overlay := map[string][]byte{}
		for _, m := range []map[string][]byte{done, files} {
			for path, text := range m {
				overlay[path] = text
			}
		}
		broken, err := vet.Broken(ctx, patterns, overlay)
		if err != nil {
			return nil, err
		}
		if len(broken) > 0 {
			fmt.Fprintf(s.err, "abigen: vet: %s: not fixed: what uses its structs would no longer compile: change that as well: %s\n", r.Path, strings.Join(broken, "; "))
			continue
		}
		done = overlay
	}
	for path, text := range done {
		st, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, text, st.Mode().Perm()); err != nil {
			return nil, fmt.Errorf("%s: cannot be fixed: %w", path, cause(err))
		}
	}
	if len(done) == 0 {
		return results, nil
	}
	return vetAll(ctx, dirs, f.config)
}

// vetReport makes a report of results, one row for each package that has
// something to check.
func vetReport(results []*vet.Result) *check.Report {
	rep := &check.Report{Table: true, Headline: "C against Go written by hand"}
	for _, r := range results {
		if r.Declarations+len(r.Findings)+len(r.Unchecked) == 0 {
			continue
		}
		c := check.Comparison{Source: "go:" + r.Path, Old: strings.Join(r.Sources, ", "), New: "go:" + r.Path, Verdict: "equal",
			What: fmt.Sprintf("%s, %s", plural(r.Declarations, "declaration"), plural(len(r.Targets), "GOARCH"))}
		if len(r.Findings) > 0 {
			c.Verdict = "differs"
		}
		for _, x := range r.Findings {
			c.Findings = append(c.Findings, check.Finding{Finding: x.Finding, Targets: x.Targets})
		}
		for _, u := range r.Unchecked {
			c.Unchecked = append(c.Unchecked, check.Unchecked{Unchecked: u.Unchecked, Targets: u.Targets})
		}
		rep.Comparisons = append(rep.Comparisons, c)
	}
	return rep
}

// plural returns "1 thing" or "n things".
func plural(n int, thing string) string {
	switch {
	case n == 1:
		return "1 " + thing
	case strings.HasSuffix(thing, "H"):
		return fmt.Sprintf("%d %ses", n, thing)
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// vetTool answers "go vet", which runs abigen as its tool.
func vetTool(ctx context.Context, args []string, s streams) error {
	failed, err := vet.Unit(ctx, args, s.out, s.err)
	if err == nil && failed {
		return errVetTool
	}
	return err
}
