// SPDX-License-Identifier: MIT

package repotest

import (
	"path"
	"strings"
	"testing"
)

// documents returns the paths of the project's written text.
func documents(t *testing.T) []string {
	t.Helper()
	var docs []string
	for _, f := range files(t) {
		if path.Ext(f) == ".md" && !strings.Contains(f, "testdata/") && !strings.HasPrefix(f, "golden/") {
			docs = append(docs, f)
		}
	}
	if len(docs) == 0 {
		t.Fatal("no documents")
	}
	return docs
}

// fence is a fenced block of a document.
type fence struct {
	language string
	lines    []string
	line     int // of the first of lines, from 1
}

// fences returns the fenced blocks of a document, and the document's lines with
// those of the blocks emptied.
func fences(text string) (blocks []fence, rest []string) {
	var in *fence
	for i, l := range strings.Split(text, "\n") {
		lang, isFence := strings.CutPrefix(l, "```")
		switch {
		case isFence && in == nil:
			in = &fence{language: lang, line: i + 2}
		case isFence:
			blocks, in = append(blocks, *in), nil
		case in != nil:
			in.lines = append(in.lines, l)
		default:
			rest = append(rest, l)
			continue
		}
		rest = append(rest, "")
	}
	return blocks, rest
}

// rows returns the table under the heading with the given text, without its
// head, as trimmed cells; nil if there is none.
func rows(lines []string, heading string) [][]string {
	var table [][]string
	under := false
	for _, l := range lines {
		if strings.HasPrefix(l, "#") {
			under = strings.TrimLeft(l, "# ") == heading
		}
		if !under || !strings.HasPrefix(l, "|") {
			continue
		}
		cells := strings.Split(strings.Trim(l, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		table = append(table, cells)
	}
	if len(table) < 2 {
		return nil
	}
	return table[2:]
}
