// SPDX-License-Identifier: MIT

package mutants

import (
	"errors"
	"fmt"
	"go/constant"
	"slices"
	"strconv"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// ErrUnwritable is what a model can hold and the edits of this package cannot
// write as C.
var ErrUnwritable = errors.New("cannot be written as C here")

// FromModel writes the declarations whose names keep accepts as a header, and
// what those embed as context. Attributes and comments of the original are lost:
// the header is a base of its own, not a copy.
func FromModel(a *model.ABI, keep func(name string) bool) (*Header, error) {
	w := &writer{a: a, h: &Header{}, forward: map[string]bool{}, done: map[string]bool{}}
	for _, c := range a.Constants {
		if keep(c.Name) {
			w.constant(c)
		}
	}
	for _, e := range a.Enums {
		if e.Name != "" && keep(e.Name) {
			w.enum(e)
		}
	}
	for _, r := range a.Records {
		if keep(r.Name) {
			if err := w.record(r, false); err != nil {
				return nil, err
			}
		}
	}
	for _, p := range a.Prototypes {
		if p.Role != model.Callback && keep(p.Name) {
			f, err := w.function(p.ResultType, p.Params, p.Variadic)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.Name, err)
			}
			f.Name, f.Kfunc = p.Name, p.Role == model.Kfunc
			w.h.Functions = append(w.h.Functions, *f)
		}
	}
	for _, r := range w.h.Records {
		delete(w.forward, r.Kind+" "+r.Name)
	}
	w.forward["struct "+fresh+"_target"] = true
	for f := range w.forward {
		w.h.Forward = append(w.h.Forward, f)
	}
	slices.Sort(w.h.Forward)
	return w.h, nil
}

type writer struct {
	a       *model.ABI
	h       *Header
	forward map[string]bool
	done    map[string]bool
}

// constant keeps those whose type a suffix can give.
func (w *writer) constant(c *model.Constant) {
	suffix, ok := map[string]string{"int": "", "unsigned int": "U", "long long": "LL", "unsigned long long": "ULL"}[c.Type]
	if !ok || c.Value == nil || c.Value.Kind() != constant.Int || constant.Sign(c.Value) < 0 {
		return
	}
	w.h.Constants = append(w.h.Constants, Constant{Name: c.Name, Expr: c.Value.ExactString() + suffix})
}

func (w *writer) enum(e *model.Enum) {
	if w.done["enum "+e.Name] || e.Typedef {
		return
	}
	w.done["enum "+e.Name] = true
	out := Enum{Name: e.Name}
	if e.Size == 1 {
		out.After = " __attribute__((packed))"
	}
	// Numbers are left to the compiler only where all of them can be: then an
	// edit of one has one effect on the others.
	implicit := true
	for i, v := range e.Values {
		n, exact := constant.Int64Val(v.Value)
		implicit = implicit && exact && n == int64(i)
	}
	for _, v := range e.Values {
		x := Enumerator{Name: v.Name}
		if !implicit {
			x.Expr = v.Value.ExactString()
		}
		out.Values = append(out.Values, x)
	}
	w.h.Enums = append(w.h.Enums, out)
}

func (w *writer) record(r *model.Record, context bool) error {
	tag := string(r.Kind) + " " + r.Name
	if w.done[tag] {
		return nil
	}
	w.done[tag] = true
	out, err := w.body(r)
	if err != nil {
		return fmt.Errorf("%s: %w", tag, err)
	}
	out.Context = context
	w.h.Records = append(w.h.Records, *out)
	return nil
}

func (w *writer) body(r *model.Record) (*Record, error) {
	if r.Typedef {
		return nil, fmt.Errorf("a record that only a typedef names: %w", ErrUnwritable)
	}
	out := &Record{Kind: string(r.Kind), Name: r.Name}
	if r.Packed {
		out.After = " __attribute__((packed))"
	}
	for i := range r.Fields {
		m, err := w.member(r, &r.Fields[i])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.Fields[i].Name, err)
		}
		out.Members = append(out.Members, *m)
	}
	return out, nil
}

