// SPDX-License-Identifier: MIT

package mutants

import (
	"fmt"
	"slices"
	"strings"
)

// Header is a set of C declarations.
type Header struct {
	// Forward lists types that are only named: "struct inode".
	Forward []string
	// Typedefs are whole declarations of function pointers in parameters.
	Typedefs  []string
	Constants []Constant
	Enums     []Enum
	// Records stand behind those they embed.
	Records   []Record
	Functions []Function
}

// Constant is a macro with a value.
type Constant struct {
	Name, Expr string
	// Params makes it a function-like macro.
	Params string
}

// Enum is an enum with a tag.
type Enum struct {
	Name   string
	Values []Enumerator
	// After follows the closing brace, such as an attribute.
	After string
	// Typedef names it by a typedef instead of a tag.
	Typedef bool
}

// Enumerator has an expression for its number, or none.
type Enumerator struct{ Name, Expr string }

// Record is a struct or union. One without a name is a member's type.
type Record struct {
	Kind, Name string
	Typedef    bool
	// After follows the closing brace, such as an attribute.
	After   string
	Members []Member
	// Context tells that the record is there for others: it is not edited.
	Context bool
}

// Member is a member of a record: of a type by name, a callback or a record
// without a name.
type Member struct {
	Type, Name string
	// After is what of the declarator follows the name: "[16]", " : 3".
	After string
	Func  *Function
	Inner *Record
}

// Function is a callback or, in a header, a function.
type Function struct {
	Name, Result string
	Params       []Param
	Variadic     bool
	// Kfunc adds __ksym.
	Kfunc bool
}

// Param is a parameter.
type Param struct{ Type, Name string }

// Ops reports whether the record has callbacks.
func (r *Record) Ops() bool {
	return slices.ContainsFunc(r.Members, func(m Member) bool { return m.Func != nil || m.Inner != nil && m.Inner.Ops() })
}

func (m *Member) bits() bool { return strings.HasPrefix(m.After, " :") }

// clone copies the header as far as an edit may reach.
func (h *Header) clone() *Header {
	c := *h
	c.Forward = slices.Clone(h.Forward)
	c.Constants = slices.Clone(h.Constants)
	c.Enums = slices.Clone(h.Enums)
	for i := range c.Enums {
		c.Enums[i].Values = slices.Clone(c.Enums[i].Values)
	}
	c.Records = slices.Clone(h.Records)
	for i := range c.Records {
		c.Records[i].Members = cloneMembers(c.Records[i].Members)
	}
	c.Functions = slices.Clone(h.Functions)
	for i := range c.Functions {
		c.Functions[i].Params = slices.Clone(c.Functions[i].Params)
	}
	return &c
}

func cloneMembers(ms []Member) []Member {
	ms = slices.Clone(ms)
	for i := range ms {
		if f := ms[i].Func; f != nil {
			g := *f
			g.Params = slices.Clone(f.Params)
			ms[i].Func = &g
		}
		if r := ms[i].Inner; r != nil {
			s := *r
			s.Members = cloneMembers(r.Members)
			ms[i].Inner = &s
		}
	}
	return ms
}

// String prints the header as C, without attributes that only a kernel header
// has.
func (h *Header) String() string { return h.print(plain) }

// style is how declarations are written; it never changes what they mean.
type style struct {
	// comment stands in front of each declaration, trailing behind each member.
	comment, trailing string
	// indent and newline lay the text out.
	indent, newline string
	// spell replaces the names of integer types.
	spell map[string]string
	// unnamed leaves the names of parameters out.
	unnamed bool
}

var plain = style{indent: "\t", newline: "\n"}

func (s style) typ(t string) string {
	if s.spell == nil {
		return t
	}
	words := strings.Split(t, " ")
	for i, w := range words {
		if to, ok := s.spell[w]; ok {
			words[i] = to
		}
	}
	return strings.Join(words, " ")
}

func (h *Header) print(s style) string {
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(s.comment)
		fmt.Fprintf(&b, format, args...)
		b.WriteString("\n")
	}
	for _, f := range h.Forward {
		line("%s;", f)
	}
	for _, c := range h.Constants {
		fmt.Fprintf(&b, "#define %s%s %s%s\n", c.Name, c.Params, c.Expr, s.trailing)
	}
	for _, e := range h.Enums {
		var t strings.Builder
		for _, v := range e.Values {
			t.WriteString(s.indent + v.Name)
			if v.Expr != "" {
				t.WriteString(" = " + v.Expr)
			}
			t.WriteString("," + s.trailing + s.newline)
		}
		if e.Typedef {
			line("typedef enum {%s%s}%s %s;", s.newline, t.String(), e.After, e.Name)
			continue
		}
		line("enum %s {%s%s}%s;", e.Name, s.newline, t.String(), e.After)
	}
	for _, t := range h.Typedefs {
		line("%s", t)
	}
	for i := range h.Records {
		r := &h.Records[i]
		if r.Typedef {
			line("typedef %s %s;", h.body(r, s), r.Name)
			continue
		}
		line("%s;", h.body(r, s))
	}
	for i := range h.Functions {
		f := &h.Functions[i]
		ksym := ""
		if f.Kfunc {
			ksym = " __ksym"
		}
		line("%s %s(%s)%s;", s.typ(f.Result), f.Name, params(f, s), ksym)
	}
	return b.String()
}

// body prints a record without the semicolon behind it.
func (h *Header) body(r *Record, s style) string {
	var b strings.Builder
	b.WriteString(r.Kind)
	if r.Name != "" && !r.Typedef {
		b.WriteString(" " + r.Name)
	}
	b.WriteString(" {" + s.newline)
	for i := range r.Members {
		m := &r.Members[i]
		b.WriteString(s.indent)
		switch {
		case m.Func != nil:
			fmt.Fprintf(&b, "%s (*%s%s)(%s)", s.typ(m.Func.Result), m.Name, m.After, params(m.Func, s))
		case m.Inner != nil:
			b.WriteString(h.body(m.Inner, s))
			if m.Name != "" {
				b.WriteString(" " + m.Name)
			}
			b.WriteString(m.After)
		default:
			b.WriteString(s.typ(m.Type) + " " + m.Name + m.After)
		}
		b.WriteString(";" + s.trailing + s.newline)
	}
	b.WriteString("}" + r.After)
	return b.String()
}

func params(f *Function, s style) string {
	var ps []string
	for _, p := range f.Params {
		if s.unnamed {
			ps = append(ps, s.typ(p.Type))
			continue
		}
		ps = append(ps, strings.TrimSpace(s.typ(p.Type)+" "+p.Name))
	}
	if f.Variadic {
		ps = append(ps, "...")
	}
	if len(ps) == 0 {
		return "void"
	}
	return strings.Join(ps, ", ")
}

// retag replaces a tag, "struct x", wherever a type names it.
func (h *Header) retag(from, to string) {
	replace := func(s *string) { *s = strings.TrimSpace(strings.ReplaceAll(*s+" ", from+" ", to+" ")) }
	function := func(f *Function) {
		replace(&f.Result)
		for i := range f.Params {
			replace(&f.Params[i].Type)
		}
	}
	var members func(ms []Member)
	members = func(ms []Member) {
		for i := range ms {
			replace(&ms[i].Type)
			if ms[i].Func != nil {
				function(ms[i].Func)
			}
			if ms[i].Inner != nil {
				members(ms[i].Inner.Members)
			}
		}
	}
	for i := range h.Records {
		members(h.Records[i].Members)
	}
	for i := range h.Functions {
		function(&h.Functions[i])
	}
}
