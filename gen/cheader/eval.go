// SPDX-License-Identifier: MIT

package cheader

import (
	"cmp"
	"errors"
	"fmt"
	"go/constant"
	gotoken "go/token"
	"math/big"
	"strings"

	"modernc.org/cc/v4"

	"github.com/fuseiomap/abigen/gen/layout"
)

// val is the value of an expression: its type, and its value where that is
// known. sizeof needs only the first.
type val struct {
	t *ctype
	// v is an integer, a floating-point number or, where str is set, a string.
	// A pointer's is its address. nil means not constant.
	v   constant.Value
	str bool
	// An lvalue has an address where that is known, as in &((T *)0)->m.
	lvalue   bool
	addr     constant.Value
	bitfield bool
	// why says why there is no value, where C forbids the operation. That is no
	// error where the value is not asked for, as in 1 || 1/0 and sizeof(1/0).
	why string
}

// eval evaluates an expression over our layout, by the rules of C.
func (l *lowerer) eval(e cc.ExpressionNode) (val, error) {
	switch x := e.(type) {
	case *cc.ConstantExpression:
		return l.eval(x.ConditionalExpression)
	case *cc.ExpressionList:
		for x.ExpressionList != nil {
			x = x.ExpressionList
		}
		return l.eval(x.AssignmentExpression)
	case *cc.AssignmentExpression:
		return val{}, errors.New("it assigns")
	case *cc.ConditionalExpression:
		return l.conditional(x)
	case *cc.LogicalOrExpression:
		return l.logical(x.LogicalOrExpression, x.LogicalAndExpression, true)
	case *cc.LogicalAndExpression:
		return l.logical(x.LogicalAndExpression, x.InclusiveOrExpression, false)
	case *cc.InclusiveOrExpression:
		return l.binary(gotoken.OR, x.InclusiveOrExpression, x.ExclusiveOrExpression)
	case *cc.ExclusiveOrExpression:
		return l.binary(gotoken.XOR, x.ExclusiveOrExpression, x.AndExpression)
	case *cc.AndExpression:
		return l.binary(gotoken.AND, x.AndExpression, x.EqualityExpression)
	case *cc.EqualityExpression:
		op := gotoken.EQL
		if x.Case == cc.EqualityExpressionNeq {
			op = gotoken.NEQ
		}
		return l.binary(op, x.EqualityExpression, x.RelationalExpression)
	case *cc.RelationalExpression:
		op := map[cc.RelationalExpressionCase]gotoken.Token{cc.RelationalExpressionLt: gotoken.LSS,
			cc.RelationalExpressionGt: gotoken.GTR, cc.RelationalExpressionLeq: gotoken.LEQ,
			cc.RelationalExpressionGeq: gotoken.GEQ}[x.Case]
		return l.binary(op, x.RelationalExpression, x.ShiftExpression)
	case *cc.ShiftExpression:
		op := gotoken.SHL
		if x.Case == cc.ShiftExpressionRsh {
			op = gotoken.SHR
		}
		return l.shift(op, x.ShiftExpression, x.AdditiveExpression)
	case *cc.AdditiveExpression:
		op := gotoken.ADD
		if x.Case == cc.AdditiveExpressionSub {
			op = gotoken.SUB
		}
		return l.binary(op, x.AdditiveExpression, x.MultiplicativeExpression)
	case *cc.MultiplicativeExpression:
		op := map[cc.MultiplicativeExpressionCase]gotoken.Token{cc.MultiplicativeExpressionMul: gotoken.MUL,
			cc.MultiplicativeExpressionDiv: gotoken.QUO, cc.MultiplicativeExpressionMod: gotoken.REM}[x.Case]
		return l.binary(op, x.MultiplicativeExpression, x.CastExpression)
	case *cc.CastExpression:
		t, err := l.typeName(x.TypeName)
		if err != nil {
			return val{}, err
		}
		v, err := l.eval(x.CastExpression)
		if err != nil {
			return val{}, err
		}
		return l.cast(t, v)
	case *cc.UnaryExpression:
		return l.unary(x)
	case *cc.PostfixExpression:
		return l.postfix(x)
	case *cc.PrimaryExpression:
		return l.primary(x)
	}
	return val{}, fmt.Errorf("%T is not supported", e)
}

