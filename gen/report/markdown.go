// SPDX-License-Identifier: MIT

package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/fuseiomap/abigen/gen/check"
)

// writeMarkdown prints the rows and the findings as two tables.
func writeMarkdown(w io.Writer, r *check.Report, _ Options) error {
	var b bytes.Buffer
	if r.Headline != "" {
		fmt.Fprintf(&b, "%s\n\n", escapeMarkdown(r.Headline))
	}
	if r.Table {
		b.WriteString("| | source | what | verdict | not checked |\n|---|---|---|---|---|\n")
		for i := range r.Comparisons {
			c := &r.Comparisons[i]
			markdownRow(&b, mark(c), code(c.Source), escapeMarkdown(c.What), escapeMarkdown(c.Verdict), escapeMarkdown(notChecked(c)))
		}
		b.WriteByte('\n')
	}
	if gs := groups(r); len(gs) > 0 {
		b.WriteString("| severity | rule | subject | old | new | why | in |\n|---|---|---|---|---|---|---|\n")
		for _, g := range gs {
			why := escapeMarkdown(g.Message)
			for _, c := range g.Consequences {
				why += "<br>- " + escapeMarkdown(c)
			}
			markdownRow(&b, string(g.Severity), code(g.Rule), code(g.Subject),
				fact(g.Old, g.OldPos.String()), fact(g.New, newPos(g)), why, escapeMarkdown(g.where()))
		}
		b.WriteByte('\n')
	}
	if !r.Table {
		for i := range r.Comparisons {
			for _, u := range r.Comparisons[i].Unchecked {
				fmt.Fprintf(&b, "- not checked: %s\n", escapeMarkdown(u.String()))
			}
		}
	}
	fmt.Fprintf(&b, "\n**%s**\n", r.Summary())
	_, err := w.Write(bytes.TrimLeft(b.Bytes(), "\n"))
	return err
}

func markdownRow(b *bytes.Buffer, cells ...string) {
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

// fact is a cell with one side of a finding and its position.
func fact(text, pos string) string {
	if pos == "" {
		return code(text)
	}
	return code(text) + "<br>" + escapeMarkdown(pos)
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
