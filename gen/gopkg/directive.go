// SPDX-License-Identifier: MIT

package gopkg

import (
	"go/ast"
	"go/token"
	"strings"

	"github.com/fuseiomap/abigen/internal/lazyregexp"
)

// directivePrefix begins every directive comment.
const directivePrefix = "//abigen:"

// verb is the word after the prefix.
type verb string

const (
	recordVerb   verb = "record"
	enumVerb     verb = "enum"
	layoutVerb   verb = "layout"
	hasVerb      verb = "has"
	memberVerb   verb = "member"
	constantVerb verb = "constant"
)

// notC in place of the C name of a member or constant says that it has none.
const notC = "-"

// sourceKey introduces where a record's C declaration is to be looked for.
const sourceKey = "source="

// places says where each directive belongs, for messages.
var places = map[verb]string{
	recordVerb:   "a package-level struct type",
	enumVerb:     "a package-level integer type",
	layoutVerb:   "a type with " + directivePrefix + "record, below that",
	hasVerb:      "a type with " + directivePrefix + "record, below that",
	memberVerb:   "one field of a struct type",
	constantVerb: "one package-level constant",
}

// directive is one comment "//abigen:verb name".
type directive struct {
	verb verb
	// name is the C name; for layout and has, everything behind the verb.
	name string
	// source is where a record's C declaration is, "" where it is not said.
	source string
	pos    token.Pos
}

var cName = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_]*$`)

// cPath is the name of a record: its own, or the path to the member it is the
// type of.
var cPath = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$`)

// spaced matches a directive that a space has turned into prose.
var spaced = lazyregexp.New(`^//\s+abigen:((record|enum|member|constant) [^ ]+|layout (struct|union) \d.*|has .+)$`)

// isDirective reports whether a comment is one of ours, or would be but for a
// space.
func isDirective(c *ast.Comment) bool {
	return strings.HasPrefix(c.Text, directivePrefix) || spaced().MatchString(c.Text)
}

// parseDirective reads a comment for which isDirective holds. The message is
// not empty when the directive cannot be used.
func parseDirective(c *ast.Comment) (d directive, message string) {
	if spaced().MatchString(c.Text) {
		return d, c.Text + ": a directive has no space after the slashes, so this is only prose: remove the space"
	}
	word, name, _ := strings.Cut(strings.TrimPrefix(c.Text, directivePrefix), " ")
	name = strings.TrimSpace(name)
	d = directive{verb: verb(strings.TrimSpace(word)), name: name, pos: c.Pos()}
	shown := directivePrefix + string(d.verb)
	if d.verb == recordVerb {
		if before, source, found := strings.Cut(name, " "+sourceKey); found {
			d.name, d.source = before, source
			if source == "" || strings.ContainsAny(source, " \t") {
				return d, c.Text + ": " + sourceKey + " takes one source without spaces, such as elf:prog.o: correct it, and put other text on a line of its own"
			}
		}
	}
	switch _, known := places[d.verb]; {
	case !known:
		return d, shown + ": unknown directive: write abigen:record, abigen:layout, abigen:has, abigen:enum, abigen:member or abigen:constant"
	case name == "":
		return d, shown + " has no name: the C name follows the directive after a space: write " + shown + " NAME"
	case !d.named():
		return d, shown + " " + d.name + ": not a C name: give one identifier, without struct or enum, and put other text on a line of its own"
	}
	return d, ""
}

// named reports whether d has a name as its verb asks for. What follows layout
// and has is read where the record is.
func (d directive) named() bool {
	switch d.verb {
	case layoutVerb, hasVerb:
		return true
	case recordVerb:
		return cPath().MatchString(d.name)
	case memberVerb, constantVerb:
		return d.name == notC || cName().MatchString(d.name)
	}
	return cName().MatchString(d.name)
}

// directives returns the directives in the given comment groups, which may be
// nil. Malformed ones are left to whoever looks at every comment of the file.
func directives(groups ...*ast.CommentGroup) []directive {
	var ds []directive
	for _, g := range groups {
		if g == nil {
			continue
		}
		for _, c := range g.List {
			if !isDirective(c) {
				continue
			}
			if d, message := parseDirective(c); message == "" {
				ds = append(ds, d)
			}
		}
	}
	return ds
}

// docText returns the text of the first group that has any. Directives are not
// part of it.
func docText(groups ...*ast.CommentGroup) string {
	for _, g := range groups {
		if s := strings.TrimSpace(g.Text()); s != "" {
			return s
		}
	}
	return ""
}
