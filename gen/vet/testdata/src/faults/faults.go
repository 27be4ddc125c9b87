// SPDX-License-Identifier: MIT

// Package faults has directives that check nothing.
package faults

// want +3 `unknown directive`
// want +5 `source= takes one source without spaces`

//abigen:recrod event
type Event struct{ Pid uint32 }

//abigen:record words source=elf:none.o extra
type Words struct{ Delta int64 }

//abigen:record task
type Task struct {
	Self string // want `field Task.Self of type string: a string is a pointer and a length and has no C layout`
}
