// SPDX-License-Identifier: MIT

package main

import (
	"context"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
)

var checkVerb = verb{
	name: "check", synopsis: "[SOURCE…]", summary: "is everything that attests to the contract the same ABI?",
	doc: `Compares the contract with everything that attests to it and prints a table.
The contract is the header that abigen.toml names, here or in a directory above;
without that file it is the one built into abigen. Without arguments it is
compared with the Go package for every target, with BTF compiled from the same
declarations, with the running kernel where that has the types, with fixtures of
known revisions, and with the compiled reference programs. Sources given as arguments are compared instead of
these, and the table says which revision each of them is.

With --baseline the sources are compared with what a file of abigen snapshot has
of them, all it has where none is given, in place of everything else.`,
	maxArgs: -1,
	flags: func(f *flags) {
		f.sourceFlags()
		f.reportFlags()
		f.lockFlags()
		f.set.StringVar(&f.baseline, "baseline", "", "`FILE`: what has changed since this snapshot was made")
		f.verboseFlag("list what was not checked, and why, and what is suppressed or known")
		f.configFlag("use this configuration in place of the abigen.toml found here or above")
	},
	run: func(ctx context.Context, f *flags, args []string, s streams) error {
		c, err := f.loadConfig(findConfig)
		if err != nil {
			return err
		}
		if err := c.forCheck(); err != nil {
			return err
		}
		var rep *check.Report
		if f.baseline != "" {
			rep, err = check.AgainstLock(ctx, f.baseline, args, f.source)
		} else {
			rep, err = check.Run(ctx, c.Check, args, f.source)
		}
		if err != nil {
			return err
		}
		if f.onlyNew != "" {
			if err := rep.OnlyNew(ctx, f.onlyNew, f.source); err != nil {
				return err
			}
		}
		if err := f.judge(rep, c, len(args) == 0 && f.baseline == "" && f.source.Types == nil); err != nil {
			return err
		}
		return f.print(rep, s)
	},
}

var diffVerb = verb{
	name: "diff", synopsis: "OLD NEW", summary: "what differs between two sources",
	doc: `Compares two sources: OLD is what was compiled against, NEW is what runs. Prints
nothing on standard output where they do not differ.`,
	minArgs: 2, maxArgs: 2,
	flags: func(f *flags) {
		f.sourceFlags()
		f.reportFlags()
		f.lockFlags()
		f.verboseFlag("list what is suppressed or known as well")
		f.configFlag("suppress what [[suppress]] of this configuration accepts")
		f.choice("profile", "`P`: what the two are compared for: loader, overlay or source (default: what fits each record)",
			[]string{string(drift.Loader), string(drift.Overlay), string(drift.Source)}, func(s string) { f.profile = drift.Profile(s) })
	},
	run: func(ctx context.Context, f *flags, args []string, s streams) error {
		c, err := f.loadConfig(nil)
		if err != nil {
			return err
		}
		rep, err := check.Diff(ctx, args[0], args[1], f.profile, f.source)
		if err != nil {
			return err
		}
		if f.onlyNew != "" {
			if err := rep.OnlyNew(ctx, f.onlyNew, f.source); err != nil {
				return err
			}
		}
		if err := f.judge(rep, c, false); err != nil {
			return err
		}
		if f.format.Name == "text" && rep.Summary().Findings == 0 {
			// Nothing differs, and so nothing is printed where findings go.
			s.out = s.err
		}
		return f.print(rep, s)
	},
}
