// SPDX-License-Identifier: MIT

package emu

// maxLoops is the most bpf_loop does, BPF_MAX_LOOPS of the kernel.
const maxLoops = 8 << 20

// callback runs a function of the program from a helper and gives its result.
// It has a frame to itself; r1 to r5, which no caller may rely on, are lost.
func (m *Machine) callback(target int32, args ...uint64) (uint64, *problem) {
	if m.depth+1 == maxDepth {
		return 0, &problem{kind: ErrStackDepth, what: "callback " + m.prog.functionAt(int(target)) + ": 8 functions are the most that may be active, as in the kernel"}
	}
	if m.steps > m.budget { // run looks at it only where control flow changes
		return 0, m.budgetProblem()
	}
	site, helper := m.site, m.helper
	f := m.enter(target)
	f.callback, f.site, f.init = true, int32(site), m.init
	m.init = 1 << 10
	for i, a := range args {
		m.regs[1+i] = a
		m.init |= 1 << (1 + i)
	}
	if fault := m.run(int(target)); fault != nil {
		return 0, &problem{fault: fault}
	}
	if m.prog.checked && m.init&1 == 0 {
		return 0, uninitialisedRegister(1)
	}
	m.init = m.frames[m.depth].init
	m.leave()
	m.site, m.helper = site, helper
	return m.regs[0], nil
}

// loop is bpf_loop(n, callback, context, flags).
func (m *Machine) loop() (uint64, *problem) {
	n, context := uint64(uint32(m.regs[1])), m.regs[3]
	target, why := m.functionArg(2)
	if why != nil {
		return 0, why
	}
	if m.regs[4] != 0 {
		return errno(eINVAL), nil
	}
	if n > maxLoops {
		return errno(eBIG), nil
	}
	for i := range n {
		v, why := m.callback(target, i, context)
		if why != nil {
			return 0, why
		}
		if v != 0 {
			return i + 1, nil
		}
	}
	return n, nil
}

// forEachElem is bpf_for_each_map_elem(map, callback, context, flags). A hash
// is walked in the order of its slots, which for keys never deleted is the
// order they were inserted in; the kernel promises none.
func (m *Machine) forEachElem() (uint64, *problem) {
	mp, why := m.mapArg(1)
	if why != nil {
		return 0, why
	}
	if mp.inner || mp.ring != nil {
		return 0, m.wrong(1, ErrHelper, "map \""+mp.name+"\" is neither an array nor a hash of values")
	}
	target, why := m.functionArg(2)
	if why != nil {
		return 0, why
	}
	context := m.regs[3]
	if m.regs[4] != 0 {
		return errno(eINVAL), nil
	}
	n := int(mp.max)
	if mp.hash != nil {
		n = len(mp.hash.slots)
	}
	visited := uint64(0)
	for i := range n {
		k, cpu := m.elemKeys[m.depth][:], m.cpu
		if mp.cpus == 1 {
			cpu = 0
		}
		var value uint64
		if mp.hash != nil {
			if mp.hash.slots[i].state != slotLive {
				continue
			}
			k = mp.hash.key(int32(i))
			value = mp.hash.address(mp, int32(i), cpu)
		} else {
			m.bo.PutUint32(k, uint32(i))
			value = mp.array.address(mp, uint32(i), cpu)
		}
		id := m.share(mp.keyName, k, false)
		v, why := m.callback(target, mp.handle, pointer(id), value, context)
		m.unshare(int32(id))
		if why != nil {
			return 0, why
		}
		visited++
		if v != 0 {
			break
		}
	}
	return visited, nil
}
