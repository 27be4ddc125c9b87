// SPDX-License-Identifier: MIT

package cheader

import (
	"slices"
	"strings"
)

// lexed is a file cut into preprocessing tokens. It is never written once it
// is made, so that runs share it, see [Cache]. Its tokens are places in its
// text: they cost the garbage collector nothing, and most tokens of most
// included files are never looked at.
type lexed struct {
	// raw is the file, text the same without line splices (a backslash at the
	// end of a line).
	raw, text string
	toks      []lexeme
	lines     []logicalLine // those that hold tokens, in order
	comments  []comment
	// cut tells that the file has more tokens than a file may have, and that
	// the rest is missing.
	cut bool
}

// lexeme is a token of a [lexed].
type lexeme struct {
	off, n    int32 // where its text is
	line, col int32
	kind      kind
	space     bool // white space stands before it
	digraph   bool
}

// logicalLine is a line of tokens.
type logicalLine struct {
	start     int32 // index of its first token
	directive directive
}

// directive tells what a line begins with.
type directive uint8

const (
	noDirective    directive = iota
	conditional              // #if and its like
	otherDirective           // and a lone #
)

func directiveOf(name string) directive {
	switch name {
	case "if", "ifdef", "ifndef", "elif", "elifdef", "elifndef", "else", "endif":
		return conditional
	}
	return otherDirective
}

// line returns the tokens of logical line n, from and up to but not including
// to.
func (x *lexed) line(n int) (from, to int) {
	if n+1 < len(x.lines) {
		return int(x.lines[n].start), int(x.lines[n+1].start)
	}
	return int(x.lines[n].start), len(x.toks)
}

// textOf returns the text of token i. Digraphs are other ways to write
// brackets, # and ##.
func (x *lexed) textOf(i int) string {
	t := &x.toks[i]
	text := x.text[t.off : t.off+t.n]
	if t.digraph {
		switch text {
		case "<:":
			return "["
		case ":>":
			return "]"
		case "<%":
			return "{"
		case "%>":
			return "}"
		case "%:":
			return "#"
		case "%:%:":
			return "##"
		}
	}
	return text
}

// token returns token i, standing in file.
func (x *lexed) token(i int, file *source) token {
	t := &x.toks[i]
	return token{text: x.textOf(i), file: file, line: t.line, col: t.col, kind: t.kind, space: t.space}
}

// appendTokens appends the tokens from and up to but not including to.
func (x *lexed) appendTokens(out []token, from, to int, file *source) []token {
	for i := from; i < to; i++ {
		out = append(out, x.token(i, file))
	}
	return out
}

// size is about how much memory it takes, in bytes.
func (x *lexed) size() int {
	return len(x.raw) + 20*cap(x.toks) + 8*cap(x.lines) + 40*cap(x.comments)
}

// maxLexemes bounds the tokens of one file. They take more memory than the
// file itself when it is dense.
const maxLexemes = 6_000_000

// lex cuts text into tokens, of which there may be limit.
func lex(text string, limit int) *lexed {
	l := lexer{out: &lexed{raw: text}, line: 1, limit: limit}
	l.out.text, l.splices = unsplice(text)
	// Kernel headers have a token for every eight to ten bytes; see add.
	l.out.toks = make([]lexeme, 0, min(len(text)/10+8, 4096, limit+1))
	for l.nextLine() {
	}
	return l.out
}

// lexOne cuts a short text into tokens that stand nowhere.
func lexOne(text string) []token {
	x := lex(text, maxLexemes)
	return x.appendTokens(nil, 0, len(x.toks), nil)
}

