// SPDX-License-Identifier: MIT

package emu

// tick is how far the built-in clock moves when it is read, in nanoseconds.
const tick = 1000

// now is bpf_ktime_get_ns() and its relatives.
func (m *Machine) now() (uint64, *problem) {
	if m.opts.Clock != nil {
		return m.opts.Clock(), nil
	}
	v := m.clock
	m.clock += tick
	return v, nil
}

// jiffies is bpf_jiffies64(), at 1000 a second.
func (m *Machine) jiffies() (uint64, *problem) {
	v, _ := m.now()
	return v / 1e6, nil
}

// prandom is bpf_get_prandom_u32(): xorshift64*, by G. Marsaglia and S. Vigna.
func (m *Machine) prandom() (uint64, *problem) {
	if m.opts.Random != nil {
		return uint64(m.opts.Random()), nil
	}
	x := m.random
	x ^= x >> 12
	x ^= x << 25
	x ^= x >> 27
	m.random = x
	return x * 0x2545f4914f6cdd1d >> 32, nil
}

// processor is bpf_get_smp_processor_id().
func (m *Machine) processor() (uint64, *problem) { return uint64(m.cpu), nil }

// comm is bpf_get_current_comm(buffer, size).
func (m *Machine) comm() (uint64, *problem) {
	b, why := m.bytesArg(1, uint64(uint32(m.regs[2])), accessFill)
	if why != nil {
		return 0, why
	}
	if len(b) == 0 {
		return errno(eINVAL), nil
	}
	clear(b)
	copy(b[:len(b)-1], m.opts.Comm)
	return 0, nil
}

// spinLock is bpf_spin_lock(lock). There is one thread, so it only checks that
// locks are taken and released as the verifier wants: one at a time, in a map
// value.
func (m *Machine) spinLock() (uint64, *problem) {
	if m.locked != 0 {
		return 0, m.wrong(1, ErrHelper, "the lock in "+m.describe(m.locked)+" is held already: a program may hold one")
	}
	if why := m.lockArg(); why != nil {
		return 0, why
	}
	m.locked = m.regs[1]
	return 0, nil
}

// spinUnlock is bpf_spin_unlock(lock).
func (m *Machine) spinUnlock() (uint64, *problem) {
	if why := m.lockArg(); why != nil {
		return 0, why
	}
	if m.locked != m.regs[1] {
		return 0, m.wrong(1, ErrHelper, "the lock in "+m.describe(m.regs[1])+" is not held")
	}
	m.locked = 0
	return 0, nil
}

func (m *Machine) lockArg() *problem {
	if _, why := m.bytesArg(1, 4, accessWrite); why != nil {
		return why
	}
	if id, _, _ := m.regionOf(m.regs[1]); m.regions[id].kind != regionValue {
		return m.wrong(1, ErrHelper, "a lock must be in a map value, this is in "+m.describe(m.regs[1]))
	}
	return nil
}
