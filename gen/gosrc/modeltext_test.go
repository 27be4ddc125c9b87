// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"go/constant"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
)

// The tests spell models as text, so that a case shows offsets and types and
// nothing else. A line's number becomes the position's line in x.h.
//
//	struct NAME SIZE ALIGN | doc           also union; 386 aligns to 4 at most
//		BYTE | member | canonical type | C spelling | doc
//		BYTE.BIT+WIDTH | …                 a bit-field
//		BYTE | | struct SIZE               an anonymous member, also union
//			BYTE | …                       its members, from its own start
//	enum NAME SIZE signed|unsigned | doc   the name - is none
//		ENUMERATOR | value | doc
//	const NAME | value | C type | expression | doc
//	proto NAME | role | result | type name; type name
//	skip NAME | reason
//	[386 mips]                             what follows is for these targets alone
//	[]                                     for all again
func parseModel(t *testing.T, text, target string) *model.ABI {
	t.Helper()
	tg, err := model.TargetByName(target)
	if err != nil {
		t.Fatal(err)
	}
	p := &modelText{t: t, abi: &model.ABI{Source: "header:x.h", Target: target, Attests: model.AllEvidence()}, target: tg}
	mine := true
	for i, line := range strings.Split(text, "\n") {
		p.pos = model.Pos{File: "x.h", Line: i + 1, Col: 1}
		switch {
		case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			names := strings.Fields(strings.Trim(line, "[]"))
			mine = len(names) == 0 || slices.Contains(names, target)
		case mine:
			p.line(line)
		}
	}
	return p.abi
}

// parseModels is parseModel for the given targets, or all of them.
func parseModels(t *testing.T, text string, targets ...string) []*model.ABI {
	t.Helper()
	if len(targets) == 0 {
		for _, tg := range model.Targets() {
			targets = append(targets, tg.Name)
		}
	}
	var out []*model.ABI
	for _, tg := range targets {
		out = append(out, parseModel(t, text, tg))
	}
	return out
}

type modelText struct {
	t      *testing.T
	abi    *model.ABI
	target model.Target
	pos    model.Pos
	record *model.Record
	enum   *model.Enum
}

func (p *modelText) fail(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("model text, line %d: %v", p.pos.Line, err)
	}
}

func (p *modelText) line(line string) {
	p.t.Helper()
	cells := strings.Split(line, "|")
	for i := range cells {
		cells[i] = strings.ReplaceAll(strings.TrimSpace(cells[i]), `\n`, "\n")
	}
	for len(cells) < 5 {
		cells = append(cells, "")
	}
	if strings.HasPrefix(line, "\t\t") {
		fields := p.record.Fields
		outer := p.record
		p.record = fields[len(fields)-1].Record
		p.member(cells)
		p.record = outer
		return
	}
	if strings.HasPrefix(line, "\t") {
		if p.record != nil {
			p.member(cells)
		} else {
			p.enumerator(cells)
		}
		return
	}
	words := strings.Fields(cells[0])
	switch words[0] {
	case "struct", "union":
		p.record = &model.Record{Kind: model.RecordKind(words[0]), Name: words[1], Size: p.number(words[2]),
			Align: p.number(words[3]), Pos: p.pos, Doc: cells[1]}
		if p.target.Name == "386" {
			p.record.Align = min(p.record.Align, 4)
		}
		p.enum = nil
		p.abi.Records = append(p.abi.Records, p.record)
	case "enum":
		p.enum = &model.Enum{Name: strings.TrimPrefix(words[1], "-"), Size: p.number(words[2]), Signed: words[3] == "signed",
			Pos: p.pos, Doc: cells[1]}
		p.record = nil
		p.abi.Enums = append(p.abi.Enums, p.enum)
	case "const":
		p.abi.Constants = append(p.abi.Constants, &model.Constant{Name: words[1], Value: p.value(cells[1]), Type: cells[2],
			Expr: cells[3], Doc: cells[4], Pos: p.pos})
	case "proto":
		q := &model.Prototype{Name: words[1], Role: model.Role(cells[1]), Result: cells[2], Pos: p.pos}
		for _, s := range strings.Split(cells[3], ";") {
			i := strings.LastIndexAny(s, " *") + 1
			q.Params = append(q.Params, model.Param{Spelling: strings.TrimSpace(s[:i]), Name: s[i:]})
		}
		p.abi.Prototypes = append(p.abi.Prototypes, q)
	case "skip":
		p.abi.Skipped = append(p.abi.Skipped, model.Skipped{Name: words[1], Reason: cells[1], Pos: p.pos})
	default:
		p.fail(fmt.Errorf("unknown word %q", words[0]))
	}
}

