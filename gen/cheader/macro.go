// SPDX-License-Identifier: MIT

package cheader

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// macro is a definition.
type macro struct {
	name     string
	params   []string
	index    map[string]int // of params, where there are many
	function bool
	variadic bool // the last parameter takes the rest
	// The replacement, see tokens: body, or where lex is set the tokens of lex
	// from and up to but not including to.
	body     []token
	lex      *lexed
	from, to int32
	// def is the name in the definition.
	def token
	// special computes the replacement of __LINE__ and its like.
	special func(p *preproc, at token) []token
	// soft macros stand in for those of libbpf's headers: they expand, but
	// #ifdef does not see them and a definition replaces them silently.
	soft bool
	// removed marks a name that was undefined.
	removed bool
}

// manyParams is how many parameters are looked up faster by a map.
const manyParams = 16

func (m *macro) addParam(name string) {
	m.params = append(m.params, name)
	switch n := len(m.params); {
	case n == manyParams:
		m.index = map[string]int{}
		for i, p := range m.params {
			m.index[p] = i
		}
	case n > manyParams:
		m.index[name] = n - 1
	}
}

// param returns the number of a parameter, -1 for another name.
func (m *macro) param(name string) int {
	if m.index != nil {
		if i, ok := m.index[name]; ok {
			return i
		}
		return -1
	}
	return slices.Index(m.params, name)
}

// tokens returns the replacement. Most macros of included files are never
// used, so it is made when it is asked for.
func (m *macro) tokens() []token {
	if m.lex != nil {
		if m.from < m.to {
			m.body = m.lex.appendTokens(make([]token, 0, m.to-m.from), int(m.from), int(m.to), m.def.file)
		}
		m.lex = nil
	}
	return m.body
}

// frame is a list of tokens being read in place of the file.
type frame struct {
	toks []token
	i    int
	m    *macro
	// barrier ends the list: nothing behind it is read.
	barrier bool
}

// Limits that keep hostile input from taking the machine down. Real headers
// stay far below; a kernel's vmlinux.h has half a million tokens.
const (
	maxSource     = 8_000_000 // tokens of the files read, each as often as it is
	maxTokens     = 1_000_000 // tokens of a translation unit
	maxDefined    = 200_000   // macros of the header itself
	maxWritten    = 16 << 20  // bytes of tokens that macros make of others
	maxConstants  = 300_000   // tokens of the macros that the parser is needed for
	maxBatch      = 5_000     // of which so many together
	maxAlone      = 8_000     // expressions among them that are parsed one by one
	maxIncludes   = 20_000
	maxIncludeLvl = 200
	maxMacroDepth = 200  // arguments within arguments
	maxExtraArgs  = 1000 // that are counted for the error about them
)

// maxWork bounds the tokens produced by macros: a few for each token read.
func (p *preproc) maxWork() int { return min(1_000_000+4*p.read, 6_000_000) }

// lookup returns the macro with the given name, or nil.
func (p *preproc) lookup(name string) *macro {
	m, ok := p.macros[name]
	if !ok {
		return p.base[name]
	}
	if m.removed {
		return nil
	}
	return m
}

// next returns the next token before expansion.
func (p *preproc) next() token {
	for len(p.frames) > 0 {
		f := &p.frames[len(p.frames)-1]
		if f.i < len(f.toks) {
			f.i++
			return f.toks[f.i-1]
		}
		if f.barrier {
			return token{}
		}
		p.pop()
	}
	return p.fileToken()
}

func (p *preproc) push(f frame) {
	if f.m != nil {
		p.active[f.m]++
	}
	p.frames = append(p.frames, f)
}

func (p *preproc) pop() {
	f := &p.frames[len(p.frames)-1]
	if f.m != nil {
		p.active[f.m]--
	}
	*f = frame{}
	p.frames = p.frames[:len(p.frames)-1]
}

// expanded returns the next token after expansion.
func (p *preproc) expanded() token {
	for {
		t := p.next()
		if t.kind != kIdent || t.painted || p.failed() {
			return t
		}
		m := p.lookup(t.text)
		if m == nil {
			return t
		}
		if p.active[m] > 0 {
			t.painted = true
			return t
		}
		if m.function && !p.openParen() {
			return t
		}
		if !p.invoke(m, t) {
			return token{}
		}
	}
}

// openParen reports whether the next token is an opening parenthesis, and
// passes it if so.
func (p *preproc) openParen() bool {
	t := p.next()
	if t.is("(") {
		return true
	}
	if t.kind != kEOF {
		p.push(frame{toks: []token{t}})
	}
	return false
}

