// SPDX-License-Identifier: MIT

//go:build linux

package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// device is what chunks lie on. Methods are called concurrently.
type device interface {
	io.ReaderAt
	io.WriterAt
	Sync() error
	Close() error
}

// openDevice opens what a -device says, to hold size bytes.
func openDevice(spec string, size uint64) (device, error) {
	kind, arg, _ := strings.Cut(spec, ":")
	switch {
	case spec == "memory":
		// Of the system rather than the runtime, which ends the process where there
		// is not enough.
		b, err := syscall.Mmap(-1, 0, int(size), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE|syscall.MAP_NORESERVE)
		if err != nil {
			return nil, fmt.Errorf("device %s: %d bytes: %w", spec, size, os.NewSyscallError("mmap", err))
		}
		return &memory{bytes: b}, nil
	case kind == "pattern":
		n, err := strconv.ParseUint(arg, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("device %s: %q is no number", spec, arg)
		}
		return pattern(n), nil
	case kind == "file":
		f, err := os.OpenFile(arg, os.O_RDWR, 0)
		if err != nil {
			return nil, fmt.Errorf("device %s: %w", spec, err)
		}
		// The end, because a block device has no size to stat.
		end, err := f.Seek(0, io.SeekEnd)
		if err == nil && uint64(end) < size {
			err = fmt.Errorf("it has %d bytes and the files need %d: run truncate --size %d %s", end, size, size, arg)
		}
		if err != nil {
			_ = f.Close()
			return nil, fmt.Errorf("device %s: %w", spec, err)
		}
		return f, nil
	}
	return nil, fmt.Errorf("device %s: unknown: give file:PATH, memory or pattern:N", spec)
}

// memory is a device in memory.
type memory struct {
	mu    sync.RWMutex
	bytes []byte
}

func (m *memory) ReadAt(p []byte, off int64) (int, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	n := copy(p, m.bytes[min(off, int64(len(m.bytes))):])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (m *memory) WriteAt(p []byte, off int64) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := copy(m.bytes[min(off, int64(len(m.bytes))):], p)
	if n < len(p) {
		return n, io.ErrShortWrite
	}
	return n, nil
}

func (m *memory) Sync() error  { return nil }
func (m *memory) Close() error { return syscall.Munmap(m.bytes) }

// pattern is a device of endless pseudo-random bytes: the little-endian 64-bit
// words follow from the number of the device and of the word, by the finalizer of
// splitmix64.
type pattern uint64

func (d pattern) word(i uint64) uint64 {
	x := (i + 1) * 0x9e3779b97f4a7c15
	x += uint64(d) * 0xd1342543de82ef95
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (d pattern) ReadAt(p []byte, off int64) (int, error) {
	n, i := len(p), uint64(off)/8
	if rest := off % 8; rest != 0 {
		var w [8]byte
		binary.LittleEndian.PutUint64(w[:], d.word(i))
		p = p[copy(p, w[rest:]):]
		i++
	}
	for len(p) >= 8 {
		binary.LittleEndian.PutUint64(p, d.word(i))
		p = p[8:]
		i++
	}
	if len(p) > 0 {
		var w [8]byte
		binary.LittleEndian.PutUint64(w[:], d.word(i))
		copy(p, w[:])
	}
	return n, nil
}

func (d pattern) WriteAt([]byte, int64) (int, error) { return 0, syscall.EROFS }
func (d pattern) Sync() error                        { return nil }
func (d pattern) Close() error                       { return nil }
