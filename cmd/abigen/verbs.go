// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/fuseiomap/abigen/gen/source"
)

// verb is something the command can do.
type verb struct {
	name     string
	synopsis string // its arguments
	summary  string // for the list of verbs
	doc      string // what help says beside the flags
	// minArgs and maxArgs bound the number of arguments; maxArgs < 0 is no
	// bound.
	minArgs, maxArgs int
	// flags declares the flags the verb takes.
	flags func(*flags)
	run   func(ctx context.Context, f *flags, args []string, s streams) error
}

// verbs is in the order help lists them. It is a function because help is a
// verb that lists verbs.
func verbs() []verb {
	return []verb{checkVerb, diffVerb, matrixVerb, generateVerb, layoutVerb, dumpVerb, snapshotVerb, explainVerb, vetVerb, mapVerb, doctorVerb, completionVerb, versionVerb, helpVerb}
}

func verbNames() []string {
	var names []string
	for _, v := range verbs() {
		names = append(names, v.name)
	}
	return names
}

func verbByName(name string) (verb, bool) {
	for _, v := range verbs() {
		if v.name == name {
			return v, true
		}
	}
	return verb{}, false
}

// call parses the arguments of the verb and runs it.
func (v verb) call(ctx context.Context, args []string, s streams) error {
	f := newFlags(v)
	rest, err := f.parse(args)
	if err != nil {
		return &usageError{v.name, err.Error()}
	}
	if f.help {
		return v.usage(s.out)
	}
	switch {
	case len(rest) < v.minArgs:
		return &usageError{v.name, "arguments are missing: " + v.synopsis}
	case v.maxArgs >= 0 && len(rest) > v.maxArgs:
		takes := v.synopsis
		if takes == "" {
			takes = "it takes none"
		}
		return &usageError{v.name, fmt.Sprintf("unexpected argument %q: %s", rest[v.maxArgs], takes)}
	}
	return v.run(ctx, f, rest, s)
}

// usage prints the manual of the verb.
func (v verb) usage(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "usage: %s\n\n%s\n", strings.TrimRight("abigen "+v.name+" "+v.synopsis, " "), v.doc)
	if text := newFlags(v).describe(); text != "" {
		fmt.Fprintf(&b, "\nFlags, before or after the arguments:\n%s", text)
	}
	if strings.Contains(v.synopsis, "SOURCE") || strings.Contains(v.synopsis, "OLD") {
		fmt.Fprintf(&b, "\n%s", sourcesText())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// sourcesText says how sources are written.
func sourcesText() string {
	var b strings.Builder
	b.WriteString("Sources:\n")
	for _, k := range source.Kinds() {
		fmt.Fprintf(&b, "  %-22s %s\n", k.Prefix+":"+k.Operand, k.Doc)
	}
	b.WriteString("A path without a kind is recognised by its content.\n")
	return b.String()
}
