// SPDX-License-Identifier: MIT

package emu

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/cilium/ebpf"
)

// Errors of [Map]'s methods, as the system calls give them.
var (
	ErrKeyNotExist = ebpf.ErrKeyNotExist
	ErrKeyExist    = ebpf.ErrKeyExist
	ErrMapFull     = errors.New("map is full")
)

// Map is a map of a [Machine], as user space sees it. Keys and values are
// []byte, strings, or anything encoding/binary takes (fixed-size numbers,
// arrays, structs without padding of their own), in the byte order of the
// object.
type Map struct {
	m         *Machine
	name      string
	keyName   string // of a key that is passed to a callback
	spec      *ebpf.MapSpec
	typ       ebpf.MapType
	keySize   uint32
	valueSize uint32
	max       uint32
	cpus      int // values of each element
	index     int32
	handle    uint64
	readOnly  bool // for programs: BPF_F_RDONLY_PROG

	array *arrayMap
	hash  *hashMap
	ring  *ringMap
	ops   []byte // contents of a struct_ops map
	inner bool   // holds maps
}

// Flags of maps, as in the kernel's uapi header. Those known besides are about
// memory, ownership and inner maps of another size, and change nothing here.
const (
	flagReadProg = 1 << 7  // BPF_F_RDONLY_PROG
	flagMmapable = 1 << 10 // BPF_F_MMAPABLE
	knownFlags   = 1<<0 | 1<<1 | 1<<2 | 1<<3 | 1<<4 | flagReadProg | flagMmapable | 1<<12
)

// maxValue is the most bytes of a key or value of a hash; the kernel allows
// less.
const maxValue = 16 << 20

// loadMaps makes the maps of the collection, sorted by name. One of a type that
// this package lacks is left out if the programs do not refer to it.
func (m *Machine) loadMaps() error {
	used := m.mapsUsed()
	for _, name := range sortedKeys(m.spec.Maps) {
		if _, err := m.addMap(name, m.spec.Maps[name]); err != nil && (used[name] || !errors.Is(err, ErrUnsupported)) {
			return fmt.Errorf("map %s: %w", name, err)
		}
	}
	for _, mp := range m.maps {
		if err := mp.fill(); err != nil {
			return err
		}
	}
	return m.loadVariables()
}

// mapsUsed tells which maps the instructions of the programs wanted refer to.
func (m *Machine) mapsUsed() map[string]bool {
	used := map[string]bool{}
	for _, name := range m.wanted() {
		if p := m.spec.Programs[name]; p != nil {
			for i := range p.Instructions {
				if in := &p.Instructions[i]; in.IsLoadFromMap() {
					used[in.Reference()] = true
				}
			}
		}
	}
	return used
}

// NewMap makes a map at run time, for use as an inner map: see
// [Map.SetInner]. Its contents are those of the specification.
func (m *Machine) NewMap(name string, spec *ebpf.MapSpec) (*Map, error) {
	if m.mapByName[name] != nil {
		return nil, fmt.Errorf("emu: there is a map %q already", name)
	}
	mp, err := m.addMap(name, spec)
	if err == nil {
		err = mp.fill()
	}
	if err != nil {
		return nil, fmt.Errorf("emu: map %s: %w", name, err)
	}
	return mp, nil
}

// addMap makes a map without contents.
func (m *Machine) addMap(name string, spec *ebpf.MapSpec) (*Map, error) {
	mp := &Map{
		m: m, name: name, keyName: "key of map " + name, spec: spec, typ: spec.Type, keySize: spec.KeySize, valueSize: spec.ValueSize,
		max: spec.MaxEntries, cpus: 1, index: int32(len(m.maps)),
		readOnly: spec.Flags&flagReadProg != 0,
	}
	switch mp.typ {
	case ebpf.PerCPUArray, ebpf.PerCPUHash, ebpf.LRUCPUHash:
		mp.cpus = m.opts.CPUs
	case ebpf.ArrayOfMaps, ebpf.HashOfMaps:
		mp.inner = true
	}
	if err := mp.check(); err != nil {
		return nil, err
	}
	mp.clear()
	mp.handle = pointer(m.addRegion(region{kind: regionMap, owner: mp.index}))
	m.maps = append(m.maps, mp)
	m.mapByName[name] = mp
	return mp, nil
}