// intKind returns the integer type behind t, and false where it is none.
func intKind(t *ctype) (layout.Kind, bool) {
	switch t = t.bare(); t.kind {
	case tScalar:
		return t.scalar, t.scalar <= layout.UInt128
	case tEnum:
		return t.enum.kind, true
	}
	return 0, false
}

func isFloat(t *ctype) bool {
	t = t.bare()
	return t.kind == tScalar && t.scalar >= layout.Float16 && t.scalar <= layout.Float128
}

func (l *lowerer) bits(k layout.Kind) uint {
	e, _ := l.m.Scalar(k)
	return uint(e.Size * 8)
}

var one = constant.MakeInt64(1)

// wrap converts an integer to the range of a type.
func (l *lowerer) wrap(v constant.Value, k layout.Kind) constant.Value {
	if k == layout.Bool {
		return truth(constant.Sign(v) != 0)
	}
	n := l.bits(k)
	signed := l.m.Signed(k)
	if i, exact := constant.Int64Val(v); exact {
		// The common case, without big numbers.
		switch {
		case signed && n >= 64, !signed && i >= 0 && (n >= 64 || i < 1<<n), signed && n < 64 && i >= -(1<<(n-1)) && i < 1<<(n-1):
			return v
		}
	}
	limit := constant.Shift(one, gotoken.SHL, n)
	v = constant.BinaryOp(v, gotoken.AND, constant.BinaryOp(limit, gotoken.SUB, one))
	if signed && constant.Compare(v, gotoken.GEQ, constant.Shift(one, gotoken.SHL, n-1)) {
		v = constant.BinaryOp(v, gotoken.SUB, limit)
	}
	return v
}

// round gives a number the precision of a floating-point type.
func (l *lowerer) round(v constant.Value, k layout.Kind) constant.Value {
	prec := uint(53)
	switch k {
	case layout.Float16:
		prec = 11
	case layout.Float:
		prec = 24
	case layout.LongDouble:
		prec = uint(mantissaBits(l.m))
	case layout.Float128:
		prec = 113
	}
	var f *big.Float
	switch x := constant.Val(constant.ToFloat(v)).(type) {
	case *big.Rat:
		f = new(big.Float).SetPrec(prec).SetRat(x)
	case *big.Float:
		f = new(big.Float).SetPrec(prec).Set(x)
	default:
		return v
	}
	r, _ := f.Rat(nil)
	if r == nil {
		return v
	}
	return constant.ToFloat(constant.Make(r))
}

func truth(b bool) constant.Value {
	if b {
		return one
	}
	return constant.MakeInt64(0)
}

func (l *lowerer) intVal(v constant.Value, k layout.Kind) val {
	return val{t: scalarType(k), v: l.wrap(v, k)}
}

// rvalue makes a value of an lvalue: arrays and functions become pointers,
// what is read from memory is not constant.
func rvalue(v val) val {
	switch b := v.t.bare(); b.kind {
	case tArray:
		return val{t: pointerTo(b.elem), v: v.addr}
	case tFunc:
		return val{t: pointerTo(b)}
	}
	if v.lvalue {
		return val{t: v.t}
	}
	return v
}

// promote applies the integer promotions to a type.
func promote(k layout.Kind) layout.Kind {
	if k < layout.Int {
		return layout.Int
	}
	return k
}

func rank(k layout.Kind) int {
	switch k {
	case layout.Long, layout.ULong:
		return 2
	case layout.LongLong, layout.ULongLong:
		return 3
	case layout.Int128, layout.UInt128:
		return 4
	}
	return 1
}

