// SPDX-License-Identifier: MIT

package cheader

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"modernc.org/cc/v4"
)

// unit is a list of declarations as the parser got it. It is parsed part by
// part, so that the tree of a large header is never in memory as a whole.
type unit struct {
	decls []*decl
	toks  []token // of all declarations
	owner []int32 // index in decls, by token

	// The part parsed last: its tree, and the tokens from base up to end that
	// it is made of. Before them the parser got those of stubs.
	ast       *cc.AST
	base, end int
	stubs     int
	// offs tells where in the parser's text each of its tokens is, those of
	// stubs included; lines, where its lines begin.
	offs, lines []int32
}

const (
	// The parser insists on the declaration of this name.
	prefix       = "int __predefined_declarator;\n"
	prefixTokens = 3
	unitLine     = 2
	// When the parser has lost its way it may read on until it finds certain
	// tokens, and past the end of its input it would never stop. This holds
	// them all, and is correct C where it has not.
	sentinel = "\nint __abigen_end(int, int[1]);enum{__abigen_enum=1?1:1};struct __abigen_end{int a:1,b;};\n"
	// partTokens is how many tokens a part has, unless one declaration alone
	// has more. All but the largest headers are one part.
	partTokens = 30_000
	// The parser reads line by line, several copies of each; lineTokens is how
	// many tokens it is given in one.
	lineTokens = 200
)

// newUnit makes a unit of declarations.
func newUnit(decls []*decl) *unit {
	u := &unit{decls: decls}
	n := size(decls)
	u.toks, u.owner = make([]token, 0, n), make([]int32, 0, n)
	for i, d := range decls {
		d.base = len(u.toks)
		u.toks = append(u.toks, d.toks...)
		d.toks = u.toks[d.base:len(u.toks):len(u.toks)] // not twice in memory
		for range d.toks {
			u.owner = append(u.owner, int32(i))
		}
	}
	return u
}

// parseDecls parses declarations that are one part.
func parseDecls(decls []*decl) (*unit, error) {
	u := newUnit(decls)
	return u, u.parse(nil, 0, len(decls))
}

// part returns the end of the part that begins with declaration i.
func (u *unit) part(i int) int {
	n := 0
	for ; i < len(u.decls); i++ {
		if n += len(u.decls[i].toks); n > partTokens && n > len(u.decls[i].toks) {
			break
		}
	}
	return i
}

// parse parses declarations i up to but not including j, which follow others
// that stub stands in for. Their tokens have been checked for balanced brackets
// and bounded depth, so the parser's recursion is bounded.
func (u *unit) parse(stub *decl, i, j int) error {
	u.base, u.end, u.stubs = 0, 0, 0
	if i < j {
		last := u.decls[j-1]
		u.base, u.end = u.decls[i].base, last.base+len(last.toks)
	}
	t := text{}
	n := u.end - u.base
	t.b.Grow(len(prefix) + 8*n + 2*len(sentinel))
	t.offs = make([]int32, 0, n)
	t.b.WriteString(prefix)
	if stub != nil {
		u.stubs = len(stub.toks)
		t.write(stub.toks)
	}
	t.write(u.toks[u.base:u.end])
	t.b.WriteString(sentinel)
	u.offs, u.lines = t.offs, t.lines
	var err error
	if u.ast, err = parseText(t.b.String()); err != nil {
		return err
	}
	// Function bodies were left out. What the parser takes for one is none,
	// and would have shifted the numbers of all tokens behind it.
	for tu := u.ast.TranslationUnit; tu != nil; tu = tu.TranslationUnit {
		if ed := tu.ExternalDeclaration; ed != nil && ed.FunctionDefinition != nil {
			pos := ed.FunctionDefinition.CompoundStatement.Token.Position()
			return fmt.Errorf("x:%d:%d: unexpected '{', expected ';'", pos.Line, pos.Column)
		}
	}
	return nil
}

// text is what the parser is given.
type text struct {
	b           strings.Builder
	offs, lines []int32
	line        int // tokens of the current line
	// apart tells that the token before must be kept apart from the next.
	apart bool
}

func (t *text) write(toks []token) {
	for i := range toks {
		k := &toks[i]
		// A bracket, comma or semicolon is never part of another token, and
		// white space costs the parser as much as a token does.
		alone := k.kind == kPunct && len(k.text) == 1 && strings.IndexByte("()[]{};,", k.text[0]) >= 0
		switch {
		case t.line == 0 || t.line >= lineTokens && k.text != "#":
			if t.lines != nil {
				t.b.WriteByte('\n')
			}
			t.lines = append(t.lines, int32(t.b.Len()))
			t.line = 0
		case t.apart && !alone:
			t.b.WriteByte(' ')
		}
		t.line++
		t.apart = !alone
		t.offs = append(t.offs, int32(t.b.Len()))
		t.b.WriteString(k.text)
	}
}

