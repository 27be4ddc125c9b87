// SPDX-License-Identifier: MIT

package cheader

import (
	"fmt"
	"strings"
)

// decl is one external declaration, rewritten to what the parser can read:
//
//   - attributes, in any of their spellings and places, are taken out and kept
//     beside the tokens, because the parser refuses them in some places and
//     drops them in others;
//   - the body of a function, initializers and asm labels, which say nothing
//     about an ABI, are left out, and so are static assertions, which are
//     evaluated by themselves;
//   - empty declarations (stray semicolons) are left out;
//   - an unnamed bit-field of an enum type gets a name, because the parser
//     takes what follows the colon for the type of the enum;
//   - __builtin_offsetof is replaced by the expression it stands for.
type decl struct {
	toks []token
	// attrs holds the attributes that stood before each token, by index.
	attrs map[int][]attr
	// packs holds #pragma pack(n), where one is in force, by index of the { of
	// a record.
	packs map[int]int64
	// body: it was a function definition. assigned: an initializer was left out.
	body, assigned bool
	// base is the index of toks[0] among all tokens of a unit.
	base int
}

// attr is an attribute with its arguments.
type attr struct {
	name string // without underscores around it
	args []token
	at   token
}

// Limits on what the recursive parts behind are given. clang's bracket depth
// is 256 as well.
const (
	maxNesting = 256
	maxOpen    = 20_000
)

type splitter struct {
	p  *preproc
	in []token
	i  int
	// skew is what to add to i for an index in the preprocessor's output.
	skew  int
	cur   *decl
	decls []*decl
	// room is where the tokens of declarations go, all in one piece.
	room  []token
	stack []opened
	err   *Error
	// asserts is where the static assertions of the header go; nil drops them.
	asserts *[]assertion
	// depth of the parts between separators, see split.
	segment int
	sum     int
}

type opened struct {
	at      token
	segment int
}

// split cuts the output of the preprocessor into declarations. Beside an error
// it returns those before it.
func split(p *preproc) ([]*decl, *Error) {
	s := splitter{p: p, in: p.out, room: p.roomFor(len(p.out)), asserts: &p.asserts}
	s.begin()
	for s.i < len(s.in) && s.err == nil {
		s.step()
	}
	if s.err != nil {
		return s.decls, s.err
	}
	if n := len(s.stack); n > 0 {
		at := s.stack[n-1].at
		return s.decls, at.err(fmt.Sprintf("%q", at.text), "it is never closed", "add the matching bracket")
	}
	if n := len(s.cur.toks); n > 0 {
		at := s.cur.toks[n-1]
		return s.decls, at.err("declaration", "the header ends before it does", "add the missing ;")
	}
	return s.decls, nil
}

// rewrite applies the rewriting to the tokens of an expression.
func rewrite(p *preproc, toks []token) ([]token, bool) {
	s := splitter{p: p, in: toks}
	s.begin()
	s.stack = append(s.stack, opened{})
	for s.i < len(s.in) && s.err == nil && len(s.stack) > 0 {
		s.step()
	}
	return s.cur.toks, s.err == nil && len(s.stack) == 1
}

func (s *splitter) begin() { s.cur = &decl{toks: s.room[:0]} }

func (s *splitter) end() {
	n := len(s.cur.toks)
	s.cur.toks = s.cur.toks[:n:n]
	s.room = s.room[min(n, len(s.room)):]
	s.decls = append(s.decls, s.cur)
	s.begin()
}

func (s *splitter) fail(t token, what, why, fix string) {
	if s.err == nil {
		s.err = t.err(what, why, fix)
	}
}

func (s *splitter) prev() *token {
	if n := len(s.cur.toks); n > 0 {
		return &s.cur.toks[n-1]
	}
	return &token{}
}

func (s *splitter) emit(t token) {
	if s.segment++; s.segment+s.sum > maxOpen {
		s.fail(t, "declaration", fmt.Sprintf("more than %d tokens in one expression or declarator", maxOpen), "take it apart")
	}
	s.cur.toks = append(s.cur.toks, t)
}

func closes(open string) string {
	switch open {
	case "(":
		return ")"
	case "[":
		return "]"
	}
	return "}"
}

