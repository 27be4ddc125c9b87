// SPDX-License-Identifier: MIT

package programs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// DecodeParams reads the JSON form of a program's parameters: the members of
// their type, by name. A member that is not one is an error. Nothing is
// validated yet.
func DecodeParams(p Program, text []byte) (Params, error) {
	read := map[Program]func(*json.Decoder) (Params, error){
		Linear:     decodeAs[LinearParams],
		Stripe:     decodeAs[StripeParams],
		Interleave: decodeAs[InterleaveParams],
		Extents:    decodeAs[ExtentsParams],
		Pattern:    decodeAs[PatternParams],
		Append:     decodeAs[AppendParams],
		Observe:    decodeAs[ObserveParams],
		Cached:     decodeAs[CachedParams],
	}[p]
	if read == nil {
		return nil, fmt.Errorf("programs: %q is not a program of this package: take one of All", p.name)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	params, err := read(d)
	if err == nil {
		end := d.InputOffset()
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = fmt.Errorf("something follows them after byte %d", end)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("programs: %s: parameters: %w: they are one JSON object with the members %s", p.name, err, strings.Join(members(reflect.TypeOf(params)), ", "))
	}
	return params, nil
}

// members lists the exported members of a structure, those of structures inside it
// as its own, as encoding/json does.
func members(t reflect.Type) []string {
	var all []string
	for f := range t.NumField() {
		if f := t.Field(f); f.Anonymous {
			all = append(all, members(f.Type)...)
		} else {
			all = append(all, f.Name)
		}
	}
	return all
}

func decodeAs[P Params](d *json.Decoder) (Params, error) {
	var p P
	err := d.Decode(&p)
	return p, err
}
