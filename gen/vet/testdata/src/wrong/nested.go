// SPDX-License-Identifier: MIT

package wrong

type head struct {
	Type uint32
	Len  uint16 // want "message.head.len: `len` is narrower" "message.more.len: `len` is narrower" "promoted.len: `len` is narrower"
}

//abigen:record message
type Message struct { // want "message.body.high: The Go code has no member `high`"
	Head head
	TS   uint64
	Body struct {
		Low  uint16
		Rest uint32
	}
	More [2]head
}

//abigen:record promoted
type Promoted struct {
	head
	Ts uint64
}