// check refuses what the kernel would refuse, or what this package lacks.
func (mp *Map) check() error {
	want := func(ok bool, what string) error {
		if ok {
			return nil
		}
		return fmt.Errorf("%s map with key size %d, value size %d and %d entries: %s", mp.typ, mp.keySize, mp.valueSize, mp.max, what)
	}
	if unknown := mp.spec.Flags &^ knownFlags; unknown != 0 && mp.typ != ebpf.StructOpsMap {
		return fmt.Errorf("%w: map flags %#x are not ones this package has: take them out of MapSpec.Flags", ErrUnsupported, unknown)
	}
	switch mp.typ {
	case ebpf.Array, ebpf.PerCPUArray, ebpf.ArrayOfMaps:
		if err := want(mp.keySize == 4, "an array's key has 4 bytes"); err != nil {
			return err
		}
	case ebpf.Hash, ebpf.LRUHash, ebpf.PerCPUHash, ebpf.LRUCPUHash, ebpf.HashOfMaps:
		if err := want(mp.keySize > 0, "a hash needs a key"); err != nil {
			return err
		}
	case ebpf.RingBuf:
		if err := want(mp.keySize == 0 && mp.valueSize == 0, "a ring buffer has neither keys nor values"); err != nil {
			return err
		}
		return want(mp.max >= 4096 && mp.max&(mp.max-1) == 0, "the size of a ring buffer is a power of two and at least a page")
	case ebpf.StructOpsMap:
		return nil
	default:
		return fmt.Errorf("%w: map type %s is not one this package has: it has Array, Hash, LRUHash, PerCPUArray, PerCPUHash, LRUCPUHash, ArrayOfMaps, HashOfMaps, RingBuf; leave the programs that use it out with Options.Programs", ErrUnsupported, mp.typ)
	}
	if err := want(mp.max > 0, "max_entries must be set"); err != nil {
		return err
	}
	if err := want(mp.valueSize > 0, "a value has at least 1 byte"); err != nil {
		return err
	}
	if mp.typ == ebpf.ArrayOfMaps || mp.typ == ebpf.HashOfMaps {
		if err := want(mp.valueSize == 4, "a map of maps has values of 4 bytes"); err != nil {
			return err
		}
		return want(mp.spec.InnerMap != nil, "it needs the definition of its inner maps: declare them with __array(values, …)")
	}
	if err := want(mp.keySize <= maxValue && (mp.valueSize <= maxValue || !mp.hashed()), "a key or value of a hash may have at most 16 MiB here"); err != nil {
		return err
	}
	return want(mp.hashed() || (uint64(mp.valueSize)+7)&^7*uint64(mp.max)*uint64(mp.cpus) <= maxRegion, "an array may have at most 2 GiB here")
}

func (mp *Map) hashed() bool {
	switch mp.typ {
	case ebpf.Hash, ebpf.LRUHash, ebpf.PerCPUHash, ebpf.LRUCPUHash, ebpf.HashOfMaps:
		return true
	}
	return false
}

// clear empties a map.
func (mp *Map) clear() {
	switch mp.typ {
	case ebpf.StructOpsMap:
	case ebpf.RingBuf:
		if mp.ring == nil {
			mp.ring = &ringMap{}
		}
		mp.ring.clear(mp)
	case ebpf.Array, ebpf.PerCPUArray, ebpf.ArrayOfMaps:
		if mp.array == nil {
			mp.array = newArrayMap(mp) // of zeroes; touching them again would cost their memory
			return
		}
		clear(mp.array.data)
		clear(mp.array.inner)
	default:
		if mp.hash == nil {
			mp.hash = newHashMap(mp)
		}
		mp.hash.clear(mp)
	}
}

// fill gives an empty map the contents of its specification.
func (mp *Map) fill() error {
	for i, kv := range mp.spec.Contents {
		if mp.typ == ebpf.StructOpsMap {
			mp.ops, _ = kv.Value.([]byte)
			continue
		}
		if err := mp.put(kv.Key, kv.Value); err != nil {
			return fmt.Errorf("map %s: initial element %d: %w", mp.name, i, err)
		}
	}
	return mp.m.fillVariables(mp)
}

// put stores an initial element.
func (mp *Map) put(k, v any) error {
	if !mp.inner {
		return mp.Update(k, v)
	}
	name, ok := v.(string)
	if !ok {
		return fmt.Errorf("its value is a %T: name an inner map of the collection", v)
	}
	in := mp.m.mapByName[name]
	if in == nil {
		return fmt.Errorf("there is no map %q: the object has %s", name, list(mp.m.Maps()))
	}
	return mp.SetInner(k, in)
}

