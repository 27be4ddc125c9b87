// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// fileSet says which files of a source a package is made of.
type fileSet struct {
	all bool
	// main is the header itself.
	main string
	more []*entry
}

// ownFiles returns the files whose declarations belong into the package: of a
// header those of the header itself and of what the configuration lists. A
// header that declares nothing stands for all that it includes. A source that is
// not one header has no files, or they are all its own.
func ownFiles(c *config, abis []*model.ABI) fileSet {
	s := fileSet{more: c.files}
	var isHeader bool
	s.main, isHeader = strings.CutPrefix(abis[0].Source, "header:")
	if !isHeader || c.Partial {
		return fileSet{all: true, more: c.files}
	}
	s.all = !slices.ContainsFunc(abis, func(a *model.ABI) bool {
		return slices.ContainsFunc(declarations(a), func(d model.Skipped) bool { return d.Pos.File == s.main })
	})
	return s
}

// has reports whether what is declared at p belongs into the package.
func (s fileSet) has(p model.Pos) bool {
	listed := matchAny(s.more, p.File)
	return s.all || listed || p.File == s.main || p.File == ""
}

// outside counts what the package leaves to others: by the file that declares it
// if that is not one of its own, under "" if the configuration does not ask for
// it. The declarations are known by name, since several hosts have them.
type outside map[string]map[string]bool

func (o outside) add(file, name string) outside {
	if o == nil {
		o = outside{}
	}
	if o[file] == nil {
		o[file] = map[string]bool{}
	}
	o[file][name] = true
	return o
}

func (o outside) union(p outside) outside {
	for file, names := range p {
		for name := range names {
			o = o.add(file, name)
		}
	}
	return o
}

// count returns the number of declarations.
func (o outside) count() (n int) {
	for _, names := range o {
		n += len(names)
	}
	return n
}

// print lists the counts as the rest of the list of what is left out.
func (o outside) print(w *printer) {
	for _, file := range sortedKeys(o) {
		n := fmt.Sprintf("%d declarations", len(o[file]))
		if len(o[file]) == 1 {
			n = "one declaration"
		}
		if file == "" {
			w.line("//   - ", n, " that the configuration does not ask for")
			continue
		}
		w.line("//   - ", n, " of ", oneLine(file), ", which it includes")
	}
}
