// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"
)

// scope is a set of Go names in use, with what uses them.
type scope map[string]string

// packageScope returns the names a generated file cannot use at package level:
// what it declares itself, imports, and relies on.
func packageScope() scope {
	s := scope{}
	for _, name := range types.Universe.Names() {
		s[name] = "the predeclared " + name
	}
	for _, p := range importable {
		s[p.name] = "package " + p.name
	}
	for _, name := range []string{"ShortError", "ReservedError", "within", "hostIsLittle", "getBits", "setBits", "reorder",
		"Uint128", "Int128"} {
		s[name] = "the generated " + name
	}
	for _, name := range []string{"v", "b", "buf", "rest"} {
		s[name] = "a variable of String"
	}
	s["init"], s["main"] = "Go's init", "Go's main"
	return s
}

// packageNames are the names at package level. All hosts share them, so that a
// declaration is called the same on each and no name means two things.
type packageNames struct {
	scope
	// of has the name of each declaration that has one.
	of map[string]string
}

func newPackageNames() *packageNames {
	return &packageNames{scope: packageScope(), of: map[string]string{}}
}

// hostNames are the package's names as one host declares them.
type hostNames struct {
	*packageNames
	times map[string]int // how often a declaration was named here
}

func (p *packageNames) forHost() *hostNames { return &hostNames{p, map[string]int{}} }

// again returns the key of a declaration and the name it has already. Damaged
// sources declare things twice: the second time is another declaration.
func (h *hostNames) again(what string) (key, name string) {
	h.times[what]++
	key = fmt.Sprintf("%s %d", what, h.times[what])
	return key, h.of[key]
}

func (h *hostNames) claim(name, what string) string {
	key, has := h.again(what)
	if has == "" {
		has = h.scope.claim(name, what)
		h.of[key] = has
	}
	return has
}

func (h *hostNames) claimExact(name, what string) error {
	key, has := h.again(what)
	if has == name {
		return nil
	}
	if err := h.scope.claimExact(name, what); err != nil {
		return err
	}
	h.of[key] = name
	return nil
}

func (h *hostNames) claimType(name, what string) error {
	if err := exported(name, what); err != nil {
		return err
	}
	return h.claimExact(name, what)
}

// recordScope returns the names a field cannot have.
func recordScope() scope {
	s := scope{}
	for _, name := range []string{"AppendBinary", "UnmarshalBinary", "AppendLittleEndian", "AppendBigEndian",
		"DecodeLittleEndian", "DecodeBigEndian", "CheckReserved", "putLittle", "putBig", "getLittle", "getBig"} {
		s[name] = "the method " + name
	}
	return s
}

// claim takes a name for what, with underscores appended until it is free.
// Whoever comes first keeps the plain name; the order is that of declaration.
func (s scope) claim(name, what string) string {
	for s[name] != "" || token.IsKeyword(name) {
		name += "_"
	}
	s[name] = what
	return name
}

// claimExact takes a name that the configuration gave.
func (s scope) claimExact(name, what string) error {
	if by := s[name]; by != "" || token.IsKeyword(name) {
		if by == "" {
			by = "a keyword of Go"
		}
		return configError(renameKey(what), "the name %s for %s is taken by %s: choose another", name, what, by)
	}
	s[name] = what
	return nil
}

// claimType is claimExact for types and fields, which are exported: the names
// of the generated code's own variables are not.
func (s scope) claimType(name, what string) error {
	if err := exported(name, what); err != nil {
		return err
	}
	return s.claimExact(name, what)
}

// renameKey returns the key of the entry that names a declaration: its C name is
// the last word of what it is called in messages.
func renameKey(what string) []string {
	return []string{"rename", what[strings.LastIndexByte(what, ' ')+1:]}
}

func exported(name, what string) error {
	if token.IsExported(name) {
		return nil
	}
	return configError(renameKey(what), "rename: %s = %q: types and members need a name that is exported", what, name)
}