func unsignedOf(k layout.Kind) layout.Kind {
	switch k {
	case layout.Int:
		return layout.UInt
	case layout.Long:
		return layout.ULong
	case layout.LongLong:
		return layout.ULongLong
	case layout.Int128:
		return layout.UInt128
	}
	return k
}

// common applies the usual arithmetic conversions to two types.
func (l *lowerer) common(a, b *ctype) (*ctype, error) {
	if isFloat(a) || isFloat(b) {
		k := layout.Float16
		for _, t := range []*ctype{a, b} {
			if isFloat(t) {
				k = max(k, t.bare().scalar)
			} else if _, ok := intKind(t); !ok {
				return nil, fmt.Errorf("operands of type %s and %s do not go together", spell(a), spell(b))
			}
		}
		return scalarType(k), nil
	}
	x, okx := intKind(a)
	y, oky := intKind(b)
	if !okx || !oky {
		return nil, fmt.Errorf("operands of type %s and %s do not go together", spell(a), spell(b))
	}
	x, y = promote(x), promote(y)
	sx, sy := l.m.Signed(x), l.m.Signed(y)
	if rank(x) < rank(y) {
		x, y, sx, sy = y, x, sy, sx
	}
	// x has the higher or the same rank.
	switch {
	case sx == sy || !sx:
		return scalarType(x), nil
	case rank(x) == rank(y):
		return scalarType(y), nil
	case l.bits(x) > l.bits(y):
		return scalarType(x), nil
	}
	return scalarType(unsignedOf(x)), nil
}

// cast converts a value to a type.
func (l *lowerer) cast(t *ctype, v val) (val, error) {
	v = rvalue(v)
	out := val{t: t, why: v.why}
	b := t.bare()
	switch {
	case v.v == nil || v.str:
		return out, nil
	case b.kind == tPointer:
		if _, ok := intKind(v.t); !ok && v.t.bare().kind != tPointer {
			return out, nil
		}
		out.v = l.wrap(v.v, l.m.SizeT())
	case isFloat(t):
		if v.t.bare().kind == tPointer {
			return out, nil
		}
		out.v = l.round(v.v, b.scalar)
	default:
		k, ok := intKind(t)
		if !ok {
			return out, nil
		}
		if isFloat(v.t) {
			if k == layout.Bool {
				out.v = truth(constant.Sign(v.v) != 0)
				return out, nil
			}
			i := truncate(v.v)
			if w := l.wrap(i, k); !constant.Compare(w, gotoken.EQL, i) {
				return out, nil // undefined in C
			}
			out.v = i
			return out, nil
		}
		out.v = l.wrap(v.v, k)
	}
	return out, nil
}

// truncate drops the fraction of a number.
func truncate(v constant.Value) constant.Value {
	v = constant.ToFloat(v)
	num, den := constant.Num(v), constant.Denom(v)
	if num.Kind() != constant.Int || den.Kind() != constant.Int {
		return constant.MakeInt64(0)
	}
	return constant.BinaryOp(num, gotoken.QUO_ASSIGN, den)
}

func (l *lowerer) conditional(x *cc.ConditionalExpression) (val, error) {
	c, err := l.eval(x.LogicalOrExpression)
	if err != nil {
		return val{}, err
	}
	c = rvalue(c)
	a := c
	if x.ExpressionList != nil {
		if a, err = l.eval(x.ExpressionList); err != nil {
			return val{}, err
		}
	}
	b, err := l.eval(x.ConditionalExpression)
	if err != nil {
		return val{}, err
	}
	return l.choose(c, rvalue(a), rvalue(b))
}

// choose is the value of c ? a : b.
func (l *lowerer) choose(c, a, b val) (val, error) {
	t := a.t
	if a.t.bare().kind != tPointer && b.t.bare().kind != tPointer {
		var err error
		if t, err = l.common(a.t, b.t); err != nil {
			return val{}, err
		}
	} else if a.t.bare().kind != tPointer {
		t = b.t
	}
	if c.v == nil || c.str {
		return val{t: t, why: c.why}, nil
	}
	if constant.Sign(c.v) == 0 {
		a = b
	}
	return l.cast(t, a)
}

