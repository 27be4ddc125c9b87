// SPDX-License-Identifier: MIT

//go:build !linux

package bpf

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf"
)

// What follows stands for system calls that only Linux has: the tools of this
// module build elsewhere too, and attaching fails.

func checkDevice(fd int) error {
	return fmt.Errorf("bpf: %w: descriptor %d: FUSE iomap is an interface of Linux", ErrNotFUSE, fd)
}

func inode(string) uint64 { return 0 }

func hungUp(int) (bool, error) { return false, errors.ErrUnsupported }

func iterate(*ebpf.Program) error { return errors.ErrUnsupported }
