// SPDX-License-Identifier: MIT

//go:build linux

package fusefd_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/fuseiomap/abigen/examples/fusefd"
)

// content is the file that both libraries serve, as "content".
var content = bytes.Repeat([]byte("a file system of one file\n"), 10000)

// mount mounts, or skips the test where that cannot be.
func mount(t *testing.T) *fusefd.Mount {
	t.Helper()
	m, err := fusefd.New(t.TempDir(), fusefd.Options{Source: "test", Type: "fusefd"})
	if errors.Is(err, fusefd.ErrNoFUSE) || errors.Is(err, fusefd.ErrNotPermitted) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = m.Close()
		if mounted(t, m.Dir()) != "" {
			_ = m.Detach()
		}
	})
	return m
}

// mounted gives the line of /proc/self/mounts for a directory, or "".
func mounted(t *testing.T, dir string) string {
	t.Helper()
	b, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 2 && f[1] == dir {
			return line
		}
	}
	return ""
}

// isConnection tells whether a descriptor is a FUSE device with a connection: the
// kernel lets another open device join it then, and only then.
func isConnection(t *testing.T, fd int) bool {
	t.Helper()
	other, err := unix.Open(fusefd.Device, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(other) }()
	const clone = 0x8004e500 // FUSE_DEV_IOC_CLONE, _IOR(229, 0, __u32)
	arg := uint32(fd)
	_, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(other), clone, uintptr(unsafe.Pointer(&arg)))
	return e == 0
}

// slurp reads a file without the runtime's poller; see the package comment.
func slurp(name string) ([]byte, error) {
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: name, Err: err}
	}
	defer func() { _ = unix.Close(fd) }()
	var all []byte
	buf := make([]byte, 64<<10)
	for {
		n, err := unix.Read(fd, buf)
		if errors.Is(err, unix.EINTR) {
			continue
		} else if err != nil {
			return nil, &os.PathError{Op: "read", Path: name, Err: err}
		}
		if n == 0 {
			return all, nil
		}
		all = append(all, buf[:n]...)
	}
}

// serve has a library serve a mount; done is closed when it has ended.
type serve func(path string) (done <-chan error, err error)

