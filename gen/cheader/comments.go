// SPDX-License-Identifier: MIT

package cheader

import (
	"cmp"
	"slices"
	"strings"
)

// A target is a declaration that can have a comment.
type target struct {
	first, last token
	doc         *string
	// begins tells that the declaration is the first on its line, so that a
	// comment above is about it.
	begins bool
	// open is the token behind which a comment on the same line still
	// describes the whole, such as the { of a record.
	open token
	// members are what a kernel-doc comment above may describe by "@name:".
	members map[string]*string
	// name as kernel-doc gives it.
	name string
}

// joinComments gives each declaration its comments: the one that ends on the
// line above, and the one behind it on its own line, with the lines that
// continue it in the same column. Nothing else is looked at, so a comment
// never ends up with the wrong declaration.
func joinComments(files map[string]*source, targets []*target) {
	byFile := map[*source][]*target{}
	for _, t := range targets {
		if t.first.file != nil && len(t.first.file.comments) > 0 {
			byFile[t.first.file] = append(byFile[t.first.file], t)
		}
	}
	for f, ts := range byFile {
		j := newJoiner(f)
		j.trailing(ts)
		for _, t := range ts {
			j.above(t)
		}
		for doc, b := range j.docs {
			*doc = b.String()
		}
	}
}

type joiner struct {
	src *source
	// docs collects what each declaration is given, so that the many parts of
	// one are copied once.
	docs map[*string]*strings.Builder
	// own lists the comments that stand alone on their lines, by last line.
	own  map[int32]int
	used []bool
}

func newJoiner(f *source) *joiner {
	j := &joiner{src: f, docs: map[*string]*strings.Builder{}, own: map[int32]int{}, used: make([]bool, len(f.comments))}
	for i := range f.comments {
		if f.comments[i].own {
			j.own[f.comments[i].endLine] = i
		}
	}
	return j
}

// column is the column of a comment on the screen.
func (j *joiner) column(c *comment) int {
	n := 0
	line := j.src.lex.text[c.lineStart:]
	for i := 0; i < int(c.col)-1 && i < len(line); i++ {
		if line[i] == '\t' {
			n += 8 - n%8
		} else {
			n++
		}
	}
	return n
}

// doc returns what a declaration has been given so far.
func (j *joiner) doc(s *string) *strings.Builder {
	b := j.docs[s]
	if b == nil {
		b = &strings.Builder{}
		b.WriteString(*s)
		j.docs[s] = b
	}
	return b
}

// trailing gives each comment behind code to the last declaration that ends
// before it on its line.
func (j *joiner) trailing(ts []*target) {
	byLine := endings(ts)
	cs := j.src.comments
	for i := range cs {
		c := &cs[i]
		if c.own {
			if back(c.text) {
				// "/**< …" on a line of its own is about what ends above.
				j.give(lastBefore(byLine[c.line-1], 1<<30), []int{i})
			}
			continue
		}
		t := lastBefore(byLine[c.line], c.col)
		if t == nil {
			continue
		}
		group := []int{i}
		at := -1
		for k := i + 1; k < len(cs) && cs[k].own && cs[k].line == cs[k-1].endLine+1; k++ {
			if at < 0 {
				at = j.column(c)
			}
			if d := j.column(&cs[k]) - at; d < -1 || d > 1 {
				break
			}
			group = append(group, k)
		}
		j.give(t, group)
	}
}

// ending is where on a line a declaration ends, or its opening bracket stands.
type ending struct {
	col int32
	t   *target
}

// endings returns those of each line, by column; of several in one column the
// first target's.
func endings(ts []*target) map[int32][]ending {
	byLine := map[int32][]ending{}
	for _, t := range ts {
		byLine[t.last.line] = append(byLine[t.last.line], ending{t.last.col, t})
		if t.open.line != 0 {
			byLine[t.open.line] = append(byLine[t.open.line], ending{t.open.col, t})
		}
	}
	for line, es := range byLine {
		slices.SortStableFunc(es, func(a, b ending) int { return cmp.Compare(a.col, b.col) })
		byLine[line] = slices.CompactFunc(es, func(a, b ending) bool { return a.col == b.col })
	}
	return byLine
}

// lastBefore returns the declaration that ends last before the given column.
func lastBefore(es []ending, col int32) *target {
	i, _ := slices.BinarySearchFunc(es, col, func(e ending, col int32) int { return cmp.Compare(e.col, col) })
	if i == 0 {
		return nil
	}
	return es[i-1].t
}

func (j *joiner) give(t *target, group []int) {
	if t == nil {
		return
	}
	var parts []string
	for _, i := range group {
		j.used[i] = true
		parts = append(parts, clean(j.src.comments[i].text))
	}
	text := strings.Join(parts, "\n")
	if isLicence(text) {
		return
	}
	j.add(t, text)
}

