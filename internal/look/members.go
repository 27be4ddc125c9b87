// SPDX-License-Identifier: MIT

package look

import (
	"bytes"
	"fmt"
	"slices"
)

// Member is a line of a table of members: where it lies, and what it is. Gap
// tells that it is a hole or padding, which Name says.
type Member struct {
	Offset, Size, Type, Name string
	// Go is the member's name in Go, where that is of interest.
	Go  string
	Gap bool
}

// Line is a line of two records side by side. A side is nil where it has
// nothing there. Left is a number of lines left out in place of one.
type Line struct {
	Mark     string // as in [Cell]
	Old, New *Member
	Left     int
}

// Beside writes two records side by side as a table, with a name for each side.
// A member that both have is named once.
func Beside(b *bytes.Buffer, caption, older, newer string, lines []Line) {
	inGo := slices.ContainsFunc(lines, func(l Line) bool { return l.Old != nil && l.Old.Go != "" || l.New != nil && l.New.Go != "" })
	lead, columns := `<td></td><td></td>`, 8
	if inGo {
		lead, columns = lead+`<td></td>`, 9
	}
	half := `<th scope="col" class="n side">offset</th><th scope="col" class="n">size</th><th scope="col">type</th>`
	fmt.Fprintf(b, "<table class=\"members\">\n<caption>%s</caption>\n<thead><tr>%s<th scope=\"colgroup\" colspan=\"3\" class=\"side\">%s</th><th scope=\"colgroup\" colspan=\"3\" class=\"side\">%s</th></tr>\n",
		Escape(caption), lead, Escape(older), Escape(newer))
	b.WriteString("<tr><th scope=\"col\">member</th>")
	if inGo {
		b.WriteString("<th scope=\"col\">Go</th>")
	}
	fmt.Fprintf(b, "<th scope=\"col\">differs</th>%s%s</tr></thead>\n<tbody>\n", half, half)
	for _, l := range lines {
		if l.Left > 0 {
			what := "%d lines are the same"
			if l.Left == 1 {
				what = "%d line is the same"
			}
			fmt.Fprintf(b, "<tr class=\"left\"><td colspan=\"%d\">"+what+"</td></tr>\n", columns, l.Left)
			continue
		}
		m := l.Old
		if m == nil {
			m = l.New
		}
		name, gap := m.Name, m.Gap
		if l.New != nil && l.New.Name != name {
			name += " → " + l.New.Name
		}
		class := l.Mark
		if gap {
			class += " gap"
		}
		if class != "" {
			class = fmt.Sprintf(" class=\"%s\"", class)
		}
		fmt.Fprintf(b, "<tr%s><th scope=\"row\">%s</th>", class, Escape(name))
		if inGo {
			fmt.Fprintf(b, "<td>%s</td>", Escape(m.Go))
		}
		fmt.Fprintf(b, "<td class=\"mark\">%s</td>", l.Mark)
		for _, m := range []*Member{l.Old, l.New} {
			if m == nil {
				b.WriteString(`<td class="side empty" colspan="3"></td>`)
				continue
			}
			fmt.Fprintf(b, `<td class="n side">%s</td><td class="n">%s</td><td class="type">%s</td>`, Escape(m.Offset), Escape(m.Size), Escape(m.Type))
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody>\n</table>\n")
}
