// SPDX-License-Identifier: MIT

// Package right has structs that are right on every GOARCH. Nothing is
// reported.
package right

//abigen:record event
type Event struct {
	Pid  uint32
	_    [4]byte
	Ts   uint64
	Comm [16]byte
	Kind uint8
	_    [7]byte
}

// Names need not be spelled as C does, as long as the letters agree.
//
//abigen:record range
type Range struct {
	POS       uint64
	How_many_ uint64 //abigen:member count
}

//abigen:record counters
type Counters struct {
	Hits, Misses uint32
	Bytes        uint64
}

//abigen:enum kind
type Kind uint32

const (
	KIND_OPEN  Kind = 1
	KIND_CLOSE Kind = 2
)

//abigen:record result
type Result struct {
	Written int64
	Error   int32
	Kind    Kind
}

// An address is a number to Go.
//
//abigen:record task
type Task struct {
	Self, Start uint64
}

// What the program does not need is left blank, in one piece or more.
//
//abigen:record sample
type Sample struct {
	Pid uint32
	_   uint32
	_   [8]byte // ts
	CPU uint32
	_   [2]uint16
}

// A struct without a directive is compared by its members.
type head struct{ Type, Len uint32 }

//abigen:record message
type Message struct {
	Head head
	TS   uint64
	Body struct {
		Low, High uint16
		Rest      uint32
	}
	More [2]head
}

//abigen:record promoted
type Promoted struct {
	head
	Ts uint64
}

type slots[K any] struct {
	Slots [4]K
	Total uint64
}

//abigen:record histogram
type Histogram = slots[uint32]

// The bits of C lie in one integer, named after all of it.
//
//abigen:record bits
type Bits struct {
	KindCPU uint32
	_       uint32
	Ts      uint64
}

// Of a union Go has one member, or its bytes.
//
//abigen:record address
type Address struct {
	Family, Port uint16
	V6           [16]byte
	Extra        [4]byte
}

//abigen:record switches
type Switches struct {
	On    uint8
	Off   bool
	Level uint16
	Load  float32
}

//abigen:record value
type Value struct{ Number uint64 }

// plain has no directive, and whatever is in it is its own affair.
type plain struct {
	a uint8
	b uint64
}
