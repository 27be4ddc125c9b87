// SPDX-License-Identifier: MIT

package model

// Select returns the part of a whose names keep accepts, and the records and
// enums those embed by value, in the order of a. What is only pointed to is
// not followed: a kernel record would pull in half the kernel. A callback stays
// with its record. What was skipped stays when its name is kept.
func (a *ABI) Select(keep func(name string) bool) *ABI {
	want := map[Ref]bool{}
	var visitType func(Type)
	visitRecord := func(r *Record) {}
	byRef := make(map[Ref][]*Record, len(a.Records))
	for _, r := range a.Records {
		byRef[r.Ref()] = append(byRef[r.Ref()], r)
	}
	visit := func(ref Ref) {
		if ref.Name == "" || want[ref] {
			return
		}
		want[ref] = true
		for _, r := range byRef[ref] {
			visitRecord(r)
		}
	}
	visitType = func(t Type) {
		switch x := t.(type) {
		case Ref:
			visit(x)
		case Array:
			visitType(x.Elem)
		case Vector:
			visitType(x.Elem)
		case Qualified:
			visitType(x.Elem)
		}
	}
	visitRecord = func(r *Record) {
		for i := range r.Fields {
			if r.Fields[i].Record != nil {
				visitRecord(r.Fields[i].Record)
			}
			visitType(r.Fields[i].Type)
		}
	}
	for _, r := range a.Records {
		if keep(r.Name) {
			visit(r.Ref())
		}
	}
	for _, e := range a.Enums {
		if e.Name == "" {
			continue
		}
		if keep(e.Name) {
			visit(e.Ref())
		}
	}

	out := *a
	out.Records, out.Enums, out.Constants, out.Prototypes, out.Skipped = nil, nil, nil, nil, nil
	kept := map[string]bool{}
	for _, r := range a.Records {
		if want[r.Ref()] {
			out.Records = append(out.Records, r)
			keepMembers(r, r.Name, kept)
		}
	}
	for _, e := range a.Enums {
		if want[e.Ref()] && e.Name != "" || e.Name == "" && keepsEnumerator(e, keep) {
			out.Enums = append(out.Enums, e)
		}
	}
	for _, c := range a.Constants {
		if keep(c.Name) {
			out.Constants = append(out.Constants, c)
		}
	}
	for _, p := range a.Prototypes {
		if p.Role == Callback && kept[p.Name] || p.Role != Callback && keep(p.Name) {
			out.Prototypes = append(out.Prototypes, p)
		}
	}
	for _, s := range a.Skipped {
		if keep(s.Name) {
			out.Skipped = append(out.Skipped, s)
		}
	}
	return &out
}

// keepMembers adds the paths of the members of r, through anonymous records, as
// the names of callbacks spell them.
func keepMembers(r *Record, path string, kept map[string]bool) {
	for i := range r.Fields {
		f := &r.Fields[i]
		inner := path
		if f.Name != "" {
			inner = path + "." + f.Name
			kept[inner] = true
		}
		if f.Record != nil {
			keepMembers(f.Record, inner, kept)
		}
	}
}

func keepsEnumerator(e *Enum, keep func(string) bool) bool {
	for i := range e.Values {
		if keep(e.Values[i].Name) {
			return true
		}
	}
	return false
}

// Ref returns the type that names r.
func (r *Record) Ref() Ref { return Ref{Kind: RefKind(r.Kind), Name: r.Name} }

// Ref returns the type that names e.
func (e *Enum) Ref() Ref { return Ref{Kind: RefEnum, Name: e.Name} }
