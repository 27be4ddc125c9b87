// SPDX-License-Identifier: MIT

package emu

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

// FuzzObject: no bytes of an object make the package panic, and what it loads
// can be called.
func FuzzObject(f *testing.F) {
	names, err := filepath.Glob("testdata/*.o")
	if err != nil || len(names) == 0 {
		f.Fatalf("no objects: %v", err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	types := kernelTypes(f, binary.LittleEndian)
	f.Fuzz(func(t *testing.T, object []byte) {
		spec, err := readCollection(bytes.NewReader(object))
		if err != nil {
			return
		}
		for _, mp := range spec.Maps {
			mp.MaxEntries = min(mp.MaxEntries, 1<<12)
			if mp.ValueSize > 1<<8 || mp.KeySize > 1<<8 {
				return // valid, and slow
			}
		}
		m, err := New(spec, Options{KernelTypes: types, Budget: 10000})
		if err != nil {
			return
		}
		callAll(t, m)
	})
}

// callAll calls every program with a few kinds of arguments.
func callAll(t *testing.T, m *Machine) {
	for _, name := range m.Programs() {
		p, err := m.Program(name)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			_, err = p.Call(Mem("a", make([]byte, 64), true), Scalar(1), Mem("b", make([]byte, 16), false), Null())
			var f *Fault
			if err != nil && (!errors.As(err, &f) || f.Error() == "") {
				t.Errorf("program %s: %v", name, err)
			}
		}
	}
}

// FuzzInstructions: no instructions make the package panic, and a program has
// the same end on both kinds of machine if it touches no memory.
func FuzzInstructions(f *testing.F) {
	for _, c := range opcodePrograms(binary.LittleEndian) {
		f.Add(bytesOf(binary.LittleEndian, c.program))
	}
	f.Fuzz(func(t *testing.T, code []byte) {
		if len(code) > 8*512 {
			return
		}
		insns, err := asm.AppendInstructions(nil, bytes.NewReader(code), binary.LittleEndian, "linux")
		if err != nil {
			return
		}
		for i := range insns {
			// Descriptors become maps, so that helpers get some.
			if insns[i].IsLoadFromMap() {
				names := []string{"hash", "array", "ring", "percpu", "outer", "lock"}
				insns[i] = insns[i].WithReference(names[uint64(insns[i].Constant)%uint64(len(names))])
			}
		}
		spec := collection(insns)
		spec.Maps = safetyMaps()
		m, err := New(spec, Options{Budget: 10000, CPUs: 2})
		if err != nil {
			return
		}
		callAll(t, m)
		checkMachine(t, m)
	})
}

// checkMachine looks for what a call must leave in order.
func checkMachine(t *testing.T, m *Machine) {
	if m.running || m.depth != 0 || m.reserved != 0 || m.locked != 0 || len(m.iterators) != 0 {
		t.Errorf("left behind: running %v, depth %d, %d records, lock %#x, %d iterators", m.running, m.depth, m.reserved, m.locked, len(m.iterators))
	}
	for i := range m.regions {
		g := &m.regions[i]
		if (g.kind == regionStack || i < firstArg+maxArgs) && g.data != nil {
			t.Errorf("region %d outlives the call", i)
		}
		if g.shadow != nil && len(g.shadow) != len(g.data) {
			t.Errorf("region %d has %d bytes and %d shadows", i, len(g.data), len(g.shadow))
		}
	}
}

// FuzzMaps: a hash does what a Go map does, whatever the order of operations.
func FuzzMaps(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 0x41, 0x42, 0x81, 1, 2, 0x41, 5, 6, 7})
	f.Add(bytes.Repeat([]byte{1, 0x41}, 200))
	f.Fuzz(func(t *testing.T, ops []byte) {
		ops = ops[:min(len(ops), 2000)]
		for _, typ := range []ebpf.MapType{ebpf.Hash, ebpf.LRUHash} {
			spec := collection(ret)
			spec.Maps = map[string]*ebpf.MapSpec{"m": {Type: typ, KeySize: 4, ValueSize: 8, MaxEntries: 8}}
			m, err := New(spec, Options{})
			if err != nil {
				t.Fatal(err)
			}
			mp, model, used := mustMap(t, m, "m"), map[uint32]uint64{}, []uint32(nil)
			touch := func(k uint32) {
				for i, u := range used {
					if u == k {
						used = append(used[:i:i], used[i+1:]...)
						break
					}
				}
				used = append(used, k)
			}
			for i, o := range ops {
				m.call++
				k := uint32(o & 0x1f)
				old, there := model[k]
				switch o >> 6 {
				case 0:
					err := mp.Update(k, uint64(i))
					if !there && len(model) == 8 && typ == ebpf.Hash {
						if !errors.Is(err, ErrMapFull) {
							t.Fatalf("op %d: a ninth key: %v", i, err)
						}
						continue
					}
					if err != nil {
						t.Fatalf("op %d: %v", i, err)
					}
					if !there && len(model) == 8 {
						delete(model, used[0])
						used = used[1:]
					}
					model[k] = uint64(i)
					touch(k)
				case 1:
					if err := mp.Delete(k); (err == nil) != there {
						t.Fatalf("op %d: delete %d: %v", i, k, err)
					}
					if there {
						delete(model, k)
						touch(k)
						used = used[:len(used)-1]
					}
				default:
					var v uint64
					if err := mp.Lookup(k, &v); (err == nil) != there || v != old {
						t.Fatalf("op %d: look up %d: %d, %v, want %d, %v", i, k, v, err, old, there)
					}
				}
				if mp.Len() != len(model) {
					t.Fatalf("op %d: %d elements, want %d", i, mp.Len(), len(model))
				}
			}
		}
	})
}
