// SPDX-License-Identifier: MIT

package drift_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/model"
)

// view is how a test looks at a header: as the header it is, or as what
// another kind of source would know of the same declarations.
type view struct {
	side       model.Side
	target     string
	registered []string
	guards     []string
	signed     []string
	// relocated are the members, "record.member", that a program reads by CO-RE.
	relocated []string
}

// viewOf reads the options that begin with prefix, such as "same-" and "old".
func viewOf(options map[string]string, prefix, which string) view {
	get := func(key string) string { return options[prefix+key] }
	v := view{side: model.Side(get(which)), target: get("target-" + which)}
	if v.side == "" {
		v.side = model.SideContract
	}
	if v.target == "" {
		v.target = "bpfel"
	}
	if which == "new" {
		v.registered = strings.Fields(get("registered"))
		v.signed = strings.Fields(get("signed-new"))
	} else {
		v.registered = strings.Fields(get("old-registered"))
		v.guards = strings.Fields(get("guards"))
		v.relocated = strings.Fields(get("relocated"))
	}
	return v
}

// parse reads a header and looks at it from the view's side.
func (v view) parse(t testing.TB, name, text string) *model.ABI {
	t.Helper()
	target, err := model.TargetByName(v.target)
	if err != nil {
		t.Fatal(err)
	}
	a, err := cheader.Parse(name, []byte(text), cheader.Options{Target: target})
	if err != nil {
		t.Fatalf("%v", err)
	}
	for _, name := range v.signed {
		if e := a.Enum(name); e != nil {
			e.Signed = true
		}
	}
	for _, path := range v.relocated {
		record, member, _ := strings.Cut(path, ".")
		f := a.Record(record).Field(member)
		f.Relocated = true
	}
	switch v.side {
	case model.SideKernel, model.SideProgram:
		asBTF(a, v)
	case model.SideGo:
		asGo(a)
	}
	return a
}

// asBTF takes away what BTF does not know.
func asBTF(a *model.ABI, v view) {
	a.Side = v.side
	a.Source = "btf:kernel"
	a.Attests = []model.Evidence{model.Records, model.Pointees, model.Enums, model.Prototypes, model.Kfuncs}
	if v.side == model.SideKernel {
		a.Attests = append(a.Attests, model.Registration)
	} else {
		a.Source = "elf:program.o"
	}
	a.Guards = v.guards
	a.Constants, a.Skipped = nil, nil
	for _, r := range a.Records {
		plain(r)
		r.Registered = slices.Contains(v.registered, r.Name)
	}
	for _, e := range a.Enums {
		e.Pos, e.Doc = model.Pos{}, ""
		for i := range e.Values {
			e.Values[i].Pos, e.Values[i].Doc = model.Pos{}, ""
		}
	}
	for _, p := range a.Prototypes {
		p.Pos, p.Doc = model.Pos{}, ""
		if p.Role == model.Callback {
			for i := range p.Params {
				p.Params[i].Name = ""
			}
		}
	}
}

func plain(r *model.Record) {
	r.Align, r.Packed, r.Pos, r.Doc = 0, false, model.Pos{}, ""
	for i := range r.Fields {
		f := &r.Fields[i]
		f.Pos, f.Doc = model.Pos{}, ""
		if f.Record != nil {
			plain(f.Record)
		}
	}
}

// asGo turns a header into what Go code for it says.
func asGo(a *model.ABI) {
	a.Side = model.SideGo
	a.Source = "go:example.org/abi"
	a.Attests = []model.Evidence{model.Records, model.Alignment, model.Enums, model.Constants, model.Docs}
	a.Prototypes, a.Skipped = nil, nil
	for _, c := range a.Constants {
		c.Type = ""
	}
	for _, r := range a.Records {
		for i := range r.Fields {
			f := &r.Fields[i]
			switch x := f.Type.(type) {
			case model.Pointer:
				f.Type = model.Int{Bits: int(f.BitSize)}
			case model.Array:
				if i, ok := x.Elem.(model.Int); ok && i.Char {
					f.Type = model.Array{Len: x.Len, Elem: model.Int{Bits: 8}}
				}
			}
		}
	}
}
