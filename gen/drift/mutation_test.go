// SPDX-License-Identifier: MIT

package drift_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
)

// A description is a header as a test sees it: enough to print it as C, and to
// edit one thing at a time.
type description struct {
	records   []described
	enums     []list
	constants []variable
	functions []function
}

type described struct {
	name   string
	kind   string
	packed bool
	fields []variable
	// callbacks come first in a struct_ops type.
	callbacks []function
}

// variable is a member, a parameter or, with typ as its value, a constant. A
// declarator such as [16] or ":3" follows the name.
type variable struct{ typ, name, after string }

type list struct {
	name   string
	values []variable
}

type function struct {
	name, result string
	params       []variable
}

func (d description) clone() description {
	d.records = slices.Clone(d.records)
	for i := range d.records {
		r := &d.records[i]
		r.fields = slices.Clone(r.fields)
		r.callbacks = cloneFunctions(r.callbacks)
	}
	d.enums = slices.Clone(d.enums)
	for i := range d.enums {
		d.enums[i].values = slices.Clone(d.enums[i].values)
	}
	d.constants = slices.Clone(d.constants)
	d.functions = cloneFunctions(d.functions)
	return d
}

func cloneFunctions(fs []function) []function {
	fs = slices.Clone(fs)
	for i := range fs {
		fs[i].params = slices.Clone(fs[i].params)
	}
	return fs
}

func (d description) String() string {
	var b strings.Builder
	b.WriteString("struct inode;\nstruct file;\n")
	for _, c := range d.constants {
		fmt.Fprintf(&b, "#define %s %s\n", c.name, c.typ)
	}
	for _, e := range d.enums {
		fmt.Fprintf(&b, "enum %s {\n", e.name)
		for _, v := range e.values {
			fmt.Fprintf(&b, "\t%s%s,\n", v.name, v.after)
		}
		b.WriteString("};\n")
	}
	for _, r := range d.records {
		fmt.Fprintf(&b, "%s %s {\n", r.kind, r.name)
		for _, f := range r.callbacks {
			fmt.Fprintf(&b, "\t%s (*%s)(%s);\n", f.result, f.name, params(f))
		}
		for _, f := range r.fields {
			fmt.Fprintf(&b, "\t%s %s%s;\n", f.typ, f.name, f.after)
		}
		b.WriteString("}")
		if r.packed {
			b.WriteString(" __attribute__((packed))")
		}
		b.WriteString(";\n")
	}
	for _, f := range d.functions {
		fmt.Fprintf(&b, "%s %s(%s) __ksym;\n", f.result, f.name, params(f))
	}
	return b.String()
}

func params(f function) string {
	if len(f.params) == 0 {
		return "void"
	}
	var ps []string
	for _, p := range f.params {
		ps = append(ps, p.typ+" "+p.name)
	}
	return strings.Join(ps, ", ")
}

