// SPDX-License-Identifier: MIT

package cheader

import (
	"errors"
	"fmt"
	"go/constant"
	gotoken "go/token"
	"slices"
	"strings"

	"modernc.org/cc/v4"

	"github.com/fuseiomap/abigen/gen/layout"
)

// lowerer turns the parser's tree into types with a layout of our own.
type lowerer struct {
	p    *preproc
	m    *layout.Machine
	u    *unit
	main *source

	typedefs map[string]*ctype
	builtin  map[string]bool // typedefs that are still the built-in ones
	tags     map[string]*ctype
	consts   map[string]val
	vars     map[string]*ctype

	records []*crecord
	enums   []*cenum
	funcs   []*cfunc
	byName  map[string]*cfunc
	skips   []skip
	skipped map[[2]string]bool // what skip has listed, name and reason

	// parsed counts the tokens of expressions that the parser was given, and
	// alone the expressions that it was given one by one.
	parsed, alone int

	// inside counts the records being defined, params the parameter lists.
	inside, params int
	size           int // of the records, see written
	errs           []*Error
}

// cfunc is a declared function.
type cfunc struct {
	name        string
	t           *ctype
	at          token
	first, last token
	section     string
	main        bool
}

// skip is a declaration that the model cannot hold.
type skip struct {
	at     token
	name   string
	reason string
}

func newLowerer(p *preproc, m *layout.Machine) *lowerer {
	return &lowerer{p: p, m: m, main: p.main, typedefs: map[string]*ctype{}, builtin: map[string]bool{}, tags: map[string]*ctype{},
		consts: map[string]val{}, vars: map[string]*ctype{}, byName: map[string]*cfunc{}, skipped: map[[2]string]bool{}}
}

// bail ends the lowering of a declaration.
type bail struct{ err *Error }

func (l *lowerer) fail(at token, what, why, fix string) { panic(bail{at.err(what, why, fix)}) }

// lower takes in all declarations of a unit. The error is the parser's.
func (l *lowerer) lower(u *unit) error {
	l.u = u
	isType := func(name string) bool { return l.typedefs[name] != nil }
	for i := 0; i < len(u.decls) && len(l.errs) < maxErrors; {
		j := u.part(i)
		var stub *decl
		if i > 0 {
			stub = stubs(u.toks[u.decls[i].base:u.decls[j-1].base+len(u.decls[j-1].toks)], isType)
		}
		if err := u.parse(stub, i, j); err != nil {
			return err
		}
		for tu := u.ast.TranslationUnit; tu != nil && len(l.errs) < maxErrors; tu = tu.TranslationUnit {
			if ed := tu.ExternalDeclaration; ed != nil && ed.Declaration != nil {
				l.declaration(ed.Declaration)
			}
		}
		i = j
	}
	u.ast = nil
	return nil
}

func (l *lowerer) declaration(d *cc.Declaration) {
	end := l.u.tok(d.Token)
	if end < 0 || d.DeclarationSpecifiers == nil {
		return // the prefix, a stub or the sentinel
	}
	defer func() {
		l.inside, l.params = 0, 0
		switch r := recover().(type) {
		case nil:
		case bail:
			l.errs = append(l.errs, r.err)
		default:
			panic(r)
		}
	}()
	owner := l.u.decls[l.u.owner[end]]
	first := owner.base
	after := end
	if d.InitDeclaratorList != nil {
		after = l.declaratorStart(d.InitDeclaratorList.InitDeclarator.Declarator)
	}
	s := l.declSpecifiers(d.DeclarationSpecifiers, first, after)
	s.body = owner.body
	for list := d.InitDeclaratorList; list != nil; list = list.InitDeclaratorList {
		stop := end
		if list.InitDeclaratorList != nil {
			stop = l.u.tok(list.InitDeclaratorList.Token)
		}
		start := first
		if list != d.InitDeclaratorList {
			start = l.u.tok(list.Token) + 1
		}
		l.external(s, list.InitDeclarator.Declarator, start, stop)
	}
}

// external takes in one declarator of an external declaration.
func (l *lowerer) external(s *specifiers, d *cc.Declarator, start, stop int) {
	ds := l.declaratorStart(d)
	attrs := l.u.attrsIn(ds+1, stop)
	if start == ds {
		attrs = append(attrs, l.u.attrsAt(ds)...)
	}
	a := l.attributesAfter(s, attrs)
	t, at := l.declarator(d, l.retype(s.base, a))
	name := at.text
	main := l.p.isOwn(at.file)
	first, last := l.u.at(start), l.u.at(stop)
	switch {
	case s.typedef:
		l.typedef(s, t, at, a, first, last, main)
	case t.bare().kind == tFunc:
		known := l.vars[name] != nil
		l.vars[name] = t
		if !main {
			return
		}
		switch {
		case s.inline:
			l.skip(at, "inline function")
		case s.body:
			l.skip(at, "function with a body")
		case s.static:
			l.skip(at, "static function")
		case known:
			// A declaration repeated adds nothing but attributes.
			if f := l.byName[name]; f != nil && f.section == "" {
				f.section = a.section
			}
		default:
			f := &cfunc{name: name, t: t, at: at, first: first, last: last, section: a.section, main: main}
			l.funcs, l.byName[name] = append(l.funcs, f), f
			if l.size += t.weight; l.size > maxRecordSize {
				l.fail(at, "function "+name, "with it the declarations come to "+tooMuchWritten, "take the header apart")
			}
		}
	default:
		l.vars[name] = t
		if main {
			l.skip(at, "variable")
		}
	}
}

