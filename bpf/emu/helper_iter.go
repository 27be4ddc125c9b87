// SPDX-License-Identifier: MIT

package emu

// kfuncTable are the kfuncs this package has: those of the loops that bpf_for and
// bpf_repeat of libbpf's headers expand to. Every program type may call them.
var kfuncTable = map[string]helper{
	"bpf_iter_num_new":     {name: "bpf_iter_num_new", args: 3, run: (*Machine).iterNew},
	"bpf_iter_num_next":    {name: "bpf_iter_num_next", args: 1, run: (*Machine).iterNext},
	"bpf_iter_num_destroy": {name: "bpf_iter_num_destroy", args: 1, run: (*Machine).iterDestroy},
}

// iterSize is the size of struct bpf_iter_num: the number and where it ends, 32
// bits each.
const iterSize = 8

// iterator gives the memory of the iterator that is the first argument.
func (m *Machine) iterator(a access) ([]byte, *problem) { return m.bytesArg(1, iterSize, a) }

func (m *Machine) setIterator(b []byte, cur, end int32) {
	m.bo.PutUint32(b, uint32(cur))
	m.bo.PutUint32(b[4:], uint32(end))
}

// iterNew is bpf_iter_num_new(iterator, start, end). One that it refuses is at its
// end, and must be destroyed too.
func (m *Machine) iterNew() (uint64, *problem) {
	b, why := m.iterator(accessFill)
	if why != nil {
		return 0, why
	}
	m.iterators++
	start, end := int32(m.regs[2]), int32(m.regs[3])
	switch {
	case start > end:
		m.setIterator(b, 0, 0)
		return errno(eINVAL), nil
	case int64(end)-int64(start) > maxLoops:
		m.setIterator(b, 0, 0)
		return errno(eBIG), nil
	}
	m.setIterator(b, start-1, end)
	return 0, nil
}

// iterNext is bpf_iter_num_next(iterator): the address of the next number, NULL
// after the last.
func (m *Machine) iterNext() (uint64, *problem) {
	b, why := m.iterator(accessRead)
	if why == nil {
		b, why = m.iterator(accessWrite)
	}
	if why != nil {
		return 0, why
	}
	next, end := int32(m.bo.Uint32(b))+1, int32(m.bo.Uint32(b[4:]))
	if next >= end {
		m.setIterator(b, 0, 0)
		return 0, nil
	}
	m.setIterator(b, next, end)
	return m.regs[1], nil
}

// iterDestroy is bpf_iter_num_destroy(iterator).
func (m *Machine) iterDestroy() (uint64, *problem) {
	if _, why := m.iterator(accessRead); why != nil {
		return 0, why
	}
	b, why := m.iterator(accessWrite)
	if why != nil {
		return 0, why
	}
	m.setIterator(b, 0, 0)
	m.iterators--
	return 0, nil
}
