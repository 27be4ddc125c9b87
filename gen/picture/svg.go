// SPDX-License-Identifier: MIT

package picture

import (
	"bytes"
	"fmt"
	"html"
	"unicode/utf8"
)

// Measures of a drawing, in pixels.
const (
	svgByte   = 72 // width of a byte
	svgRow    = 30
	svgGutter = 56 // left of the first byte, for its offset
	svgHead   = 66 // above the first row
	svgLine   = 10 // between cache lines
	svgChar   = 7  // width of a character, at most
	svgMargin = 12
)

// svgStyle follows the reader's colour scheme. Colours are told apart by
// lightness as well.
const svgStyle = `text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#1a1a1a}
.t{font-weight:bold;font-size:14px}.o{fill:#666}.bg{fill:#fff}
.c{fill:#e8f0fb;stroke:#5b7ba6}.h{fill:url(#hatch);stroke:#a66f00}
.moved{fill:#fff0b8;stroke:#a66f00}.changed,.removed{fill:#ffd9d6;stroke:#b3261e}.added{fill:#d3f2d6;stroke:#1f7a33}
.hatch{stroke:#d9a441;stroke-width:2}.l{stroke:#999;stroke-dasharray:4 3}
@media(prefers-color-scheme:dark){text{fill:#eee}.o{fill:#aaa}.bg{fill:#16181c}
.c{fill:#22344d;stroke:#7fa6db}.h{stroke:#d9a441}
.moved{fill:#4d4010;stroke:#e0b84c}.changed,.removed{fill:#5a1f1b;stroke:#ff8a80}.added{fill:#173d20;stroke:#6fd08c}
.hatch{stroke:#8a6a24}.l{stroke:#777}}`

// SVG returns the grid of the record's bytes as a drawing that stands alone.
func SVG(p *Record) []byte {
	var b bytes.Buffer
	w, h := gridSize(p)
	svgOpen(&b, w, h, p.title()+" of "+p.Source+" on "+p.Target, p.summary())
	svgGrid(&b, p, 0)
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// SVGPair returns the grids of two records side by side, with what differs in
// colour.
func SVGPair(t *Two) []byte {
	var b bytes.Buffer
	w1, h1 := gridSize(t.Old)
	w2, h2 := gridSize(t.New)
	svgOpen(&b, w1+w2, max(h1, h2), t.Old.title()+" of "+t.Old.Source+" beside "+t.New.title()+" of "+t.New.Source, t.verdict())
	svgGrid(&b, t.Old, 0)
	svgGrid(&b, t.New, w1)
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func svgOpen(b *bytes.Buffer, w, h int, title, desc string) {
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">
<title>%s</title>
<desc>%s</desc>
<style>%s</style>
<defs><pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatch" d="M0 0V8"/></pattern></defs>
<rect class="bg" width="%d" height="%d"/>
`, w, h, w, h, esc(title), esc(title), esc(desc), svgStyle, w, h)
}

func gridSize(p *Record) (w, h int) {
	_, end := svgRows(p)
	return svgGutter + perRow*svgByte + svgMargin, end + svgMargin
}

// svgRows returns the top of each row, and the bottom of the last.
func svgRows(p *Record) (tops []int, end int) {
	y := svgHead
	for i, r := range p.grid() {
		if r.skipped > 0 {
			y += svgRow
		}
		if i > 0 && r.offset%cacheLine == 0 {
			y += svgLine
		}
		tops = append(tops, y)
		y += svgRow
	}
	return tops, y
}

func svgGrid(b *bytes.Buffer, p *Record, left int) {
	x0 := left + svgGutter
	fmt.Fprintf(b, `<text class="t" x="%d" y="22">%s</text>`+"\n", left+svgMargin, esc(p.title()))
	fmt.Fprintf(b, `<text class="o" x="%d" y="40">%s</text>`+"\n", left+svgMargin, esc(clip(p.Source+", "+p.Target, 88)))
	fmt.Fprintf(b, `<text class="o" x="%d" y="56">%s</text>`+"\n", left+svgMargin, esc(clip(p.summary(), 88)))
	tops, _ := svgRows(p)
	for i, row := range p.grid() {
		y := tops[i]
		if row.skipped > 0 {
			fmt.Fprintf(b, `<text class="o" x="%d" y="%d">⋮ %s</text>`+"\n", x0+8, y-10, count(row.skipped*perRow, "byte"))
		}
		if i > 0 && row.offset%cacheLine == 0 {
			fmt.Fprintf(b, `<path class="l" d="M%d %dH%d"/>`+"\n", left+svgMargin, y-svgLine/2, x0+perRow*svgByte)
		}
		fmt.Fprintf(b, `<text class="o" x="%d" y="%d" text-anchor="end">%d</text>`+"\n", x0-8, y+20, row.offset)
		for _, c := range row.pieces {
			x, w := x0+int(c.at)*svgByte, int(c.width)*svgByte
			class := "c"
			if c.unused {
				class = "h"
			}
			if c.mark != Same {
				class += " " + string(c.mark)
			}
			tip := fmt.Sprintf("%s, bytes %d to %d", c.label, c.from, c.to-1)
			if c.mark != Same {
				tip += ", " + string(c.mark)
			}
			fmt.Fprintf(b, `<rect class="%s" x="%d" y="%d" width="%d" height="%d"><title>%s</title></rect>`+"\n", class, x, y, w, svgRow, esc(tip))
			if c.begins {
				fmt.Fprintf(b, `<text x="%d" y="%d">%s</text>`+"\n", x+5, y+20, esc(clip(c.label, (w-8)/svgChar)))
			}
		}
	}
}

// esc escapes text for XML, in which control characters cannot be written.
func esc(s string) string {
	clean := make([]rune, 0, len(s))
	for _, r := range s {
		if r < ' ' || r == utf8.RuneError || r == 0xfffe || r == 0xffff {
			r = '?'
		}
		clean = append(clean, r)
	}
	return html.EscapeString(string(clean))
}
