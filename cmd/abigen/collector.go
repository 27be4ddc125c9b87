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
	// laterCollections is how much of what is in use may be garbage before it is
	// collected again, in percent. At the usual 100 a large header spends a third
	// of its time in the collector; memoryLimit keeps it in bounds in any case.
	laterCollections = 400
	// memoryLimit makes the collector work harder, and is what keeps a header
	// at the bounds of gen/cheader below 500 MB.
	memoryLimit = 400 << 20
	// matrixLimit does so for many sources one after the other, of which little
	// is in use at a time.
	matrixLimit = 140 << 20
)

// tuneCollector spares a short run the garbage collector, and a long one the
// memory that it would take otherwise. GOGC and GOMEMLIMIT in the environment
// overrule it.
func tuneCollector() {
	limitMemory(memoryLimit)
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(firstCollection)
	// The first collection finds this to be garbage.
	runtime.SetFinalizer(new([16]byte), func(*[16]byte) { debug.SetGCPercent(laterCollections) })
}

// limitMemory has the collector keep the process below limit, in bytes, where it can.
func limitMemory(limit int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limit)
	}
}
