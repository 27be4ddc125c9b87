// SPDX-License-Identifier: MIT

package vet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
)

// pair is a Go struct and the record it stands for, on one target. What Go has
// to say in another way, and says rightly, is taken out of both before they are
// compared: bits and unions held as bytes, members left blank.
type pair struct {
	name string // in C
	cx   *index
	gx   *index
	c, g *model.Record
	cms  []*member
	gms  []*member
	// bits are Go members named like one bit-field that hold others too.
	bits []*member
	// pointers are Go pointers in place of addresses.
	pointers []*member
	// gaps is the padding Go leaves to the compiler.
	gaps []gap
	// displaced tells that something other than padding is wrong with the
	// places: an order, a size, a member too many or too few.
	displaced bool
	// bytes names members that Go holds as bytes.
	bytes []string
}

// gap is padding that C has and Go does not spell out.
type gap struct {
	// before is the Go member it belongs in front of; nil for the end.
	before *member
	size   int64 // bytes that are missing
	// want and got are the byte at which C and Go have the member, or the end,
	// and packed where it is without any padding that Go does not spell out.
	want, got, packed int64
}

func newPair(name string, cx, gx *index, c, g *model.Record) *pair {
	p := &pair{name: name, cx: cx, gx: gx, c: c, g: g, cms: cx.flatten(c), gms: gx.flatten(g)}
	match(p.cms, p.gms)
	matchPlaces(p.cms, p.gms)
	p.findPointers()
	p.dropWhatGoHoldsOtherwise()
	p.findGaps()
	return p
}

// findPointers finds Go pointers where C has an address.
func (p *pair) findPointers() {
	for _, m := range p.gms {
		if _, ok := element(m.Type).(model.Pointer); ok {
			p.pointers = append(p.pointers, m)
		}
	}
}

// dropWhatGoHoldsOtherwise takes out of both sides what is right though it is
// declared in another way.
func (p *pair) dropWhatGoHoldsOtherwise() {
	blanks := cover(p.gms, (*member).blank)
	anything := cover(p.gms, func(*member) bool { return true })
	stored := map[*member]bool{} // Go members that hold what is taken out
	var rest []*member
	for _, m := range p.cms {
		alone := m.partner == nil
		switch {
		case alone && m.BitSize > 0 && m.within(blanks):
			// Left blank on purpose.
		case alone && m.BitSize == 0:
			// A flexible array lies behind what Go can say.
		case alone && (m.Bitfield || m.shared && m.overlaps(p.cms)) && m.within(anything):
			for _, g := range p.gms {
				if g.partner == nil && !g.blank() && g.BitOffset < m.end() && m.BitOffset < g.end() {
					stored[g] = true
				}
			}
		case !alone && m.Bitfield && !m.partner.Bitfield && m.within([]span{{m.partner.BitOffset, m.partner.end()}}):
			p.hasBits(m)
		case !alone && m.partner.BitSize == m.BitSize && m.partner.BitOffset == m.BitOffset && p.isUnion(m) && !p.isUnion(m.partner):
			p.bytes = append(p.bytes, p.name+"."+m.Name)
			stored[m.partner] = true
		default:
			rest = append(rest, m)
		}
	}
	p.cms = rest
	kept := p.gms[:0:0]
	for _, g := range p.gms {
		if stored[g] {
			g.Name = "_" // its bytes are accounted for
		}
		kept = append(kept, g)
	}
	p.gms = kept
}

// hasBits notes a Go member that is named like a bit-field and holds all of it,
// and others unless it is alone in its bytes.
func (p *pair) hasBits(m *member) {
	g := m.partner
	g.Name = "_"
	for _, other := range p.cms {
		if other != m && other.Bitfield && other.BitOffset < g.end() && g.BitOffset < other.end() {
			p.bits = append(p.bits, m)
			return
		}
	}
}

// isUnion reports whether a member is a union or an array of them.
func (p *pair) isUnion(m *member) bool {
	ref, ok := element(m.Type).(model.Ref)
	return ok && ref.Kind == model.RefUnion
}

// findGaps walks Go's members in their order, as if nothing aligned them, and
// notes where padding is missing to bring the next one to its place in C. Where
// something else is wrong the walk ends: padding would not help there.
func (p *pair) findGaps() {
	var at int64 // bits of Go spelled out so far, with the padding that is missing
	var missing int64
	note := func(before *member, to, got int64) {
		missing += to - at
		p.gaps = append(p.gaps, gap{before: before, size: (to - at) / 8, want: to / 8, got: got, packed: (to - missing) / 8})
		p.cms = slices.DeleteFunc(p.cms, func(m *member) bool { return m.partner == nil && m.within([]span{{at, to}}) })
	}
	for _, m := range p.gms {
		if m.blank() || m.partner == nil {
			if !m.blank() {
				p.displaced = true
				return
			}
			at += m.BitSize
			continue
		}
		want := m.partner.BitOffset
		if want < at || want%8 != 0 || m.BitSize != m.partner.BitSize {
			p.displaced = true
			return
		}
		if want > at {
			if p.holdsMember(at, want) {
				p.displaced = true
				return
			}
			note(m, want, m.BitOffset/8)
		}
		at = want + m.BitSize
	}
	end := p.c.Size * 8
	switch {
	case at > end || p.holdsMember(at, end):
		p.displaced = true
	case at < end:
		note(nil, end, p.g.Size)
	}
}

