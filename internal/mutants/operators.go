// SPDX-License-Identifier: MIT

package mutants

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// fresh is the name of what an edit adds.
const fresh = "mutant"

var (
	wideOf = map[string]string{"uint8_t": "uint16_t", "uint16_t": "uint32_t", "uint32_t": "uint64_t", "int8_t": "int16_t", "int16_t": "int32_t",
		"int32_t": "int64_t", "float": "double"}
	narrowOf = map[string]string{"uint16_t": "uint8_t", "uint32_t": "uint16_t", "uint64_t": "uint32_t", "int64_t": "int32_t", "int32_t": "int16_t",
		"int16_t": "int8_t", "double": "float"}
	otherSign = map[string]string{"uint8_t": "int8_t", "uint16_t": "int16_t", "uint32_t": "int32_t", "uint64_t": "int64_t", "int8_t": "uint8_t",
		"int16_t": "uint16_t", "int32_t": "uint32_t", "int64_t": "uint64_t"}
)

// maker collects the mutants of a header.
type maker struct {
	base *Header
	out  []Mutant
}

// Mutants makes every single edit of the header that changes its ABI.
func (h *Header) Mutants() []Mutant {
	m := &maker{base: h}
	for i := range h.Records {
		if !h.Records[i].Context {
			m.record(i)
		}
	}
	for i := range h.Enums {
		m.enum(i)
	}
	for i := range h.Constants {
		m.constant(i)
	}
	if len(h.Constants) > 0 {
		m.add("insert constant", fresh, constants, func(h *Header) { h.Constants = append(h.Constants, Constant{Name: fresh, Expr: "5"}) })
	}
	for i := range h.Functions {
		m.function(i)
	}
	return m.out
}

// add makes a mutant. The operator is the key of the table, behind a colon may
// stand what else there is to say.
func (m *maker) add(operator, subject string, table map[string]expectation, edit func(*Header)) {
	name, detail, _ := strings.Cut(operator, ":")
	e, ok := table[name]
	if !ok {
		panic("no expectation for " + name)
	}
	h := m.base.clone()
	edit(h)
	m.out = append(m.out, Mutant{Operator: name, What: strings.TrimSpace(name + detail + " " + subject), Text: h.String(), Subject: subject,
		Header: e.header, BTF: e.btf, Edited: h})
}

func (m *maker) record(i int) {
	r := &m.base.Records[i]
	table := overlay
	if r.Ops() {
		table = loader
	}
	m.members(r.Name, r, table, r.Kind == "union", func(h *Header) *Record { return &h.Records[i] })
	if !r.Ops() {
		other := map[string]string{"struct": "union", "union": "struct"}[r.Kind]
		if len(r.Members) > 1 {
			m.add("change kind", r.Name, table, func(h *Header) {
				h.Records[i].Kind = other
				h.retag(r.Kind+" "+r.Name, other+" "+r.Name)
			})
		}
		if r.After == "" {
			m.add("align", r.Name, table, func(h *Header) { h.Records[i].After = " __attribute__((aligned(64)))" })
			m.add("pack", strings.Join(r.paths(r.Name), " "), table, func(h *Header) { h.Records[i].After = " __attribute__((packed))" })
		}
	}
	m.add("rename record", r.Name, table, func(h *Header) {
		h.Records[i].Name = fresh
		h.retag(r.Kind+" "+r.Name, r.Kind+" "+fresh)
	})
	if !r.Typedef && !m.base.mentions(r.Kind+" "+r.Name) {
		m.add("tag to typedef", r.Name, table, func(h *Header) { h.Records[i].Typedef = true })
	}
}

// paths lists the record and its members, as subjects: any of them may be the
// one that packing moved.
func (r *Record) paths(at string) []string {
	out := []string{at}
	for i := range r.Members {
		v := &r.Members[i]
		path := at
		if v.Name != "" {
			path = at + "." + v.Name
			out = append(out, path)
		}
		if v.Inner != nil {
			out = append(out, v.Inner.paths(path)...)
		}
	}
	return out
}

// mentions reports whether anything names the type.
func (h *Header) mentions(tag string) bool {
	return regexp.MustCompile(regexp.QuoteMeta(tag)+`\b`).FindAllStringIndex(h.String(), 2) != nil &&
		len(regexp.MustCompile(regexp.QuoteMeta(tag)+`\b`).FindAllStringIndex(h.String(), 2)) > 1
}