// above gives a declaration the comment that ends on the line above it.
func (j *joiner) above(t *target) {
	if !t.begins {
		return
	}
	line := t.first.line - 1
	for opening, ok := j.src.groups[line]; ok; opening, ok = j.src.groups[line] {
		line = opening - 1
	}
	i, ok := j.own[line]
	if !ok || j.used[i] {
		return
	}
	cs := j.src.comments
	from := i
	if !cs[i].block {
		for from > 0 && !cs[from-1].block && cs[from-1].own && !j.used[from-1] && cs[from-1].endLine == cs[from].line-1 {
			from--
		}
	}
	var parts []string
	for k := from; k <= i; k++ {
		parts = append(parts, clean(cs[k].text))
	}
	text := strings.Join(parts, "\n")
	if isLicence(text) {
		return
	}
	text = j.kernelDoc(text, t)
	if doc := j.doc(t.doc); doc.Len() > 0 {
		// The comment above introduces, the one behind comes second.
		text += "\n" + doc.String()
		doc.Reset()
	}
	j.add(t, text)
}

func (j *joiner) add(t *target, text string) {
	text = strings.TrimSpace(text)
	if rest, ok := strings.CutPrefix(text, "@"+t.name+":"); ok && t.name != "" {
		text = strings.TrimSpace(rest)
	}
	if text == "" {
		return
	}
	doc := j.doc(t.doc)
	if doc.Len() > 0 {
		doc.WriteByte('\n')
	}
	doc.WriteString(text)
}

// isLicence reports whether a comment is about the file, not about what
// follows it.
func isLicence(text string) bool {
	return strings.Contains(text, "SPDX-License-Identifier") || strings.Contains(text, "Copyright")
}

// back reports whether a comment says that it is about what stands before it.
func back(text string) bool {
	for _, p := range []string{"/**<", "/*!<", "///<", "//!<", "/*<"} {
		if strings.HasPrefix(text, p) {
			return true
		}
	}
	return false
}

// clean removes the markers of a comment and the decoration of its lines.
func clean(text string) string {
	block := strings.HasPrefix(text, "/*")
	if block {
		text = strings.TrimSuffix(strings.TrimPrefix(text, "/*"), "*/")
	} else {
		text = strings.TrimPrefix(text, "//")
	}
	text = strings.TrimLeft(text, "*/!")
	text = strings.TrimPrefix(text, "<")
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		line = strings.TrimRight(line, " \t\r*")
		if i > 0 {
			line = strings.TrimLeft(line, " \t")
			if rest, ok := strings.CutPrefix(line, "*"); ok {
				line = strings.TrimPrefix(rest, " ")
			}
		} else {
			line = strings.TrimLeft(line, " \t")
		}
		if len(line) > 2 && strings.Trim(line, "*-=_#~+/ ") == "" {
			line = ""
		}
		lines[i] = strings.TrimRight(line, " \t")
	}
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return strings.Join(lines, "\n")
}

// kernelDoc hands the "@member: …" parts of a comment to the members of t and
// returns the rest, without the "struct name - " in front.
func (j *joiner) kernelDoc(text string, t *target) string {
	lines := strings.Split(text, "\n")
	if rest, ok := title(lines[0], t.name); ok {
		lines[0] = rest
	}
	if t.members == nil {
		return strings.Join(lines, "\n")
	}
	var rest []string
	var member *strings.Builder
	for _, line := range lines {
		if name, text, ok := memberLine(line); ok {
			member = nil
			if doc := t.members[name]; doc != nil {
				member = j.doc(doc)
				if member.Len() > 0 {
					// The member's own comment comes first.
					member.WriteByte('\n')
				}
				member.WriteString(text)
				continue
			}
		} else if member != nil {
			if trimmed := strings.TrimSpace(line); trimmed != "" {
				if member.Len() > 0 && !strings.HasSuffix(member.String(), "\n") {
					member.WriteByte(' ')
				}
				member.WriteString(trimmed)
				continue
			}
			member = nil
		}
		rest = append(rest, line)
	}
	rest = slices.CompactFunc(rest, func(a, b string) bool { return a == "" && b == "" })
	return strings.Join(rest, "\n")
}

// title splits "struct name - short description".
func title(line, name string) (string, bool) {
	if name == "" {
		return "", false
	}
	s := line
	for _, kw := range []string{"struct ", "union ", "enum ", "define "} {
		s = strings.TrimPrefix(s, kw)
	}
	s, ok := strings.CutPrefix(s, name)
	if !ok {
		return "", false
	}
	s = strings.TrimPrefix(s, "()")
	s = strings.TrimLeft(s, " \t")
	for _, sep := range []string{"-", ":", "–", "—"} {
		if rest, ok := strings.CutPrefix(s, sep); ok && !strings.HasPrefix(rest, sep) {
			return strings.TrimSpace(rest), true
		}
	}
	return "", false
}

// memberLine splits "@name: text".
func memberLine(line string) (name, text string, ok bool) {
	s, ok := strings.CutPrefix(strings.TrimLeft(line, " \t"), "@")
	if !ok {
		return "", "", false
	}
	name, text, ok = strings.Cut(s, ":")
	if !ok || name == "" || strings.ContainsAny(name, " \t") {
		return "", "", false
	}
	return name, strings.TrimSpace(text), true
}
