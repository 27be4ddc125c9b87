// SPDX-License-Identifier: MIT

//go:build linux

package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf"
	"github.com/fuseiomap/abigen/examples/fusefd"
	"github.com/fuseiomap/abigen/internal/testmod"
)

func TestSaysWhatBecameOfTheProgram(t *testing.T) {
	s := start(t, "-device", "pattern:1", "-file", "a=1M")
	support := bpf.Supported(t.Context())
	said := s.said()
	t.Logf("%s: %s\n%s", support.Answer, support.Reason, said)
	if support.Answer == bpf.Yes {
		if !strings.Contains(said, "stripefs: attached: ") {
			t.Errorf("the kernel has the type, and it says\n%s", said)
		}
	} else {
		// The reason is that of the library, and what to do stands behind it.
		want := strings.TrimPrefix(support.Err.Error(), "bpf: ")
		if !strings.Contains(said, "stripefs: not attached: ") || !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
	// Either way it serves.
	b, err := os.ReadFile(s.path("a"))
	if err != nil || len(b) != 1<<20 {
		t.Errorf("read %d bytes, %v", len(b), err)
	}
	s.interrupt(t)
	s.wait(t)
}

// deviceOf gets the server's descriptor of /dev/fuse into this process: it is what
// the module of bpf/testmod knows programs by.
func deviceOf(t *testing.T, s *server) int {
	t.Helper()
	pid := s.cmd.Process.Pid
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		target, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", pid, e.Name()))
		if err != nil || target != fusefd.Device {
			continue
		}
		var theirs int
		if _, err := fmt.Sscan(filepath.Base(e.Name()), &theirs); err != nil {
			t.Fatal(err)
		}
		process, err := unix.PidfdOpen(pid, 0)
		if err != nil {
			t.Fatal(os.NewSyscallError("pidfd_open", err))
		}
		defer func() { _ = unix.Close(process) }()
		ours, err := unix.PidfdGetfd(process, theirs, 0)
		if err != nil {
			t.Fatal(os.NewSyscallError("pidfd_getfd", err))
		}
		return ours
	}
	t.Fatalf("the server has no descriptor of %s", fusefd.Device)
	return -1
}

// needModule skips the test where the module of bpf/testmod is not loaded, which
// calls what is attached in place of the kernel's own code for iomap.
func needModule(t *testing.T) *testmod.Device {
	t.Helper()
	d, err := testmod.Open()
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("running kernel is without bpf/testmod: make kernel boots one that has it")
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func attachedTo(t *testing.T, d *testmod.Device) uint32 {
	t.Helper()
	info, err := d.Info()
	if err != nil {
		t.Fatal(err)
	}
	return info.Attached
}

func TestKernelIsToldWhereBytesAre(t *testing.T) {
	module := needModule(t)
	const seed = 4
	r := rand.New(rand.NewPCG(seed, seed))
	c := config{
		chunk:   12288,
		devices: []string{"pattern:1", "pattern:2", "pattern:3"},
		files:   []file{{name: "a", length: 200000}, {name: "b", length: 99}, {name: "c", length: 1 << 30}},
	}
	v, err := c.volume()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-chunk", "12K"}
	for _, d := range c.devices {
		args = append(args, "-device", d)
	}
	for _, f := range c.files {
		args = append(args, "-file", fmt.Sprintf("%s=%d", f.name, f.length))
	}
	s := start(t, args...)
	if n := attachedTo(t, module); n != 1 {
		t.Fatalf("attached to %d connections, want 1\n%s", n, s.said())
	}
	device := deviceOf(t, s)
	defer func() { _ = unix.Close(device) }()
	caller := testmod.Caller{Device: module, FD: device}
	var open []*os.File
	for _, f := range v.files {
		h, err := os.Open(s.path(f.name))
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, h)
	}
	positions := 1000
	if testing.Short() {
		positions = 100
	}
	for range positions {
		i := r.IntN(len(v.files))
		f := v.files[i]
		pos := r.Uint64N(f.length)
		out, ret, err := caller.Begin(f.node, abi.IomapBeginIn{Pos: pos, Count: 1})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		on, addr, _ := v.place(f, pos)
		if m := out.Read; ret != abi.FIB_HANDLED || m.Type != abi.FUSE_IOMAP_TYPE_MAPPED || m.Dev != uint32(1+on) || pos < m.Offset || m.Addr+pos-m.Offset != addr {
			t.Fatalf("seed %d: byte %d of %s: %v, %+v, want address %#x of device %d", seed, pos, f.name, ret, m, addr, 1+on)
		}
		// And that is what is there.
		var got, want [1]byte
		if _, err := v.devices[on].ReadAt(want[:], int64(addr)); err != nil {
			t.Fatal(err)
		}
		if _, err := open[i].ReadAt(got[:], int64(pos)); err != nil || got != want {
			t.Fatalf("seed %d: byte %d of %s is %#x, %v, want %#x", seed, pos, f.name, got, err, want)
		}
	}
	if _, ret, err := caller.Begin(100, abi.IomapBeginIn{Count: 1}); err != nil || ret != abi.FIB_FALLBACK {
		t.Errorf("an inode that is no file: %v, %v, want FALLBACK", ret, err)
	}
	for _, h := range open {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}
	s.interrupt(t)
	s.wait(t)
	if n := attachedTo(t, module); n != 0 {
		t.Errorf("attached to %d connections after it has ended", n)
	}
}

func TestKilledServerLeavesNothingAttached(t *testing.T) {
	module := needModule(t)
	s := start(t, "-device", "pattern:1", "-file", "a=1M")
	if n := attachedTo(t, module); n != 1 {
		t.Fatalf("attached to %d connections, want 1\n%s", n, s.said())
	}
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-s.ended
	// The kernel lets go of links after the process has ended.
	for deadline := time.Now().Add(time.Minute); attachedTo(t, module) != 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("something stays attached")
		}
	}
}
