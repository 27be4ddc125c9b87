// SPDX-License-Identifier: MIT

package drift

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// signatureDiff compares two prototypes.
type signatureDiff struct {
	*comparison
	// role is the first part of the rules' IDs: callback or kfunc.
	role     string
	subject  string
	name     string
	profiles []Profile
	o, n     *model.Prototype
	// record is the one whose callback it is, place where it lies in it.
	record string
	place  int64
}

// compareCallback compares the prototypes of a callback both sides have.
func (d *layoutDiff) compareCallback(s scope, o, n *leaf) {
	at := d.subject(o)
	if !d.both(model.Prototypes, at) {
		return
	}
	sig := &signatureDiff{comparison: d.comparison, role: "callback", subject: at, name: o.name, profiles: s.profiles, record: s.record, place: s.base + o.off,
		o: d.o.callback(s.oldName, o), n: d.n.callback(s.newName, n)}
	sig.compare()
}

// callback returns the prototype of a member, from the member's type where the
// source lists none.
func (x *index) callback(record string, l *leaf) *model.Prototype {
	if p := x.callbacks[record+"."+l.name]; p != nil {
		return p
	}
	p := &model.Prototype{Name: record + "." + l.name, Role: model.Callback, Pos: l.pos}
	ptr, _ := model.Unqualified(l.typ).(model.Pointer)
	f, _ := ptr.Elem.(model.Func)
	p.ResultType, p.Variadic = f.Result, f.Variadic
	for _, t := range f.Params {
		p.Params = append(p.Params, model.Param{Type: t})
	}
	return p
}

func (d *signatureDiff) compare() {
	if len(d.o.Params) != len(d.n.Params) || d.o.Variadic != d.n.Variadic {
		d.count()
	} else if !d.order() {
		for i := range d.o.Params {
			d.param(i, i)
		}
		d.indistinct()
	}
	d.result()
}

// emit reports under callback rules as they are; a function has one rule for
// everything that breaks its prototype.
func (d *signatureDiff) emit(rule, subject string, ch change) *issue {
	id := d.role + "." + rule
	if ch.record == "" {
		ch.record = d.name
	}
	if d.role != "callback" {
		if clause, breaks := kfuncClause(rule, ch); breaks {
			id, ch.note = d.role+".prototype", clause
		}
	}
	is := d.report(id, d.profiles, subject, ch, d.o.Pos, d.n.Pos)
	is.Record, is.place[0] = d.record, d.place
	if _, n, ok := strings.Cut(subject, "#"); ok {
		// The result, which has no number, comes first.
		i, _ := strconv.ParseInt(n, 10, 64)
		is.place[1] = i + 1
	}
	return is
}

// kfuncClause words what breaks a function's prototype.
func kfuncClause(rule string, ch change) (string, bool) {
	switch rule {
	case "param.count":
		return "takes another number of parameters" + ch.note, true
	case "param.type":
		return "takes " + ch.new + " for its " + ch.name + " parameter, not " + ch.old, true
	case "param.order":
		return "takes its parameters in another order", true
	case "result":
		return "returns " + ch.new + ", not " + ch.old, true
	}
	return "", false
}

func (d *signatureDiff) at(i int) string { return d.subject + "#" + strconv.Itoa(i+1) }

// named reports whether every parameter of p has a name of its own.
func named(p *model.Prototype) bool {
	for i := range p.Params {
		if name := p.Params[i].Name; name == "" || indexOfParam(p, name) != i {
			return false
		}
	}
	return true
}

func (d *signatureDiff) count() {
	ch := change{old: signature(d.o), new: signature(d.n)}
	if named(d.o) && named(d.n) {
		var notes []string
		if gone := namesBut(d.o, d.n); len(gone) > 0 {
			notes = append(notes, "without "+ticks(gone))
		}
		if fresh := namesBut(d.n, d.o); len(fresh) > 0 {
			notes = append(notes, "with "+ticks(fresh)+" new")
		}
		if len(notes) > 0 {
			ch.note = " (" + strings.Join(notes, ", ") + ")"
		}
	}
	if ch.note == "" {
		ch.note = fmt.Sprintf(" (%d instead of %d)", len(d.n.Params), len(d.o.Params))
	}
	if d.o.Variadic != d.n.Variadic {
		ch.note = " (one side takes any number)"
	}
	i := 0
	for i < len(d.o.Params) && i < len(d.n.Params) && d.paramDelta(i, i) == same && d.o.Params[i].Name == d.n.Params[i].Name {
		i++
	}
	is := d.emit("param.count", d.subject, ch)
	if len(d.o.Params) != len(d.n.Params) {
		is.Witness = d.proveCall(i, i)
	}
	// Parameters that both sides name are compared where they are now.
	if named(d.o) && named(d.n) {
		for i := range d.o.Params {
			if j := indexOfParam(d.n, d.o.Params[i].Name); j >= 0 && d.paramDelta(i, j) == deltaType {
				d.param(i, j)
			}
		}
	}
}

// namesBut lists the names of a's parameters that b does not have.
func namesBut(a, b *model.Prototype) (names []string) {
	for i := range a.Params {
		if indexOfParam(b, a.Params[i].Name) < 0 {
			names = append(names, a.Params[i].Name)
		}
	}
	return names
}

func indexOfParam(p *model.Prototype, name string) int {
	for i := range p.Params {
		if p.Params[i].Name == name {
			return i
		}
	}
	return -1
}

