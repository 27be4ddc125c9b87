// SPDX-License-Identifier: MIT

package source

import (
	"regexp"
	"strings"

	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/model"
)

// Options says how to read a source. What a kind of source has no use for is
// ignored: IncludeDirs, Defines and Includes concern headers alone.
type Options struct {
	// Target is the machine to lay out headers and Go packages for; the zero
	// value is bpfel. BTF, objects and snapshots bring their own, and are
	// refused when TargetSet tells that the user wants another one.
	Target    model.Target
	TargetSet bool
	// Types keeps what it matches in full, and the records those embed; nil
	// keeps everything. A source in which it matches nothing is an error.
	Types *regexp.Regexp
	// IncludeDirs are searched for included files, one that is written TARGET=DIR
	// only for that target, since asm/ is another on each; Defines are macros (NAME or
	// NAME=VALUE), Includes are files read before the header.
	IncludeDirs, Defines, Includes []string
	// Own says of which included files a header's model has the declarations as
	// well, by the name that #include gives them; nil is none. A header that
	// declares nothing has those of all files in any case.
	Own func(file string) bool
	// Base is the vmlinux or raw BTF that split BTF extends; "" is the running
	// kernel's.
	Base string
	// Dir is where relative paths of Go packages start; "" is the working
	// directory.
	Dir string
	// Cache keeps what headers include, where it is not nil: for many headers,
	// or one for many targets.
	Cache *Cache
}

// Cache is [cheader.Cache]: it looks at each file once, and so is for one run
// of a program.
type Cache = cheader.Cache

// target returns the target to use, bpfel where none was chosen.
func (o Options) target() model.Target {
	if o.Target.Name == "" {
		return model.Targets()[0]
	}
	return o.Target
}

// includeDirs returns the directories to search for the target.
func (o Options) includeDirs() []string {
	var out []string
	for _, d := range o.IncludeDirs {
		if name, dir, ok := strings.Cut(d, "="); ok {
			if t, err := model.TargetByName(name); err == nil {
				if t.Name == o.target().Name {
					out = append(out, dir)
				}
				continue
			}
		}
		out = append(out, d)
	}
	return out
}

// keep returns the filter for names, nil for everything.
func (o Options) keep() func(string) bool {
	if o.Types == nil {
		return nil
	}
	// Anchoring beats looking at where the match lies: of "a|ab" the leftmost
	// match in "ab" is "a".
	return regexp.MustCompile("^(?:" + o.Types.String() + ")$").MatchString
}