func (p *modelText) number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	p.fail(err)
	return n
}

func (p *modelText) value(s string) constant.Value {
	if strings.HasPrefix(s, `"`) {
		u, err := strconv.Unquote(s)
		p.fail(err)
		return constant.MakeString(u)
	}
	s, negative := strings.CutPrefix(s, "-")
	kind := token.INT
	if strings.Contains(s, ".") {
		kind = token.FLOAT
	}
	v := constant.MakeFromLiteral(s, kind, 0)
	if v.Kind() == constant.Unknown {
		p.fail(fmt.Errorf("no value: %q", s))
	}
	if negative {
		v = constant.UnaryOp(token.SUB, v, 0)
	}
	return v
}

func (p *modelText) enumerator(cells []string) {
	p.enum.Values = append(p.enum.Values, model.Enumerator{Name: cells[0], Value: p.value(cells[1]), Doc: cells[2], Pos: p.pos})
}

func (p *modelText) member(cells []string) {
	f := model.Field{Name: cells[1], Spelling: cells[3], Doc: cells[4], Pos: p.pos}
	if w := strings.Fields(cells[2]); f.Name == "" && len(w) == 2 && (w[0] == "struct" || w[0] == "union") {
		f.Record = &model.Record{Kind: model.RecordKind(w[0]), Size: p.number(w[1]), Pos: p.pos}
		f.BitOffset, f.BitSize, f.Type = 8*p.number(cells[0]), 8*f.Record.Size, f.Record.Ref()
		p.record.Fields = append(p.record.Fields, f)
		return
	}
	plain, isChar := strings.CutSuffix(cells[2], " char")
	typ, err := model.ParseType(plain)
	p.fail(err)
	if isChar {
		typ = asChar(typ, p.target.CharSigned)
	}
	f.Type = typ
	if f.Spelling == "" {
		f.Spelling = plain
	}
	if place, width, ok := strings.Cut(cells[0], "+"); ok {
		byteAt, bit, _ := strings.Cut(place, ".")
		f.Bitfield = true
		f.BitOffset = 8*p.number(byteAt) + p.number(bit)
		f.BitSize = p.number(width)
	} else {
		f.BitOffset = 8 * p.number(cells[0])
		f.BitSize = 8 * p.sizeOf(typ)
	}
	p.record.Fields = append(p.record.Fields, f)
}

// asChar turns the integer at the bottom of t into plain char.
func asChar(t model.Type, isSigned bool) model.Type {
	if a, ok := t.(model.Array); ok {
		return model.Array{Len: a.Len, Elem: asChar(a.Elem, isSigned)}
	}
	return model.Int{Bits: 8, Signed: isSigned, Char: true}
}

func (p *modelText) sizeOf(t model.Type) int64 {
	switch x := model.Unqualified(t).(type) {
	case model.Int:
		return int64(x.Bits / 8)
	case model.Bool:
		return 1
	case model.Float:
		return map[int]int64{32: 4, 64: 8, 80: 16, 128: 16}[x.Bits]
	case model.Vector:
		return x.Len * p.sizeOf(x.Elem)
	case model.Array:
		return x.Len * p.sizeOf(x.Elem)
	case model.Pointer:
		if model.IsCallback(t) && p.record.Name != "native_ops" {
			return 8
		}
		return p.target.PointerSize
	case model.Void:
		return 4
	case model.Ref:
		if r := p.abi.Record(x.Name); r != nil {
			return r.Size
		}
		if e := p.abi.Enum(x.Name); e != nil {
			return e.Size
		}
		return 4
	}
	p.fail(fmt.Errorf("size of %s", t))
	return 0
}