// order reports parameters that changed places: a name that both sides have
// stands elsewhere, or, without names, the same types in another order.
func (d *signatureDiff) order() bool {
	ch := change{old: signature(d.o), new: signature(d.n)}
	if named(d.o) && named(d.n) {
		for i := range d.o.Params {
			j := indexOfParam(d.n, d.o.Params[i].Name)
			if j < 0 || j == i || indexOfParam(d.o, d.n.Params[i].Name) < 0 {
				continue
			}
			ch.name, ch.other = d.o.Params[i].Name, d.n.Params[i].Name
			d.emit("param.order", d.subject, ch).Witness = d.proveCall(i, i)
			for k := range d.o.Params {
				if l := indexOfParam(d.n, d.o.Params[k].Name); l >= 0 && d.paramDelta(k, l) != same {
					d.param(k, l)
				}
			}
			return true
		}
		return false
	}
	differ, first := 0, 0
	used := map[int]bool{}
	for i := range d.o.Params {
		if k := d.paramDelta(i, i); k == deltaType || k == deltaPointee {
			if differ == 0 {
				first = i
			}
			differ++
		}
		found := false
		for j := range d.n.Params {
			if !used[j] && d.paramDelta(i, j) == same {
				used[j], found = true, true
				break
			}
		}
		if !found {
			return false
		}
	}
	if differ < 2 {
		return false
	}
	d.emit("param.order", d.subject, ch).Witness = d.proveCall(first, first)
	return true
}

// paramDelta compares the types of two parameters. Whatever changes the number
// in the register counts as another type.
func (d *signatureDiff) paramDelta(i, j int) delta {
	return d.valueDelta(d.o.Params[i].Type, d.n.Params[j].Type, d.at(i))
}

func (d *signatureDiff) valueDelta(ot, nt model.Type, at string) delta {
	// The qualifiers of the value itself concern only the callee.
	switch k := d.typeDelta(decayed(ot), decayed(nt), at, 0); k {
	case same, deltaEnum, deltaPointee, deltaConst:
		return k
	}
	return deltaType
}

// decayed is the type a parameter has inside the function: C passes arrays and
// functions as pointers.
func decayed(t model.Type) model.Type {
	switch x := model.Unqualified(t).(type) {
	case model.Array:
		return model.Pointer{Elem: x.Elem}
	case model.Func:
		return model.Pointer{Elem: x}
	case nil:
		return nil
	default:
		return x
	}
}

func (d *signatureDiff) param(i, j int) {
	o, n := &d.o.Params[i], &d.n.Params[j]
	ch := change{name: "the " + ordinal(i) + " parameter", old: param(o), new: param(n)}
	switch d.paramDelta(i, j) {
	case deltaType:
		ch.name = ordinal(i)
		d.emit("param.type", d.at(i), ch).Witness = d.proveCall(i, j)
	case deltaEnum:
		d.emit("enum", d.at(i), ch)
	case deltaPointee:
		d.pointee(d.at(i), ch, o.Type, n.Type)
	case deltaConst:
		d.emit("const", d.at(i), ch)
	case same:
		if i == j && o.Name != n.Name && o.Name != "" && n.Name != "" {
			ch.name, ch.other = o.Name, n.Name
			d.emit("param.name", d.at(i), ch)
		}
	}
}

func (d *signatureDiff) pointee(at string, ch change, ot, nt model.Type) {
	rule := "pointee"
	for _, t := range []model.Type{ot, nt} {
		eachRef(t, 0, func(r model.Ref) {
			if g := d.guardedBySome(r.Name); g != "" && rule == "pointee" && d.role != "function" {
				rule, ch.other, ch.note = "guarded", tick("struct "+g), "points to something else"
			}
		})
	}
	is := d.emit(rule, at, ch)
	eachRef(ot, 0, func(r model.Ref) {
		if name := essential(r.Name); d.substituted[name] == nil {
			d.substituted[name] = is
		}
	})
}

func (d *signatureDiff) result() {
	if d.o.ResultType == nil || d.n.ResultType == nil {
		return
	}
	ch := change{name: "the result", old: cType(d.o.ResultType), new: cType(d.n.ResultType)}
	at := d.subject + "#result"
	switch d.valueDelta(d.o.ResultType, d.n.ResultType, at) {
	case deltaType:
		if d.role == "callback" {
			ch.record = d.name
		}
		d.emit("result", d.subject, ch).Witness = d.proveResult()
	case deltaEnum:
		d.emit("enum", at, ch)
	case deltaPointee:
		d.pointee(at, ch, d.o.ResultType, d.n.ResultType)
	case deltaConst:
		d.emit("const", at, ch)
	}
}

// indistinct records the parameters whose order only names could tell.
func (d *signatureDiff) indistinct() {
	if named(d.o) && named(d.n) {
		return
	}
	side := d.old
	if named(d.o) {
		side = d.new
	}
	seen := map[int]bool{}
	for i := range d.o.Params {
		if seen[i] {
			continue
		}
		group := []string{strconv.Itoa(i + 1)}
		for j := i + 1; j < len(d.o.Params); j++ {
			if d.sameType(d.o.Params[i].Type, d.o.Params[j].Type, 0) {
				seen[j] = true
				group = append(group, strconv.Itoa(j+1))
			}
		}
		if len(group) > 1 {
			why := whyNot(side.Side, model.ParameterNames)
			if why == "" {
				why = "does not name the parameters"
			}
			d.unsure(model.ParameterNames, side.Source+": "+why+", so the order of those of one type cannot be seen",
				d.subject+"#"+strings.Join(group, ",#"))
		}
	}
}