func (l *lowerer) skip(at token, reason string) {
	what := [2]string{at.text, reason}
	if l.skipped[what] {
		return // declared, then defined
	}
	l.skipped[what] = true
	l.skips = append(l.skips, skip{at, at.text, reason})
}

func (l *lowerer) typedef(s *specifiers, t *ctype, at token, a attributes, first, last token, main bool) {
	name := at.text
	named := false
	if a.align == 0 && t == s.base || t.kind == s.base.kind {
		switch {
		case t.kind == tRecord && t.rec == s.defined && t.rec.tag == "" && t.rec.typedef == "":
			t.rec.typedef, t.rec.at, named = name, at, true
			t.rec.last = last
		case t.kind == tEnum && t.enum == s.definedEnum && t.enum.tag == "" && t.enum.typedef == "":
			t.enum.typedef, t.enum.at, named = name, at, true
			t.enum.last = last
		}
	}
	nt := seal(&ctype{kind: tTypedef, name: name, elem: t, under: t.bare(), align: a.align})
	if nt.align == 0 && t.kind == tTypedef {
		nt.align = t.align
	}
	if old := l.typedefs[name]; old != nil && !l.builtin[name] {
		if !l.same(old, nt) {
			l.fail(at, "typedef "+name, "declared before as "+spell(old.elem)+", now as "+spell(t), "keep one of them")
		}
		if nt.align == 0 {
			nt.align = old.align
		}
	}
	l.typedefs[name] = nt
	l.builtin[name] = at.file != nil && at.file.builtin
	if !main || named {
		return
	}
	switch b := t.bare(); {
	case b.kind == tFunc, b.kind == tPointer && b.elem.bare().kind == tFunc:
		l.skip(at, "typedef of a function type")
	default:
		l.skip(at, "typedef: every use stands for "+spell(t))
	}
}

// same reports whether two types have the same canonical spelling. Types too
// heavy to spell pass.
func (l *lowerer) same(a, b *ctype) bool {
	if a.weight > maxTypeWeight || b.weight > maxTypeWeight {
		return true
	}
	return l.canonical(a).String() == l.canonical(b).String()
}

// specifiers is what stands before the declarators of a declaration.
type specifiers struct {
	base                          *ctype
	typedef, static, inline, body bool
	attrs                         []attr
	common                        *attributes // what attrs come to, see attributesAfter
	// defined is the record, definedEnum the enum that the specifiers define.
	defined     *crecord
	definedEnum *cenum
}

// parts collects specifiers in the order they are written.
type parts struct {
	types     []*cc.TypeSpecifier
	cons, vol bool
	first     int
	typedef   bool
	static    bool
	inline    bool
}

func (p *parts) qualifier(q *cc.TypeQualifier) string {
	switch q.Case {
	case cc.TypeQualifierConst:
		p.cons = true
	case cc.TypeQualifierVolatile:
		p.vol = true
	case cc.TypeQualifierAtomic:
		return "_Atomic"
	}
	return ""
}

func (l *lowerer) note(p *parts, t cc.Token) {
	if i := l.u.tok(t); i >= 0 && (p.first < 0 || i < p.first) {
		p.first = i
	}
}

func (l *lowerer) typeSpecToken(t *cc.TypeSpecifier) cc.Token {
	switch {
	case t.StructOrUnionSpecifier != nil:
		return t.StructOrUnionSpecifier.StructOrUnion.Token
	case t.EnumSpecifier != nil:
		return t.EnumSpecifier.Token
	case t.AtomicTypeSpecifier != nil:
		return t.AtomicTypeSpecifier.Token
	}
	return t.Token
}

func (l *lowerer) declSpecifiers(ds *cc.DeclarationSpecifiers, first, after int) *specifiers {
	p := parts{first: -1}
	bad := ""
	for ; ds != nil; ds = ds.DeclarationSpecifiers {
		switch {
		case ds.TypeSpecifier != nil:
			p.types = append(p.types, ds.TypeSpecifier)
			l.note(&p, l.typeSpecToken(ds.TypeSpecifier))
		case ds.TypeQualifier != nil:
			if b := p.qualifier(ds.TypeQualifier); b != "" {
				bad = b
			}
			l.note(&p, ds.TypeQualifier.Token)
		case ds.StorageClassSpecifier != nil:
			l.note(&p, ds.StorageClassSpecifier.Token)
			switch ds.StorageClassSpecifier.Case {
			case cc.StorageClassSpecifierTypedef:
				p.typedef = true
			case cc.StorageClassSpecifierStatic:
				p.static = true
			}
		case ds.FunctionSpecifier != nil:
			l.note(&p, ds.FunctionSpecifier.Token)
			p.inline = p.inline || ds.FunctionSpecifier.Case == cc.FunctionSpecifierInline
		}
	}
	if first < 0 {
		first = p.first
	}
	return l.specifiers(&p, first, after, bad)
}

func (l *lowerer) qualifierList(q *cc.SpecifierQualifierList, after int) (*specifiers, int) {
	p := parts{first: -1}
	bad := ""
	for ; q != nil; q = q.SpecifierQualifierList {
		switch {
		case q.TypeSpecifier != nil:
			p.types = append(p.types, q.TypeSpecifier)
			l.note(&p, l.typeSpecToken(q.TypeSpecifier))
		case q.TypeQualifier != nil:
			if b := p.qualifier(q.TypeQualifier); b != "" {
				bad = b
			}
			l.note(&p, q.TypeQualifier.Token)
		}
	}
	return l.specifiers(&p, p.first, after, bad), p.first
}

