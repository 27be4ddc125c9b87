// SPDX-License-Identifier: MIT

package cheader

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/fuseiomap/abigen/gen/layout"
	"github.com/fuseiomap/abigen/gen/model"
)

// tkind is the kind of a ctype.
type tkind uint8

const (
	tVoid tkind = iota
	tScalar
	tPointer
	tArray
	tVector
	tFunc
	tRecord
	tEnum
	tTypedef
	// tOpaque is a type the model cannot express; name says which.
	tOpaque
)

// ctype is a C type as declared: typedef names are kept, for spelling, and so
// are the alignments that typedefs carry. Types are immutable once made.
type ctype struct {
	kind    tkind
	scalar  layout.Kind
	elem    *ctype // pointer, array, vector: what of; function: result; typedef: what for
	n       int64  // array, vector: elements
	open    bool   // array: no length given
	params  []cparam
	varargs bool
	rec     *crecord
	enum    *cenum
	name    string // typedef: its name
	align   int64  // typedef: aligned(n) of its own or of the one it stands for, 0 for none
	under   *ctype // typedef: what it comes down to, see bare
	// spelling of a scalar, as written.
	spelling string

	isConst, isVolatile bool
	depth, weight       int // see seal
}

type cparam struct {
	name string
	t    *ctype
}

// crecord is a struct or union.
type crecord struct {
	union   bool
	tag     string
	typedef string // first typedef that names it, where it has no tag
	// complete: it has been defined and laid out. defining: it is being.
	complete, defining bool
	// bad says why the model cannot express it, though it is correct C.
	bad     string
	packed  bool
	at      token // the tag, or the keyword where there is none
	first   token // the first token of the declaration
	last    token // the token behind which a trailing comment may stand
	kw      int   // index of the keyword among the tokens of the unit
	main    bool
	nested  bool // without a tag, within another record
	layout  layout.Layout
	members []cmember
	// lines and size are what it comes to written out, see written.
	lines, size int
}

type cmember struct {
	name        string
	t           *ctype
	at          token // the name, or what stands for it
	first, last token // of the declaration
	bitfield    bool
	width       int64
	in          layout.Member
}

// cenum is an enum.
type cenum struct {
	tag, typedef string
	complete     bool
	// low-level type; fixed tells that the declaration names it.
	kind        layout.Kind
	fixed       *ctype
	values      []cenumerator
	at          token
	first, last token
	kw          int
	main        bool
}

type cenumerator struct {
	name  string
	at    token
	end   token // the last token of the enumerator or the comma behind it
	value val
}

func (r *crecord) kind() model.RecordKind {
	if r.union {
		return model.Union
	}
	return model.Struct
}

func (r *crecord) name() string {
	if r.tag != "" {
		return r.tag
	}
	return r.typedef
}

func (r *crecord) String() string { return strings.TrimSpace(string(r.kind()) + " " + r.name()) }

func (e *cenum) name() string {
	if e.tag != "" {
		return e.tag
	}
	return e.typedef
}

// bare removes typedefs, and adds up the qualifiers on the way.
func (t *ctype) bare() *ctype {
	c, v := t.isConst, t.isVolatile
	if t.kind == tTypedef {
		t = t.under
		c, v = c || t.isConst, v || t.isVolatile
	}
	if c != t.isConst || v != t.isVolatile {
		q := *t
		q.isConst, q.isVolatile = c, v
		return &q
	}
	return t
}

var scalarTypes = func() (ts [layout.Pointer + 1]ctype) {
	for k := range ts {
		ts[k] = ctype{kind: tScalar, scalar: layout.Kind(k)}
	}
	return ts
}()

func scalarType(k layout.Kind) *ctype { return &scalarTypes[k] }

func pointerTo(t *ctype) *ctype { return &ctype{kind: tPointer, elem: t} }

// qualified returns t with qualifiers added.
func qualified(t *ctype, c, v bool) *ctype {
	if !c && !v || t.isConst == c && t.isVolatile == v {
		return t
	}
	q := *t
	q.isConst, q.isVolatile = q.isConst || c, q.isVolatile || v
	return &q
}

// errUnsupported marks correct C that the model cannot express.
var errUnsupported = errors.New("not supported")

type unsupported string

func (u unsupported) Error() string { return string(u) }
func (u unsupported) Is(e error) bool {
	return e == errUnsupported
}