func (w *writer) member(r *model.Record, f *model.Field) (*Member, error) {
	m := &Member{Name: f.Name}
	t := f.Type
	if a, ok := t.(model.Array); ok && (f.Record != nil || model.IsCallback(a.Elem)) {
		m.After, t = "["+strconv.FormatInt(a.Len, 10)+"]", a.Elem
	}
	if f.Record != nil {
		if _, ok := t.(model.Ref); !ok {
			return nil, ErrUnwritable
		}
		inner, err := w.body(f.Record)
		m.Inner = inner
		return m, err
	}
	if model.IsCallback(t) {
		ptr, ok := t.(model.Pointer)
		if !ok {
			return nil, ErrUnwritable
		}
		fn := ptr.Elem.(model.Func)
		params := make([]model.Param, len(fn.Params))
		for i, p := range fn.Params {
			params[i] = model.Param{Type: p}
		}
		if p := w.a.Prototype(r.Name + "." + f.Name); p != nil {
			params = p.Params
		}
		var err error
		m.Func, err = w.function(fn.Result, params, fn.Variadic)
		return m, err
	}
	typ, after, err := w.spell(t, true)
	if err != nil {
		return nil, err
	}
	m.Type, m.After = typ, m.After+after
	if f.Bitfield {
		m.After = fmt.Sprintf(" : %d", f.BitSize)
	}
	return m, nil
}

func (w *writer) function(result model.Type, params []model.Param, variadic bool) (*Function, error) {
	typ, after, err := w.spell(result, false)
	if err != nil || after != "" {
		return nil, errors.Join(err, ErrUnwritable)
	}
	f := &Function{Result: typ, Variadic: variadic}
	for _, p := range params {
		t := p.Type
		if a, ok := t.(model.Array); ok {
			t = model.Pointer{Elem: a.Elem}
		}
		typ, after, err := w.spell(t, false)
		if err != nil || after != "" {
			return nil, errors.Join(err, ErrUnwritable)
		}
		f.Params = append(f.Params, Param{typ, p.Name})
	}
	return f, nil
}

// spell writes a type: what stands before the name and what behind it. What a
// value holds must be defined, what a pointer points to only declared.
func (w *writer) spell(t model.Type, value bool) (typ, after string, err error) {
	switch x := t.(type) {
	case model.Int:
		if x.Char && x.Bits == 8 {
			return "char", "", nil
		}
		if x.Bits > 64 || x.Bits&(x.Bits-1) != 0 || x.Bits < 8 {
			return "", "", ErrUnwritable
		}
		u := "u"
		if x.Signed {
			u = ""
		}
		return fmt.Sprintf("%sint%d_t", u, x.Bits), "", nil
	case model.Bool:
		return "_Bool", "", nil
	case model.Float:
		if name, ok := map[int]string{32: "float", 64: "double"}[x.Bits]; ok {
			return name, "", nil
		}
	case model.Void:
		return "void", "", nil
	case model.Ref:
		return w.ref(x, value)
	case model.Pointer:
		if f, ok := x.Elem.(model.Func); ok {
			return w.pointerToFunction(f)
		}
		typ, after, err = w.spell(x.Elem, false)
		if err == nil && after != "" {
			err = ErrUnwritable
		}
		if strings.HasSuffix(typ, "*") {
			return typ + "*", "", err
		}
		return typ + " *", "", err
	case model.Array:
		typ, after, err = w.spell(x.Elem, value)
		return typ, "[" + strconv.FormatInt(x.Len, 10) + "]" + after, err
	case model.Qualified:
		typ, after, err = w.spell(x.Elem, value)
		q := ""
		if x.Const {
			q += "const "
		}
		if x.Volatile {
			q += "volatile "
		}
		if strings.HasSuffix(typ, "*") {
			return typ + " " + strings.TrimSpace(q), after, err
		}
		return q + typ, after, err
	}
	return "", "", ErrUnwritable
}

func (w *writer) ref(x model.Ref, value bool) (string, string, error) {
	if x.Name == "" {
		return "", "", ErrUnwritable
	}
	if x.Kind == model.RefEnum {
		e := w.a.Enum(x.Name)
		if e == nil || e.Typedef {
			return "", "", ErrUnwritable
		}
		w.enum(e)
		return x.String(), "", nil
	}
	r := w.a.Record(x.Name)
	if r != nil && r.Typedef {
		return "", "", ErrUnwritable
	}
	if !value {
		w.forward[x.String()] = true
		return x.String(), "", nil
	}
	if r == nil {
		return "", "", ErrUnwritable
	}
	return x.String(), "", w.record(r, true)
}

// pointerToFunction gives the type a name, for parameters.
func (w *writer) pointerToFunction(f model.Func) (string, string, error) {
	params := make([]model.Param, len(f.Params))
	for i, p := range f.Params {
		params[i] = model.Param{Type: p}
	}
	fn, err := w.function(f.Result, params, f.Variadic)
	if err != nil {
		return "", "", err
	}
	name := fmt.Sprintf("function_%d", len(w.h.Typedefs))
	w.h.Typedefs = append(w.h.Typedefs, fmt.Sprintf("typedef %s (*%s)(%s);", fn.Result, name, paramsText(fn)))
	return name, "", nil
}

func paramsText(f *Function) string { return params(f, plain) }
