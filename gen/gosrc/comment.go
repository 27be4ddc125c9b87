// SPDX-License-Identifier: MIT

package gosrc

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fuseiomap/abigen/gen/model"
)

// commentWidth is where the text of a comment is wrapped, in characters.
const commentWidth = 96

// comment builds a Go doc comment: paragraphs of prose, which are wrapped, and
// everything else, which is kept as it is.
type comment struct{ blocks []block }

type block struct {
	text  string // prose: one line; otherwise the lines
	prose bool
}

// say adds text to the last paragraph, or begins the first one.
func (c *comment) say(text string) {
	if n := len(c.blocks); n > 0 && c.blocks[n-1].prose {
		c.blocks[n-1].text += " " + text
		return
	}
	c.paragraph(text)
}

func (c *comment) paragraph(text string) {
	c.blocks = append(c.blocks, block{text: text, prose: true})
}

// code adds lines that are shown as they are.
func (c *comment) code(text string) {
	c.blocks = append(c.blocks, block{text: "\t" + strings.ReplaceAll(text, "\n", "\n\t")})
}

// doc adds the comment of a declaration in the header. Its first paragraph
// continues the last one of c.
func (c *comment) doc(text string) {
	for i, b := range paragraphs(text) {
		if i == 0 && b.prose {
			c.say(b.text)
			continue
		}
		c.blocks = append(c.blocks, b)
	}
}

// introduce adds what a Go declaration is, then the comment it has in the
// header, then where that is.
func (c *comment) introduce(what, doc string, pos model.Pos) {
	if ps := paragraphs(doc); len(ps) > 0 && ps[0].prose {
		c.say(what + ":")
	} else {
		c.say(what + ".")
	}
	c.doc(doc)
	if n := len(c.blocks); c.blocks[n-1].prose {
		c.blocks[n-1].text = stop(c.blocks[n-1].text)
	}
	if pos.IsValid() {
		c.say(model.Pos{File: pos.File, Line: pos.Line}.String() + ".")
	}
}

// stop ends a text with a full stop, unless it has its own end.
func stop(s string) string {
	if r, _ := utf8.DecodeLastRuneInString(s); strings.ContainsRune(".!?:", r) {
		return s
	}
	return s + "."
}

// paragraphs splits text at empty lines. A paragraph is prose unless one of its
// lines is indented or begins like an item of a list.
func paragraphs(text string) []block {
	var out []block
	var lines []string
	flush := func() {
		if len(lines) == 0 {
			return
		}
		b := block{prose: true}
		for _, s := range lines {
			b.prose = b.prose && !special(s)
		}
		b.text = strings.Join(lines, "\n")
		if b.prose {
			b.text = strings.Join(strings.Fields(b.text), " ")
		}
		out = append(out, b)
		lines = nil
	}
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimRight(line, " \t"); line == "" {
			flush()
			continue
		}
		lines = append(lines, line)
	}
	flush()
	return out
}

func special(line string) bool {
	switch line[0] {
	case ' ', '\t', '-', '*', '#', '+':
		return true
	}
	n := strings.TrimLeft(line, "0123456789")
	return n != line && (strings.HasPrefix(n, ". ") || strings.HasPrefix(n, ") "))
}

// clean drops what has no place in a comment: carriage returns and other
// control characters, byte order marks, and bytes that are not UTF-8.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		if unicode.IsControl(r) || r == '\uFEFF' || r == utf8.RuneError {
			return -1
		}
		return r
	}, text)
}

// print writes the comment, and the directives below it. Prose is wrapped to
// what indent, in characters, leaves of the line.
func (c *comment) print(w *printer, indent int, directives ...string) {
	if w.bare {
		c = &comment{}
	}
	for i, b := range c.blocks {
		if i > 0 {
			w.line("//")
		}
		text := clean(b.text)
		if b.prose {
			for _, s := range wrap(text, commentWidth-indent) {
				w.line("// ", s)
			}
			continue
		}
		for s := range strings.SplitSeq(text, "\n") {
			if strings.HasPrefix(s, "\t") {
				w.line("//", s)
				continue
			}
			w.line("// ", s)
		}
	}
	for i, d := range directives {
		if i == 0 && len(c.blocks) > 0 {
			w.line("//")
		}
		w.line("//abigen:", d)
	}
}

// oneLine is clean for a text that must not have several lines.
func oneLine(text string) string { return strings.Join(strings.Fields(clean(text)), " ") }

// wrap breaks a line of words so that each line has at most width characters,
// or a single word.
func wrap(text string, width int) []string {
	out := make([]string, 0, len(text)/width+2)
	line := make([]byte, 0, width+8)
	n := 0 // characters in line
	for word := range strings.FieldsSeq(text) {
		k := utf8.RuneCountInString(word)
		if n > 0 && n+1+k > width {
			out = append(out, string(line))
			line, n = line[:0], 0
		}
		if n > 0 {
			line = append(line, ' ')
			n++
		}
		line = append(line, word...)
		n += k
	}
	return append(out, string(line))
}
