// SPDX-License-Identifier: MIT

package emu

import (
	"fmt"

	"github.com/cilium/ebpf/asm"
)

// atomic executes an atomic operation. One thing runs at a time here, so it is
// a read and a write; what it is checked for is what the verifier checks.
func (m *Machine) atomic(o *op) *problem {
	addr := m.regs[o.dst] + uint64(int64(o.off))
	size := uint64(8)
	if o.code == opAtomic32 {
		size = 4
	}
	if _, why := m.bytesAt(addr, size, accessRead); why != nil {
		return why
	}
	b, why := m.bytesAt(addr, size, accessWrite)
	if why != nil {
		return why
	}
	if addr%size != 0 {
		return &problem{kind: ErrMisaligned, what: fmt.Sprintf("atomic operation on %d bytes at %s: its address must be a multiple of %d", size, m.describe(addr), size)}
	}
	var old uint64
	if size == 4 {
		old = uint64(m.bo.Uint32(b))
	} else {
		old = m.bo.Uint64(b)
	}
	src := &m.regs[o.src]
	next := *src
	keep := asm.AtomicOp(o.imm<<8)&fetchBit != 0
	switch asm.AtomicOp(o.imm << 8) {
	case asm.AddAtomic, asm.FetchAdd:
		next = old + *src
	case asm.OrAtomic, asm.FetchOr:
		next = old | *src
	case asm.AndAtomic, asm.FetchAnd:
		next = old & *src
	case asm.XorAtomic, asm.FetchXor:
		next = old ^ *src
	case asm.CmpXchg:
		expected := m.regs[0]
		if size == 4 {
			expected = uint64(uint32(expected))
		}
		m.regs[0] = old
		if old != expected {
			next = old
		}
		keep = false
	}
	if size == 4 {
		m.bo.PutUint32(b, uint32(next))
	} else {
		m.bo.PutUint64(b, next)
	}
	if keep {
		*src = old
	}
	return nil
}