// group returns the index behind the bracket that matches the one at i.
func (s *splitter) group(i int) int {
	var stack []int
	for j := i; j < len(s.in); j++ {
		t := &s.in[j]
		if t.kind == kBad {
			s.bad(*t)
			return len(s.in)
		}
		if t.kind != kPunct {
			continue
		}
		switch t.text {
		case "(", "[", "{":
			if stack = append(stack, j); len(stack) > maxNesting {
				s.tooDeep(*t)
				return len(s.in)
			}
		case ")", "]", "}":
			open := &s.in[stack[len(stack)-1]]
			if closes(open.text) != t.text {
				s.fail(*t, fmt.Sprintf("%q", t.text), fmt.Sprintf("does not match the %q at %s", open.text, open.path()), "balance the brackets")
				return len(s.in)
			}
			if stack = stack[:len(stack)-1]; len(stack) == 0 {
				return j + 1
			}
		}
	}
	s.fail(s.in[i], fmt.Sprintf("%q", s.in[i].text), "it is never closed", "add the matching bracket")
	return len(s.in)
}

func (s *splitter) at(i int) *token {
	if i < len(s.in) {
		return &s.in[i]
	}
	return &token{}
}

// step consumes one token or construct.
func (s *splitter) step() {
	t := s.in[s.i]
	switch t.kind {
	case kIdent:
		if !s.word(t) {
			s.i++
			s.emit(t)
		}
		return
	case kBad:
		s.bad(t)
		return
	case kPunct:
		s.punct(t)
		return
	case kString:
		t.text = strings.TrimPrefix(t.text, "u8")
	case kChar:
		s.i++
		s.char(t)
		return
	}
	s.i++
	s.emit(t)
}

// char emits a character constant; one of char16_t or char32_t, which the
// parser does not know, as a cast of its value.
func (s *splitter) char(t token) {
	typ := ""
	switch {
	case strings.HasPrefix(t.text, "u'"):
		typ = "unsigned short"
	case strings.HasPrefix(t.text, "U'"):
		typ = "unsigned int"
	}
	b, err := unescape(t.text[strings.IndexByte(t.text, '\'')+1 : len(t.text)-1])
	r := []rune(string(b))
	if typ == "" || err != nil || len(r) != 1 {
		s.emit(t)
		return
	}
	for _, n := range inPlaceOf(t, fmt.Sprintf("( ( %s ) %d )", typ, r[0])) {
		s.emit(n)
	}
}

// inPlaceOf makes tokens of words, at the place of token t.
func inPlaceOf(t token, words string) []token {
	var out []token
	for _, w := range strings.Fields(words) {
		n := t
		n.text, n.kind, n.space = w, kPunct, true
		if isIdentStart(w[0]) {
			n.kind = kIdent
		} else if isDigit(w[0]) {
			n.kind = kNumber
		}
		out = append(out, n)
	}
	return out
}

// bad refuses what is no token.
func (s *splitter) bad(t token) {
	switch {
	case t.text == "/*":
		s.fail(t, "comment", "it is never closed", "add */")
	case strings.ContainsAny(t.text, `"'`):
		s.fail(t, "quote", "it is not closed on its line", "add the closing quote")
	default:
		s.fail(t, fmt.Sprintf("character %q", t.text), "not part of C", "is this a C header?")
	}
}

func (s *splitter) punct(t token) {
	top := len(s.stack) == 0
	switch t.text {
	case "[":
		if s.at(s.i + 1).is("[") {
			s.brackets()
			return
		}
		s.open(t)
		return
	case "(":
		s.open(t)
		return
	case "{":
		if top && s.prev().is(")") {
			s.i = s.group(s.i)
			s.cur.body = true
			end := s.in[s.i-1]
			end.text = ";"
			s.emit(end)
			s.end()
			return
		}
		if s.p != nil && len(s.p.packs) > 0 {
			if n := s.p.packAt(s.i + s.skew); n != 0 {
				if s.cur.packs == nil {
					s.cur.packs = map[int]int64{}
				}
				s.cur.packs[len(s.cur.toks)] = n
			}
		}
		s.open(t)
		return
	case ")", "]", "}":
		s.close(t)
		return
	case "=":
		if top {
			s.cur.assigned = true
			for s.i++; s.i < len(s.in) && s.err == nil; {
				switch n := &s.in[s.i]; {
				case n.is(",") || n.is(";"):
					return
				case n.kind == kBad:
					s.bad(*n)
				case n.is("(") || n.is("[") || n.is("{"):
					s.i = s.group(s.i)
				default:
					s.i++
				}
			}
			return
		}
	case ";":
		s.i++
		switch {
		case top && len(s.cur.toks) == 0:
			s.begin() // attributes that stood alone go with it
		case top:
			s.emit(t)
			s.segment = 0
			s.end()
		case s.stack[len(s.stack)-1].at.text != "{":
			at := s.stack[len(s.stack)-1].at
			s.fail(t, `";"`, fmt.Sprintf("the %q at %s is not closed", at.text, at.path()), "add the matching bracket")
		case s.prev().is(";") || s.prev().is("{"):
		default:
			s.emit(t)
			s.segment = 0
		}
		return
	case ",":
		s.i++
		s.emit(t)
		s.segment = 0
		return
	case ":":
		if n := len(s.cur.toks); !top && n > 1 && s.cur.toks[n-1].kind == kIdent && s.cur.toks[n-2].isIdent("enum") && !s.fixedType() {
			name := t
			name.kind, name.text = kIdent, unnamed
			s.emit(name)
		}
	case "#", "##":
		s.fail(t, fmt.Sprintf("%q", t.text), "stands outside of a directive", "is this a C header?")
		return
	}
	s.i++
	s.emit(t)
}

