// SPDX-License-Identifier: MIT

package model_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
)

var (
	u8    = model.Int{Bits: 8}
	s8    = model.Int{Bits: 8, Signed: true}
	u32   = model.Int{Bits: 32}
	s32   = model.Int{Bits: 32, Signed: true}
	u64   = model.Int{Bits: 64}
	char  = model.Int{Bits: 8, Signed: true, Char: true}
	uchar = model.Int{Bits: 8, Char: true}
	inode = model.Ref{Kind: model.RefStruct, Name: "fuse_inode"}
)

func constOf(t model.Type) model.Type { return model.Qualify(t, true, false) }

func TestCanonicalSpellingOfEachType(t *testing.T) {
	for want, typ := range map[string]model.Type{
		"u8":                    u8,
		"s128":                  model.Int{Bits: 128, Signed: true},
		"s8":                    char,
		"bool":                  model.Bool{},
		"f80":                   model.Float{Bits: 80},
		"void":                  model.Void{},
		"struct fuse_inode":     inode,
		"union":                 model.Ref{Kind: model.RefUnion},
		"enum ret":              model.Ref{Kind: model.RefEnum, Name: "ret"},
		"ptr(const struct x)":   model.Pointer{Elem: constOf(model.Ref{Kind: model.RefStruct, Name: "x"})},
		"array(16,s8)":          model.Array{Len: 16, Elem: char},
		"array(2,array(3,u8))":  model.Array{Len: 2, Elem: model.Array{Len: 3, Elem: u8}},
		"vector(4,f32)":         model.Vector{Len: 4, Elem: model.Float{Bits: 32}},
		"func(void)":            model.Func{Result: model.Void{}},
		"func(s32,u64,...)":     model.Func{Result: s32, Params: []model.Type{u64}, Variadic: true},
		"ptr(func(ptr(u8)))":    model.Pointer{Elem: model.Func{Result: model.Pointer{Elem: u8}}},
		"const volatile u32":    model.Qualify(u32, true, true),
		"array(4,const u8)":     model.Qualify(model.Array{Len: 4, Elem: u8}, true, false),
		"ptr(volatile ptr(u8))": model.Pointer{Elem: model.Qualify(model.Pointer{Elem: u8}, false, true)},
	} {
		if got := typ.String(); got != want {
			t.Errorf("%#v: spelled %q, want %q", typ, got, want)
		}
		back, err := model.ParseType(want)
		if err != nil {
			t.Errorf("ParseType(%q): %v", want, err)
			continue
		}
		if !model.Identical(back, typ) {
			t.Errorf("ParseType(%q) = %s", want, back)
		}
	}
}

func TestParseTypeRefusesWhatIsNotCanonical(t *testing.T) {
	for in, want := range map[string]string{
		"":                                 "unknown type",
		"u":                                "unknown type",
		"u0":                               "unknown type",
		"u008":                             "unknown type",
		"u99999":                           "unknown type",
		"x32":                              "unknown type",
		"int":                              "unknown type",
		"u32 ":                             "after the type",
		"u32)":                             "after the type",
		"struct ":                          "a name must follow",
		"struct  x":                        "a name must follow",
		"const":                            "a type must follow",
		"const ":                           "unknown type",
		"ptr":                              "expected (",
		"ptr(":                             "unknown type",
		"ptr(u8":                           "expected )",
		"array(u8)":                        "bad length",
		"array(-1,u8)":                     "bad length",
		"array(01,u8)":                     "bad length",
		"array(1u8)":                       "bad length",
		"array(1)":                         "expected , and an element type",
		"array(1,u8,u8)":                   "expected )",
		"array(9223372036854775808,u8)":    "bad length",
		"func()":                           "unknown type",
		"func(void":                        "expected ) at the end",
		"func(void,...,u8)":                "expected ) at the end",
		strings.Repeat("ptr(", 300) + "u8": "nested more than",
	} {
		got, err := model.ParseType(in)
		if err == nil {
			t.Errorf("ParseType(%.40q) = %s, want an error with %q", in, got, want)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("ParseType(%.40q): %.120v, want %q in it", in, err, want)
		}
	}
}

// randomType builds a type of at most the given depth.
func randomType(r *rand.Rand, depth int) model.Type {
	n := 6
	if depth > 0 {
		n = 11
	}
	switch r.IntN(n) {
	case 0:
		return model.Int{Bits: 1 + r.IntN(200), Signed: r.IntN(2) == 0}
	case 1:
		return model.Bool{}
	case 2:
		return model.Float{Bits: 32 << r.IntN(3)}
	case 3:
		return model.Void{}
	case 4:
		return model.Ref{Kind: []model.RefKind{model.RefStruct, model.RefUnion, model.RefEnum}[r.IntN(3)], Name: []string{"", "a", "b_2"}[r.IntN(3)]}
	case 5:
		return model.Qualify(model.Int{Bits: 8}, r.IntN(2) == 0, r.IntN(2) == 0)
	case 6:
		return model.Pointer{Elem: randomType(r, depth-1)}
	case 7:
		return model.Array{Len: r.Int64N(100), Elem: randomType(r, depth-1)}
	case 8:
		return model.Vector{Len: r.Int64N(100), Elem: randomType(r, depth-1)}
	case 9:
		return model.Qualify(randomType(r, depth-1), r.IntN(2) == 0, r.IntN(2) == 0)
	}
	f := model.Func{Result: randomType(r, depth-1), Variadic: r.IntN(4) == 0}
	for range r.IntN(4) {
		f.Params = append(f.Params, randomType(r, depth-1))
	}
	return f
}

