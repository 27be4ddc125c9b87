// SPDX-License-Identifier: MIT

//go:build linux

package testmod

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Name is the module's.
const Name = "abigen_testmod"

// Load loads the module from a file. It needs CAP_SYS_MODULE.
func Load(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("testmod: %w", err)
	}
	defer func() { _ = f.Close() }()
	if err := unix.FinitModule(int(f.Fd()), "", 0); err != nil {
		return fmt.Errorf("testmod: %s cannot be loaded: %w: the kernel's log may say why", file, err)
	}
	return nil
}

// Unload removes the module. The kernel gives up maps and programs some time
// after their last descriptor is closed, so it tries again for a while.
func Unload() error {
	var err error
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		err = unix.DeleteModule(Name, unix.O_NONBLOCK)
		if err == nil {
			return nil
		}
		again := errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EBUSY)
		if !again || time.Now().After(end) {
			return fmt.Errorf("testmod: the module cannot be removed: %w: is something still loaded that uses it?", err)
		}
	}
}