// lexer cuts a file into logical lines of preprocessing tokens.
type lexer struct {
	out *lexed
	// splices holds the offsets in the text where a line splice was.
	splices []int

	pos       int
	line      int32
	lineStart int // offset where the physical line begins
	nextSpl   int // index into splices
	begin     int // index of the first token of the logical line
	limit     int
	digraph   bool // the token just passed is one
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

// nextLine adds the next logical line that has any tokens, and returns false at
// the end of the file.
func (l *lexer) nextLine() bool {
	l.begin = len(l.out.toks)
	text := l.out.text
	space := false
	for l.pos < len(text) {
		c := text[l.pos]
		switch classes[c] {
		case newlineClass:
			l.newline()
			if len(l.out.toks) > l.begin {
				return l.endLine()
			}
			space = false
			continue
		case spaceClass:
			l.pos++
			space = true
			continue
		}
		if c == '/' && l.pos+1 < len(text) && (text[l.pos+1] == '*' || text[l.pos+1] == '/') {
			if !l.comment() {
				// Not closed: the rest of the file is a comment. The token
				// makes it an error.
				start := l.pos
				l.pos += 2
				l.add(kBad, start, space)
				l.pos = len(text)
				return l.endLine()
			}
			space = true
			continue
		}
		if l.nextSpl < len(l.splices) {
			l.sync()
		}
		start := l.pos
		k := l.scan()
		l.add(k, start, space)
		space = false
		if len(l.out.toks) > l.limit {
			l.out.cut = true
			return false
		}
	}
	return len(l.out.toks) > l.begin && l.endLine()
}

// endLine takes in the line that is complete.
func (l *lexer) endLine() bool {
	x := l.out
	n := logicalLine{start: int32(l.begin)}
	if x.toks[l.begin].n <= 2 && x.textOf(l.begin) == "#" {
		n.directive = otherDirective
		if l.begin+1 < len(x.toks) {
			n.directive = directiveOf(x.textOf(l.begin + 1))
		}
	}
	x.lines = append(x.lines, n)
	return true
}

func (l *lexer) add(k kind, start int, space bool) {
	if n := len(l.out.toks); n == cap(l.out.toks) {
		// As many more as the rest of the file has if it is like what was read.
		more := n/16 + 64 + int(float64(n)/float64(l.pos)*float64(len(l.out.text)-l.pos))
		l.out.toks = slices.Grow(l.out.toks, min(more, max(l.limit+1-n, 1)))
	}
	l.out.toks = append(l.out.toks, lexeme{off: int32(start), n: int32(l.pos - start), line: l.line,
		col: int32(start-l.lineStart) + 1, kind: k, space: space, digraph: l.digraph})
	l.digraph = false
}

// comment passes the comment at the current position. It returns false for
// one that is not closed, which it leaves where it is.
func (l *lexer) comment() bool {
	l.sync()
	text := l.out.text
	c := comment{line: l.line, col: int32(l.pos-l.lineStart) + 1, lineStart: int32(l.lineStart), own: len(l.out.toks) == l.begin}
	start := l.pos
	if n := len(l.out.comments); c.own && n > 0 && l.out.comments[n-1].endLine == c.line {
		// Another comment stands before this one on the same line.
		c.own = l.out.comments[n-1].own
	}
	if text[l.pos+1] == '/' {
		end := strings.IndexByte(text[l.pos:], '\n')
		if end < 0 {
			end = len(text) - l.pos
		}
		l.pos += end
		l.sync()
	} else {
		c.block = true
		end := strings.Index(text[l.pos+2:], "*/")
		if end < 0 {
			return false
		}
		stop := l.pos + 2 + end + 2
		for {
			nl := strings.IndexByte(text[l.pos:stop], '\n')
			if nl < 0 {
				break
			}
			l.pos += nl
			l.newline()
		}
		l.pos = stop
		l.sync()
	}
	c.text, c.endLine = text[start:l.pos], l.line
	l.out.comments = append(l.out.comments, c)
	return true
}

// class is what a byte can begin or be part of.
type class uint8

const (
	badClass class = iota
	newlineClass
	spaceClass
	identClass
	digitClass
	quoteClass
	punctClass
)

var classes = func() (t [256]class) {
	for c := range t {
		switch {
		case c == '_', c == '$', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c >= 0x80:
			t[c] = identClass
		case '0' <= c && c <= '9':
			t[c] = digitClass
		case strings.IndexByte(" \t\r\v\f", byte(c)) >= 0:
			t[c] = spaceClass
		case strings.IndexByte("#[](){}.&*+-~!/%<>^|?:;=,", byte(c)) >= 0:
			t[c] = punctClass
		}
	}
	t['\n'], t['"'], t['\''] = newlineClass, quoteClass, quoteClass
	return t
}()

func isIdentStart(c byte) bool { return classes[c] == identClass }

func isDigit(c byte) bool { return classes[c] == digitClass }

// scan passes one token and returns its kind.
func (l *lexer) scan() kind {
	s := l.out.text
	c := s[l.pos]
	switch classes[c] {
	case identClass:
		i := l.pos + 1
		for i < len(s) && (classes[s[i]] == identClass || classes[s[i]] == digitClass) {
			i++
		}
		start := l.pos
		l.pos = i
		if i < len(s) && classes[s[i]] == quoteClass {
			switch s[start:i] {
			case "L", "u", "U", "u8":
				return l.quoted(s[i])
			}
		}
		return kIdent
	case digitClass:
		return l.number()
	case quoteClass:
		return l.quoted(c)
	case punctClass:
		return l.punct()
	}
	l.pos++
	return kBad
}

// number passes a preprocessing number.
func (l *lexer) number() kind {
	s := l.out.text
	for l.pos++; l.pos < len(s); l.pos++ {
		switch c := s[l.pos]; {
		case classes[c] == digitClass, classes[c] == identClass, c == '.':
			continue
		case (c == '+' || c == '-') && strings.IndexByte("eEpP", s[l.pos-1]) >= 0:
			continue
		}
		break
	}
	return kNumber
}

// punct passes an operator or bracket.
func (l *lexer) punct() kind {
	s := l.out.text[l.pos:]
	n := 1
	if len(s) > 1 {
		c, d := s[0], s[1]
		switch c {
		case '.':
			if classes[d] == digitClass {
				return l.number()
			}
			if d == '.' && len(s) > 2 && s[2] == '.' {
				n = 3
			}
		case '<', '>':
			switch {
			case c == '<' && (d == ':' || d == '%'):
				n, l.digraph = 2, true
			case d == c && len(s) > 2 && s[2] == '=':
				n = 3
			case d == c, d == '=':
				n = 2
			}
		case '-':
			if d == '>' || d == '-' || d == '=' {
				n = 2
			}
		case '+', '&', '|':
			if d == c || d == '=' {
				n = 2
			}
		case '*', '/', '^', '=', '!':
			if d == '=' {
				n = 2
			}
		case '%':
			switch {
			case d == '=':
				n = 2
			case d == '>':
				n, l.digraph = 2, true
			case strings.HasPrefix(s, "%:%:"):
				n, l.digraph = 4, true
			case d == ':':
				n, l.digraph = 2, true
			}
		case '#', ':':
			switch {
			case d == c:
				n = 2
			case c == ':' && d == '>':
				n, l.digraph = 2, true
			}
		}
	}
	l.pos += n
	return kPunct
}

// quoted passes a string or character constant whose opening quote is at the
// current position.
func (l *lexer) quoted(quote byte) kind {
	s := l.out.text
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
