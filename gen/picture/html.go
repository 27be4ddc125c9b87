// SPDX-License-Identifier: MIT

package picture

import (
	"bytes"
	"fmt"
)

// Style is what [TableHTML] and [PairHTML] need of a page's style sheet. It
// uses the variables --fg, --muted, --line, --bad, --warn and --good, which the
// page defines.
const Style = `
.layout{border-collapse:collapse;font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.85rem}
.layout th{text-align:left;font-weight:600;color:var(--muted)}
.layout th,.layout td{padding:.12rem .6rem;border-bottom:1px solid var(--line);white-space:pre}
.layout .n{text-align:right}
.layout .gap td,.layout td.gap{color:var(--warn);font-style:italic}
.layout .moved{background:color-mix(in srgb,var(--warn) 18%,transparent)}
.layout .changed,.layout .removed{background:color-mix(in srgb,var(--bad) 18%,transparent)}
.layout .added{background:color-mix(in srgb,var(--good) 18%,transparent)}
.layout .mid{border-left:1px solid var(--line);border-right:1px solid var(--line);text-align:center}
.layout .cacheline td{color:var(--muted);font-size:.75rem}
.scroll{overflow-x:auto;max-width:100%}
`

const pageStyle = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1a1a1a;--muted:#5c6570;--line:#d8dee6;--bad:#b3261e;--warn:#8a5a00;--good:#1f7a33}
@media(prefers-color-scheme:dark){:root{--bg:#16181c;--fg:#e9e9e9;--muted:#a3acb8;--line:#363c46;--bad:#ff8a80;--warn:#e0b84c;--good:#6fd08c}}
body{margin:0 auto;max-width:80rem;padding:1rem;background:var(--bg);color:var(--fg);font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.3rem;overflow-wrap:anywhere}p{color:var(--muted);overflow-wrap:anywhere}
svg{max-width:100%;height:auto}
.scroll:focus-visible{outline:2px solid var(--fg)}
@media print{body{max-width:none;padding:0}.scroll{overflow:visible}}
` + Style

// HTML returns a page with the drawing and the table of the record. It asks for
// nothing else: no script, no font, no request.
func HTML(p *Record) []byte {
	var b bytes.Buffer
	open(&b, p.title(), p.Source+", "+p.Target+": "+p.summary())
	b.Write(SVG(p))
	scroll(&b, "members", TableHTML(p))
	b.WriteString("</body>\n</html>\n")
	return b.Bytes()
}

// HTMLPair returns a page with two records side by side.
func HTMLPair(t *Two) []byte {
	var b bytes.Buffer
	open(&b, t.Old.title()+": "+t.Old.Source+" and "+t.New.Source, t.verdict())
	scroll(&b, "drawing", SVGPair(t))
	scroll(&b, "members", PairHTML(t))
	b.WriteString("</body>\n</html>\n")
	return b.Bytes()
}

func open(b *bytes.Buffer, title, subtitle string) {
	fmt.Fprintf(b, `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>%s</title>
<style>%s</style>
</head>
<body>
<h1>%s</h1>
<p>%s</p>
`, esc(title), pageStyle, esc(title), esc(subtitle))
}

// scroll makes what may be wider than the page scroll, with the keyboard too.
func scroll(b *bytes.Buffer, label string, content []byte) {
	fmt.Fprintf(b, `<div class="scroll" tabindex="0" role="region" aria-label="%s">`+"\n%s</div>\n", esc(label), content)
}

// TableHTML returns the members of the record as a table.
func TableHTML(p *Record) []byte {
	var b bytes.Buffer
	b.WriteString(`<table class="layout">` + "\n" + `<tr><th scope="col" class="n">offset</th><th scope="col" class="n">size</th>` +
		`<th scope="col">type</th><th scope="col">member</th><th scope="col">Go</th></tr>` + "\n")
	line := int64(0)
	for i := range p.Spans {
		s := &p.Spans[i]
		if at := s.Bit / 8 / cacheLine; at > line && !s.union {
			line = at
			fmt.Fprintf(&b, `<tr class="cacheline"><td colspan="5">cache line %d: byte %d</td></tr>`+"\n", line, line*cacheLine)
		}
		class := ""
		if s.Kind == Hole || s.Kind == Padding {
			class = ` class="gap"`
		}
		fmt.Fprintf(&b, "<tr%s>", class)
		for i, c := range s.columns() {
			htmlCell(&b, i, c, "")
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</table>\n")
	return b.Bytes()
}

// PairHTML returns two records side by side as a table.
func PairHTML(t *Two) []byte {
	var b bytes.Buffer
	half := `<th scope="col" class="n">offset</th><th scope="col" class="n">size</th><th scope="col">type</th><th scope="col">member</th>`
	fmt.Fprintf(&b, `<table class="layout">`+"\n"+`<tr><th scope="colgroup" colspan="4">%s, %s: %s</th><th class="mid"></th><th scope="colgroup" colspan="4">%s, %s: %s</th></tr>`+"\n",
		esc(t.Old.Source), esc(t.Old.Target), count(t.Old.Size, "byte"), esc(t.New.Source), esc(t.New.Target), count(t.New.Size, "byte"))
	fmt.Fprintf(&b, `<tr>%s<th class="mid">differs</th>%s</tr>`+"\n", half, half)
	for _, r := range t.Rows {
		m := r.mark()
		fmt.Fprintf(&b, `<tr class="%s">`, m)
		for i, s := range []*Span{r.Old, r.New} {
			gap := ""
			if s != nil && (s.Kind == Hole || s.Kind == Padding) {
				gap = "gap"
			}
			for j, c := range side(s) {
				htmlCell(&b, j, c, gap)
			}
			if i == 0 {
				fmt.Fprintf(&b, `<td class="mid">%s</td>`, m)
			}
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</table>\n")
	return b.Bytes()
}

// htmlCell writes one cell; the first two columns are numbers.
func htmlCell(b *bytes.Buffer, column int, text, class string) {
	if column < 2 {
		class += " n"
	}
	if class != "" {
		class = fmt.Sprintf(` class="%s"`, class)
	}
	fmt.Fprintf(b, "<td%s>%s</td>", class, esc(text))
}
