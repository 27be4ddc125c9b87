// SPDX-License-Identifier: MIT

//go:build linux

package fusefd

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"
)

// Device is what FUSE servers open.
const Device = "/dev/fuse"

var (
	// ErrNoFUSE says that the kernel or the container has no FUSE device.
	ErrNoFUSE = errors.New("there is no " + Device)
	// ErrNotPermitted says that this process may not mount.
	ErrNotPermitted = errors.New("not permitted")
	// ErrStale says that a server that has gone left its mount behind.
	ErrStale = errors.New("the server of a former mount has gone")
	// ErrBusy says that files of the mount are in use.
	ErrBusy = errors.New("files are in use")
	// ErrClosed says that the Mount has been closed.
	ErrClosed = errors.New("the descriptor has been closed")
)

// Mount is a file system that is mounted, and a descriptor of its connection. Its
// methods may be called concurrently.
type Mount struct {
	dir string

	mu sync.Mutex
	fd int // -1 once closed
}

// New mounts a FUSE file system on a directory. Nobody serves it yet: everything
// that looks into the directory waits, until the server that the descriptor is
// handed over to answers.
//
// Errors wrap [ErrNoFUSE], [ErrNotPermitted] or [ErrStale] where one of them is
// the reason, and the system's error in any case.
func New(dir string, opts Options) (*Mount, error) {
	var st unix.Stat_t
	switch err := unix.Stat(dir, &st); {
	case errors.Is(err, unix.ENOTCONN):
		return nil, fmt.Errorf("fusefd: %s: %w: %w: run umount %s first", dir, ErrStale, err, dir)
	case err != nil:
		return nil, fmt.Errorf("fusefd: mount point: %w", &os.PathError{Op: "stat", Path: dir, Err: err})
	case st.Mode&unix.S_IFMT != unix.S_IFDIR:
		return nil, fmt.Errorf("fusefd: mount point: %w", &os.PathError{Op: "mount", Path: dir, Err: unix.ENOTDIR})
	}
	// Blocking, as the libraries want it: the runtime's poller would have nothing
	// but trouble with it.
	fd, err := unix.Open(Device, unix.O_RDWR|unix.O_CLOEXEC, 0)
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENXIO):
		return nil, fmt.Errorf("fusefd: %w: %w: run modprobe fuse, or give the container the device", ErrNoFUSE, err)
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return nil, fmt.Errorf("fusefd: open %s: %w: %w: run as root, or make the device readable and writable", Device, ErrNotPermitted, err)
	case err != nil:
		return nil, fmt.Errorf("fusefd: %w", &os.PathError{Op: "open", Path: Device, Err: err})
	}
	flags := uintptr(unix.MS_NOSUID | unix.MS_NODEV)
	if opts.ReadOnly {
		flags |= unix.MS_RDONLY
	}
	if err := unix.Mount(opts.source(), dir, opts.fsType(), flags, opts.data(fd, st.Mode&unix.S_IFMT)); err != nil {
		_ = unix.Close(fd)
		if errors.Is(err, unix.EPERM) {
			return nil, fmt.Errorf("fusefd: mount %s: %w: %w: mounting takes CAP_SYS_ADMIN: run as root, or in namespaces of its own (unshare --user --map-root-user --mount)", dir, ErrNotPermitted, err)
		}
		return nil, fmt.Errorf("fusefd: %w", &os.PathError{Op: "mount", Path: dir, Err: err})
	}
	return &Mount{dir: dir, fd: fd}, nil
}

// Dir is the directory, as New was given it.
func (m *Mount) Dir() string { return m.dir }

// FD is the descriptor to attach programs to; -1 once the Mount is closed.
func (m *Mount) FD() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.fd
}

// HandOver gives what a library takes for a mount point, "/dev/fd/N". Descriptor N
// is the library's from then on, which closes it when it ends; so call HandOver
// once for each server.
func (m *Mount) HandOver() (mountPoint string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fd < 0 {
		return "", fmt.Errorf("fusefd: %s: %w", m.dir, ErrClosed)
	}
	// From 3 on: 0 is no descriptor to go-fuse.
	fd, err := unix.FcntlInt(uintptr(m.fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return "", fmt.Errorf("fusefd: %s: another descriptor: %w", m.dir, os.NewSyscallError("fcntl", err))
	}
	return "/dev/fd/" + strconv.Itoa(fd), nil
}

// Close closes the Mount's own descriptor; the mount stays. If it was the last
// one, which it is before HandOver and after the server has ended, the kernel
// aborts the connection and nobody waits for answers any more. Closing again does
// nothing.
func (m *Mount) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fd < 0 {
		return nil
	}
	fd := m.fd
	m.fd = -1
	if err := unix.Close(fd); err != nil {
		return fmt.Errorf("fusefd: %s: %w", m.dir, os.NewSyscallError("close", err))
	}
	return nil
}

// Unmount takes the file system off the directory. The server ends by itself, and
// the Mount's own descriptor stays open. The error wraps [ErrBusy] if files are in
// use.
func (m *Mount) Unmount() error {
	err := unix.Unmount(m.dir, unix.UMOUNT_NOFOLLOW)
	if errors.Is(err, unix.EBUSY) {
		return fmt.Errorf("fusefd: unmount %s: %w: %w: close them (fuser -m lists who has them), or detach the mount", m.dir, ErrBusy, err)
	}
	return m.unmounted(err)
}

// Detach takes the file system out of sight at once, and has the kernel unmount it
// when the last file in use is closed. The server ends by itself then.
func (m *Mount) Detach() error {
	return m.unmounted(unix.Unmount(m.dir, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW))
}

func (m *Mount) unmounted(err error) error {
	if err != nil {
		return fmt.Errorf("fusefd: %w", &os.PathError{Op: "unmount", Path: m.dir, Err: err})
	}
	return nil
}