func (m *maker) members(path string, r *Record, table map[string]expectation, inUnion bool, at func(*Header) *Record) {
	choose := func(operator string) map[string]expectation {
		if _, ok := structInUnion[operator]; ok && inUnion && r.Kind == "struct" {
			return structInUnion
		}
		if _, ok := union[operator]; ok && inUnion {
			return union
		}
		return table
	}
	add := func(operator, subject string, edit func(r *Record)) {
		name, _, _ := strings.Cut(operator, ":")
		m.add(operator, subject, choose(name), func(h *Header) { edit(at(h)) })
	}
	named := 0
	for f := range r.Members {
		v := &r.Members[f]
		if v.Name == "" {
			// Padding bits, or members that belong to the record around them.
			if v.Inner != nil {
				m.members(path, v.Inner, table, inUnion || v.Inner.Kind == "union", func(h *Header) *Record { return at(h).Members[f].Inner })
			}
			continue
		}
		named++
		subject := path + "." + v.Name
		if v.Func != nil {
			m.callback(subject, r, f, table, at)
			continue
		}
		add("rename member", subject, func(r *Record) { r.Members[f].Name = fresh })
		if !only(r) {
			add("delete member", subject, func(r *Record) { r.Members = slices.Delete(r.Members, f, f+1) })
		}
		if v.Inner != nil {
			m.members(subject, v.Inner, table, v.Inner.Kind == "union", func(h *Header) *Record { return at(h).Members[f].Inner })
			continue
		}
		m.typeOf(subject, v, f, add)
	}
	m.order(path, r, inUnion, add)
	m.insertions(path, r, inUnion, table, add)
}

// only reports whether the record has a single member that counts: without it
// there is nothing left to find.
func only(r *Record) bool {
	n := 0
	for i := range r.Members {
		if r.Members[i].Name != "" || r.Members[i].Inner != nil {
			n++
		}
	}
	return n < 2
}

type addMember func(operator, subject string, edit func(r *Record))

// typeOf makes the edits of one member's type.
func (m *maker) typeOf(subject string, v *Member, f int, add addMember) {
	set := func(operator, typ string) { add(operator, subject, func(r *Record) { r.Members[f].Type = typ }) }
	array := strings.HasPrefix(v.After, "[")
	flexible := v.After == "[0]" || v.After == "[]"
	if v.bits() {
		width, _ := strconv.Atoi(strings.TrimPrefix(v.After, " : "))
		for _, w := range []int{width - 1, width + 1, width + 3} {
			if w > 0 && w <= 32 {
				add(fmt.Sprintf("change bits: to %d", w), subject, func(r *Record) { r.Members[f].After = fmt.Sprintf(" : %d", w) })
			}
		}
		return
	}
	if w, ok := wideOf[v.Type]; ok {
		set("widen member", w)
	}
	if n, ok := narrowOf[v.Type]; ok {
		set("narrow member", n)
	}
	if s, ok := otherSign[v.Type]; ok {
		set("change sign", s)
		if !array {
			add("make bits", subject, func(r *Record) { r.Members[f].After = " : 5" })
		}
	}
	switch {
	case array && !flexible:
		n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(v.After, "["), "]"))
		if err == nil {
			for _, to := range []int{n - 1, n + 1, 2*n + 1} {
				if to > 0 {
					add(fmt.Sprintf("change array: to %d", to), subject, func(r *Record) { r.Members[f].After = fmt.Sprintf("[%d]", to) })
				}
			}
		}
	case !array && v.After == "":
		add("make array", subject, func(r *Record) { r.Members[f].After = "[3]" })
	}
	if strings.HasSuffix(v.Type, "*") {
		// A forward declaration that no base has.
		set("change pointee", "struct "+fresh+"_target *")
		if !strings.HasPrefix(v.Type, "const ") {
			set("add const", "const "+v.Type)
		}
	} else if !array {
		set("make pointer", "void *")
	}
}

