// SPDX-License-Identifier: MIT

package wrong

//abigen:record bits
type Bits struct {
	Kind uint32 // want "bits.kind: The field is named after a bit-field of 4 bits and holds others too, so its value is not that of `kind`: mask it"
	_    uint32
	Ts   uint64
}

//abigen:record address
type Address struct { // want "address.v6: The Go code has no member `v6`: C code would read and write bytes that now hold `v4`"
	Family, Port uint16
	V4           uint32
	Extra        [4]byte
}
