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
		if c.identity && c.renamedFunction(ps, o) {
			continue
		}
		lost = append(lost, c.missingFunction(ps, o))
	}
	return lost
}

// renamedFunction looks, for an identification, for a function that the old side
// does not know and that takes and returns the same. For a comparison it would
// be a guess: many functions take the same.
func (c *comparison) renamedFunction(ps []Profile, o *model.Prototype) bool {
	for _, n := range c.new.Prototypes {
		if n.Role == model.Callback || c.o.function(n.Name) != nil || c.renamedTo[n.Name] || len(o.Params) == 0 || len(n.Params) != len(o.Params) ||
			!c.sameType(o.ResultType, n.ResultType, 0) {
			continue
		}
		same := true
		for i := range o.Params {
			same = same && (c.sameType(o.Params[i].Type, n.Params[i].Type, 0) || c.bothOpaque(o.Params[i].Type, n.Params[i].Type)) && o.Params[i].Name == n.Params[i].Name
		}
		if same {
			c.renamedTo[n.Name] = true
			is := c.missingFunction(ps, o).issue
			is.weight = 2
			return true
		}
	}
	return false
}

// blank reports whether a record is not defined, or has no member that could
// tell it apart.
func (x *index) blank(name string) bool {
	r := x.record(name)
	return r == nil || len(r.Fields) == 0
}

// bothOpaque reports whether two types point to records that are blank, so that there is nothing but the name to tell them apart.
func (c *comparison) bothOpaque(a, b model.Type) bool {
	target := func(t model.Type) (r model.Ref, ok bool) {
		p, ok := model.Unqualified(t).(model.Pointer)
		if ok {
			r, ok = model.Unqualified(p.Elem).(model.Ref)
		}
		return r, ok
	}
	x, ok1 := target(a)
	y, ok2 := target(b)
	return ok1 && ok2 && x.Kind == y.Kind && x.Name != "" && y.Name != "" && c.o.blank(x.Name) && c.n.blank(y.Name)
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
