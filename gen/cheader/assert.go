// SPDX-License-Identifier: MIT

package cheader

import (
	"go/constant"
)

// assertion is a _Static_assert of the header.
type assertion struct {
	at token
	// cond is the condition, message what to print where it is false.
	cond, message []token
}

func newAssertion(at token, args []token) assertion {
	depth := 0
	for i := range args {
		switch {
		case args[i].is("(") || args[i].is("[") || args[i].is("{"):
			depth++
		case args[i].is(")") || args[i].is("]") || args[i].is("}"):
			depth--
		case args[i].is(",") && depth == 0:
			return assertion{at, args[:i:i], args[i+1:]}
		}
	}
	return assertion{at, args, nil}
}

// assertions evaluates the header's static assertions. One that is false is an
// error, as in C; one that we cannot evaluate is listed among what was skipped.
func (l *lowerer) assertions(as []assertion) {
	exprs := make([][]token, len(as))
	for i := range as {
		exprs[i], _ = rewrite(l.p, as[i].cond)
	}
	for i, r := range l.evalExpressions(exprs) {
		a := &as[i]
		err := r.err
		v := val{}
		if err == nil {
			v = rvalue(r.val)
			err = integral(v)
		}
		switch {
		case err != nil:
			l.skips = append(l.skips, skip{a.at, a.at.text, "static assertion that is not evaluated: " + err.Error()})
		case constant.Sign(v.v) == 0:
			why := spellTokens(a.cond) + " is false"
			if len(a.message) > 0 {
				why += ": " + spellTokens(a.message)
			}
			l.errs = append(l.errs, a.at.err(a.at.text, why, "correct the declaration or the assertion"))
		}
	}
}
