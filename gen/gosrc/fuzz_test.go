// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"go/constant"
	"math/rand/v2"
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
)

// randomModel is a model of records, enums and constants with layouts a C
// compiler could have chosen, and some that none would. Name is part of every
// name, text of every comment.
func randomModel(r *rand.Rand, name, text string) *model.ABI {
	a := &model.ABI{Source: "header:" + name, Target: "amd64"}
	called := func(prefix string, i int) string {
		if r.IntN(4) == 0 {
			return name // also to have names twice
		}
		return fmt.Sprintf("%s%s%d", prefix, name, i)
	}
	for i := range r.IntN(4) {
		e := &model.Enum{Name: called("e", i), Size: 1 << r.IntN(5), Signed: r.IntN(2) == 0, Doc: text}
		for j := range r.IntN(4) {
			e.Values = append(e.Values, model.Enumerator{Name: fmt.Sprintf("%s_%d_%d", name, i, j),
				Value: constant.MakeInt64(int64(r.Uint64()) >> r.IntN(64)), Doc: text})
		}
		a.Enums = append(a.Enums, e)
	}
	for i := range r.IntN(5) {
		rec := &model.Record{Kind: model.Struct, Name: called("r", i), Doc: text}
		if r.IntN(8) == 0 {
			rec.Kind = model.Union
		}
		end := int64(0)
		for j := range r.IntN(6) {
			typ, size, align := randomType(r, a, 0)
			if r.IntN(3) > 0 {
				end = (end + align - 1) / align * align
			}
			rec.Fields = append(rec.Fields, model.Field{Name: called("m", j), BitOffset: end * 8, BitSize: size * 8, Type: typ,
				Spelling: text, Doc: text, Bitfield: r.IntN(40) == 0})
			end += size
			rec.Align = max(rec.Align, align)
		}
		if rec.Align > 0 && r.IntN(10) > 0 {
			end = (end + rec.Align - 1) / rec.Align * rec.Align
		}
		rec.Size = end
		a.Records = append(a.Records, rec)
	}
	for i := range r.IntN(5) {
		k := &model.Constant{Name: called("K_", i), Type: []string{"int", "unsigned int", "long long", "short", text}[r.IntN(5)],
			Expr: "1 << 3", Doc: text, Value: constant.MakeUint64(r.Uint64() >> r.IntN(64))}
		switch r.IntN(6) {
		case 0:
			k.Value = constant.MakeString(text)
		case 1:
			k.Value = constant.MakeFloat64(r.NormFloat64())
		}
		a.Constants = append(a.Constants, k)
	}
	return a
}

// randomType returns a type with its size and alignment in bytes.
func randomType(r *rand.Rand, a *model.ABI, depth int) (t model.Type, size, align int64) {
	switch n := r.IntN(12); {
	case n < 5:
		size = 1 << r.IntN(5)
		return model.Int{Bits: int(size * 8), Signed: r.IntN(2) == 0, Char: size == 1 && r.IntN(2) == 0}, size, size
	case n < 6:
		return model.Bool{}, 1, 1
	case n < 7:
		size = 4 << r.IntN(2)
		return model.Float{Bits: int(size * 8)}, size, size
	case n < 8:
		return model.Pointer{Elem: model.Void{}}, 8, 8
	case n < 9 && len(a.Records) > 0:
		x := a.Records[r.IntN(len(a.Records))]
		return x.Ref(), x.Size, max(x.Align, 1)
	case n < 10 && len(a.Enums) > 0:
		x := a.Enums[r.IntN(len(a.Enums))]
		return x.Ref(), x.Size, max(x.Size, 1)
	case depth < 3:
		length := int64(r.IntN(4))
		t, size, align = randomType(r, a, depth+1)
		return model.Array{Len: length, Elem: t}, length * size, align
	}
	return model.Int{Bits: 32}, 4, 4
}

// checkRandomModel generates Go from a random model and returns how many
// records are in it.
func checkRandomModel(t *testing.T, seed uint64, name, text string) (records int) {
	t.Helper()
	a := randomModel(rand.New(rand.NewPCG(seed, 0)), name, text)
	out, err := Build(Config{Package: "p"}, []*model.ABI{a})
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	file := parseGo(t, out.Files[0].Source)
	// The assertions check the layout.
	for _, arch := range []string{"amd64", "386"} {
		if _, errs := typeCheck(arch, file); len(errs) > 0 {
			t.Fatalf("seed %d: GOARCH=%s: %v in\n%s", seed, arch, errs, out.Files[0].Source)
		}
	}
	said := map[string]bool{}
	for _, cName := range recordNames(file) {
		said[cName] = true
	}
	records = len(said)
	for _, s := range out.Skipped {
		said[s.Name] = true
	}
	for _, r := range a.Records {
		if !said[r.Name] {
			t.Errorf("seed %d: record %s is neither in Go nor listed", seed, r.Name)
		}
	}
	return records
}

func TestRandomModelsCompileAndLoseNothing(t *testing.T) {
	records := 0
	for seed := range uint64(80) {
		records += checkRandomModel(t, seed, "x", "A comment.")
	}
	if records < 40 {
		t.Errorf("only %d records could be said in Go: the random models are too wild to test anything", records)
	}
}

// Whatever a model claims, the generator neither panics nor writes what does
// not compile, and no record is missing without a word.
func FuzzGenerate(f *testing.F) {
	f.Add(uint64(1), "a", "a comment.")
	f.Add(uint64(2), "type", "int\n\n\t*/ code\x00")
	f.Add(uint64(3), "core::fmt<u8>", "")
	f.Fuzz(func(t *testing.T, seed uint64, name, text string) { checkRandomModel(t, seed, name, text) })
}
