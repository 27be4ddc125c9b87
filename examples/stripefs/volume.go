// SPDX-License-Identifier: MIT

//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"math/bits"
	"strings"

	"github.com/fuseiomap/abigen/bpf/programs"
)

// blockSize is the file system's: what BPF programs answer is whole blocks.
const blockSize = 4096

// maxDevice is the greatest size of a device.
const maxDevice = 1 << 62

// file is a file in rows of one chunk a device.
type file struct {
	name   string
	node   uint64 // node id, what the program knows it by
	base   uint64 // address of the first row, the same on every device
	length uint64
}

// volume is devices with files on them.
type volume struct {
	chunk   uint64
	devices []device
	files   []file
}

// volume lays the files out and opens the devices.
func (c config) volume() (*volume, error) {
	v := &volume{chunk: c.chunk, files: c.files}
	names := map[string]bool{}
	var end uint64
	for i := range v.files {
		f := &v.files[i]
		switch {
		case f.name == "" || f.name == "." || f.name == ".." || strings.ContainsAny(f.name, "/\x00") || len(f.name) > 255:
			return nil, fmt.Errorf("file %q: no name for a file", f.name)
		case names[f.name]:
			return nil, fmt.Errorf("file %s: there are two of that name", f.name)
		}
		names[f.name] = true
		f.node, f.base = rootNode+1+uint64(i), end
		rows := v.rows(f.length, len(c.devices))
		hi, size := bits.Mul64(rows, v.chunk)
		if hi != 0 || size > maxDevice-end {
			return nil, fmt.Errorf("file %s: the devices end at %d bytes: give smaller files, or more devices", f.name, uint64(maxDevice))
		}
		end += size
	}
	// What is wrong with the numbers the program's parameters tell.
	if err := v.params(len(c.devices)).Validate(); err != nil {
		return nil, err
	}
	for _, spec := range c.devices {
		d, err := openDevice(spec, end)
		if err != nil {
			return nil, errors.Join(err, v.close())
		}
		v.devices = append(v.devices, d)
	}
	return v, nil
}

// rows is how many rows of chunks a file takes.
func (v *volume) rows(length uint64, devices int) uint64 {
	if v.chunk == 0 || length == 0 {
		return 0
	}
	return (length-1)/v.chunk/uint64(devices) + 1
}

// params say the same to the program "stripe".
func (v *volume) params(devices int) programs.StripeParams {
	p := programs.StripeParams{BlockSize: blockSize, ChunkSize: v.chunk}
	for i := range devices {
		p.Devices = append(p.Devices, uint32(1+i))
	}
	for _, f := range v.files {
		p.Files = append(p.Files, programs.StripeFile{Inode: f.node, Base: f.base, Length: (f.length + blockSize - 1) / blockSize * blockSize})
	}
	return p
}

// place is where a byte of a file is, and how many follow it there in the chunk.
func (v *volume) place(f file, pos uint64) (device int, addr, n uint64) {
	chunk, within := pos/v.chunk, pos%v.chunk
	row, device := chunk/uint64(len(v.devices)), int(chunk%uint64(len(v.devices)))
	return device, f.base + row*v.chunk + within, v.chunk - within
}

// each splits bytes of a file from pos on into runs on one device. It ends with
// the file.
func (v *volume) each(f file, p []byte, pos uint64, do func(d device, p []byte, addr int64) (int, error)) (done int, err error) {
	if pos >= f.length {
		return 0, io.EOF
	}
	p = p[:min(uint64(len(p)), f.length-pos)]
	for len(p) > 0 {
		i, addr, n := v.place(f, pos)
		n = min(n, uint64(len(p)))
		m, err := do(v.devices[i], p[:n], int64(addr))
		done += m
		if err != nil {
			return done, err
		}
		p, pos = p[n:], pos+n
	}
	return done, nil
}

// read fills p from a file. At its end there are fewer bytes, and io.EOF when
// there is none.
func (v *volume) read(f file, p []byte, pos uint64) (int, error) {
	return v.each(f, p, pos, func(d device, p []byte, addr int64) (int, error) {
		n, err := d.ReadAt(p, addr)
		if n == len(p) {
			err = nil
		} else if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF // the device has shrunk
		}
		return n, err
	})
}

// write stores p in a file, as far as it goes.
func (v *volume) write(f file, p []byte, pos uint64) (int, error) {
	return v.each(f, p, pos, device.WriteAt)
}

func (v *volume) sync() error {
	var err error
	for _, d := range v.devices {
		err = errors.Join(err, d.Sync())
	}
	return err
}

func (v *volume) close() error {
	var err error
	for _, d := range v.devices {
		err = errors.Join(err, d.Close())
	}
	return err
}
