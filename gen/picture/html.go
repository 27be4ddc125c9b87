// SPDX-License-Identifier: MIT

package picture

import (
	"bytes"
	"fmt"

	"github.com/fuseiomap/abigen/internal/look"
)

// HTML returns a page with the record's bytes and a table of its members. It
// asks for nothing: no script, no font, no request.
func HTML(p *Record) []byte {
	var b bytes.Buffer
	look.Begin(&b, p.title(), p.heading(), "")
	look.Chips(&b, append([]look.Chip{{Class: "code", Text: p.Source}, {Text: p.Target}, {Text: "Go: " + p.Go}}, p.facts()...)...)
	cells := p.cells()
	if len(cells) > 0 {
		b.WriteString("<div class=\"maps\">\n")
		look.Bytes(&b, "Bytes", "the bytes of "+p.title()+": "+p.summary(), cells)
		b.WriteString("</div>\n")
		look.Key(&b, cells)
	}
	look.Scroll(&b, "members of "+p.title(), func() { p.table(&b) })
	look.End(&b, "")
	return b.Bytes()
}

// HTMLPair returns a page with two records side by side.
func HTMLPair(t *Two) []byte {
	var b bytes.Buffer
	look.Begin(&b, t.Old.title()+": "+t.Old.Source+" and "+t.New.Source, t.Old.heading(), "")
	class := "warn"
	if t.same() {
		class = "good"
	}
	look.Chips(&b, look.Chip{Class: "code", Text: "old: " + t.Old.Source}, look.Chip{Class: "code", Text: "new: " + t.New.Source},
		look.Chip{Class: class, Text: t.verdict()})
	older, newer := t.Old.cells(), t.New.cells()
	look.Sides(&b, func() {
		for i, p := range []*Record{t.Old, t.New} {
			side := []string{"old", "new"}[i]
			look.Bytes(&b, fmt.Sprintf("<strong>%s</strong> <code>%s</code> <span class=\"muted\">%s, %s</span>", side, look.Escape(p.Source), look.Escape(p.Target), look.Escape(p.summary())),
				"the bytes of "+p.title()+" in the "+side+" source, "+p.Source+": "+p.summary(), [][]look.Cell{older, newer}[i])
		}
	})
	look.Key(&b, older, newer)
	look.Scroll(&b, "members side by side", func() {
		look.Beside(&b, "Members: "+t.verdict(), "old: "+look.Count(t.Old.Size, "byte"), "new: "+look.Count(t.New.Size, "byte"), t.lines())
	})
	look.End(&b, "")
	return b.Bytes()
}

// heading is the title of a page.
func (p *Record) heading() string {
	return fmt.Sprintf("<span class=\"word\">%s</span> <code>%s</code>", look.Escape(p.Keyword), look.Escape(p.Name))
}

// facts says how big the record is and what of it is unused.
func (p *Record) facts() []look.Chip {
	chips := []look.Chip{{Text: look.Count(p.Size, "byte")}}
	if p.Align > 0 {
		chips = append(chips, look.Chip{Text: fmt.Sprintf("aligned to %d", p.Align)})
	}
	chips = append(chips, look.Chip{Text: look.Count((p.Size+look.CacheLine-1)/look.CacheLine, "cache line")})
	holes, unused, padding := p.Holes()
	if holes > 0 {
		chips = append(chips, look.Chip{Class: "warn", Text: fmt.Sprintf("%s (%s)", look.Count(int64(holes), "hole"), bits(unused))})
	} else {
		chips = append(chips, look.Chip{Text: "no holes"})
	}
	if padding > 0 {
		chips = append(chips, look.Chip{Class: "warn", Text: bits(padding) + " padding"})
	}
	return chips
}

// table writes the members of the record.
func (p *Record) table(b *bytes.Buffer) {
	b.WriteString("<table class=\"members\">\n<thead><tr><th scope=\"col\" class=\"n\">offset</th><th scope=\"col\" class=\"n\">size</th>" +
		"<th scope=\"col\">type</th><th scope=\"col\">member</th><th scope=\"col\">Go</th></tr></thead>\n<tbody>\n")
	lines := lineCounter{}
	for i := range p.Spans {
		s := &p.Spans[i]
		if text := lines.next(p.Spans[:i], s); text != "" {
			fmt.Fprintf(b, "<tr class=\"cacheline\"><td colspan=\"5\">%s</td></tr>\n", look.Escape(text))
		}
		class := ""
		if s.gap() {
			class = " class=\"gap\""
		}
		c := s.columns()
		fmt.Fprintf(b, "<tr%s><td class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"type\">%s</td><th scope=\"row\">%s</th><td>%s</td></tr>\n",
			class, c[0], c[1], look.Escape(c[2]), look.Escape(c[3]), look.Escape(c[4]))
	}
	b.WriteString("</tbody>\n</table>\n")
}

// lines returns the rows of a pair for a table.
func (t *Two) lines() []look.Line {
	member := func(s *Span) *look.Member {
		if s == nil {
			return nil
		}
		c := s.columns()
		return &look.Member{Offset: c[0], Size: c[1], Type: c[2], Name: c[3], Go: c[4], Gap: s.gap()}
	}
	var out []look.Line
	for _, r := range t.Rows {
		out = append(out, look.Line{Mark: string(r.mark()), Old: member(r.Old), New: member(r.New)})
	}
	return out
}
