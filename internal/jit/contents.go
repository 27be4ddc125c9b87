// SPDX-License-Identifier: MIT

package jit

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/ringbuf"

	"github.com/fuseiomap/abigen/bpf/emu"
)

// Element is one element of a map, in the program's byte order. The value of a
// map with one value for each processor is their sum, taken as 64-bit numbers.
type Element struct {
	Map        string
	Key, Value []byte
}

// String writes the element in hexadecimal.
func (e Element) String() string { return fmt.Sprintf("%s[%x] = %x", e.Map, e.Key, e.Value) }

// data tells whether a map's contents are what a program left in it, rather
// than its code, constants or arguments.
func data(name string, t ebpf.MapType) bool {
	switch t {
	case ebpf.Hash, ebpf.Array, ebpf.PerCPUHash, ebpf.PerCPUArray:
		return !strings.HasPrefix(name, ".rodata") && name != ioMap
	}
	return false
}

// Contents lists what is in the hashes and arrays, sorted by map and key.
func (m *Machine) Contents() ([]Element, error) { return InKernel(m.coll.Maps) }

// InKernel lists the same of any maps of programs.
func InKernel(maps map[string]*ebpf.Map) ([]Element, error) {
	var all []Element
	for name, mp := range maps {
		if !data(name, mp.Type()) {
			continue
		}
		perCPU := mp.Type() == ebpf.PerCPUHash || mp.Type() == ebpf.PerCPUArray
		var key, value []byte
		var values [][]byte
		it := mp.Iterate()
		for {
			var ok bool
			if perCPU {
				ok = it.Next(&key, &values)
			} else {
				ok = it.Next(&key, &value)
			}
			if !ok {
				break
			}
			e := Element{Map: name, Key: bytes.Clone(key), Value: bytes.Clone(value)}
			if perCPU {
				e.Value = sum(binary.LittleEndian, values, int(mp.ValueSize()))
			}
			all = append(all, e)
		}
		if err := it.Err(); err != nil {
			return nil, err
		}
	}
	return sorted(all), nil
}

// Records takes the records out of a ring buffer, oldest first.
func (m *Machine) Records(name string) ([][]byte, error) {
	mp := m.coll.Maps[name]
	if mp == nil {
		return nil, fmt.Errorf("no map %q", name)
	}
	return RecordsIn(mp)
}

// RecordsIn takes those of any ring buffer.
func RecordsIn(mp *ebpf.Map) ([][]byte, error) {
	r, err := ringbuf.NewReader(mp)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	r.SetDeadline(time.Unix(1, 0)) // what is there, without waiting
	var all [][]byte
	for {
		rec, err := r.Read()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, rec.RawSample)
	}
}

// ContentsOf lists the same of an interpreter.
func ContentsOf(m *emu.Machine) ([]Element, error) {
	var all []Element
	for _, name := range m.Maps() {
		mp, err := m.Map(name)
		if err != nil {
			return nil, err
		}
		if !data(name, mp.Spec().Type) || strings.Contains(name, ".") {
			continue
		}
		entries, err := mp.Entries()
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			all = append(all, Element{Map: name, Key: e.Key, Value: e.Value})
		}
	}
	return sorted(all), nil
}

func sum(order binary.ByteOrder, values [][]byte, size int) []byte {
	out := make([]byte, size)
	for i := 0; i+8 <= size; i += 8 {
		var n uint64
		for _, v := range values {
			n += order.Uint64(v[i:])
		}
		order.PutUint64(out[i:], n)
	}
	return out
}

func sorted(all []Element) []Element {
	slices.SortFunc(all, func(a, b Element) int {
		if c := strings.Compare(a.Map, b.Map); c != 0 {
			return c
		}
		return bytes.Compare(a.Key, b.Key)
	})
	return all
}
