// SPDX-License-Identifier: MIT

package drift_test

import (
	"go/constant"
	"testing"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
)

// choices turns the fuzzer's bytes into decisions, so that every input is two
// models and a small change of it a small change of them.
type choices struct{ data []byte }

func (c *choices) pick(n int) int {
	if len(c.data) == 0 {
		return 0
	}
	b := c.data[0]
	c.data = c.data[1:]
	return int(b) % n
}

func (c *choices) name() string {
	return []string{"a", "b", "c", "d", "r", "s", "s___old", ""}[c.pick(8)]
}

func (c *choices) typ(depth int) model.Type {
	n := 6
	if depth < 3 {
		n = 11
	}
	switch c.pick(n) {
	case 0:
		return model.Int{Bits: 8 << c.pick(4), Signed: c.pick(2) == 1}
	case 1:
		return model.Int{Bits: 8, Signed: true, Char: true}
	case 2:
		return model.Ref{Kind: []model.RefKind{model.RefStruct, model.RefUnion, model.RefEnum}[c.pick(3)], Name: c.name()}
	case 3:
		return nil
	case 4:
		return model.Float{Bits: 32 << c.pick(2)}
	case 5:
		return model.Bool{}
	case 6:
		return model.Pointer{Elem: c.typ(depth + 1)}
	case 7:
		return model.Array{Len: int64(c.pick(4)), Elem: c.typ(depth + 1)}
	case 8:
		return model.Pointer{Elem: model.Func{Result: c.typ(depth + 1), Params: c.types(depth + 1)}}
	case 9:
		return model.Qualified{Const: true, Elem: c.typ(depth + 1)}
	}
	return model.Vector{Len: 4, Elem: c.typ(depth + 1)}
}

func (c *choices) types(depth int) (ts []model.Type) {
	for range c.pick(4) {
		ts = append(ts, c.typ(depth))
	}
	return ts
}

func (c *choices) record(depth int) *model.Record {
	r := &model.Record{Kind: []model.RecordKind{model.Struct, model.Union}[c.pick(2)], Name: c.name(), Registered: c.pick(2) == 0}
	off := int64(0)
	for range c.pick(6) {
		f := model.Field{Name: c.name(), BitOffset: off, BitSize: int64(8 * c.pick(9)), Type: c.typ(0)}
		if ref, ok := f.Type.(model.Ref); ok && ref.Kind != model.RefEnum && depth < 3 && c.pick(2) == 0 {
			f.Record = c.record(depth + 1)
			f.Record.Name = ""
		}
		if c.pick(8) == 0 {
			f.Bitfield = true
			f.BitSize = int64(c.pick(9))
		}
		r.Fields = append(r.Fields, f)
		if r.Kind == model.Struct {
			off += f.BitSize + int64(8*c.pick(3))
		}
	}
	r.Size, r.Align = off/8+int64(c.pick(3)), int64(1)<<c.pick(4)
	return r
}

func (c *choices) model() *model.ABI {
	a := everything([]model.Side{model.SideContract, model.SideProgram, model.SideGo, model.SideKernel}[c.pick(4)])
	if c.pick(3) == 0 {
		a.Attests = a.Attests[:c.pick(len(a.Attests))]
	}
	for range c.pick(4) {
		a.Records = append(a.Records, c.record(0))
	}
	for range c.pick(3) {
		e := &model.Enum{Name: c.name(), Size: 1 << c.pick(4), Signed: c.pick(2) == 0}
		for i := range c.pick(6) {
			e.Values = append(e.Values, model.Enumerator{Name: "E" + c.name(), Value: constant.MakeInt64(int64(i + c.pick(3) - 1))})
		}
		a.Enums = append(a.Enums, e)
	}
	for range c.pick(4) {
		a.Constants = append(a.Constants, &model.Constant{Name: "E" + c.name(), Value: constant.MakeInt64(int64(c.pick(4))), Type: c.name()})
	}
	for range c.pick(3) {
		p := &model.Prototype{Name: "f" + c.name(), Role: []model.Role{model.Kfunc, model.Function}[c.pick(2)], ResultType: c.typ(1), Variadic: c.pick(5) == 0}
		for _, t := range c.types(1) {
			p.Params = append(p.Params, model.Param{Name: c.name(), Type: t})
		}
		a.Prototypes = append(a.Prototypes, p)
	}
	if c.pick(3) == 0 {
		a.Guards = []string{c.name()}
	}
	return a
}

func FuzzCompare(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 1, 1, 0, 4, 0, 3, 0, 1, 0, 2, 0, 1, 1, 1, 3, 0, 0, 2, 4, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		c := &choices{data}
		a, b := c.model(), c.model()
		for _, m := range []*model.ABI{a, b} {
			r := drift.Compare(m, m, drift.Options{})
			for _, finding := range r.Findings {
				// A kernel that has a type unregistered is so on both sides.
				if finding.Rule != "ops.unregistered" {
					t.Errorf("a model differs from itself:\n%s", render(r))
				}
			}
		}
		one, two := drift.Compare(a, b, drift.Options{}), drift.Compare(a, b, drift.Options{})
		if render(one) != render(two) {
			t.Errorf("two runs differ:\n%s\n%s", render(one), render(two))
		}
		for i, finding := range one.Findings {
			if finding.Message == "" || finding.Severity == drift.None || finding.Profile == drift.Auto {
				t.Errorf("incomplete: %+v", finding)
			}
			if i > 0 && finding.Severity.Rank() > one.Findings[i-1].Severity.Rank() {
				t.Error("not sorted, worst first")
			}
		}
		score, findings := drift.Score(a, b)
		if score < len(findings) || (score == 0) != (len(findings) == 0) {
			t.Errorf("score %d with %d findings", score, len(findings))
		}
	})
}