// contract resembles the header in shape: overlaid records of every width, one
// embedded in another, a union, bit-fields, a struct_ops type, kfuncs.
func contract() description {
	return description{
		constants: []variable{{"0", "TYPE_HOLE", ""}, {"2", "TYPE_MAPPED", ""}, {"(1U << 0)", "F_NEW", ""}, {"(1U << 1)", "F_DIRTY", ""},
			{"(-1ULL)", "NULL_ADDR", ""}},
		enums: []list{
			{"ret", []variable{{"", "FALLBACK", ""}, {"", "HANDLED", ""}, {"", "RETRY", ""}, {"", "GIVE_UP", ""}}},
			{"flag", []variable{{"", "FLAG_A", " = 1"}, {"", "FLAG_B", " = 2"}, {"", "FLAG_C", " = 4"}}}},
		records: []described{
			{name: "io", kind: "struct", fields: []variable{{"uint64_t", "offset", ""}, {"uint64_t", "length", ""}, {"uint64_t", "addr", ""},
				{"uint16_t", "type", ""}, {"uint16_t", "flags", ""}, {"uint32_t", "dev", ""}}},
			{name: "end", kind: "struct", fields: []variable{{"uint32_t", "opflags", ""}, {"uint32_t", "reserved", ""}, {"uint64_t", "attr_ino", ""},
				{"int64_t", "written", ""}, {"struct io", "map", ""}, {"int32_t", "error", ""}}},
			{name: "gaps", kind: "struct", fields: []variable{{"uint8_t", "kind", ""}, {"uint32_t", "size", ""}, {"uint16_t", "port", ""},
				{"uint64_t", "cookie", ""}, {"uint8_t", "tail", ""}}},
			{name: "mixed", kind: "struct", fields: []variable{{"uint32_t", "low", " : 3"}, {"uint32_t", "mid", " : 5"}, {"uint32_t", "high", " : 20"},
				{"uint16_t", "list", "[6]"}, {"struct inode *", "inode", ""}, {"char", "name", "[16]"}, {"enum ret", "ret", ""}}},
			{name: "value", kind: "union", fields: []variable{{"uint64_t", "number", ""}, {"int32_t", "code", ""}, {"uint8_t", "raw", "[8]"}}},
			{name: "ops", kind: "struct", callbacks: []function{
				{"begin", "enum ret", []variable{{"struct inode *", "fi", ""}, {"uint64_t", "pos", ""}, {"uint64_t", "count", ""}, {"uint32_t", "opflags", ""},
					{"struct io *", "out", ""}}},
				{"end", "enum ret", []variable{{"struct inode *", "fi", ""}, {"uint64_t", "pos", ""}, {"int64_t", "written", ""}, {"int", "error", ""}}},
			}, fields: []variable{{"int", "fuse_fd", ""}, {"unsigned int", "zeropad", ""}, {"char", "name", "[16]"}}},
		},
		functions: []function{
			{"inval", "int", []variable{{"struct inode *", "fi", ""}, {"const struct io *", "read", ""}, {"uint64_t", "pos", ""}}},
			{"nodeid", "uint64_t", []variable{{"const struct inode *", "fi", ""}}},
		},
	}
}

// mutant is one edit and what must be found: one finding, by one of the rules,
// about the subject.
type mutant struct {
	what    string
	d       description
	subject string
	rules   []string
	// silent lists the views that cannot show the edit.
	silent []model.Side
}

var (
	btfCannot  = []model.Side{model.SideKernel}
	wideOf     = map[string]string{"uint8_t": "uint16_t", "uint16_t": "uint32_t", "uint32_t": "uint64_t", "int32_t": "int64_t", "int": "int64_t", "unsigned int": "uint64_t"}
	narrowOf   = map[string]string{"uint16_t": "uint8_t", "uint32_t": "uint16_t", "uint64_t": "uint32_t", "int64_t": "int32_t", "int32_t": "int16_t", "int": "int16_t", "unsigned int": "uint16_t"}
	otherSign  = map[string]string{"uint8_t": "int8_t", "uint16_t": "int16_t", "uint32_t": "int32_t", "uint64_t": "int64_t", "int32_t": "uint32_t", "int64_t": "uint64_t", "int": "unsigned int", "unsigned int": "int"}
	newMembers = []string{"field.inserted", "field.padding", "field.appended"}
)

