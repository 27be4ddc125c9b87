// SPDX-License-Identifier: MIT

package emu

import "slices"

// ringMap is a ring buffer. Space is accounted as in the kernel: a record takes
// its size and a header of 8 bytes, rounded up to 8.
type ringMap struct {
	records []record
	free    []int32 // of records
	order   []int32 // records not yet consumed, in the order they were reserved
	used    uint64  // bytes
}

// recordState is how far a record is.
type recordState uint8

const (
	recordFree recordState = iota
	recordReserved
	recordSubmitted
	recordDiscarded
)

type record struct {
	mem   []byte // data, and as much again for what was written
	size  int
	state recordState
	id    int32 // region
}

// recordHeader is BPF_RINGBUF_HDR_SZ.
const recordHeader = 8

func recordSpace(size uint64) uint64 { return (size + recordHeader + 7) &^ 7 }

// clear empties the buffer.
func (r *ringMap) clear(mp *Map) {
	for _, i := range r.order {
		r.release(mp.m, i)
	}
	r.order = r.order[:0]
	r.used = 0
}

// reserve gives a new record, -1 if the buffer is full.
func (r *ringMap) reserve(mp *Map, size uint64) int32 {
	space := recordSpace(size)
	if size > maxRegion || r.used+space > uint64(mp.max)-1 {
		return -1
	}
	var i int32
	if len(r.free) > quarantine {
		i = r.free[0]
		r.free = r.free[:copy(r.free, r.free[1:])]
	} else {
		i = int32(len(r.records))
		r.records = append(r.records, record{id: int32(mp.m.addRegion(region{kind: regionRecord, flags: flagFreed, owner: mp.index, aux: i}))})
	}
	rec := &r.records[i]
	if need := 2 * int(size); cap(rec.mem) < need {
		rec.mem = make([]byte, need)
	} else {
		rec.mem = rec.mem[:need]
		clear(rec.mem)
	}
	rec.size, rec.state = int(size), recordReserved
	g := &mp.m.regions[rec.id]
	g.data, g.shadow, g.flags = rec.mem[:size:size], rec.mem[size:], flagWrite
	r.order = append(r.order, i)
	r.used += space
	return i
}

// finish ends the program's use of a record.
func (r *ringMap) finish(m *Machine, i int32, state recordState) {
	r.records[i].state = state
	g := &m.regions[r.records[i].id]
	g.data, g.shadow, g.flags = nil, nil, flagFreed
}

// release makes a record reusable.
func (r *ringMap) release(m *Machine, i int32) {
	r.finish(m, i, recordFree)
	r.free = append(r.free, i)
}

// discardReserved ends every reservation a stopped program held.
func (r *ringMap) discardReserved(m *Machine) {
	for _, i := range r.order {
		if r.records[i].state == recordReserved {
			r.finish(m, i, recordDiscarded)
		}
	}
}

// Records takes the submitted records out of a ring buffer, oldest first.
func (mp *Map) Records() ([][]byte, error) {
	if mp.ring == nil {
		return nil, mp.wrap(errNoRing)
	}
	r := mp.ring
	var all [][]byte
	n := 0
	for _, i := range r.order {
		rec := &r.records[i]
		if rec.state == recordReserved {
			break
		}
		if rec.state == recordSubmitted {
			all = append(all, slices.Clone(rec.mem[:rec.size]))
		}
		r.used -= recordSpace(uint64(rec.size))
		r.release(mp.m, i)
		n++
	}
	r.order = r.order[:copy(r.order, r.order[n:])]
	return all, nil
}
