// SPDX-License-Identifier: MIT

package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/internal/look"
)

// writeHTML prints one page that stands alone: the summary, the table or matrix,
// each finding with its rule's reason and the layout of its record, and what was
// not checked. Of a matrix, each cell leads to what it counts.
func writeHTML(w io.Writer, r *check.Report, _ Options) error {
	var b bytes.Buffer
	title, heading, script := "abigen: is it the same ABI?", "Is it the same ABI?", ""
	switch {
	case r.Matrix != nil:
		title = "abigen matrix: sources and revisions"
		heading, script = "Sources and revisions", matrixScript()
	case !r.Table && len(r.Comparisons) == 1:
		c := &r.Comparisons[0]
		title = "abigen: " + c.Old + " and " + c.New
		heading = fmt.Sprintf("<code>%s</code> <span class=\"word\">and</span> <code>%s</code>", look.Escape(c.Old), look.Escape(c.New))
	}
	look.Begin(&b, title, heading, script)
	if r.Headline != "" {
		fmt.Fprintf(&b, "<p class=\"muted\">%s</p>\n", look.Escape(r.Headline))
	}
	htmlSummary(&b, r.Summary())
	switch {
	case r.Matrix != nil:
		htmlMatrix(&b, r.Matrix)
	case r.Table:
		htmlTable(&b, r)
	default:
		for i := range r.Comparisons {
			c := &r.Comparisons[i]
			if c.Own {
				continue
			}
			fmt.Fprintf(&b, "<dl><dt>old, compiled against</dt><dd class=\"code\">%s</dd><dt>new, what runs</dt><dd class=\"code\">%s</dd></dl>\n", look.Escape(c.Old), look.Escape(c.New))
		}
	}
	gs := groups(r)
	if r.Matrix != nil {
		// The cells have them.
		gs = nil
	}
	if len(gs) > 0 {
		b.WriteString("<h2>Findings</h2>\n")
	}
	rules := rulesByID(gs)
	blocks := htmlBlocks{name: "layout of "}
	for i, g := range gs {
		blocks.before(&b, gs, i)
		open := ""
		if g.Severity == drift.Breaking {
			open = " open"
		}
		fmt.Fprintf(&b, "<details class=\"%s\"%s>\n<summary>%s</summary>\n", look.Escape(string(g.Severity)), open, findingTitle(g))
		htmlFinding(&b, g, rules[g.Rule], r.Table)
		b.WriteString("</details>\n")
		blocks.after(&b, gs, i)
	}
	htmlAccepted(&b, r)
	htmlUnchecked(&b, r)
	fmt.Fprintf(&b, "<p class=\"muted\">%s</p>\n", look.Escape(r.Summary().String()))
	look.End(&b, script)
	_, err := w.Write(b.Bytes())
	return err
}

// htmlSummary counts the findings.
func htmlSummary(b *bytes.Buffer, s check.Summary) {
	var chips []look.Chip
	add := func(class string, n int, what string) {
		if n > 0 {
			chips = append(chips, look.Chip{Class: class, Text: fmt.Sprintf("%d %s", n, what)})
		}
	}
	add("bad", s.Breaking, "breaking")
	add("warn", s.Risk, "risk")
	add("info", s.Info, "info")
	if s.Findings == 0 {
		chips = append(chips, look.Chip{Class: "good", Text: "no findings"})
	}
	add("", s.Expected, "expected")
	add("", s.Suppressed, "suppressed")
	add("", s.Known, "known")
	chips = append(chips, look.Chip{Text: fmt.Sprintf("%d not checked", s.Unchecked)})
	look.Chips(b, chips...)
}

func rulesByID(gs []*group) map[string]drift.Rule {
	rules := map[string]drift.Rule{}
	for _, rule := range usedRules(gs) {
		rules[rule.ID] = rule
	}
	return rules
}

func htmlTable(b *bytes.Buffer, r *check.Report) {
	look.Scroll(b, "sources", func() {
		b.WriteString("<table class=\"cards\">\n<thead><tr><td></td><th scope=\"col\">source</th><th scope=\"col\">what</th><th scope=\"col\">verdict</th><th scope=\"col\">not checked</th></tr></thead>\n<tbody>\n")
		for i := range r.Comparisons {
			c := &r.Comparisons[i]
			m := mark(c)
			class := map[string]string{markOK: "good", markFailed: "bad", markAbsent: "muted"}[m]
			fmt.Fprintf(b, "<tr><td class=\"badge-cell\"><span class=\"badge %s\">%s</span></td><td class=\"code\">%s</td><td>%s</td><td>%s</td><td class=\"muted\" data-head=\"not checked\">%s</td></tr>\n",
				class, m, look.Escape(c.Source), look.Escape(c.What), look.Escape(c.Verdict), look.Escape(notChecked(c)))
		}
		b.WriteString("</tbody>\n</table>\n")
	})
}

// severityClass is how a severity is coloured.
func severityClass(s drift.Severity) string {
	switch s {
	case drift.Breaking:
		return "bad"
	case drift.Risk:
		return "warn"
	}
	return "info"
}

// findingTitle names a finding in a line.
func findingTitle(g *group) string {
	return fmt.Sprintf("<span class=\"badge %s\">%s</span> <code>%s</code> <span class=\"muted\">%s</span>",
		severityClass(g.Severity), look.Escape(string(g.Severity)), look.Escape(g.Subject), look.Escape(g.Rule))
}

