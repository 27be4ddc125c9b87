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

// htmlStyle is all there is beside the text: no script, no font, no request.
// Severities differ in their words as well as in colour.
const htmlStyle = `
:root{color-scheme:light dark;--bg:#fff;--card:#f6f8fa;--fg:#1a1a1a;--muted:#56606b;--line:#d4dae1;--bad:#b3261e;--warn:#7d5000;--good:#1b6e2d;--info:#1d5fa8}
@media(prefers-color-scheme:dark){:root{--bg:#14161a;--card:#1c2026;--fg:#e8e8e8;--muted:#a6b0bc;--line:#39414c;--bad:#ff8f86;--warn:#e6bd58;--good:#74d391;--info:#8abaf5}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1rem;background:var(--bg);color:var(--fg);font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.15rem;margin:1.6rem 0 .5rem}
h1,p,dd,summary,li{overflow-wrap:anywhere}
.muted{color:var(--muted)}
code,.code{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.9em}
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line)}
th{color:var(--muted);font-weight:600}
.layout{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.85rem;width:auto}
.layout td,.layout th{white-space:pre;padding:.1rem .6rem}
.n{text-align:right}
.bad{color:var(--bad)}.warn{color:var(--warn)}.good{color:var(--good)}.info{color:var(--info)}
details{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--line);border-radius:6px;margin:.5rem 0;padding:.4rem .8rem}
details.breaking{border-left-color:var(--bad)}details.risk{border-left-color:var(--warn)}details.info{border-left-color:var(--info)}
summary{cursor:pointer;font-weight:600}
summary:focus-visible,.scroll:focus-visible,a:focus-visible{outline:2px solid var(--info);outline-offset:2px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem .8rem;margin:.5rem 0}
dt{color:var(--muted)}dd{margin:0}
tr.moved{background:color-mix(in srgb,var(--warn) 18%,transparent)}
tr.changed,tr.removed{background:color-mix(in srgb,var(--bad) 18%,transparent)}
tr.added{background:color-mix(in srgb,var(--good) 18%,transparent)}
@media(max-width:40rem){body{padding:.6rem}th,td{padding:.25rem .35rem}dl{grid-template-columns:1fr}dt{margin-top:.3rem}
.cards thead{display:none}.cards tr{display:block;border-bottom:1px solid var(--line);padding:.4rem 0}
.cards td{display:inline;border:0;padding:0 .4rem 0 0}.cards td:nth-child(n+3){display:block}.cards td:nth-child(5)::before{content:"not checked: "}}
@media print{body{max-width:none;padding:0;font-size:10pt}details{break-inside:avoid;background:none}details::details-content{content-visibility:visible;block-size:auto}.scroll{overflow:visible}}
`

// writeHTML prints one page that stands alone: the summary, the table or matrix,
// each finding with its rule's reason and the layout of its record, and what was
// not checked.
func writeHTML(w io.Writer, r *check.Report, _ Options) error {
	var b bytes.Buffer
	title := "abigen"
	if len(r.Comparisons) == 1 {
		title += ": " + r.Comparisons[0].Old + " and " + r.Comparisons[0].New
	}
	fmt.Fprintf(&b, `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>%s</title>
<style>%s</style>
</head>
<body>
<main>
<h1>%s</h1>
`, escapeHTML(title), htmlStyle, escapeHTML(title))
	if r.Headline != "" {
		fmt.Fprintf(&b, "<p class=\"muted\">%s</p>\n", escapeHTML(r.Headline))
	}
	fmt.Fprintf(&b, "<p><strong>%s</strong></p>\n", escapeHTML(r.Summary().String()))
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
			fmt.Fprintf(&b, "<dl><dt>old</dt><dd class=\"code\">%s</dd><dt>new</dt><dd class=\"code\">%s</dd></dl>\n", escapeHTML(c.Old), escapeHTML(c.New))
		}
	}
	gs := groups(r)
	if len(gs) > 0 {
		b.WriteString("<h2>Findings</h2>\n")
	}
	rules := map[string]drift.Rule{}
	for _, rule := range usedRules(gs) {
		rules[rule.ID] = rule
	}
	for i, g := range gs {
		htmlFinding(&b, g, rules[g.Rule], blockLayout(gs, i), r.Table)
	}
	htmlAccepted(&b, r)
	htmlUnchecked(&b, r)
	fmt.Fprintf(&b, "<p class=\"muted\">%s</p>\n</main>\n</body>\n</html>\n", escapeHTML(r.Summary().String()))
	_, err := w.Write(b.Bytes())
	return err
}

