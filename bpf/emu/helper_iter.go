// SPDX-License-Identifier: MIT

package emu

import "slices"

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

// made gives the memory of the iterator that is the first argument, and its index
// in m.iterators. It must be one that was made and not destroyed.
func (m *Machine) made() (b []byte, i int, why *problem) {
	if _, why := m.iterator(accessRead); why != nil {
		return nil, 0, why
	}
	if b, why = m.iterator(accessWrite); why != nil {
		return nil, 0, why
	}
	if i = slices.Index(m.iterators, m.regs[1]); i < 0 {
		return nil, 0, m.wrong(1, ErrHelper, "it is "+m.describe(m.regs[1])+", where no iterator is: call bpf_iter_num_new before, and bpf_iter_num_destroy once and last")
	}
	return b, i, nil
}

// iterNew is bpf_iter_num_new(iterator, start, end). One that it refuses is at its
// end, and must be destroyed too.
func (m *Machine) iterNew() (uint64, *problem) {
	b, why := m.iterator(accessFill)
	if why != nil {
		return 0, why
	}
	if slices.Contains(m.iterators, m.regs[1]) {
		return 0, m.wrong(1, ErrHelper, "it is an iterator already: call bpf_iter_num_destroy before it is made again")
	}
	m.iterators = append(m.iterators, m.regs[1])
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
	b, _, why := m.made()
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
	b, i, why := m.made()
	if why != nil {
		return 0, why
	}
	m.setIterator(b, 0, 0)
	m.iterators = slices.Delete(m.iterators, i, i+1)
	return 0, nil
}
