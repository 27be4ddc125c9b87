// SPDX-License-Identifier: MIT

package bpf

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
)

// The numbers of /dev/fuse: a misc device.
const fuseMajor, fuseMinor = 10, 229

// checkDevice tells what the kernel answers alike, with EBADF: a descriptor that
// is not open and one that is something else than /dev/fuse (rule 38).
func checkDevice(fd int) error {
	var st syscall.Stat_t
	for {
		err := syscall.Fstat(fd, &st)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("bpf: %w: Options.Device is %d: give the descriptor of /dev/fuse that the file system was mounted with, and keep it open: %w", ErrBadFD, fd, err)
		}
		break
	}
	rdev := uint64(st.Rdev) //nolint:unconvert // it has 32 bits on some machines
	major, minor := rdev>>8&0xfff|rdev>>32&^0xfff, rdev&0xff|rdev>>12&^0xff
	if st.Mode&syscall.S_IFMT != syscall.S_IFCHR || major != fuseMajor || minor != fuseMinor {
		name, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
		if err != nil {
			name = "something else"
		}
		return fmt.Errorf("bpf: %w: Options.Device is %d, which is %s: give the descriptor of /dev/fuse that the file system was mounted with", ErrNotFUSE, fd, name)
	}
	return nil
}

// inode is the number of a file's inode, or 0.
func inode(path string) uint64 {
	var st syscall.Stat_t
	if syscall.Lstat(path, &st) != nil {
		return 0
	}
	return st.Ino
}

// hungUp reports whether poll would say POLLHUP of a descriptor, and does not
// wait. The error is errors.ErrUnsupported where the file cannot be polled.
func hungUp(fd int) (bool, error) {
	ep, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return false, err
	}
	defer func() { _ = syscall.Close(ep) }()
	err = syscall.EpollCtl(ep, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLHUP, Fd: int32(fd)})
	if errors.Is(err, syscall.EPERM) {
		return false, errors.ErrUnsupported
	}
	if err != nil {
		return false, err
	}
	events := make([]syscall.EpollEvent, 1)
	for {
		n, err := syscall.EpollWait(ep, events, 0)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		return n == 1 && events[0].Events&syscall.EPOLLHUP != 0, err
	}
}

// iterate runs an iterator over all it has to show; what it prints is dropped.
func iterate(program *ebpf.Program) error {
	iter, err := link.AttachIter(link.IterOptions{Program: program})
	if err != nil {
		return err
	}
	defer func() { _ = iter.Close() }()
	r, err := iter.Open()
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	_, err = io.Copy(io.Discard, r)
	return err
}
