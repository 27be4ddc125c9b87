// SPDX-License-Identifier: MIT

package picture

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fuseiomap/abigen/internal/look"
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
//	 0 │n                              │░░hole░░░░░░░░░░░░░░░░░░░░░░░░░│
//	 8 │at                                                             │
//
// With color, holes and padding are yellow.
func Text(p *Record, color bool) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s  (Go: %s)  %s  %s\n%s\n\n", paint(color, bold, p.title()), p.Go, p.Target, p.Source, p.summary())
	rows := [][]string{{"offset", "size", "type", "member", "Go"}}
	for i := range p.Spans {
		rows = append(rows, p.Spans[i].columns())
	}
	width := widths(rows)
	lines := lineCounter{}
	for i, row := range rows {
		if i > 0 {
			if text := lines.next(p.Spans[:i-1], &p.Spans[i-1]); text != "" {
				fmt.Fprintf(&b, "%s\n", paint(color, dim, "--- "+text+" ---"))
			}
		}
		text := tableLine(row, width, "rrlll")
		switch {
		case i == 0:
			text = paint(color, dim, text)
		case p.Spans[i-1].gap():
			text = paint(color, yellow, text)
		}
		fmt.Fprintln(&b, text)
	}
	if grid := textGrid(p, wide, color); len(grid) > 0 {
		b.WriteByte('\n')
		for _, l := range grid {
			fmt.Fprintln(&b, l.text)
		}
	}
	return b.Bytes()
}

// TextPair returns two records side by side: member by member, then their
// bytes. The first column says how a line differs: > moved, ~ another size or
// type, - removed, + added.
func TextPair(t *Two, color bool) []byte {
	var b bytes.Buffer
	for i, p := range []*Record{t.Old, t.New} {
		fmt.Fprintf(&b, "%s: %s  %s  %s\n     %s\n", []string{"old", "new"}[i], paint(color, bold, p.title()), p.Target, p.Source, p.summary())
	}
	rows := [][]string{
		{"", "", "", "", "old", "", "", "", "new", "", ""},
		{"", "member", "Go", "", "offset", "size", "type", "", "offset", "size", "type"}}
	for _, r := range t.Rows {
		s := r.Old
		if s == nil {
			s = r.New
		}
		c := s.columns()
		rows = append(rows, slices.Concat([]string{sign(r.mark()), c[3], c[4], "│"}, side(r.Old), []string{"│"}, side(r.New)))
	}
	width := widths(rows)
	b.WriteByte('\n')
	for i, row := range rows {
		text := tableLine(row, width, "llllrrllrrl")
		if i < 2 {
			text = paint(color, dim, text)
		} else if m := t.Rows[i-2].mark(); m != Same {
			text = paint(color, markColor[m], text)
		}
		fmt.Fprintln(&b, text)
	}
	textBeside(&b, textGrid(t.Old, half, color), textGrid(t.New, half, color))
	fmt.Fprintf(&b, "\n%s\n", t.explained())
	return b.Bytes()
}

// textBeside writes two grids side by side.
func textBeside(b *bytes.Buffer, older, newer []gridLine) {
	if len(older)+len(newer) == 0 {
		return
	}
	room := 0
	for _, l := range older {
		room = max(room, l.width)
	}
	b.WriteByte('\n')
	for i := range max(len(older), len(newer)) {
		var l, r gridLine
		if i < len(older) {
			l = older[i]
		}
		if i < len(newer) {
			r = newer[i]
		}
		fmt.Fprintln(b, strings.TrimRight(l.text+strings.Repeat(" ", room-l.width+4)+r.text, " "))
	}
}

// verdict says how much differs.
func (t *Two) verdict() string {
	n := t.Differences()
	switch {
	case n > 0:
		return look.Count(int64(n), "line") + map[bool]string{true: " differs", false: " differ"}[n == 1]
	case t.Old.Size != t.New.Size:
		return fmt.Sprintf("the members are the same, the sizes are not: %d and %d bytes", t.Old.Size, t.New.Size)
	}
	return "no differences"
}

// same tells that there is nothing to see.
func (t *Two) same() bool { return t.Differences() == 0 && t.Old.Size == t.New.Size }

// explained is the verdict with what the signs mean.
func (t *Two) explained() string {
	if t.Differences() == 0 {
		return t.verdict()
	}
	var signs []string
	for _, m := range look.Marks {
		signs = append(signs, m.Sign+" "+m.Meaning)
	}
	return t.verdict() + ": " + strings.Join(signs, ", ")
}

// sign marks a line of a pair, for readers and terminals without colour.
func sign(m Mark) string {
	for _, k := range look.Marks {
		if k.Word == string(m) {
			return k.Sign
		}
	}
	return " "
}

