// SPDX-License-Identifier: MIT

package look

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// PerRow is how many bytes one row has, and CacheLine how many a cache line.
const (
	PerRow    = 8
	CacheLine = 64
)

// Cell is a stretch of whole bytes of a record: a member, bit-fields that share
// bytes, a union, or nothing. The cells of a record do not overlap.
type Cell struct {
	From, To int64 // bytes
	// Label is the member's name; Short what is left of it where there is little
	// room, or ""; Detail its type, or "".
	Label, Short, Detail string
	// Unused tells that no member is there.
	Unused bool
	// Mark is how it differs from what it is compared with: "" for not at all,
	// else "moved", "changed", "removed" or "added".
	Mark string
}

// Piece is what one row shows of a cell.
type Piece struct {
	Cell
	// At and Width are in bytes; At counts from the start of the row.
	At, Width int64
	// Begins and Ends tell whether the cell does so in this piece.
	Begins, Ends bool
}

// Row is [PerRow] bytes.
type Row struct {
	Offset int64 // of its first byte
	Pieces []Piece
	// Skipped is a number of rows before this one that are left out, all within
	// one cell.
	Skipped int64
}

// Line returns the number of the cache line that begins with the row, and
// whether one does. Where the row's predecessors were left out, one may have
// begun there.
func (r *Row) Line() (n int64, begins bool) {
	before := r.Offset - r.Skipped*PerRow - 1
	return r.Offset / CacheLine, before >= 0 && r.Offset/CacheLine != before/CacheLine
}

// Rows lays cells out. Of a cell with many rows those in the middle are left
// out.
func Rows(cells []Cell) []Row {
	byRow := map[int64][]Piece{}
	skipped := map[int64]int64{}
	rows := map[int64]bool{}
	for _, c := range cells {
		first, last := c.From/PerRow, (c.To-1)/PerRow
		for r := first; r <= last; r++ {
			if r == first+2 && last-r > 2 {
				skipped[last-1] = last - 1 - r
				r = last - 1
			}
			from, to := max(c.From, r*PerRow), min(c.To, (r+1)*PerRow)
			byRow[r] = append(byRow[r], Piece{c, from - r*PerRow, to - from, from == c.From, to == c.To})
			rows[r] = true
		}
	}
	var order []int64
	for r := range rows {
		order = append(order, r)
	}
	slices.Sort(order)
	var out []Row
	for _, r := range order {
		out = append(out, Row{r * PerRow, byRow[r], skipped[r]})
	}
	return out
}

// Tip says what a cell is, for those who point at it.
func (c *Cell) Tip() string {
	s := c.Label
	if c.Detail != "" {
		s = c.Detail + " " + s
	}
	if c.To-c.From == 1 {
		s += fmt.Sprintf(", byte %d", c.From)
	} else {
		s += fmt.Sprintf(", bytes %d to %d", c.From, c.To-1)
	}
	if c.Mark != "" {
		s += ", " + c.Mark
	}
	return s
}

// Fitting returns the label, or where it is longer than room, in characters, the
// short one.
func (c *Cell) Fitting(room int) string {
	if c.Short != "" && utf8.RuneCountInString(c.Label) > room {
		return c.Short
	}
	return c.Label
}

// perByte is about how many characters of a label fit beside each other over one
// byte of a figure.
const perByte = 6

// Bytes writes the bytes of a record as a figure, eight in a row. The heading
// is HTML; name says to those who do not see it what it is. Everything in it
// stands in a table too.
func Bytes(b *bytes.Buffer, heading, name string, cells []Cell) {
	fmt.Fprintf(b, "<figure class=\"bytes\">\n<figcaption>%s</figcaption>\n<div role=\"img\" aria-label=\"%s\">\n", heading, Escape(name))
	for _, row := range Rows(cells) {
		if row.Skipped > 0 {
			fmt.Fprintf(b, "<div class=\"skipped\">⋮ %s</div>\n", Count(row.Skipped*PerRow, "byte"))
		}
		if n, ok := row.Line(); ok {
			fmt.Fprintf(b, "<div class=\"cut\">cache line %d</div>\n", n)
		}
		fmt.Fprintf(b, "<div class=\"row\"><span class=\"at\">%d</span>", row.Offset)
		for _, p := range row.Pieces {
			class := "cell"
			if p.Unused {
				class += " gap"
			}
			if p.Mark != "" {
				class += " " + p.Mark
			}
			// What goes on above or below has no line there.
			if !p.Begins && p.At == 0 {
				class += " on"
			}
			if !p.Ends && p.At+p.Width == PerRow {
				class += " off"
			}
			fmt.Fprintf(b, "<span class=\"%s\" style=\"grid-column:%d/span %d\" title=\"%s\">", class, p.At+2, p.Width, Escape(p.Tip()))
			if p.Begins {
				fmt.Fprintf(b, "<span>%s</span>", Escape(p.Fitting(int(p.Width)*perByte)))
				if p.Detail != "" && p.Width > 2 {
					fmt.Fprintf(b, "<small>%s</small>", Escape(p.Detail))
				}
			}
			b.WriteString("</span>")
		}
		b.WriteString("</div>\n")
	}
	b.WriteString("</div>\n</figure>\n")
}

// Key explains the colours of the marks that the cells have.
func Key(b *bytes.Buffer, sides ...[]Cell) {
	marks := map[string]bool{}
	gap := false
	for _, cells := range sides {
		for i := range cells {
			if cells[i].Unused {
				gap = true
			} else {
				marks[cells[i].Mark] = true
			}
		}
	}
	delete(marks, "")
	if !gap && len(marks) == 0 {
		return
	}
	b.WriteString("<ul class=\"key\">")
	if gap {
		b.WriteString("<li class=\"k-gap\">nothing is there</li>")
	}
	for _, m := range Marks {
		if marks[m.Word] {
			fmt.Fprintf(b, "<li class=\"k-%s\">%s</li>", m.Word, m.Meaning)
		}
	}
	b.WriteString("</ul>\n")
}

// Mark is a way to differ. Sign is for a margin.
type Mark struct{ Word, Sign, Meaning string }

// Marks lists the ways to differ.
var Marks = []Mark{
	{"moved", ">", "moved"},
	{"changed", "~", "another size or type"},
	{"removed", "-", "removed"},
	{"added", "+", "added"},
}

// Sides opens and closes two figures side by side.
func Sides(b *bytes.Buffer, content func()) {
	b.WriteString("<div class=\"maps two\">\n")
	content()
	b.WriteString("</div>\n")
}

// Prototype shortens the spelling of a type: of a function pointer the
// parameters are left out, which are no matter of layout.
func Prototype(kind string) string {
	if i := strings.Index(kind, "(*)("); i >= 0 {
		return kind[:i] + "(*)(…)"
	}
	return kind
}
