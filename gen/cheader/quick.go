// SPDX-License-Identifier: MIT

package cheader

import (
	"go/constant"
	gotoken "go/token"
	"strings"

	"modernc.org/cc/v4"

	"github.com/fuseiomap/abigen/gen/layout"
)

// quick evaluates the expressions that most macros are, numbers, flags, masks
// and ioctl numbers, from their tokens. They are most of what a kernel header
// would give the parser. It knows a part of C and gives up on everything else,
// on whatever is wrong with an expression too: then the parser decides and says
// why. What the operators do is in eval.go, for both.
type quick struct {
	l     *lowerer
	toks  []token
	i     int
	depth int
}

// quick returns the value of an expression, or false where the parser has to
// look at it.
func (l *lowerer) quick(toks []token) (val, bool) {
	if len(toks) == 1 && toks[0].kind == kString && toks[0].text[0] == '"' {
		v, err := l.text(toks[0].text)
		return v, err == nil
	}
	q := quick{l: l, toks: toks}
	v, ok := q.ternary()
	return v, ok && q.i == len(toks)
}

func (q *quick) peek() *token {
	if q.i < len(q.toks) {
		return &q.toks[q.i]
	}
	return &token{}
}

func (q *quick) eat(punct string) bool {
	if q.peek().is(punct) {
		q.i++
		return true
	}
	return false
}

func (q *quick) ternary() (val, bool) {
	if q.depth++; q.depth > maxNesting {
		return val{}, false
	}
	defer func() { q.depth-- }()
	c, ok := q.binary(0)
	if !ok || !q.eat("?") {
		return c, ok
	}
	a, ok := q.ternary()
	if !ok || !q.eat(":") {
		return val{}, false
	}
	b, ok := q.ternary()
	if !ok {
		return val{}, false
	}
	v, err := q.l.choose(c, a, b)
	return v, err == nil
}

// quickOps holds the binary operators and how tightly they bind.
var quickOps = map[string]struct {
	level int
	op    gotoken.Token
}{
	"||": {1, gotoken.LOR}, "&&": {2, gotoken.LAND}, "|": {3, gotoken.OR}, "^": {4, gotoken.XOR}, "&": {5, gotoken.AND},
	"==": {6, gotoken.EQL}, "!=": {6, gotoken.NEQ},
	"<": {7, gotoken.LSS}, ">": {7, gotoken.GTR}, "<=": {7, gotoken.LEQ}, ">=": {7, gotoken.GEQ},
	"<<": {8, gotoken.SHL}, ">>": {8, gotoken.SHR}, "+": {9, gotoken.ADD}, "-": {9, gotoken.SUB},
	"*": {10, gotoken.MUL}, "/": {10, gotoken.QUO}, "%": {10, gotoken.REM},
}

// binary evaluates operators that bind more tightly than level.
func (q *quick) binary(level int) (val, bool) {
	a, ok := q.unary()
	for ok {
		t := q.peek()
		if t.kind != kPunct {
			break
		}
		o, known := quickOps[t.text]
		if !known || o.level <= level {
			break
		}
		q.i++
		var b val
		if b, ok = q.binary(o.level); !ok {
			break
		}
		var err error
		switch o.op {
		case gotoken.LOR, gotoken.LAND:
			a = connect(a, b, o.op == gotoken.LOR)
		case gotoken.SHL, gotoken.SHR:
			a, err = q.l.shiftBy(o.op, a, b)
		default:
			a, err = q.l.operate(o.op, a, b)
		}
		ok = err == nil
	}
	return a, ok
}