// extent returns the size and alignment of a type.
func (l *lowerer) extent(t *ctype) (layout.Extent, error) {
	switch t.kind {
	case tVoid:
		return layout.Extent{}, errors.New("void has no size")
	case tScalar:
		e, ok := l.m.Scalar(t.scalar)
		if !ok {
			return e, fmt.Errorf("%s does not exist on %s", spelled[t.scalar], l.m.Target.Name)
		}
		return e, nil
	case tPointer:
		e, _ := l.m.Scalar(layout.Pointer)
		return e, nil
	case tArray:
		e, err := l.extent(t.elem)
		if err != nil {
			return e, err
		}
		if t.open {
			return layout.Extent{Align: e.Align}, nil
		}
		if t.n > 1 && e.Align > 0 && e.Size%e.Align != 0 {
			return e, fmt.Errorf("the size of an element, %d, is not a multiple of its alignment, %d", e.Size, e.Align)
		}
		return l.m.Array(e, t.n)
	case tVector:
		e, err := l.extent(t.elem)
		if err != nil {
			return e, err
		}
		a, err := l.m.Array(e, t.n)
		if err != nil {
			return e, err
		}
		return l.m.Vector(a.Size)
	case tFunc:
		return layout.Extent{}, errors.New("a function has no size")
	case tRecord:
		switch {
		case t.rec.defining:
			return layout.Extent{}, fmt.Errorf("%s contains itself", t.rec)
		case t.rec.bad != "":
			return layout.Extent{}, unsupported(fmt.Sprintf("%s: %s", t.rec, t.rec.bad))
		case !t.rec.complete:
			return layout.Extent{}, fmt.Errorf("%s is declared but not defined", t.rec)
		}
		return t.rec.layout.Extent, nil
	case tEnum:
		if !t.enum.complete && t.enum.fixed == nil {
			return layout.Extent{}, fmt.Errorf("enum %s is declared but not defined", t.enum.name())
		}
		e, _ := l.m.Scalar(t.enum.kind)
		return e, nil
	case tTypedef:
		e, err := l.extent(t.under)
		if t.align != 0 {
			e.Align = t.align
		}
		return e, err
	}
	return layout.Extent{}, unsupported(t.name + " is not supported")
}

// canonical returns the type the model compares.
func (l *lowerer) canonical(t *ctype) model.Type {
	return model.Qualify(l.unqualified(t), t.isConst, t.isVolatile)
}

func (l *lowerer) unqualified(t *ctype) model.Type {
	switch t.kind {
	case tScalar:
		return l.canonicalScalar(t.scalar)
	case tPointer:
		return model.Pointer{Elem: l.canonical(t.elem)}
	case tArray:
		return model.Array{Len: t.n, Elem: l.canonical(t.elem)}
	case tVector:
		return model.Vector{Len: t.n, Elem: l.canonical(t.elem)}
	case tFunc:
		f := model.Func{Result: l.canonical(t.elem), Variadic: t.varargs}
		for _, p := range t.params {
			f.Params = append(f.Params, model.Unqualified(l.canonical(p.t)))
		}
		return f
	case tRecord:
		return model.Ref{Kind: model.RefKind(t.rec.kind()), Name: t.rec.name()}
	case tEnum:
		return model.Ref{Kind: model.RefEnum, Name: t.enum.name()}
	case tTypedef:
		return l.canonical(t.under)
	}
	return model.Void{}
}

func (l *lowerer) canonicalScalar(k layout.Kind) model.Type {
	e, _ := l.m.Scalar(k)
	switch k {
	case layout.Bool:
		return model.Bool{}
	case layout.LongDouble:
		return model.Float{Bits: l.m.LongDoubleBits()}
	case layout.Float16, layout.Float, layout.Double, layout.Float128:
		return model.Float{Bits: int(e.Size * 8)}
	}
	return model.Int{Bits: int(e.Size * 8), Signed: l.m.Signed(k), Char: k == layout.Char}
}

// spell writes a type in C, around a declarator.
func spell(t *ctype) string { return spellAround(t, "") }

func spellAround(t *ctype, inner string) string {
	quals := ""
	if t.isConst {
		quals += "const "
	}
	if t.isVolatile {
		quals += "volatile "
	}
	switch t.kind {
	case tPointer:
		inner = "*" + strings.TrimSuffix(quals, " ") + spaceBetween(quals, inner)
		e := t.elem
		if e.kind == tArray || e.kind == tFunc {
			inner = "(" + inner + ")"
		}
		return spellAround(e, inner)
	case tArray:
		n := strconv.FormatInt(t.n, 10)
		if t.open {
			n = ""
		}
		return spellAround(t.elem, inner+"["+n+"]")
	case tFunc:
		var ps []string
		for _, p := range t.params {
			ps = append(ps, spell(p.t))
		}
		if t.varargs {
			ps = append(ps, "...")
		}
		if len(ps) == 0 {
			ps = []string{"void"}
		}
		return spellAround(t.elem, inner+"("+strings.Join(ps, ", ")+")")
	}
	var base string
	switch t.kind {
	case tVoid:
		base = "void"
	case tScalar:
		base = t.spelling
		if base == "" {
			base = spelled[t.scalar]
		}
	case tVector:
		base = fmt.Sprintf("%s __attribute__((vector_size(%d * sizeof(%s))))", spell(t.elem), t.n, spell(t.elem))
	case tRecord:
		base = strings.TrimSpace(string(t.rec.kind()) + " " + t.rec.tag)
	case tEnum:
		base = strings.TrimSpace("enum " + t.enum.tag)
	default:
		base = t.name
	}
	base = quals + base
	switch {
	case inner == "":
		return base
	case strings.HasPrefix(inner, "["):
		return base + inner
	}
	return base + " " + inner
}

// spaceBetween separates the qualifiers of a pointer from what follows.
func spaceBetween(quals, inner string) string {
	if quals != "" && inner != "" && (isIdentStart(inner[0]) || inner[0] == '*') {
		return " " + inner
	}
	return inner
}
