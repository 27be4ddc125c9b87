// SPDX-License-Identifier: MIT

package cheader

import (
	"strings"
)

// lexer cuts a file into logical lines of preprocessing tokens.
type lexer struct {
	src *source
	// text is the file without line splices (a backslash at the end of a
	// line); splices holds the offsets in text where one was.
	text    string
	splices []int

	pos       int
	line      int32
	lineStart int // offset where the physical line begins
	nextSpl   int // index into splices
	// comments tells to record comments; only files whose declarations end up
	// in the model need them.
	comments bool
	buf      []token
}

func newLexer(src *source, comments bool) *lexer {
	text, splices := unsplice(src.text)
	return &lexer{src: src, text: text, splices: splices, line: 1, comments: comments}
}

// unsplice removes line splices. White space between the backslash and the end
// of the line is tolerated, as compilers do.
func unsplice(s string) (string, []int) {
	if !strings.Contains(s, "\\\n") && !strings.Contains(s, "\\\r") && !strings.Contains(s, "\\ ") && !strings.Contains(s, "\\\t") {
		return s, nil
	}
	var splices []int
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] == '\\' {
			j := i + 1
			for j < len(s) && (s[j] == ' ' || s[j] == '\t' || s[j] == '\r') {
				j++
			}
			if j < len(s) && s[j] == '\n' {
				splices = append(splices, len(b))
				i = j + 1
				continue
			}
		}
		next := strings.IndexByte(s[i+1:], '\\')
		if next < 0 {
			b = append(b, s[i:]...)
			break
		}
		b = append(b, s[i:i+1+next]...)
		i += 1 + next
	}
	return string(b), splices
}

// sync accounts for the splices up to the current position.
func (l *lexer) sync() {
	for l.nextSpl < len(l.splices) && l.splices[l.nextSpl] <= l.pos {
		l.line++
		l.lineStart = l.splices[l.nextSpl]
		l.nextSpl++
	}
}

// newline accounts for the newline at the current position and passes it.
func (l *lexer) newline() {
	l.sync()
	l.pos++
	l.line++
	l.lineStart = l.pos
}

// nextLine returns the tokens of the next logical line that has any, in a
// buffer that the next call reuses, and false at the end of the file. A line
// of more tokens than a header may have is cut.
func (l *lexer) nextLine() ([]token, bool) {
	l.buf = l.buf[:0]
	space := false
	for {
		if l.pos >= len(l.text) || len(l.buf) > maxTokens {
			return l.buf, len(l.buf) > 0
		}
		switch c := l.text[l.pos]; {
		case c == '\n':
			l.newline()
			if len(l.buf) > 0 {
				return l.buf, true
			}
			space = false
			continue
		case c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f':
			l.pos++
			space = true
			continue
		case c == '/' && l.pos+1 < len(l.text) && (l.text[l.pos+1] == '*' || l.text[l.pos+1] == '/'):
			if !l.comment() {
				// Not closed: the rest of the file is a comment. The token
				// makes it an error.
				l.buf = append(l.buf, l.token(kBad, l.pos, "/*", space))
				l.pos = len(l.text)
				return l.buf, true
			}
			space = true
			continue
		}
		l.sync()
		start := l.pos
		k := l.scan()
		l.buf = append(l.buf, l.tokenAt(k, start, space))
		space = false
	}
}

func (l *lexer) tokenAt(k kind, start int, space bool) token {
	return l.token(k, start, l.text[start:l.pos], space)
}

func (l *lexer) token(k kind, start int, text string, space bool) token {
	return token{text: text, file: l.src, line: l.line, col: int32(start-l.lineStart) + 1, kind: k, space: space,
		first: len(l.buf) == 0}
}

// comment passes the comment at the current position. It returns false for
// one that is not closed, which it leaves where it is.
func (l *lexer) comment() bool {
	l.sync()
	c := comment{line: l.line, col: int32(l.pos-l.lineStart) + 1, own: len(l.buf) == 0}
	start := l.pos
	if n := len(l.src.comments); c.own && n > 0 && l.src.comments[n-1].endLine == c.line {
		// Another comment stands before this one on the same line.
		c.own = l.src.comments[n-1].own
	}
	if l.text[l.pos+1] == '/' {
		end := strings.IndexByte(l.text[l.pos:], '\n')
		if end < 0 {
			end = len(l.text) - l.pos
		}
		l.pos += end
		l.sync()
	} else {
		c.block = true
		end := strings.Index(l.text[l.pos+2:], "*/")
		if end < 0 {
			return false
		}
		stop := l.pos + 2 + end + 2
		for {
			nl := strings.IndexByte(l.text[l.pos:stop], '\n')
			if nl < 0 {
				break
			}
			l.pos += nl
			l.newline()
		}
		l.pos = stop
		l.sync()
	}
	if l.comments {
		c.text, c.endLine = l.text[start:l.pos], l.line
		l.src.comments = append(l.src.comments, c)
	}
	return true
}

func isIdentStart(c byte) bool {
	return c == '_' || c == '$' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// scan passes one token and returns its kind.
func (l *lexer) scan() kind {
	s := l.text
	c := s[l.pos]
	switch {
	case isIdentStart(c):
		start := l.pos
		for l.pos < len(s) && (isIdentStart(s[l.pos]) || isDigit(s[l.pos])) {
			l.pos++
		}
		if l.pos < len(s) && (s[l.pos] == '"' || s[l.pos] == '\'') {
			switch s[start:l.pos] {
			case "L", "u", "U", "u8":
				return l.quoted(s[l.pos])
			}
		}
		return kIdent
	case isDigit(c), c == '.' && l.pos+1 < len(s) && isDigit(s[l.pos+1]):
		for l.pos++; l.pos < len(s); l.pos++ {
			c := s[l.pos]
			if (c == '+' || c == '-') && strings.IndexByte("eEpP", s[l.pos-1]) >= 0 {
				continue
			}
			if c != '.' && !isDigit(c) && !isIdentStart(c) {
				break
			}
		}
		return kNumber
	case c == '"' || c == '\'':
		return l.quoted(c)
	}
	rest := s[l.pos:]
	for _, p := range [...]string{"...", "<<=", ">>="} {
		if strings.HasPrefix(rest, p) {
			l.pos += 3
			return kPunct
		}
	}
	if len(rest) > 1 {
		switch rest[:2] {
		case "##", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||",
			"*=", "/=", "%=", "+=", "-=", "&=", "^=", "|=", "::":
			l.pos += 2
			return kPunct
		}
	}
	l.pos++
	if strings.IndexByte("#[](){}.&*+-~!/%<>^|?:;=,", c) >= 0 {
		return kPunct
	}
	return kBad
}

// quoted passes a string or character constant whose opening quote is at the
// current position.
func (l *lexer) quoted(quote byte) kind {
	s := l.text
	for l.pos++; l.pos < len(s) && s[l.pos] != '\n'; l.pos++ {
		switch s[l.pos] {
		case '\\':
			if l.pos+1 < len(s) && s[l.pos+1] != '\n' {
				l.pos++
			}
		case quote:
			l.pos++
			if quote == '"' {
				return kString
			}
			return kChar
		}
	}
	return kBad
}
