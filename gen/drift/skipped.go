// SPDX-License-Identifier: MIT

package drift

import (
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// skipped returns why a side could not express the declaration of a name. Only
// what may stand for a record, enum or function counts: a macro, a variable or a
// typedef of the name is another thing.
func (x *index) skipped(name string) (model.Skipped, bool) {
	s, ok := x.skips[name]
	if !ok || name == "" || strings.HasPrefix(s.Reason, "typedef") || strings.HasPrefix(s.Reason, "variable") || strings.Contains(s.Reason, "macro") {
		return s, false
	}
	return s, true
}

// skippedBy records that a declaration was not compared because the other side
// has it but could not express it.
func (c *comparison) skippedBy(x *index, e model.Evidence, name string) bool {
	s, ok := x.skipped(name)
	if ok {
		c.unsure(e, x.abi.Source+": cannot express it: "+s.Reason, name)
	}
	return ok
}

// compareSkipped records what the old side could not express and the new one
// declares.
func (c *comparison) compareSkipped() {
	if c.identity {
		return
	}
	for _, s := range c.old.Skipped {
		if _, ok := c.o.skipped(s.Name); !ok {
			continue
		}
		switch {
		case c.n.record(s.Name) != nil:
			c.skippedBy(c.o, model.Records, s.Name)
		case c.n.enum(s.Name) != nil:
			c.skippedBy(c.o, model.Enums, s.Name)
		case c.n.constants[s.Name] != nil && c.attested(model.Constants):
			c.skippedBy(c.o, model.Constants, s.Name)
		case c.n.function(s.Name) != nil:
			c.skippedBy(c.o, model.Prototypes, s.Name)
		}
	}
}

// declarations counts what a side declares for others.
func declarations(a *model.ABI) int {
	return len(a.Records) + len(a.Enums) + len(a.Constants) + len(a.Prototypes)
}

// declaredNames returns the names of what a side declares for others; what has none
// counts as one name.
func declaredNames(a *model.ABI) map[string]bool {
	names := map[string]bool{}
	for _, r := range a.Records {
		names[r.Name] = true
	}
	for _, e := range a.Enums {
		names[e.Name] = true
		for _, v := range e.Values {
			names[v.Name] = true
		}
	}
	for _, k := range a.Constants {
		names[k.Name] = true
	}
	for _, p := range a.Prototypes {
		names[p.Name] = true
	}
	return names
}

// reportNothingInCommon is for two sources that have nothing to do with each
// other: a comparison that compares nothing must not look like a pass.
func (c *comparison) reportNothingInCommon() {
	if c.identity || c.compared > 0 || len(c.pairs) > 0 || declarations(c.old) == 0 || declarations(c.new) == 0 {
		return
	}
	for _, is := range c.issues {
		if !is.silent && is.Severity.Rank() >= Risk.Rank() {
			return
		}
	}
	for _, s := range append(c.old.Skipped[:len(c.old.Skipped):len(c.old.Skipped)], c.new.Skipped...) {
		if c.o.has(s.Name) || c.n.has(s.Name) {
			return
		}
	}
	// A name that both have is something in common, even where one of them cannot
	// attest to it: that is said to be unchecked.
	names := declaredNames(c.old)
	for name := range declaredNames(c.new) {
		if names[name] {
			return
		}
	}
	c.report("sides.unrelated", c.profiles(false), c.name(c.old), change{record: c.name(c.old), other: c.name(c.new),
		old: count(int64(declarations(c.old)), "declaration"), new: count(int64(declarations(c.new)), "declaration") + ", none of those"},
		model.Pos{}, model.Pos{})
}

func (c *comparison) name(a *model.ABI) string {
	if a.Source == "" {
		return "the source"
	}
	return a.Source
}

// has reports whether the side declares something of the name.
func (x *index) has(name string) bool {
	return x.record(name) != nil || x.enum(name) != nil || x.constants[name] != nil || x.function(name) != nil || x.enumerators[name] != nil
}
