// SPDX-License-Identifier: MIT

package report

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/internal/look"

	_ "embed" // the script
)

//go:embed matrix.js
var matrixJS string

// matrixScript moves between the cells by arrow keys; without it they are
// links, which the page's style opens.
func matrixScript() string {
	_, code, _ := strings.Cut(matrixJS, "*/\n")
	return "\n" + code
}

// opened is what cells of one column lead to. Those that found the same share
// one, so that the page grows with what differs rather than with the sources.
type opened struct {
	id      string
	column  check.MatrixColumn
	cell    check.MatrixCell
	sources []string
	target  string // of the first source
	body    string
}

// open writes what the cells of a matrix lead to, and returns with it the ID
// that each cell leads to, "" where it is absent.
func open(m *check.Matrix) (all []*opened, ids [][]string) {
	type key struct {
		column int
		body   string
	}
	at := map[key]*opened{}
	for i, r := range m.Rows {
		ids = append(ids, make([]string, len(r.Cells)))
		for j, c := range r.Cells {
			if c.Absent || c.Detail == nil {
				continue
			}
			k := key{j, cellBody(c.Detail)}
			o := at[k]
			if o == nil {
				o = &opened{id: fmt.Sprintf("cell-%d-%d", i+1, j+1), column: m.Columns[j], cell: c, target: r.Target, body: k.body}
				at[k] = o
				all = append(all, o)
			}
			o.sources = append(o.sources, r.Source)
			ids[i][j] = o.id
		}
	}
	return all, ids
}

// cellBody is everything that a comparison found. Names of regions in it end in
// a mark that [opened.write] replaces.
func cellBody(c *check.Comparison) string {
	var b bytes.Buffer
	gs := groups(&check.Report{Comparisons: []check.Comparison{*c}})
	rules := rulesByID(gs)
	blocks := htmlBlocks{name: regionMark}
	for i, g := range gs {
		blocks.before(&b, gs, i)
		fmt.Fprintf(&b, "<div class=\"finding %s\">\n<h3>%s</h3>\n", look.Escape(string(g.Severity)), findingTitle(g))
		htmlFinding(&b, g, rules[g.Rule], false)
		// What a rule is about is said once.
		delete(rules, g.Rule)
		b.WriteString("</div>\n")
		blocks.after(&b, gs, i)
	}
	if len(c.Unchecked) > 0 {
		b.WriteString("<h3>Not checked</h3>\n<ul>\n")
		for _, u := range c.Unchecked {
			fmt.Fprintf(&b, "<li>%s</li>\n", look.Escape(u.String()))
		}
		b.WriteString("</ul>\n")
	}
	return b.String()
}

// regionMark stands for the ID of the part of the page. No escaped text has a
// bare ampersand.
const regionMark = "&"

func (o *opened) write(b *bytes.Buffer) {
	var names []string
	for _, s := range o.sources {
		names = append(names, "<code>"+look.Escape(s)+"</code>")
	}
	subject := names[0]
	if n := len(names); n > 1 {
		subject = fmt.Sprintf("%d sources", n)
	}
	fmt.Fprintf(b, "<section class=\"open\" id=\"%s\" tabindex=\"-1\" aria-labelledby=\"%s-h\">\n<h2 id=\"%s-h\">%s <span class=\"muted\">beside</span> %s</h2>\n",
		o.id, o.id, o.id, subject, look.Escape(columnText(o.column)))
	if len(names) > 1 {
		fmt.Fprintf(b, "<p>%s</p>\n", strings.Join(names, ", "))
	}
	chips := []look.Chip{{Class: "good", Text: cellEqual}}
	if o.cell.Breaking+o.cell.Risk+o.cell.Info > 0 {
		chips = []look.Chip{}
		for _, k := range cellCounts(o.cell) {
			chips = append(chips, look.Chip{Class: severityClass(k.severity), Text: fmt.Sprintf("%d %s", k.n, k.severity)})
		}
	}
	if d := o.cell.Detail; len(names) == 1 {
		chips = append(chips, look.Chip{Class: "code", Text: "old: " + d.Old}, look.Chip{Class: "code", Text: "new: " + d.New})
	}
	target := o.column.Target
	if target == "" {
		target = o.target
	}
	chips = append(chips, look.Chip{Text: target}, look.Chip{Text: fmt.Sprintf("%d not checked", o.cell.Unchecked)})
	look.Chips(b, chips...)
	b.WriteString(strings.ReplaceAll(o.body, "aria-label=\""+look.Escape(regionMark), "aria-label=\""+o.id+", layout of "))
	b.WriteString("<p class=\"back\"><a href=\"#matrix\">Back to the table</a></p>\n</section>\n")
}

func htmlMatrix(b *bytes.Buffer, m *check.Matrix) {
	all, ids := open(m)
	look.Scroll(b, "matrix of sources and revisions", func() {
		b.WriteString("<table class=\"matrix\" id=\"matrix\">\n<thead><tr><th scope=\"col\">source</th>")
		for _, c := range m.Columns {
			fmt.Fprintf(b, "<th scope=\"col\">%s</th>", look.Escape(columnText(c)))
		}
		b.WriteString("<th scope=\"col\">is</th></tr></thead>\n<tbody>\n")
		for i, r := range m.Rows {
			fmt.Fprintf(b, "<tr><th scope=\"row\"><code>%s</code><small>%s</small></th>", look.Escape(r.Source), look.Escape(r.Target))
			for j, c := range r.Cells {
				htmlCell(b, r.Source, columnText(m.Columns[j]), c, ids[i][j])
			}
			fmt.Fprintf(b, "<td><div class=\"is\">%s</div></td></tr>\n", look.Escape(identityText(r)))
		}
		b.WriteString("</tbody>\n</table>\n")
	})
	if len(all) > 0 {
		b.WriteString("<p class=\"hint muted\">Choose a cell to see what differs, and both layouts.<span id=\"keys\"></span></p>\n")
	}
	for _, o := range all {
		o.write(b)
	}
}

// htmlCell writes a cell of the matrix: how many findings of the worst severity
// there are, and below it those of the others.
func htmlCell(b *bytes.Buffer, source, column string, c check.MatrixCell, id string) {
	if id == "" {
		fmt.Fprintf(b, "<td><span class=\"none\">%s</span></td>", look.Escape(cellText(c)))
		return
	}
	class, rest := cellEqual, ""
	if counts := cellCounts(c); len(counts) > 0 {
		class = string(counts[0].severity)
		var others []string
		for _, k := range counts[1:] {
			others = append(others, fmt.Sprintf("%d %s", k.n, k.severity))
		}
		if len(others) > 0 {
			rest = " <small>" + strings.Join(others, ", ") + "</small>"
		}
	}
	fmt.Fprintf(b, "<td class=\"c-%s\"><a href=\"#%s\" title=\"%s beside %s\">%s%s</a></td>", class, id, look.Escape(source), look.Escape(column), look.Escape(cellText(c)), rest)
}