func (l *lowerer) logical(x, y cc.ExpressionNode, or bool) (val, error) {
	a, err := l.eval(x)
	if err != nil {
		return val{}, err
	}
	b, err := l.eval(y)
	if err != nil {
		return val{}, err
	}
	return connect(rvalue(a), rvalue(b), or), nil
}

// connect is the value of a || b or a && b.
func connect(a, b val, or bool) val {
	out := val{t: scalarType(layout.Int), why: a.why}
	if a.v == nil || a.str {
		return out
	}
	if (constant.Sign(a.v) != 0) == or {
		out.v = truth(or)
		return out
	}
	out.why = b.why
	if b.v != nil && !b.str {
		out.v = truth(constant.Sign(b.v) != 0)
	}
	return out
}

func (l *lowerer) binary(op gotoken.Token, x, y cc.ExpressionNode) (val, error) {
	a, err := l.eval(x)
	if err != nil {
		return val{}, err
	}
	b, err := l.eval(y)
	if err != nil {
		return val{}, err
	}
	return l.operate(op, rvalue(a), rvalue(b))
}

func isComparison(op gotoken.Token) bool {
	switch op {
	case gotoken.EQL, gotoken.NEQ, gotoken.LSS, gotoken.GTR, gotoken.LEQ, gotoken.GEQ:
		return true
	}
	return false
}

func (l *lowerer) operate(op gotoken.Token, a, b val) (val, error) {
	if a.t.bare().kind == tPointer || b.t.bare().kind == tPointer {
		return l.pointerOp(op, a, b)
	}
	t, err := l.common(a.t, b.t)
	if err != nil {
		return val{}, err
	}
	a, _ = l.cast(t, a)
	b, _ = l.cast(t, b)
	if isComparison(op) {
		out := val{t: scalarType(layout.Int), why: cmp.Or(a.why, b.why)}
		if a.v != nil && b.v != nil {
			out.v = truth(constant.Compare(a.v, op, b.v))
		}
		return out, nil
	}
	if a.v == nil || b.v == nil {
		return val{t: t, why: cmp.Or(a.why, b.why)}, nil
	}
	if isFloat(t) {
		switch op {
		case gotoken.ADD, gotoken.SUB, gotoken.MUL:
		case gotoken.QUO:
			if constant.Sign(b.v) == 0 {
				return val{t: t, why: "it divides by zero"}, nil
			}
		default:
			return val{}, errors.New("an operand is not an integer")
		}
		return val{t: t, v: l.round(constant.BinaryOp(a.v, op, b.v), t.scalar)}, nil
	}
	switch op {
	case gotoken.QUO, gotoken.REM:
		if constant.Sign(b.v) == 0 {
			return val{t: t, why: "it divides by zero"}, nil
		}
		if op == gotoken.QUO {
			op = gotoken.QUO_ASSIGN // integer division
		}
	}
	return l.intVal(constant.BinaryOp(a.v, op, b.v), t.scalar), nil
}