// unnamed is the name given to bit-fields that have none, where the parser
// needs one.
const unnamed = "__abigen_unnamed"

// fixedType reports whether the colon at the current position introduces the
// type of an enum, rather than the width of a bit-field.
func (s *splitter) fixedType() bool {
	i := s.i + 1
	for s.at(i).kind == kIdent {
		i++
	}
	return s.at(i).is("{")
}

func (s *splitter) open(t token) {
	s.i++
	s.emit(t)
	s.sum += s.segment
	s.stack = append(s.stack, opened{t, s.segment})
	s.segment = 0
	if len(s.stack) > maxNesting {
		s.tooDeep(t)
	}
}

func (s *splitter) tooDeep(t token) {
	s.fail(t, fmt.Sprintf("%q", t.text), fmt.Sprintf("brackets are nested more than %d deep", maxNesting), "take the declaration apart")
}

func (s *splitter) close(t token) {
	n := len(s.stack) - 1
	if n < 0 || s.stack[n].at.text != "" && closes(s.stack[n].at.text) != t.text || s.stack[n].at.text == "" {
		why := "there is no bracket to close"
		if n >= 0 && s.stack[n].at.text != "" {
			why = fmt.Sprintf("does not match the %q at %s", s.stack[n].at.text, s.stack[n].at.path())
		}
		s.fail(t, fmt.Sprintf("%q", t.text), why, "balance the brackets")
		return
	}
	s.segment = s.stack[n].segment
	s.sum -= s.segment
	s.stack = s.stack[:n]
	s.i++
	s.emit(t)
}

// word handles the identifiers that begin something to rewrite.
func (s *splitter) word(t token) bool {
	switch t.text {
	case "__extension__":
		s.i++
	case "__attribute__", "__attribute":
		s.attribute(t)
	case "_Alignas":
		if !s.at(s.i + 1).is("(") {
			return false
		}
		end := s.group(s.i + 1)
		if s.err == nil {
			s.addAttr(attr{name: "_Alignas", args: s.in[s.i+2 : end-1], at: t})
		}
		s.i = end
	case "__asm__", "__asm", "asm":
		j := s.i + 1
		for s.at(j).kind == kIdent {
			j++
		}
		if !s.at(j).is("(") {
			return false
		}
		s.i = s.group(j)
	case "_Static_assert", "static_assert":
		p := s.prev()
		if !s.at(s.i+1).is("(") || p.kind != kEOF && !p.is(";") && !p.is("{") && !p.is("}") {
			return false
		}
		end := s.group(s.i + 1)
		if s.asserts != nil && s.err == nil && t.file == s.p.main {
			*s.asserts = append(*s.asserts, newAssertion(t, s.in[s.i+2:end-1]))
		}
		if s.i = end; s.at(s.i).is(";") {
			s.i++
		}
	case "__builtin_offsetof":
		if !s.at(s.i + 1).is("(") {
			return false
		}
		s.offsetof(t)
	default:
		return false
	}
	return true
}

func (s *splitter) addAttr(a attr) {
	a.name = strings.TrimSuffix(strings.TrimPrefix(a.name, "__"), "__")
	if s.cur.attrs == nil {
		s.cur.attrs = map[int][]attr{}
	}
	n := len(s.cur.toks)
	s.cur.attrs[n] = append(s.cur.attrs[n], a)
}

// attribute takes out __attribute__((…)).
func (s *splitter) attribute(t token) {
	if !s.at(s.i+1).is("(") || !s.at(s.i+2).is("(") {
		s.fail(t, t.text, "two opening parentheses must follow", "write "+t.text+"((name))")
		return
	}
	end := s.group(s.i + 1)
	if s.err == nil && s.group(s.i+2) != end-1 {
		s.fail(t, t.text, "its parentheses are not a pair of pairs", "write "+t.text+"((name))")
	}
	if s.err == nil {
		s.attrList(s.in[s.i+3 : end-2])
	}
	s.i = end
}

