// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/picture"
	"github.com/fuseiomap/abigen/gen/source"
	"github.com/fuseiomap/abigen/internal/near"
)

var layoutVerb = verb{
	name: "layout", synopsis: "[SOURCE…] TYPE", summary: "the bytes of a record, holes and cache lines",
	doc: `Draws a struct or union: each member with offset, size, type and its name in C
and Go, the holes between them, padding, and where cache lines end. With two
sources it puts what each makes of the record side by side and marks what
differs. Without a source it is the contract built into abigen, embedded:R2.`,
	minArgs: 1, maxArgs: 3,
	flags: func(f *flags) {
		f.sourceFlags()
		f.outFlag()
		f.colorFlag()
		f.set.BoolVar(&f.expand, "expand", false, "show the members of records within as well")
		f.configFlag("take generate.trim and generate.prefix, which Go names lack and have, from this configuration")
		f.choice("format", "`F`: how to draw: text (default), svg or html", []string{"text", "svg", "html"}, func(s string) { f.drawing = s })
	},
	run: func(ctx context.Context, f *flags, args []string, s streams) error {
		if err := f.oneTarget("layout"); err != nil {
			return err
		}
		c, err := f.loadConfig(nil)
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(strings.TrimPrefix(args[len(args)-1], "struct "), "union ")
		specs := args[:len(args)-1]
		alone := len(specs) == 0
		if alone {
			specs = []string{"embedded:" + source.DefaultRevision}
		}
		// Of a kernel's hundred thousand types only this one is read.
		o := f.source
		if o.Types == nil {
			o.Types = regexp.MustCompile(regexp.QuoteMeta(name))
		}
		var models []*model.ABI
		if len(specs) == 1 {
			a, err := source.Open(ctx, specs[0], o)
			if err != nil {
				if alone && errors.Is(err, source.ErrNoMatch) {
					if err := noType(name); err != nil {
						return err
					}
				}
				return noRecord(ctx, specs[0], name, f.source, err)
			}
			models = []*model.ABI{a}
		} else {
			older, newer, err := check.OpenPair(ctx, specs[0], specs[1], o)
			if err != nil {
				return noRecord(ctx, "", name, f.source, err)
			}
			models = []*model.ABI{older, newer}
		}
		var records []*picture.Record
		for i, a := range models {
			trim := c.Generate.Trim
			if f.config == "" && strings.HasPrefix(specs[i], "embedded:") {
				trim = "fuse_"
			}
			r, err := picture.Of(a, name, picture.Options{Trim: trim, Prefix: c.Generate.Prefix, Expand: f.expand})
			if err != nil {
				return fmt.Errorf("%s: %s is no struct or union there: abigen dump %s lists what is", specs[i], name, specs[i])
			}
			records = append(records, r)
		}
		return writeOutput(f.out, draw(records, f.drawing, f.colored(s.out) && f.out == "-"), isDrawing, s)
	},
}

// noType says of what is no type of the contract that it is no type at all, but a
// source without one.
func noType(name string) error {
	what := "is no name of a type"
	switch st, err := os.Stat(name); {
	case err == nil && !st.IsDir():
		what = "is a file"
	case err != nil && !strings.Contains(name, "/") && !strings.HasSuffix(name, ".h"):
		return nil
	}
	return &usageError{"layout", fmt.Sprintf("%q %s: the type is missing, which comes after the source: SOURCE TYPE", name, what)}
}

// noRecord says which records there are where a source has nothing of the name.
func noRecord(ctx context.Context, spec, name string, o source.Options, err error) error {
	if spec == "" || !errors.Is(err, source.ErrNoMatch) || o.Types != nil {
		return err
	}
	hint := ""
	if a, err := source.Open(ctx, spec, o); err == nil {
		var names []string
		for _, r := range a.Records {
			names = append(names, r.Name)
		}
		hint = near.Hint(name, names)
	}
	return fmt.Errorf("%s: no struct or union is called %q%s: abigen dump %s lists what is there", spec, name, hint, spec)
}

// draw draws one record, or two side by side.
func draw(rs []*picture.Record, format string, color bool) []byte {
	if len(rs) == 2 {
		t := picture.Pair(rs[0], rs[1])
		switch format {
		case "svg":
			return picture.SVGPair(t)
		case "html":
			return picture.HTMLPair(t)
		}
		return picture.TextPair(t, color)
	}
	switch format {
	case "svg":
		return picture.SVG(rs[0])
	case "html":
		return picture.HTML(rs[0])
	}
	return picture.Text(rs[0], color)
}

// isDrawing reports whether text begins as one that layout wrote.
func isDrawing(text []byte) bool {
	head := string(text[:min(len(text), 64)])
	for _, p := range []string{"<svg xmlns=", "<!DOCTYPE html>", "struct ", "union ", "old: "} {
		if strings.HasPrefix(head, p) {
			return true
		}
	}
	return false
}
