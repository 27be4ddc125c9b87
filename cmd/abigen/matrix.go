// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"strings"

	"github.com/fuseiomap/abigen/gen/check"
)

var matrixVerb = verb{
	name: "matrix", synopsis: "SOURCE…", summary: "which source is which revision, and where it drifts",
	doc: `Prints one table: a row for each source, a column for each known revision, and in
the cells how many findings of the worst severity the two differ in. The last
column says which revision the source is, or which is nearest and in what it
differs. Known revisions are those built into abigen, and those that
[[check.revision]] of abigen.toml or --revision adds. With several --target there
is a column for each revision and target.`,
	minArgs: 1, maxArgs: -1,
	flags: func(f *flags) {
		f.sourceFlags()
		f.reportFlags()
		f.verboseFlag("list the findings against the nearest revision, and what was not checked")
		f.configFlag("use this configuration in place of the abigen.toml found here or above")
		f.set.Func("revision", "`NAME=SOURCE`: know this revision as well; may be repeated", func(s string) error {
			name, spec, ok := strings.Cut(s, "=")
			if !ok || name == "" || spec == "" {
				return errors.New("write it as NAME=SOURCE")
			}
			f.revisions = append(f.revisions, check.Revision{Name: name, Source: spec})
			return nil
		})
	},
	run: func(ctx context.Context, f *flags, args []string, s streams) error {
		c, err := f.loadConfig(findConfig)
		if err != nil {
			return err
		}
		if err := c.Check.AddRevisions(f.revisions); err != nil {
			return &usageError{"matrix", err.Error()}
		}
		c.Check.Brief = f.format.Name != "html"
		limitMemory(matrixLimit)
		rep, err := check.RunMatrix(ctx, c.Check, args, f.targets, f.source)
		if err != nil {
			return err
		}
		if err := f.judge(rep, c, false); err != nil {
			return err
		}
		return f.print(rep, s)
	},
}