// specifiers resolves the type and the attributes of the specifiers, which
// stand from token first up to token after.
func (l *lowerer) specifiers(p *parts, first, after int, bad string) *specifiers {
	s := &specifiers{typedef: p.typedef, static: p.static, inline: p.inline}
	if len(p.types) == 0 {
		l.noType(first)
	}
	// Attributes behind struct, union and enum up to the closing brace and
	// right behind it are the record's.
	claimedFrom, claimedTo := -1, -1
	for _, ts := range p.types {
		switch {
		case ts.StructOrUnionSpecifier != nil && ts.StructOrUnionSpecifier.Case == cc.StructOrUnionSpecifierDef:
			claimedFrom = l.u.tok(ts.StructOrUnionSpecifier.StructOrUnion.Token) + 1
			claimedTo = l.u.tok(ts.StructOrUnionSpecifier.Token3) + 1
		case ts.EnumSpecifier != nil && ts.EnumSpecifier.Case == cc.EnumSpecifierDef:
			claimedFrom = l.u.tok(ts.EnumSpecifier.Token) + 1
			claimedTo = l.u.tok(ts.EnumSpecifier.Token5) + 1
		}
	}
	for i := first; i >= 0 && i <= after; i++ {
		if i < claimedFrom || i > claimedTo {
			s.attrs = append(s.attrs, l.u.attrsAt(i)...)
		}
	}
	s.base = l.base(p, s)
	if bad != "" {
		s.base = &ctype{kind: tOpaque, name: bad}
	}
	s.base = qualified(s.base, p.cons, p.vol)
	return s
}

// noType refuses a declaration that begins at token i and has no type; the
// parser then took the name of a type it does not know for what is declared.
func (l *lowerer) noType(i int) {
	if i < 0 || i >= len(l.u.toks) {
		l.fail(token{}, "declaration", "it has no type", "write one")
	}
	for i < len(l.u.toks)-1 && qualifiers[l.u.at(i).text] {
		i++
	}
	at := l.u.at(i)
	if at.kind == kIdent && !keywords[at.text] {
		l.fail(at, fmt.Sprintf("type %q", at.text), "unknown", unknownTypeFix)
	}
	l.fail(at, "declaration", "it has no type", "write one")
}

// base resolves the type specifiers.
func (l *lowerer) base(p *parts, s *specifiers) *ctype {
	count := map[cc.TypeSpecifierCase]int{}
	var written []string
	for _, ts := range p.types {
		switch ts.Case {
		case cc.TypeSpecifierStructOrUnion:
			return l.record(ts.StructOrUnionSpecifier, s)
		case cc.TypeSpecifierEnum:
			return l.enum(ts.EnumSpecifier, s)
		case cc.TypeSpecifierTypeName:
			t := l.typedefs[ts.Token.SrcStr()]
			if t == nil {
				at := l.u.token(ts.Token)
				l.fail(at, fmt.Sprintf("type %q", at.text), "unknown", unknownTypeFix)
			}
			return t
		case cc.TypeSpecifierTypeofType:
			t, err := l.typeName(ts.TypeName)
			if err != nil {
				l.fail(l.u.token(ts.Token), "typeof", err.Error(), "write the type")
			}
			return t
		case cc.TypeSpecifierTypeofExpr:
			v, err := l.eval(ts.ExpressionList)
			if err != nil {
				l.fail(l.u.token(ts.Token), "typeof", err.Error(), "write the type")
			}
			return v.t
		case cc.TypeSpecifierAtomic:
			return &ctype{kind: tOpaque, name: "_Atomic"}
		}
		count[ts.Case]++
		written = append(written, ts.Token.SrcStr())
	}
	spelling := strings.Join(written, " ")
	has := func(c cc.TypeSpecifierCase) bool { return count[c] > 0 }
	pick := func(signed, unsigned layout.Kind) *ctype {
		if has(cc.TypeSpecifierUnsigned) {
			signed = unsigned
		}
		if _, ok := l.m.Scalar(signed); !ok {
			missing := fmt.Sprintf("%s does not exist on %s", spelled[signed], l.m.Target.Name)
			at := l.u.token(p.types[0].Token)
			if at.file != nil && at.file.builtin {
				return &ctype{kind: tOpaque, name: missing + ": it"}
			}
			l.fail(at, fmt.Sprintf("type %q", spelling), missing, "guard the declaration by a macro of the target")
		}
		return &ctype{kind: tScalar, scalar: signed, spelling: spelling}
	}
	switch {
	case has(cc.TypeSpecifierComplex) || has(cc.TypeSpecifierImaginary):
		return &ctype{kind: tOpaque, name: spelling}
	case has(cc.TypeSpecifierVoid):
		return &ctype{kind: tVoid}
	case has(cc.TypeSpecifierBool):
		return pick(layout.Bool, layout.Bool)
	case has(cc.TypeSpecifierChar):
		if has(cc.TypeSpecifierSigned) {
			return pick(layout.SChar, layout.UChar)
		}
		return pick(layout.Char, layout.UChar)
	case has(cc.TypeSpecifierShort):
		return pick(layout.Short, layout.UShort)
	case has(cc.TypeSpecifierFloat):
		return pick(layout.Float, layout.Float)
	case has(cc.TypeSpecifierDouble):
		if has(cc.TypeSpecifierLong) {
			return pick(layout.LongDouble, layout.LongDouble)
		}
		return pick(layout.Double, layout.Double)
	case has(cc.TypeSpecifierInt128):
		return pick(layout.Int128, layout.UInt128)
	case has(cc.TypeSpecifierUint128):
		return pick(layout.UInt128, layout.UInt128)
	case has(cc.TypeSpecifierFloat128):
		return pick(layout.Float128, layout.Float128)
	case has(cc.TypeSpecifierFloat16):
		return pick(layout.Float16, layout.Float16)
	case has(cc.TypeSpecifierFloat32):
		return pick(layout.Float, layout.Float)
	case has(cc.TypeSpecifierFloat64), has(cc.TypeSpecifierFloat32x):
		return pick(layout.Double, layout.Double)
	case count[cc.TypeSpecifierLong] >= 2:
		return pick(layout.LongLong, layout.ULongLong)
	case has(cc.TypeSpecifierLong):
		return pick(layout.Long, layout.ULong)
	case has(cc.TypeSpecifierInt), has(cc.TypeSpecifierSigned), has(cc.TypeSpecifierUnsigned):
		return pick(layout.Int, layout.UInt)
	}
	return &ctype{kind: tOpaque, name: spelling}
}