func htmlTable(b *bytes.Buffer, r *check.Report) {
	htmlScroll(b, "sources", func() {
		b.WriteString("<table class=\"cards\">\n<thead><tr><th></th><th>source</th><th>what</th><th>verdict</th><th>not checked</th></tr></thead>\n<tbody>\n")
		for i := range r.Comparisons {
			c := &r.Comparisons[i]
			m := mark(c)
			class := map[string]string{markOK: "good", markFailed: "bad", markAbsent: "muted"}[m]
			fmt.Fprintf(b, "<tr><td class=\"%s\">%s</td><td class=\"code\">%s</td><td>%s</td><td>%s</td><td class=\"muted\">%s</td></tr>\n",
				class, m, escapeHTML(c.Source), escapeHTML(c.What), escapeHTML(c.Verdict), escapeHTML(notChecked(c)))
		}
		b.WriteString("</tbody>\n</table>\n")
	})
}

func htmlMatrix(b *bytes.Buffer, m *check.Matrix) {
	htmlScroll(b, "matrix", func() {
		b.WriteString("<table>\n")
		for i, row := range matrixRows(m) {
			b.WriteString("<tr>")
			for j, c := range row {
				switch {
				case i == 0:
					fmt.Fprintf(b, "<th scope=\"col\">%s</th>", escapeHTML(c))
				case j == 0:
					fmt.Fprintf(b, "<th scope=\"row\" class=\"code\">%s</th>", escapeHTML(c))
				default:
					fmt.Fprintf(b, "<td class=\"%s\">%s</td>", cellClass(c), escapeHTML(c))
				}
			}
			b.WriteString("</tr>\n")
		}
		b.WriteString("</table>\n")
	})
}

func cellClass(c string) string {
	switch {
	case c == cellEqual:
		return "good"
	case strings.HasSuffix(c, " breaking"):
		return "bad"
	case strings.HasSuffix(c, " risk"):
		return "warn"
	case strings.HasSuffix(c, " info"):
		return "info"
	}
	return ""
}

// htmlScroll makes what may be wider than the page scroll by itself, with the
// keyboard too.
func htmlScroll(b *bytes.Buffer, label string, content func()) {
	fmt.Fprintf(b, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">\n", escapeHTML(label))
	content()
	b.WriteString("</div>\n")
}