func (q *quick) unary() (val, bool) {
	if q.depth++; q.depth > maxNesting {
		return val{}, false
	}
	defer func() { q.depth-- }()
	t := q.peek()
	q.i++
	switch t.kind {
	case kNumber:
		if hex := len(t.text) > 1 && t.text[0] == '0' && t.text[1]|' ' == 'x'; strings.IndexByte(t.text, '.') >= 0 ||
			!hex && strings.ContainsAny(t.text, "eE") || hex && strings.ContainsAny(t.text, "pP") {
			return val{}, false
		}
		v, err := q.l.integer(t.text)
		return v, err == nil
	case kChar:
		if t.text[0] != '\'' {
			return val{}, false
		}
		v, err := q.l.char(t.text)
		return v, err == nil
	case kIdent:
		if t.text == "sizeof" {
			return q.sizeof()
		}
		v, ok := q.l.consts[t.text]
		return v, ok && !q.peek().is("(")
	case kPunct:
		switch t.text {
		case "(":
			return q.paren()
		case "+":
			return q.sign(cc.UnaryExpressionPlus)
		case "-":
			return q.sign(cc.UnaryExpressionMinus)
		case "~":
			return q.sign(cc.UnaryExpressionCpl)
		case "!":
			return q.sign(cc.UnaryExpressionNot)
		}
	}
	return val{}, false
}

func (q *quick) sign(op cc.UnaryExpressionCase) (val, bool) {
	v, ok := q.unary()
	if !ok {
		return v, false
	}
	v, err := q.l.sign(op, v)
	return v, err == nil
}

// paren evaluates what follows an opening parenthesis: an expression, or the
// type of a cast.
func (q *quick) paren() (val, bool) {
	if t, ok := q.typeName(); ok {
		if q.peek().is("{") {
			return val{}, false
		}
		v, ok := q.unary()
		if !ok {
			return v, false
		}
		v, err := q.l.cast(t, v)
		return v, err == nil && v.v != nil
	}
	v, ok := q.ternary()
	if !ok || !q.eat(")") {
		return val{}, false
	}
	// An index, a call or a member would follow.
	n := q.peek()
	return v, n.kind == kEOF || n.kind == kPunct && n.text != "[" && n.text != "(" && n.text != "." && n.text != "->"
}

func (q *quick) sizeof() (val, bool) {
	if !q.eat("(") {
		return val{}, false
	}
	t, ok := q.typeName()
	if !ok || t.bare().kind == tVoid || q.peek().is("{") {
		return val{}, false
	}
	if b := t.bare(); b.kind == tArray && b.open {
		return val{}, false
	}
	e, err := q.l.extent(t)
	return q.l.intVal(constant.MakeInt64(e.Size), q.l.m.SizeT()), err == nil
}

// typeName reads the name of a type and the parenthesis that closes it: words,
// and asterisks behind them. It reads nothing where there is another thing.
func (q *quick) typeName() (*ctype, bool) {
	start := q.i
	t := q.specifiers()
	for t != nil && q.eat("*") {
		t = seal(pointerTo(t))
	}
	if t == nil || !q.eat(")") {
		q.i = start
		return nil, false
	}
	return t, true
}

// specifiers reads the words of a type.
func (q *quick) specifiers() *ctype {
	first := q.peek()
	if first.kind != kIdent {
		return nil
	}
	q.i++
	second := q.peek()
	switch first.text {
	case "struct", "union", "enum":
		t := q.l.tags[second.text]
		if second.kind != kIdent || t == nil || t.kind == tEnum != (first.text == "enum") ||
			t.kind == tRecord && t.rec.union != (first.text == "union") {
			return nil
		}
		q.i++
		return t
	}
	if t := q.l.typedefs[first.text]; t != nil {
		return t
	}
	k, ok := plainTypes[first.text]
	if !ok {
		return nil
	}
	words := first.text
	for ; q.peek().kind == kIdent; q.i++ {
		words += " " + q.peek().text
		if k, ok = plainTypes[words]; !ok {
			return nil
		}
	}
	return scalarType(k)
}

// plainTypes are the usual ways to write the usual types.
var plainTypes = map[string]layout.Kind{
	"char": layout.Char, "signed": layout.Int, "signed char": layout.SChar, "unsigned char": layout.UChar,
	"short": layout.Short, "short int": layout.Short, "unsigned short": layout.UShort, "unsigned short int": layout.UShort,
	"int": layout.Int, "signed int": layout.Int, "unsigned": layout.UInt, "unsigned int": layout.UInt,
	"long": layout.Long, "long int": layout.Long, "unsigned long": layout.ULong, "unsigned long int": layout.ULong,
	"long long": layout.LongLong, "long long int": layout.LongLong,
	"unsigned long long": layout.ULongLong, "unsigned long long int": layout.ULongLong,
}
