// SPDX-License-Identifier: MIT

package cheader

import (
	"errors"
	"fmt"

	"modernc.org/cc/v4"

	"github.com/fuseiomap/abigen/gen/model"
)

// ObjectLike begins the reason in [model.Skipped] of an object-like macro that
// is no constant.
const ObjectLike = "object-like macro"

// Reasons for which a macro is no constant.
const (
	reasonFunctionLike = "function-like macro"
	reasonEmpty        = ObjectLike + " without a value"
	reasonNotConstant  = ObjectLike + " whose text is not a constant expression"
	reasonList         = ObjectLike + " that stands for a list"
	reasonTooLarge     = ObjectLike + ": the header's macros expand to too much to evaluate them all"
	reasonUndefined    = "macro that is undefined again"
)

// candidate is a macro of the header and what it expands to at its end.
type candidate struct {
	m    *macro
	toks []token
}

// candidates sorts the macros that the header defines into those whose text
// may be an expression and those whose text is none. A name that is defined
// more than once counts as it stands at the end of the header.
func (p *preproc) candidates() ([]candidate, []skip) {
	var out []candidate
	var skips []skip
	last := map[string]int{}
	for i, m := range p.defined {
		last[m.name] = i
	}
	work := 0
	for i, m := range p.defined {
		if last[m.name] != i {
			continue
		}
		no := func(reason string) { skips = append(skips, skip{m.def, m.name, reason}) }
		switch now := p.lookup(m.name); {
		case m.name == p.main.guard && !m.function:
		case now == nil:
			no(reasonUndefined)
		case now.function:
			no(reasonFunctionLike)
		case len(now.tokens()) == 0:
			no(reasonEmpty)
		default:
			if work > p.maxWork() {
				no(reasonTooLarge)
				continue
			}
			if body := now.tokens(); len(body) == 1 && body[0].kind == kNumber {
				// Most macros are a number.
				n := body[0]
				n.file, n.line, n.col = m.def.file, m.def.line, m.def.col
				out = append(out, candidate{now, []token{n}})
				continue
			}
			p.work = 0
			use := m.def
			use.painted, use.first = false, false
			toks := p.expandList([]token{use})
			work += p.work
			if p.failed() {
				// A macro that nobody uses may be malformed.
				p.errs = nil
				no(reasonNotConstant)
				continue
			}
			toks, ok := rewrite(p, toks)
			switch {
			case !ok || !plausible(toks):
				no(reasonNotConstant)
				continue
			case isList(toks):
				no(reasonList)
				continue
			}
			out = append(out, candidate{now, toks})
		}
	}
	return out, skips
}

// isList reports whether a comma stands outside of all brackets. What is left
// of it then is an element, not the left side of a comma operator.
func isList(toks []token) bool {
	depth := 0
	for i := range toks {
		switch {
		case toks[i].is("(") || toks[i].is("["):
			depth++
		case toks[i].is(")") || toks[i].is("]"):
			depth--
		case toks[i].is(",") && depth == 0:
			return true
		}
	}
	return false
}