// pointerOp is arithmetic on addresses.
func (l *lowerer) pointerOp(op gotoken.Token, a, b val) (val, error) {
	ap, bp := a.t.bare().kind == tPointer, b.t.bare().kind == tPointer
	known := a.v != nil && b.v != nil && !a.str && !b.str
	switch {
	case isComparison(op):
		out := val{t: scalarType(layout.Int)}
		if known {
			out.v = truth(constant.Compare(a.v, op, b.v))
		}
		return out, nil
	case op == gotoken.SUB && ap && bp:
		size, err := l.elementSize(a.t)
		if err != nil {
			return val{}, err
		}
		k := layout.Long
		if l.m.Target.PointerSize == 4 {
			k = layout.Int
		}
		out := val{t: scalarType(k)}
		if known && size > 0 {
			out = l.intVal(constant.BinaryOp(constant.BinaryOp(a.v, gotoken.SUB, b.v), gotoken.QUO_ASSIGN, constant.MakeInt64(size)), k)
		}
		return out, nil
	case op == gotoken.ADD || op == gotoken.SUB && ap:
		if bp {
			a, b = b, a
		}
		if _, ok := intKind(b.t); !ok {
			return val{}, errors.New("a pointer and something that is not an integer are added")
		}
		size, err := l.elementSize(a.t)
		if err != nil {
			return val{}, err
		}
		out := val{t: a.t}
		if known {
			d := constant.BinaryOp(b.v, gotoken.MUL, constant.MakeInt64(size))
			out.v = l.wrap(constant.BinaryOp(a.v, op, d), l.m.SizeT())
		}
		return out, nil
	}
	return val{}, errors.New("an operand is a pointer")
}

func (l *lowerer) elementSize(t *ctype) (int64, error) {
	e := t.bare().elem
	if k := e.bare().kind; k == tVoid || k == tFunc {
		return 1, nil
	}
	x, err := l.extent(e)
	return x.Size, err
}

func (l *lowerer) shift(op gotoken.Token, x, y cc.ExpressionNode) (val, error) {
	a, err := l.eval(x)
	if err != nil {
		return val{}, err
	}
	b, err := l.eval(y)
	if err != nil {
		return val{}, err
	}
	return l.shiftBy(op, rvalue(a), rvalue(b))
}

func (l *lowerer) shiftBy(op gotoken.Token, a, b val) (val, error) {
	k, ok := intKind(a.t)
	_, okb := intKind(b.t)
	if !ok || !okb {
		return val{}, errors.New("an operand is not an integer")
	}
	k = promote(k)
	out := val{t: scalarType(k), why: cmp.Or(a.why, b.why)}
	if a.v == nil || b.v == nil {
		return out, nil
	}
	n, exact := constant.Uint64Val(b.v)
	if !exact || n >= uint64(l.bits(k)) {
		out.why = fmt.Sprintf("it shifts %d bits by %s", l.bits(k), b.v)
		return out, nil
	}
	return l.intVal(constant.Shift(l.wrap(a.v, k), op, uint(n)), k), nil
}

func (l *lowerer) unary(x *cc.UnaryExpression) (val, error) {
	switch x.Case {
	case cc.UnaryExpressionSizeofType, cc.UnaryExpressionAlignofType:
		t, err := l.typeName(x.TypeName)
		if err != nil {
			return val{}, err
		}
		return l.sizeOrAlign(x, t, val{})
	case cc.UnaryExpressionSizeofExpr, cc.UnaryExpressionAlignofExpr:
		v, err := l.eval(x.UnaryExpression)
		if err != nil {
			return val{}, err
		}
		if v.bitfield {
			return val{}, errors.New("a bit-field has no size")
		}
		return l.sizeOrAlign(x, v.t, v)
	case cc.UnaryExpressionAddrof:
		v, err := l.eval(x.CastExpression)
		if err != nil {
			return val{}, err
		}
		if !v.lvalue || v.bitfield {
			return val{}, errors.New("it takes the address of something that has none")
		}
		return val{t: pointerTo(v.t), v: v.addr}, nil
	case cc.UnaryExpressionDeref:
		v, err := l.eval(x.CastExpression)
		if err != nil {
			return val{}, err
		}
		return l.deref(rvalue(v))
	case cc.UnaryExpressionPlus, cc.UnaryExpressionMinus, cc.UnaryExpressionCpl, cc.UnaryExpressionNot:
		v, err := l.eval(x.CastExpression)
		if err != nil {
			return val{}, err
		}
		return l.sign(x.Case, rvalue(v))
	}
	return val{}, errors.New("it is not constant")
}