// lifeOf is what has to be true of every library.
func lifeOf(t *testing.T, with serve) {
	m := mount(t)
	path, err := m.HandOver()
	if err != nil {
		t.Fatal(err)
	}
	if want := "/dev/fd/"; !strings.HasPrefix(path, want) || path == fmt.Sprint(want, m.FD()) {
		t.Errorf("HandOver() = %q, want %s and a descriptor other than %d", path, want, m.FD())
	}
	done, err := with(path)
	if err != nil {
		t.Fatal(err)
	}
	if line := mounted(t, m.Dir()); !strings.HasPrefix(line, "test ") || !strings.Contains(line, " fuse.fusefd ") {
		t.Errorf("/proc/self/mounts has %q, want source test and type fuse.fusefd", line)
	}
	if !isConnection(t, m.FD()) {
		t.Error("FD() is not the device of a connection")
	}
	got, err := slurp(filepath.Join(m.Dir(), "content"))
	if err != nil {
		t.Error(err)
	} else if !bytes.Equal(got, content) {
		t.Errorf("read %d bytes, not the %d of the file", len(got), len(content))
	}

	// A file in use keeps the mount.
	fd, err := unix.Open(filepath.Join(m.Dir(), "content"), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Unmount(); !errors.Is(err, fusefd.ErrBusy) || !errors.Is(err, unix.EBUSY) {
		t.Errorf("Unmount() with a file in use: %v, want ErrBusy", err)
	}
	select {
	case err := <-done:
		t.Errorf("the server has ended: %v", err)
	default:
	}
	if err := unix.Close(fd); err != nil {
		t.Error(err)
	}
	// The last close is told to the server afterwards, and takes its time.
	for err = m.Unmount(); errors.Is(err, fusefd.ErrBusy); err = m.Unmount() {
		runtime.Gosched()
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("the server: %v", err)
	}
	if line := mounted(t, m.Dir()); line != "" {
		t.Errorf("still mounted: %s", line)
	}

	// The library has closed its descriptor, ours is still that device.
	if target, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", m.FD())); err != nil || target != fusefd.Device {
		t.Errorf("FD() is %q, %v after the server has ended, want %s", target, err, fusefd.Device)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	if fd := m.FD(); fd != -1 {
		t.Errorf("FD() = %d after Close, want -1", fd)
	}
	if _, err := m.HandOver(); !errors.Is(err, fusefd.ErrClosed) {
		t.Errorf("HandOver() after Close: %v, want ErrClosed", err)
	}
	if err := m.Close(); err != nil {
		t.Errorf("Close again: %v", err)
	}
}

func TestMountThatIsDetachedEndsWithItsLastFile(t *testing.T) {
	m := mount(t)
	path, err := m.HandOver()
	if err != nil {
		t.Fatal(err)
	}
	done, err := withGoFUSE(path)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Open(filepath.Join(m.Dir(), "content"), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Detach(); err != nil {
		t.Fatal(err)
	}
	if line := mounted(t, m.Dir()); line != "" {
		t.Errorf("still mounted: %s", line)
	}
	buf := make([]byte, 100)
	if n, err := unix.Pread(fd, buf, 0); n != len(buf) || err != nil || !bytes.Equal(buf, content[:len(buf)]) {
		t.Errorf("reading the file that is open: %d, %v", n, err)
	}
	if err := unix.Close(fd); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestMountWithoutServerIsLetGoOf(t *testing.T) {
	m := mount(t)
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	// Nobody can answer any more, so nobody waits.
	var st unix.Stat_t
	if err := unix.Stat(filepath.Join(m.Dir(), "content"), &st); !errors.Is(err, unix.ENOTCONN) {
		t.Errorf("stat: %v, want ENOTCONN", err)
	}
	_, err := fusefd.New(m.Dir(), fusefd.Options{})
	if !errors.Is(err, fusefd.ErrStale) || !strings.Contains(err.Error(), "umount "+m.Dir()) {
		t.Errorf("New on what it left behind: %v, want ErrStale and what to do", err)
	}
	if err := m.Unmount(); err != nil {
		t.Error(err)
	}
	if err := m.Unmount(); !errors.Is(err, unix.EINVAL) {
		t.Errorf("Unmount again: %v, want EINVAL", err)
	}
}

func TestMountPointIsADirectory(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := fusefd.New(file, fusefd.Options{}); !errors.Is(err, unix.ENOTDIR) || !strings.Contains(err.Error(), file) {
		t.Errorf("New(a file): %v, want ENOTDIR with its name", err)
	}
	if _, err := fusefd.New(filepath.Join(dir, "nothing"), fusefd.Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("New(nothing): %v, want ErrNotExist", err)
	}
}

func TestMountingWithoutPrivilegeSaysWhatToDo(t *testing.T) {
	_ = mount(t) // else there is nothing to take away
	dir := t.TempDir()
	errs := make(chan error)
	go func() {
		// The thread has lost its capabilities and ends with the goroutine.
		runtime.LockOSThread()
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var none [2]unix.CapUserData
		if err := unix.Capset(&header, &none[0]); err != nil {
			errs <- fmt.Errorf("capset: %w", err)
			return
		}
		_, err := fusefd.New(dir, fusefd.Options{})
		errs <- err
	}()
	if err := <-errs; !errors.Is(err, fusefd.ErrNotPermitted) || !strings.Contains(err.Error(), "run as root") {
		t.Errorf("New: %v, want ErrNotPermitted and what to do", err)
	}
}

func TestOptionsReachTheKernel(t *testing.T) {
	_ = mount(t)
	m, err := fusefd.New(t.TempDir(), fusefd.Options{ReadOnly: true, AllowOther: true, DefaultPermissions: true, MaxRead: 65536})
	if err != nil {
		t.Fatal(err)
	}
	line := mounted(t, m.Dir())
	for _, want := range []string{"fuse ", " fuse ", "ro,", "nosuid", "nodev", "allow_other", "default_permissions", "max_read=65536"} {
		if !strings.Contains(line, want) {
			t.Errorf("/proc/self/mounts has %q, without %q", line, want)
		}
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	if err := m.Unmount(); err != nil {
		t.Error(err)
	}
}
