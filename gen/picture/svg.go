// SPDX-License-Identifier: MIT

package picture

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/fuseiomap/abigen/internal/look"
)

// Measures of a drawing, in pixels.
const (
	svgByte   = 72 // width of a byte
	svgHalf   = 60 // of one of two records side by side
	svgRow    = 28
	svgGutter = 56 // left of the first byte, for its offset
	svgHead   = 72 // above the first row
	svgLine   = 18 // between cache lines
	svgSkip   = 22 // where rows are left out
	svgChar   = 7.3
	svgMargin = 14
)

// SVG returns the record's bytes as a drawing that stands alone.
func SVG(p *Record) []byte {
	var b bytes.Buffer
	g := newGrid(p, svgByte)
	look.BeginDrawing(&b, g.width(), g.end+svgMargin, p.title()+" of "+p.Source+" on "+p.Target, p.summary())
	g.draw(&b, 0)
	look.EndDrawing(&b)
	return b.Bytes()
}

// SVGPair returns the bytes of two records side by side, with what differs in
// colour.
func SVGPair(t *Two) []byte {
	var b bytes.Buffer
	older, newer := newGrid(t.Old, svgHalf), newGrid(t.New, svgHalf)
	look.BeginDrawing(&b, older.width()+newer.width(), max(older.end, newer.end)+svgMargin,
		t.Old.title()+" of "+t.Old.Source+" beside "+t.New.title()+" of "+t.New.Source, t.verdict())
	older.draw(&b, 0)
	newer.draw(&b, older.width())
	look.EndDrawing(&b)
	return b.Bytes()
}

// grid is a record's bytes laid out on paper.
type grid struct {
	*Record
	rows []look.Row
	tops []int // of the rows
	end  int   // the bottom of the last
	byte int   // width of a byte
}

func newGrid(p *Record, width int) *grid {
	g := &grid{Record: p, rows: look.Rows(p.cells()), end: svgHead, byte: width}
	for i := range g.rows {
		if g.rows[i].Skipped > 0 {
			g.end += svgSkip
		}
		if _, ok := g.rows[i].Line(); ok {
			g.end += svgLine
		}
		g.tops = append(g.tops, g.end)
		g.end += svgRow
	}
	return g
}

func (g *grid) width() int { return svgGutter + look.PerRow*g.byte + svgMargin }

func (g *grid) draw(b *bytes.Buffer, left int) {
	x0, right := left+svgGutter, left+svgGutter+look.PerRow*g.byte
	room := int(float64(g.width()-2*svgMargin) / svgChar)
	write := func(class string, x, y int, text string) {
		if class != "" {
			class = fmt.Sprintf(` class="%s"`, class)
		}
		fmt.Fprintf(b, "<text%s x=\"%d\" y=\"%d\">%s</text>\n", class, x, y, look.Escape(text))
	}
	write("title", left+svgMargin, 22, look.Clip(g.title(), room*12/14))
	write("dim", left+svgMargin, 40, look.Clip(g.Source+", "+g.Target, room))
	write("dim", left+svgMargin, 56, look.Clip(g.summary(), room))
	for i, row := range g.rows {
		y := g.tops[i]
		n, cut := row.Line()
		if row.Skipped > 0 {
			at := y - 7
			if cut {
				at -= svgLine
			}
			write("dim", x0+6, at, "⋮ "+look.Count(row.Skipped*look.PerRow, "byte"))
		}
		if cut {
			label := fmt.Sprintf("cache line %d", n)
			write("dim small", x0, y-5, label)
			fmt.Fprintf(b, "<path class=\"cacheline\" d=\"M%d %dH%d\"/>\n", x0+utf8.RuneCountInString(label)*6+8, y-svgLine/2, right)
		}
		fmt.Fprintf(b, "<text class=\"dim\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%d</text>\n", x0-8, y+18, row.Offset)
		for _, c := range row.Pieces {
			g.piece(b, c, x0, y)
		}
	}
}

// piece draws what a row has of a cell.
func (g *grid) piece(b *bytes.Buffer, c look.Piece, x0, y int) {
	x, w := x0+int(c.At)*g.byte, int(c.Width)*g.byte
	class, fill := "cell", ""
	switch {
	case c.Unused:
		class, fill = "gap", ` fill="url(#hatch)"`
	case c.Mark != "":
		class += " " + c.Mark
	}
	// A cell goes on from row to row without a line between.
	edges := fmt.Sprintf("M%d %dv%dM%d %dv%d", x, y, svgRow, x+w, y, svgRow)
	if c.Begins || c.At > 0 {
		edges += fmt.Sprintf("M%d %dh%d", x, y, w)
	}
	if c.Ends || c.At+c.Width < look.PerRow {
		edges += fmt.Sprintf("M%d %dh%d", x, y+svgRow, w)
	}
	fmt.Fprintf(b, "<g class=\"%s\"><title>%s</title><path class=\"fill\"%s d=\"M%d %dh%dv%dh-%dz\"/><path class=\"edge\" d=\"%s\"/></g>\n", class, look.Escape(c.Tip()), fill, x, y, w, svgRow, w, edges)
	if !c.Begins {
		return
	}
	chars := func(px int) int { return int(float64(px) / svgChar) }
	label := look.Clip(c.Fitting(chars(w-8)), chars(w-8))
	style := ""
	if c.Unused {
		style = ` class="halo"`
	}
	fmt.Fprintf(b, "<text%s x=\"%d\" y=\"%d\">%s</text>\n", style, x+6, y+18, look.Escape(label))
	if rest := chars(w-14) - utf8.RuneCountInString(label) - 1; c.Width > 2 && c.Detail != "" && rest >= utf8.RuneCountInString(c.Detail) {
		fmt.Fprintf(b, "<text class=\"dim\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", x+w-6, y+18, look.Escape(c.Detail))
	}
}