// plausible reports whether tokens may be an expression: whether operands and
// operators take turns and brackets match. It accepts every expression and
// spares the parser most of the rest, which it would have to be asked about one
// by one.
func plausible(toks []token) bool {
	var stack []string
	operand := false // an operand has just ended
	for i := range toks {
		t := &toks[i]
		prev := &token{}
		if i > 0 {
			prev = &toks[i-1]
		}
		switch t.kind {
		case kBad, kEOF:
			return false
		case kIdent:
			if statementWords[t.text] || typeWords[t.text] && !prev.is("(") && prev.kind != kIdent {
				return false
			}
			// Two words in a row are part of a type; a word behind a
			// parenthesis is cast.
			ofType := prev.kind == kIdent && (keywords[prev.text] || keywords[t.text])
			if operand && !prev.is(")") && !ofType {
				return false
			}
			operand = t.text != "sizeof"
			continue
		case kNumber, kChar, kString:
			joined := t.kind == kString && prev.kind == kString
			if operand && !prev.is(")") && !joined {
				return false
			}
			operand = true
			continue
		}
		switch t.text {
		case "(", "[":
			stack = append(stack, closes(t.text))
			operand = false
		case ")", "]":
			n := len(stack) - 1
			// (T *), f(), T[]
			if n < 0 || stack[n] != t.text || !operand && !prev.is("*") && !prev.is("(") && !prev.is("[") {
				return false
			}
			stack = stack[:n]
			operand = true
		case "+", "-", "*", "&", "~", "!":
			if operand && (t.text == "~" || t.text == "!") && !prev.is(")") {
				return false
			}
			operand = false
		case "/", "%", "<<", ">>", "<", ">", "<=", ">=", "==", "!=", "^", "|", "&&", "||", "?", ":", ",", ".", "->":
			omitted := t.is(":") && prev.is("?") || t.is(",") && prev.is("*")
			if !operand && !omitted {
				return false
			}
			operand = false
		default:
			return false
		}
	}
	return operand && len(stack) == 0
}

var statementWords = words("break case continue default do else extern for goto if inline register return static switch " +
	"typedef while __attribute__ __attribute asm __asm__ __asm __inline __inline__ __extension__ _Static_assert")

// typeWords begin a type, which in an expression stands in parentheses. Where
// it does not it is the argument of a macro that is not defined.
var typeWords = words("struct union enum void char short int long float double signed unsigned _Bool")

// result is the outcome of evaluating one expression.
type result struct {
	val val
	err error
}

var errSyntax = errors.New("it is not an expression")

// errTooMuch is the error for an expression that is not looked at any more.
var errTooMuch = errors.New("there is too much of it")

// evalExpressions evaluates expressions given as tokens, those the parser is
// needed for in as few runs of it as it takes.
func (l *lowerer) evalExpressions(exprs [][]token) []result {
	results := make([]result, len(exprs))
	var todo []int
	size := 0
	for i, e := range exprs {
		if v, ok := l.quick(e); ok {
			results[i].val = v
			continue
		}
		if len(e) == 1 && l.undeclared(&e[0]) {
			results[i].err = fmt.Errorf("%s is not declared", e[0].text)
			continue
		}
		if l.parsed += len(e); l.parsed > maxConstants || len(e) > maxOpen {
			results[i].err = errTooMuch
			continue
		}
		todo = append(todo, i)
		if size += len(e); size > maxBatch {
			l.parseExpressions(exprs, todo, results)
			todo, size = todo[:0], 0
		}
	}
	l.parseExpressions(exprs, todo, results)
	return results
}

// undeclared reports whether a token is a name that stands for nothing but,
// perhaps, an enumerator.
func (l *lowerer) undeclared(t *token) bool {
	return t.kind == kIdent && !keywords[t.text] && l.vars[t.text] == nil && l.typedefs[t.text] == nil
}

// parseExpressions evaluates the expressions chosen by todo by way of the
// parser.
func (l *lowerer) parseExpressions(exprs [][]token, todo []int, results []result) {
	// An expression that is refused is dropped and the rest tried again; when
	// too many are, each is tried alone.
	for range 4 {
		if len(todo) == 0 {
			return
		}
		culprit, err := l.tryExpressions(exprs, todo, results)
		if err == nil {
			return
		}
		if culprit < 0 {
			break
		}
		results[todo[culprit]].err = errSyntax
		todo = append(todo[:culprit:culprit], todo[culprit+1:]...)
	}
	for _, i := range todo {
		if l.alone++; l.alone > maxAlone {
			results[i].err = errTooMuch
			continue
		}
		if _, err := l.tryExpressions(exprs, []int{i}, results); err != nil {
			results[i].err = errSyntax
		}
	}
}