// invoke puts the replacement of m, used at t, in front of what is read next.
func (p *preproc) invoke(m *macro, t token) bool {
	if m.special != nil {
		p.push(frame{toks: m.special(p, t)})
		return true
	}
	var args [][]token
	if m.function {
		var ok bool
		if args, ok = p.arguments(m, t); !ok {
			return false
		}
	}
	body := p.substitute(m, t, args)
	if len(body) > 0 {
		body[0].space = t.space
	}
	if p.work += len(body) + 1; p.work > p.maxWork() {
		p.tooMuchWork(m, t)
		return false
	}
	p.push(frame{toks: body, m: m})
	return true
}

// arguments reads the arguments of a function-like macro, the opening
// parenthesis having been read.
func (p *preproc) arguments(m *macro, t token) ([][]token, bool) {
	args := [][]token{nil}
	for depth := 0; ; {
		a := p.next()
		if p.work++; p.work > p.maxWork() {
			p.tooMuchWork(m, t)
			return nil, false
		}
		switch {
		case a.kind == kEOF:
			p.fail(t.err("macro "+m.name, "the list of arguments is not closed", "add the missing )"))
			return nil, false
		case a.is("("):
			depth++
		case a.is(")"):
			if depth--; depth < 0 {
				return p.checkArguments(m, t, args)
			}
		case a.is(",") && depth == 0 && (!m.variadic || len(args) < len(m.params)):
			if args = append(args, nil); len(args) > len(m.params)+maxExtraArgs {
				p.fail(t.err("macro "+m.name, fmt.Sprintf("more than %d arguments where %d are declared", len(args)-1, len(m.params)),
					fmt.Sprintf("see its definition at %s", m.def.path())))
				return nil, false
			}
			continue
		}
		if a.first {
			a.space, a.first = true, false
		}
		n := len(args) - 1
		args[n] = append(args[n], a)
	}
}

func (p *preproc) tooMuchWork(m *macro, t token) {
	p.fail(t.err("macro "+m.name, fmt.Sprintf("macros expand to more than %d tokens", p.maxWork()),
		"simplify the macros or take the header apart"))
}

func (p *preproc) checkArguments(m *macro, t token, args [][]token) ([][]token, bool) {
	if len(m.params) == 0 && len(args) == 1 && len(args[0]) == 0 {
		return nil, true
	}
	if m.variadic && len(args) == len(m.params)-1 {
		args = append(args, nil)
	}
	if len(args) != len(m.params) {
		p.fail(t.err("macro "+m.name, fmt.Sprintf("%d arguments where %d are declared", len(args), len(m.params)),
			fmt.Sprintf("see its definition at %s", m.def.path())))
		return nil, false
	}
	return args, true
}

// substitute returns the replacement list of m with the arguments in place.
func (p *preproc) substitute(m *macro, at token, args [][]token) []token {
	body := m.tokens()
	out := make([]token, 0, len(body))
	place := func(t token) token {
		t.file, t.line, t.col, t.first = at.file, at.line, at.col, false
		return t
	}
	if !m.function {
		for i := 0; i < len(body); i++ {
			if body[i].is("##") && len(out) > 0 && i+1 < len(body) {
				i++
				out = append(out[:len(out)-1], p.paste(out[len(out)-1], body[i]))
				continue
			}
			out = append(out, place(body[i]))
		}
		return out
	}
	full := make([][]token, len(args))
	expand := func(i int) []token {
		if full[i] == nil && len(args[i]) > 0 {
			full[i] = p.expandList(args[i])
		}
		return full[i]
	}
	param := func(t *token) int {
		if t.kind == kIdent {
			return m.param(t.text)
		}
		return -1
	}
	emit := func(toks []token, space bool) {
		if p.work += len(toks); p.work > p.maxWork() {
			return // see the loop below
		}
		for i, t := range toks {
			if i == 0 {
				t.space = space
			}
			out = append(out, t)
		}
	}
	// leftEmpty: the left operand of the next ## is an empty argument.
	leftEmpty := false
	for i := 0; i < len(body) && p.work <= p.maxWork(); i++ {
		t := body[i]
		if t.is("#") && i+1 < len(body) {
			if n := param(&body[i+1]); n >= 0 {
				i++
				s := p.stringize(args[n])
				s.space = t.space
				out = append(out, place(s))
				continue
			}
		}
		if t.is("##") && i+1 < len(body) && i > 0 {
			i++
			right := []token{place(body[i])}
			if n := param(&body[i]); n >= 0 {
				right = args[n]
				// GNU: ", ## __VA_ARGS__" loses the comma when nothing follows.
				if m.variadic && n == len(m.params)-1 && len(out) > 0 && out[len(out)-1].is(",") {
					if len(right) == 0 {
						out = out[:len(out)-1]
					} else {
						emit(expand(n), true)
					}
					continue
				}
			}
			switch {
			case len(right) == 0:
			case len(out) == 0 || leftEmpty:
				emit(right, t.space)
			default:
				out[len(out)-1] = p.paste(out[len(out)-1], right[0])
				emit(right[1:], len(right) > 1 && right[1].space)
			}
			leftEmpty = leftEmpty && len(right) == 0
			continue
		}
		leftEmpty = false
		n := param(&t)
		if n < 0 {
			out = append(out, place(t))
			continue
		}
		if i+1 < len(body) && body[i+1].is("##") {
			// An operand of ## is not expanded.
			leftEmpty = len(args[n]) == 0
			emit(args[n], t.space)
			continue
		}
		emit(expand(n), t.space)
	}
	return out
}