// typeName resolves the type in a cast or sizeof.
func (l *lowerer) typeName(tn *cc.TypeName) (t *ctype, err error) {
	defer func() {
		if r := recover(); r != nil {
			b, ok := r.(bail)
			if !ok {
				panic(r)
			}
			t, err = nil, errors.New(b.err.What+": "+b.err.Why)
		}
	}()
	s, first := l.qualifierList(tn.SpecifierQualifierList, -1)
	_ = first
	if tn.AbstractDeclarator == nil {
		return s.base, nil
	}
	return l.abstract(tn.AbstractDeclarator, s.base), nil
}

// declaratorStart returns the index of the first token of a declarator.
func (l *lowerer) declaratorStart(d *cc.Declarator) int {
	if d.Pointer != nil {
		return l.u.tok(d.Pointer.Token)
	}
	dd := d.DirectDeclarator
	for dd.DirectDeclarator != nil {
		dd = dd.DirectDeclarator
	}
	return l.u.tok(dd.Token)
}

// declarator applies a declarator to a type and returns the name it declares.
func (l *lowerer) declarator(d *cc.Declarator, t *ctype) (*ctype, token) {
	t = l.pointers(d.Pointer, t)
	return l.direct(d.DirectDeclarator, t)
}

func (l *lowerer) pointers(p *cc.Pointer, t *ctype) *ctype {
	for ; p != nil; p = p.Pointer {
		n := pointerTo(t)
		for q := p.TypeQualifiers; q != nil; q = q.TypeQualifiers {
			if q.TypeQualifier == nil {
				continue
			}
			switch q.TypeQualifier.Case {
			case cc.TypeQualifierConst:
				n.isConst = true
			case cc.TypeQualifierVolatile:
				n.isVolatile = true
			}
		}
		t = seal(n)
	}
	return t
}

func (l *lowerer) direct(d *cc.DirectDeclarator, t *ctype) (*ctype, token) {
	for d != nil {
		switch d.Case {
		case cc.DirectDeclaratorIdent:
			return t, l.u.token(d.Token)
		case cc.DirectDeclaratorDecl:
			return l.declarator(d.Declarator, t)
		case cc.DirectDeclaratorFuncParam, cc.DirectDeclaratorFuncIdent:
			t = l.function(t, d.ParameterTypeList)
		default:
			t = l.array(t, d.AssignmentExpression, l.u.token(d.Token))
		}
		d = d.DirectDeclarator
	}
	l.fail(token{}, "declarator", "it has no name", "write one")
	return nil, token{}
}

func (l *lowerer) abstract(d *cc.AbstractDeclarator, t *ctype) *ctype {
	if d == nil {
		return t
	}
	t = l.pointers(d.Pointer, t)
	for dd := d.DirectAbstractDeclarator; dd != nil; dd = dd.DirectAbstractDeclarator {
		switch dd.Case {
		case cc.DirectAbstractDeclaratorDecl:
			return l.abstract(dd.AbstractDeclarator, t)
		case cc.DirectAbstractDeclaratorFunc:
			t = l.function(t, dd.ParameterTypeList)
		default:
			t = l.array(t, dd.AssignmentExpression, l.u.token(dd.Token))
		}
	}
	return t
}

func (l *lowerer) array(elem *ctype, length cc.ExpressionNode, at token) *ctype {
	if b := elem.bare(); b.kind == tFunc || b.kind == tVoid || b.kind == tArray && b.open {
		l.fail(at, "array", "its elements cannot be of type "+spell(elem), "use pointers")
	}
	if length == nil {
		return seal(&ctype{kind: tArray, elem: elem, open: true})
	}
	v, err := l.constInt(length)
	if err != nil {
		if l.params > 0 {
			// A parameter of array type is a pointer.
			return seal(&ctype{kind: tArray, elem: elem, open: true})
		}
		l.fail(at, "array", "its length is not constant: "+err.Error(), "write an integer constant expression")
	}
	n, exact := constant.Int64Val(v.v)
	switch {
	case constant.Sign(v.v) < 0:
		l.fail(at, "array", fmt.Sprintf("its length %s is negative", v.v), "correct the length")
	case !exact:
		l.fail(at, "array", fmt.Sprintf("its length %s is larger than an object can be", v.v), "correct the length")
	}
	return seal(&ctype{kind: tArray, elem: elem, n: n})
}

