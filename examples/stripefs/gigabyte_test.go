// SPDX-License-Identifier: MIT

//go:build linux

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// The gigabyte that is read through the mount, and its SHA-256: bytes of four
// patterns in chunks of 64 KiB, which take no space anywhere.
const (
	gigabyte    = 1 << 30
	gigabyteSum = "cfdd1ef3942cf4f2a6aa379695bfe7b60e2268f31c9a83acc5c38f727d3b871d"
)

func TestGigabyteIsReadThroughTheMount(t *testing.T) {
	s := start(t, "-device", "pattern:1", "-device", "pattern:2", "-device", "pattern:3", "-device", "pattern:4",
		"-file", "before=100", "-file", "gigabyte=1G", "-file", "after=10000")
	f, err := os.Open(s.path("gigabyte"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.New()
	began := time.Now()
	n, err := io.CopyBuffer(sum, struct{ io.Reader }{f}, make([]byte, 1<<20))
	took := time.Since(began)
	if err != nil || n != gigabyte {
		t.Errorf("read %d bytes, %v, want %d", n, err, gigabyte)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != gigabyteSum {
		t.Errorf("SHA-256 is %s, want %s", got, gigabyteSum)
	}
	t.Logf("%d bytes in %v with their checksum, %.0f MB/s", n, took.Round(time.Millisecond), float64(n)/1e6/took.Seconds())
	s.interrupt(t)
	s.wait(t)
	// All of it came from the server; what the kernel had to forget, twice.
	_, said, _ := strings.Cut(s.said(), "stripefs: unmounted; ")
	var reads, bytes uint64
	if _, err := fmt.Sscanf(said, "reads answered: %d, bytes: %d;", &reads, &bytes); err != nil || bytes < gigabyte {
		t.Errorf("it answered reads of %d bytes, %v, want %d at least:\n%s", bytes, err, gigabyte, s.said())
	}
	t.Log(s.said())
}
