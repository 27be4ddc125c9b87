// SPDX-License-Identifier: MIT

package model_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
)

// names lists what a model holds, in order.
func names(a *model.ABI) string {
	var out []string
	for _, r := range a.Records {
		out = append(out, r.Name)
	}
	for _, e := range a.Enums {
		out = append(out, "enum:"+e.Name)
	}
	for _, c := range a.Constants {
		out = append(out, c.Name)
	}
	for _, p := range a.Prototypes {
		out = append(out, p.Name+"()")
	}
	for _, s := range a.Skipped {
		out = append(out, "skipped:"+s.Name)
	}
	return strings.Join(out, " ")
}

func TestSelectFollowsWhatIsEmbeddedNotWhatIsPointedTo(t *testing.T) {
	for _, c := range []struct{ keep, want string }{
		{"", ""},
		{"other_t", "fuse_iomap_io other_t enum:ret"},
		{"ops", "ops ops.begin()"},
		{"fuse_iomap_io", "fuse_iomap_io"},
		{"ret", "enum:ret"},
		{"MINUS", "enum:"},
		{"NULL_ADDR kick MACRO", "NULL_ADDR kick() skipped:MACRO"},
		{"ops.begin", ""},
	} {
		a := sample()
		wanted := strings.Fields(c.keep)
		got := a.Select(func(name string) bool { return slices.Contains(wanted, name) })
		if names(got) != c.want {
			t.Errorf("keeping %q: got %q, want %q", c.keep, names(got), c.want)
		}
		if names(a) != names(sample()) {
			t.Fatalf("keeping %q changed the model itself", c.keep)
		}
		if got.Source != a.Source || got.Target != a.Target || len(got.Attests) != len(a.Attests) || len(got.Guards) != 1 {
			t.Errorf("keeping %q lost what describes the source", c.keep)
		}
	}
}

func TestSelectOfEverythingIsTheModel(t *testing.T) {
	a := sample()
	if got := a.Select(func(string) bool { return true }); encode(t, got) != encode(t, a) {
		t.Error("something is missing or in another order")
	}
}

func TestSelectFollowsArraysQualifiersAndAnonymousRecords(t *testing.T) {
	ref := func(name string) model.Ref { return model.Ref{Kind: model.RefStruct, Name: name} }
	record := func(name string, types ...model.Type) *model.Record {
		r := &model.Record{Kind: model.Struct, Name: name}
		for _, typ := range types {
			r.Fields = append(r.Fields, model.Field{Name: "f", Type: typ})
		}
		return r
	}
	outer := record("outer", model.Array{Len: 2, Elem: constOf(ref("a"))}, model.Vector{Len: 2, Elem: ref("b")})
	outer.Fields = append(outer.Fields, model.Field{Type: ref(""), Record: record("", ref("c"))})
	a := &model.ABI{Records: []*model.Record{outer, record("a", ref("d")), record("b"), record("c"), record("d", ref("outer")), record("e")}}
	got := a.Select(func(name string) bool { return name == "outer" })
	if want := "outer a b c d"; names(got) != want {
		t.Errorf("got %q, want %q", names(got), want)
	}
}

func TestCallbacksInAnonymousRecordsStayWithTheirRecord(t *testing.T) {
	callback := model.Pointer{Elem: model.Func{Result: s32}}
	inner := func(member string) *model.Record {
		return &model.Record{Kind: model.Struct, Fields: []model.Field{{Name: member, Type: callback}}}
	}
	anonymous := model.Ref{Kind: model.RefStruct}
	a := &model.ABI{
		Records: []*model.Record{{Kind: model.Struct, Name: "ops", Fields: []model.Field{
			{Type: anonymous, Record: inner("begin")}, {Name: "more", Type: anonymous, Record: inner("end")}}}},
		Prototypes: []*model.Prototype{
			{Name: "ops.begin", Role: model.Callback, ResultType: s32},
			{Name: "ops.more.end", Role: model.Callback, ResultType: s32},
			{Name: "other.begin", Role: model.Callback, ResultType: s32}},
	}
	got := a.Select(func(name string) bool { return name == "ops" })
	if want := "ops ops.begin() ops.more.end()"; names(got) != want {
		t.Errorf("got %q, want %q", names(got), want)
	}
}

func TestLookupsByName(t *testing.T) {
	a := sample()
	if a.Record("ops") == nil || a.Record("nope") != nil || a.Enum("ret") == nil || a.Constant("THIRD") == nil || a.Prototype("kick") == nil {
		t.Error("a declaration was not found by its name, or one that does not exist was")
	}
	if got := a.Callbacks("ops"); len(got) != 1 || got[0].Name != "ops.begin" {
		t.Errorf("callbacks of ops: %v", got)
	}
	if got := a.Callbacks("nope"); got != nil {
		t.Errorf("callbacks of a record that does not exist: %v", got)
	}
	if !a.Record("ops").IsOps() || a.Record("fuse_iomap_io").IsOps() {
		t.Error("a struct_ops type is a record with callbacks")
	}
	if a.Record("ops").Field("begin") == nil || a.Record("fuse_iomap_io").Field("name") != nil {
		t.Error("Field looks at the record's own members alone")
	}
	if a.Enum("ret").Enumerator("HANDLED") == nil || a.Enum("ret").Enumerator("MINUS") != nil {
		t.Error("Enumerator looks at the enum's own values alone")
	}
	if !a.Can(model.Records) || a.Can(model.Docs) {
		t.Error("Can differs from what is attested")
	}
}