// brackets takes out [[…]].
func (s *splitter) brackets() {
	start := s.i
	end := s.group(start)
	if s.err != nil {
		return
	}
	if s.group(start+1) != end-1 {
		s.fail(s.in[start], `"[["`, "an attribute must end in ]]", "write [[name]]")
		return
	}
	s.attrList(s.in[start+2 : end-2])
	s.i = end
}

func (s *splitter) attrList(toks []token) {
	for len(toks) > 0 {
		if toks[0].is(",") {
			toks = toks[1:]
			continue
		}
		if len(toks) > 2 && toks[1].is("::") {
			toks = toks[2:] // gnu::packed
		}
		a := attr{name: toks[0].text, at: toks[0]}
		n := 1
		if n < len(toks) && toks[n].is("(") {
			depth := 0
			for ; n < len(toks); n++ {
				if toks[n].is("(") {
					depth++
				} else if toks[n].is(")") {
					if depth--; depth == 0 {
						break
					}
				}
			}
			a.args = toks[2:n]
			n++
		}
		if toks[0].kind == kIdent {
			s.addAttr(a)
		}
		if n < len(toks) && !toks[n].is(",") {
			s.fail(toks[n], fmt.Sprintf("attribute %s", a.name), fmt.Sprintf("unexpected %q behind it", toks[n].text), "separate attributes by commas")
			return
		}
		toks = toks[min(n, len(toks)):]
	}
}

// offsetof replaces __builtin_offsetof(type, member) by
// ((size_t)&((type *)0)->member).
func (s *splitter) offsetof(t token) {
	end := s.group(s.i + 1)
	if s.err != nil {
		return
	}
	args := s.in[s.i+2 : end-1]
	comma, depth := -1, 0
	for i := range args {
		switch {
		case args[i].is("(") || args[i].is("[") || args[i].is("{"):
			depth++
		case args[i].is(")") || args[i].is("]") || args[i].is("}"):
			depth--
		case args[i].is(",") && depth == 0 && comma < 0:
			comma = i
		}
	}
	if comma < 1 || comma == len(args)-1 {
		s.fail(t, t.text, "a type and a member must follow", "write "+t.text+"(type, member)")
		return
	}
	size := "unsigned long"
	if m := s.p.lookup("__SIZE_TYPE__"); m != nil {
		size = spellTokens(m.tokens())
	}
	out := inPlaceOf(t, "( ( "+size+" ) & ( (")
	out = append(out, args[:comma]...)
	out = append(out, inPlaceOf(t, "* ) 0 ) ->")...)
	out = append(out, args[comma+1:]...)
	out = append(out, inPlaceOf(t, ")")...)
	s.skew += end - len(out)
	s.in, s.i = append(out, s.in[end:]...), 0
}

// declares returns the names that d may declare: more rather than fewer.
func (d *decl) declares() []string {
	var names []string
	depth := 0
	enumDepth := -1
	for i := range d.toks {
		t := &d.toks[i]
		if t.kind == kPunct {
			switch t.text {
			case "{":
				depth++
				if j := i - 1; j >= 0 && (d.toks[j].isIdent("enum") || j >= 1 && d.toks[j-1].isIdent("enum") ||
					d.enumBefore(j)) {
					enumDepth = depth
				}
			case "}":
				if depth == enumDepth {
					enumDepth = -1
				}
				depth--
			}
			continue
		}
		if t.kind != kIdent || i+1 >= len(d.toks) || keywords[t.text] {
			continue
		}
		next := &d.toks[i+1]
		switch {
		case next.is("{"), next.is(":") && i > 0 && d.toks[i-1].isIdent("enum"):
			names = append(names, t.text)
		case depth == enumDepth && i > 0 && (d.toks[i-1].is("{") || d.toks[i-1].is(",")):
			names = append(names, t.text)
		case depth == 0 && (next.is(";") || next.is(",") || next.is(")") || next.is("[") || next.is("(")):
			names = append(names, t.text)
		}
	}
	return names
}

// enumBefore reports whether the { behind index j opens an enum with a fixed
// type, as in "enum e : unsigned char {".
func (d *decl) enumBefore(j int) bool {
	for ; j >= 0 && d.toks[j].kind == kIdent; j-- {
	}
	if j < 1 || !d.toks[j].is(":") {
		return false
	}
	return d.toks[j-1].isIdent("enum") || j >= 2 && d.toks[j-2].isIdent("enum")
}
