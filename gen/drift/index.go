// SPDX-License-Identifier: MIT

package drift

import (
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// index finds the declarations of one side by name. BTF can hold several
// records of one name, so names lead to lists.
type index struct {
	abi     *model.ABI
	records map[string][]*model.Record
	// The essential maps are keyed by names without a CO-RE flavour.
	essentialRecords   map[string][]*model.Record
	enums              map[string][]*model.Enum
	essentialEnums     map[string][]*model.Enum
	constants          map[string]*model.Constant
	functions          map[string]*model.Prototype
	essentialFunctions map[string]*model.Prototype
	callbacks          map[string]*model.Prototype
	enumerators        map[string]*model.Enumerator
	enumsWith          map[string][]*model.Enum
	// skips is what the side could not express, by name.
	skips map[string]model.Skipped
	// mentions is filled on first use, see [index.mentioned].
	mentions map[string]bool
}

func newIndex(a *model.ABI) *index {
	x := &index{
		abi:                a,
		records:            map[string][]*model.Record{},
		essentialRecords:   map[string][]*model.Record{},
		enums:              map[string][]*model.Enum{},
		essentialEnums:     map[string][]*model.Enum{},
		constants:          map[string]*model.Constant{},
		functions:          map[string]*model.Prototype{},
		essentialFunctions: map[string]*model.Prototype{},
		callbacks:          map[string]*model.Prototype{},
		enumerators:        map[string]*model.Enumerator{},
		enumsWith:          map[string][]*model.Enum{},
	}
	if len(a.Skipped) > 0 {
		x.skips = make(map[string]model.Skipped, len(a.Skipped))
	}
	for _, s := range a.Skipped {
		if _, ok := x.skips[s.Name]; !ok {
			x.skips[s.Name] = s
		}
	}
	for _, r := range a.Records {
		x.records[r.Name] = append(x.records[r.Name], r)
		x.essentialRecords[essential(r.Name)] = append(x.essentialRecords[essential(r.Name)], r)
	}
	for _, e := range a.Enums {
		if e.Name != "" {
			x.enums[e.Name] = append(x.enums[e.Name], e)
			x.essentialEnums[essential(e.Name)] = append(x.essentialEnums[essential(e.Name)], e)
		}
		for i := range e.Values {
			v := &e.Values[i]
			if x.enumerators[v.Name] == nil {
				x.enumerators[v.Name] = v
			}
			x.enumsWith[v.Name] = append(x.enumsWith[v.Name], e)
		}
	}
	for _, k := range a.Constants {
		if x.constants[k.Name] == nil {
			x.constants[k.Name] = k
		}
	}
	for _, p := range a.Prototypes {
		if p.Role == model.Callback {
			x.callbacks[p.Name] = p
			continue
		}
		if x.functions[p.Name] == nil {
			x.functions[p.Name] = p
		}
		if n := essential(p.Name); x.essentialFunctions[n] == nil {
			x.essentialFunctions[n] = p
		}
	}
	return x
}

// essential strips a CO-RE flavour, "___" and what follows, from a name. As in
// libbpf, the underscores must stand between other characters.
func essential(name string) string {
	for i := len(name) - 4; i > 0; i-- {
		if name[i-1] != '_' && strings.HasPrefix(name[i:], "___") && name[i+3] != '_' {
			return name[:i]
		}
	}
	return name
}

// record returns the record a name refers to, flavour or not, or nil.
func (x *index) record(name string) *model.Record {
	if rs := x.records[name]; len(rs) > 0 {
		return rs[0]
	}
	if rs := x.essentialRecords[essential(name)]; len(rs) > 0 {
		return rs[0]
	}
	return nil
}

// enum returns the enum a name refers to, flavour or not, or nil.
func (x *index) enum(name string) *model.Enum {
	if es := x.enums[name]; len(es) > 0 {
		return es[0]
	}
	if es := x.essentialEnums[essential(name)]; len(es) > 0 {
		return es[0]
	}
	return nil
}

// function returns the kfunc or function of a name, flavour or not, or nil.
func (x *index) function(name string) *model.Prototype {
	if p := x.functions[name]; p != nil {
		return p
	}
	return x.essentialFunctions[essential(name)]
}

// mentioned reports whether any member or prototype refers to a record of the
// name, defined or not. Names are compared without flavours.
func (x *index) mentioned(name string) bool {
	if x.mentions == nil {
		x.mentions = map[string]bool{}
		add := func(r model.Ref) { x.mentions[essential(r.Name)] = true }
		for _, r := range x.abi.Records {
			eachField(r, 0, func(f *model.Field) { eachRef(f.Type, 0, add) })
		}
		for _, p := range x.abi.Prototypes {
			eachRef(p.ResultType, 0, add)
			for i := range p.Params {
				eachRef(p.Params[i].Type, 0, add)
			}
		}
	}
	return x.mentions[essential(name)]
}

// reach collects the names of records and enums, without flavours, and of what
// those embed by value.
type reach struct {
	x    *index
	seen map[string]bool
}

func (r *reach) visit(ref model.Ref) {
	name := essential(ref.Name)
	if name == "" || r.seen[name] {
		return
	}
	r.seen[name] = true
	if rec := r.x.record(ref.Name); rec != nil {
		eachField(rec, 0, func(f *model.Field) { eachValueRef(f.Type, 0, r.visit) })
	}
}

// ops adds a struct_ops type, what its callbacks pass and what it embeds. What
// a kernel's embeds may be its private tail.
func (r *reach) ops(rec *model.Record) {
	r.seen[essential(rec.Name)] = true
	eachField(rec, 0, func(f *model.Field) {
		if model.IsCallback(f.Type) {
			eachRef(f.Type, 0, r.visit)
		} else if r.x.abi.Side != model.SideKernel {
			eachValueRef(f.Type, 0, r.visit)
		}
	})
}

// function adds what a function passes.
func (r *reach) function(p *model.Prototype) {
	eachRef(p.ResultType, 0, r.visit)
	for i := range p.Params {
		eachRef(p.Params[i].Type, 0, r.visit)
	}
}

// border returns the names of the records and enums that cross the border
// between program and kernel: struct_ops types, what their callbacks and the
// functions pass, and what those embed by value. But leaves some out.
func (x *index) border(but func(name string) bool, functions func(*model.Prototype) bool) map[string]bool {
	r := &reach{x, map[string]bool{}}
	for _, rec := range x.abi.Records {
		if rec.IsOps() && !but(rec.Name) {
			r.ops(rec)
		}
	}
	for _, p := range x.abi.Prototypes {
		if p.Role != model.Callback && !but(p.Name) && functions(p) {
			r.function(p)
		}
	}
	return r.seen
}

// wrapper reports whether r is the type of a struct_ops map's value, which the
// kernel makes for each type it registers. It says nothing that
// [model.Record.Registered] does not.
func (x *index) wrapper(r *model.Record) bool {
	name, ok := strings.CutPrefix(r.Name, "bpf_struct_ops_")
	return ok && x.records[name] != nil && x.records[name][0].IsOps()
}

// maxDepth bounds every descent into a model, so that one that contains itself
// ends in a coarse answer instead of a deep stack.
const maxDepth = 64

// eachField calls f for every member of r and of the anonymous records in it.
func eachField(r *model.Record, depth int, f func(*model.Field)) {
	if r == nil || depth > maxDepth {
		return
	}
	for i := range r.Fields {
		f(&r.Fields[i])
		eachField(r.Fields[i].Record, depth+1, f)
	}
}

// eachRef calls f for every record or enum that t names, by value or not.
func eachRef(t model.Type, depth int, f func(model.Ref)) {
	if depth > maxDepth {
		return
	}
	switch x := t.(type) {
	case model.Pointer:
		eachRef(x.Elem, depth+1, f)
	case model.Func:
		eachRef(x.Result, depth+1, f)
		for _, p := range x.Params {
			eachRef(p, depth+1, f)
		}
	default:
		if e := element(t); e != nil {
			eachRef(e, depth+1, f)
		} else if r, ok := t.(model.Ref); ok {
			f(r)
		}
	}
}

// eachValueRef calls f for every record or enum that t holds by value.
func eachValueRef(t model.Type, depth int, f func(model.Ref)) {
	if depth > maxDepth {
		return
	}
	if e := element(t); e != nil {
		eachValueRef(e, depth+1, f)
	} else if r, ok := t.(model.Ref); ok {
		f(r)
	}
}

// element returns what an array, vector or qualified type is made of, or nil.
func element(t model.Type) model.Type {
	switch x := t.(type) {
	case model.Array:
		return x.Elem
	case model.Vector:
		return x.Elem
	case model.Qualified:
		return x.Elem
	}
	return nil
}