// parserABI is only there because the parser wants one; nothing of its layout
// is used.
var parserABI, parserABIErr = cc.NewABI("linux", "amd64")

func parseText(text string) (ast *cc.AST, err error) {
	if parserABIErr != nil {
		return nil, parserABIErr
	}
	defer func() {
		if r := recover(); r != nil {
			ast, err = nil, fmt.Errorf("the C parser gave up: %v", r)
		}
	}()
	return cc.Parse(&cc.Config{ABI: parserABI, Header: true}, []cc.Source{{Name: "x", Value: text}})
}

// tok returns the index of a token of the tree, or -1.
func (u *unit) tok(t cc.Token) int {
	i := t.Seq() - prefixTokens - 1 - u.stubs
	if i < 0 || i >= u.end-u.base {
		return -1
	}
	return u.base + i
}

// token returns the original of a token of the tree.
func (u *unit) token(t cc.Token) token { return u.at(u.tok(t)) }

// at returns a token by its index, and an empty one for none.
func (u *unit) at(i int) token {
	if i >= 0 && i < len(u.toks) {
		return u.toks[i]
	}
	return token{}
}

// attrsAt returns the attributes that stood before token i.
func (u *unit) attrsAt(i int) []attr {
	if i < 0 || i > len(u.toks) || len(u.toks) == 0 {
		return nil
	}
	d := u.decls[u.owner[min(i, len(u.owner)-1)]]
	return d.attrs[i-d.base]
}

// attrsIn returns the attributes that stood before any of the tokens from i
// up to and including j.
func (u *unit) attrsIn(i, j int) []attr {
	if i < 0 || i >= len(u.owner) || u.decls[u.owner[i]].attrs == nil {
		return nil
	}
	var out []attr
	for ; i <= j; i++ {
		out = append(out, u.attrsAt(i)...)
	}
	return out
}

// place returns the token that an error of the parser is about.
func (u *unit) place(msg string) (int, string) {
	parts := strings.SplitN(msg, ":", 4)
	if len(parts) != 4 {
		return -1, msg
	}
	line, err1 := strconv.Atoi(parts[1])
	col, err2 := strconv.Atoi(parts[2])
	if err1 != nil || err2 != nil {
		return -1, msg
	}
	msg = strings.TrimSpace(parts[3])
	if line -= unitLine; line < 0 || line >= len(u.lines) {
		return u.end - 1, msg
	}
	i, ok := slices.BinarySearch(u.offs, u.lines[line]+int32(col)-1)
	if !ok {
		i--
	}
	return min(max(i-u.stubs, 0)+u.base, u.end-1), msg
}

// maxRetries bounds how many declarations are parsed again for their errors.
const maxRetries = 2000

// syntaxErrors finds out what is wrong with declarations that do not parse:
// each is parsed by itself, so that one error does not hide or cause others.
// Those before the part that begins with number from are known to parse.
func syntaxErrors(decls []*decl, from int) []*Error {
	whole := newUnit(decls)
	types := map[string]bool{}
	isType := func(name string) bool { return types[name] }
	declare := func(d *decl) {
		if isTypedef(d.toks) {
			for _, name := range d.declares() {
				types[name] = true
			}
		}
	}
	for i := 0; i < len(decls); {
		j := whole.part(i)
		end := decls[j-1].base + len(decls[j-1].toks)
		if j <= from {
			for ; i < j; i++ {
				declare(decls[i])
			}
			continue
		}
		if err := whole.parse(stubs(whole.toks[decls[i].base:end], isType), i, j); err != nil {
			return whole.syntaxErrorsIn(i, j, err, types, declare)
		}
		for ; i < j; i++ {
			declare(decls[i])
		}
	}
	return nil
}

// syntaxErrorsIn does so for declarations i up to but not including j, about
// which the parser has reported err. types are the type names that hold before
// them.
func (u *unit) syntaxErrorsIn(i, j int, err error, types map[string]bool, declare func(*decl)) []*Error {
	first := i
	if at, _ := u.place(err.Error()); at > 0 && at < len(u.owner) {
		// The parser noticed there, or only behind the end of the one before.
		first = max(i, int(u.owner[at])-1)
	}
	var errs []*Error
	for n := i; n < j; n++ {
		d := u.decls[n]
		if n >= first && n < first+maxRetries && len(errs) < maxErrors {
			c := *d // parsing it gives it another place
			part, err := parseDecls([]*decl{stubs(d.toks, func(name string) bool { return types[name] }), &c})
			if err != nil {
				errs = append(errs, part.syntaxError(err, types))
			}
		}
		declare(d)
	}
	if len(errs) == 0 {
		// Only together do they not parse.
		errs = append(errs, u.syntaxError(err, types))
	}
	return errs
}

