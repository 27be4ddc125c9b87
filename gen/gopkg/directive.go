// SPDX-License-Identifier: MIT

package gopkg

import (
	"go/ast"
	"go/token"
	"regexp"
	"strings"
)

// directivePrefix begins every directive comment.
const directivePrefix = "//abigen:"

// verb is the word after the prefix.
type verb string

const (
	recordVerb   verb = "record"
	enumVerb     verb = "enum"
	memberVerb   verb = "member"
	constantVerb verb = "constant"
)

// notC in place of a constant's C name says that it has none.
const notC = "-"

// places says where each directive belongs, for messages.
var places = map[verb]string{
	recordVerb:   "a package-level struct type",
	enumVerb:     "a package-level integer type",
	memberVerb:   "one field of a struct type",
	constantVerb: "one package-level constant",
}

// directive is one comment "//abigen:verb name".
type directive struct {
	verb verb
	name string // the C name
	pos  token.Pos
}

var cName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// spaced matches a directive that a space has turned into prose.
var spaced = regexp.MustCompile(`^//\s+abigen:(record|enum|member|constant) [^ ]+$`)

// isDirective reports whether a comment is one of ours, or would be but for a
// space.
func isDirective(c *ast.Comment) bool {
	return strings.HasPrefix(c.Text, directivePrefix) || spaced.MatchString(c.Text)
}

// parseDirective reads a comment for which isDirective holds. The message is
// not empty when the directive cannot be used.
func parseDirective(c *ast.Comment) (d directive, message string) {
	if spaced.MatchString(c.Text) {
		return d, c.Text + ": a directive has no space after the slashes, so this is only prose: remove the space"
	}
	word, name, _ := strings.Cut(strings.TrimPrefix(c.Text, directivePrefix), " ")
	name = strings.TrimSpace(name)
	d = directive{verb: verb(strings.TrimSpace(word)), name: name, pos: c.Pos()}
	shown := directivePrefix + string(d.verb)
	switch _, known := places[d.verb]; {
	case !known:
		return d, shown + ": unknown directive: write abigen:record, abigen:enum, abigen:member or abigen:constant"
	case name == "":
		return d, shown + " has no name: the C name follows the directive after a space: write " + shown + " NAME"
	case !cName.MatchString(name) && (d.verb != constantVerb || name != notC):
		return d, shown + " " + name + ": not a C name: give one identifier, without struct or enum, and put other text on a line of its own"
	}
	return d, ""
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
