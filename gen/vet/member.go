// SPDX-License-Identifier: MIT

package vet

import (
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// member is a member of a record as C code reaches it: those of anonymous
// records are members of the record around them. Places and sizes are in bits.
type member struct {
	model.Field
	// top is the index of the field of the outer record that the member is or
	// lies in.
	top int
	// shared tells that a union is around it, so that others may lie on its
	// bits.
	shared bool
	// partner is the member of the other side that is the same, or nil.
	partner *member
}

func (m *member) end() int64 { return m.BitOffset + m.BitSize }

// blank reports whether m is padding that Go spells out.
func (m *member) blank() bool { return m.Name == "_" }

// flatten lists the members of r by place.
func (x *index) flatten(r *model.Record) []*member {
	var out []*member
	var walk func(r *model.Record, base int64, top int, shared bool, depth int)
	walk = func(r *model.Record, base int64, top int, shared bool, depth int) {
		shared = shared || r.Kind == model.Union
		for i, f := range r.Fields {
			f.BitOffset += base
			at := top
			if depth == 0 {
				at = i
			}
			if f.Name == "" {
				if inner := x.embedded(&f); inner != nil && depth < maxDepth {
					walk(inner, f.BitOffset, at, shared, depth+1)
				}
				continue
			}
			out = append(out, &member{Field: f, top: at, shared: shared})
		}
	}
	walk(r, 0, 0, false, 0)
	slices.SortStableFunc(out, func(a, b *member) int { return int(a.BitOffset - b.BitOffset) })
	return out
}

// maxDepth bounds how deep records are followed; damaged BTF can hold itself.
const maxDepth = 40

// embedded returns the record that an anonymous member adds to the one around
// it, nil where the member is an unnamed bit-field.
func (x *index) embedded(f *model.Field) *model.Record {
	if f.Record != nil {
		return f.Record
	}
	if ref, ok := model.Unqualified(f.Type).(model.Ref); ok && ref.Kind != model.RefEnum {
		return x.records[ref]
	}
	return nil
}

// element returns what a member's type is made of, through arrays.
func element(t model.Type) model.Type {
	for {
		switch x := model.Unqualified(t).(type) {
		case model.Array:
			t = x.Elem
		default:
			return x
		}
	}
}

// loose is a name without what spellings differ in.
func loose(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// match pairs Go's members with those of C, by name and then by what is left
// of the name without underscores and capitals. A Go member takes over the
// name in C.
func match(c, g []*member) {
	exact, similar := map[string]*member{}, map[string][]*member{}
	for _, m := range c {
		exact[m.Name] = m
	}
	for _, m := range g {
		if x := exact[m.Name]; !m.blank() && x != nil && x.partner == nil {
			m.partner, x.partner = x, m
		}
	}
	for _, m := range c {
		if m.partner == nil {
			similar[loose(m.Name)] = append(similar[loose(m.Name)], m)
		}
	}
	for _, m := range g {
		if xs := similar[loose(m.Name)]; m.partner == nil && !m.blank() && len(xs) == 1 && xs[0].partner == nil {
			m.partner, xs[0].partner = xs[0], m
			m.Name = xs[0].Name
		}
	}
}

// matchPlaces pairs what has no namesake with what lies on the very same bits.
// The names stay: that they differ is for the comparison to say.
func matchPlaces(c, g []*member) {
	for _, m := range g {
		if m.partner != nil || m.blank() {
			continue
		}
		for _, x := range c {
			if x.partner == nil && !x.shared && !x.Bitfield && x.BitOffset == m.BitOffset && x.BitSize == m.BitSize && x.BitSize > 0 {
				m.partner, x.partner = x, m
				break
			}
		}
	}
}

// span is a range of bits.
type span struct{ from, to int64 }

// cover returns the bits that members for which ok holds lie on, sorted and
// joined.
func cover(ms []*member, ok func(*member) bool) []span {
	var out []span
	for _, m := range ms {
		if !ok(m) || m.BitSize == 0 {
			continue
		}
		if n := len(out); n > 0 && m.BitOffset <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, m.end())
			continue
		}
		out = append(out, span{m.BitOffset, m.end()})
	}
	return out
}

// within reports whether m lies on covered bits alone.
func (m *member) within(covered []span) bool {
	return slices.ContainsFunc(covered, func(s span) bool { return s.from <= m.BitOffset && m.end() <= s.to })
}

// overlaps reports whether m shares bits with any of the others.
func (m *member) overlaps(others []*member) bool {
	return slices.ContainsFunc(others, func(o *member) bool {
		return o != m && o.BitOffset < m.end() && m.BitOffset < o.end()
	})
}
