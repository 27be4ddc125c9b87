// SPDX-License-Identifier: MIT

package main

import (
	"syscall"
	"time"
)

// rusageThread is RUSAGE_THREAD.
const rusageThread = 1

// threadTime is the CPU time that the calling thread has had, user and system:
// what a loop takes without what others on the machine take meanwhile.
func threadTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(rusageThread, &u); err != nil {
		return wallTime()
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
