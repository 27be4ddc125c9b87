// SPDX-License-Identifier: MIT

//go:build !mips && !mipsle && !mips64 && !mips64le

package abi

import (
	"syscall"
	"testing"
)

func TestErrnoIsThatOfLinux(t *testing.T) {
	for ours, theirs := range map[Errno]syscall.Errno{
		EIO: syscall.EIO, ENOMEM: syscall.ENOMEM, EACCES: syscall.EACCES, EINVAL: syscall.EINVAL, EUCLEAN: syscall.EUCLEAN,
	} {
		if uintptr(ours) != uintptr(theirs) {
			t.Errorf("%v is %d here", ours, uintptr(theirs))
		}
	}
}