// tryExpressions parses the chosen expressions together, as the values of
// enumerators. On a syntax error it returns the index in chosen of the first
// that was refused, or -1.
func (l *lowerer) tryExpressions(exprs [][]token, chosen []int, results []result) (int, error) {
	d := &decl{}
	put := func(k kind, text string) { d.toks = append(d.toks, token{kind: k, text: text}) }
	var starts []int
	put(kIdent, "enum")
	put(kPunct, "{")
	for n, i := range chosen {
		starts = append(starts, len(d.toks))
		put(kIdent, fmt.Sprintf("__abigen_%d", n))
		put(kPunct, "=")
		put(kPunct, "(")
		d.toks = append(d.toks, exprs[i]...)
		put(kPunct, ")")
		put(kPunct, ",")
	}
	put(kPunct, "}")
	put(kPunct, ";")
	stub := stubs(d.toks, func(name string) bool { return l.typedefs[name] != nil })
	u, err := parseDecls([]*decl{stub, d})
	if err != nil {
		at, _ := u.place(err.Error())
		at -= len(stub.toks)
		culprit := -1
		for n, s := range starts {
			if s <= at {
				culprit = n
			}
		}
		return culprit, err
	}
	saved := l.u
	l.u = u
	defer func() { l.u = saved }()
	n := 0
	for tu := u.ast.TranslationUnit; tu != nil; tu = tu.TranslationUnit {
		ed := tu.ExternalDeclaration
		if ed == nil || ed.Declaration == nil || u.tok(ed.Declaration.Token) < len(stub.toks) {
			continue
		}
		ds := ed.Declaration.DeclarationSpecifiers
		if ds == nil || ds.TypeSpecifier == nil || ds.TypeSpecifier.EnumSpecifier == nil {
			break
		}
		for list := ds.TypeSpecifier.EnumSpecifier.EnumeratorList; list != nil && n < len(chosen); list = list.EnumeratorList {
			i := chosen[n]
			n++
			results[i] = l.evalOne(list.Enumerator.ConstantExpression)
		}
		break
	}
	if n != len(chosen) {
		return -1, errSyntax
	}
	return -1, nil
}

func (l *lowerer) evalOne(e cc.ExpressionNode) (r result) {
	defer func() {
		if x := recover(); x != nil {
			b, ok := x.(bail)
			if !ok {
				panic(x)
			}
			r = result{err: fmt.Errorf("%s: %s", b.err.What, b.err.Why)}
		}
	}()
	v, err := l.eval(e)
	return result{v, err}
}

// constants evaluates the macros of the header.
func (l *lowerer) constants(cands []candidate) []*model.Constant {
	exprs := make([][]token, len(cands))
	for i := range cands {
		exprs[i] = cands[i].toks
	}
	var out []*model.Constant
	for i, r := range l.evalExpressions(exprs) {
		m := cands[i].m
		c, why := l.constant(r)
		if c == nil {
			reason := reasonNotConstant
			switch {
			case errors.Is(r.err, errTooMuch):
				reason = reasonTooLarge
			case why != "":
				reason += ": " + why
			}
			l.skips = append(l.skips, skip{m.def, m.name, reason})
			continue
		}
		c.Name, c.Expr, c.Pos = m.name, spellTokens(m.tokens()), m.def.pos()
		out = append(out, c)
	}
	return out
}

// constant makes a constant of a value, or says why it is none.
func (l *lowerer) constant(r result) (*model.Constant, string) {
	switch {
	case errors.Is(r.err, errSyntax):
		return nil, ""
	case r.err != nil:
		return nil, r.err.Error()
	case r.val.str:
		return &model.Constant{Value: r.val.v, Type: spell(r.val.t)}, ""
	}
	v := rvalue(r.val)
	switch {
	case v.t.bare().kind == tPointer && v.v != nil:
		return nil, "it is a pointer"
	case v.v == nil:
		return nil, v.why
	}
	return &model.Constant{Value: v.v, Type: spellResolved(v.t)}, ""
}

// spellResolved names the type of a constant without typedefs.
func spellResolved(t *ctype) string {
	b := t.bare()
	switch b.kind {
	case tScalar:
		return spelled[b.scalar]
	case tEnum:
		if b.enum.name() == "" {
			return spelled[b.enum.kind]
		}
		return "enum " + b.enum.name()
	}
	return spell(b)
}
