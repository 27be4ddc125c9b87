// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/build/constraint"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"github.com/fuseiomap/abigen/gen/gosrc"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

var generateVerb = verb{
	name: "generate", synopsis: "SOURCE", summary: "Go source for the records and constants of a source",
	doc: `Prints Go source for the records, enums and constants of a source, with names,
types and what to leave out as the [generate] table of a configuration file says.
Of a header it takes what the header itself declares and what that embeds, not
what it includes besides. A header is laid out for every target, or for those
given, and the code asserts the layout on each. With -o zx.go what differs
between targets is in zx_GOARCH.go, one file for each GOARCH; those files are
removed when they are no longer needed. A source that would be too much Go for a
package, such as a kernel's vmlinux.h for every target, is refused without --types
or types in the configuration.`,
	minArgs: 1, maxArgs: 1,
	flags: func(f *flags) {
		f.targetFlag("lay headers out for this target; may be repeated; without it for every one: " + strings.Join(targetNames(), ", "))
		f.inputFlags()
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
			if !token.IsIdentifier(f.pkg) || f.pkg == "_" {
				return &usageError{"generate", fmt.Sprintf("--package: %q is not a name that Go packages can have", f.pkg)}
			}
			c.Generate.Package = f.pkg
		case c.Generate.Package == "":
			c.Generate.Package = "abi"
		}
		c.Generate.Partial = f.source.Types != nil
		if f.source.Own, err = c.Generate.Own(); err != nil {
			return c.locate("generate", err)
		}
		abis, err := f.models(ctx, args[0], len(c.Generate.Types) == 0)
		if err != nil {
			return err
		}
		files, err := gosrc.Generate(c.Generate, abis)
		if err != nil {
			return c.locate("generate", err)
		}
		return writePackage(f.out, files, s)
	},
}

// models opens a source for each target that code is generated for. Where code is
// for all of it, that must not be too much.
func (f *flags) models(ctx context.Context, spec string, all bool) ([]*model.ABI, error) {
	ts := f.targets
	if len(ts) == 0 {
		ts = model.Targets()
	}
	if source.BringsTarget(spec) {
		a, err := source.Open(ctx, spec, f.source)
		if err == nil && all {
			err = fitsPackage(spec, a, 1)
		}
		return []*model.ABI{a}, err
	}
	var abis []*model.ABI
	var nothing error
	for _, t := range ts {
		o := f.source
		o.Target, o.TargetSet = t, true
		a, err := source.OpenHost(ctx, spec, o)
		if errors.Is(err, source.ErrNoMatch) {
			// Another target may have what --types asks for.
			if nothing == nil {
				nothing = err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		if all && len(abis) == 0 {
			// The others are much like the first.
			if err := fitsPackage(spec, a, len(ts)); err != nil {
				return nil, err
			}
		}
		abis = append(abis, a)
	}
	if len(abis) == 0 {
		return nil, nothing
	}
	return abis, nil
}

// What is generated takes about a kilobyte of Go for each member, four more for a
// record, a third for a constant. The limits, in kilobytes, keep abigen below half a
// gigabyte of memory. A kernel's vmlinux.h comes to 120,000 for one target, and all
// headers of the kernel's user-space API together to 60,000.
const (
	maxGo    = 150_000 // for one target
	maxAllGo = 780_000 // for all of them
)

// fitsPackage reports that Go for all of a source, which others of n targets are
// like, would be too much.
func fitsPackage(spec string, a *model.ABI, n int) error {
	records, members, values := 0, 0, len(a.Constants)
	var add func(r *model.Record)
	add = func(r *model.Record) {
		records++
		members += len(r.Fields)
		for i := range r.Fields {
			if in := r.Fields[i].Record; in != nil {
				add(in)
			}
		}
	}
	for _, r := range a.Records {
		add(r)
	}
	for _, e := range a.Enums {
		values += len(e.Values)
	}
	size := 4*records + members + values/3
	if size <= maxGo && size*n <= maxAllGo {
		return nil
	}
	why := fmt.Sprintf("%d records with %d members, and %d constants, are too much for a package", records, members, values)
	fix := "choose some with --types, or with types in the configuration"
	if size <= maxGo {
		why += fmt.Sprintf(" for %d targets", n)
		fix += ", or name targets with --target"
	}
	return fmt.Errorf("%s: %s: %s", spec, why, fix)
}

// writePackage writes the files of a package, the first one to path and the
// others beside it, and removes those for GOARCHes that no longer differ.
func writePackage(path string, files []gosrc.File, s streams) error {
	if err := fitsPath(path, files); err != nil {
		return err
	}
	if path == "-" {
		return writeOutput(path, files[0].Source, nil, s)
	}
	var out []outFile
	needed := map[string]bool{}
	for _, f := range files {
		name := gosrc.FileName(path, f.GOARCH)
		needed[name] = true
		out = append(out, outFile{name, f.Source})
	}
	// The package may have been made from another source before. A pipe has no
	// content to ask.
	before := files[0].Source
	if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() {
		if old, err := os.ReadFile(path); err == nil && isGeneratedGo(old) {
			before = old
		}
	}
	var remove []string
	for _, t := range model.Targets() {
		name := gosrc.FileName(path, t.GOARCH)
		if t.BPF || needed[name] {
			continue
		}
		old, err := os.ReadFile(name)
		if err == nil && (isPartOf(old, t.GOARCH, files[0].Source) || isPartOf(old, t.GOARCH, before)) {
			remove = append(remove, name)
		}
	}
	return writeFiles(out, remove, isGeneratedGo)
}

// fitsPath reports why several files cannot be written where one could be.
func fitsPath(path string, files []gosrc.File) error {
	if len(files) == 1 {
		return nil
	}
	differ := files[1].Names
	if len(differ) > 3 {
		differ = append(append([]string{}, differ[:3]...), "…")
	}
	why := fmt.Sprintf("the targets differ in %s, and each GOARCH needs a file of its own", strings.Join(differ, ", "))
	if path == "-" {
		return fmt.Errorf("%s: name the first file with -o, or choose one GOARCH with --target, or leave these out with --types", why)
	}
	if !strings.HasSuffix(path, ".go") {
		return fmt.Errorf("%s: %s: choose a name that ends in .go with -o", path, why)
	}
	last := strings.TrimSuffix(filepath.Base(path), ".go")
	last = last[strings.LastIndexByte(last, '_')+1:]
	for _, f := range files[1:] {
		if f.GOARCH == last {
			return fmt.Errorf("%s: %s: Go compiles a file of this name for %s alone: choose another with -o", path, why, last)
		}
	}
	return nil
}

// isPartOf reports whether old is a file that abigen wrote for a GOARCH from the
// source that the file common was made from.
func isPartOf(old []byte, goarch string, common []byte) bool {
	if !isGeneratedGo(old) || !bytes.Equal(sourceLine(old), sourceLine(common)) {
		return false
	}
	for line := range bytes.Lines(old) {
		line := string(bytes.TrimSpace(line))
		if x, err := constraint.Parse(line); err == nil {
			tag, ok := x.(*constraint.TagExpr)
			return ok && tag.Tag == goarch
		}
		if strings.HasPrefix(line, "package ") {
			return false
		}
	}
	return false
}

// sourceLine returns the line of a generated file that names its source.
func sourceLine(text []byte) []byte {
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte("// Source: ")) {
			return line
		}
	}
	return nil
}