func (l *lowerer) function(result *ctype, list *cc.ParameterTypeList) *ctype {
	f := &ctype{kind: tFunc, elem: result}
	if list == nil {
		return seal(f)
	}
	l.params++
	defer func() { l.params-- }()
	f.varargs = list.Case == cc.ParameterTypeListVar
	for p := list.ParameterList; p != nil; p = p.ParameterList {
		d := p.ParameterDeclaration
		if d == nil {
			continue
		}
		s := l.declSpecifiers(d.DeclarationSpecifiers, -1, -1)
		cp := cparam{t: s.base}
		switch {
		case d.Declarator != nil:
			var at token
			cp.t, at = l.declarator(d.Declarator, s.base)
			cp.name = at.text
		case d.AbstractDeclarator != nil:
			cp.t = l.abstract(d.AbstractDeclarator, s.base)
		}
		switch b := cp.t.bare(); b.kind {
		case tVoid:
			if p == list.ParameterList && p.ParameterList == nil && cp.name == "" {
				return seal(f)
			}
		case tArray:
			cp.t = seal(pointerTo(b.elem))
		case tFunc:
			cp.t = seal(pointerTo(cp.t))
		}
		f.params = append(f.params, cp)
	}
	return seal(f)
}

// Limits on the size of a type's spelling, which typedefs can make grow
// exponentially.
const (
	maxTypeDepth  = 150
	maxTypeWeight = 5000
)

// seal adds up the depth and the weight of a type from its parts.
func seal(t *ctype) *ctype {
	t.depth, t.weight = 1, 1
	add := func(p *ctype) {
		if p == nil {
			return
		}
		t.depth = max(t.depth, p.depth+1)
		t.weight = min(t.weight+max(p.weight, 1), maxTypeWeight+1)
	}
	add(t.elem)
	for _, p := range t.params {
		add(p.t)
	}
	return t
}

// attributes are those that bear on layout or role.
type attributes struct {
	packed  bool
	align   int64
	vector  int64 // size in bytes
	elems   int64 // number of elements
	mode    string
	section string
	bad     string
}

func (l *lowerer) attributes(list []attr) attributes { return l.addAttributes(attributes{}, list) }

// attributesAfter are those of a declaration's specifiers, which hold for each
// of its declarators, and then those of one of these.
func (l *lowerer) attributesAfter(s *specifiers, own []attr) attributes {
	if s.common == nil {
		a := l.attributes(s.attrs)
		s.common = &a
	}
	return l.addAttributes(*s.common, own)
}

func (l *lowerer) addAttributes(out attributes, list []attr) attributes {
	for _, a := range list {
		switch a.name {
		case "packed":
			out.packed = true
		case "aligned", "_Alignas", "align":
			n := l.m.DefaultAligned()
			if len(a.args) > 0 {
				n = l.alignment(a)
			}
			out.align = max(out.align, n)
		case "vector_size":
			out.vector = l.positive(a)
		case "ext_vector_type":
			out.elems = l.positive(a)
		case "mode":
			if len(a.args) > 0 {
				out.mode = strings.Trim(a.args[0].text, "_")
			}
		case "section":
			if len(a.args) > 0 {
				out.section = strings.Trim(a.args[0].text, `"`)
			}
		case "ms_struct", "scalar_storage_order", "bitwidth", "address_space", "btf_type_tag":
			if a.name == "ms_struct" || a.name == "scalar_storage_order" {
				out.bad = "attribute " + a.name
			}
		}
	}
	return out
}

// positive evaluates the argument of an attribute.
func (l *lowerer) positive(a attr) int64 {
	v, err := l.evalTokens(a.args)
	if err != nil {
		l.fail(a.at, "attribute "+a.name, "its argument is not constant: "+err.Error(), "write an integer constant expression")
	}
	n, ok := constant.Int64Val(v)
	if !ok || n <= 0 || n > 1<<28 {
		l.fail(a.at, "attribute "+a.name, fmt.Sprintf("its argument %s is out of range", v), "correct it")
	}
	return n
}

func (l *lowerer) alignment(a attr) int64 {
	if a.name == "_Alignas" {
		if len(a.args) == 1 && a.args[0].text == "0" {
			return 0
		}
		if t := a.args[0]; t.kind == kIdent && (keywords[t.text] && t.text != "sizeof" && t.text != "_Alignof" || l.typedefs[t.text] != nil) {
			list := []token{{kind: kIdent, text: "_Alignof"}, {kind: kPunct, text: "("}}
			list = append(append(list, a.args...), token{kind: kPunct, text: ")"})
			a.args = list
		}
	}
	n := l.positive(a)
	if n&(n-1) != 0 {
		l.fail(a.at, "attribute "+a.name, fmt.Sprintf("the alignment %d is not a power of two", n), "correct it")
	}
	return n
}

// evalTokens evaluates an integer constant expression given as tokens.
func (l *lowerer) evalTokens(toks []token) (constant.Value, error) {
	if len(toks) == 1 && toks[0].kind == kNumber {
		n, _, err := parseInteger(toks[0].text)
		return constant.MakeUint64(n), err
	}
	if rewritten, ok := rewrite(l.p, toks); ok {
		toks = rewritten
	}
	vs := l.evalExpressions([][]token{toks})
	if vs[0].err != nil {
		return nil, vs[0].err
	}
	v := rvalue(vs[0].val)
	return v.v, integral(v)
}

