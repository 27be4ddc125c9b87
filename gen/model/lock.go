// SPDX-License-Identifier: MIT

package model

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// Locked is one model of a file that holds several.
type Locked struct {
	// Spec is how the source was written when the file was made; empty in a
	// snapshot of one model.
	Spec string
	*ABI
}

// Name returns what the model is asked for by.
func (l Locked) Name() string { return cmp.Or(l.Spec, l.Source) }

// jLock is the JSON form of several models.
type jLock struct {
	Schema int       `json:"schema"`
	Models []jLocked `json:"models"`
}

type jLocked struct {
	Spec string `json:"spec"`
	jABI
}

// EncodeLock writes several models for people to review how they change: a line
// for each declaration and member, everything sorted by name, and neither
// comments nor positions, which change when nothing else does.
func EncodeLock(w io.Writer, models []Locked) error {
	models = slices.Clone(models)
	slices.SortStableFunc(models, func(a, b Locked) int { return cmp.Or(cmp.Compare(a.Spec, b.Spec), cmp.Compare(a.Target, b.Target)) })
	var b bytes.Buffer
	l := lockWriter{b: &b}
	fmt.Fprintf(&b, "{\"schema\":%d,\"models\":[\n", SchemaVersion)
	for i, m := range models {
		l.model(m)
		b.WriteString(comma(i, len(models)))
	}
	b.WriteString("]}\n")
	if l.err != nil {
		return l.err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// lockWriter writes JSON with a line for each declaration.
type lockWriter struct {
	b   *bytes.Buffer
	err error
}

func comma(i, n int) string {
	if i < n-1 {
		return ",\n"
	}
	return "\n"
}

// line returns v as JSON on one line.
func (l *lockWriter) line(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil && l.err == nil {
		l.err = fmt.Errorf("encode snapshot: %w", err)
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// open writes an object without its closing brace, to add members to.
func (l *lockWriter) open(v any) {
	s := l.line(v)
	l.b.WriteString(s[:max(len(s)-1, 0)])
}

func (l *lockWriter) model(m Locked) {
	j := toJSON(m.ABI)
	l.open(struct {
		Spec    string     `json:"spec"`
		Source  string     `json:"source"`
		Target  string     `json:"target"`
		Side    Side       `json:"side,omitempty"`
		Attests []Evidence `json:"attests"`
		Guards  []string   `json:"guards,omitempty"`
	}{m.Spec, j.Source, j.Target, j.Side, without(j.Attests, Docs), j.Guards})
	slices.SortStableFunc(j.Records, func(a, b jRecord) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortStableFunc(j.Enums, func(a, b jEnum) int { return cmp.Compare(enumName(a), enumName(b)) })
	slices.SortStableFunc(j.Constants, func(a, b jConstant) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortStableFunc(j.Prototypes, func(a, b jPrototype) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortStableFunc(j.Skipped, func(a, b jSkipped) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Reason, b.Reason)) })
	l.b.WriteString(",\n\"records\":[\n")
	for i, r := range j.Records {
		bare(&r)
		fields := r.Fields
		// An object of its own, so that the members come last, line by line.
		l.open(struct {
			jRecord
			Fields []jField `json:"fields,omitempty"`
		}{jRecord: r})
		l.b.WriteString(",\"fields\":[\n")
		for k, f := range fields {
			l.b.WriteString("  " + l.line(f) + comma(k, len(fields)))
		}
		l.b.WriteString("]}" + comma(i, len(j.Records)))
	}
	l.b.WriteString("],\n\"enums\":[\n")
	for i, e := range j.Enums {
		values := e.Values
		e.Pos, e.Doc = Pos{}, ""
		l.open(struct {
			jEnum
			Values []jEnumerator `json:"values,omitempty"`
		}{jEnum: e})
		l.b.WriteString(",\"values\":[\n")
		for k, v := range values {
			v.Pos, v.Doc = Pos{}, ""
			l.b.WriteString("  " + l.line(v) + comma(k, len(values)))
		}
		l.b.WriteString("]}" + comma(i, len(j.Enums)))
	}
	l.b.WriteString("],\n\"constants\":[\n")
	for i, c := range j.Constants {
		c.Pos, c.Doc = Pos{}, ""
		l.b.WriteString(l.line(c) + comma(i, len(j.Constants)))
	}
	l.b.WriteString("],\n\"prototypes\":[\n")
	for i, p := range j.Prototypes {
		p.Pos, p.Doc = Pos{}, ""
		l.b.WriteString(l.line(p) + comma(i, len(j.Prototypes)))
	}
	l.b.WriteString("],\n\"skipped\":[\n")
	for i, s := range j.Skipped {
		s.Pos = Pos{}
		l.b.WriteString(l.line(s) + comma(i, len(j.Skipped)))
	}
	l.b.WriteString("]}")
}

// enumName sorts enums without a name by their first enumerator.
func enumName(e jEnum) string {
	if e.Name == "" && len(e.Values) > 0 {
		return e.Values[0].Name
	}
	return e.Name
}

// bare takes positions and comments out of a record and those within it.
func bare(r *jRecord) {
	r.Pos, r.Doc = Pos{}, ""
	for i := range r.Fields {
		f := &r.Fields[i]
		f.Pos, f.Doc = Pos{}, ""
		if f.Record != nil {
			bare(f.Record)
		}
	}
}

func without(es []Evidence, e Evidence) []Evidence {
	return slices.DeleteFunc(slices.Clone(es), func(x Evidence) bool { return x == e })
}

// DecodeAll reads a snapshot of one model, or a file of several as [EncodeLock]
// writes it.
func DecodeAll(r io.Reader) ([]Locked, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var probe struct {
		Models json.RawMessage `json:"models"`
	}
	if err := json.Unmarshal(data, &probe); err != nil || probe.Models == nil {
		a, err := Decode(bytes.NewReader(data))
		return []Locked{{ABI: a}}, err
	}
	var j jLock
	if err := unmarshal(data, &j); err != nil {
		return nil, err
	}
	if err := checkSchema(j.Schema, "it"); err != nil {
		return nil, err
	}
	var out []Locked
	for i := range j.Models {
		m := &j.Models[i]
		m.Schema = j.Schema
		a, err := m.toModel()
		if err != nil {
			return nil, err
		}
		out = append(out, Locked{m.Spec, a})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: it holds no model", ErrNotSnapshot)
	}
	return out, nil
}
