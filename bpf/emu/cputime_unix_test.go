// SPDX-License-Identifier: MIT

//go:build unix

package emu

import (
	"syscall"
	"testing"
	"time"
)

// cpuTime is what this process has taken of the processor.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
