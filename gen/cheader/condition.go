// SPDX-License-Identifier: MIT

package cheader

import (
	"fmt"
	"strconv"
	"strings"
)

// isHasOperator reports whether name is one of the operators that #if knows
// besides defined, and that #ifdef sees.
func isHasOperator(name string) bool {
	switch name {
	case "__has_include", "__has_include_next", "__has_attribute", "__has_c_attribute", "__has_builtin",
		"__has_feature", "__has_extension", "__has_warning", "__has_cpp_attribute", "__has_declspec_attribute",
		"__has_embed", "__is_identifier", "__building_module":
		return true
	}
	return false
}

// evalCondition evaluates the expression of #if or #elif.
func (p *preproc) evalCondition(d token, args []token) bool {
	if len(args) == 0 {
		p.fail(d.err("#"+d.text, "the condition is missing", "write one"))
		return false
	}
	if len(args) > maxOpen {
		p.fail(args[maxOpen].err("#"+d.text, fmt.Sprintf("more than %d tokens in a condition", maxOpen), "take it apart"))
		return false
	}
	c := condEval{p: p, at: d}
	resolved := c.resolve(args)
	if p.failed() {
		return false
	}
	c.toks = resolved
	if len(resolved) > 0 {
		// A macro may expand to one of these operators.
		c.toks = c.resolve(p.expandList(resolved))
	}
	if p.failed() {
		return false
	}
	v := c.ternary(0, true)
	if c.err == nil && c.i < len(c.toks) {
		c.bad(fmt.Sprintf("unexpected %q", c.toks[c.i].text))
	}
	if c.err != nil {
		p.fail(c.err)
		return false
	}
	return v.n != 0
}

// cint is an intmax_t or uintmax_t.
type cint struct {
	n        uint64
	unsigned bool
}

type condEval struct {
	p    *preproc
	at   token
	toks []token
	i    int
	err  *Error
}

func (c *condEval) bad(why string) {
	if c.err != nil {
		return
	}
	at := c.at
	if c.i < len(c.toks) && c.toks[c.i].file != nil {
		at = c.toks[c.i]
	}
	c.err = at.err("#"+c.at.text, "the condition is not an integer constant expression: "+why, "correct it")
}

// resolve replaces defined and the __has operators, whose operands are not
// expanded, by numbers.
func (c *condEval) resolve(in []token) []token {
	out := make([]token, 0, len(in))
	number := func(t token, yes bool) {
		t.kind, t.text = kNumber, "0"
		if yes {
			t.text = "1"
		}
		out = append(out, t)
	}
	for i := 0; i < len(in); i++ {
		t := in[i]
		switch {
		case t.isIdent("defined"):
			j := i + 1
			paren := j < len(in) && in[j].is("(")
			if paren {
				j++
			}
			if j >= len(in) || in[j].kind != kIdent || paren && (j+1 >= len(in) || !in[j+1].is(")")) {
				c.p.fail(t.err("defined", "the name of a macro must follow", "write defined(NAME)"))
				return nil
			}
			number(t, c.p.isDefined(in[j].text))
			i = j
			if paren {
				i++
			}
		case t.kind == kIdent && isHasOperator(t.text) && i+1 < len(in) && in[i+1].is("("):
			end, depth := i+1, 0
			for ; end < len(in); end++ {
				if in[end].is("(") {
					depth++
				} else if in[end].is(")") {
					if depth--; depth == 0 {
						break
					}
				}
			}
			if end >= len(in) {
				c.p.fail(t.err(t.text, "the parenthesis is not closed", "add )"))
				return nil
			}
			number(t, c.has(t.text, in[i+2:end]))
			i = end
		default:
			out = append(out, t)
		}
	}
	return out
}

func (c *condEval) has(op string, args []token) bool {
	if len(args) == 0 {
		return false
	}
	switch op {
	case "__has_include", "__has_include_next":
		name, quoted := spellTokens(args), false
		if args[0].kind == kString {
			name, quoted = strings.Trim(args[0].text, `"`), true
		} else {
			name = strings.TrimSuffix(strings.TrimPrefix(name, "<"), ">")
		}
		f := c.p.open[len(c.p.open)-1]
		src, _ := c.p.find(f, name, quoted, op == "__has_include_next")
		return src != nil
	case "__has_attribute":
		switch strings.Trim(args[0].text, "_") {
		case "packed", "aligned", "vector_size", "mode", "unused", "section", "weak", "deprecated", "always_inline",
			"noinline", "used", "may_alias", "transparent_union", "noreturn", "const", "pure", "format",
			"preserve_access_index", "btf_decl_tag", "btf_type_tag":
			return true
		}
	}
	return false
}

