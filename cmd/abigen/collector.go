// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"runtime"
	"runtime/debug"
)

const (
	// firstCollection is how large the heap is when garbage is first
	// collected, as a percentage of 4 MB. Most runs end before.
	firstCollection = 800
	// memoryLimit makes the collector work harder, and is what keeps a header
	// at the bounds of gen/cheader below 500 MB.
	memoryLimit = 400 << 20
)

// tuneCollector spares a short run the garbage collector, and a long one the
// memory that it would take otherwise. GOGC and GOMEMLIMIT in the environment
// overrule it.
func tuneCollector() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	if os.Getenv("GOGC") != "" {
		return
	}
	usual := debug.SetGCPercent(firstCollection)
	// The first collection finds this to be garbage.
	runtime.SetFinalizer(new([16]byte), func(*[16]byte) { debug.SetGCPercent(usual) })
}
