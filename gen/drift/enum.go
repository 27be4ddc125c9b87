// SPDX-License-Identifier: MIT

package drift

import (
	"fmt"
	"go/constant"
	"go/token"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// compareEnums compares named enums by name and anonymous ones by the first
// enumerator they share.
func (c *comparison) compareEnums() {
	if len(c.old.Enums) == 0 && (len(c.new.Enums) == 0 || c.new.Side != model.SideContract) {
		return
	}
	if !c.attested(model.Enums) {
		for _, e := range c.old.Enums {
			c.both(model.Enums, enumSubject(e))
		}
		return
	}
	used := map[*model.Enum]bool{}
	seen := map[string]int{}
	var missing []*model.Enum
	for _, o := range c.old.Enums {
		if enumSubject(o) == "" {
			continue
		}
		var n *model.Enum
		if o.Name == "" {
			n = c.sharing(o, used)
		} else {
			same := c.n.enums[o.Name]
			if len(same) == 0 {
				same = c.n.essentialEnums[essential(o.Name)]
			}
			if len(same) > 0 {
				n = same[min(seen[o.Name], len(same)-1)]
				seen[o.Name]++
			}
		}
		if n == nil {
			missing = append(missing, o)
			continue
		}
		used[n] = true
		c.compareEnum(o, n)
	}
	for _, o := range missing {
		n := c.sharing(o, used)
		if n == nil || n.Name == "" || o.Name == "" || c.o.enum(n.Name) != nil {
			c.missingEnum(o)
			continue
		}
		used[n] = true
		c.renames[essential(o.Name)] = essential(n.Name)
		c.report("enum.renamed", c.profiles(false), o.Name, change{record: o.Name, other: n.Name,
			old: "enum " + o.Name, new: "enum " + n.Name}, o.Pos, n.Pos)
		c.compareEnum(o, n)
	}
}

func enumDeclaration(e *model.Enum) string {
	if e.Typedef {
		return e.Name
	}
	return "enum " + e.Name
}

// enumSubject names an enum in reports: an anonymous one by its first
// enumerator.
func enumSubject(e *model.Enum) string {
	if e.Name == "" && len(e.Values) > 0 {
		return e.Values[0].Name
	}
	return e.Name
}

// sharing returns the first enum of the new side, but those used, that has an
// enumerator of o, or nil.
func (c *comparison) sharing(o *model.Enum, used map[*model.Enum]bool) *model.Enum {
	for i := range o.Values {
		for _, n := range c.n.enumsWith[o.Values[i].Name] {
			if !used[n] {
				return n
			}
		}
	}
	return nil
}

func (c *comparison) missingEnum(o *model.Enum) {
	subject := enumSubject(o)
	// The numbers may live on as constants.
	if len(o.Values) > 0 && c.new.Can(model.Constants) {
		n := 0
		for i := range o.Values {
			v := &o.Values[i]
			if k := c.n.constants[v.Name]; k != nil {
				n++
				c.compared++
				c.compareNumber(enumeratorSubject(o, v.Name), v.Value, k.Value, v.Pos, k.Pos)
			}
		}
		if n == len(o.Values) {
			return
		}
	}
	switch {
	case c.skippedBy(c.n, model.Enums, subject):
	case c.old.Side == model.SideProgram || c.kernelOnly():
		// A program's own enums, or a kernel's.
	case c.new.Side == model.SideKernel && c.old.Side != model.SideKernel, c.new.Side == model.SideProgram && c.old.Side != model.SideGo:
		c.unsure(model.Enums, c.new.Source+": BTF keeps only what something uses, so a missing enum proves nothing", subject)
	default:
		is := c.report("enum.removed", c.profiles(false), subject, change{record: subject,
			old: count(int64(len(o.Values)), "value"), new: "none"}, o.Pos, model.Pos{})
		is.weight += len(o.Values)
	}
}

func (c *comparison) addedEnums(ps []Profile, wanted func(string) bool) {
	if !c.attested(model.Enums) {
		return
	}
	for _, n := range c.new.Enums {
		subject := enumSubject(n)
		known := n.Name != "" && c.o.enum(n.Name) != nil
		for i := range n.Values {
			known = known || c.o.enumerators[n.Values[i].Name] != nil || c.o.constants[n.Values[i].Name] != nil
		}
		if known || subject == "" || !wanted(subject) {
			continue
		}
		is := c.report("enum.added", ps, subject, change{record: subject, old: "none",
			new: count(int64(len(n.Values)), "value")}, model.Pos{}, n.Pos)
		is.weight += len(n.Values)
	}
}

func enumeratorSubject(e *model.Enum, name string) string {
	if e.Name == "" {
		return name
	}
	return e.Name + "." + name
}

// enumeratorPair is an enumerator both sides have. Its index in each list
// tells where it is declared.
type enumeratorPair struct {
	old, new int
	delta    int64
	// wide tells that the distance does not fit delta.
	wide      bool
	explained bool
}

// enumDiff compares the enumerators of two enums.
type enumDiff struct {
	*comparison
	o, n    *model.Enum
	ps      []Profile
	pairs   []*enumeratorPair
	removed []int
	added   []int
}

func (c *comparison) compareEnum(o, n *model.Enum) {
	c.compared++
	d := &enumDiff{comparison: c, o: o, n: n, ps: c.profiles(false)}
	if o.Name == n.Name && o.Typedef != n.Typedef && !c.goSide() {
		c.report("enum.tag", d.ps, o.Name, change{record: enumDeclaration(o), other: enumDeclaration(n), old: enumDeclaration(o), new: enumDeclaration(n)}, o.Pos, n.Pos)
	}
	d.match()
	own := len(c.issues)
	d.removals()
	d.additions()
	d.renumbered()
	subject := enumSubject(o)
	switch {
	case o.Size != n.Size:
		before, after := count(o.Size, "byte"), count(n.Size, "byte")
		is := d.whole("enum.size", own, d.widest(), before, after, fmt.Sprintf("enum %s takes %s instead of %s", subject, after, before))
		if o.Name != "" {
			c.enumCause[o.Name] = is
		}
		d.implyUses(is, fmt.Sprintf("%s wide instead of %s", after, before))
	case o.Signed != n.Signed:
		say := map[bool]string{true: "signed", false: "unsigned"}
		is := d.whole("enum.sign", own, d.negative(), say[o.Signed], say[n.Signed], fmt.Sprintf("enum %s changes its sign", subject))
		d.implyUses(is, say[n.Signed]+" instead of "+say[o.Signed])
	}
}

// whole reports a change of the whole enum, which the enumerator v causes,
// unless nil. It is a consequence where the finding about v, one of those from
// own on, is as serious.
func (d *enumDiff) whole(id string, own int, v *model.Enumerator, before, after, text string) *issue {
	subject := enumSubject(d.o)
	found := d.issues[own:]
	is := d.report(id, d.ps, subject, change{record: subject, note: because(v), old: before, new: after}, d.o.Pos, d.n.Pos)
	for _, cause := range found {
		if v != nil && cause.Subject == enumeratorSubject(d.o, v.Name) && cause.Severity.Rank() >= is.Severity.Rank() {
			d.issues = d.issues[:len(d.issues)-1]
			cause.implies(text)
			return cause
		}
	}
	return is
}

// implyUses adds the results and parameters of the type to what follows.
func (d *enumDiff) implyUses(is *issue, what string) {
	if d.o.Name == "" {
		return
	}
	uses := func(t model.Type) (found bool) {
		eachValueRef(t, 0, func(r model.Ref) { found = found || r.Kind == model.RefEnum && r.Name == d.o.Name })
		return found
	}
	for _, p := range d.old.Prototypes {
		if uses(p.ResultType) {
			is.implies(fmt.Sprintf("the result of %s is %s", p.Name, what))
		}
		for i := range p.Params {
			if uses(p.Params[i].Type) {
				is.implies(fmt.Sprintf("parameter %d of %s is %s", i+1, p.Name, what))
			}
		}
	}
}

// because names the enumerator that a change of the whole enum follows from.
func because(v *model.Enumerator) string {
	if v == nil {
		return ""
	}
	return fmt.Sprintf(" because of %s = %s", tick(v.Name), number(v.Value))
}

// widest returns the first enumerator that needs more bytes than the narrower
// side has, or nil.
func (d *enumDiff) widest() *model.Enumerator {
	wide := d.n
	if d.o.Size > d.n.Size {
		wide = d.o
	}
	bits := int(min(d.o.Size, d.n.Size)) * 8
	if wide.Signed {
		bits--
	}
	return first(wide, func(v constant.Value) bool { return constant.BitLen(v) > bits })
}

// negative returns the first negative enumerator of the side that alone has
// any, or nil.
func (d *enumDiff) negative() *model.Enumerator {
	below := func(v constant.Value) bool { return constant.Sign(v) < 0 }
	o, n := first(d.o, below), first(d.n, below)
	switch {
	case o == nil:
		return n
	case n == nil:
		return o
	}
	return nil
}

// first returns the first enumerator whose number is as asked for, or nil.
func first(e *model.Enum, is func(constant.Value) bool) *model.Enumerator {
	for i := range e.Values {
		if v := e.Values[i].Value; v != nil && v.Kind() == constant.Int && is(v) {
			return &e.Values[i]
		}
	}
	return nil
}

// match pairs enumerators by name, then those of the same number.
func (d *enumDiff) match() {
	news := map[string][]int{}
	for i := range d.n.Values {
		news[d.n.Values[i].Name] = append(news[d.n.Values[i].Name], i)
	}
	taken := map[int]bool{}
	var left []int
	for i := range d.o.Values {
		name := d.o.Values[i].Name
		if len(news[name]) == 0 {
			left = append(left, i)
			continue
		}
		j := news[name][0]
		news[name] = news[name][1:]
		taken[j] = true
		d.pair(i, j)
	}
	for _, i := range left {
		v := &d.o.Values[i]
		// Elsewhere in the new side it is still there.
		if e := d.comparison.n.enumerators[v.Name]; e != nil {
			d.compareNumber(enumeratorSubject(d.o, v.Name), v.Value, e.Value, v.Pos, e.Pos)
			continue
		}
		if k := d.comparison.n.constants[v.Name]; k != nil {
			d.compareNumber(enumeratorSubject(d.o, v.Name), v.Value, k.Value, v.Pos, k.Pos)
			continue
		}
		j := -1
		for k, n := range d.n.Values {
			if j < 0 && !taken[k] && d.unknown(n.Name) && equalValue(v.Value, n.Value) {
				j = k
			}
		}
		if j < 0 {
			d.removed = append(d.removed, i)
			continue
		}
		taken[j] = true
		d.pair(i, j)
		n := &d.n.Values[j]
		d.report("enumerator.renamed", d.ps, enumeratorSubject(d.o, v.Name), change{record: enumSubject(d.o),
			name: v.Name, other: n.Name, old: v.Name + " = " + number(v.Value), new: n.Name + " = " + number(n.Value)}, v.Pos, n.Pos)
	}
	for j := range d.n.Values {
		if !taken[j] && d.unknown(d.n.Values[j].Name) {
			d.added = append(d.added, j)
		}
	}
	slices.SortStableFunc(d.pairs, func(a, b *enumeratorPair) int { return a.old - b.old })
}

// unknown reports whether the old side has nothing of the name.
func (d *enumDiff) unknown(name string) bool {
	return d.comparison.o.enumerators[name] == nil && d.comparison.o.constants[name] == nil
}

func (d *enumDiff) pair(i, j int) {
	p := &enumeratorPair{old: i, new: j}
	p.delta, p.wide = distance(d.o.Values[i].Value, d.n.Values[j].Value)
	d.pairs = append(d.pairs, p)
}

func distance(a, b constant.Value) (delta int64, wide bool) {
	if a == nil || b == nil || a.Kind() != constant.Int || b.Kind() != constant.Int {
		return 0, !equalValue(a, b)
	}
	delta, exact := constant.Int64Val(constant.BinaryOp(b, token.SUB, a))
	return delta, !exact
}

func (d *enumDiff) changed(p *enumeratorPair) bool { return p.wide || p.delta != 0 }

// follow lists the enumerators that an addition or removal renumbered, in
// implicit numbering: those behind it that moved by as many numbers as were
// added less those removed.
func (d *enumDiff) follow(before func(*enumeratorPair) bool) (followers []*enumeratorPair) {
	for _, p := range d.pairs {
		if p.explained || !d.changed(p) || !before(p) {
			continue
		}
		net := int64(0)
		for _, j := range d.added {
			if j < p.new {
				net++
			}
		}
		for _, i := range d.removed {
			if i < p.old {
				net--
			}
		}
		if !p.wide && p.delta == net {
			followers = append(followers, p)
		}
	}
	return followers
}

func (d *enumDiff) imply(is *issue, ps []*enumeratorPair) {
	for _, p := range ps {
		p.explained = true
		is.implies(fmt.Sprintf("%s becomes %s", enumeratorSubject(d.o, d.o.Values[p.old].Name), d.renumbering(p)))
	}
}

func (d *enumDiff) renumbering(p *enumeratorPair) string {
	return number(d.n.Values[p.new].Value) + " instead of " + number(d.o.Values[p.old].Value)
}

func (d *enumDiff) removals() {
	for k, i := range d.removed {
		v := &d.o.Values[i]
		is := d.report("enumerator.removed", d.ps, enumeratorSubject(d.o, v.Name), change{record: enumSubject(d.o),
			name: v.Name, old: number(v.Value), new: "none"}, v.Pos, d.n.Pos)
		// What lies between this one and the next follows from it.
		d.imply(is, d.follow(func(p *enumeratorPair) bool {
			return p.old > i && (k+1 == len(d.removed) || p.old < d.removed[k+1])
		}))
	}
}

func (d *enumDiff) additions() {
	for k, j := range d.added {
		v := &d.n.Values[j]
		followers := d.follow(func(p *enumeratorPair) bool {
			return p.new > j && (k+1 == len(d.added) || p.new < d.added[k+1])
		})
		id := "enumerator.added"
		for _, p := range followers {
			if !sentinel(d.n.Values[p.new].Name) {
				id = "enumerator.inserted"
			}
		}
		is := d.report(id, d.ps, enumeratorSubject(d.o, v.Name), change{record: enumSubject(d.o),
			name: v.Name, old: "none", new: number(v.Value)}, d.o.Pos, v.Pos)
		d.imply(is, followers)
	}
}

// sentinel reports whether an enumerator by its name counts or bounds the
// others, so that it grows with them.
func sentinel(name string) bool {
	for _, word := range strings.Split(strings.ToUpper(name), "_") {
		switch word {
		case "MAX", "LAST", "END", "NUM", "NR", "COUNT", "CNT", "SENTINEL":
			return true
		}
	}
	return false
}

// renumbered reports the enumerators with another number that no addition or
// removal explains. Two that exchanged numbers are one finding, and so is one
// with the run of enumerators behind it that moved by the same distance.
func (d *enumDiff) renumbered() {
	for k, p := range d.pairs {
		if p.explained || !d.changed(p) {
			continue
		}
		o, n := &d.o.Values[p.old], &d.n.Values[p.new]
		is := d.report("enumerator.renumbered", d.ps, enumeratorSubject(d.o, o.Name), change{record: enumSubject(d.o),
			name: o.Name, old: number(o.Value), new: number(n.Value)}, o.Pos, n.Pos)
		p.explained = true
		var followers []*enumeratorPair
		for _, q := range d.pairs[k+1:] {
			if !q.explained && equalValue(d.o.Values[q.old].Value, n.Value) && equalValue(d.n.Values[q.new].Value, o.Value) {
				followers = append(followers, q)
			}
		}
		if len(followers) == 0 && !p.wide {
			for _, q := range d.pairs[k+1:] {
				if q.explained || q.wide || q.delta != p.delta {
					break
				}
				followers = append(followers, q)
			}
		}
		d.imply(is, followers)
	}
}
