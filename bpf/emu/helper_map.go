// SPDX-License-Identifier: MIT

package emu

import "github.com/cilium/ebpf"

// keyed gives the map and key of a helper whose first arguments they are.
func (m *Machine) keyed() (*Map, []byte, *problem) {
	mp, why := m.mapArg(1)
	if why != nil {
		return nil, nil, why
	}
	if mp.ring != nil {
		return nil, nil, m.wrong(1, ErrHelper, "map \""+mp.name+"\" is a ring buffer, which has no elements")
	}
	k, why := m.bytesArg(2, uint64(mp.keySize), accessRead)
	return mp, k, why
}

// mapLookup is bpf_map_lookup_elem(map, key).
func (m *Machine) mapLookup() (uint64, *problem) {
	mp, k, why := m.keyed()
	if why != nil {
		return 0, why
	}
	return mp.lookup(k, m.cpu), nil
}

// mapLookupPerCPU is bpf_map_lookup_percpu_elem(map, key, cpu).
func (m *Machine) mapLookupPerCPU() (uint64, *problem) {
	mp, k, why := m.keyed()
	if why != nil {
		return 0, why
	}
	switch mp.typ {
	case ebpf.PerCPUArray, ebpf.PerCPUHash, ebpf.LRUCPUHash:
	default:
		return 0, m.wrong(1, ErrHelper, "map \""+mp.name+"\" is not a per-CPU map")
	}
	cpu := uint64(uint32(m.regs[3]))
	if cpu >= uint64(mp.cpus) {
		return 0, nil
	}
	return mp.lookup(k, int(cpu)), nil
}

// mapUpdate is bpf_map_update_elem(map, key, value, flags).
func (m *Machine) mapUpdate() (uint64, *problem) {
	mp, k, why := m.keyed()
	if why != nil {
		return 0, why
	}
	if mp.inner {
		return 0, m.wrong(1, ErrHelper, "map \""+mp.name+"\" holds maps, which only user space may change")
	}
	if mp.readOnly {
		return 0, m.wrong(1, ErrReadOnly, "map \""+mp.name+"\" is read-only for programs")
	}
	v, why := m.bytesArg(3, uint64(mp.valueSize), accessRead)
	if why != nil {
		return 0, why
	}
	return errno(mp.store(k, v, m.regs[4], m.cpu)), nil
}

// mapDelete is bpf_map_delete_elem(map, key).
func (m *Machine) mapDelete() (uint64, *problem) {
	mp, k, why := m.keyed()
	if why != nil {
		return 0, why
	}
	if mp.inner {
		return 0, m.wrong(1, ErrHelper, "map \""+mp.name+"\" holds maps, which only user space may change")
	}
	if mp.readOnly {
		return 0, m.wrong(1, ErrReadOnly, "map \""+mp.name+"\" is read-only for programs")
	}
	return errno(mp.remove(k)), nil
}