func (l *lowerer) deref(p val) (val, error) {
	b := p.t.bare()
	if b.kind != tPointer {
		return val{}, errors.New("it dereferences something that is not a pointer")
	}
	return val{t: b.elem, lvalue: true, addr: p.v}, nil
}

func (l *lowerer) sign(op cc.UnaryExpressionCase, v val) (val, error) {
	if op == cc.UnaryExpressionNot {
		out := val{t: scalarType(layout.Int), why: v.why}
		if v.v != nil && !v.str {
			out.v = truth(constant.Sign(v.v) == 0)
		}
		return out, nil
	}
	if isFloat(v.t) && op != cc.UnaryExpressionCpl {
		if v.v != nil && op == cc.UnaryExpressionMinus {
			v.v = constant.UnaryOp(gotoken.SUB, v.v, 0)
		}
		return v, nil
	}
	k, ok := intKind(v.t)
	if !ok {
		return val{}, errors.New("an operand is not a number")
	}
	k = promote(k)
	if v.v == nil {
		return val{t: scalarType(k), why: v.why}, nil
	}
	n := v.v
	switch op {
	case cc.UnaryExpressionMinus:
		n = constant.UnaryOp(gotoken.SUB, n, 0)
	case cc.UnaryExpressionCpl:
		n = constant.UnaryOp(gotoken.XOR, n, 0)
	}
	return l.intVal(n, k), nil
}

func (l *lowerer) sizeOrAlign(x *cc.UnaryExpression, t *ctype, v val) (val, error) {
	e := layout.Extent{Size: 1, Align: 1}
	if b := t.bare(); b.kind != tVoid && b.kind != tFunc {
		var err error
		if e, err = l.extent(t); err != nil {
			return val{}, err
		}
	}
	size := x.Case == cc.UnaryExpressionSizeofType || x.Case == cc.UnaryExpressionSizeofExpr
	if size && t.bare().kind == tArray && t.bare().open {
		return val{}, errors.New("the size of an array without length is asked for")
	}
	n := e.Size
	if !size {
		n = e.Align
		if b := t.bare(); b.kind == tScalar && x.Token.SrcStr() != "_Alignof" && t.kind != tTypedef {
			n = l.m.PreferredAlign(b.scalar)
		}
	}
	return l.intVal(constant.MakeInt64(n), l.m.SizeT()), nil
}

func (l *lowerer) postfix(x *cc.PostfixExpression) (val, error) {
	switch x.Case {
	case cc.PostfixExpressionPrimary:
		return l.eval(x.PrimaryExpression)
	case cc.PostfixExpressionIndex:
		a, err := l.eval(x.PostfixExpression)
		if err != nil {
			return val{}, err
		}
		i, err := l.eval(x.ExpressionList)
		if err != nil {
			return val{}, err
		}
		p, err := l.pointerOp(gotoken.ADD, rvalue(a), rvalue(i))
		if err != nil {
			return val{}, err
		}
		return l.deref(p)
	case cc.PostfixExpressionSelect, cc.PostfixExpressionPSelect:
		a, err := l.eval(x.PostfixExpression)
		if err != nil {
			return val{}, err
		}
		if x.Case == cc.PostfixExpressionPSelect {
			if a, err = l.deref(rvalue(a)); err != nil {
				return val{}, err
			}
		}
		return l.selectMember(a, x.Token2.SrcStr())
	case cc.PostfixExpressionComplit:
		t, err := l.typeName(x.TypeName)
		return val{t: t, lvalue: true}, err
	case cc.PostfixExpressionCall:
		return l.call(x)
	}
	return val{}, errors.New("it is not constant")
}

func (l *lowerer) selectMember(a val, name string) (val, error) {
	b := a.t.bare()
	if b.kind != tRecord {
		return val{}, fmt.Errorf("the member %s of something that is no record is asked for", name)
	}
	if _, err := l.extent(b); err != nil {
		return val{}, err
	}
	m, off, ok := b.rec.find(name)
	if !ok {
		return val{}, fmt.Errorf("%s has no member %s", b.rec, name)
	}
	out := val{t: m.t, lvalue: true, bitfield: m.bitfield}
	if a.addr != nil && !m.bitfield {
		out.addr = l.wrap(constant.BinaryOp(a.addr, gotoken.ADD, constant.MakeInt64(off/8)), l.m.SizeT())
	}
	return out, nil
}