func TestEveryTypeSurvivesItsSpelling(t *testing.T) {
	const seed = 20260223
	r := rand.New(rand.NewPCG(seed, 1))
	for range 5000 {
		typ := randomType(r, 5)
		back, err := model.ParseType(typ.String())
		if err != nil || back.String() != typ.String() {
			t.Fatalf("seed %d: %s read back as %v: %v", seed, typ, back, err)
		}
		if !model.Identical(back, typ) || !model.Equivalent(typ, typ) {
			t.Fatalf("seed %d: %s is not identical or not equivalent to itself", seed, typ)
		}
	}
}

func TestIdenticalAndEquivalent(t *testing.T) {
	for _, c := range []struct {
		a, b                  model.Type
		identical, equivalent bool
	}{
		{nil, nil, true, true},
		{nil, u8, false, false},
		{u8, nil, false, false},
		{u32, model.Int{Bits: 32}, true, true},
		{u32, s32, false, false},
		{u32, u64, false, false},
		{char, uchar, false, true},
		{char, s8, true, true},
		{uchar, s8, false, false},
		{uchar, u8, true, true},
		{model.Array{Len: 16, Elem: char}, model.Array{Len: 16, Elem: uchar}, false, true},
		{model.Array{Len: 16, Elem: char}, model.Array{Len: 15, Elem: char}, false, false},
		{model.Array{Len: 4, Elem: u8}, model.Vector{Len: 4, Elem: u8}, false, false},
		{model.Vector{Len: 4, Elem: char}, model.Vector{Len: 4, Elem: uchar}, false, true},
		{model.Vector{Len: 4, Elem: char}, model.Vector{Len: 8, Elem: char}, false, false},
		{constOf(u32), u32, false, true},
		{u32, model.Qualify(u32, false, true), false, true},
		{constOf(u32), constOf(s32), false, false},
		{model.Pointer{Elem: inode}, model.Pointer{Elem: model.Void{}}, false, true},
		{model.Pointer{Elem: inode}, u64, false, false},
		{inode, model.Ref{Kind: model.RefUnion, Name: "fuse_inode"}, false, false},
		{inode, model.Ref{Kind: model.RefStruct, Name: "fuse_bpf_inode"}, false, false},
		{model.Bool{}, u8, false, false},
		{model.Float{Bits: 64}, u64, false, false},
		{model.Func{Result: u8}, model.Func{Result: u8, Variadic: true}, false, false},
	} {
		for _, order := range [][2]model.Type{{c.a, c.b}, {c.b, c.a}} {
			if got := model.Identical(order[0], order[1]); got != c.identical {
				t.Errorf("Identical(%v, %v) = %v", order[0], order[1], got)
			}
			if got := model.Equivalent(order[0], order[1]); got != c.equivalent {
				t.Errorf("Equivalent(%v, %v) = %v", order[0], order[1], got)
			}
		}
	}
}

func TestQualifiersMergeAndReachArrayElements(t *testing.T) {
	if got := model.Qualify(u8, false, false); got != model.Type(u8) {
		t.Errorf("no qualifier: %s", got)
	}
	if got := model.Qualify(model.Qualify(u8, true, false), false, true).String(); got != "const volatile u8" {
		t.Errorf("two qualifiers: %s", got)
	}
	if got := model.Unqualified(model.Qualified{Const: true, Elem: model.Qualified{Volatile: true, Elem: u8}}); got != model.Type(u8) {
		t.Errorf("unqualified: %s", got)
	}
	if model.Unqualified(nil) != nil {
		t.Error("nil gained a type")
	}
}

func TestCallbacksArePointersToFunctions(t *testing.T) {
	fn := model.Func{Result: s32}
	for _, typ := range []model.Type{model.Pointer{Elem: fn}, constOf(model.Pointer{Elem: fn})} {
		if !model.IsCallback(typ) {
			t.Errorf("%s is a callback", typ)
		}
	}
	for _, typ := range []model.Type{nil, fn, u64, model.Pointer{Elem: u8}, model.Pointer{Elem: model.Pointer{Elem: fn}}} {
		if model.IsCallback(typ) {
			t.Errorf("%v is no callback", typ)
		}
	}
}

func TestPlainCharIsFoundInside(t *testing.T) {
	for _, typ := range []model.Type{char, model.Array{Len: 2, Elem: uchar}, constOf(char), model.Pointer{Elem: constOf(char)}, model.Vector{Len: 4, Elem: char}} {
		if !model.HasPlainChar(typ) {
			t.Errorf("%s has plain char", typ)
		}
	}
	for _, typ := range []model.Type{nil, s8, u8, inode, model.Pointer{Elem: s8}} {
		if model.HasPlainChar(typ) {
			t.Errorf("%v has no plain char", typ)
		}
	}
}

func FuzzParseType(f *testing.F) {
	for _, s := range []string{"u64", "const volatile s8", "ptr(func(enum fuse_iomap_bpf_ret,ptr(struct fuse_inode),u64,...))",
		"array(16,s8)", "vector(4,f32)", "union", "struct  ", "array(18446744073709551616,u8)", "const array(2,u8)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		typ, err := model.ParseType(s)
		if err != nil {
			return
		}
		canonical := typ.String()
		back, err := model.ParseType(canonical)
		if err != nil || back.String() != canonical {
			t.Errorf("%q parses as %s, which reads back as %v: %v", s, canonical, back, err)
		}
	})
}
