// SPDX-License-Identifier: MIT

package picture

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Text returns the record as a table of its members, with a line wherever a
// cache line begins, and as a grid of its bytes, eight in a row:
//
//	struct pair  (Go: Pair)  bpfel  header:p.h
//	16 bytes, aligned to 8, 1 cache line, 1 hole (4 bytes)
//
//	offset  size  type      member  Go
//	     0     4  uint32_t  n       N
//	     4     4            (hole)
//	     8     8  uint64_t  at      At
//
//	 0 │n                              ░░░░░░░░░░░░(hole)░░░░░░░░░░░░░│
//	 8 │at                                                             │
//
// With color, holes and padding are yellow.
func Text(p *Record, color bool) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s  (Go: %s)  %s  %s\n%s\n\n", p.title(), p.Go, p.Target, p.Source, p.summary())
	rows := [][]string{{"offset", "size", "type", "member", "Go"}}
	for i := range p.Spans {
		rows = append(rows, p.Spans[i].columns())
	}
	width := widths(rows)
	line := int64(0)
	for i, row := range rows {
		if i > 0 {
			s := &p.Spans[i-1]
			if at := s.Bit / 8 / cacheLine; at > line && !s.union {
				line = at
				fmt.Fprintf(&b, "%s\n", paint(color, dim, fmt.Sprintf("--- cache line %d: byte %d ---", line, line*cacheLine)))
			}
		}
		text := tableLine(row, width)
		switch {
		case i == 0:
			text = paint(color, dim, text)
		case p.Spans[i-1].Kind == Hole, p.Spans[i-1].Kind == Padding:
			text = paint(color, yellow, text)
		}
		fmt.Fprintln(&b, text)
	}
	if grid := textGrid(p, color); len(grid) > 0 {
		fmt.Fprintf(&b, "\n%s", grid)
	}
	return b.Bytes()
}

// TextPair returns two records side by side. The column between them says how a
// line differs: > moved, ~ another size or type, - removed, + added.
func TextPair(t *Two, color bool) []byte {
	var b bytes.Buffer
	for i, p := range []*Record{t.Old, t.New} {
		fmt.Fprintf(&b, "%s: %s  %s  %s\n     %s\n", []string{"old", "new"}[i], p.title(), p.Target, p.Source, p.summary())
	}
	rows := [][]string{{"offset", "size", "type", "member", "", "offset", "size", "type", "member"}}
	for _, r := range t.Rows {
		rows = append(rows, append(append(side(r.Old), sign[r.mark()]), side(r.New)...))
	}
	width := widths(rows)
	b.WriteByte('\n')
	for i, row := range rows {
		text := tableLine(row, width)
		if i == 0 {
			text = paint(color, dim, text)
		} else if m := t.Rows[i-1].mark(); m != Same {
			text = paint(color, markColor[m], text)
		}
		fmt.Fprintln(&b, text)
	}
	fmt.Fprintf(&b, "\n%s\n", t.verdict())
	return b.Bytes()
}

// verdict says how much differs.
func (t *Two) verdict() string {
	n := t.Differences()
	switch {
	case n > 0:
		return count(int64(n), "line") + map[bool]string{true: " differs", false: " differ"}[n == 1] +
			": > moved, ~ another size or type, - removed, + added"
	case t.Old.Size != t.New.Size:
		return fmt.Sprintf("the members are the same, the sizes are not: %d and %d bytes", t.Old.Size, t.New.Size)
	}
	return "no differences"
}

// sign marks a line of a pair, for readers and terminals without colour.
var sign = map[Mark]string{Same: " ", Moved: ">", Changed: "~", Removed: "-", Added: "+"}

func side(s *Span) []string {
	if s == nil {
		return []string{"", "", "", ""}
	}
	return s.columns()[:4]
}

// maxType is where the spelling of a type is cut off.
const maxType = 40

func (s *Span) columns() []string {
	kind := s.Type
	if i := strings.Index(kind, "(*)("); i >= 0 {
		// Prototypes are longer than a line; what they are is not a matter of
		// layout.
		kind = kind[:i] + "(*)(…)"
	}
	kind = clip(kind, maxType)
	if s.Kind == Group {
		kind = ""
	}
	return []string{s.offset(), s.size(), kind, s.label(), s.Go}
}

func widths(rows [][]string) []int {
	w := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, c := range row {
			w[i] = max(w[i], utf8.RuneCountInString(c))
		}
	}
	return w
}

// tableLine pads the cells; offsets and sizes stand to the right.
func tableLine(row []string, width []int) string {
	var b strings.Builder
	for i, c := range row {
		pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(c))
		if n := i % 5; n < 2 {
			b.WriteString(pad + c)
		} else {
			b.WriteString(c + pad)
		}
		b.WriteString("  ")
	}
	return strings.TrimRight(b.String(), " ")
}

// byteWidth is the width of a byte in a text grid, in characters.
const byteWidth = 8

func textGrid(p *Record, color bool) string {
	var b strings.Builder
	digits := max(2, len(fmt.Sprint(max(p.Size-1, 0))))
	for _, row := range p.grid() {
		if row.skipped > 0 {
			fmt.Fprintf(&b, "%*s ┆ %s\n", digits, "", count(row.skipped*perRow, "byte"))
		}
		if row.offset > 0 && row.offset%cacheLine == 0 {
			fmt.Fprintf(&b, "%*s ├%s┤\n", digits, "", strings.Repeat("─", perRow*byteWidth-1))
		}
		fmt.Fprintf(&b, "%*d │", digits, row.offset)
		for _, c := range row.pieces {
			room := int(c.width)*byteWidth - 1
			fill := " "
			label := ""
			if c.begins {
				label = c.label
			}
			if c.unused {
				fill = "░"
			}
			text := clip(label, room)
			text += strings.Repeat(fill, room-utf8.RuneCountInString(text))
			if c.unused {
				text = paint(color, yellow, text)
			}
			b.WriteString(text)
			if c.ends || c.at+c.width == perRow {
				b.WriteString("│")
			} else {
				b.WriteString(fill)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// clip cuts s off where it is longer than room.
func clip(s string, room int) string {
	r := []rune(s)
	if len(r) <= room {
		return s
	}
	return string(r[:max(room-1, 0)]) + "…"
}

// The colours, as the parameters of a select graphic rendition sequence.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	dim    = "2"
)

var markColor = map[Mark]string{Moved: yellow, Changed: red, Removed: red, Added: green}

func paint(color bool, c, s string) string {
	if !color || s == "" {
		return s
	}
	return "\x1b[" + c + "m" + s + "\x1b[0m"
}
