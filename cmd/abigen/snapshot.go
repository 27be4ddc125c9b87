// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/model"
)

var snapshotVerb = verb{
	name: "snapshot", synopsis: "SOURCE…", summary: "the models of several sources, to keep and to review",
	doc: `Writes the models of several sources into one file, for each --target: a line for
each declaration and member, sorted, without comments and positions, so that a
change to it in a pull request shows what of the ABI changes. The file is a
source, snapshot:FILE#SOURCE; check --baseline FILE compares the sources with it,
and --only-new FILE reports what is new since.`,
	minArgs: 1, maxArgs: -1,
	flags: func(f *flags) {
		f.sourceFlags()
		f.outFlag()
	},
	run: func(ctx context.Context, f *flags, args []string, s streams) error {
		models, err := check.Lock(ctx, args, f.targets, f.source)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := model.EncodeLock(&b, models); err != nil {
			return err
		}
		return writeOutput(f.out, b.Bytes(), isSnapshot, s)
	},
}