// retype applies the attributes that change a type.
func (l *lowerer) retype(t *ctype, a attributes) *ctype {
	if a.bad != "" {
		return &ctype{kind: tOpaque, name: a.bad}
	}
	if a.mode != "" {
		if m := l.mode(t, a.mode); m != nil {
			if _, ok := l.m.Scalar(m.scalar); !ok {
				return &ctype{kind: tOpaque, name: "attribute mode(" + a.mode + ") on this target"}
			}
			t = m
		} else {
			return &ctype{kind: tOpaque, name: "attribute mode(" + a.mode + ")"}
		}
	}
	if a.vector == 0 && a.elems == 0 {
		return t
	}
	e, err := l.extent(t)
	if err != nil || e.Size == 0 {
		return &ctype{kind: tOpaque, name: "a vector of " + spell(t)}
	}
	n := a.elems
	if a.vector != 0 {
		n = a.vector / e.Size
	}
	return seal(&ctype{kind: tVector, elem: t, n: n})
}

func (l *lowerer) mode(t *ctype, mode string) *ctype {
	k, ok := intKind(t)
	if !ok {
		return nil
	}
	signed, unsigned := layout.Int, layout.UInt
	switch mode {
	case "QI", "byte":
		signed, unsigned = layout.SChar, layout.UChar
	case "HI":
		signed, unsigned = layout.Short, layout.UShort
	case "SI":
	case "DI":
		signed, unsigned = layout.LongLong, layout.ULongLong
	case "TI":
		signed, unsigned = layout.Int128, layout.UInt128
	case "word", "pointer", "unwind_word":
		signed, unsigned = layout.Long, layout.ULong
	default:
		return nil
	}
	if !l.m.Signed(k) {
		signed = unsigned
	}
	return scalarType(signed)
}

// record resolves a struct or union specifier.
func (l *lowerer) record(s *cc.StructOrUnionSpecifier, out *specifiers) *ctype {
	union := s.StructOrUnion.Case == cc.StructOrUnionUnion
	kw := l.u.tok(s.StructOrUnion.Token)
	at := l.u.token(s.StructOrUnion.Token)
	tag := ""
	if t := l.u.tok(s.Token); t >= 0 && s.Token.SrcStr() != "" {
		at = l.u.at(t)
		tag = at.text
	}
	var t *ctype
	if tag != "" {
		if t = l.tags[tag]; t != nil && (t.kind != tRecord || t.rec.union != union) {
			l.fail(at, "tag "+tag, "declared before as another kind of type", "rename one of them")
		}
	}
	if t == nil {
		t = &ctype{kind: tRecord, rec: &crecord{union: union, tag: tag, at: at}}
		if tag != "" {
			l.tags[tag] = t
		}
	}
	if s.Case != cc.StructOrUnionSpecifierDef {
		return t
	}
	r := t.rec
	if r.complete || r.defining {
		l.fail(at, r.String(), "defined again; the first definition is at "+r.at.path().String(), "remove one of them")
	}
	r.at, r.first, r.defining = at, l.u.at(kw), true
	r.main = l.p.isOwn(l.u.at(kw).file)
	r.nested = l.inside > 0 && tag == ""
	open, closing := l.u.tok(s.Token2), l.u.tok(s.Token3)
	r.last = l.u.at(closing)
	r.kw = kw
	l.records = append(l.records, r)
	out.defined = r
	defer func() {
		r.defining = false
		if !r.complete {
			r.complete, r.bad = true, "its definition has an error"
		}
	}()

	a := l.attributes(append(append([]attr{}, l.u.attrsIn(kw+1, open)...), l.u.attrsAt(closing+1)...))
	lr := layout.Record{Union: union, Packed: a.packed, Align: a.align}
	if d := l.u.decls[l.u.owner[open]]; d.packs != nil {
		lr.Pack = d.packs[open-d.base]
	}
	r.packed = a.packed
	bad := a.bad
	if l.inside++; l.inside > maxRecordDepth {
		l.fail(at, r.String(), fmt.Sprintf("records are nested more than %d deep", maxRecordDepth), "declare them one by one")
	}
	for list := s.StructDeclarationList; list != nil; list = list.StructDeclarationList {
		if d := list.StructDeclaration; d != nil && d.Case == cc.StructDeclarationDecl {
			l.member(r, d)
		}
	}
	l.inside--
	l.written(r)
	names := map[string]bool{}
	for i := range r.members {
		m := &r.members[i]
		if b := m.t.bare(); b.kind == tArray && b.open && !union && i < len(r.members)-1 {
			l.fail(m.at, "member "+m.name, "an array without a length, and not the last member of "+r.String(), "give it a length or move it to the end")
		}
		if m.name != "" {
			if names[m.name] {
				l.fail(m.at, "member "+m.name, "declared twice in "+r.String(), "rename one of them")
			}
			names[m.name] = true
		}
		if m.t.depth > maxTypeDepth || m.t.weight > maxTypeWeight {
			bad = fmt.Sprintf("member %s: its type is nested too deep", m.name)
			continue
		}
		var err error
		m.in.Type, err = l.extent(m.t)
		switch {
		case errors.Is(err, errUnsupported):
			if bad == "" {
				bad = fmt.Sprintf("member %s: %v", m.name, err)
			}
		case err != nil:
			fix := "define its type first, or use a pointer"
			switch {
			case m.t.bare().kind == tRecord && m.t.bare().rec == r:
				fix = "use a pointer"
			case errors.Is(err, layout.ErrTooLarge):
				fix = "correct the length"
			}
			l.fail(m.at, "member "+m.name, err.Error(), fix)
		}
		lr.Members = append(lr.Members, m.in)
	}
	if bad != "" {
		r.complete, r.bad = true, bad
		return t
	}
	var err error
	if r.layout, err = l.m.Record(lr); err != nil {
		where, what := r.at, r.String()
		var me *layout.MemberError
		if errors.As(err, &me) {
			where, what, err = r.members[me.Index].at, "member "+r.members[me.Index].name, me.Err
		}
		panic(bail{&Error{Pos: where.path(), What: what, Why: err.Error(), Fix: "correct the declaration", Err: err}})
	}
	if lr.Pack != 0 && !r.packed {
		// #pragma pack counts as packing where it makes a difference.
		lr.Pack = 0
		if plain, err := l.m.Record(lr); err == nil {
			r.packed = plain.Extent != r.layout.Extent || !slices.Equal(plain.BitOffsets, r.layout.BitOffsets)
		}
	}
	r.complete = true
	return t
}

