// SPDX-License-Identifier: MIT

package emu

import "github.com/cilium/ebpf"

// arrayMap holds the values of an array, those of all CPUs of an element side
// by side. An element becomes a region of its own when a program first asks for
// its address, so an access past its end is seen even if another element
// follows.
type arrayMap struct {
	data   []byte
	stride int
	ids    []int32 // region of each value; 0 until it is needed
	inner  []*Map  // elements of an array of maps
}

func newArrayMap(mp *Map) *arrayMap {
	if mp.typ == ebpf.ArrayOfMaps {
		return &arrayMap{inner: make([]*Map, mp.max)}
	}
	a := &arrayMap{stride: (int(mp.valueSize) + 7) &^ 7}
	a.data = make([]byte, a.stride*int(mp.max)*mp.cpus)
	a.ids = make([]int32, int(mp.max)*mp.cpus)
	return a
}

// value gives the bytes of element i for a CPU.
func (a *arrayMap) value(mp *Map, i uint32, cpu int) []byte {
	o := a.stride * (int(i)*mp.cpus + cpu)
	return a.data[o : o+int(mp.valueSize) : o+int(mp.valueSize)]
}

// address gives the address of element i for a CPU.
func (a *arrayMap) address(mp *Map, i uint32, cpu int) uint64 {
	k := int(i)*mp.cpus + cpu
	id := a.ids[k]
	if id == 0 {
		id = int32(mp.m.addRegion(region{
			kind: regionValue, data: a.value(mp, i, cpu), flags: mp.valueFlags(), owner: mp.index, aux: int32(k),
		}))
		a.ids[k] = id
	}
	return pointer(int(id))
}
