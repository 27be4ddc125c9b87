// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

var dumpVerb = verb{
	name: "dump", synopsis: "SOURCE", summary: "the model of a source, as JSON",
	doc: `Prints everything abigen knows of a source: records, enums, constants, prototypes
and what it skipped. The output is itself a source, see docs/snapshot.md.`,
	minArgs: 1, maxArgs: 1,
	flags: func(f *flags) {
		f.sourceFlags()
		f.outFlag()
	},
	run: func(ctx context.Context, f *flags, args []string, s streams) error {
		if err := f.oneTarget("dump"); err != nil {
			return err
		}
		a, err := source.Open(ctx, args[0], f.source)
		if err != nil {
			return err
		}
		if f.out == "-" {
			return model.Encode(s.out, a)
		}
		var b bytes.Buffer
		if err := model.Encode(&b, a); err != nil {
			return err
		}
		return writeOutput(f.out, b.Bytes(), isSnapshot, s)
	},
}

// oneTarget refuses more than one --target.
func (f *flags) oneTarget(verb string) error {
	if len(f.targets) > 1 {
		return &usageError{verb, "--target may be given once: a model is for one target"}
	}
	return nil
}
