// SPDX-License-Identifier: MIT

package drift

import (
	"fmt"
	"slices"

	"github.com/fuseiomap/abigen/gen/model"
)

// recordPair is a record both sides have.
type recordPair struct {
	old, new *model.Record
	started  bool
	// cause is the finding that explains why the record is laid out or sized
	// otherwise, nil when it is not.
	cause *issue
}

// scope is where in the model a layout is compared.
type scope struct {
	// subject is the path of the record: its name, and for the anonymous type
	// of a member also the member's.
	subject string
	// record is the old side's name of the outermost record.
	record string
	// oldName and newName are the records' names, under which the sides list
	// the prototypes of callbacks.
	oldName, newName string
	profiles         []Profile
	ops              bool
	// flavour tells that a program reads the record through CO-RE, by the names of
	// members; partial that only those count which it asks for.
	flavour, partial bool
	// base is where the record starts in the outermost one, in bits.
	base int64
}

// compareRecord compares a pair once, after the records it embeds.
func (c *comparison) compareRecord(p *recordPair) {
	if p.started {
		return
	}
	p.started = true
	embedded := func(r model.Ref) {
		if r.Kind == model.RefEnum {
			return
		}
		if inner := c.o.record(r.Name); inner != nil && c.pairOf[inner] != nil {
			c.compareRecord(c.pairOf[inner])
		}
	}
	eachField(p.old, 0, func(f *model.Field) { eachValueRef(f.Type, 0, embedded) })

	ops := p.old.IsOps() || p.new.IsOps()
	s := scope{subject: p.old.Name, record: p.old.Name, oldName: p.old.Name, newName: p.new.Name, ops: ops, profiles: c.profiles(ops),
		flavour: (p.old.Name != essential(p.old.Name)) != (p.new.Name != essential(p.new.Name))}
	if !s.flavour && !ops && c.old.Side == model.SideProgram && c.profile == Auto {
		eachField(p.old, 0, func(f *model.Field) { s.partial = s.partial || f.Relocated })
		s.flavour = s.partial
	}
	if !sameEssential(p.old, p.new) {
		c.report("record.renamed", s.profiles, p.old.Name,
			change{record: p.old.Name, other: p.new.Name, old: string(p.old.Kind) + " " + p.old.Name,
				new: string(p.new.Kind) + " " + p.new.Name, callback: ops}, p.old.Pos, p.new.Pos)
	}
	if p.old.Typedef != p.new.Typedef && p.old.Name == p.new.Name && !c.goSide() {
		c.report("record.tag", s.profiles, p.old.Name, change{record: declaration(p.old), other: declaration(p.new), callback: ops,
			old: declaration(p.old), new: declaration(p.new)}, p.old.Pos, p.new.Pos).place[0] = -2
	}
	p.cause = c.compareLayout(s, p.old, p.new, 0)
	if ops {
		c.compareRegistration(s, p)
	}
}

func sameEssential(a, b *model.Record) bool { return essential(a.Name) == essential(b.Name) }

// compareRegistration asks whether the kernel would accept a program for the
// struct_ops type.
func (c *comparison) compareRegistration(s scope, p *recordPair) {
	if c.new.Side != model.SideKernel || c.old.Side == model.SideKernel && !p.old.Registered {
		return
	}
	if p.new.Typedef && !p.old.Typedef {
		// Without a tag it cannot be registered: record.tag says so.
		return
	}
	if !c.new.Can(model.Registration) {
		c.unsure(model.Registration, c.new.Source+": "+whyNot(model.SideKernel, model.Registration), p.old.Name)
		return
	}
	if !p.new.Registered {
		c.report("ops.unregistered", s.profiles, p.old.Name, change{record: p.new.Name, other: p.new.Name,
			old: "a struct_ops type", new: "a plain struct"}, p.old.Pos, p.new.Pos)
	}
}

// opaque reports whether a side uses a record without defining it.
func opaque(x *index, name string) bool { return x.record(name) == nil && x.mentioned(name) }

// pairRecords decides which records of the two sides are the same. Several of
// one name, which BTF can have, are paired in order.
func (c *comparison) pairRecords() {
	used := map[*model.Record]bool{}
	seen := map[string]int{}
	add := func(o, n *model.Record) {
		p := &recordPair{old: o, new: n}
		c.pairs = append(c.pairs, p)
		c.pairOf[o] = p
		used[n] = true
	}
	var missing []*model.Record
	for _, o := range c.old.Records {
		if o.Name == "" || c.o.wrapper(o) {
			continue
		}
		same := c.n.records[o.Name]
		if len(same) == 0 {
			same = c.n.essentialRecords[essential(o.Name)]
		}
		if len(same) == 0 {
			missing = append(missing, o)
			continue
		}
		add(o, same[min(seen[o.Name], len(same)-1)])
		seen[o.Name]++
	}
	var candidates *renameIndex
	if len(missing) > 0 {
		candidates = c.renameCandidates(used)
	}
	for _, o := range missing {
		if n := c.renamedRecord(o, used, candidates); n != nil {
			c.renames[essential(o.Name)] = essential(n.Name)
			add(o, n)
			continue
		}
		c.missing = append(c.missing, o)
	}
}

