// SPDX-License-Identifier: MIT

package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
)

// badge is how a severity looks where there is no colour.
var badge = map[drift.Severity]string{drift.Breaking: "🔴 breaking", drift.Risk: "🟡 risk", drift.Info: "🔵 info"}

// writeMarkdown prints a comment for a pull request: the summary first, a table
// of the sources or the matrix, and each finding folded behind a line, with the
// layout of its record; what was not checked is folded as well.
func writeMarkdown(w io.Writer, r *check.Report, _ Options) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "### abigen: %s\n\n", r.Summary())
	if r.Headline != "" {
		fmt.Fprintf(&b, "%s\n\n", escapeMarkdown(r.Headline))
	}
	switch {
	case r.Matrix != nil:
		for i, row := range matrixRows(r.Matrix) {
			for j := range row {
				row[j] = escapeMarkdown(row[j])
			}
			if i > 0 {
				row[0] = code(r.Matrix.Rows[i-1].Source)
			}
			markdownRow(&b, row...)
			if i == 0 {
				b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
			}
		}
		b.WriteByte('\n')
	case r.Table:
		b.WriteString("| | source | what | verdict | not checked |\n|---|---|---|---|---|\n")
		for i := range r.Comparisons {
			c := &r.Comparisons[i]
			markdownRow(&b, mark(c), code(c.Source), escapeMarkdown(c.What), escapeMarkdown(c.Verdict), escapeMarkdown(notChecked(c)))
		}
		b.WriteByte('\n')
	default:
		for i := range r.Comparisons {
			if c := &r.Comparisons[i]; !c.Own {
				fmt.Fprintf(&b, "old: %s, new: %s\n\n", code(c.Old), code(c.New))
			}
		}
	}
	gs := groups(r)
	for i, g := range gs {
		markdownFinding(&b, g, blockLayout(gs, i))
	}
	if quiet := suppressed(r); len(quiet) > 0 {
		fmt.Fprintf(&b, "<details><summary>%d suppressed</summary>\n\n", len(quiet))
		for _, g := range quiet {
			fmt.Fprintf(&b, "- %s %s: %s\n", code(g.Rule), code(g.Subject), escapeMarkdown(g.justification))
		}
		b.WriteString("\n</details>\n\n")
	}
	if n := r.Summary().Unchecked; n > 0 {
		fmt.Fprintf(&b, "<details><summary>%d not checked</summary>\n\n", n)
		for i := range r.Comparisons {
			c := &r.Comparisons[i]
			for _, u := range c.Unchecked {
				fmt.Fprintf(&b, "- %s: %s\n", code(c.Source), escapeMarkdown(u.String()))
			}
		}
		b.WriteString("\n</details>\n\n")
	}
	fmt.Fprintf(&b, "**%s**\n", r.Summary())
	_, err := w.Write(b.Bytes())
	return err
}

// markdownFinding prints one finding. A summary line is HTML, in which Markdown
// does not apply.
func markdownFinding(b *bytes.Buffer, g *group, l *check.Layout) {
	open := ""
	if g.Severity == drift.Breaking {
		open = " open"
	}
	fmt.Fprintf(b, "<details%s><summary>%s <code>%s</code> %s</summary>\n\n", open, badge[g.Severity], escapeHTML(g.Subject), escapeHTML(g.Rule))
	if g.Message != "" {
		fmt.Fprintf(b, "%s\n\n", proseMarkdown(g.Message))
	}
	b.WriteString("| | | |\n|---|---|---|\n")
	markdownRow(b, "old", code(g.Old), escapeMarkdown(g.OldPos.String()))
	markdownRow(b, "new", code(g.New), escapeMarkdown(newPos(g)))
	markdownRow(b, "in", escapeMarkdown(g.where()), "")
	b.WriteByte('\n')
	for _, c := range g.Consequences {
		fmt.Fprintf(b, "- %s\n", escapeMarkdown(c))
	}
	if len(g.Consequences) > 0 {
		b.WriteByte('\n')
	}
	if g.Witness != nil {
		fmt.Fprintf(b, "Witness: %s\n\n", escapeMarkdown(g.Witness.Text))
	}
	if l != nil {
		older, newer := layoutHead(l)
		fmt.Fprintf(b, "| | offset | size | %s | | offset | size | %s | |\n|---|--:|--:|---|---|--:|--:|---|---|\n", escapeMarkdown(older), escapeMarkdown(newer))
		for _, line := range layoutLines(l) {
			if line.row == nil {
				markdownRow(b, "", "", "", leftOut(line.left), "", "", "", "", "")
				continue
			}
			cells := append([]string{markWord(line.row.Mark)}, layoutCells(line.row.Old)...)
			cells = append(cells, layoutCells(line.row.New)...)
			for i := range cells {
				if i == 0 || i%4 == 1 || i%4 == 2 {
					continue
				}
				cells[i] = code(cells[i])
			}
			markdownRow(b, cells...)
		}
		b.WriteByte('\n')
	}
	b.WriteString("</details>\n\n")
}

// markWord is a mark where there is room for a word; nothing for what is the
// same.
func markWord(m drift.Mark) string {
	if m == drift.Same {
		return ""
	}
	return string(m)
}

func markdownRow(b *bytes.Buffer, cells ...string) {
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

// code marks s as code. A cell ends at a bar even inside code.
func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + strings.NewReplacer("|", `\|`, "`", "'", "\n", " ").Replace(s) + "`"
}

func escapeMarkdown(s string) string {
	return strings.NewReplacer("|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", ">", "&gt;", "\n", " ").Replace(s)
}

// proseMarkdown escapes text in which names stand between backticks, which
// Markdown shows as code too.
func proseMarkdown(s string) string {
	parts := strings.Split(s, "`")
	if len(parts)%2 == 0 {
		return escapeMarkdown(s)
	}
	for i := range parts {
		if i%2 == 1 {
			parts[i] = code(parts[i])
			continue
		}
		parts[i] = escapeMarkdown(parts[i])
	}
	return strings.Join(parts, "")
}

func escapeHTML(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;", "\n", " ").Replace(s)
}