func isTypedef(toks []token) bool {
	return slices.ContainsFunc(toks, func(t token) bool { return t.isIdent("typedef") })
}

// stubs declares the type names among toks, so that they parse.
func stubs(toks []token, isType func(string) bool) *decl {
	d := &decl{}
	done := map[string]bool{}
	for i := range toks {
		name := toks[i].text
		if toks[i].kind != kIdent || done[name] || !isType(name) {
			continue
		}
		done[name] = true
		for _, w := range []string{"typedef", "int", name} {
			d.toks = append(d.toks, token{kind: kIdent, text: w})
		}
		d.toks = append(d.toks, token{kind: kPunct, text: ";"})
	}
	return d
}

// syntaxError turns an error of the parser into ours.
func (u *unit) syntaxError(err error, types map[string]bool) *Error {
	msg, _, _ := strings.Cut(err.Error(), "\n")
	i, why := u.place(msg)
	if i < 0 || i >= len(u.toks) {
		e := &Error{What: "syntax", Why: why, Fix: "check it with a C compiler", Err: err}
		if len(u.toks) > 0 {
			e.Pos = u.toks[0].path()
		}
		return e
	}
	// A name where a type must stand shows up at the name or behind it.
	for _, j := range []int{i, i - 1} {
		if j >= 0 && u.owner[j] == u.owner[i] && u.unknownType(j, types) {
			t := u.toks[j]
			return t.err(fmt.Sprintf("type %q", t.text), "unknown", unknownTypeFix)
		}
	}
	t := u.toks[i]
	if t.file == nil {
		return &Error{What: "syntax", Why: why, Err: err}
	}
	why = strings.NewReplacer("'", `"`).Replace(why)
	if rest, ok := strings.CutPrefix(why, "unexpected "); ok {
		if _, expected, ok := strings.Cut(rest, ", expected "); ok {
			why = "unexpected, expected " + expected
		} else {
			why = "unexpected"
		}
	}
	return t.err(fmt.Sprintf("%q", t.text), why, "correct the declaration")
}

const unknownTypeFix = "include or --include the file that declares it, or write its struct, union or enum keyword"

// unknownType reports whether token i is a name that stands where a type must,
// and is none.
func (u *unit) unknownType(i int, types map[string]bool) bool {
	t := &u.toks[i]
	if t.kind != kIdent || keywords[t.text] || types[t.text] || i+1 >= len(u.toks) {
		return false
	}
	if i > 0 {
		p := &u.toks[i-1]
		switch p.text {
		case "struct", "union", "enum", ".", "->", "goto":
			return false
		}
		if p.kind == kIdent && !qualifiers[p.text] && u.owner[i-1] == u.owner[i] {
			return false // it is the name that is declared
		}
	}
	next := &u.toks[i+1]
	return next.kind == kIdent || next.is("*") || next.is(";") || next.is(",") || next.is(")") || next.is("(") || next.is(":")
}

var qualifiers = words("const volatile restrict __restrict __restrict__ extern static inline __inline __inline__ typedef " +
	"register _Noreturn __const __volatile__ __volatile")

// keywords are the words that cannot name a thing, as the parser sees them.
var keywords = words("_Bool _Complex _Imaginary auto break case char const continue default do double else enum extern " +
	"float for goto if inline int long register restrict return short signed sizeof static struct switch typedef union " +
	"unsigned void volatile while _Alignas _Alignof _Atomic _Generic _Noreturn _Static_assert _Thread_local " +
	"_Decimal128 _Decimal32 _Decimal64 _Float128 _Float128x _Float16 __fp16 _Float32 _Float32x _Float64 _Float64x " +
	"_Nonnull __alignof __alignof__ __asm __asm__ __attribute __attribute__ __auto_type __bf16 __complex __complex__ " +
	"__const __declspec __float128 __imag __imag__ __inline __inline__ __int128 __int128_t __label__ __real __real__ " +
	"__restrict __restrict__ __signed __signed__ __thread __typeof __typeof__ __uint128_t __volatile __volatile__ asm typeof")

func words(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}
