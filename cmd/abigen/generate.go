// SPDX-License-Identifier: MIT

package main

import (
	"context"

	"github.com/fuseiomap/abigen/gen/gosrc"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

var generateVerb = verb{
	name: "generate", synopsis: "SOURCE", summary: "Go source for the records and constants of a source",
	doc: `Prints Go source for the records, enums and constants of a source, with names,
types and what to leave out as the [generate] table of a configuration file says.
A header is laid out for every target, or for those given, and the code asserts
the layout on each.`,
	minArgs: 1, maxArgs: 1,
	flags: func(f *flags) {
		f.sourceFlags()
		f.outFlag()
		f.configFlag("take [generate] from this configuration")
		f.set.StringVar(&f.pkg, "package", "", "`P`: the name of the package (default: the configuration's, or abi)")
	},
	run: func(ctx context.Context, f *flags, args []string, s streams) error {
		c, err := f.loadConfig(nil)
		if err != nil {
			return err
		}
		switch {
		case f.pkg != "":
			c.Generate.Package = f.pkg
		case c.Generate.Package == "":
			c.Generate.Package = "abi"
		}
		abis, err := f.models(ctx, args[0])
		if err != nil {
			return err
		}
		text, err := gosrc.Generate(c.Generate, abis)
		if err != nil {
			return err
		}
		return writeOutput(f.out, text, isGeneratedGo, s)
	},
}

// models opens a source for each target that code is generated for.
func (f *flags) models(ctx context.Context, spec string) ([]*model.ABI, error) {
	ts := f.targets
	if len(ts) == 0 {
		ts = model.Targets()
	}
	if source.BringsTarget(spec) {
		a, err := source.Open(ctx, spec, f.source)
		return []*model.ABI{a}, err
	}
	var abis []*model.ABI
	for _, t := range ts {
		o := f.source
		o.Target, o.TargetSet = t, true
		a, err := source.OpenHost(ctx, spec, o)
		if err != nil {
			return nil, err
		}
		abis = append(abis, a)
	}
	return abis, nil
}
