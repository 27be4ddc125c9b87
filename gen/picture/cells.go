// SPDX-License-Identifier: MIT

package picture

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/internal/look"
)

// cells cuts the record into cells, which do not overlap and leave nothing out.
func (p *Record) cells() []look.Cell {
	var leaves []*Span
	for i := range p.Spans {
		if s := &p.Spans[i]; s.Kind != Group && s.Bits > 0 {
			leaves = append(leaves, s)
		}
	}
	slices.SortStableFunc(leaves, func(a, b *Span) int { return cmp.Compare(a.Bit, b.Bit) })
	var out []look.Cell
	var in []*Span // the members of the last cell
	flush := func() {
		if len(out) > 0 {
			last := &out[len(out)-1]
			last.Label, last.Short, last.Detail = describe(in)
		}
	}
	for _, s := range leaves {
		from, to := s.Bit/8, (s.Bit+s.Bits+7)/8
		gap := s.Kind != Member
		if n := len(out); n > 0 && from < out[n-1].To {
			// It shares bytes with the one before.
			last := &out[n-1]
			if gap && s.union {
				continue
			}
			last.To = max(last.To, to)
			last.Unused = last.Unused && gap
			if s.Mark != Same {
				last.Mark = string(s.Mark)
			}
			if !gap && s.Name != "" {
				in = append(in, s)
			}
			continue
		}
		flush()
		in = []*Span{s}
		out = append(out, look.Cell{From: from, To: to, Unused: gap, Mark: string(s.Mark)})
	}
	flush()
	return out
}

// describe names what is in a cell. The members of a union stand in the order
// of declaration with bars between them, everything else in that of memory.
func describe(in []*Span) (label, short, detail string) {
	if s := in[0]; len(in) == 1 {
		if s.Kind == Member && !s.Bitfield {
			detail = look.Clip(look.Prototype(s.Type), maxType)
		}
		if s.Name != "" && s.Name != s.Path {
			short = s.called(s.Name)
		}
		if s.Kind == Padding {
			short = "pad"
		}
		return s.inCell(), short, detail
	}
	in = slices.Clone(in)
	slices.SortStableFunc(in, func(a, b *Span) int { return cmp.Compare(a.alternative, b.alternative) })
	var text strings.Builder
	for i, s := range in {
		switch {
		case i == 0:
		case s.alternative != in[i-1].alternative:
			text.WriteString(" | ")
		default:
			text.WriteByte(' ')
		}
		text.WriteString(s.inCell())
	}
	return text.String(), "", ""
}

// inCell is the name of a span in a cell.
func (s *Span) inCell() string { return s.called(s.Path) }

// called is what a span is called in a cell, by the whole of its name or a part.
func (s *Span) called(name string) string {
	switch {
	case s.Kind != Member:
		name = string(s.Kind)
	case s.Name == "":
		name = "unnamed"
	}
	if s.Bitfield || s.Bits%8 != 0 {
		name += s.size()
	}
	return name
}