// mutants makes every single edit of a description.
func mutants(base description, fresh string) (ms []mutant) {
	add := func(what, subject string, edit func(*description), silent []model.Side, rules ...string) {
		d := base.clone()
		edit(&d)
		ms = append(ms, mutant{what + " " + subject, d, subject, rules, silent})
	}
	for i := range base.records {
		recordMutants(base, i, fresh, add)
	}
	for i, e := range base.enums {
		at := func(v int) string { return e.name + "." + e.values[v].name }
		implicit := e.values[0].after == ""
		for v := range e.values {
			add("rename enumerator", at(v), func(d *description) { d.enums[i].values[v].name = fresh }, nil, "enumerator.renamed")
			add("delete enumerator", at(v), func(d *description) { d.enums[i].values = slices.Delete(d.enums[i].values, v, v+1) }, nil, "enumerator.removed")
			add("renumber enumerator", at(v), func(d *description) { d.enums[i].values[v].after = " = 77" }, nil, "enumerator.renumbered")
			inserted := "enumerator.added"
			if implicit {
				inserted = "enumerator.inserted"
			}
			add(fmt.Sprintf("insert enumerator at %d", v), e.name+"."+fresh, func(d *description) {
				after := " = 99"
				if implicit {
					after = ""
				}
				d.enums[i].values = slices.Insert(d.enums[i].values, v, variable{"", fresh, after})
			}, nil, inserted)
		}
		add("append enumerator", e.name+"."+fresh, func(d *description) { d.enums[i].values = append(d.enums[i].values, variable{"", fresh, " = 99"}) },
			nil, "enumerator.added")
	}
	for i, c := range base.constants {
		add("rename constant", c.name, func(d *description) { d.constants[i].name = fresh }, btfCannot, "constant.renamed")
		add("delete constant", c.name, func(d *description) { d.constants = slices.Delete(d.constants, i, i+1) }, btfCannot, "constant.removed")
		add("change constant", c.name, func(d *description) { d.constants[i].typ = "(" + c.typ + " ^ 64)" }, btfCannot, "constant.value")
		wider := "(" + c.typ + " + 0LL)"
		if strings.Contains(c.typ, "ULL") {
			wider = "((__u128)-1 >> 64)"
		}
		add("retype constant", c.name, func(d *description) { d.constants[i].typ = wider }, btfCannot, "constant.type")
	}
	add("insert constant", fresh, func(d *description) { d.constants = append(d.constants, variable{"5", fresh, ""}) }, btfCannot, "constant.added")
	for i := range base.functions {
		functionMutants("kfunc", "", fresh, base.functions[i], func(d *description) *function { return &d.functions[i] }, add)
		add("delete function", base.functions[i].name, func(d *description) { d.functions = slices.Delete(d.functions, i, i+1) }, nil, "kfunc.removed")
	}
	return ms
}

type adder func(what, subject string, edit func(*description), silent []model.Side, rules ...string)

func recordMutants(base description, i int, fresh string, add adder) {
	r := base.records[i]
	ops := len(r.callbacks) > 0
	union := r.kind == "union"
	fields := func(d *description) *[]variable { return &d.records[i].fields }
	for f, v := range r.fields {
		at := r.name + "." + v.name
		bits := strings.HasPrefix(v.after, " :")
		removed := "field.removed"
		if union {
			removed = "union.member.removed"
		}
		add("rename member", at, func(d *description) { (*fields(d))[f].name = fresh }, nil, "field.renamed")
		add("delete member", at, func(d *description) { *fields(d) = slices.Delete(*fields(d), f, f+1) }, nil, removed)
		if w, ok := wideOf[v.typ]; ok && !bits {
			add("widen member", at, func(d *description) { (*fields(d))[f].typ = w }, nil, "field.size")
		}
		if n, ok := narrowOf[v.typ]; ok && !bits {
			add("narrow member", at, func(d *description) { (*fields(d))[f].typ = n }, nil, "field.size")
		}
		if s, ok := otherSign[v.typ]; ok && !bits {
			add("change sign of member", at, func(d *description) { (*fields(d))[f].typ = s }, nil, "field.sign")
		}
		if strings.HasPrefix(v.after, "[") {
			for _, length := range []string{"[1]", "[7]", "[64]"} {
				add("change length to "+length, at, func(d *description) { (*fields(d))[f].after = length }, nil, "field.array")
			}
		}
		if bits {
			for _, width := range []string{" : 1", " : 9", " : 30"} {
				add("change width to"+width, at, func(d *description) { (*fields(d))[f].after = width }, nil, "field.bits")
			}
		}
		if strings.HasSuffix(v.typ, "*") {
			add("change pointee", at, func(d *description) { (*fields(d))[f].typ = "struct file *" }, nil, "field.pointee")
			add("make pointee const", at, func(d *description) { (*fields(d))[f].typ = "const " + v.typ }, nil, "field.const")
		}
		if !bits {
			add("retype member", at, func(d *description) { (*fields(d))[f] = variable{"void *", v.name, ""} }, nil, "field.type", "field.pointee")
		}
		for g := f + 1; g < len(r.fields) && !union; g++ {
			add("swap with "+r.fields[g].name, at, func(d *description) {
				fs := *fields(d)
				fs[f], fs[g] = fs[g], fs[f]
			}, nil, "field.swapped")
		}
	}
	for f := 0; f <= len(r.fields); f++ {
		for _, typ := range []string{"uint8_t", "uint32_t", "uint64_t"} {
			rules := newMembers
			subject := r.name + "." + fresh
			if union {
				rules = []string{"union.member.added"}
			} else if ops && f == len(r.fields) {
				rules, subject = []string{"record.tail"}, r.name
			}
			var silent []model.Side
			if ops {
				silent = btfCannot
			}
			add(fmt.Sprintf("insert %s at %d as", typ, f), subject, func(d *description) {
				*fields(d) = slices.Insert(*fields(d), f, variable{typ, fresh, ""})
			}, silent, rules...)
		}
	}
	if len(r.fields) > 2 && !union && !ops {
		add("move to the end", r.name+"."+r.fields[0].name, func(d *description) {
			fs := *fields(d)
			*fields(d) = append(fs[1:len(fs):len(fs)], fs[0])
		}, nil, "field.moved")
	}
	other := map[string]string{"struct": "union", "union": "struct"}[r.kind]
	if !ops {
		add("make "+other, r.name, func(d *description) {
			d.records[i].kind = other
			replaceType(d, "struct "+r.name, other+" "+r.name)
		}, nil, "record.kind")
	}
	add("rename record", r.name, func(d *description) {
		d.records[i].name = fresh
		replaceType(d, "struct "+r.name, "struct "+fresh)
	}, nil, "record.renamed")
	if r.name == "gaps" {
		add("pack", r.name, func(d *description) { d.records[i].packed = true }, nil, "record.packing")
	}
	for f := range r.callbacks {
		functionMutants("callback", r.name+".", fresh, r.callbacks[f], func(d *description) *function { return &d.records[i].callbacks[f] }, add)
		at := r.name + "." + r.callbacks[f].name
		add("delete callback", at, func(d *description) { d.records[i].callbacks = slices.Delete(d.records[i].callbacks, f, f+1) }, nil, "callback.removed")
		add("rename callback", at, func(d *description) { d.records[i].callbacks[f].name = fresh }, nil, "field.renamed")
		add(fmt.Sprintf("insert callback at %d as", f), r.name+"."+fresh, func(d *description) {
			d.records[i].callbacks = slices.Insert(d.records[i].callbacks, f, function{fresh, "int", nil})
		}, btfCannot, "callback.added")
	}
}

