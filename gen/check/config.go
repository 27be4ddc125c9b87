// SPDX-License-Identifier: MIT

package check

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

// Config says what the main job compares. The toml tags are its spelling in a
// configuration file; whoever reads the file decodes it over [Default].
type Config struct {
	// Header is the path of the header that is the contract; empty for the one
	// built into abigen.
	Header string `toml:"header"`
	// Defines, IncludeDirs and Includes are for reading it.
	Defines     []string `toml:"defines"`
	IncludeDirs []string `toml:"include_dirs"`
	Includes    []string `toml:"includes"`
	// RevisionMacro is the macro that selects the revisions of the header, if it
	// has the four that abigen knows. They are then compared with the BTF of
	// each, and the contract with the fixtures.
	RevisionMacro string `toml:"revision_macro"`
	// Go is the directory of the Go package; empty for none, or for abigen's
	// own where Header is empty too.
	Go string `toml:"go"`
	// Types is a regular expression for the part of the contract to compare, as
	// --types is; empty for all of it.
	Types string `toml:"types"`
	// Targets are what the Go package is compared for; empty for all.
	Targets []string `toml:"targets"`
	// Kernel asks to look at the running kernel.
	Kernel bool `toml:"kernel"`
	// Sources are others to compare with the contract.
	Sources []string `toml:"sources"`
	// Revisions are others to recognise sources as, beside the embedded ones.
	Revisions []Revision `toml:"revision"`

	// Brief leaves out of a matrix what its cells count, which pages alone show:
	// for as many sources as there may be.
	Brief bool `toml:"-"`
	// Dir is the directory of the configuration file, where relative paths
	// start.
	Dir string `toml:"-"`
	// extra are revisions that do not come from the file.
	extra []Revision
}

// Revision is a known state of the contract.
type Revision struct {
	// Name is what reports call it, Source how it is written.
	Name   string `toml:"name"`
	Source string `toml:"source"`
}

// Default is the configuration where there is no file: everything abigen
// carries with it, and the running kernel.
func Default() Config { return Config{Kernel: true} }

// embedded reports whether the contract is the one built into abigen.
func (c Config) embedded() bool { return c.Header == "" }

// path returns p, relative to the configuration file, as the working directory
// sees it.
func (c Config) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.Dir, p)
}

// paths is path for each of a list.
func (c Config) paths(ps []string) []string {
	var out []string
	for _, p := range ps {
		out = append(out, c.path(p))
	}
	return out
}

// spec returns s with the path in it as the working directory sees it.
func (c Config) spec(s string) string {
	prefix, operand, ok := strings.Cut(s, ":")
	if !ok {
		return c.path(s)
	}
	switch {
	case prefix == "embedded", s == "btf:kernel", prefix == "go" && !strings.HasPrefix(operand, "."):
		return s
	case prefix == "go":
		p := c.path(operand)
		if !filepath.IsAbs(p) {
			p = "." + string(filepath.Separator) + p
		}
		return "go:" + p
	}
	return prefix + ":" + c.path(operand)
}

// contract returns how to write the contract as a source.
func (c Config) contract() string {
	if c.embedded() {
		return "embedded:" + source.DefaultRevision
	}
	return "header:" + c.path(c.Header)
}

// revision returns how to write the contract in one of its revisions, with the
// macros that select it.
func (c Config) revision(rev string) (spec string, defines []string) {
	if c.embedded() {
		return "embedded:" + rev, nil
	}
	if rev == source.DefaultRevision {
		return c.contract(), nil
	}
	return c.contract(), []string{c.RevisionMacro + "=" + strings.TrimPrefix(rev, "R")}
}

// hasRevisions reports whether the contract has the revisions abigen knows.
func (c Config) hasRevisions() bool { return c.embedded() || c.RevisionMacro != "" }

// targets returns the targets to compare Go for.
func (c Config) targets() ([]model.Target, error) {
	if len(c.Targets) == 0 {
		return model.Targets(), nil
	}
	var ts []model.Target
	for _, name := range c.Targets {
		t, err := model.TargetByName(name)
		if err != nil {
			return nil, fmt.Errorf("check: %w", err)
		}
		ts = append(ts, t)
	}
	return ts, nil
}