func (c *condEval) peek() *token {
	if c.i < len(c.toks) {
		return &c.toks[c.i]
	}
	return &token{}
}

func (c *condEval) eat(punct string) bool {
	if c.peek().is(punct) {
		c.i++
		return true
	}
	return false
}

// maxCondDepth bounds the recursion.
const maxCondDepth = 256

func (c *condEval) ternary(depth int, live bool) cint {
	if depth > maxCondDepth {
		c.bad(fmt.Sprintf("nested more than %d deep", maxCondDepth))
	}
	if c.err != nil {
		return cint{}
	}
	cond := c.binary(depth+1, 0, live)
	if !c.eat("?") {
		return cond
	}
	a := c.ternary(depth+1, live && cond.n != 0)
	if !c.eat(":") {
		c.bad("expected :")
	}
	b := c.ternary(depth+1, live && cond.n == 0)
	u := a.unsigned || b.unsigned
	if cond.n != 0 {
		return cint{a.n, u}
	}
	return cint{b.n, u}
}

// condLevels lists the binary operators, loosest first.
var condLevels = [][]string{{"||"}, {"&&"}, {"|"}, {"^"}, {"&"}, {"==", "!="}, {"<", ">", "<=", ">="}, {"<<", ">>"},
	{"+", "-"}, {"*", "/", "%"}}

func (c *condEval) binary(depth, level int, live bool) cint {
	if c.err != nil {
		return cint{}
	}
	if level == len(condLevels) {
		return c.unary(depth+1, live)
	}
	x := c.binary(depth, level+1, live)
next:
	for c.err == nil {
		for _, op := range condLevels[level] {
			if c.eat(op) {
				right := live
				switch op {
				case "||":
					right = live && x.n == 0
				case "&&":
					right = live && x.n != 0
				}
				y := c.binary(depth, level+1, right)
				x = c.apply(op, x, y, live)
				continue next
			}
		}
		break
	}
	return x
}

func (c *condEval) apply(op string, x, y cint, live bool) cint {
	u := x.unsigned || y.unsigned
	truth := func(b bool) cint {
		if b {
			return cint{n: 1}
		}
		return cint{}
	}
	less := func(a, b uint64) bool {
		if u {
			return a < b
		}
		return int64(a) < int64(b)
	}
	switch op {
	case "||":
		return truth(x.n != 0 || y.n != 0)
	case "&&":
		return truth(x.n != 0 && y.n != 0)
	case "|":
		return cint{x.n | y.n, u}
	case "^":
		return cint{x.n ^ y.n, u}
	case "&":
		return cint{x.n & y.n, u}
	case "==":
		return truth(x.n == y.n)
	case "!=":
		return truth(x.n != y.n)
	case "<":
		return truth(less(x.n, y.n))
	case ">":
		return truth(less(y.n, x.n))
	case "<=":
		return truth(!less(y.n, x.n))
	case ">=":
		return truth(!less(x.n, y.n))
	case "<<", ">>":
		n := y.n
		left := op == "<<"
		if !y.unsigned && int64(n) < 0 {
			left, n = !left, -n
		}
		switch {
		case left:
			return cint{x.n << min(n, 64), x.unsigned}
		case x.unsigned:
			return cint{x.n >> min(n, 64), true}
		}
		return cint{uint64(int64(x.n) >> min(n, 63)), false}
	case "+":
		return cint{x.n + y.n, u}
	case "-":
		return cint{x.n - y.n, u}
	case "*":
		return cint{x.n * y.n, u}
	}
	if y.n == 0 {
		if live {
			c.bad("division by zero")
		}
		return cint{0, u}
	}
	div, mod := x.n/y.n, x.n%y.n
	if !u {
		if int64(y.n) == -1 {
			div, mod = -x.n, 0
		} else {
			div, mod = uint64(int64(x.n)/int64(y.n)), uint64(int64(x.n)%int64(y.n))
		}
	}
	if op == "/" {
		return cint{div, u}
	}
	return cint{mod, u}
}

