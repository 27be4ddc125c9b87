// SPDX-License-Identifier: MIT

package emu

import (
	"bytes"
	"slices"

	"github.com/cilium/ebpf"
)

// hashMap is a hash with stable slots: neither a look-up nor the insertion of
// other keys moves a value. A slot whose element was deleted or replaced stays
// out of use until the call that did it is over and others wait in the queue,
// so a pointer into it is recognised. Nothing is allocated once the slots
// exist.
//
// An update of a key that exists takes another slot, as in the kernel, where a
// pointer from an earlier look-up keeps showing the old value.
type hashMap struct {
	slots   []slot
	keys    [][]byte // chunks of chunkSlots keys
	values  [][]byte // chunks of chunkSlots times cpus values
	ids     []int32  // region of each value; 0 until it is needed
	inner   []*Map
	buckets []int32 // first slot of each chain, -1 for none; a power of two of them
	queue   []int32 // retired slots, oldest first
	head    int     // of queue
	live    int
	keySize int
	value1  int // size of a value
	stride  int
	cpus    int
	lru     bool
	newest  int32 // ends of the list of live slots by use, -1 for none
	oldest  int32
}

// chunkSlots is how many slots are allocated together.
const chunkSlots = 64

// slotState is what became of a slot.
type slotState uint8

const (
	slotLive slotState = iota
	slotDeleted
	slotReplaced
)

type slot struct {
	hash         uint32
	next         int32 // in its chain
	newer, older int32 // in order of use
	call         uint32
	state        slotState
}

func newHashMap(mp *Map) *hashMap {
	h := &hashMap{
		keySize: int(mp.keySize), value1: int(mp.valueSize), stride: (int(mp.valueSize) + 7) &^ 7, cpus: mp.cpus,
		lru: mp.typ == ebpf.LRUHash || mp.typ == ebpf.LRUCPUHash,
	}
	if mp.inner {
		h.stride, h.value1 = 0, 0
	}
	return h
}

// clear empties the hash and takes every region back.
func (h *hashMap) clear(mp *Map) {
	for s := range h.slots {
		if h.slots[s].state == slotLive {
			h.retire(mp, int32(s), slotDeleted)
		}
	}
	h.buckets = slices.Repeat([]int32{-1}, 8)
	h.newest, h.oldest = -1, -1
}

// hashOf is FNV-1a, folded: the same in every run.
func hashOf(k []byte) uint32 {
	v := uint64(14695981039346656037)
	for ; len(k) >= 8; k = k[8:] {
		v = (v ^ le.Uint64(k)) * 1099511628211
		v ^= v >> 29
	}
	for _, b := range k {
		v = (v ^ uint64(b)) * 1099511628211
	}
	return uint32(v ^ v>>32)
}

func (h *hashMap) key(s int32) []byte {
	o := int(s) % chunkSlots * h.keySize
	return h.keys[s/chunkSlots][o : o+h.keySize : o+h.keySize]
}

func (h *hashMap) value(s int32, cpu int) []byte {
	o := (int(s)%chunkSlots*h.cpus + cpu) * h.stride
	return h.values[s/chunkSlots][o : o+h.value1 : o+h.value1]
}

// find gives the slot of a key, -1 if it is not there.
func (h *hashMap) find(k []byte) int32 {
	hash := hashOf(k)
	for s := h.buckets[hash&uint32(len(h.buckets)-1)]; s >= 0; s = h.slots[s].next {
		if h.slots[s].hash == hash && bytes.Equal(h.key(s), k) {
			return s
		}
	}
	return -1
}

// address gives the address of a value.
func (h *hashMap) address(mp *Map, s int32, cpu int) uint64 {
	k := int(s)*h.cpus + cpu
	if h.ids[k] == 0 {
		h.ids[k] = int32(mp.m.addRegion(region{
			kind: regionValue, data: h.value(s, cpu), flags: mp.valueFlags(), owner: mp.index, aux: int32(k),
		}))
	}
	return pointer(int(h.ids[k]))
}

