// SPDX-License-Identifier: MIT

package bpf

import "time"

// Statistics are what the kernel counted of the calls of an Ops.
type Statistics struct {
	// Enabled tells whether the kernel counts at present.
	Enabled bool
	// Callbacks are those of the Ops that have a program, in the order of the
	// kernel's struct.
	Callbacks []CallbackStatistics
}

// CallbackStatistics are those of one callback, since it was loaded.
type CallbackStatistics struct {
	Callback string // the member, such as iomap_begin
	Program  string // the function in the object
	Calls    uint64
	Time     time.Duration // in all calls together
	// Missed are calls the kernel left out because the program was already
	// running on the processor.
	Missed uint64
}