// replaceType replaces a tag wherever the description uses it.
func replaceType(d *description, from, to string) {
	replace := func(s *string) { *s = strings.TrimSpace(strings.ReplaceAll(*s+" ", from+" ", to+" ")) }
	functions := func(fs []function) {
		for i := range fs {
			replace(&fs[i].result)
			for j := range fs[i].params {
				replace(&fs[i].params[j].typ)
			}
		}
	}
	for i := range d.records {
		for j := range d.records[i].fields {
			replace(&d.records[i].fields[j].typ)
		}
		functions(d.records[i].callbacks)
	}
	functions(d.functions)
}

func functionMutants(role, owner, fresh string, f function, of func(*description) *function, add adder) {
	subject := owner + f.name
	// A function's prototype has one rule, a callback's one for each part.
	rule := func(callback string) string {
		if role == "kfunc" && callback != "param.name" && callback != "pointee" && callback != "const" {
			return "kfunc.prototype"
		}
		return role + "." + callback
	}
	for p, v := range f.params {
		at := fmt.Sprintf("%s#%d", subject, p+1)
		names := btfCannot
		if role == "kfunc" {
			names = nil
		}
		add("rename parameter", at, func(d *description) { of(d).params[p].name = fresh }, names, rule("param.name"))
		add("delete parameter "+v.name, subject, func(d *description) { of(d).params = slices.Delete(of(d).params, p, p+1) }, nil, rule("param.count"))
		if w, ok := wideOf[v.typ]; ok {
			add("widen parameter", at, func(d *description) { of(d).params[p].typ = w }, nil, rule("param.type"))
		}
		if n, ok := narrowOf[v.typ]; ok {
			add("narrow parameter", at, func(d *description) { of(d).params[p].typ = n }, nil, rule("param.type"))
		}
		if s, ok := otherSign[v.typ]; ok {
			add("change sign of parameter", at, func(d *description) { of(d).params[p].typ = s }, nil, rule("param.type"))
			add("make a pointer of parameter", at, func(d *description) { of(d).params[p].typ = "void *" }, nil, rule("param.type"))
		}
		if strings.HasSuffix(v.typ, "*") {
			add("change pointee of parameter", at, func(d *description) { of(d).params[p].typ = "struct file *" }, nil, rule("pointee"))
			add("make an integer of parameter", at, func(d *description) { of(d).params[p].typ = "uint64_t" }, nil, rule("param.type"))
			toggled := strings.TrimPrefix("const "+v.typ, "const const ")
			add("change const of parameter", at, func(d *description) { of(d).params[p].typ = toggled }, nil, rule("const"))
		}
		for q := p + 1; q < len(f.params); q++ {
			var silent []model.Side
			if f.params[q].typ == v.typ && role == "callback" {
				silent = btfCannot
			}
			add("swap parameters "+v.name+" and "+f.params[q].name, subject, func(d *description) {
				ps := of(d).params
				ps[p], ps[q] = ps[q], ps[p]
			}, silent, rule("param.order"))
		}
	}
	for p := 0; p <= len(f.params); p++ {
		add(fmt.Sprintf("insert parameter at %d of", p), subject, func(d *description) {
			of(d).params = slices.Insert(of(d).params, p, variable{"uint32_t", fresh, ""})
		}, nil, rule("param.count"))
	}
	for _, result := range []string{"void", "uint8_t", "struct inode *", "int64_t"} {
		add("return "+result+" from", subject, func(d *description) { of(d).result = result }, nil, rule("result"))
	}
}

