// SPDX-License-Identifier: MIT

package gosrc

import (
	"errors"
	"fmt"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// Config says how a header becomes Go. The toml tags are its spelling in a
// configuration file; whoever reads the file decodes it.
//
// Every regular expression must match a whole name. Every entry must match
// something: an entry that matches nothing is an error, because it is a
// spelling mistake or the header has moved on.
type Config struct {
	// Package is the name of the generated package. It must be given.
	Package string `toml:"package"`
	// License is the SPDX expression for the first line of the file. Without
	// it there is no such line.
	License string `toml:"license"`
	// Doc is the package comment. Without it there is none, for packages that
	// have a file of their own for it.
	Doc string `toml:"doc"`
	// Trim is the prefix taken off the names of records and enums.
	Trim string `toml:"trim"`
	// Prefix is put before the Go names of records and enums, such as Raw for
	// types that others wrap. It begins with a capital letter.
	Prefix string `toml:"prefix"`
	// Rename gives the Go name of a record, an enum, a constant, or of a member
	// written record.member.
	Rename map[string]string `toml:"rename"`
	// Types are regular expressions for the records and enums to generate.
	// What they embed comes along. Without any everything is generated.
	Types []string `toml:"types"`
	// Files are regular expressions for included headers, named as the #include
	// directive has them, whose declarations are generated as well; see
	// [Config.Own]. Without any only what the header itself declares is, and
	// what that embeds.
	Files []string `toml:"files"`
	// Constants are regular expressions for the constants to generate. Without
	// any everything is generated.
	Constants []string `toml:"constants"`
	// Skip are regular expressions for names to leave out whatever else says
	// they are wanted. They are listed at the end of the file.
	Skip []string `toml:"skip"`
	// Reserved is a regular expression for the names of members that must be
	// zero. CheckReserved looks at those which are integers or arrays of them.
	Reserved string `toml:"reserved"`
	// Groups are the constants that get a Go type of their own, and the enums
	// that need more than the default.
	Groups []Group `toml:"group"`
	// Partial tells that the models are a selection made before: all of it is
	// generated, whichever file declares it, and entries of the configuration
	// may be about the rest.
	Partial bool `toml:"-"`
}

// Own returns which included headers belong to a header, for who reads it; nil
// if there are none.
func (c Config) Own() (func(file string) bool, error) {
	if len(c.Files) == 0 {
		return nil, nil
	}
	cfg, err := check(Config{Package: "p", Files: c.Files})
	if err != nil {
		return nil, err
	}
	return func(file string) bool { return matchAny(cfg.files, file) }, nil
}

// Kind is what the constants of a [Group] are.
type Kind string

const (
	// Values exclude each other: a variable holds one of them.
	Values Kind = "values"
	// Flags are bits: a variable holds any number of them.
	Flags Kind = "flags"
)

// Group is a set of constants with a Go type of its own. Macros and enumerators
// of anonymous enums can belong to one; those of a named enum are of its type.
type Group struct {
	// Name is the Go name of the type. A group for an enum may leave it out.
	Name string `toml:"name"`
	// Base is the underlying integer type, such as uint16. A group for an enum
	// has the enum's.
	Base string `toml:"base"`
	// Kind is [Values] or [Flags]; [Values] if left out.
	Kind Kind `toml:"kind"`
	// Enum names the C enum whose options the group gives. Prefix and Match
	// are then left out.
	Enum string `toml:"enum"`
	// Prefix chooses constants by how their name begins.
	Prefix string `toml:"prefix"`
	// Match chooses constants by regular expression.
	Match string `toml:"match"`
	// Trim is the prefix that String leaves out. Without it Prefix is, and for
	// an enum what all enumerators have in common up to an underscore.
	Trim string `toml:"trim"`
	// Members are the C members of this type, written record.member. Their
	// width and signedness must be those of Base.
	Members []string `toml:"members"`
	// Doc is a sentence or more about the type, for its comment.
	Doc string `toml:"doc"`
}

// String returns what error messages call the group.
func (g *Group) String() string {
	switch {
	case g.Name == "" && g.Enum == "":
		return "without a name"
	case g.Name == "":
		return "for enum " + g.Enum
	}
	return g.Name
}

// ConfigError is a mistake in the configuration.
type ConfigError struct {
	// Key is the entry that is wrong, as the configuration file nests it; the
	// elements of a list are [0], [1] and so on, such as group, [0], members, [2].
	Key []string
	// Text says what is wrong and what to do.
	Text string
}

// Error returns the text, for callers that do not know the file.
func (e *ConfigError) Error() string { return "configuration: " + e.Text }

func configError(key []string, format string, args ...any) *ConfigError {
	return &ConfigError{Key: key, Text: fmt.Sprintf(format, args...)}
}

// index is the key of an element of a list.
func index(i int) string { return fmt.Sprintf("[%d]", i) }

// entry is one regular expression of the configuration that must match something.
type entry struct {
	key  []string
	text string
	re   *regexp.Regexp
	used bool
}

func newEntry(text string, key ...string) (*entry, error) {
	re, err := regexp.Compile(`^(?:` + text + `)$`)
	if err != nil {
		return nil, configError(key, "%s: %q is not a regular expression: %v", key[0], text, err)
	}
	return &entry{key: key, text: text, re: re}, nil
}

func (e *entry) match(name string) bool {
	ok := e.re.MatchString(name)
	e.used = e.used || ok
	return ok
}

// config is a checked [Config].
type config struct {
	Config
	types, constants, skip, files []*entry
	reserved                      *entry
	renamed                       map[string]bool // keys of Rename that were used
	trimmed                       bool            // a record or enum has Trim
	groups                        []*group
}

// group is a checked [Group].
type group struct {
	Group
	index int            // its place in the configuration
	re    *regexp.Regexp // nil for an enum
	trims bool           // Trim was given, and is not what Prefix makes it
	// typed has the members of the group that were found.
	typed map[string]bool
	outs  []*enumType // one for each GOARCH that has it
}

// key returns the key of an entry of the group.
func (g *group) key(entry ...string) []string {
	return append([]string{"group", index(g.index)}, entry...)
}

// memberKey returns the key of one of its members.
func (g *group) memberKey(m string) []string {
	return g.key("members", index(slices.Index(g.Members, m)))
}

func (g *group) owns(name string) bool { return g.re != nil && g.re.MatchString(name) }

var bases = []string{"uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"}

func check(c Config) (*config, error) {
	out := &config{Config: c, renamed: map[string]bool{}}
	var errs []error
	fail := func(key []string, format string, args ...any) {
		errs = append(errs, configError(key, format, args...))
	}
	if !token.IsIdentifier(c.Package) || c.Package == "_" {
		fail([]string{"package"}, "package: %q is not a Go package name: give one", c.Package)
	}
	if strings.ContainsAny(c.License, "\r\n") {
		fail([]string{"license"}, "license: %q has more than one line: give one SPDX expression", c.License)
	}
	if c.Prefix != "" && (!token.IsIdentifier(c.Prefix) || !token.IsExported(c.Prefix)) {
		fail([]string{"prefix"}, "prefix: %q does not begin a Go name that others can use: begin it with a capital letter", c.Prefix)
	}
	for _, k := range sortedKeys(c.Rename) {
		if v := c.Rename[k]; !token.IsIdentifier(v) || v == "_" {
			fail([]string{"rename", k}, "rename: %s = %q is not a Go identifier", k, v)
		}
	}
	compile := func(key string, list []string) (es []*entry) {
		for i, s := range list {
			e, err := newEntry(s, key, index(i))
			if err != nil {
				errs = append(errs, err)
				continue
			}
			es = append(es, e)
		}
		return es
	}
	out.types = compile("types", c.Types)
	out.constants = compile("constants", c.Constants)
	out.skip = compile("skip", c.Skip)
	out.files = compile("files", c.Files)
	if c.Reserved != "" {
		e, err := newEntry(c.Reserved, "reserved")
		if err != nil {
			errs = append(errs, err)
		}
		out.reserved = e
	}
	for i := range c.Groups {
		g, err := checkGroup(c.Groups[i])
		if err != nil {
			fail([]string{"group", index(i)}, "group %s: %v", &c.Groups[i], err)
			continue
		}
		g.index = i
		out.groups = append(out.groups, g)
	}
	return out, errors.Join(errs...)
}

func checkGroup(g Group) (*group, error) {
	out := &group{Group: g, trims: g.Trim != "", typed: map[string]bool{}}
	if out.Kind == "" {
		out.Kind = Values
	}
	if out.Kind != Values && out.Kind != Flags {
		return nil, fmt.Errorf("kind %q: choose %q or %q", g.Kind, Values, Flags)
	}
	if g.Enum != "" {
		if g.Prefix != "" || g.Match != "" || g.Base != "" || len(g.Members) > 0 {
			return nil, errors.New("an enum has its own constants, width and members: leave out prefix, match, base and members")
		}
		if g.Name != "" {
			return nil, errors.New("the name of an enum's type is set under rename: leave it out")
		}
		return out, nil
	}
	if !token.IsIdentifier(g.Name) || !token.IsExported(g.Name) {
		return nil, fmt.Errorf("name %q: want an exported Go identifier", g.Name)
	}
	if !slices.Contains(bases, g.Base) {
		return nil, fmt.Errorf("base %q: choose one of %s", g.Base, strings.Join(bases, ", "))
	}
	if out.Kind == Flags && !strings.HasPrefix(g.Base, "u") {
		return nil, fmt.Errorf("base %s: flags need an unsigned type", g.Base)
	}
	text := g.Match
	switch {
	case g.Prefix != "" && g.Match != "", g.Prefix == "" && g.Match == "":
		return nil, errors.New("give either prefix or match, so that it is clear which constants belong to it")
	case g.Prefix != "":
		text = regexp.QuoteMeta(g.Prefix) + ".*"
		if g.Trim == "" {
			out.Trim = g.Prefix
		}
	}
	re, err := regexp.Compile(`^(?:` + text + `)$`)
	if err != nil {
		return nil, fmt.Errorf("match: %q is not a regular expression: %w", text, err)
	}
	out.re = re
	return out, nil
}

// matchAny reports whether one of the entries matches. All of them are tried,
// so that each that could have matched counts as used.
func matchAny(es []*entry, name string) bool {
	ok := false
	for _, e := range es {
		ok = e.match(name) || ok
	}
	return ok
}

// goName returns the configured Go name of a C name.
func (c *config) goName(cName string) (string, bool) {
	s, ok := c.Rename[cName]
	if ok {
		c.renamed[cName] = true
	}
	return s, ok
}

// unused returns an error for every entry that matched nothing.
func (c *config) unused() []error {
	var errs []error
	fail := func(key []string, format string, args ...any) {
		errs = append(errs, configError(key, format+": correct it or take it out", args...))
	}
	for _, list := range [][]*entry{c.types, c.constants, c.skip, c.files, {c.reserved}} {
		for _, e := range list {
			if e != nil && !e.used {
				fail(e.key, "%s: %q matches nothing", e.key[0], e.text)
			}
		}
	}
	if c.Trim != "" && !c.trimmed {
		fail([]string{"trim"}, "trim: no record or enum begins with %q", c.Trim)
	}
	for _, k := range sortedKeys(c.Rename) {
		if !c.renamed[k] {
			fail([]string{"rename", k}, "rename: there is no %s in what is generated", k)
		}
	}
	for _, g := range c.groups {
		switch {
		case len(g.outs) > 0 && g.trims && !slices.ContainsFunc(g.outs, (*enumType).trims):
			fail(g.key("trim"), "group %s: trim: no constant of it begins with %q", g, g.Trim)
		case len(g.outs) > 0:
		case g.Enum != "":
			fail(g.key("enum"), "group %s: there is no such enum in what is generated", g)
		case g.Prefix != "":
			fail(g.key("prefix"), "group %s: no constant begins with %q", g, g.Prefix)
		default:
			fail(g.key("match"), "group %s: no constant matches %q", g, g.Match)
		}
		for _, m := range g.Members {
			if !g.typed[m] {
				fail(g.memberKey(m), "group %s: members: there is no %s in what is generated", g, m)
			}
		}
	}
	return errs
}

func sortedKeys[V any](m map[string]V) []string {
	ks := make([]string, 0, len(m))
	for k := range m {
		ks = append(ks, k)
	}
	slices.Sort(ks)
	return ks
}
