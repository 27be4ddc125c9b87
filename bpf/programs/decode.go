// SPDX-License-Identifier: MIT

package programs

import (
	"bytes"
	"encoding/json"
	"fmt"
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
	if err != nil {
		return nil, fmt.Errorf("programs: %s: parameters: %w: they are JSON with the members of its parameter type", p.name, err)
	}
	return params, nil
}

func decodeAs[P Params](d *json.Decoder) (Params, error) {
	var p P
	err := d.Decode(&p)
	return p, err
}
