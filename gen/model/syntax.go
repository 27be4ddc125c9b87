// SPDX-License-Identifier: MIT

package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// SyntaxError is the error for a snapshot that cannot be read, with the place.
type SyntaxError struct {
	// Line and Col start at 1.
	Line, Col int
	// Err says what is wrong; it wraps [ErrNotSnapshot].
	Err error
}

// Error returns line:col: reason.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%d:%d: %v", e.Line, e.Col, e.Err) }

// Unwrap returns Err.
func (e *SyntaxError) Unwrap() error { return e.Err }

// unmarshal decodes JSON; its errors are [SyntaxError]s in the words of the
// format.
func unmarshal(data []byte, v any) error {
	err := json.Unmarshal(data, v)
	if err == nil {
		return nil
	}
	offset := int64(0)
	what := err.Error()
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		// The offset is behind the character that is wrong.
		offset = max(syntax.Offset-1, 0)
	case errors.As(err, &typ):
		offset = typ.Offset
		what = fmt.Sprintf("%s where %s belongs", typ.Value, kindWord(typ.Type))
		if typ.Field != "" {
			// An embedded type is no member of the format.
			what = strings.ReplaceAll(typ.Field, "jABI.", "") + ": " + what
		}
	}
	before := data[:min(offset, int64(len(data)))]
	line := 1 + bytes.Count(before, []byte("\n"))
	col := len(before) - bytes.LastIndexByte(before, '\n')
	return &SyntaxError{line, col, fmt.Errorf("%w: %s", ErrNotSnapshot, what)}
}

// kindWord says in JSON's words what belongs where a Go type was expected.
func kindWord(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.String:
		return "a string"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}