// order makes the edits of the order of members. In a union order means nothing.
func (m *maker) order(path string, r *Record, inUnion bool, add addMember) {
	if r.Kind == "union" {
		return
	}
	movable := func(v *Member) bool {
		return v.Name != "" && v.Func == nil && !v.bits() && v.After != "[0]" && v.After != "[]"
	}
	for f := range r.Members {
		if !movable(&r.Members[f]) {
			continue
		}
		for g := f + 1; g < len(r.Members); g++ {
			if !movable(&r.Members[g]) {
				continue
			}
			add("swap members: with "+r.Members[g].Name, path+"."+r.Members[f].Name+" "+path+"."+r.Members[g].Name, func(r *Record) {
				r.Members[f], r.Members[g] = r.Members[g], r.Members[f]
			})
		}
	}
	if n := len(r.Members); n > 2 && movable(&r.Members[0]) && movable(&r.Members[n-1]) {
		add("move to end", path+"."+r.Members[0].Name, func(r *Record) {
			r.Members = append(r.Members[1:len(r.Members):len(r.Members)], r.Members[0])
		})
	}
}

func (m *maker) insertions(path string, r *Record, inUnion bool, table map[string]expectation, add addMember) {
	for f := 0; f <= len(r.Members); f++ {
		// Between bit-fields a new one would be another matter, and behind a
		// flexible array nothing may stand.
		if f > 0 && (r.Members[f-1].bits() && f < len(r.Members) && r.Members[f].bits() || r.Members[f-1].After == "[0]" || r.Members[f-1].After == "[]") {
			continue
		}
		for _, typ := range []string{"uint8_t", "uint32_t", "uint64_t"} {
			subject := path + "." + fresh
			if r.Ops() && f == len(r.Members) {
				subject += " " + path
			}
			add(fmt.Sprintf("insert member: %s at %d", typ, f), subject, func(r *Record) {
				r.Members = slices.Insert(r.Members, f, Member{Type: typ, Name: fresh})
			})
		}
	}
}

func (m *maker) callback(subject string, r *Record, f int, table map[string]expectation, at func(*Header) *Record) {
	v := &r.Members[f]
	member := func(h *Header) *Member { return &at(h).Members[f] }
	m.add("rename callback", subject, table, func(h *Header) { member(h).Name = fresh })
	if !only(r) {
		m.add("delete callback", subject, table, func(h *Header) {
			r := at(h)
			r.Members = slices.Delete(r.Members, f, f+1)
		})
	}
	m.add("insert callback: before", subject[:strings.LastIndexByte(subject, '.')+1]+fresh+" "+subject, table, func(h *Header) {
		r := at(h)
		r.Members = slices.Insert(r.Members, f, Member{Name: fresh, Func: &Function{Result: "int"}})
	})
	m.add("callback to int", subject, table, func(h *Header) { *member(h) = Member{Name: v.Name, Type: "uint64_t"} })
	m.prototype(subject, v.Func, prototype, func(h *Header) *Function { return member(h).Func })
}

func (m *maker) function(i int) {
	f := &m.base.Functions[i]
	m.add("delete function", f.Name, kfunc, func(h *Header) { h.Functions = slices.Delete(h.Functions, i, i+1) })
	m.add("rename function", f.Name, kfunc, func(h *Header) { h.Functions[i].Name = fresh })
	m.prototype(f.Name, f, kfunc, func(h *Header) *Function { return &h.Functions[i] })
}

