// SPDX-License-Identifier: MIT

//go:build linux

package testmod

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// DevicePath is where the module is talked to.
const DevicePath = "/dev/abigen_testmod"

// version is that of bpf/testmod/abigen_testmod.h, which these structures repeat.
const version = 1

// Device is an open file of the module's device. It is safe for concurrent use.
type Device struct{ f *os.File }

// Open opens the device. Where the module is not loaded the error wraps
// os.ErrNotExist.
func Open() (*Device, error) {
	f, err := os.OpenFile(DevicePath, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("testmod: %w", err)
	}
	d := &Device{f}
	info, err := d.Info()
	if err == nil && info.Version != version {
		err = fmt.Errorf("testmod: the loaded module speaks version %d, this client %d: build and load it again", info.Version, version)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return d, nil
}

// Close gives up what was set with this device.
func (d *Device) Close() error { return d.f.Close() }

// Arrival is whether eight arguments arrive.
type Arrival uint32

// The arrivals. Device.EightArguments finds out.
const (
	Unknown Arrival = iota
	Right
	Wrong
)

// String returns "unknown", "right" or "wrong".
func (a Arrival) String() string {
	switch a {
	case Right:
		return "right"
	case Wrong:
		return "wrong"
	}
	return "unknown"
}

// Info is what the module says of itself.
type Info struct {
	Version  uint32
	Revision uint32  // of the interface: 2, 3 or 4
	Eight    Arrival // whether the module has seen eight arguments arrive
	Attached uint32  // how many FUSE device files have programs attached
	InFlight uint32  // how many calls are
	_        uint32
}

// Info asks the module.
func (d *Device) Info() (Info, error) {
	var i Info
	return i, d.ioctl(0, ioRead, unsafe.Pointer(&i), unsafe.Sizeof(i), "info")
}

// State is what is so of a connection and the module cannot see.
type State uint32

// The bits of a State. Zero is a connection that has negotiated iomap.
const (
	NoIomap State = 1 << iota // INIT did not negotiate FUSE_IOMAP
	Gone                      // aborted or unmounted: what is attached is detached
)

// Set sets the state of the connection of a FUSE device file until the device is
// closed.
func (d *Device) Set(fuseFD int, s State) error {
	in := struct {
		fd    int32
		state State
	}{int32(fuseFD), s}
	return d.ioctl(1, ioWrite, unsafe.Pointer(&in), unsafe.Sizeof(in), "set")
}

// Directions of an ioctl.
const (
	ioWrite = 1 << iota
	ioRead
)

// request is the number of an ioctl of the device. Its direction is encoded in
// another way on some machines.
func request(nr uintptr, direction uintptr, size uintptr) uintptr {
	if a := runtime.GOARCH; a == "mips" || a == "mipsle" || a == "mips64" || a == "mips64le" || a == "ppc64" || a == "ppc64le" {
		// 1 is none, 2 read, 4 write.
		enc := uintptr(0)
		if direction&ioRead != 0 {
			enc |= 2
		}
		if direction&ioWrite != 0 {
			enc |= 4
		}
		return enc<<29 | size<<16 | 0xab<<8 | nr
	}
	return direction<<30 | size<<16 | 0xab<<8 | nr
}

func (d *Device) ioctl(nr, direction uintptr, arg unsafe.Pointer, size uintptr, what string) error {
	c, err := d.f.SyscallConn()
	if err != nil {
		return fmt.Errorf("testmod: %s: %w", what, err)
	}
	var errno unix.Errno
	err = c.Control(func(fd uintptr) {
		_, _, errno = unix.Syscall(unix.SYS_IOCTL, fd, request(nr, direction, size), uintptr(arg))
	})
	if err == nil && errno != 0 {
		err = errno
	}
	if err == nil {
		return nil
	}
	why := ""
	switch {
	case errors.Is(err, unix.ENOLINK):
		why = ": nothing is attached"
	case errors.Is(err, unix.EOPNOTSUPP) && nr == 4:
		why = ": it is not known that eight arguments arrive here"
	}
	return fmt.Errorf("testmod: %s: %w%s", what, err, why)
}
