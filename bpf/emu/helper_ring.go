// SPDX-License-Identifier: MIT

package emu

import "errors"

var errNoRing = errors.New("it is not a ring buffer")

// ringArg gives the ring buffer that is argument 1.
func (m *Machine) ringArg() (*Map, *problem) {
	mp, why := m.mapArg(1)
	if why != nil {
		return nil, why
	}
	if mp.ring == nil {
		return nil, m.wrong(1, ErrHelper, "map \""+mp.name+"\" is not a ring buffer")
	}
	return mp, nil
}

// ringOutput is bpf_ringbuf_output(ring, data, size, flags).
func (m *Machine) ringOutput() (uint64, *problem) {
	mp, why := m.ringArg()
	if why != nil {
		return 0, why
	}
	data, why := m.bytesArg(2, m.regs[3], accessRead)
	if why != nil {
		return 0, why
	}
	if m.regs[4]&^3 != 0 { // BPF_RB_NO_WAKEUP, BPF_RB_FORCE_WAKEUP
		return errno(eINVAL), nil
	}
	i := mp.ring.reserve(mp, uint64(len(data)))
	if i < 0 {
		return errno(eAGAIN), nil
	}
	copy(mp.ring.records[i].mem, data)
	mp.ring.finish(m, i, recordSubmitted)
	return 0, nil
}

// ringReserve is bpf_ringbuf_reserve(ring, size, flags).
func (m *Machine) ringReserve() (uint64, *problem) {
	mp, why := m.ringArg()
	if why != nil {
		return 0, why
	}
	if m.regs[3] != 0 {
		return 0, nil
	}
	i := mp.ring.reserve(mp, m.regs[2])
	if i < 0 {
		return 0, nil
	}
	m.reserved++
	return pointer(int(mp.ring.records[i].id)), nil
}

// ringSubmit is bpf_ringbuf_submit(data, flags).
func (m *Machine) ringSubmit() (uint64, *problem) { return m.ringEnd(recordSubmitted) }

// ringDiscard is bpf_ringbuf_discard(data, flags).
func (m *Machine) ringDiscard() (uint64, *problem) { return m.ringEnd(recordDiscarded) }

func (m *Machine) ringEnd(state recordState) (uint64, *problem) {
	id, off, ok := m.regionOf(m.regs[1])
	if !ok || m.regions[id].kind != regionRecord {
		return 0, m.wrong(1, ErrHelper, "it is "+m.describe(m.regs[1])+", not a record bpf_ringbuf_reserve gave; test that for NULL")
	}
	g := &m.regions[id]
	ring := m.maps[g.owner].ring
	switch {
	case ring.records[g.aux].state != recordReserved:
		return 0, m.wrong(1, ErrFreed, "the record was submitted or discarded already")
	case off != 0:
		return 0, m.wrong(1, ErrHelper, "it points into the record: pass what bpf_ringbuf_reserve gave")
	}
	ring.finish(m, g.aux, state)
	m.reserved--
	return 0, nil
}

// Flags of bpf_ringbuf_query.
const (
	ringAvailable = 0
	ringSize      = 1
	ringConsumer  = 2
	ringProducer  = 3
)

// ringQuery is bpf_ringbuf_query(ring, flags). Positions are counted from the
// last consumed record.
func (m *Machine) ringQuery() (uint64, *problem) {
	mp, why := m.ringArg()
	if why != nil {
		return 0, why
	}
	switch m.regs[2] {
	case ringAvailable, ringProducer:
		return mp.ring.used, nil
	case ringSize:
		return uint64(mp.max), nil
	case ringConsumer:
		return 0, nil
	default:
		return 0, nil
	}
}