// find returns the member with the given name, also in anonymous members, and
// its bit offset.
func (r *crecord) find(name string) (*cmember, int64, bool) {
	for i := range r.members {
		m := &r.members[i]
		off := r.layout.BitOffsets[i]
		if m.name == name && name != "" {
			return m, off, true
		}
		if m.name == "" && !m.bitfield {
			if b := m.t.bare(); b.kind == tRecord {
				if sub, o, ok := b.rec.find(name); ok {
					return sub, off + o, true
				}
			}
		}
	}
	return nil, 0, false
}

func (l *lowerer) call(x *cc.PostfixExpression) (val, error) {
	name := ""
	if p, ok := x.PostfixExpression.(*cc.PrimaryExpression); ok && p.Case == cc.PrimaryExpressionIdent {
		name = p.Token.SrcStr()
	}
	var args []val
	for a := x.ArgumentExpressionList; a != nil; a = a.ArgumentExpressionList {
		v, err := l.eval(a.AssignmentExpression)
		if err != nil {
			return val{}, err
		}
		args = append(args, v)
	}
	switch {
	case name == "__builtin_constant_p" && len(args) == 1:
		return l.intVal(truth(args[0].v != nil), layout.Int), nil
	case name == "__builtin_expect" && len(args) == 2:
		return l.cast(scalarType(layout.Long), args[0])
	case name == "__builtin_choose_expr" && len(args) == 3:
		if args[0].v == nil {
			return val{}, errors.New("the choice is not constant")
		}
		if constant.Sign(args[0].v) != 0 {
			return args[1], nil
		}
		return args[2], nil
	case strings.HasPrefix(name, "__builtin_bswap") && len(args) == 1:
		k := map[string]layout.Kind{"16": layout.UShort, "32": layout.UInt, "64": layout.ULongLong}[name[len("__builtin_bswap"):]]
		if k == 0 {
			break
		}
		if k == layout.ULongLong && l.m.Target.PointerSize == 8 {
			k = layout.ULong
		}
		v, err := l.cast(scalarType(k), args[0])
		if err != nil || v.v == nil {
			return v, err
		}
		n, _ := constant.Uint64Val(v.v)
		var out uint64
		for i := uint(0); i < l.bits(k); i += 8 {
			out = out<<8 | n>>i&0xff
		}
		return l.intVal(constant.MakeUint64(out), k), nil
	}
	if t := l.vars[name]; t != nil && t.bare().kind == tFunc {
		return val{t: t.bare().elem}, nil
	}
	return val{}, errors.New("it calls a function")
}

func (l *lowerer) primary(x *cc.PrimaryExpression) (val, error) {
	s := x.Token.SrcStr()
	switch x.Case {
	case cc.PrimaryExpressionExpr:
		return l.eval(x.ExpressionList)
	case cc.PrimaryExpressionIdent:
		if c, ok := l.consts[s]; ok {
			return c, nil
		}
		if t, ok := l.vars[s]; ok {
			return val{t: t, lvalue: true}, nil
		}
		return val{}, fmt.Errorf("%s is not declared", s)
	case cc.PrimaryExpressionInt:
		return l.integer(s)
	case cc.PrimaryExpressionFloat:
		return l.float(s)
	case cc.PrimaryExpressionChar:
		return l.char(s)
	case cc.PrimaryExpressionLChar:
		b, err := unescape(s[2 : len(s)-1])
		r := []rune(string(b))
		if err != nil || len(r) != 1 {
			return val{}, errors.New("a wide character constant that is not one character")
		}
		return l.intVal(constant.MakeInt64(int64(r[0])), l.m.WChar()), nil
	case cc.PrimaryExpressionString:
		return l.text(s)
	case cc.PrimaryExpressionLString:
		return val{}, errors.New("wide strings are not supported")
	}
	return val{}, errors.New("it is not constant")
}