// holdsMember reports whether C has a member on the bits that Go lacks: one it
// has nowhere, or elsewhere.
func (p *pair) holdsMember(from, to int64) bool {
	return slices.ContainsFunc(p.cms, func(m *member) bool {
		return m.BitOffset < to && from < m.end() && (m.partner != nil || !isPadding(m.Name))
	})
}

// isPadding reports whether a member's name says that nothing is in it.
func isPadding(name string) bool {
	name = strings.ToLower(strings.Trim(name, "_0123456789"))
	for _, word := range []string{"pad", "padding", "unused", "reserved", "rsvd", "resv", "spare", "zeropad", "hole", "filler"} {
		if name == word {
			return true
		}
	}
	return strings.HasPrefix(name, "pad_") || strings.HasSuffix(name, "_pad") || strings.HasPrefix(name, "reserved_")
}

// compare returns what differs between the two but for padding that is left to
// the compiler.
func (p *pair) compare() drift.Result {
	c := p.record(p.c, p.cms, p.cRecord)
	g := p.record(p.g, p.gms, nil)
	old, now := p.cx.part(c), p.gx.part(g)
	now.Paths = nil // so that positions can be found in the file set
	if old.Side == model.SideKernel {
		old.Side = model.SideProgram // a kernel's own tail would be let pass
	}
	r := drift.Compare(old, now, drift.Options{Profile: drift.Overlay, Keep: func(name string) bool { return name == p.name }})
	settle(&r, p.name)
	if len(p.bytes) > 0 {
		r.Unchecked = append(r.Unchecked, drift.Unchecked{Evidence: model.Records, Subjects: p.bytes,
			Reason: "Go holds the union in another type, so what its members mean was not compared"})
	}
	return r
}

// settle takes out what is not for Go to choose, or is compared elsewhere.
func settle(r *drift.Result, name string) {
	r.Findings = slices.DeleteFunc(r.Findings, func(f drift.Finding) bool {
		// Other records are compared where their directive is, and how a record
		// is aligned Go cannot choose: it never shows in an offset or size.
		return f.Subject != name && !strings.HasPrefix(f.Subject, name+".") || f.Rule == "record.align"
	})
	r.Unchecked = slices.DeleteFunc(r.Unchecked, func(u drift.Unchecked) bool {
		return u.Evidence == model.Alignment || u.Evidence == model.Pointees
	})
}

// record makes a record of members. Go's blanks are left out of it.
func (p *pair) record(r *model.Record, ms []*member, nested func(*member) (model.Type, *model.Record)) *model.Record {
	out := *r
	out.Name, out.Kind, out.Fields, out.Packed = p.name, model.Struct, nil, false
	for _, m := range ms {
		if m.blank() {
			continue
		}
		f := m.Field
		if nested != nil {
			f.Type, f.Record = nested(m)
		}
		out.Fields = append(out.Fields, f)
	}
	return &out
}

// cRecord returns the type of a member of C and the record in it. Where Go's
// member is a struct that no directive ties to C, that is compared by its
// members, under the names they have in C.
func (p *pair) cRecord(m *member) (model.Type, *model.Record) {
	if m.partner == nil || m.partner.Record == nil {
		return m.Type, m.Record
	}
	inner := m.Record
	ref, ok := element(m.Type).(model.Ref)
	if !ok || ref.Kind == model.RefEnum {
		return m.Type, m.Record
	}
	if inner == nil {
		if inner = p.cx.records[ref]; inner == nil {
			return m.Type, nil
		}
	}
	if m.BitSize != m.partner.BitSize && !sameLength(m.Type, m.partner.Type) {
		return m.Type, m.Record
	}
	nested := newPair(p.name+"."+m.Name, p.cx, p.gx, inner, m.partner.Record)
	c := nested.record(nested.c, nested.cms, nested.cRecord)
	g := nested.record(nested.g, nested.gms, nil)
	c.Name, g.Name = "", ""
	m.partner.Record = g
	m.partner.Type = anonymise(m.partner.Type)
	p.pointers = append(p.pointers, nested.pointers...)
	p.nestedGaps(m, nested)
	return anonymise(m.Type), c
}

// nestedGaps takes over padding that is missing in a struct without a directive.
func (p *pair) nestedGaps(m *member, nested *pair) {
	base := m.BitOffset / 8
	for _, g := range nested.gaps {
		g.want, g.got, g.packed = g.want+base, g.got+m.partner.BitOffset/8, g.packed+base
		p.gaps = append(p.gaps, g)
	}
	p.displaced = p.displaced || nested.displaced
}

// sameLength reports whether two types are arrays of as many elements, or none.
func sameLength(a, b model.Type) bool {
	x, isArray := model.Unqualified(a).(model.Array)
	y, too := model.Unqualified(b).(model.Array)
	return isArray == too && x.Len == y.Len
}

// anonymise returns t with the record in it made anonymous.
func anonymise(t model.Type) model.Type {
	switch x := model.Unqualified(t).(type) {
	case model.Array:
		return model.Array{Len: x.Len, Elem: anonymise(x.Elem)}
	case model.Ref:
		return model.Ref{Kind: model.RefStruct}
	}
	return t
}

func count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
