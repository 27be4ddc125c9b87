// SPDX-License-Identifier: MIT

package wrong

//abigen:record counters
type Counters struct {
	Hits   uint64 // want "counters.hits: `hits` is wider: .* C has u32 at byte 0, Go has u64 at byte 0"
	Misses uint32
	Bytes  uint64
}

// Words is right on every 64-bit GOARCH.
//
//abigen:record words
type Words struct {
	Delta int     // want "words.delta: `delta` is narrower: .* C has s64 at byte 0, Go has s32 at byte 0 on 386, arm and mips"
	Addr  uintptr // want "words.addr: `addr` is narrower: .* on 386, arm and mips"
}

//abigen:record histogram
type Histogram = slots[uint16]

type slots[K any] struct {
	Slots [4]K // want "histogram.slots: `slots` is narrower"
	Total uint64
}