// htmlFinding writes everything about a finding but its title. A rule without an
// ID is one whose reason is given elsewhere.
func htmlFinding(b *bytes.Buffer, g *group, rule drift.Rule, table bool) {
	if g.Message != "" {
		fmt.Fprintf(b, "<p>%s</p>\n", codeHTML(g.Message))
	}
	in := ""
	if table {
		in = "<dt>in</dt><dd>" + look.Escape(g.where()) + "</dd>"
	}
	fmt.Fprintf(b, "<dl><dt>old</dt><dd><code>%s</code> <span class=\"muted\">%s</span></dd><dt>new</dt><dd><code>%s</code> <span class=\"muted\">%s</span></dd>%s</dl>\n",
		look.Escape(g.Old), look.Escape(g.OldPos.String()), look.Escape(g.New), look.Escape(newPos(g)), in)
	if len(g.Consequences) > 0 {
		b.WriteString("<ul>")
		for _, c := range g.Consequences {
			fmt.Fprintf(b, "<li>%s</li>", look.Escape(c))
		}
		b.WriteString("</ul>\n")
	}
	if g.Witness != nil {
		fmt.Fprintf(b, "<p><strong>Witness:</strong> %s</p>\n", look.Escape(g.Witness.Text))
		if g.Witness.Bytes != "" {
			fmt.Fprintf(b, "<p class=\"code muted\">%s</p>\n", look.Escape(witnessBytes(g.Witness)))
		}
	}
	if rule.Doc != "" {
		fmt.Fprintf(b, "<p class=\"muted\">%s</p>\n", look.Escape(rule.Doc))
	}
	if rule.Fix != "" {
		fmt.Fprintf(b, "<p><strong>What to do:</strong> %s</p>\n", look.Escape(rule.Fix))
	}
}

// codeHTML escapes text in which names stand between backticks.
func codeHTML(s string) string {
	parts := strings.Split(look.Escape(s), "`")
	if len(parts)%2 == 0 {
		return look.Escape(s)
	}
	for i := 1; i < len(parts); i += 2 {
		parts[i] = "<code>" + parts[i] + "</code>"
	}
	return strings.Join(parts, "")
}

// maxDrawn is the size up to which the bytes of a record are drawn, in bytes.
// Of a larger one the table shows what is near a difference.
const maxDrawn = 512

// htmlBlocks puts the layout of a record around the findings about it: its bytes
// above them, its members below.
type htmlBlocks struct {
	// name begins the names of regions, of which no two are alike.
	name string
	n    int
}

// before writes what stands above the first of the findings about a record.
func (h *htmlBlocks) before(b *bytes.Buffer, gs []*group, i int) {
	if i > 0 && gs[i-1].block() == gs[i].block() {
		return
	}
	last := i
	for !lastOfRecord(gs, last) {
		last++
	}
	l := blockLayout(gs, last)
	if l == nil {
		return
	}
	fmt.Fprintf(b, "<h3><code>%s</code></h3>\n", look.Escape(l.Old))
	if max(l.OldSize, l.NewSize) > maxDrawn {
		return
	}
	older, newer := layoutHead(l)
	left, right := layoutBytes(l, func(r *drift.Row) *drift.Cell { return r.Old }), layoutBytes(l, func(r *drift.Row) *drift.Cell { return r.New })
	look.Sides(b, func() {
		look.Bytes(b, headHTML(older), "the bytes of "+older, left)
		look.Bytes(b, headHTML(newer), "the bytes of "+newer, right)
	})
	look.Key(b, left, right)
}

// after writes what stands below the last of them.
func (h *htmlBlocks) after(b *bytes.Buffer, gs []*group, i int) {
	l := blockLayout(gs, i)
	if l == nil {
		return
	}
	h.n++
	caption := "Members of " + l.Old
	if l.New != l.Old {
		caption += " and " + l.New
	}
	look.Scroll(b, fmt.Sprintf("%s%s, %d", h.name, l.Record, h.n), func() {
		look.Beside(b, caption, "old: "+look.Count(l.OldSize, "byte"), "new: "+look.Count(l.NewSize, "byte"), layoutTable(l))
	})
}

// headHTML is the heading of a side with the side in bold.
func headHTML(head string) string {
	side, rest, _ := strings.Cut(head, ":")
	return "<strong>" + look.Escape(side) + "</strong>" + look.Escape(rest)
}

func htmlAccepted(b *bytes.Buffer, r *check.Report) {
	quiet := suppressed(r)
	if len(quiet) == 0 {
		return
	}
	b.WriteString("<h2>Suppressed</h2>\n<ul>\n")
	for _, g := range quiet {
		fmt.Fprintf(b, "<li><code>%s</code> <span class=\"muted\">%s</span>: %s</li>\n", look.Escape(g.Subject), look.Escape(g.Rule), look.Escape(g.justification))
	}
	b.WriteString("</ul>\n")
}

func htmlUnchecked(b *bytes.Buffer, r *check.Report) {
	n := r.Summary().Unchecked
	if n == 0 {
		return
	}
	fmt.Fprintf(b, "<h2>Not checked</h2>\n<details>\n<summary>%d, and why</summary>\n<ul>\n", n)
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		for _, u := range c.Unchecked {
			fmt.Fprintf(b, "<li><span class=\"code\">%s</span>: %s</li>\n", look.Escape(c.Source), look.Escape(u.String()))
		}
	}
	b.WriteString("</ul>\n</details>\n")
}
