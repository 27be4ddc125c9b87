// SPDX-License-Identifier: MIT

package jit

import (
	"runtime"
	"syscall"
	"unsafe"
)

// OneCPU keeps the calling goroutine on one processor until the returned
// function is called, so that what a program keeps for each processor is in one
// place.
func OneCPU() (release func(), err error) {
	runtime.LockOSThread()
	var old, one [128]byte
	if _, _, e := syscall.RawSyscall(syscall.SYS_SCHED_GETAFFINITY, 0, uintptr(len(old)), uintptr(unsafe.Pointer(&old))); e != 0 {
		runtime.UnlockOSThread()
		return nil, e
	}
	for i, b := range old {
		if b != 0 {
			one[i] = b & -b
			break
		}
	}
	if _, _, e := syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, 0, uintptr(len(one)), uintptr(unsafe.Pointer(&one))); e != 0 {
		runtime.UnlockOSThread()
		return nil, e
	}
	return func() {
		_, _, _ = syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, 0, uintptr(len(old)), uintptr(unsafe.Pointer(&old)))
		runtime.UnlockOSThread()
	}, nil
}
