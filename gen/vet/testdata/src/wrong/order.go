// SPDX-License-Identifier: MIT

package wrong

// Range is written and read with the same mistake, so that no test of ours
// fails.
//
//abigen:record range
type Range struct {
	// Count is how many.
	Count uint64
	Pos   uint64 // want "range.pos: `pos` and `count` have changed places: C code would read `pos` where the Go code keeps `count`"
}

var whole = Range{Pos: 1, Count: 2}