// Name is that of the map's variable, or of the section.
func (mp *Map) Name() string { return mp.name }

// Spec is what the map was made from.
func (mp *Map) Spec() *ebpf.MapSpec { return mp.spec }

// Len is the number of elements: of an array, always all of them.
func (mp *Map) Len() int {
	switch {
	case mp.array != nil:
		return int(mp.max)
	case mp.hash != nil:
		return mp.hash.live
	default:
		return 0
	}
}

// Lookup copies the value of an element to out: a []byte of the value's size,
// or a pointer for encoding/binary. Of a per-CPU map it is the value of the
// current CPU. The error of a key that is not there wraps [ErrKeyNotExist].
func (mp *Map) Lookup(key, out any) error { return mp.LookupCPU(key, mp.m.cpu, out) }

// LookupCPU is Lookup for a CPU of one's choice.
func (mp *Map) LookupCPU(key any, cpu int, out any) error {
	v, err := mp.value(key, cpu)
	if err != nil {
		return err
	}
	if err := mp.m.unmarshal(v, out); err != nil {
		return mp.wrap(err)
	}
	return nil
}

// value gives the bytes of an element themselves.
func (mp *Map) value(key any, cpu int) ([]byte, error) {
	if err := mp.plain(); err != nil {
		return nil, err
	}
	if cpu < 0 || mp.cpus > 1 && cpu >= mp.cpus {
		return nil, mp.wrap(fmt.Errorf("there is no CPU %d: Options.CPUs is %d", cpu, mp.m.opts.CPUs))
	}
	k, err := mp.m.marshal(key, int(mp.keySize))
	if err != nil {
		return nil, mp.wrap(fmt.Errorf("key: %w", err))
	}
	v := mp.bytesOf(k, cpu)
	if v == nil {
		return nil, mp.wrap(fmt.Errorf("key %x: %w", k, ErrKeyNotExist))
	}
	return v, nil
}

// bytesOf finds the value of an element; nil if there is none.
func (mp *Map) bytesOf(k []byte, cpu int) []byte {
	if mp.cpus == 1 {
		cpu = 0
	}
	if mp.array != nil {
		i := mp.m.bo.Uint32(k)
		if i >= mp.max {
			return nil
		}
		return mp.array.value(mp, i, cpu)
	}
	s := mp.hash.find(k)
	if s < 0 {
		return nil
	}
	return mp.hash.value(s, cpu)
}

// plain refuses maps whose elements are not bytes.
func (mp *Map) plain() error {
	switch {
	case mp.inner:
		return mp.wrap(errors.New("its elements are maps: use Inner and SetInner"))
	case mp.ring != nil:
		return mp.wrap(errors.New("it is a ring buffer: use Records"))
	case mp.typ == ebpf.StructOpsMap:
		return mp.wrap(errors.New("it is a struct_ops map, which has no elements here"))
	}
	return nil
}

func (mp *Map) wrap(err error) error { return fmt.Errorf("emu: map %s: %w", mp.name, err) }

// Update stores an element, whether it exists or not. In a per-CPU map all
// CPUs get the value; [Map.UpdateCPU] sets one.
func (mp *Map) Update(key, value any) error {
	if err := mp.plain(); err != nil {
		return err
	}
	k, err := mp.m.marshal(key, int(mp.keySize))
	if err != nil {
		return mp.wrap(fmt.Errorf("key: %w", err))
	}
	v, err := mp.m.marshal(value, int(mp.valueSize))
	if err != nil {
		return mp.wrap(fmt.Errorf("value: %w", err))
	}
	switch e := mp.store(k, v, updateAny, -1); e {
	case 0:
		return nil
	case eBIG:
		if mp.array != nil {
			return mp.wrap(fmt.Errorf("key %x: it has elements 0 to %d", k, mp.max-1))
		}
		return mp.wrap(fmt.Errorf("key %x: %w: max_entries is %d", k, ErrMapFull, mp.max))
	default:
		return mp.wrap(fmt.Errorf("key %x: error %d", k, e))
	}
}

