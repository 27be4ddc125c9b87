// SPDX-License-Identifier: MIT

package cheader

import "github.com/fuseiomap/abigen/gen/model"

// kind is the kind of a preprocessing token.
type kind uint8

const (
	kEOF kind = iota
	kIdent
	kNumber
	kChar
	kString
	kPunct
	// kBad is a character that begins no token, or a quote that is not closed
	// on its line. It is an error only where the parser gets to see it.
	kBad
)

// token is a preprocessing token and where it stands. A token that a macro
// expanded to stands where the macro was used, unless it was an argument.
type token struct {
	text string
	file *source
	line int32
	col  int32
	kind kind
	// space: white space stands before the token. first: it is the first of
	// its line. painted: it names a macro that was being expanded and is never
	// expanded again.
	space, first, painted bool
}

func (t *token) is(punct string) bool { return t.kind == kPunct && t.text == punct }
func (t *token) isIdent(s string) bool {
	return t.kind == kIdent && t.text == s
}

// pos is the stable position, for the model.
func (t *token) pos() model.Pos {
	if t.file == nil {
		return model.Pos{}
	}
	return model.Pos{File: t.file.name, Line: int(t.line), Col: int(t.col)}
}

// path is the position with a path that can be opened, for errors.
func (t *token) path() model.Pos {
	if t.file == nil {
		return model.Pos{}
	}
	return model.Pos{File: t.file.path, Line: int(t.line), Col: int(t.col)}
}

// errorf-like constructor for errors at a token.
func (t *token) err(what, why, fix string) *Error {
	return &Error{Pos: t.path(), What: what, Why: why, Fix: fix}
}

// source is a file that was read, or a built-in stand-in for one.
type source struct {
	// path can be opened; name is stable, see [model.Pos].
	path, name string
	// dir is where #include "…" looks first; empty for text in memory.
	dir string
	// index is the number of the include directory the file was found in, for
	// #include_next; -1 for the header itself.
	index int
	// text is the file as it is, lex the same cut into tokens.
	text     string
	lex      *lexed
	comments []comment
	// guard is the macro of the include guard around the whole file.
	guard string
	once  bool
	// groups maps the line of a directive that begins a group which is read to
	// the line of its #if: a comment above that is about what follows here.
	groups map[int32]int32
	// builtin marks text that comes with this package.
	builtin bool
}

// comment is a comment as it stands in a file.
type comment struct {
	text      string // with its markers
	line, col int32
	endLine   int32
	lineStart int32 // offset of the line that it begins on, in the text without splices
	own       bool  // nothing but white space stands before it on its line
	block     bool  // /* … */
}

// spellTokens joins tokens with one space where the source has white space.
func spellTokens(toks []token) string {
	n := 0
	for i := range toks {
		n += len(toks[i].text) + 1
	}
	b := make([]byte, 0, n)
	for i := range toks {
		if i > 0 && toks[i].space {
			b = append(b, ' ')
		}
		b = append(b, toks[i].text...)
	}
	return string(b)
}
