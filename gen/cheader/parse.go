// SPDX-License-Identifier: MIT

package cheader

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"modernc.org/cc/v4"
)

// unit is a list of declarations as the parser got it, and its tree.
type unit struct {
	decls []*decl
	toks  []token // of all declarations
	owner []int32 // index in decls, by token
	cols  []int32 // where each token is in the text given to the parser
	ast   *cc.AST
}

const (
	// The parser insists on the declaration of this name.
	prefix       = "int __predefined_declarator;\n"
	prefixTokens = 3
	unitLine     = 2
	// When the parser has lost its way it may read on until it finds certain
	// tokens, and past the end of its input it would never stop. This holds
	// them all, and is correct C where it has not.
	sentinel = "\nint __abigen_end(int, int[1]);enum{__abigen_enum=1?1:1};struct __abigen_end{int a:1,b;};"
)

// parseDecls parses declarations. Their tokens have been checked for balanced
// brackets and bounded depth, so the parser's recursion is bounded.
func parseDecls(decls []*decl) (*unit, error) {
	u := &unit{decls: decls}
	n := 0
	for _, d := range decls {
		n += len(d.toks)
	}
	u.toks, u.owner, u.cols = make([]token, 0, n), make([]int32, 0, n), make([]int32, 0, n)
	var b strings.Builder
	b.Grow(len(prefix) + 8*n + 8*len(sentinel))
	b.WriteString(prefix)
	for i, d := range decls {
		d.base = len(u.toks)
		for j := range d.toks {
			u.toks = append(u.toks, d.toks[j])
			u.owner = append(u.owner, int32(i))
			u.cols = append(u.cols, int32(b.Len()-len(prefix))+1)
			b.WriteString(d.toks[j].text)
			b.WriteByte(' ')
		}
	}
	b.WriteString(sentinel)
	b.WriteString("\n")
	var err error
	if u.ast, err = parseText(b.String()); err != nil {
		return u, err
	}
	// Function bodies were left out. What the parser takes for one is none,
	// and would have shifted the numbers of all tokens behind it.
	for tu := u.ast.TranslationUnit; tu != nil; tu = tu.TranslationUnit {
		if ed := tu.ExternalDeclaration; ed != nil && ed.FunctionDefinition != nil {
			pos := ed.FunctionDefinition.CompoundStatement.Token.Position()
			return u, fmt.Errorf("x:%d:%d: unexpected '{', expected ';'", pos.Line, pos.Column)
		}
	}
	return u, nil
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
	i := t.Seq() - prefixTokens - 1
	if i < 0 || i >= len(u.toks) {
		return -1
	}
	return i
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
	if line != unitLine {
		return len(u.toks) - 1, strings.TrimSpace(parts[3])
	}
	i, ok := slices.BinarySearch(u.cols, int32(col))
	if !ok {
		i--
	}
	return max(i, 0), strings.TrimSpace(parts[3])
}

// maxRetries bounds how many declarations are parsed again for their errors.
const maxRetries = 2000

// syntaxErrors finds out what is wrong with declarations that do not parse:
// each is parsed by itself, so that one error does not hide or cause others.
func syntaxErrors(decls []*decl) []*Error {
	if size(decls) > maxParsed {
		return nil
	}
	whole, err := parseDecls(decls)
	if err == nil {
		return nil
	}
	first := 0
	if i, _ := whole.place(err.Error()); i > 0 && i < len(whole.owner) {
		// The parser noticed there, or only behind the end of the one before.
		first = max(0, int(whole.owner[i])-1)
	}
	types := map[string]bool{}
	var errs []*Error
	for i, d := range decls {
		if i >= first && i < first+maxRetries && len(errs) < maxErrors {
			u, err := parseDecls([]*decl{stubs(d.toks, types), d})
			if err != nil {
				errs = append(errs, u.syntaxError(err, types))
			}
		}
		if isTypedef(d.toks) {
			for _, name := range d.declares() {
				types[name] = true
			}
		}
	}
	if len(errs) == 0 {
		// Only together do they not parse.
		errs = append(errs, whole.syntaxError(err, types))
	}
	return errs
}

func isTypedef(toks []token) bool {
	return slices.ContainsFunc(toks, func(t token) bool { return t.isIdent("typedef") })
}

// stubs declares the type names among toks, so that they parse.
func stubs(toks []token, types map[string]bool) *decl {
	d := &decl{}
	done := map[string]bool{}
	for i := range toks {
		name := toks[i].text
		if toks[i].kind != kIdent || !types[name] || done[name] {
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
