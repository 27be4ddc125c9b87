// SPDX-License-Identifier: MIT

package vet

import "github.com/fuseiomap/abigen/gen/model"

// index finds the declarations of a model by name. A kernel has tens of
// thousands, and each comparison needs a few.
type index struct {
	abi     *model.ABI
	records map[model.Ref]*model.Record
	enums   map[string]*model.Enum
}

func newIndex(a *model.ABI) *index {
	x := &index{abi: a, records: make(map[model.Ref]*model.Record, len(a.Records)), enums: make(map[string]*model.Enum, len(a.Enums))}
	for _, r := range a.Records {
		if _, taken := x.records[r.Ref()]; !taken && r.Name != "" {
			x.records[r.Ref()] = r
		}
	}
	for _, e := range a.Enums {
		if _, taken := x.enums[e.Name]; !taken && e.Name != "" {
			x.enums[e.Name] = e
		}
	}
	return x
}

// indexOf returns the index of a model, which is made once for a run.
func (k *checker) indexOf(a *model.ABI) *index {
	x := k.indexes[a]
	if x == nil {
		x = newIndex(a)
		if k.indexes == nil {
			k.indexes = map[*model.ABI]*index{}
		}
		k.indexes[a] = x
	}
	return x
}

// record returns the struct or union of that name, or nil.
func (x *index) record(name string) *model.Record {
	for _, kind := range []model.RefKind{model.RefStruct, model.RefUnion} {
		if r := x.records[model.Ref{Kind: kind, Name: name}]; r != nil {
			return r
		}
	}
	return nil
}

// part returns the model with a record alone and what it holds by value.
func (x *index) part(r *model.Record) *model.ABI {
	out := *x.abi
	out.Records, out.Enums, out.Constants, out.Prototypes, out.Skipped = nil, nil, nil, nil, nil
	seen := map[model.Ref]bool{r.Ref(): true}
	var visit func(r *model.Record)
	visit = func(r *model.Record) {
		for i := range r.Fields {
			f := &r.Fields[i]
			if f.Record != nil {
				visit(f.Record)
			}
			ref, ok := element(f.Type).(model.Ref)
			if !ok || ref.Name == "" || seen[ref] {
				continue
			}
			seen[ref] = true
			if e := x.enums[ref.Name]; ref.Kind == model.RefEnum && e != nil {
				out.Enums = append(out.Enums, e)
			}
			if inner := x.records[ref]; inner != nil {
				out.Records = append(out.Records, inner)
				visit(inner)
			}
		}
	}
	visit(r)
	out.Records = append(out.Records, r)
	return &out
}
