// SPDX-License-Identifier: MIT

package model

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// Encode writes a as a snapshot: indented JSON with a final newline. Equal
// models give equal bytes. A model may be large, so only one declaration at a
// time is in memory as JSON.
func Encode(w io.Writer, a *ABI) error {
	e := snapshotWriter{w: bufio.NewWriter(w)}
	e.member("{", "schema", SchemaVersion)
	e.member(",", "source", a.Source)
	e.member(",", "target", a.Target)
	if a.Side != "" {
		e.member(",", "side", a.Side)
	}
	e.member(",", "attests", append([]Evidence{}, a.Attests...))
	list(&e, "records", a.Records, recordToJSON)
	list(&e, "enums", a.Enums, enumToJSON)
	list(&e, "constants", a.Constants, constantToJSON)
	list(&e, "prototypes", a.Prototypes, prototypeToJSON)
	list(&e, "skipped", a.Skipped, func(s Skipped) *jSkipped { j := jSkipped(s); return &j })
	if len(a.Guards) > 0 {
		e.member(",", "guards", a.Guards)
	}
	e.text("\n}\n")
	if e.err == nil {
		e.err = e.w.Flush()
	}
	if e.err != nil {
		return fmt.Errorf("encode snapshot of %s: %w", a.Source, e.err)
	}
	return nil
}

// snapshotWriter writes the members of jABI as [json.Encoder] would.
type snapshotWriter struct {
	w   *bufio.Writer
	b   bytes.Buffer
	err error
}

func (e *snapshotWriter) text(s string) {
	if e.err == nil {
		_, e.err = e.w.WriteString(s)
	}
}

func (e *snapshotWriter) member(before, name string, v any) {
	e.text(before + "\n  \"" + name + "\": ")
	e.value("  ", v)
}

// value writes a value whose lines behind the first begin with prefix.
func (e *snapshotWriter) value(prefix string, v any) {
	e.b.Reset()
	enc := json.NewEncoder(&e.b)
	enc.SetEscapeHTML(false)
	enc.SetIndent(prefix, "  ")
	if err := enc.Encode(v); err != nil && e.err == nil {
		e.err = err
	}
	if e.err == nil {
		_, e.err = e.w.Write(bytes.TrimSuffix(e.b.Bytes(), []byte("\n")))
	}
}

// list writes a member that is a list, of what convert makes of each element.
func list[T, J any](e *snapshotWriter, name string, elems []T, convert func(T) *J) {
	e.text(",\n  \"" + name + "\": [")
	for i, x := range elems {
		if i > 0 {
			e.text(",")
		}
		e.text("\n    ")
		e.value("    ", convert(x))
	}
	if len(elems) > 0 {
		e.text("\n  ")
	}
	e.text("]")
}
