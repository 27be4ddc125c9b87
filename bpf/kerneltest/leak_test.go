// SPDX-License-Identifier: MIT

//go:build linux

package kerneltest

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// objects is what the kernel and this process hold: what BPF has a number for,
// and descriptors.
type objects struct {
	ids         []string
	descriptors int
}

func held(t *testing.T) objects {
	t.Helper()
	var o objects
	for _, kind := range []struct {
		name    string
		command uintptr
	}{{"program", unix.BPF_PROG_GET_NEXT_ID}, {"map", unix.BPF_MAP_GET_NEXT_ID}, {"link", unix.BPF_LINK_GET_NEXT_ID}} {
		attr := struct{ start, next, flags uint32 }{}
		for {
			_, _, errno := unix.Syscall(unix.SYS_BPF, kind.command, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr))
			if errno == unix.ENOENT {
				break
			}
			if errno != 0 {
				t.Fatalf("the next %s: %v", kind.name, errno)
			}
			o.ids = append(o.ids, fmt.Sprintf("%s %d", kind.name, attr.next))
			attr.start = attr.next
		}
	}
	d, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	o.descriptors = len(d)
	return o
}

// noLeak fails the test if more is held now than before. The kernel gives up
// programs and maps a grace period after their last descriptor is closed, so it
// waits.
func noLeak(t *testing.T, before objects) {
	t.Helper()
	var left []string
	var now objects
	for range 600 {
		now = held(t)
		left = slices.DeleteFunc(slices.Clone(now.ids), func(id string) bool { return slices.Contains(before.ids, id) })
		if len(left) == 0 && now.descriptors <= before.descriptors {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("left behind: %s; %d descriptors where %d were", strings.Join(left, ", "), now.descriptors, before.descriptors)
}
