// SPDX-License-Identifier: MIT

package look

import (
	_ "embed" // the style sheets
	"fmt"
	"strings"

	"github.com/fuseiomap/abigen/internal/lazyregexp"
)

// colour is one colour in either scheme.
type colour struct{ name, light, dark string }

// palette has every colour there is. Those of text have at least 4.5:1 contrast
// on bg and card, and on their own tint.
var palette = []colour{
	{"bg", "#ffffff", "#14171c"},
	{"card", "#f5f7fa", "#1b2027"},
	{"fg", "#1b1f24", "#e7eaee"},
	{"muted", "#55606e", "#a5b0bd"},
	{"line", "#d5dbe3", "#38414d"},
	{"cell", "#e6effb", "#1f3350"},
	{"edge", "#7d9cc9", "#5f86bd"},
	{"bad", "#a8201a", "#ff958c"},
	{"warn", "#7a4d00", "#ebc15c"},
	{"good", "#18652a", "#7ad695"},
	{"info", "#1a5aa3", "#8cbcf7"},
	{"odd", "#6d2a94", "#d9a4f5"},
	{"bad-tint", "#fde4e1", "#47201f"},
	{"warn-tint", "#fff1cc", "#40340f"},
	{"good-tint", "#dcf3e1", "#183a23"},
	{"info-tint", "#e2eefb", "#1a3048"},
	{"odd-tint", "#f4e6fb", "#3a2149"},
	{"hatch", "#cfa45a", "#8a6c30"},
	// The types of mapping.
	{"mapped", "#8ab4ea", "#2f5f9e"},
	{"unwritten", "#efcf74", "#7d6218"},
	{"hole", "#eef1f4", "#2a3038"},
	{"delalloc", "#c9aee0", "#5d4180"},
	{"inline", "#93cf9c", "#2f6b3a"},
	{"cached", "#9fd8d8", "#256565"},
}

//go:embed page.css
var pageCSS string

//go:embed drawing.css
var drawingCSS string

// licence matches the comment at the head of a style sheet or script.
var licence = lazyregexp.New(`^/\*.*?\*/\n`)

// embedded is a file of this package without what only its source needs.
func embedded(text string) string { return strings.TrimSpace(licence().ReplaceAllString(text, "")) }

func variables(value func(colour) string) string {
	var b strings.Builder
	for _, c := range palette {
		fmt.Fprintf(&b, "--%s:%s;", c.name, value(c))
	}
	return b.String()
}

// Style is the style sheet of a page.
func Style() string {
	return fmt.Sprintf(":root{color-scheme:light dark;%s}\n@media screen and (prefers-color-scheme:dark){:root{%s}}\n%s\n%s",
		variables(func(c colour) string { return c.light }), variables(func(c colour) string { return c.dark }), embedded(pageCSS), embedded(drawingCSS))
}

var variable = lazyregexp.New(`var\(--([a-z-]+)\)`)

// DrawingStyle is the style sheet of an SVG that stands alone. Its colours are
// written out, because not everything that shows an SVG knows variables.
func DrawingStyle() string {
	in := func(value func(colour) string) string {
		return variable().ReplaceAllStringFunc(embedded(drawingCSS), func(v string) string {
			name := variable().FindStringSubmatch(v)[1]
			for _, c := range palette {
				if c.name == name {
					return value(c)
				}
			}
			panic("look: drawing.css: no colour " + name)
		})
	}
	return in(func(c colour) string { return c.light }) + "\n@media(prefers-color-scheme:dark){\n" + in(func(c colour) string { return c.dark }) + "\n}"
}
