// SPDX-License-Identifier: MIT

package report

import (
	"net/url"
	"path/filepath"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// place is where a machine should point to for a group: a file that exists
// where abigen ran, as far as that can be told. The new side's declaration comes
// first, then the old side's, then a source that is a file as a whole. It is the
// zero value where none of them is: what is built into abigen and what a
// snapshot remembers has positions, but no file to open.
func (g *group) place() model.Pos {
	for _, c := range g.seen {
		if g.Pos.IsValid() && g.Pos != g.OldPos && opens(c.New) {
			return g.Pos
		}
		if g.OldPos.IsValid() && opens(c.Old) {
			return g.OldPos
		}
		if g.Pos.IsValid() && g.OldPos == (model.Pos{}) && opens(c.New) {
			return g.Pos
		}
	}
	for _, c := range g.seen {
		for _, spec := range []string{c.New, c.Old, c.Source} {
			if path := specFile(spec); path != "" {
				return model.Pos{File: path}
			}
		}
	}
	return model.Pos{}
}

// otherPlace is the old side's declaration where place is the new side's.
func (g *group) otherPlace() model.Pos {
	for _, c := range g.seen {
		if g.OldPos.IsValid() && g.OldPos != g.place() && opens(c.Old) {
			return g.OldPos
		}
	}
	return model.Pos{}
}

// opens reports whether positions in a source name files that can be opened.
func opens(spec string) bool {
	prefix, _, ok := strings.Cut(spec, ":")
	return !ok || prefix != "embedded" && prefix != "snapshot"
}

// specFile returns the path of a source that is one file, else "".
func specFile(spec string) string {
	spec, _, _ = strings.Cut(spec, " -D ")
	prefix, operand, ok := strings.Cut(spec, ":")
	switch {
	case !ok:
		return spec
	case spec == "btf:kernel":
		return ""
	case prefix == "snapshot":
		operand, _, _ = strings.Cut(operand, "#")
		return operand
	case prefix == "header", prefix == "btf", prefix == "elf":
		return operand
	}
	return ""
}

// uri returns a path as SARIF wants it: relative to where abigen ran, or a file
// URI.
func uri(path string) string {
	clean := filepath.Clean(path)
	volume := filepath.VolumeName(clean)
	clean = filepath.ToSlash(clean)
	switch {
	case volume != "" && !strings.HasPrefix(clean, "//"):
		return (&url.URL{Scheme: "file", Path: "/" + clean}).String()
	case strings.HasPrefix(clean, "/"):
		return (&url.URL{Scheme: "file", Path: clean}).String()
	}
	return (&url.URL{Path: clean}).String() // with ./ where a colon would make it a scheme
}