func (c *condEval) unary(depth int, live bool) cint {
	if depth > maxCondDepth {
		c.bad(fmt.Sprintf("nested more than %d deep", maxCondDepth))
	}
	if c.err != nil {
		return cint{}
	}
	switch t := c.peek(); {
	case c.eat("+"):
		return c.unary(depth+1, live)
	case c.eat("-"):
		x := c.unary(depth+1, live)
		return cint{-x.n, x.unsigned}
	case c.eat("~"):
		x := c.unary(depth+1, live)
		return cint{^x.n, x.unsigned}
	case c.eat("!"):
		x := c.unary(depth+1, live)
		if x.n == 0 {
			return cint{n: 1}
		}
		return cint{}
	case c.eat("("):
		x := c.ternary(depth+1, live)
		if !c.eat(")") {
			c.bad("expected )")
		}
		return x
	case t.kind == kIdent:
		// What is not a macro is 0; C23's true is 1.
		c.i++
		if t.text == "true" {
			return cint{n: 1}
		}
		if c.peek().is("(") {
			c.bad(fmt.Sprintf("the function-like macro %s is not defined", t.text))
		}
		return cint{}
	case t.kind == kNumber:
		v, suffix, err := parseInteger(t.text)
		if err != nil {
			c.bad(err.Error())
		}
		c.i++
		return cint{v, strings.Contains(suffix, "u") || int64(v) < 0}
	case t.kind == kChar:
		v, err := charValue(strings.TrimLeft(t.text, "LuU8"))
		if err != nil {
			c.bad(err.Error())
		}
		c.i++
		return cint{n: uint64(v)}
	case t.kind == kEOF:
		c.bad("an operand is missing at its end")
	default:
		c.bad(fmt.Sprintf("unexpected %q", t.text))
	}
	return cint{}
}

// parseInteger returns the value of an integer constant and its suffix in
// lower case.
func parseInteger(s string) (uint64, string, error) {
	end := len(s)
	for end > 0 && strings.IndexByte("uUlL", s[end-1]) >= 0 {
		end--
	}
	digits, suffix := s[:end], strings.ToLower(s[end:])
	switch suffix {
	case "", "u", "l", "ul", "lu", "ll", "ull", "llu":
	default:
		return 0, "", fmt.Errorf("%q has an unknown suffix", s)
	}
	base := 10
	switch {
	case len(digits) > 1 && (digits[1] == 'x' || digits[1] == 'X') && digits[0] == '0':
		base, digits = 16, digits[2:]
	case len(digits) > 1 && (digits[1] == 'b' || digits[1] == 'B') && digits[0] == '0':
		base, digits = 2, digits[2:]
	case len(digits) > 1 && digits[0] == '0':
		base, digits = 8, digits[1:]
	}
	v, err := strconv.ParseUint(digits, base, 64)
	if err != nil {
		return 0, "", fmt.Errorf("%q is not an integer that fits in 64 bits", s)
	}
	return v, suffix, nil
}

// charValue returns the value of a character constant without prefix: of
// several characters each shifts the ones before it, as compilers do.
func charValue(s string) (int64, error) {
	if !strings.HasPrefix(s, "'") {
		return 0, fmt.Errorf("%s: wide characters are not supported here", s)
	}
	b, err := unescape(s[1 : len(s)-1])
	if err != nil {
		return 0, err
	}
	switch len(b) {
	case 0:
		return 0, fmt.Errorf("%s holds no character", s)
	case 1:
		// The value is that of a plain char: the callers that care for its
		// sign convert it.
		return int64(b[0]), nil
	}
	var v int32
	for _, c := range b {
		v = v<<8 | int32(c)
	}
	return int64(v), nil
}

// unescape resolves the escape sequences of a string or character constant.
func unescape(s string) ([]byte, error) {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			out = append(out, s[i])
			i++
			continue
		}
		i++
		if i == len(s) {
			return nil, fmt.Errorf("%q ends in a backslash", s)
		}
		c := s[i]
		i++
		switch c {
		case 'n':
			out = append(out, '\n')
		case 't':
			out = append(out, '\t')
		case 'r':
			out = append(out, '\r')
		case 'a':
			out = append(out, 7)
		case 'b':
			out = append(out, 8)
		case 'f':
			out = append(out, 12)
		case 'v':
			out = append(out, 11)
		case 'e':
			out = append(out, 27)
		case '\\', '\'', '"', '?':
			out = append(out, c)
		case 'x', 'u', 'U':
			start := i
			for i < len(s) && strings.IndexByte("0123456789abcdefABCDEF", s[i]) >= 0 {
				i++
			}
			v, err := strconv.ParseUint(s[start:i], 16, 32)
			if err != nil {
				return nil, fmt.Errorf("%q: bad escape sequence", s)
			}
			if c == 'x' {
				if v > 255 {
					return nil, fmt.Errorf("%q: escape sequence out of range", s)
				}
				out = append(out, byte(v))
			} else {
				out = append(out, string(rune(v))...)
			}
		case '0', '1', '2', '3', '4', '5', '6', '7':
			v := int(c - '0')
			for n := 1; n < 3 && i < len(s) && s[i] >= '0' && s[i] <= '7'; n++ {
				v = v*8 + int(s[i]-'0')
				i++
			}
			if v > 255 {
				return nil, fmt.Errorf("%q: escape sequence out of range", s)
			}
			out = append(out, byte(v))
		default:
			return nil, fmt.Errorf("%q: unknown escape sequence \\%c", s, c)
		}
	}
	return out, nil
}
