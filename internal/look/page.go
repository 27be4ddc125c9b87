// SPDX-License-Identifier: MIT

package look

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"unicode/utf8"
)

// Chip is a short fact below the title of a page. Class is "", "code", or how
// good it is: "good", "info", "warn", "bad".
type Chip struct{ Class, Text string }

// Begin opens a page: the title as HTML, because parts of it may be code, and
// as text. The script, which may be empty, runs when the page is there; the
// browser runs no other.
func Begin(b *bytes.Buffer, title, heading, script string) {
	policy := "default-src 'none'; style-src 'unsafe-inline'"
	if script != "" {
		sum := sha256.Sum256([]byte(script))
		policy += "; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	fmt.Fprintf(b, `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="%s">
<meta name="generator" content="abigen">
<title>%s</title>
<style>
%s
</style>
</head>
<body>
<main>
<h1>%s</h1>
`, Escape(policy), Escape(title), Style(), heading)
}

// End closes a page; script is what [Begin] was given.
func End(b *bytes.Buffer, script string) {
	b.WriteString("</main>\n")
	if script != "" {
		fmt.Fprintf(b, "<script>%s</script>\n", script)
	}
	b.WriteString("</body>\n</html>\n")
}

// Chips writes a line of facts.
func Chips(b *bytes.Buffer, chips ...Chip) {
	b.WriteString("<ul class=\"chips\">")
	for _, c := range chips {
		if c.Text == "" {
			continue
		}
		if c.Class != "" {
			fmt.Fprintf(b, "<li class=\"%s\">%s</li>", c.Class, Escape(c.Text))
		} else {
			fmt.Fprintf(b, "<li>%s</li>", Escape(c.Text))
		}
	}
	b.WriteString("</ul>\n")
}

// Scroll puts what may be wider than the page into a region that scrolls by
// itself, with the keyboard too. Regions of a page have different names.
func Scroll(b *bytes.Buffer, name string, content func()) {
	fmt.Fprintf(b, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">\n", Escape(name))
	content()
	b.WriteString("</div>\n")
}

// Hatch is the pattern of bytes that nothing uses, for a drawing.
const Hatch = `<defs><pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatch" d="M0 0V8"/></pattern></defs>`

// BeginDrawing opens an SVG that stands alone.
func BeginDrawing(b *bytes.Buffer, w, h int, title, desc string) {
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" class="drawing" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">
<title>%s</title>
<desc>%s</desc>
<style>
%s
</style>
%s
<rect class="paper" width="%d" height="%d"/>
`, w, h, w, h, Escape(title), Escape(title), Escape(desc), DrawingStyle(), Hatch, w, h)
}

// EndDrawing closes it.
func EndDrawing(b *bytes.Buffer) { b.WriteString("</svg>\n") }

// Escape escapes text for HTML and XML, in which control characters cannot be
// written.
func Escape(s string) string {
	clean := make([]rune, 0, len(s))
	for _, r := range s {
		switch {
		case r == '\n', r == '\t':
		case r < ' ', r == utf8.RuneError, r == 0xfffe, r == 0xffff:
			r = '?'
		}
		clean = append(clean, r)
	}
	return html.EscapeString(string(clean))
}

// Clip cuts s off where it is longer than room, in characters.
func Clip(s string, room int) string {
	r := []rune(s)
	if len(r) <= room {
		return s
	}
	return string(r[:max(room-1, 0)]) + "…"
}

// Count writes "1 byte" or "2 bytes".
func Count(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
