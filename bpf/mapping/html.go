// SPDX-License-Identifier: MIT

package mapping

import (
	"bytes"
	"fmt"
	"io"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/internal/look"
)

// WriteHTML writes a page with the drawing and a table, where the rules that an
// answer breaks stand below it.
func (r *Result) WriteHTML(w io.Writer) error {
	var b bytes.Buffer
	title := r.title()
	look.Begin(&b, "abigen map: "+title, "What the program answers", "")
	look.Chips(&b, r.facts()...)
	fmt.Fprintf(&b, "<p class=\"muted\">%s</p>\n", look.Escape(title))
	look.Scroll(&b, "drawing of the mappings", func() {
		h := r.drawingHeight()
		fmt.Fprintf(&b, "<svg class=\"drawing extents\" viewBox=\"0 50 %d %d\" role=\"img\" aria-label=\"%s\">\n", svgWidth, h-50, look.Escape("the file and its devices: "+r.summary()))
		r.draw(&b)
		b.WriteString("</svg>\n")
	})
	look.Scroll(&b, "mappings", func() { r.table(&b) })
	if len(r.Unchecked) > 0 {
		b.WriteString("<h2>Not checked</h2>\n<ul>\n")
		for _, u := range r.Unchecked {
			fmt.Fprintf(&b, "<li>%s</li>\n", look.Escape(u.String()))
		}
		b.WriteString("</ul>\n")
	}
	look.End(&b, "")
	_, err := w.Write(b.Bytes())
	return err
}

// facts counts what is in a result.
func (r *Result) facts() []look.Chip {
	handled, fallback, warnings := r.counts()
	chips := []look.Chip{{Text: plural(handled, "mapping")}}
	add := func(n int, class, text string) {
		if n > 0 {
			chips = append(chips, look.Chip{Class: class, Text: text})
		}
	}
	add(fallback, "", plural(fallback, "range")+" left to the server")
	if r.Broken() == 0 {
		chips = append(chips, look.Chip{Class: "good", Text: "no broken rule"})
	}
	add(r.Broken(), "bad", plural(r.Broken(), "broken rule"))
	add(warnings, "warn", plural(warnings, "warning"))
	chips = append(chips, look.Chip{Text: fmt.Sprintf("%d not checked", len(r.Unchecked))})
	if r.Stopped {
		chips = append(chips, look.Chip{Class: "warn", Text: fmt.Sprintf("stopped at %d after %d calls", r.Next, r.Calls)})
	}
	return chips
}

// table lists the mappings, with those of the rules that each breaks below it.
func (r *Result) table(b *bytes.Buffer) {
	b.WriteString("<table class=\"members\">\n<thead><tr><th scope=\"col\" class=\"n\">offset</th><th scope=\"col\" class=\"n\">length</th><th scope=\"col\">type</th>" +
		"<th scope=\"col\" class=\"n\">device</th><th scope=\"col\" class=\"n\">address</th><th scope=\"col\">flags</th><th scope=\"col\">writes</th></tr></thead>\n<tbody>\n")
	for i := range r.Extents {
		e := &r.Extents[i]
		row := ""
		if len(e.Broken) > 0 {
			row = " class=\"removed\""
		}
		fmt.Fprintf(b, "<tr%s>", row)
		if e.Handled() {
			m := &e.Answer.Read
			flags := ""
			if m.Flags != 0 {
				flags = m.Flags.String()
			}
			for j, c := range []string{fmt.Sprint(m.Offset), fmt.Sprint(m.Length), m.Type.String(), device(m), address(m), flags, writes(&e.Answer)} {
				tableCell(b, j, c, class(e))
			}
		} else {
			for j, c := range []string{fmt.Sprint(e.Offset), fmt.Sprint(e.Length), kind(e), "-", "-", "", "-"} {
				tableCell(b, j, c, class(e))
			}
		}
		b.WriteString("</tr>\n")
		notes(b, "bad", "broken", e.Broken)
		notes(b, "warn", "warning", e.Warnings)
	}
	b.WriteString("</tbody>\n</table>\n")
}

// notes writes what is wrong with the mapping of the row above.
func notes(b *bytes.Buffer, class, word string, ps []abi.Problem) {
	for _, p := range ps {
		fmt.Fprintf(b, "<tr class=\"note\"><td colspan=\"7\"><div><span class=\"badge %s\">%s</span> %s</div></td></tr>\n", class, word, look.Escape(p.Error()))
	}
}

// tableCell writes a cell; the type has a spot of its colour.
func tableCell(b *bytes.Buffer, column int, text, class string) {
	switch column {
	case 0, 1, 3, 4:
		fmt.Fprintf(b, "<td class=\"n\">%s</td>", look.Escape(text))
	case 2:
		fmt.Fprintf(b, "<td><span class=\"spot s-%s\"></span>%s</td>", class, look.Escape(text))
	default:
		fmt.Fprintf(b, "<td>%s</td>", look.Escape(text))
	}
}