// prototype makes the edits of a callback's or function's prototype.
func (m *maker) prototype(subject string, f *Function, table map[string]expectation, of func(*Header) *Function) {
	add := func(operator, subject string, edit func(f *Function)) {
		m.add(operator, subject, table, func(h *Header) { edit(of(h)) })
	}
	for p, v := range f.Params {
		at := fmt.Sprintf("%s#%d", subject, p+1)
		set := func(operator, typ string) { add(operator, at, func(f *Function) { f.Params[p].Type = typ }) }
		if v.Name != "" {
			add("rename parameter", at, func(f *Function) { f.Params[p].Name = fresh })
		}
		add("delete parameter: "+v.Name, subject, func(f *Function) { f.Params = slices.Delete(f.Params, p, p+1) })
		if w, ok := wideOf[v.Type]; ok {
			set("widen parameter", w)
		}
		if n, ok := narrowOf[v.Type]; ok {
			set("narrow parameter", n)
		}
		if s, ok := otherSign[v.Type]; ok {
			set("sign of parameter", s)
			set("parameter to pointer", "void *")
		}
		if strings.HasSuffix(v.Type, "*") {
			set("parameter pointee", "struct "+fresh+"_target *")
			set("parameter to integer", "uint64_t")
			toggled, ok := strings.CutPrefix(v.Type, "const ")
			if !ok {
				toggled = "const " + v.Type
			}
			set("parameter const", toggled)
		}
		for q := p + 1; q < len(f.Params); q++ {
			if v.Name != "" && f.Params[q].Name != "" || v.Type != f.Params[q].Type {
				add(fmt.Sprintf("swap parameters: %d and %d of", p+1, q+1), subject, func(f *Function) {
					f.Params[p], f.Params[q] = f.Params[q], f.Params[p]
				})
			}
		}
	}
	for p := 0; p <= len(f.Params); p++ {
		add(fmt.Sprintf("insert parameter: at %d of", p), subject, func(f *Function) {
			f.Params = slices.Insert(f.Params, p, Param{"uint32_t", fresh})
		})
	}
	for _, result := range []string{"void", "uint8_t", "struct " + fresh + "_target *", "int64_t"} {
		pointers := strings.HasSuffix(f.Result, "*") && strings.HasSuffix(result, "*")
		if result != f.Result && !pointers {
			add("change result: to "+result+" of", subject, func(f *Function) { f.Result = result })
		}
	}
}

func (m *maker) enum(i int) {
	e := &m.base.Enums[i]
	values := func(h *Header) *[]Enumerator { return &h.Enums[i].Values }
	for v := range e.Values {
		subject := e.Name + "." + e.Values[v].Name
		m.add("rename enumerator", subject, enums, func(h *Header) { (*values(h))[v].Name = fresh })
		if len(e.Values) > 1 {
			m.add("delete enumerator", subject, enums, func(h *Header) { *values(h) = slices.Delete(*values(h), v, v+1) })
		}
		m.add("renumber", subject, enums, func(h *Header) { (*values(h))[v].Expr = "77" })
		m.add(fmt.Sprintf("insert enumerator: at %d", v), e.Name+"."+fresh, enums, func(h *Header) {
			expr := ""
			if e.Values[0].Expr != "" {
				expr = "99"
			}
			*values(h) = slices.Insert(*values(h), v, Enumerator{fresh, expr})
		})
	}
	m.add("append enumerator", e.Name+"."+fresh, enums, func(h *Header) { *values(h) = append(*values(h), Enumerator{fresh, "99"}) })
	m.add("widen enum", e.Name+" "+e.Name+"."+fresh, enums, func(h *Header) { *values(h) = append(*values(h), Enumerator{fresh, "0x100000000"}) })
	if e.After == "" {
		m.add("pack enum", e.Name, enums, func(h *Header) { h.Enums[i].After = " __attribute__((packed))" })
	}
	if !m.base.mentions("enum " + e.Name) {
		m.add("tag to typedef", e.Name, enums, func(h *Header) { h.Enums[i].Typedef = true })
	}
	m.add("rename enum", e.Name, enums, func(h *Header) {
		h.Enums[i].Name = fresh
		h.retag("enum "+e.Name, "enum "+fresh)
	})
}

func (m *maker) constant(i int) {
	c := m.base.Constants[i]
	set := func(operator string, edit func(c *Constant)) {
		m.add(operator, c.Name, constants, func(h *Header) { edit(&h.Constants[i]) })
	}
	set("rename constant", func(c *Constant) { c.Name = fresh })
	m.add("delete constant", c.Name, constants, func(h *Header) { h.Constants = slices.Delete(h.Constants, i, i+1) })
	for _, bit := range []string{"1", "64", "0x8000"} {
		set("change value: by bit "+bit, func(c *Constant) { c.Expr = "(" + c.Expr + " ^ " + bit + ")" })
	}
	set("retype constant", func(c *Constant) {
		switch {
		case strings.Contains(c.Expr, "ULL"):
			c.Expr = "((__u128)(" + c.Expr + "))"
			return
		case strings.Contains(c.Expr, "LL"):
			c.Expr = "(" + c.Expr + " + 0ULL)"
			return
		}
		c.Expr = "(" + c.Expr + " + 0LL)"
	})
	set("constant to macro", func(c *Constant) { c.Params = "(x)" })
}