// char is the value of a character constant without prefix.
func (l *lowerer) char(s string) (val, error) {
	v, err := charValue(s)
	if err != nil {
		return val{}, err
	}
	if b, _ := unescape(s[1 : len(s)-1]); len(b) == 1 {
		v, _ := constant.Int64Val(l.wrap(constant.MakeInt64(v), layout.Char))
		return val{t: scalarType(layout.Int), v: constant.MakeInt64(v)}, nil
	}
	return l.intVal(constant.MakeInt64(v), layout.Int), nil
}

// text is the value of a string constant without prefix.
func (l *lowerer) text(s string) (val, error) {
	b, err := unescape(s[1 : len(s)-1])
	if err != nil {
		return val{}, err
	}
	t := &ctype{kind: tArray, elem: scalarType(layout.Char), n: int64(len(b)) + 1}
	return val{t: t, v: constant.MakeString(string(b)), str: true, lvalue: true}, nil
}

// integer gives an integer constant the first type that holds it.
func (l *lowerer) integer(s string) (val, error) {
	n, suffix, err := parseInteger(s)
	if err != nil {
		return val{}, err
	}
	unsigned := strings.Contains(suffix, "u")
	decimal := s[0] != '0'
	var ks []layout.Kind
	add := func(signed, uns layout.Kind) {
		if !unsigned {
			ks = append(ks, signed)
		}
		if unsigned || !decimal {
			ks = append(ks, uns)
		}
	}
	if !strings.Contains(suffix, "l") {
		add(layout.Int, layout.UInt)
	}
	if !strings.Contains(suffix, "ll") {
		add(layout.Long, layout.ULong)
	}
	add(layout.LongLong, layout.ULongLong)
	v := constant.MakeUint64(n)
	for _, k := range ks {
		if constant.Compare(l.wrap(v, k), gotoken.EQL, v) {
			return val{t: scalarType(k), v: v}, nil
		}
	}
	// Too large for a signed type: compilers take the unsigned one.
	return val{t: scalarType(layout.ULongLong), v: v}, nil
}

func (l *lowerer) float(s string) (val, error) {
	k := layout.Double
	digits := s
	hex := strings.HasPrefix(s, "0x") || strings.HasPrefix(s, "0X")
	switch c := s[len(s)-1]; {
	case (c == 'f' || c == 'F') && (!hex || strings.ContainsAny(s, "pP")):
		k, digits = layout.Float, s[:len(s)-1]
	case c == 'l' || c == 'L':
		k, digits = layout.LongDouble, s[:len(s)-1]
	}
	// An exponent of many digits would make the number itself enormous.
	if i := strings.LastIndexAny(digits, "eEpP"); i >= 0 && len(digits)-i > 7 || len(digits) > 1000 {
		return val{}, fmt.Errorf("%s is out of range", s)
	}
	v := constant.MakeFromLiteral(digits, gotoken.FLOAT, 0)
	if v.Kind() == constant.Unknown {
		return val{}, fmt.Errorf("%s is not a number", s)
	}
	return val{t: scalarType(k), v: l.round(v, k)}, nil
}

// constInt evaluates an integer constant expression.
func (l *lowerer) constInt(e cc.ExpressionNode) (val, error) {
	v, err := l.eval(e)
	if err != nil {
		return v, err
	}
	v = rvalue(v)
	return v, integral(v)
}

// integral returns why a value is not that of an integer constant expression,
// or nil.
func integral(v val) error {
	switch _, ok := intKind(v.t); {
	case ok && v.v == nil && v.why != "":
		return errors.New(v.why)
	case !ok || v.v == nil:
		return errors.New("it is not an integer constant expression")
	}
	return nil
}
