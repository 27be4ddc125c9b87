// SPDX-License-Identifier: MIT

package drift

// Witness is the proof of a finding in a record: bytes written through the old
// layout and read through the new. Its values are chosen, always the same ones,
// and in the byte order of the target.
type Witness struct {
	// Text is the proof in one line, such as "write addr = 0x1122334455667788
	// through the old layout: the new reads addr = 0xa5a5a5a5a5a5a5a5".
	Text string `json:"text"`
	// Write is what the old side stores and Read what the new side takes for it.
	// Read is nil where the loader refuses before anybody reads.
	Write *Access `json:"write,omitempty"`
	Read  *Access `json:"read,omitempty"`
	// Bytes are those of the record as the old side leaves them, in hexadecimal,
	// two digits a byte. What the write does not touch holds a5, or 5a where
	// that shows the difference better. A long record is cut to the bytes that
	// matter, which start at FirstByte.
	Bytes     string `json:"bytes,omitempty"`
	FirstByte int64  `json:"first_byte,omitempty"`
	// BigEndian is the byte order of Bytes.
	BigEndian bool `json:"big_endian,omitempty"`
}

// Access is one side of a [Witness]: a member and the number in it.
type Access struct {
	// Member is the name within the record, with the element of an array:
	// "addr", "name[15]". It is empty for bytes behind the record.
	Member string `json:"member,omitempty"`
	// Type is the type in C, as in [Cell.Type].
	Type string `json:"type,omitempty"`
	// Value is the number as its side understands it.
	Value string `json:"value"`
	// BitOffset and BitSize are where it lies in the record of its side.
	BitOffset int64 `json:"bit_offset"`
	BitSize   int64 `json:"bit_size"`
}
