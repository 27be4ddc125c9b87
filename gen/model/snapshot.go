// SPDX-License-Identifier: MIT

package model

import (
	"encoding/hex"
	"errors"
	"fmt"
	"go/constant"
	"go/token"
	"io"
	"strings"
	"unicode/utf8"
)

// SchemaVersion is the version of the snapshot format. It rises when a change
// is incompatible; members may be added without.
const SchemaVersion = 1

// ErrNotSnapshot is returned by [Decode] for input that is not a snapshot.
var ErrNotSnapshot = errors.New("not an abigen snapshot")

// The j types are the JSON form of the model, documented in docs/snapshot.md.

type jABI struct {
	Schema     int          `json:"schema"`
	Source     string       `json:"source"`
	Target     string       `json:"target"`
	Side       Side         `json:"side,omitempty"`
	Attests    []Evidence   `json:"attests"`
	Records    []jRecord    `json:"records"`
	Enums      []jEnum      `json:"enums"`
	Constants  []jConstant  `json:"constants"`
	Prototypes []jPrototype `json:"prototypes"`
	Skipped    []jSkipped   `json:"skipped"`
	Guards     []string     `json:"guards,omitempty"`
}

type jRecord struct {
	Kind       RecordKind `json:"kind"`
	Name       string     `json:"name,omitempty"`
	Typedef    bool       `json:"typedef,omitempty"`
	Size       int64      `json:"size"`
	Align      int64      `json:"align,omitempty"`
	Packed     bool       `json:"packed,omitempty"`
	Registered bool       `json:"registered,omitempty"`
	Pos        Pos        `json:"pos,omitzero"`
	Doc        string     `json:"doc,omitempty"`
	Fields     []jField   `json:"fields"`
}

type jField struct {
	Name      string   `json:"name"`
	BitOffset int64    `json:"bit_offset"`
	BitSize   int64    `json:"bit_size"`
	Bitfield  bool     `json:"bitfield,omitempty"`
	Spelling  string   `json:"type"`
	Canonical string   `json:"canonical"`
	PlainChar bool     `json:"plain_char,omitempty"`
	Record    *jRecord `json:"record,omitempty"`
	Relocated bool     `json:"relocated,omitempty"`
	Pos       Pos      `json:"pos,omitzero"`
	Doc       string   `json:"doc,omitempty"`
}

type jEnum struct {
	Name    string        `json:"name"`
	Typedef bool          `json:"typedef,omitempty"`
	Size    int64         `json:"size"`
	Signed  bool          `json:"signed"`
	Pos     Pos           `json:"pos,omitzero"`
	Doc     string        `json:"doc,omitempty"`
	Values  []jEnumerator `json:"values"`
}

type jEnumerator struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Pos   Pos    `json:"pos,omitzero"`
	Doc   string `json:"doc,omitempty"`
}

type jConstant struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	// Kind is "string", "bytes" (a string that is not UTF-8, in hexadecimal)
	// or "float" where the value is not an integer.
	Kind string `json:"kind,omitempty"`
	Type string `json:"type,omitempty"`
	Expr string `json:"expr,omitempty"`
	Pos  Pos    `json:"pos,omitzero"`
	Doc  string `json:"doc,omitempty"`
}

type jPrototype struct {
	Name            string   `json:"name"`
	Role            Role     `json:"role"`
	Result          string   `json:"result"`
	ResultCanonical string   `json:"result_canonical"`
	ResultPlainChar bool     `json:"result_plain_char,omitempty"`
	Params          []jParam `json:"params"`
	Variadic        bool     `json:"variadic,omitempty"`
	Pos             Pos      `json:"pos,omitzero"`
	Doc             string   `json:"doc,omitempty"`
}

type jParam struct {
	Name      string `json:"name,omitempty"`
	Spelling  string `json:"type"`
	Canonical string `json:"canonical"`
	PlainChar bool   `json:"plain_char,omitempty"`
}

type jSkipped struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
	Pos    Pos    `json:"pos,omitzero"`
}

// Decode reads a snapshot. Members it does not know are ignored; a newer
// schema is refused, since it may mean something else.
func Decode(r io.Reader) (*ABI, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var j jABI
	if err := unmarshal(data, &j); err != nil {
		return nil, err
	}
	return j.toModel()
}

// toModel checks what the members say by themselves and returns the model.
func (j *jABI) toModel() (*ABI, error) {
	if err := checkSchema(j.Schema, "snapshot of "+j.Source); err != nil {
		return nil, err
	}
	if _, err := TargetByName(j.Target); err != nil {
		return nil, fmt.Errorf("snapshot of %s: %w", j.Source, err)
	}
	return fromJSON(j)
}

func checkSchema(schema int, what string) error {
	switch {
	case schema == 0:
		return fmt.Errorf("%w: no \"schema\" member", ErrNotSnapshot)
	case schema < 0 || schema > SchemaVersion:
		return fmt.Errorf("%s has schema %d, and this abigen reads up to %d: use an abigen that is as new as the one that wrote it",
			what, schema, SchemaVersion)
	}
	return nil
}