func htmlFinding(b *bytes.Buffer, g *group, rule drift.Rule, l *check.Layout, table bool) {
	open := ""
	if g.Severity == drift.Breaking {
		open = " open"
	}
	class := map[drift.Severity]string{drift.Breaking: "bad", drift.Risk: "warn"}[g.Severity]
	if class == "" {
		class = "info"
	}
	fmt.Fprintf(b, "<details class=\"%s\"%s>\n<summary><span class=\"%s\">%s</span> <code>%s</code> <span class=\"muted\">%s</span></summary>\n",
		escapeHTML(string(g.Severity)), open, class, escapeHTML(string(g.Severity)), escapeHTML(g.Subject), escapeHTML(g.Rule))
	if g.Message != "" {
		fmt.Fprintf(b, "<p>%s</p>\n", codeHTML(g.Message))
	}
	in := ""
	if table {
		in = "<dt>in</dt><dd>" + escapeHTML(g.where()) + "</dd>"
	}
	fmt.Fprintf(b, "<dl><dt>old</dt><dd><code>%s</code> <span class=\"muted\">%s</span></dd><dt>new</dt><dd><code>%s</code> <span class=\"muted\">%s</span></dd>%s</dl>\n",
		escapeHTML(g.Old), escapeHTML(g.OldPos.String()), escapeHTML(g.New), escapeHTML(newPos(g)), in)
	if len(g.Consequences) > 0 {
		b.WriteString("<ul>")
		for _, c := range g.Consequences {
			fmt.Fprintf(b, "<li>%s</li>", escapeHTML(c))
		}
		b.WriteString("</ul>\n")
	}
	if g.Witness != nil {
		fmt.Fprintf(b, "<p>Witness: %s</p>\n", escapeHTML(g.Witness.Text))
		if g.Witness.Bytes != "" {
			fmt.Fprintf(b, "<p class=\"code muted\">%s</p>\n", escapeHTML(witnessBytes(g.Witness)))
		}
	}
	if l != nil {
		htmlLayout(b, l)
	}
	if rule.Doc != "" {
		fmt.Fprintf(b, "<p class=\"muted\">%s</p>\n", escapeHTML(rule.Doc))
	}
	if rule.Fix != "" {
		fmt.Fprintf(b, "<p><strong>What to do:</strong> %s</p>\n", escapeHTML(rule.Fix))
	}
	b.WriteString("</details>\n")
}

// codeHTML escapes text in which names stand between backticks.
func codeHTML(s string) string {
	parts := strings.Split(escapeHTML(s), "`")
	if len(parts)%2 == 0 {
		return escapeHTML(s)
	}
	for i := 1; i < len(parts); i += 2 {
		parts[i] = "<code>" + parts[i] + "</code>"
	}
	return strings.Join(parts, "")
}

func htmlLayout(b *bytes.Buffer, l *check.Layout) {
	older, newer := layoutHead(l)
	htmlScroll(b, "layout of "+l.Record, func() {
		half := "<th scope=\"col\" class=\"n\">offset</th><th scope=\"col\" class=\"n\">size</th><th scope=\"col\">type</th><th scope=\"col\">member</th>"
		fmt.Fprintf(b, "<table class=\"layout\">\n<tr><th></th><th scope=\"colgroup\" colspan=\"4\">%s</th><th scope=\"colgroup\" colspan=\"4\">%s</th></tr>\n<tr><th></th>%s%s</tr>\n",
			escapeHTML(older), escapeHTML(newer), half, half)
		for _, line := range layoutLines(l) {
			if line.row == nil {
				fmt.Fprintf(b, "<tr><td></td><td colspan=\"8\" class=\"muted\">%s</td></tr>\n", leftOut(line.left))
				continue
			}
			fmt.Fprintf(b, "<tr class=\"%s\"><td>%s</td>", line.row.Mark, markWord(line.row.Mark))
			for i, c := range append(layoutCells(line.row.Old), layoutCells(line.row.New)...) {
				class := ""
				if i%4 < 2 {
					class = " class=\"n\""
				}
				fmt.Fprintf(b, "<td%s>%s</td>", class, escapeHTML(c))
			}
			b.WriteString("</tr>\n")
		}
		b.WriteString("</table>\n")
	})
}

func htmlAccepted(b *bytes.Buffer, r *check.Report) {
	quiet := suppressed(r)
	if len(quiet) == 0 {
		return
	}
	b.WriteString("<h2>Suppressed</h2>\n<ul>\n")
	for _, g := range quiet {
		fmt.Fprintf(b, "<li><code>%s</code> <span class=\"muted\">%s</span>: %s</li>\n", escapeHTML(g.Subject), escapeHTML(g.Rule), escapeHTML(g.justification))
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
			fmt.Fprintf(b, "<li><span class=\"code\">%s</span>: %s</li>\n", escapeHTML(c.Source), escapeHTML(u.String()))
		}
	}
	b.WriteString("</ul>\n</details>\n")
}
