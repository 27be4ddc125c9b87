// SPDX-License-Identifier: MIT

package picture

import (
	"fmt"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/goname"
)

// cacheLine is the size of a cache line in bytes.
const cacheLine = 64

// Kind says what a [Span] is.
type Kind string

// The kinds of span.
const (
	Member  Kind = "member"
	Hole    Kind = "hole"
	Padding Kind = "padding"
	// Group is an anonymous record; its members follow, one level deeper.
	Group Kind = "group"
)

// Mark says how a span differs from its partner in a [Pair].
type Mark string

// The marks. A member that is elsewhere and of another type is Changed.
const (
	Same    Mark = ""
	Moved   Mark = "moved"
	Changed Mark = "changed"
	Removed Mark = "removed"
	Added   Mark = "added"
)

// Span is a stretch of a record.
type Span struct {
	Kind Kind
	// Name is the member's in C, Go what abigen generates for it; Type is its
	// type as the source spells it. All are empty for holes.
	Name, Go, Type string
	// Path is Name with those of the records around it, which tells members of
	// one name apart.
	Path string
	// Depth is the number of anonymous records around the span.
	Depth int
	// Bit is the offset from the start of the record and Bits the size, in bits.
	Bit, Bits int64
	Bitfield  bool
	Mark      Mark

	canonical model.Type
	// union tells that the span lies over others.
	union bool
}

// Record is a record ready to be drawn.
type Record struct {
	// Source and Target say where the record comes from.
	Source, Target string
	// Keyword is struct or union; Name is C's, Go what abigen generates.
	Keyword, Name, Go string
	// Size and Align are in bytes; Align is 0 where the source cannot tell.
	Size, Align int64
	Spans       []Span
}

// Of returns the record of that name; trim is the prefix that Go names lack.
// The error names what else there is.
func Of(a *model.ABI, name, trim string) (*Record, error) {
	r := a.Record(name)
	if r == nil {
		return nil, fmt.Errorf("%s has no record %s", a.Source, name)
	}
	p := &Record{Source: a.Source, Target: a.Target, Keyword: string(r.Kind), Name: r.Name,
		Go: goname.Type(r.Name, trim), Size: r.Size, Align: r.Align}
	p.add(r, "", 0, 0, r.Kind == model.Union)
	return p, nil
}

// add appends the members of r, which begins at bit base.
func (p *Record) add(r *model.Record, path string, base int64, depth int, union bool) {
	end := int64(0)
	gap := func(kind Kind, to int64) {
		if r.Kind == model.Struct && to > end {
			p.Spans = append(p.Spans, Span{Kind: kind, Depth: depth, Bit: base + end, Bits: to - end, union: union})
		}
	}
	for i := range r.Fields {
		f := &r.Fields[i]
		gap(Hole, f.BitOffset)
		inner := f.Name
		if path != "" {
			inner = strings.TrimSuffix(path+"."+f.Name, ".")
		}
		s := Span{Kind: Member, Name: f.Name, Type: f.Spelling, Path: inner, Depth: depth, Bit: base + f.BitOffset, Bits: f.BitSize,
			Bitfield: f.Bitfield, canonical: f.Type, union: union}
		if f.Name != "" {
			s.Go = goname.Field(f.Name)
		}
		if _, direct := f.Type.(model.Ref); direct && f.Record != nil {
			s.Kind = Group
			s.Type = string(f.Record.Kind)
			p.Spans = append(p.Spans, s)
			p.add(f.Record, inner, s.Bit, depth+1, union || f.Record.Kind == model.Union)
		} else {
			p.Spans = append(p.Spans, s)
		}
		end = max(end, f.BitOffset+f.BitSize)
	}
	gap(Padding, r.Size*8)
}

// Holes returns how many holes there are, padding not counted, and how many
// bits they and padding take.
func (p *Record) Holes() (holes int, unused, padding int64) {
	for _, s := range p.Spans {
		switch s.Kind {
		case Hole:
			holes++
			unused += s.Bits
		case Padding:
			padding += s.Bits
		}
	}
	return holes, unused, padding
}

// title is the record's name as C writes it.
func (p *Record) title() string { return p.Keyword + " " + p.Name }

// summary says how big the record is and what of it is unused.
func (p *Record) summary() string {
	parts := []string{count(p.Size, "byte")}
	if p.Align > 0 {
		parts = append(parts, fmt.Sprintf("aligned to %d", p.Align))
	}
	parts = append(parts, count((p.Size+cacheLine-1)/cacheLine, "cache line"))
	holes, unused, padding := p.Holes()
	switch {
	case holes > 0:
		parts = append(parts, fmt.Sprintf("%s (%s)", count(int64(holes), "hole"), bits(unused)))
	default:
		parts = append(parts, "no holes")
	}
	if padding > 0 {
		parts = append(parts, bits(padding)+" padding")
	}
	return strings.Join(parts, ", ")
}

// offset is where a span begins: "12", or "12.3" within a byte.
func (s *Span) offset() string {
	if s.Bitfield || s.Bit%8 != 0 {
		return fmt.Sprintf("%d.%d", s.Bit/8, s.Bit%8)
	}
	return fmt.Sprint(s.Bit / 8)
}

// size is how much a span takes: "8", or ":3" for bits.
func (s *Span) size() string {
	if s.Bitfield || s.Bits%8 != 0 {
		return fmt.Sprintf(":%d", s.Bits)
	}
	return fmt.Sprint(s.Bits / 8)
}

// label is the span's name, indented by its depth, or what it is.
func (s *Span) label() string {
	indent := strings.Repeat("  ", s.Depth)
	switch s.Kind {
	case Hole, Padding:
		return indent + "(" + string(s.Kind) + ")"
	case Group:
		if s.Name == "" {
			return indent + "{" + s.Type + "}"
		}
		return indent + s.Name
	}
	if s.Name == "" {
		return indent + "(unnamed)"
	}
	return indent + s.Name
}

// bits writes a number of bits, as bytes where it is whole ones.
func bits(n int64) string {
	if n%8 == 0 {
		return count(n/8, "byte")
	}
	return count(n, "bit")
}

func count(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
