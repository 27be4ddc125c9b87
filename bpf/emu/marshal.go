// SPDX-License-Identifier: MIT

package emu

import (
	"encoding/binary"
	"fmt"
)

// marshal gives the bytes of a value in the object's byte order. There must be
// exactly size of them; a string is padded with zeroes.
func (m *Machine) marshal(v any, size int) ([]byte, error) {
	var b []byte
	switch v := v.(type) {
	case []byte:
		b = v
	case string:
		if len(v) > size {
			return nil, fmt.Errorf("%q has %s, %d fit", v, plural(uint64(len(v)), "byte"), size)
		}
		b = append([]byte(v), make([]byte, size-len(v))...)
	default:
		var err error
		if b, err = binary.Append(nil, m.bo, v); err != nil {
			return nil, fmt.Errorf("a %T has no fixed size: give a []byte, a number such as uint32, or a struct of these", v)
		}
	}
	if len(b) != size {
		return nil, fmt.Errorf("a %T of %s was given, %s needed", v, plural(uint64(len(b)), "byte"), plural(uint64(size), "byte"))
	}
	return b, nil
}

// unmarshal copies bytes to a value.
func (m *Machine) unmarshal(b []byte, out any) error {
	if dst, ok := out.([]byte); ok {
		if len(dst) != len(b) {
			return fmt.Errorf("a []byte of %s was given, %s needed", plural(uint64(len(dst)), "byte"), plural(uint64(len(b)), "byte"))
		}
		copy(dst, b)
		return nil
	}
	if n := binary.Size(out); n != len(b) {
		return fmt.Errorf("a %T of %d bytes was given, %s needed: give a []byte or a pointer to a number or struct of that size", out, n, plural(uint64(len(b)), "byte"))
	}
	if _, err := binary.Decode(b, m.bo, out); err != nil {
		return fmt.Errorf("a %T cannot be filled: give a []byte or a pointer", out)
	}
	return nil
}