// expandList expands a list of tokens by itself.
func (p *preproc) expandList(toks []token) []token {
	if p.depth++; p.depth > maxMacroDepth {
		p.fail(toks[0].err("macro arguments", fmt.Sprintf("nested more than %d deep", maxMacroDepth), "simplify the macros"))
	}
	defer func() { p.depth-- }()
	if p.failed() {
		return nil
	}
	base := len(p.frames)
	p.push(frame{toks: toks, barrier: true})
	var out []token
	for {
		t := p.expanded()
		if t.kind == kEOF {
			break
		}
		out = append(out, t)
	}
	for len(p.frames) > base {
		p.pop()
	}
	if out == nil {
		out = []token{}
	}
	return out
}

// written accounts for the text of a token that a macro makes of others, and
// reports whether there is room for it.
func (p *preproc) written(n int, at token) bool {
	if p.text += n; p.text <= maxWritten {
		return true
	}
	if !p.failed() {
		p.fail(at.err("macro", fmt.Sprintf("# and ## expand to more than %d MB", maxWritten>>20), "simplify the macros"))
	}
	return false
}

// paste joins two tokens into one.
func (p *preproc) paste(a, b token) token {
	if !p.written(len(a.text)+len(b.text), a) {
		return a
	}
	a.text += b.text
	toks := lexOne(a.text)
	a.kind, a.painted = kBad, false
	if len(toks) == 1 {
		a.kind = toks[0].kind
	}
	return a
}

// stringize makes a string constant of an argument.
func (p *preproc) stringize(arg []token) token {
	n := 0
	for i := range arg {
		n += len(arg[i].text) + 1
	}
	if n > 0 && !p.written(n, arg[0]) {
		return token{text: `""`, kind: kString}
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := range arg {
		if i > 0 && arg[i].space {
			b.WriteByte(' ')
		}
		if arg[i].kind == kString || arg[i].kind == kChar {
			for _, c := range []byte(arg[i].text) {
				if c == '"' || c == '\\' {
					b.WriteByte('\\')
				}
				b.WriteByte(c)
			}
			continue
		}
		b.WriteString(arg[i].text)
	}
	b.WriteByte('"')
	return token{text: b.String(), kind: kString}
}

// specials are the macros whose replacement depends on the place.
func specials() []*macro {
	one := func(name string, f func(*preproc, token) token) *macro {
		return &macro{name: name, special: func(p *preproc, at token) []token {
			t := f(p, at)
			t.file, t.line, t.col, t.space = at.file, at.line, at.col, at.space
			return []token{t}
		}}
	}
	str := func(s string) token { return token{text: strconv.Quote(s), kind: kString} }
	return []*macro{
		one("__LINE__", func(_ *preproc, at token) token {
			return token{text: strconv.Itoa(int(at.line)), kind: kNumber}
		}),
		// The stable name, so that output does not depend on where the tool runs.
		one("__FILE__", func(_ *preproc, at token) token { return str(at.file.name) }),
		// A clock would make output differ from run to run.
		one("__DATE__", func(*preproc, token) token { return str("Jan  1 1970") }),
		one("__TIME__", func(*preproc, token) token { return str("00:00:00") }),
		one("__COUNTER__", func(p *preproc, _ token) token {
			p.counter++
			return token{text: strconv.Itoa(p.counter - 1), kind: kNumber}
		}),
	}
}