// renameIndex finds records by their members.
type renameIndex struct {
	records []*model.Record
	// members is how many each record has.
	members []int
	with    map[string][]candidateMember
}

type candidateMember struct {
	record int
	typ    model.Type
}

// renameCandidates indexes the records of the new side that the old one knows
// nothing of.
func (c *comparison) renameCandidates(used map[*model.Record]bool) *renameIndex {
	x := &renameIndex{with: map[string][]candidateMember{}}
	for _, n := range c.new.Records {
		if used[n] || n.Name == "" || c.n.wrapper(n) || c.o.record(n.Name) != nil || c.o.mentioned(n.Name) {
			continue
		}
		ls := c.n.leaves(n)
		for _, l := range ls {
			x.with[l.name] = append(x.with[l.name], candidateMember{len(x.records), l.typ})
		}
		x.records = append(x.records, n)
		x.members = append(x.members, len(ls))
	}
	return x
}

// renamedRecord looks for a record of the new side that the old one does not
// know and that has the members of o, by name and type. At least half of them
// must agree, all of them where there are only one or two; of several the best
// wins, and none when two are equally good.
func (c *comparison) renamedRecord(o *model.Record, used map[*model.Record]bool, x *renameIndex) *model.Record {
	if opaque(c.n, o.Name) {
		return nil
	}
	ls := c.o.leaves(o)
	common := map[int]int{}
	for _, l := range ls {
		for _, m := range x.with[l.name] {
			if c.similar(l.typ, m.typ) {
				common[m.record]++
			}
		}
	}
	best, bestScore, tie := -1, 0, false
	// The order does not matter: only a single best one counts.
	for i, got := range common {
		n := x.records[i]
		if used[n] || n.Kind != o.Kind || n.IsOps() != o.IsOps() || !c.identity && !o.IsOps() && !c.mayRename(o, n, got, len(ls), x.members[i]) ||
			2*got < len(ls) || len(ls) < 3 && (got < len(ls) || x.members[i] != len(ls)) {
			continue
		}
		// More members than o has count against a candidate, one for three:
		// a record that merely contains them all is less likely the one.
		score := 3*got - (x.members[i] - got)
		switch {
		case best < 0 || score > bestScore:
			best, bestScore, tie = i, score, false
		case score == bestScore:
			tie = true
		}
	}
	if best < 0 || tie {
		return nil
	}
	return x.records[best]
}

// mayRename reports whether a record of bytes may be called o's new name: it
// takes as many bytes. Of a kernel's ten thousand records some share member
// names with any other by chance, so there all of them must agree.
func (c *comparison) mayRename(o, n *model.Record, common, oldMembers, newMembers int) bool {
	if o.Size != n.Size {
		return false
	}
	return c.new.Side != model.SideKernel || common == oldMembers && common == newMembers
}

// similar is a coarse equality of members' types, good enough to recognise a
// record: callbacks are alike whatever they take.
func (c *comparison) similar(a, b model.Type) bool {
	if model.IsCallback(a) || model.IsCallback(b) {
		return model.IsCallback(a) && model.IsCallback(b)
	}
	a, b = model.Unqualified(a), model.Unqualified(b)
	if x, ok := a.(model.Ref); ok {
		if y, ok := b.(model.Ref); ok {
			return x.Kind == y.Kind
		}
	}
	return c.sameType(a, b, 0)
}

// loss is something the new side lacks, with what only it needs: a struct_ops
// type or a function.
type loss struct {
	name  string
	issue *issue
	needs map[string]bool
}

// reportMissing reports the records the new side lacks. What only a missing
// function or struct_ops type passes follows from that.
func (c *comparison) reportMissing(lost []loss) {
	if len(c.missing) == 0 || !c.both(model.Records, "") {
		return
	}
	all := func(*model.Prototype) bool { return true }
	whole := c.o.border(func(string) bool { return false }, all)
	if c.kernelOnly() {
		whole = c.o.border(func(name string) bool {
			r := c.o.record(name)
			return r != nil && !r.Registered && !c.paired(name, true)
		}, c.nearNew)
	}
	for _, o := range c.missing {
		if !o.IsOps() {
			continue
		}
		if is := c.missingRecord(o, whole); is != nil {
			r := &reach{c.o, map[string]bool{}}
			r.ops(o)
			lost = append(lost, loss{o.Name, is, r.seen})
		}
	}
	left := c.o.border(func(name string) bool {
		return slices.ContainsFunc(lost, func(l loss) bool { return l.name == name })
	}, all)
	for _, o := range c.missing {
		if o.IsOps() {
			continue
		}
		name := essential(o.Name)
		if is := c.substituted[name]; is != nil && !c.n.mentioned(name) {
			is.implies(fmt.Sprintf("%s %s is missing", o.Kind, o.Name))
			continue
		}
		i := slices.IndexFunc(lost, func(l loss) bool { return l.needs[name] })
		if i >= 0 && !left[name] {
			lost[i].issue.implies(fmt.Sprintf("%s %s, which only it needs, is missing too", o.Kind, o.Name))
			continue
		}
		c.missingRecord(o, whole)
	}
}

