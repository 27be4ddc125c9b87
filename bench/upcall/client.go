// SPDX-License-Identifier: MIT

//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mounted is a server in a process of its own, and its file, open.
type mounted struct {
	kind   string
	dir    string
	cmd    *exec.Cmd
	stdin  io.Closer
	stdout *bufio.Reader
	file   int
	made   counts // calls that had to reach it
	buf    [4096]byte
}

// mount starts this command as a server.
func mount(ctx context.Context, kind string) (*mounted, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "abigen-upcall-")
	if err != nil {
		return nil, err
	}
	m := &mounted{kind: kind, dir: dir, file: -1}
	// Not with the context, which would kill it: it ends when its input does, and
	// unmounts.
	m.cmd = exec.Command(exe, "-serve", kind, dir)
	m.cmd.Env = append(os.Environ(), asCommand+"=1")
	m.cmd.Stderr = os.Stderr
	out, err := m.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	m.stdout = bufio.NewReader(out)
	if m.stdin, err = m.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := m.cmd.Start(); err != nil {
		return nil, errors.Join(err, os.Remove(dir))
	}
	line, err := m.stdout.ReadString('\n')
	if err == nil && line == "ready\n" {
		m.file, err = unix.Open(filepath.Join(dir, fileName), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	} else {
		err = fmt.Errorf("the server %s does not get ready", kind)
	}
	if err != nil {
		m.end()
		return nil, errors.Join(err, ctx.Err())
	}
	return m, nil
}

// asCommand is for the test, whose binary is the command too.
const asCommand = "UPCALL_TEST_IS_COMMAND"

// end ends a server that has not done its work.
func (m *mounted) end() {
	if m.file >= 0 {
		_ = unix.Close(m.file)
	}
	_ = m.stdin.Close()
	_ = m.cmd.Wait()
	_ = unix.Unmount(m.dir, unix.MNT_DETACH) // where it could not
	_ = os.Remove(m.dir)
}

// finish has the server unmount, and compares what it has answered with what was
// asked.
func (m *mounted) finish() error {
	err := unix.Close(m.file)
	m.file = -1
	err = errors.Join(err, m.stdin.Close())
	var n counts
	if derr := json.NewDecoder(m.stdout).Decode(&n); derr != nil {
		err = errors.Join(err, fmt.Errorf("the server %s: %w", m.kind, derr))
	}
	err = errors.Join(err, m.cmd.Wait(), os.Remove(m.dir))
	// Others look at attributes, too: opening the file did.
	if err == nil && (n.Lseek != m.made.Lseek || n.Read != m.made.Read || n.Getattr < m.made.Getattr) {
		err = fmt.Errorf("the server %s has answered %+v, and was to be asked %+v: not every call was an upcall", m.kind, n, m.made)
	}
	return err
}

// request is one system call that becomes one request.
type request struct {
	trap uintptr
	// args are what follows the descriptor.
	args  func(m *mounted) (a, b uintptr)
	want  uintptr // what it returns
	count func(n *counts) *uint64
}

// askedAt is where in the file all ask.
const askedAt = 1 << 20

var (
	lseek = request{unix.SYS_LSEEK, func(*mounted) (a, b uintptr) { return askedAt, unix.SEEK_DATA }, askedAt,
		func(n *counts) *uint64 { return &n.Lseek }}
	fstat = request{unix.SYS_FSTAT, func(m *mounted) (a, b uintptr) { return uintptr(unsafe.Pointer(&m.buf)), 0 }, 0,
		func(n *counts) *uint64 { return &n.Getattr }}
	pread = request{unix.SYS_PREAD64, func(m *mounted) (a, b uintptr) { return uintptr(unsafe.Pointer(&m.buf)), uintptr(len(m.buf)) }, 4096,
		func(n *counts) *uint64 { return &n.Read }}
)

// times makes calls and gives the nanoseconds of each.
func (m *mounted) times(r request, calls int) ([]float64, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	a, b := r.args(m)
	all := make([]float64, calls)
	for i := range all {
		// Raw, for the time that the runtime takes to let go of the processor is no
		// part of an upcall.
		began := time.Now()
		n, _, e := unix.RawSyscall6(r.trap, uintptr(m.file), a, b, askedAt, 0, 0)
		all[i] = float64(time.Since(began))
		if e == unix.EINTR {
			return nil, e
		}
		if e != 0 || n != r.want {
			return nil, fmt.Errorf("system call %d: %d, %w, want %d", r.trap, n, e, r.want)
		}
		*r.count(&m.made)++
	}
	runtime.KeepAlive(m)
	return all, nil
}

// available tells why nothing can be mounted.
func available() error {
	f, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		return unavailable{"FUSE: " + err.Error() + ": run as root, with /dev/fuse"}
	}
	_ = f.Close()
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	// CAP_SYS_ADMIN is bit 21.
	for line := range strings.Lines(string(b)) {
		var caps uint64
		if _, err := fmt.Sscanf(line, "CapEff: %x", &caps); err == nil && caps>>21&1 == 0 {
			return unavailable{"mounting takes CAP_SYS_ADMIN: run as root"}
		}
	}
	return nil
}

// unavailable is what this machine lacks.
type unavailable struct{ what string }

func (u unavailable) Error() string { return u.what }