func TestEverySingleEditIsOneFinding(t *testing.T) {
	base := contract()
	ms := mutants(base, "fresh")
	if len(ms) < 400 {
		t.Fatalf("only %d mutants", len(ms))
	}
	header := view{side: model.SideContract, target: "bpfel"}
	kernel := view{side: model.SideKernel, registered: []string{"ops", "fresh"}}
	old := header.parse(t, "old.h", base.String())
	check := func(m mutant, now *model.ABI) {
		r := drift.Compare(old, now, drift.Options{})
		switch {
		case slices.Contains(m.silent, now.Side):
			if len(r.Findings) > 0 {
				t.Errorf("%s, as %s: this evidence cannot show it:\n%s", m.what, now.Side, render(r))
			}
		case len(r.Findings) != 1 || r.Findings[0].Subject != m.subject || !slices.Contains(m.rules, r.Findings[0].Rule):
			t.Errorf("%s, as %s: want exactly one of %v about %s:\n%s", m.what, now.Side, m.rules, m.subject, render(r))
		}
	}
	for _, m := range ms {
		now := header.parse(t, "new.h", m.d.String())
		check(m, now)
		asBTF(now, kernel)
		check(m, now)
	}
	t.Logf("%d mutants, each as header and as kernel", len(ms))
}

// Two edits must not hide each other completely: at least one of the two is
// found, the result is the same every time, and nothing panics.
func TestTwoEditsAreFoundAndReportedInOneOrder(t *testing.T) {
	const seed = 20260224
	r := rand.New(rand.NewPCG(seed, 2))
	base := contract()
	parse := view{side: model.SideContract, target: "bpfel"}.parse
	old := parse(t, "old.h", base.String())
	first := mutants(base, "fresh")
	for range 150 {
		a := first[r.IntN(len(first))]
		second := mutants(a.d, "second")
		b := second[r.IntN(len(second))]
		now := parse(t, "new.h", b.d.String())
		one := drift.Compare(old, now, drift.Options{})
		if len(one.Findings) == 0 && b.d.String() != base.String() {
			t.Errorf("seed %d: %s, then %s: nothing found", seed, a.what, b.what)
		}
		if again := drift.Compare(old, now, drift.Options{}); render(again) != render(one) {
			t.Errorf("seed %d: %s, then %s: two runs differ:\n%s\n%s", seed, a.what, b.what, render(one), render(again))
		}
		for i, f := range one.Findings {
			if i > 0 && f.Severity.Rank() > one.Findings[i-1].Severity.Rank() {
				t.Errorf("seed %d: %s, then %s: not sorted, worst first:\n%s", seed, a.what, b.what, render(one))
			}
		}
	}
}