// Limits on what records come to in a model, where every member has its type
// and a record without a name stands at each of its uses. Both can make much of
// a short header.
const (
	maxRecordDepth = 64
	maxRecordSize  = 3_000_000
)

var tooMuchWritten = fmt.Sprintf("more than %d members and types, written out", maxRecordSize)

// written adds up what a record comes to: its members and those of the records
// without a name in it, each as much as its type and as deep as it stands.
func (l *lowerer) written(r *crecord) {
	for i := range r.members {
		m := &r.members[i]
		r.lines++
		r.size += max(m.t.weight, 1)
		if inner := anonymous(m.t); inner != nil {
			r.lines += inner.lines
			r.size += inner.size + inner.lines
		}
		if r.size > maxRecordSize {
			l.fail(m.at, "member "+m.name, fmt.Sprintf("with it %s comes to %s", r, tooMuchWritten),
				"name the records within it, or simplify the types of its members")
		}
	}
	if r.nested {
		return
	}
	if l.size += r.size; l.size > maxRecordSize {
		l.fail(r.at, r.String(), "with it the records come to "+tooMuchWritten, "take the header apart")
	}
}

// member takes in one declaration of members.
func (l *lowerer) member(r *crecord, d *cc.StructDeclaration) {
	end := l.u.tok(d.Token)
	if end < 0 {
		i := -1
		if q := d.SpecifierQualifierList; q != nil {
			_, i = l.qualifierList(q, -1)
		}
		l.fail(l.u.at(i), "member", "the ; behind it is missing", "add it")
	}
	after := end
	if list := d.StructDeclaratorList; list != nil && list.StructDeclarator != nil {
		if sd := list.StructDeclarator; sd.Declarator != nil {
			after = l.declaratorStart(sd.Declarator)
		} else {
			after = l.u.tok(sd.Token)
		}
	}
	if d.SpecifierQualifierList == nil {
		l.noType(after)
	}
	s, first := l.qualifierList(d.SpecifierQualifierList, after)
	if d.StructDeclaratorList == nil {
		// Without a declarator only a record without a tag is a member.
		if s.base.kind == tRecord && s.defined == s.base.rec && s.base.rec.tag == "" {
			a := l.attributesAfter(s, nil)
			r.members = append(r.members, cmember{t: s.base, at: l.u.at(first), first: l.u.at(first), last: l.u.at(end),
				in: layout.Member{Align: a.align, Packed: a.packed}})
		}
		return
	}
	start := first
	for list := d.StructDeclaratorList; list != nil; list = list.StructDeclaratorList {
		sd := list.StructDeclarator
		stop := end
		if list.StructDeclaratorList != nil {
			stop = l.u.tok(list.StructDeclaratorList.Token)
		}
		var attrs []attr
		if list != d.StructDeclaratorList {
			start = l.u.tok(list.Token) + 1
			attrs = append(attrs, l.u.attrsAt(start)...)
		}
		m := cmember{t: s.base, first: l.u.at(start), last: l.u.at(stop)}
		ds := l.u.tok(sd.Token)
		if sd.Declarator != nil {
			ds = l.declaratorStart(sd.Declarator)
		}
		a := l.attributesAfter(s, append(attrs, l.u.attrsIn(ds+1, stop)...))
		m.t = l.retype(s.base, a)
		m.at = l.u.at(ds)
		if sd.Declarator != nil {
			m.t, m.at = l.declarator(sd.Declarator, m.t)
			m.name = m.at.text
			if m.name == unnamed {
				m.name = ""
			}
		}
		if m.t.bare().kind == tFunc {
			l.fail(m.at, "member "+m.name, "it is a function", "use a pointer to a function")
		}
		m.in.Align, m.in.Packed = a.align, a.packed
		if sd.Case == cc.StructDeclaratorBitField {
			l.bitfield(&m, sd.ConstantExpression)
		}
		r.members = append(r.members, m)
	}
}

func (l *lowerer) bitfield(m *cmember, width cc.ExpressionNode) {
	what := "bit-field " + m.name
	k, ok := intKind(m.t)
	if !ok {
		if m.t.bare().kind == tOpaque {
			return
		}
		l.fail(m.at, what, "its type "+spell(m.t)+" is not an integer type", "correct the type")
	}
	v, err := l.constInt(width)
	if err != nil {
		l.fail(m.at, what, "its width is not constant: "+err.Error(), "write an integer constant expression")
	}
	limit := int64(l.bits(k))
	if k == layout.Bool {
		limit = 1
	}
	n, exact := constant.Int64Val(v.v)
	if !exact || n < 0 || n > limit {
		l.fail(m.at, what, fmt.Sprintf("its width %s is not between 0 and %d", v.v, limit), "correct the width")
	}
	if n == 0 && m.name != "" {
		l.fail(m.at, what, "its width is 0, which only one without a name may have", "remove the name or correct the width")
	}
	m.bitfield, m.width = true, n
	m.in.Bitfield, m.in.Width, m.in.Unnamed = true, n, m.name == ""
}

