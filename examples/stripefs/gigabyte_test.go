// SPDX-License-Identifier: MIT

//go:build linux

package main

import (
	"fmt"
	"hash/crc64"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// The gigabyte that is read through the mount, and its CRC-64: bytes of four patterns
// in chunks of 64 KiB, which take no space anywhere. What go test -short reads is its
// beginning. The sums were computed byte by byte by a program of another language.
const (
	gigabyte    = 1 << 30
	gigabyteSum = 0xa83881464a8f5499
	shortBytes  = 64 << 20
	shortSum    = 0xc3988120a1818585
)

func TestGigabyteIsReadThroughTheMount(t *testing.T) {
	size, want := int64(gigabyte), uint64(gigabyteSum)
	if testing.Short() {
		size, want = shortBytes, shortSum
	}
	s := start(t, "-device", "pattern:1", "-device", "pattern:2", "-device", "pattern:3", "-device", "pattern:4",
		"-file", "before=100", "-file", "gigabyte=1G", "-file", "after=10000")
	f, err := os.Open(s.path("gigabyte"))
	if err != nil {
		t.Fatal(err)
	}
	sum := crc64.New(crc64.MakeTable(crc64.ECMA))
	began := time.Now()
	n, err := io.CopyBuffer(sum, io.LimitReader(f, size), make([]byte, 1<<20))
	took := time.Since(began)
	if err != nil || n != size {
		t.Errorf("read %d bytes, %v, want %d", n, err, size)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if got := sum.Sum64(); got != want {
		t.Errorf("CRC-64 is %#x, want %#x", got, want)
	}
	t.Logf("%d bytes in %v with their checksum, %.0f MB/s", n, took.Round(time.Millisecond), float64(n)/1e6/took.Seconds())
	s.interrupt(t)
	s.wait(t)
	// All of it came from the server; what the kernel had to forget, twice.
	_, said, _ := strings.Cut(s.said(), "stripefs: unmounted; ")
	var reads, bytes int64
	if _, err := fmt.Sscanf(said, "reads answered: %d, bytes: %d;", &reads, &bytes); err != nil || bytes < size {
		t.Errorf("it answered reads of %d bytes, %v, want %d at least:\n%s", bytes, err, size, s.said())
	}
	t.Log(s.said())
}
