// SPDX-License-Identifier: MIT

package drift_test

import (
	"go/constant"
	"testing"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
)

// everything is all evidence there is.
func everything(side model.Side) *model.ABI {
	return &model.ABI{Source: "test", Target: "bpfel", Side: side, Attests: model.AllEvidence()}
}

func compareBothWays(t *testing.T, a, b *model.ABI) {
	t.Helper()
	for _, p := range append(drift.Profiles(), drift.Auto) {
		drift.Compare(a, b, drift.Options{Profile: p})
		drift.Compare(b, a, drift.Options{Profile: p})
	}
	drift.Score(a, b)
	drift.Score(b, a)
}

// A reader or a snapshot by hand can leave out anything.
func TestModelsWithHolesDoNotPanic(t *testing.T) {
	itself := &model.Record{Kind: model.Struct, Name: "self", Size: 8}
	itself.Fields = []model.Field{{Name: "in", Type: itself.Ref(), BitSize: 64}, {Type: model.Ref{Kind: model.RefStruct}, Record: itself}}
	odd := everything(model.SideContract)
	odd.Records = []*model.Record{
		{}, {Name: "r"}, {Kind: model.Union, Name: "r", Size: -1},
		{Kind: model.Struct, Name: "s", Fields: []model.Field{
			{Name: "nothing"}, {Name: "nothing"}, {Name: "p", Type: model.Pointer{}}, {Name: "a", Type: model.Array{Len: -1}},
			{Name: "v", Type: model.Vector{}}, {Name: "f", Type: model.Func{}}, {Name: "q", Type: model.Qualified{Const: true}},
			{Name: "cb", Type: model.Pointer{Elem: model.Func{Params: []model.Type{nil, model.Pointer{}}}}, BitOffset: -64, BitSize: -1},
			{Name: "e", Type: model.Ref{Kind: model.RefEnum, Name: "nowhere"}}, {Type: model.Ref{Kind: model.RefStruct, Name: "nowhere"}}}},
		itself,
	}
	odd.Enums = []*model.Enum{{}, {Name: "e", Values: []model.Enumerator{{Name: "A"}, {}, {Name: "B", Value: constant.MakeString("x")}}},
		{Name: "e", Size: 4}}
	odd.Constants = []*model.Constant{{}, {Name: "C"}, {Name: "D", Value: constant.MakeUnknown()}}
	odd.Prototypes = []*model.Prototype{{}, {Name: "s.cb", Role: model.Callback}, {Name: "k", Role: model.Kfunc, Params: []model.Param{{}, {Name: "x"}}}}
	odd.Guards = []string{""}

	other := everything(model.SideKernel)
	int32Type := model.Int{Bits: 32, Signed: true}
	other.Records = []*model.Record{{Kind: model.Struct, Name: "s", Size: 8, Fields: []model.Field{
		{Name: "nothing", Type: int32Type, BitSize: 32}, {Name: "p", Type: int32Type}, {Name: "a", Type: model.Array{Len: 1, Elem: int32Type}},
		{Name: "v", Type: model.Pointer{Elem: int32Type}}, {Name: "f", Type: model.Pointer{}}, {Name: "q", Type: model.Void{}},
		{Name: "cb", Type: model.Pointer{Elem: model.Func{Result: int32Type, Params: []model.Type{int32Type, int32Type}}}},
		{Name: "e", Type: int32Type}}}, {Kind: model.Struct, Name: "r"}}
	other.Enums = []*model.Enum{{Name: "e", Size: 4, Values: []model.Enumerator{{Name: "A", Value: constant.MakeInt64(1)}}}}
	other.Constants = []*model.Constant{{Name: "C", Value: constant.MakeInt64(1)}, {Name: "B", Value: constant.MakeString("x")}}
	other.Prototypes = []*model.Prototype{{Name: "k", Role: model.Kfunc, ResultType: int32Type, Params: []model.Param{{Type: int32Type}, {Type: model.Pointer{}}}}}

	empty := &model.ABI{}
	for _, side := range []model.Side{model.SideContract, model.SideProgram, model.SideGo, model.SideKernel, "unheard of"} {
		other.Side = side
		for _, pair := range [][2]*model.ABI{{odd, other}, {odd, odd}, {odd, empty}, {other, empty}, {odd, nil}} {
			compareBothWays(t, pair[0], pair[1])
		}
	}
	if r := drift.Compare(odd, odd, drift.Options{}); len(r.Findings) > 0 {
		t.Errorf("an odd model differs from itself:\n%s", render(r))
	}
}

func TestKeepLimitsWhatIsCompared(t *testing.T) {
	v := view{side: model.SideContract, target: "bpfel"}
	old := v.parse(t, "old.h", "struct in { int x; };\nstruct a { struct in in; };\nstruct b { int x; };\n#define A 1\n#define B 1\n")
	now := v.parse(t, "new.h", "struct in { long x; };\nstruct a { struct in in; };\nstruct b { long x; };\n#define A 2\n#define B 2\n#define C 2\nstruct c { int x; };\n")
	r := drift.Compare(old, now, drift.Options{Keep: func(name string) bool { return name == "a" || name == "A" }})
	var subjects string
	for _, f := range r.Findings {
		subjects += f.Subject + " "
	}
	if subjects != "A in.x " {
		t.Errorf("got %s", subjects)
	}
}

// BTF can hold several records of one name: the first is not compared with
// the second.
func TestRecordsOfOneNameArePairedInOrder(t *testing.T) {
	record := func(bits int) *model.Record {
		return &model.Record{Kind: model.Struct, Name: "twice", Size: int64(bits / 8),
			Fields: []model.Field{{Name: "x", BitSize: int64(bits), Type: model.Int{Bits: bits}}}}
	}
	a, b := everything(model.SideKernel), everything(model.SideKernel)
	a.Records = []*model.Record{record(32), record(64)}
	b.Records = []*model.Record{record(32), record(64)}
	if r := drift.Compare(a, b, drift.Options{}); len(r.Findings) > 0 {
		t.Error(render(r))
	}
	b.Records[1] = record(16)
	if r := drift.Compare(a, b, drift.Options{}); len(r.Findings) != 1 || r.Findings[0].Rule != "field.size" {
		t.Error(render(r))
	}
}