// enum resolves an enum specifier.
func (l *lowerer) enum(s *cc.EnumSpecifier, out *specifiers) *ctype {
	kw := l.u.tok(s.Token)
	at := l.u.at(kw)
	tag := ""
	if t := l.u.tok(s.Token2); t >= 0 && s.Token2.SrcStr() != "" {
		at = l.u.at(t)
		tag = at.text
	}
	var t *ctype
	if tag != "" {
		if t = l.tags[tag]; t != nil && t.kind != tEnum {
			l.fail(at, "tag "+tag, "declared before as another kind of type", "rename one of them")
		}
	}
	if t == nil {
		t = &ctype{kind: tEnum, enum: &cenum{tag: tag, at: at, kind: layout.UInt}}
		if tag != "" {
			l.tags[tag] = t
		}
	}
	e := t.enum
	if s.EnumTypeSpecifier != nil {
		fs, _ := l.qualifierList(s.EnumTypeSpecifier.SpecifierQualifierList, -1)
		k, ok := intKind(fs.base)
		if !ok {
			l.fail(at, "enum "+tag, "its underlying type "+spell(fs.base)+" is not an integer type", "correct it")
		}
		e.fixed, e.kind = fs.base, k
	}
	if s.Case != cc.EnumSpecifierDef {
		return t
	}
	if e.complete {
		l.fail(at, "enum "+tag, "defined again; the first definition is at "+e.at.path().String(), "remove one of them")
	}
	closing := l.u.tok(s.Token5)
	e.at, e.first, e.last = at, l.u.at(kw), l.u.at(closing)
	e.main = l.p.isOwn(l.u.at(kw).file)
	e.kw = kw
	out.definedEnum = e
	open := l.u.tok(s.Token3)
	a := l.attributes(append(append([]attr{}, l.u.attrsIn(kw+1, open)...), l.u.attrsAt(closing+1)...))
	l.enumerators(e, s, closing)
	l.finishEnum(e, a)
	l.enums = append(l.enums, e)
	return t
}

func (l *lowerer) enumerators(e *cenum, s *cc.EnumSpecifier, closing int) {
	next := val{t: scalarType(layout.Int), v: constant.MakeInt64(0)}
	for list := s.EnumeratorList; list != nil; list = list.EnumeratorList {
		en := list.Enumerator
		if en == nil {
			continue
		}
		at := l.u.token(en.Token)
		if en.Case == cc.EnumeratorExpr {
			v, err := l.constInt(en.ConstantExpression)
			if err != nil {
				l.fail(at, "enumerator "+at.text, "its value is not constant: "+err.Error(), "write an integer constant expression")
			}
			next = v
		}
		if next.v == nil {
			l.fail(at, "enumerator "+at.text, "its value does not fit in 64 bits", "give it a value")
		}
		if e.fixed != nil && !constant.Compare(l.wrap(next.v, e.kind), gotoken.EQL, next.v) {
			l.fail(at, "enumerator "+at.text, fmt.Sprintf("its value %s does not fit in %s", next.v, spell(e.fixed)), "correct the value or the type")
		}
		stop := closing - 1
		if list.EnumeratorList != nil {
			stop = l.u.tok(list.EnumeratorList.Token)
		}
		if _, ok := l.consts[at.text]; ok {
			l.fail(at, "enumerator "+at.text, "declared before", "rename one of them")
		}
		// Within the list an enumerator has the type of its value, or int.
		if constant.Compare(l.wrap(next.v, layout.Int), gotoken.EQL, next.v) {
			next.t = scalarType(layout.Int)
		}
		l.consts[at.text] = next
		e.values = append(e.values, cenumerator{name: at.text, at: at, end: l.u.at(stop), value: next})
		next = l.successor(next)
	}
}

// successor is the value of an enumerator without one, behind v.
func (l *lowerer) successor(v val) val {
	n := constant.BinaryOp(v.v, gotoken.ADD, one)
	k, _ := intKind(v.t)
	for _, k := range []layout.Kind{k, layout.Int, layout.Long, layout.LongLong, layout.ULong, layout.ULongLong} {
		if constant.Compare(l.wrap(n, k), gotoken.EQL, n) {
			return val{t: scalarType(k), v: n}
		}
	}
	return val{t: v.t}
}

// finishEnum chooses the type of an enum and of its enumerators.
func (l *lowerer) finishEnum(e *cenum, a attributes) {
	if e.fixed == nil {
		var r layout.EnumRange
		for i := range e.values {
			r.Negative = r.Negative || constant.Sign(e.values[i].value.v) < 0
		}
		for i := range e.values {
			v := e.values[i].value.v
			n := constant.BitLen(v)
			if constant.Sign(v) < 0 {
				// The most negative value needs no more than its magnitude.
				n = constant.BitLen(constant.BinaryOp(constant.UnaryOp(gotoken.SUB, v, 0), gotoken.SUB, one))
			}
			if r.Negative {
				n++
			}
			r.Bits = max(r.Bits, n)
		}
		k, err := l.m.Enum(r, a.packed)
		if err != nil {
			l.fail(e.at, strings.TrimSpace("enum "+e.tag), err.Error(), "correct the values")
		}
		e.kind = k
	}
	e.complete = true
	for i := range e.values {
		v := &e.values[i].value
		switch {
		case e.fixed != nil:
			v.t = &ctype{kind: tEnum, enum: e}
		case constant.Compare(l.wrap(v.v, layout.Int), gotoken.EQL, v.v):
			v.t = scalarType(layout.Int)
		default:
			v.t = scalarType(e.kind)
		}
		l.consts[e.values[i].name] = *v
	}
}