// store sets an element and gives an error number; cpu -1 sets all CPUs'.
func (h *hashMap) store(mp *Map, k, v []byte, flags uint64, cpu int) int64 {
	old := h.find(k)
	switch {
	case old >= 0 && flags == updateNoExist:
		return eEXIST
	case old < 0 && flags == updateExist:
		return eNOENT
	}
	if old >= 0 && h.cpus > 1 {
		// Per-CPU values are written where they are; so does the kernel.
		h.put(old, v, cpu)
		h.touch(old)
		return 0
	}
	if old < 0 && h.live >= int(mp.max) {
		if !h.lru {
			return eBIG
		}
		victim := h.oldest
		h.unlink(victim)
		h.retire(mp, victim, slotDeleted)
	}
	if old >= 0 {
		h.unlink(old)
		h.retire(mp, old, slotReplaced)
	}
	s := h.take(mp)
	copy(h.key(s), k)
	for c := range h.cpus {
		clear(h.value(s, c))
	}
	h.put(s, v, cpu)
	h.link(s, hashOf(k))
	return 0
}

// put writes a value for one CPU, or all.
func (h *hashMap) put(s int32, v []byte, cpu int) {
	for c := range h.cpus {
		if cpu < 0 || c == cpu {
			copy(h.value(s, c), v)
		}
	}
}

// take gives a slot that is not in use: the one retired longest ago, if it can
// no longer matter, else a new one.
func (h *hashMap) take(mp *Map) int32 {
	if len(h.queue)-h.head > quarantine && h.slots[h.queue[h.head]].call != mp.m.call {
		s := h.queue[h.head]
		h.head++
		if h.head > len(h.queue)/2 {
			h.queue = h.queue[:copy(h.queue, h.queue[h.head:])]
			h.head = 0
		}
		for c := range h.cpus {
			if id := h.ids[int(s)*h.cpus+c]; id != 0 {
				g := &mp.m.regions[id]
				g.data, g.flags = h.value(s, c), mp.valueFlags()
			}
		}
		return s
	}
	s := int32(len(h.slots))
	if s%chunkSlots == 0 {
		h.keys = append(h.keys, make([]byte, chunkSlots*h.keySize))
		h.values = append(h.values, make([]byte, chunkSlots*h.cpus*h.stride))
	}
	h.slots = append(h.slots, slot{})
	for range h.cpus {
		h.ids = append(h.ids, 0)
	}
	h.inner = append(h.inner, nil)
	return s
}

// link enters a slot into the table.
func (h *hashMap) link(s int32, hash uint32) {
	if h.live >= len(h.buckets) {
		h.grow()
	}
	b := &h.buckets[hash&uint32(len(h.buckets)-1)]
	h.slots[s] = slot{hash: hash, next: *b, newer: -1, older: -1}
	*b = s
	h.live++
	h.push(s)
}

// grow doubles the number of chains.
func (h *hashMap) grow() {
	old := h.buckets
	h.buckets = slices.Repeat([]int32{-1}, 2*len(old))
	for _, s := range old {
		for s >= 0 {
			next := h.slots[s].next
			b := &h.buckets[h.slots[s].hash&uint32(len(h.buckets)-1)]
			h.slots[s].next, *b = *b, s
			s = next
		}
	}
}

// unlink takes a live slot out of the table.
func (h *hashMap) unlink(s int32) {
	at := &h.buckets[h.slots[s].hash&uint32(len(h.buckets)-1)]
	for *at != s {
		at = &h.slots[*at].next
	}
	*at = h.slots[s].next
}

// retire puts a slot that was unlinked into the queue. Who still has its
// address can no longer use it, or only read the value that was replaced.
func (h *hashMap) retire(mp *Map, s int32, state slotState) {
	h.pop(s)
	h.slots[s].state = state
	h.slots[s].call = mp.m.call
	h.live--
	h.queue = append(h.queue, s)
	for c := range h.cpus {
		id := h.ids[int(s)*h.cpus+c]
		if id == 0 {
			continue
		}
		g := &mp.m.regions[id]
		if state == slotReplaced {
			g.flags = flagStale
		} else {
			g.data, g.flags = nil, flagFreed
		}
	}
}

// push makes a slot the most recently used.
func (h *hashMap) push(s int32) {
	h.slots[s].older, h.slots[s].newer = h.newest, -1
	if h.newest >= 0 {
		h.slots[h.newest].newer = s
	} else {
		h.oldest = s
	}
	h.newest = s
}

// pop takes a slot out of the order of use.
func (h *hashMap) pop(s int32) {
	e := &h.slots[s]
	if e.newer >= 0 {
		h.slots[e.newer].older = e.older
	} else {
		h.newest = e.older
	}
	if e.older >= 0 {
		h.slots[e.older].newer = e.newer
	} else {
		h.oldest = e.newer
	}
}

// touch notes the use of a slot, in maps that go by it.
func (h *hashMap) touch(s int32) {
	if h.lru && h.newest != s {
		h.pop(s)
		h.push(s)
	}
}