func toJSON(a *ABI) *jABI {
	j := &jABI{
		Schema: SchemaVersion, Source: a.Source, Target: a.Target, Side: a.Side,
		Attests: append([]Evidence{}, a.Attests...), Guards: a.Guards,
		Records: []jRecord{}, Enums: []jEnum{}, Constants: []jConstant{}, Prototypes: []jPrototype{}, Skipped: []jSkipped{},
	}
	for _, r := range a.Records {
		j.Records = append(j.Records, *recordToJSON(r))
	}
	for _, e := range a.Enums {
		j.Enums = append(j.Enums, *enumToJSON(e))
	}
	for _, c := range a.Constants {
		j.Constants = append(j.Constants, *constantToJSON(c))
	}
	for _, p := range a.Prototypes {
		j.Prototypes = append(j.Prototypes, *prototypeToJSON(p))
	}
	for _, s := range a.Skipped {
		j.Skipped = append(j.Skipped, jSkipped(s))
	}
	return j
}

func enumToJSON(e *Enum) *jEnum {
	j := &jEnum{Name: e.Name, Typedef: e.Typedef, Size: e.Size, Signed: e.Signed, Pos: e.Pos, Doc: e.Doc, Values: []jEnumerator{}}
	for _, v := range e.Values {
		j.Values = append(j.Values, jEnumerator{Name: v.Name, Value: v.Value.ExactString(), Pos: v.Pos, Doc: v.Doc})
	}
	return j
}

func constantToJSON(c *Constant) *jConstant {
	j := &jConstant{Name: c.Name, Type: c.Type, Expr: c.Expr, Pos: c.Pos, Doc: c.Doc}
	switch c.Value.Kind() {
	case constant.String:
		j.Kind, j.Value = "string", constant.StringVal(c.Value)
		if !utf8.ValidString(j.Value) {
			// JSON would replace the bytes.
			j.Kind, j.Value = "bytes", hex.EncodeToString([]byte(j.Value))
		}
	case constant.Float:
		j.Kind, j.Value = "float", c.Value.ExactString()
	default:
		j.Value = c.Value.ExactString()
	}
	return j
}

func prototypeToJSON(p *Prototype) *jPrototype {
	j := &jPrototype{Name: p.Name, Role: p.Role, Result: p.Result, ResultCanonical: typeString(p.ResultType),
		ResultPlainChar: HasPlainChar(p.ResultType), Variadic: p.Variadic, Pos: p.Pos, Doc: p.Doc, Params: []jParam{}}
	for _, q := range p.Params {
		j.Params = append(j.Params, jParam{Name: q.Name, Spelling: q.Spelling, Canonical: typeString(q.Type), PlainChar: HasPlainChar(q.Type)})
	}
	return j
}

func recordToJSON(r *Record) *jRecord {
	j := &jRecord{Kind: r.Kind, Name: r.Name, Typedef: r.Typedef, Size: r.Size, Align: r.Align, Packed: r.Packed,
		Registered: r.Registered, Pos: r.Pos, Doc: r.Doc, Fields: []jField{}}
	for i := range r.Fields {
		f := &r.Fields[i]
		jf := jField{Name: f.Name, BitOffset: f.BitOffset, BitSize: f.BitSize, Bitfield: f.Bitfield, Spelling: f.Spelling,
			Canonical: typeString(f.Type), PlainChar: HasPlainChar(f.Type), Relocated: f.Relocated, Pos: f.Pos, Doc: f.Doc}
		if f.Record != nil {
			jf.Record = recordToJSON(f.Record)
		}
		j.Fields = append(j.Fields, jf)
	}
	return j
}

func typeString(t Type) string {
	if t == nil {
		return ""
	}
	return t.String()
}

func fromJSON(j *jABI) (*ABI, error) {
	a := &ABI{Source: j.Source, Target: j.Target, Side: j.Side, Attests: j.Attests, Guards: j.Guards}
	fail := func(what, name string, err error) (*ABI, error) {
		return nil, fmt.Errorf("snapshot of %s: %s %s: %w", j.Source, what, name, err)
	}
	for i := range j.Records {
		r, err := recordFromJSON(&j.Records[i])
		if err != nil {
			return fail("record", j.Records[i].Name, err)
		}
		a.Records = append(a.Records, r)
	}
	for i := range j.Enums {
		je := &j.Enums[i]
		e := &Enum{Name: je.Name, Typedef: je.Typedef, Size: je.Size, Signed: je.Signed, Pos: je.Pos, Doc: je.Doc}
		for _, v := range je.Values {
			val, err := parseValue("", v.Value)
			if err != nil {
				return fail("enum", je.Name+"."+v.Name, err)
			}
			e.Values = append(e.Values, Enumerator{Name: v.Name, Value: val, Pos: v.Pos, Doc: v.Doc})
		}
		a.Enums = append(a.Enums, e)
	}
	for i := range j.Constants {
		jc := &j.Constants[i]
		val, err := parseValue(jc.Kind, jc.Value)
		if err != nil {
			return fail("constant", jc.Name, err)
		}
		a.Constants = append(a.Constants, &Constant{Name: jc.Name, Value: val, Type: jc.Type, Expr: jc.Expr, Pos: jc.Pos, Doc: jc.Doc})
	}
	for i := range j.Prototypes {
		jp := &j.Prototypes[i]
		p := &Prototype{Name: jp.Name, Role: jp.Role, Result: jp.Result, Variadic: jp.Variadic, Pos: jp.Pos, Doc: jp.Doc}
		var err error
		if p.ResultType, err = parseCanonical(jp.ResultCanonical, jp.ResultPlainChar); err != nil {
			return fail("prototype", jp.Name, err)
		}
		for _, q := range jp.Params {
			t, err := parseCanonical(q.Canonical, q.PlainChar)
			if err != nil {
				return fail("prototype", jp.Name, err)
			}
			p.Params = append(p.Params, Param{Name: q.Name, Spelling: q.Spelling, Type: t})
		}
		a.Prototypes = append(a.Prototypes, p)
	}
	for _, s := range j.Skipped {
		a.Skipped = append(a.Skipped, Skipped(s))
	}
	return a, nil
}

