// SPDX-License-Identifier: MIT

//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/emu"
	"github.com/fuseiomap/abigen/bpf/programs"
)

// program is "stripe" in the interpreter, with the parameters of a volume.
func program(t *testing.T, v *volume) *emu.Iomap {
	t.Helper()
	x, err := programs.Emulate(v.params(len(v.devices)), nil, emu.IomapOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// answer asks the program where a byte of a file is.
func answer(t *testing.T, x *emu.Iomap, f file, pos uint64) (device int, addr uint64) {
	t.Helper()
	out, ret, err := x.Begin(f.node, abi.IomapBeginIn{Pos: pos, Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	r := out.Read
	if ret != abi.FIB_HANDLED || r.Type != abi.FUSE_IOMAP_TYPE_MAPPED || pos < r.Offset || pos >= r.Offset+r.Length {
		t.Fatalf("the program answers %v for byte %d of %s: %+v", ret, pos, f.name, r)
	}
	return int(r.Dev) - 1, r.Addr + pos - r.Offset
}

// randomConfig has sizes of every kind.
func randomConfig(r *rand.Rand) config {
	c := config{chunk: 4096 * (1 + r.Uint64N(5))}
	for i := range 1 + r.IntN(5) {
		c.devices = append(c.devices, fmt.Sprint("pattern:", i))
	}
	for i := range 1 + r.IntN(4) {
		c.files = append(c.files, file{name: fmt.Sprint("file", i), length: 1 + r.Uint64N(20*c.chunk)})
	}
	return c
}

func TestServerAndProgramAgreeWhereBytesAre(t *testing.T) {
	seeds := uint64(200)
	if testing.Short() {
		seeds = 10
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(1, seed))
		c := randomConfig(r)
		v, err := c.volume()
		if err != nil {
			t.Fatalf("seed %d: %+v: %v", seed, c, err)
		}
		x := program(t, v)
		taken := map[[2]uint64]string{} // blocks, by device and address
		for _, f := range v.files {
			for block := uint64(0); block < f.length; block += blockSize {
				device, addr, _ := v.place(f, block)
				at := [2]uint64{uint64(device), addr}
				if other, ok := taken[at]; ok {
					t.Fatalf("seed %d: block %d of %s is where a block of %s is", seed, block, f.name, other)
				}
				taken[at] = f.name
			}
			for range 100 {
				pos := r.Uint64N(f.length)
				device, addr, n := v.place(f, pos)
				wantDevice, wantAddr := answer(t, x, f, pos)
				if device != wantDevice || addr != wantAddr {
					t.Fatalf("seed %d: %+v: byte %d of %s: device %d address %#x, the program says %d, %#x", seed, c, pos, f.name, device, addr, wantDevice, wantAddr)
				}
				if len(v.devices) > 1 && (pos+n)%v.chunk != 0 {
					t.Fatalf("seed %d: byte %d of %s: %d bytes to the end of the chunk of %d", seed, pos, f.name, n, v.chunk)
				}
			}
		}
	}
}

func TestPatternIsOneSequenceOfBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	d := pattern(7)
	for range 2000 {
		off, p := r.Int64N(1<<40), make([]byte, r.IntN(50))
		if n, err := d.ReadAt(p, off); n != len(p) || err != nil {
			t.Fatal(n, err)
		}
		for i, b := range p {
			at := uint64(off) + uint64(i)
			if want := byte(d.word(at/8) >> (8 * (at % 8))); b != want {
				t.Fatalf("ReadAt(%d bytes, %d): byte %d is %#x, want %#x", len(p), off, i, b, want)
			}
		}
	}
	if pattern(7).word(0) == pattern(8).word(0) {
		t.Error("two patterns begin alike")
	}
}

// What is written through the mount is where the program says, and what is read is
// what is there.
func TestBytesAreWhereTheProgramSays(t *testing.T) {
	const seed = 3
	r := rand.New(rand.NewPCG(seed, seed))
	dir := t.TempDir()
	c := config{chunk: 12288, files: []file{{name: "a", length: 200000}, {name: "b", length: 99}, {name: "c", length: 12288 * 9}}}
	args := []string{"-chunk", "12K"}
	for _, f := range c.files {
		args = append(args, "-file", fmt.Sprintf("%s=%d", f.name, f.length))
	}
	var disks [3][]byte
	for i := range disks {
		disks[i] = make([]byte, 40*12288)
		for j := range disks[i] {
			disks[i][j] = byte(r.Uint32())
		}
		name := filepath.Join(dir, fmt.Sprint("disk", i))
		if err := os.WriteFile(name, disks[i], 0o600); err != nil {
			t.Fatal(err)
		}
		c.devices = append(c.devices, "file:"+name)
		args = append(args, "-device", "file:"+name)
	}
	v, err := c.volume()
	if err != nil {
		t.Fatal(err)
	}
	x := program(t, v)
	if err := v.close(); err != nil {
		t.Fatal(err)
	}
	// where gives the byte of a disk that is a byte of a file. The program is asked
	// once a block.
	blocks := map[string][][]byte{}
	for _, f := range v.files {
		for pos := uint64(0); pos < f.length; pos += blockSize {
			device, addr := answer(t, x, f, pos)
			blocks[f.name] = append(blocks[f.name], disks[device][addr:addr+blockSize])
		}
	}
	where := func(f file, pos uint64) *byte { return &blocks[f.name][pos/blockSize][pos%blockSize] }

	s := start(t, args...)
	accesses := 300
	if testing.Short() {
		accesses = 30
	}
	for range accesses {
		f := c.files[r.IntN(len(c.files))]
		pos := r.Uint64N(f.length)
		p := make([]byte, 1+r.Uint64N(min(f.length-pos, 40000)))
		h, err := os.OpenFile(s.path(f.name), os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		if r.IntN(2) == 0 {
			for i := range p {
				p[i] = byte(r.Uint32())
				*where(f, pos+uint64(i)) = p[i]
			}
			if _, err := h.WriteAt(p, int64(pos)); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		} else {
			if _, err := h.ReadAt(p, int64(pos)); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			for i := range p {
				if want := *where(f, pos+uint64(i)); p[i] != want {
					t.Fatalf("seed %d: byte %d of %s is %#x, want %#x", seed, pos+uint64(i), f.name, p[i], want)
				}
			}
		}
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s.interrupt(t)
	s.wait(t)
	for i, disk := range disks {
		got, err := os.ReadFile(filepath.Join(dir, fmt.Sprint("disk", i)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, disk) {
			t.Errorf("seed %d: disk %d differs from what was written", seed, i)
		}
	}
}

func TestWhatCannotBeChangedIsRefused(t *testing.T) {
	s := start(t, "-device", "memory", "-device", "memory", "-file", "a=100000", "-file", "b=1")
	if err := os.Truncate(s.path("a"), 5); !errors.Is(err, os.ErrPermission) {
		t.Errorf("truncate: %v, want EPERM", err)
	}
	if err := os.Truncate(s.path("a"), 100000); err != nil {
		t.Errorf("truncate to the size it has: %v", err)
	}
	if err := os.WriteFile(s.path("c"), nil, 0o600); err == nil {
		t.Error("a file was created")
	}
	f, err := os.OpenFile(s.path("a"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := f.WriteAt([]byte("x"), 100000); err == nil || !strings.Contains(err.Error(), "file too large") {
		t.Errorf("writing past the end: %v, want EFBIG", err)
	}
	if n, err := f.ReadAt(make([]byte, 10), 99995); n != 5 || !errors.Is(err, io.EOF) {
		t.Errorf("reading over the end: %d, %v, want 5, EOF", n, err)
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil || len(entries) != 2 || entries[0].Name() != "a" || entries[1].Name() != "b" {
		t.Errorf("ReadDir: %v, %v", entries, err)
	}
	if _, err := os.Stat(s.path("d")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("stat of no file: %v", err)
	}
}

func TestPatternCannotBeWritten(t *testing.T) {
	s := start(t, "-device", "pattern:1", "-file", "a=1M")
	f, err := os.OpenFile(s.path("a"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := f.WriteAt([]byte("x"), 0); err == nil || !strings.Contains(err.Error(), "read-only file system") {
		t.Errorf("write: %v, want EROFS", err)
	}
}
