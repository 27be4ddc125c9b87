// SPDX-License-Identifier: MIT

package picture

import (
	"fmt"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/goname"
	"github.com/fuseiomap/abigen/internal/look"
)

// Kind says what a [Span] is.
type Kind string

// The kinds of span.
const (
	Member  Kind = "member"
	Hole    Kind = "hole"
	Padding Kind = "padding"
	// Group is a record whose members follow, one level deeper: an anonymous one,
	// or any where [Options] ask for that.
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
	Kind Kind // member, hole or padding
	// Name is the member's in C, Go what abigen generates for it; Type is its
	// type as the source spells it. All are empty for holes.
	Name, Go, Type string
	// Path is Name with those of the records around it, which tells members of
	// one name apart.
	Path string
	// Depth is the number of groups around the span.
	Depth int
	// Bit is the offset from the start of the record and Bits the size, in bits.
	Bit, Bits int64
	Bitfield  bool // declared with a width
	Mark      Mark // how it differs from the other record's

	canonical model.Type
	// union tells that the span lies over others; alternative numbers the members
	// of the outermost union that it is in.
	union       bool
	alternative int
}

// Record is a record ready to be drawn.
type Record struct {
	// Source and Target say where the record comes from.
	Source, Target string
	// Keyword is struct or union; Name is C's, Go what abigen generates.
	Keyword, Name, Go string
	// Size and Align are in bytes; Align is 0 where the source cannot tell.
	Size, Align int64
	Spans       []Span // in the order of their bytes
}

// Options are what there is to choose of a record.
type Options struct {
	// Trim is the prefix that Go names lack, Prefix the one they have instead.
	Trim, Prefix string
	// Expand asks for the members of records within, not of anonymous ones alone.
	Expand bool
}

// Of returns the record of that name. The error names what else there is.
func Of(a *model.ABI, name string, o Options) (*Record, error) {
	r := a.Record(name)
	if r == nil {
		return nil, fmt.Errorf("%s has no record %s", a.Source, name)
	}
	p := &Record{Source: a.Source, Target: a.Target, Keyword: string(r.Kind), Name: r.Name,
		Go: o.Prefix + goname.Type(r.Name, o.Trim), Size: r.Size, Align: r.Align}
	w := walker{p: p, abi: a, expand: o.Expand}
	w.add(r, place{union: r.Kind == model.Union})
	return p, nil
}

// walker collects the spans of a record.
type walker struct {
	p      *Record
	abi    *model.ABI
	expand bool
	// alternatives counts the members of unions seen so far.
	alternatives int
}

// place is where a record lies in the one that is drawn.
type place struct {
	path        string
	base        int64 // bits
	depth       int
	union       bool
	alternative int
}

// maxDepth bounds how deep records within records are followed.
const maxDepth = 32

// add appends the members of r.
func (w *walker) add(r *model.Record, at place) {
	end := int64(0)
	gap := func(kind Kind, to int64) {
		if r.Kind == model.Struct && to > end {
			w.p.Spans = append(w.p.Spans, Span{Kind: kind, Depth: at.depth, Bit: at.base + end, Bits: to - end, union: at.union, alternative: at.alternative})
		}
	}
	for i := range r.Fields {
		f := &r.Fields[i]
		gap(Hole, f.BitOffset)
		inner := at
		inner.base += f.BitOffset
		inner.depth++
		inner.path = f.Name
		if at.path != "" {
			inner.path = strings.TrimSuffix(at.path+"."+f.Name, ".")
		}
		if r.Kind == model.Union && at.alternative == 0 {
			w.alternatives++
			inner.alternative = w.alternatives
		}
		s := Span{Kind: Member, Name: f.Name, Type: f.Spelling, Path: inner.path, Depth: at.depth, Bit: inner.base, Bits: f.BitSize,
			Bitfield: f.Bitfield, canonical: f.Type, union: at.union, alternative: inner.alternative}
		if f.Name != "" {
			s.Go = goname.Field(f.Name)
		}
		if within := w.within(f); within != nil && at.depth < maxDepth {
			s.Kind = Group
			if f.Record != nil {
				s.Type = string(f.Record.Kind)
			}
			w.p.Spans = append(w.p.Spans, s)
			inner.union = at.union || within.Kind == model.Union
			w.add(within, inner)
		} else {
			w.p.Spans = append(w.p.Spans, s)
		}
		end = max(end, f.BitOffset+f.BitSize)
	}
	gap(Padding, r.Size*8)
}

// within returns the record whose members are shown in place of the field, nil
// for the field itself.
func (w *walker) within(f *model.Field) *model.Record {
	ref, direct := model.Unqualified(f.Type).(model.Ref)
	switch {
	case !direct || ref.Kind == model.RefEnum:
		return nil
	case f.Record != nil:
		return f.Record
	case w.expand && ref.Name != "":
		if r := w.abi.Record(ref.Name); r != nil && len(r.Fields) > 0 {
			return r
		}
	}
	return nil
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

// gap tells that no member is there.
func (s *Span) gap() bool { return s.Kind == Hole || s.Kind == Padding }

// anonymous tells that the span is a record whose type has no name.
func (s *Span) anonymous() bool {
	return s.Kind == Group && (s.Type == string(model.Struct) || s.Type == string(model.Union))
}

// title is the record's name as C writes it.
func (p *Record) title() string { return p.Keyword + " " + p.Name }

// summary says how big the record is and what of it is unused.
func (p *Record) summary() string {
	parts := []string{look.Count(p.Size, "byte")}
	if p.Align > 0 {
		parts = append(parts, fmt.Sprintf("aligned to %d", p.Align))
	}
	parts = append(parts, look.Count((p.Size+look.CacheLine-1)/look.CacheLine, "cache line"))
	holes, unused, padding := p.Holes()
	switch {
	case holes > 0:
		parts = append(parts, fmt.Sprintf("%s (%s)", look.Count(int64(holes), "hole"), bits(unused)))
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
		return look.Count(n/8, "byte")
	}
	return look.Count(n, "bit")
}