func side(s *Span) []string {
	if s == nil {
		return []string{"", "", ""}
	}
	return s.columns()[:3]
}

// lineCounter tells where cache lines begin among the lines of a table.
type lineCounter struct{ line int64 }

// next returns what to write before the line of s: "" where no cache line has
// begun since the line before.
func (c *lineCounter) next(before []Span, s *Span) string {
	at := s.Bit / 8 / look.CacheLine
	if at <= c.line || s.union {
		return ""
	}
	c.line = at
	start := at * look.CacheLine
	text := fmt.Sprintf("cache line %d: byte %d", at, start)
	if s.Bit/8 > start {
		// What lies over the boundary is the last one before it, not a group whose
		// members are listed.
		for i := len(before) - 1; i >= 0; i-- {
			if p := &before[i]; p.Kind != Group && p.Bit < start*8 && p.Bit+p.Bits > start*8 {
				return text + ", within " + strings.Trim(strings.TrimSpace(p.label()), "()")
			}
		}
	}
	return text
}

// maxType is where the spelling of a type is cut off.
const maxType = 40

func (s *Span) columns() []string {
	// Prototypes are longer than a line; what they are is not a matter of layout.
	kind := look.Clip(look.Prototype(s.Type), maxType)
	if s.anonymous() {
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

// tableLine pads the cells; adjust has an l or r for each column.
func tableLine(row []string, width []int, adjust string) string {
	var b strings.Builder
	for i, c := range row {
		if width[i] == 0 {
			continue
		}
		pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(c))
		if adjust[i] == 'r' {
			b.WriteString(pad + c)
		} else {
			b.WriteString(c + pad)
		}
		b.WriteString("  ")
	}
	return strings.TrimRight(b.String(), " ")
}

// Widths of a byte in a text grid, in characters: of one record, and of one of
// two.
const (
	wide = 8
	half = 5
)

// gridLine is a line of a grid, and its width without colours.
type gridLine struct {
	text  string
	width int
}

func textGrid(p *Record, byteWidth int, color bool) []gridLine {
	var out []gridLine
	digits := max(2, len(fmt.Sprint(max(p.Size-1, 0))))
	add := func(text string, width int) {
		if width == 0 {
			width = utf8.RuneCountInString(text)
		}
		out = append(out, gridLine{text, width})
	}
	full := look.PerRow*byteWidth - 1
	for _, row := range look.Rows(p.cells()) {
		if row.Skipped > 0 {
			add(fmt.Sprintf("%*s ┆ %s", digits, "", look.Count(row.Skipped*look.PerRow, "byte")), 0)
		}
		if n, ok := row.Line(); ok {
			label := fmt.Sprintf(" cache line %d ", n)
			add(fmt.Sprintf("%*s ├─%s%s┤", digits, "", label, strings.Repeat("─", full-1-len(label))), 0)
		}
		var b strings.Builder
		fmt.Fprintf(&b, "%*d │", digits, row.Offset)
		for _, c := range row.Pieces {
			b.WriteString(gridPiece(c, byteWidth, color))
			if c.Ends || c.At+c.Width == look.PerRow {
				b.WriteString("│")
			} else {
				b.WriteString(" ")
			}
		}
		last := row.Pieces[len(row.Pieces)-1]
		add(b.String(), digits+2+int(last.At+last.Width)*byteWidth)
	}
	return out
}

// gridPiece is what a row has of a cell, without the line at its end.
func gridPiece(c look.Piece, byteWidth int, color bool) string {
	room := int(c.Width)*byteWidth - 1
	label, fill := "", " "
	if c.Begins {
		label = c.Fitting(room)
		if c.Mark != "" && !c.Unused {
			label = sign(Mark(c.Mark)) + label
		}
	}
	if c.Unused {
		fill = "░"
		if label != "" && room > len(label)+2 {
			label = "░░" + label
		}
	}
	text := look.Clip(label, room)
	text += strings.Repeat(fill, room-utf8.RuneCountInString(text))
	switch {
	case c.Unused:
		return paint(color, yellow, text)
	case c.Mark != "":
		return paint(color, markColor[Mark(c.Mark)], text)
	}
	return text
}

// The colours, as the parameters of a select graphic rendition sequence.
const (
	red     = "31"
	green   = "32"
	yellow  = "33"
	magenta = "35"
	bold    = "1"
	dim     = "2"
)

var markColor = map[Mark]string{Moved: yellow, Changed: magenta, Removed: red, Added: green}

func paint(color bool, c, s string) string {
	if !color || s == "" {
		return s
	}
	return "\x1b[" + c + "m" + s + "\x1b[0m"
}
