// SPDX-License-Identifier: MIT

package vet

import (
	"fmt"
	"slices"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
)

// moving are the rules that padding explains.
var moving = []string{"field.moved", "record.size", "record.packing"}

// judge turns how a record compares with one source on every target into
// findings. Padding that is missing is one finding for all targets, in place of
// what follows from it on each.
func (k *checker) judge(col *collector, d *decl, outs []outcome, src string) {
	padded := samePadding(outs)
	for _, o := range outs {
		res := o.res
		if o.pair != nil {
			res.Findings = slices.DeleteFunc(slices.Clone(res.Findings), func(f drift.Finding) bool {
				return padded && o.pair.explained(f) || o.pair.isAddress(f)
			})
			k.addGo(col, d, o, src)
		}
		k.add(col, d, o.view, res, src)
	}
	if padded {
		k.addPadding(col, d, outs, src)
	}
}

// explained reports whether a finding follows from missing padding.
func (p *pair) explained(f drift.Finding) bool {
	if !slices.Contains(moving, f.Rule) {
		return false
	}
	return !p.displaced || slices.ContainsFunc(p.gaps, func(g gap) bool {
		return g.before != nil && f.Subject == p.name+"."+g.before.Name
	})
}

// isAddress reports whether a finding is about the size of a Go pointer, which
// should not be there in the first place.
func (p *pair) isAddress(f drift.Finding) bool {
	return f.Rule == "field.size" && slices.ContainsFunc(p.addresses(), func(m *member) bool { return f.Subject == p.name+"."+m.Name })
}

// samePadding reports whether the same padding is missing on every target, so
// that spelling it out is right on all of them. A header may ask for other
// padding on each, which Go then does as well as C.
func samePadding(outs []outcome) bool {
	var first *pair
	for _, o := range outs {
		switch {
		case o.pair == nil:
			return false
		case first == nil:
			first = o.pair
		case !slices.EqualFunc(first.gaps, o.pair.gaps, func(a, b gap) bool {
			return a.size == b.size && a.want == b.want && (a.before == nil) == (b.before == nil) &&
				(a.before == nil || a.before.Pos == b.before.Pos)
		}):
			return false
		}
	}
	return first != nil && len(first.gaps) > 0
}

// addPadding notes the padding that is missing.
func (k *checker) addPadding(col *collector, d *decl, outs []outcome, src string) {
	for i, g := range outs[0].pair.gaps {
		var wrong []string
		got := g.got
		for _, o := range outs {
			if x := o.pair.gaps[i]; x.got != x.want {
				if len(wrong) == 0 {
					got = x.got
				}
				wrong = append(wrong, o.view.target.Name)
			}
		}
		f := Finding{Finding: drift.Finding{Rule: rulePadding, Severity: drift.Risk, Profile: drift.Overlay, Subject: d.name}}
		what, place := "at the end of "+d.spec.Name.Name, ""
		f.At = d.spec.Name.Pos()
		if g.before != nil {
			name := k.goName(outs[0].view, g.before)
			f.Subject += "." + g.before.Name
			f.At = outs[0].view.reading.Pos(g.before.Pos)
			what, place = "before "+name, name
		}
		if !f.At.IsValid() {
			f.At = d.spec.Name.Pos() // in another package
		}
		f.Pos = k.position(f.At)
		on := series(wrong)
		if len(wrong) == len(k.targets) {
			on = "every GOARCH"
		}
		f.Message = fmt.Sprintf("%s of padding %s missing %s: ", count(g.size, "byte"), are(g.size), what)
		if g.before == nil {
			f.Old, f.New = count(g.want, "byte"), count(g.want, "byte")+", the last of them by the compiler's choice"
			if len(wrong) > 0 {
				f.New = fmt.Sprintf("%s on %s", count(got, "byte"), on)
				f.Message += fmt.Sprintf("on %s Go has %s where C has %d, so C code reads and writes past the struct; ", on, count(got, "byte"), g.want)
			}
			f.Message += fmt.Sprintf("encoding/binary, which knows no padding, takes it for %s long everywhere", count(g.packed, "byte"))
		} else {
			f.Old, f.New = fmt.Sprintf("byte %d", g.want), fmt.Sprintf("byte %d, by the compiler's choice", g.want)
			if len(wrong) > 0 {
				f.New = fmt.Sprintf("byte %d on %s", got, on)
				f.Message += fmt.Sprintf("on %s Go has %s at byte %d and C at byte %d, so each reads other bytes than the other wrote; ", on, place, got, g.want)
			}
			f.Message += fmt.Sprintf("encoding/binary, which knows no padding, reads it from byte %d everywhere", g.packed)
		}
		f.Message += fmt.Sprintf(": insert _ [%d]byte", g.size)
		if len(wrong) > 0 {
			f.Severity = drift.Breaking
		} else {
			wrong = []string{""}
		}
		for _, t := range wrong {
			col.add(f, t, src)
		}
	}
}

func are(n int64) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// goName returns the Go name of a member.
func (k *checker) goName(v view, m *member) string {
	if f := fieldAt(v.reading, v.reading.Pos(m.Pos)); f != "" {
		return f
	}
	return m.Name
}

// addGo notes what concerns Go alone.
func (k *checker) addGo(col *collector, d *decl, o outcome, src string) {
	note := func(m *member, f drift.Finding) {
		f.Profile, f.Subject = drift.Overlay, d.name+"."+m.Name
		x := Finding{Finding: f, At: o.view.reading.Pos(m.Pos)}
		if !x.At.IsValid() {
			x.At = d.spec.Name.Pos()
		}
		x.Pos = k.position(x.At)
		col.add(x, o.view.target.Name, src)
	}
	for _, m := range o.pair.addresses() {
		note(m, drift.Finding{Rule: rulePointer, Severity: drift.Risk, Old: "an address", New: m.Spelling,
			Message: "A Go pointer holds an address that C wrote: the garbage collector takes it for Go memory and stops the program when it is not: use uint64, or uintptr where C has the size of the GOARCH's pointers"})
	}
	for _, m := range o.pair.bits {
		g := m.partner
		note(&member{Field: model.Field{Name: m.Name, Pos: g.Pos}}, drift.Finding{Rule: ruleBits, Severity: drift.Risk,
			Old: count(m.BitSize, "bit"), New: count(g.BitSize, "bit"),
			Message: fmt.Sprintf("The field is named after a bit-field of %s and holds others too, so its value is not that of `%s`: mask it, and name it after all it holds",
				count(m.BitSize, "bit"), m.Name)})
	}
}

// addresses returns the Go pointers that stand for addresses in C. In place of
// anything else they are of another type, which is a finding of its own.
func (p *pair) addresses() []*member {
	return slices.DeleteFunc(slices.Clone(p.pointers), func(m *member) bool {
		if m.partner == nil {
			return true
		}
		_, ok := element(m.partner.Type).(model.Pointer)
		return !ok
	})
}