func recordFromJSON(j *jRecord) (*Record, error) {
	if j.Kind != Struct && j.Kind != Union {
		return nil, fmt.Errorf("kind %q: want struct or union", j.Kind)
	}
	r := &Record{Kind: j.Kind, Name: j.Name, Typedef: j.Typedef, Size: j.Size, Align: j.Align, Packed: j.Packed,
		Registered: j.Registered, Pos: j.Pos, Doc: j.Doc}
	for i := range j.Fields {
		jf := &j.Fields[i]
		t, err := parseCanonical(jf.Canonical, jf.PlainChar)
		if err != nil {
			return nil, fmt.Errorf("member %q: %w", jf.Name, err)
		}
		if jf.BitSize < 0 || jf.BitOffset < 0 {
			return nil, fmt.Errorf("member %q: negative bit offset or size", jf.Name)
		}
		f := Field{Name: jf.Name, BitOffset: jf.BitOffset, BitSize: jf.BitSize, Bitfield: jf.Bitfield,
			Spelling: jf.Spelling, Type: t, Relocated: jf.Relocated, Pos: jf.Pos, Doc: jf.Doc}
		if jf.Record != nil {
			if f.Record, err = recordFromJSON(jf.Record); err != nil {
				return nil, fmt.Errorf("member %q: %w", jf.Name, err)
			}
		}
		r.Fields = append(r.Fields, f)
	}
	return r, nil
}

func parseCanonical(s string, plainChar bool) (Type, error) {
	if s == "" {
		return nil, errors.New("no canonical type")
	}
	t, err := ParseType(s)
	if err == nil && plainChar {
		t = markChar(t)
	}
	return t, err
}

// markChar sets Char on the 8-bit integer at the bottom of t, where
// [HasPlainChar] found it when the snapshot was written.
func markChar(t Type) Type {
	switch x := t.(type) {
	case Int:
		x.Char = x.Bits == 8
		return x
	case Array:
		x.Elem = markChar(x.Elem)
		return x
	case Vector:
		x.Elem = markChar(x.Elem)
		return x
	case Qualified:
		x.Elem = markChar(x.Elem)
		return x
	case Pointer:
		x.Elem = markChar(x.Elem)
		return x
	}
	return t
}

func parseValue(kind, s string) (constant.Value, error) {
	switch kind {
	case "string":
		return constant.MakeString(s), nil
	case "bytes":
		b, err := hex.DecodeString(s)
		if err != nil {
			return nil, fmt.Errorf("value %q: not hexadecimal: %w", s, err)
		}
		return constant.MakeString(string(b)), nil
	case "float":
		num, den, isRatio := strings.Cut(s, "/")
		v := constant.MakeFromLiteral(strings.TrimPrefix(num, "-"), token.FLOAT, 0)
		if isRatio {
			d := constant.MakeFromLiteral(den, token.FLOAT, 0)
			if d.Kind() == constant.Unknown || constant.Sign(d) == 0 {
				return nil, fmt.Errorf("value %q: not a number", s)
			}
			v = constant.BinaryOp(v, token.QUO, d)
		}
		if strings.HasPrefix(num, "-") {
			v = constant.UnaryOp(token.SUB, v, 0)
		}
		if v.Kind() == constant.Unknown {
			return nil, fmt.Errorf("value %q: not a number", s)
		}
		return constant.ToFloat(v), nil
	case "":
		v := constant.MakeFromLiteral(strings.TrimPrefix(s, "-"), token.INT, 0)
		if strings.HasPrefix(s, "-") {
			v = constant.UnaryOp(token.SUB, v, 0)
		}
		// Comparing the spelling refuses octal and hexadecimal, which Go's
		// literals allow and the format does not.
		if v.Kind() != constant.Int || v.ExactString() != s {
			return nil, fmt.Errorf("value %q: not a decimal integer", s)
		}
		return v, nil
	}
	return nil, fmt.Errorf("value %q: unknown kind %q", s, kind)
}