// UpdateCPU stores the value of one CPU of an element that exists.
func (mp *Map) UpdateCPU(key any, cpu int, value any) error {
	dst, err := mp.value(key, cpu)
	if err != nil {
		return err
	}
	v, err := mp.m.marshal(value, int(mp.valueSize))
	if err != nil {
		return mp.wrap(fmt.Errorf("value: %w", err))
	}
	copy(dst, v)
	return nil
}

// Delete removes an element of a hash.
func (mp *Map) Delete(key any) error {
	if mp.hash == nil {
		return mp.wrap(errors.New("only elements of a hash can be deleted"))
	}
	k, err := mp.m.marshal(key, int(mp.keySize))
	if err != nil {
		return mp.wrap(fmt.Errorf("key: %w", err))
	}
	if e := mp.remove(k); e != 0 {
		return mp.wrap(fmt.Errorf("key %x: %w", k, ErrKeyNotExist))
	}
	return nil
}

// Entry is an element of a map, copied.
type Entry struct {
	Key   []byte // in the byte order of the object
	Value []byte // of the current CPU
}

// Entries gives all elements, sorted by the bytes of their keys; an array's
// by index.
func (mp *Map) Entries() ([]Entry, error) {
	if err := mp.plain(); err != nil {
		return nil, err
	}
	var all []Entry
	if mp.array != nil {
		for i := range mp.max {
			k := make([]byte, 4)
			mp.m.bo.PutUint32(k, i)
			all = append(all, Entry{k, slices.Clone(mp.bytesOf(k, mp.m.cpu))})
		}
		return all, nil
	}
	for s := range mp.hash.slots {
		if mp.hash.slots[s].state == slotLive {
			k := mp.hash.key(int32(s))
			all = append(all, Entry{slices.Clone(k), slices.Clone(mp.bytesOf(k, mp.m.cpu))})
		}
	}
	sort.Slice(all, func(i, j int) bool { return bytes.Compare(all[i].Key, all[j].Key) < 0 })
	return all, nil
}

// Flags of bpf_map_update_elem.
const (
	updateAny     = 0
	updateNoExist = 1
	updateExist   = 2
)

// store sets an element and gives an error number. cpu is the CPU whose value
// is set, -1 for all.
func (mp *Map) store(k, v []byte, flags uint64, cpu int) int64 {
	if flags > updateExist {
		return eINVAL
	}
	if mp.cpus == 1 {
		cpu = 0
	}
	if mp.array != nil {
		i := mp.m.bo.Uint32(k)
		if i >= mp.max {
			return eBIG
		}
		if flags == updateNoExist {
			return eEXIST
		}
		for c := range mp.cpus {
			if cpu < 0 || c == cpu {
				copy(mp.array.value(mp, i, c), v)
			}
		}
		return 0
	}
	return mp.hash.store(mp, k, v, flags, cpu)
}

// remove deletes an element and gives an error number.
func (mp *Map) remove(k []byte) int64 {
	if mp.hash == nil {
		return eINVAL
	}
	s := mp.hash.find(k)
	if s < 0 {
		return eNOENT
	}
	mp.hash.unlink(s)
	mp.hash.retire(mp, s, slotDeleted)
	return 0
}

// lookup gives the address of a value, 0 if there is none, to a program.
func (mp *Map) lookup(k []byte, cpu int) uint64 {
	if mp.cpus == 1 {
		cpu = 0
	}
	if mp.array != nil {
		i := mp.m.bo.Uint32(k)
		if i >= mp.max {
			return 0
		}
		if mp.inner {
			return handleOf(mp.array.inner[i])
		}
		return mp.array.address(mp, i, cpu)
	}
	s := mp.hash.find(k)
	if s < 0 {
		return 0
	}
	if mp.inner {
		return handleOf(mp.hash.inner[s])
	}
	mp.hash.touch(s)
	return mp.hash.address(mp, s, cpu)
}

func handleOf(mp *Map) uint64 {
	if mp == nil {
		return 0
	}
	return mp.handle
}

// elementName names an element in messages.
func (mp *Map) elementName(i int32) string {
	switch {
	case mp.hash != nil:
		return fmt.Sprintf("[%x]", mp.hash.key(i/int32(mp.cpus)))
	case mp.max == 1:
		return "[0]"
	default:
		return fmt.Sprintf("[%d]", i/int32(mp.cpus))
	}
}

// valueFlags says what programs may do with values.
func (mp *Map) valueFlags() regionFlags {
	if mp.readOnly {
		return 0
	}
	return flagWrite
}
