// SPDX-License-Identifier: MIT

package drift

import (
	"slices"

	"github.com/fuseiomap/abigen/gen/model"
)

// role returns the first part of the IDs of the rules for a function: what a
// kernel or program is involved in is called through BTF, the rest is linked.
func (c *comparison) role(ps ...*model.Prototype) string {
	for _, s := range []model.Side{c.old.Side, c.new.Side} {
		if s == model.SideKernel || s == model.SideProgram {
			return "kfunc"
		}
	}
	if slices.ContainsFunc(ps, func(p *model.Prototype) bool { return p.Role == model.Kfunc }) {
		return "kfunc"
	}
	return "function"
}

// compareKfuncs compares kfuncs and other functions, and returns those the new
// side lacks.
func (c *comparison) compareKfuncs() (lost []loss) {
	// It is the loader that resolves functions.
	ps := c.profiles(true)
	for _, o := range c.old.Prototypes {
		if o.Role == model.Callback || c.o.functions[o.Name] != o {
			// Of several of one name the first stands for it.
			continue
		}
		n := c.n.function(o.Name)
		if n != nil {
			c.compared++
			if c.both(model.Prototypes, o.Name) {
				d := &signatureDiff{comparison: c, role: c.role(o, n), subject: o.Name, name: o.Name, profiles: ps, o: o, n: n}
				d.compare()
			}
			continue
		}
		if c.kernelOnly() && (!c.identity || !c.nearNew(o)) {
			// A kernel has more functions than any header or program names.
			continue
		}
		if !c.new.Can(model.Kfuncs) {
			c.both(model.Kfuncs, o.Name)
			continue
		}
		if c.new.Side == model.SideProgram {
			c.unsure(model.Kfuncs, c.new.Source+": a program declares only the functions it calls", o.Name)
			continue
		}
		if c.skippedBy(c.n, model.Prototypes, o.Name) {
			continue
		}
		lost = append(lost, c.missingFunction(ps, o))
	}
	return lost
}

func (c *comparison) missingFunction(ps []Profile, o *model.Prototype) loss {
	r := &reach{c.o, map[string]bool{}}
	r.function(o)
	ch := change{record: o.Name, old: signature(o), new: "none"}
	id := c.role(o) + ".removed"
	if c.old.Side == model.SideProgram {
		id = "kfunc.missing"
	}
	if guard := c.lackingGuard(); guard != "" {
		id, ch.other = "kfunc.guarded", tick("struct "+guard)
	}
	return loss{o.Name, c.report(id, ps, o.Name, ch, o.Pos, model.Pos{}), r.seen}
}

// guarded returns the record of the given name when the old side, a program,
// tests for its existence; otherwise an empty string.
func (c *comparison) guarded(name string) string {
	n := essential(name)
	if slices.ContainsFunc(c.old.Guards, func(g string) bool { return essential(g) == n }) {
		return n
	}
	return ""
}

// guardedBySome is guarded, but a guard of either side counts.
func (c *comparison) guardedBySome(name string) string {
	if g := c.guarded(name); g != "" {
		return g
	}
	n := essential(name)
	if n != "" && slices.ContainsFunc(c.new.Guards, func(g string) bool { return essential(g) == n }) {
		return n
	}
	return ""
}

// lackingGuard returns the first record the program tests for that the new
// side does not have. A function that is missing beside it came with it.
func (c *comparison) lackingGuard() string {
	for _, g := range c.old.Guards {
		if c.n.record(g) == nil {
			return essential(g)
		}
	}
	return ""
}
