// SPDX-License-Identifier: MIT

//go:build linux

package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fuseiomap/abigen/examples/fusefd"
)

// The test binary is the command, too, so that a mount is served by another process
// than the one that reads it.
const asCommand = "STRIPEFS_TEST_IS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// command is the command with arguments, not started yet.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	return cmd
}

// needMounts skips the test where nothing can be mounted.
func needMounts(t *testing.T) {
	t.Helper()
	m, err := fusefd.New(t.TempDir(), fusefd.Options{})
	if errors.Is(err, fusefd.ErrNoFUSE) || errors.Is(err, fusefd.ErrNotPermitted) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(m.Close(), m.Unmount()); err != nil {
		t.Fatal(err)
	}
}

// server is the command while it serves.
type server struct {
	cmd *exec.Cmd
	dir string

	mu    sync.Mutex
	lines []string
	ended chan struct{}
	err   error // of Wait, once ended
}

// start starts it with a directory of its own, and returns when it serves.
func start(t *testing.T, args ...string) *server {
	t.Helper()
	needMounts(t)
	s := &server{dir: t.TempDir(), ended: make(chan struct{})}
	s.cmd = command(t, append(args, s.dir)...)
	out, w := io.Pipe()
	s.cmd.Stdout, s.cmd.Stderr = w, w
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	serving := make(chan struct{})
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			s.mu.Lock()
			s.lines = append(s.lines, lines.Text())
			s.mu.Unlock()
			if strings.HasPrefix(lines.Text(), "stripefs: serving on ") {
				close(serving)
			}
		}
	}()
	go func() {
		s.err = s.cmd.Wait()
		_ = w.Close()
		close(s.ended)
	}()
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		<-s.ended
		if isMounted(t, s.dir) {
			_ = unix.Unmount(s.dir, unix.MNT_DETACH)
		}
	})
	select {
	case <-serving:
	case <-s.ended:
		t.Fatalf("it does not serve: %v\n%s", s.err, s.said())
	case <-time.After(2 * time.Minute):
		t.Fatalf("it does not serve\n%s", s.said())
	}
	return s
}

// said is what it has printed.
func (s *server) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n")
}

// wait waits until it has ended by itself.
func (s *server) wait(t *testing.T) {
	t.Helper()
	select {
	case <-s.ended:
	case <-time.After(2 * time.Minute):
		t.Fatalf("it does not end\n%s", s.said())
	}
	if s.err != nil {
		t.Errorf("%v\n%s", s.err, s.said())
	}
	if isMounted(t, s.dir) {
		t.Errorf("%s is still mounted", s.dir)
	}
	if !strings.Contains(s.said(), "stripefs: unmounted;") {
		t.Errorf("it does not say that it has unmounted:\n%s", s.said())
	}
}

// interrupt has it unmount.
func (s *server) interrupt(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
}

// path is that of a file.
func (s *server) path(name string) string { return filepath.Join(s.dir, name) }

func isMounted(t *testing.T, dir string) bool {
	t.Helper()
	b, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Contains(b, []byte(" "+dir+" "))
}

func TestFilesInUseKeepTheServer(t *testing.T) {
	s := start(t, "-device", "pattern:1", "-file", "a=1M")
	f, err := os.Open(s.path("a"))
	if err != nil {
		t.Fatal(err)
	}
	s.interrupt(t)
	for deadline := time.Now().Add(time.Minute); isMounted(t, s.dir); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still mounted\n%s", s.said())
		}
	}
	b, err := io.ReadAll(f)
	if err != nil || len(b) != 1<<20 {
		t.Errorf("reading a file that is open: %d bytes, %v", len(b), err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	s.wait(t)
	if want := "files are in use"; !strings.Contains(s.said(), want) {
		t.Errorf("it does not say %q:\n%s", want, s.said())
	}
}

func TestServerEndsWhenSomebodyElseUnmounts(t *testing.T) {
	s := start(t, "-device", "pattern:1", "-file", "a=1M")
	if err := unix.Unmount(s.dir, 0); err != nil {
		t.Fatal(err)
	}
	s.wait(t)
}

func TestKilledServerLeavesNobodyWaiting(t *testing.T) {
	s := start(t, "-device", "pattern:1", "-file", "a=1M")
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-s.ended
	if _, err := os.Open(s.path("a")); !errors.Is(err, syscall.ENOTCONN) {
		t.Errorf("open: %v, want ENOTCONN", err)
	}
	// The next one says what to do.
	out, err := command(t, "-device", "pattern:1", "-file", "a=1M", s.dir).CombinedOutput()
	if want := "run umount " + s.dir + " first"; err == nil || !strings.Contains(string(out), want) {
		t.Errorf("%v, %q: want %q", err, out, want)
	}
	if err := unix.Unmount(s.dir, 0); err != nil {
		t.Error(err)
	}
}