// missingRecord reports one record, unless its absence proves nothing.
func (c *comparison) missingRecord(o *model.Record, border map[string]bool) *issue {
	name := essential(o.Name)
	switch {
	case c.skippedBy(c.n, model.Records, o.Name):
	case opaque(c.n, o.Name):
		c.unsure(model.Records, c.new.Source+": uses the record without defining it", o.Name)
	case c.kernelOnly() && c.new.Side == model.SideGo && !o.IsOps():
		c.unsure(model.Records, c.new.Source+": Go code declares only the records it uses", o.Name)
	case (c.old.Side == model.SideProgram || c.kernelOnly()) && !border[name]:
		// A program's own records, such as its map values, are nobody else's
		// business, nor is what a kernel has beside the interface.
	case c.new.Side == model.SideProgram && c.old.Side != model.SideGo:
		c.unsure(model.Records, c.new.Source+": a program's BTF keeps only what it uses", o.Name)
	case c.new.Side == model.SideKernel && c.old.Side != model.SideKernel && c.old.Side != model.SideGo && !border[name]:
		c.unsure(model.Records, c.new.Source+": BTF keeps only what something uses, so a missing record proves nothing", o.Name)
	case c.guarded(o.Name) != "":
		// The program asks whether the record exists; what it does when it
		// does not shows in its calls and callbacks.
	default:
		ops := o.IsOps()
		is := c.report("record.removed", c.profiles(ops), o.Name, change{record: o.Name, callback: ops, note: declaration(o),
			old: fmt.Sprintf("%s of %s", o.Kind, count(o.Size, "byte")), new: "none"}, o.Pos, model.Pos{})
		is.weight += len(o.Fields)
		eachField(o, 0, func(f *model.Field) {
			if model.IsCallback(f.Type) {
				is.weight += weightOf(ruleByID("callback.removed"))
			}
		})
		return is
	}
	return nil
}

// reportAdditions reports what only the new side has. A kernel, a program and
// Go code have much of their own, so only a header's additions tell anything;
// an identification also counts what crosses a kernel's border.
func (c *comparison) reportAdditions() {
	var near map[string]bool
	switch {
	case c.new.Side == model.SideContract || c.new.Side == "":
	case c.identity && c.new.Side == model.SideKernel:
		near = c.n.border(func(name string) bool { return c.n.record(name) != nil && !c.paired(name, false) }, c.nearOld)
	default:
		return
	}
	wanted := func(name string) bool { return c.keep(name) && (near == nil || near[essential(name)]) }
	paired := map[*model.Record]bool{}
	for _, p := range c.pairs {
		paired[p.new] = true
	}
	ps := c.profiles(false)
	for _, n := range c.new.Records {
		// An opaque record of the old side that the new one defines is no
		// news either: what it holds was and is its own affair.
		if n.Name == "" || c.n.wrapper(n) || paired[n] || !wanted(n.Name) || c.o.record(n.Name) != nil || c.o.mentioned(n.Name) {
			continue
		}
		is := c.report("record.added", ps, n.Name, change{record: n.Name, old: "none",
			new: fmt.Sprintf("%s of %s", n.Kind, count(n.Size, "byte"))}, model.Pos{}, n.Pos)
		is.weight += len(n.Fields)
	}
	c.addedEnums(ps, wanted)
	c.addedConstants(ps)
	for _, n := range c.new.Prototypes {
		if n.Role == model.Callback || c.o.function(n.Name) != nil || c.renamedTo[n.Name] || !c.keep(n.Name) || near != nil && !c.nearOld(n) {
			continue
		}
		c.report(c.role(n)+".added", ps, n.Name, change{record: n.Name, old: "none", new: signature(n)}, model.Pos{}, n.Pos)
	}
}

// kernelOnly reports whether the old side alone is a kernel, so that most of
// what it has is its own.
func (c *comparison) kernelOnly() bool {
	return c.old.Side == model.SideKernel && c.new.Side != model.SideKernel
}

// paired reports whether both sides have the record that the old, or the new
// one, calls by the name.
func (c *comparison) paired(name string, old bool) bool {
	return slices.ContainsFunc(c.pairs, func(p *recordPair) bool {
		return old && p.old.Name == name || !old && p.new.Name == name
	})
}

// nearOld reports whether a function passes a record that the old side knows,
// so that it is part of the same interface; nearNew the same of the new side.
func (c *comparison) nearOld(p *model.Prototype) bool { return c.o.knows(p) }
func (c *comparison) nearNew(p *model.Prototype) bool { return c.n.knows(p) }

func (x *index) knows(p *model.Prototype) bool {
	known := false
	for i := range p.Params {
		eachRef(p.Params[i].Type, 0, func(r model.Ref) {
			known = known || x.record(r.Name) != nil || x.mentioned(r.Name)
		})
	}
	return known
}
