// SPDX-License-Identifier: MIT

package emu

import "math/bits"

// run executes the program from op pc until the frame it began in returns. The
// result is in r0.
//
// The loop keeps what it needs in processor registers. That works only as long
// as no path through it calls a function and comes back: all that do are behind
// one label, which leaves the rest free of spills. The budget is looked at
// where control flow changes; a straight line is finite by itself.
func (m *Machine) run(pc int) *Fault {
	base := m.depth
reload:
	var (
		code  = m.prog.ops
		steps = m.steps
	)
	for {
		o := &code[pc]
		pc++
		steps += uint64(o.count)
		switch o.code {
		case opTrap:
			goto slow

		case opMov64K:
			m.regs[o.dst] = o.imm
		case opMov64X:
			m.regs[o.dst] = m.regs[o.src]
		case opMov32X:
			m.regs[o.dst] = uint64(uint32(m.regs[o.src]))
		case opMovSX8:
			m.regs[o.dst] = uint64(int8(m.regs[o.src]))
		case opMovSX16:
			m.regs[o.dst] = uint64(int16(m.regs[o.src]))
		case opMovSX32:
			m.regs[o.dst] = uint64(int32(m.regs[o.src]))
		case opMovSX8to32:
			m.regs[o.dst] = uint64(uint32(int8(m.regs[o.src])))
		case opMovSX16to32:
			m.regs[o.dst] = uint64(uint32(int16(m.regs[o.src])))
		case opNeg64:
			m.regs[o.dst] = -m.regs[o.dst]
		case opNeg32:
			m.regs[o.dst] = uint64(-uint32(m.regs[o.dst]))
		case opSwap16:
			m.regs[o.dst] = uint64(bits.ReverseBytes16(uint16(m.regs[o.dst])))
		case opSwap32:
			m.regs[o.dst] = uint64(bits.ReverseBytes32(uint32(m.regs[o.dst])))
		case opSwap64:
			m.regs[o.dst] = bits.ReverseBytes64(m.regs[o.dst])
		case opZext16:
			m.regs[o.dst] = uint64(uint16(m.regs[o.dst]))
		case opNop:

		case opAdd64K:
			m.regs[o.dst] = m.regs[uint8(o.off)] + o.imm
		case opAdd64X:
			m.regs[o.dst] = m.regs[uint8(o.off)] + m.regs[o.src]
		case opAdd32K:
			m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) + uint32(o.imm))
		case opAdd32X:
			m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) + uint32(m.regs[o.src]))
		case opSub64K:
			m.regs[o.dst] = m.regs[uint8(o.off)] - o.imm
		case opSub64X:
			m.regs[o.dst] = m.regs[uint8(o.off)] - m.regs[o.src]
		case opSub32K:
			m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) - uint32(o.imm))
		case opSub32X:
			m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) - uint32(m.regs[o.src]))
		case opMul64K:
			m.regs[o.dst] = m.regs[uint8(o.off)] * o.imm
		case opMul64X:
			m.regs[o.dst] = m.regs[uint8(o.off)] * m.regs[o.src]
		case opMul32K:
			m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) * uint32(o.imm))
		case opMul32X:
			m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) * uint32(m.regs[o.src]))
		case opDiv64K:
			if v := o.imm; v != 0 {
				m.regs[o.dst] = m.regs[uint8(o.off)] / v
			} else {
				m.regs[o.dst] = 0
			}
		case opDiv64X:
			if v := m.regs[o.src]; v != 0 {
				m.regs[o.dst] = m.regs[uint8(o.off)] / v
			} else {
				m.regs[o.dst] = 0
			}
		case opDiv32K:
			if v := uint32(o.imm); v != 0 {
				m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) / v)
			} else {
				m.regs[o.dst] = 0
			}
		case opDiv32X:
			if v := uint32(m.regs[o.src]); v != 0 {
				m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) / v)
			} else {
				m.regs[o.dst] = 0
			}
		case opSDiv64K:
			if v := int64(o.imm); v != 0 {
				m.regs[o.dst] = uint64(int64(m.regs[uint8(o.off)]) / v)
			} else {
				m.regs[o.dst] = 0
			}
		case opSDiv64X:
			if v := int64(m.regs[o.src]); v != 0 {
				m.regs[o.dst] = uint64(int64(m.regs[uint8(o.off)]) / v)
			} else {
				m.regs[o.dst] = 0
			}
		case opSDiv32K:
			if v := int32(uint32(o.imm)); v != 0 {
				m.regs[o.dst] = uint64(uint32(int32(m.regs[uint8(o.off)]) / v))
			} else {
				m.regs[o.dst] = 0
			}
		case opSDiv32X:
			if v := int32(uint32(m.regs[o.src])); v != 0 {
				m.regs[o.dst] = uint64(uint32(int32(m.regs[uint8(o.off)]) / v))
			} else {
				m.regs[o.dst] = 0
			}
		case opMod64K:
			if v := o.imm; v != 0 {
				m.regs[o.dst] = m.regs[uint8(o.off)] % v
			} else {
				m.regs[o.dst] = m.regs[uint8(o.off)]
			}
		case opMod64X:
			if v := m.regs[o.src]; v != 0 {
				m.regs[o.dst] = m.regs[uint8(o.off)] % v
			} else {
				m.regs[o.dst] = m.regs[uint8(o.off)]
			}
		case opMod32K:
			if v := uint32(o.imm); v != 0 {
				m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) % v)
			} else {
				m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]))
			}
		case opMod32X:
			if v := uint32(m.regs[o.src]); v != 0 {
				m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) % v)
			} else {
				m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]))
			}
		case opSMod64K:
			if v := int64(o.imm); v != 0 {
				m.regs[o.dst] = uint64(int64(m.regs[uint8(o.off)]) % v)
			} else {
				m.regs[o.dst] = m.regs[uint8(o.off)]
			}
		case opSMod64X:
			if v := int64(m.regs[o.src]); v != 0 {
				m.regs[o.dst] = uint64(int64(m.regs[uint8(o.off)]) % v)
			} else {
				m.regs[o.dst] = m.regs[uint8(o.off)]
			}
		case opSMod32K:
			if v := int32(uint32(o.imm)); v != 0 {
				m.regs[o.dst] = uint64(uint32(int32(m.regs[uint8(o.off)]) % v))
			} else {
				m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]))
			}
		case opSMod32X:
			if v := int32(uint32(m.regs[o.src])); v != 0 {
				m.regs[o.dst] = uint64(uint32(int32(m.regs[uint8(o.off)]) % v))
			} else {
				m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]))
			}
		case opOr64K:
			m.regs[o.dst] = m.regs[uint8(o.off)] | o.imm
		case opOr64X:
			m.regs[o.dst] = m.regs[uint8(o.off)] | m.regs[o.src]
		case opOr32K:
			m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) | uint32(o.imm))
		case opOr32X:
			m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) | uint32(m.regs[o.src]))
		case opAnd64K:
			m.regs[o.dst] = m.regs[uint8(o.off)] & o.imm
		case opAnd64X:
			m.regs[o.dst] = m.regs[uint8(o.off)] & m.regs[o.src]
		case opAnd32K:
			m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) & uint32(o.imm))
		case opAnd32X:
			m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) & uint32(m.regs[o.src]))
		case opXor64K:
			m.regs[o.dst] = m.regs[uint8(o.off)] ^ o.imm
		case opXor64X:
			m.regs[o.dst] = m.regs[uint8(o.off)] ^ m.regs[o.src]
		case opXor32K:
			m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) ^ uint32(o.imm))
		case opXor32X:
			m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) ^ uint32(m.regs[o.src]))
		case opLsh64K:
			m.regs[o.dst] = m.regs[uint8(o.off)] << (o.imm & 63)
		case opLsh64X:
			m.regs[o.dst] = m.regs[uint8(o.off)] << (m.regs[o.src] & 63)
		case opLsh32K:
			m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) << (uint32(o.imm) & 31))
		case opLsh32X:
			m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) << (uint32(m.regs[o.src]) & 31))
		case opRsh64K:
			m.regs[o.dst] = m.regs[uint8(o.off)] >> (o.imm & 63)
		case opRsh64X:
			m.regs[o.dst] = m.regs[uint8(o.off)] >> (m.regs[o.src] & 63)
		case opRsh32K:
			m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) >> (uint32(o.imm) & 31))
		case opRsh32X:
			m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) >> (uint32(m.regs[o.src]) & 31))
		case opArsh64K:
			m.regs[o.dst] = uint64(int64(m.regs[uint8(o.off)]) >> (o.imm & 63))
		case opArsh64X:
			m.regs[o.dst] = uint64(int64(m.regs[uint8(o.off)]) >> (m.regs[o.src] & 63))
		case opArsh32K:
			m.regs[o.dst] = uint64(uint32(int32(m.regs[uint8(o.off)]) >> (uint32(o.imm) & 31)))
		case opArsh32X:
			m.regs[o.dst] = uint64(uint32(int32(m.regs[uint8(o.off)]) >> (uint32(m.regs[o.src]) & 31)))

		case opJa:
			goto jump
		case opJeq64K:
			if m.regs[o.dst] == o.imm {
				goto jump
			}
		case opJeq64X:
			if m.regs[o.dst] == m.regs[o.src] {
				goto jump
			}
		case opJeq32K:
			if uint32(m.regs[o.dst]) == uint32(o.imm) {
				goto jump
			}
		case opJeq32X:
			if uint32(m.regs[o.dst]) == uint32(m.regs[o.src]) {
				goto jump
			}
		case opJne64K:
			if m.regs[o.dst] != o.imm {
				goto jump
			}
		case opJne64X:
			if m.regs[o.dst] != m.regs[o.src] {
				goto jump
			}
		case opJne32K:
			if uint32(m.regs[o.dst]) != uint32(o.imm) {
				goto jump
			}
		case opJne32X:
			if uint32(m.regs[o.dst]) != uint32(m.regs[o.src]) {
				goto jump
			}
		case opJgt64K:
			if m.regs[o.dst] > o.imm {
				goto jump
			}
		case opJgt64X:
			if m.regs[o.dst] > m.regs[o.src] {
				goto jump
			}
		case opJgt32K:
			if uint32(m.regs[o.dst]) > uint32(o.imm) {
				goto jump
			}
		case opJgt32X:
			if uint32(m.regs[o.dst]) > uint32(m.regs[o.src]) {
				goto jump
			}
		case opJge64K:
			if m.regs[o.dst] >= o.imm {
				goto jump
			}
		case opJge64X:
			if m.regs[o.dst] >= m.regs[o.src] {
				goto jump
			}
		case opJge32K:
			if uint32(m.regs[o.dst]) >= uint32(o.imm) {
				goto jump
			}
		case opJge32X:
			if uint32(m.regs[o.dst]) >= uint32(m.regs[o.src]) {
				goto jump
			}
		case opJlt64K:
			if m.regs[o.dst] < o.imm {
				goto jump
			}
		case opJlt64X:
			if m.regs[o.dst] < m.regs[o.src] {
				goto jump
			}
		case opJlt32K:
			if uint32(m.regs[o.dst]) < uint32(o.imm) {
				goto jump
			}
		case opJlt32X:
			if uint32(m.regs[o.dst]) < uint32(m.regs[o.src]) {
				goto jump
			}
		case opJle64K:
			if m.regs[o.dst] <= o.imm {
				goto jump
			}
		case opJle64X:
			if m.regs[o.dst] <= m.regs[o.src] {
				goto jump
			}
		case opJle32K:
			if uint32(m.regs[o.dst]) <= uint32(o.imm) {
				goto jump
			}
		case opJle32X:
			if uint32(m.regs[o.dst]) <= uint32(m.regs[o.src]) {
				goto jump
			}
		case opJset64K:
			if m.regs[o.dst]&o.imm != 0 {
				goto jump
			}
		case opJset64X:
			if m.regs[o.dst]&m.regs[o.src] != 0 {
				goto jump
			}
		case opJset32K:
			if uint32(m.regs[o.dst])&uint32(o.imm) != 0 {
				goto jump
			}
		case opJset32X:
			if uint32(m.regs[o.dst])&uint32(m.regs[o.src]) != 0 {
				goto jump
			}
		case opJsgt64K:
			if int64(m.regs[o.dst]) > int64(o.imm) {
				goto jump
			}
		case opJsgt64X:
			if int64(m.regs[o.dst]) > int64(m.regs[o.src]) {
				goto jump
			}
		case opJsgt32K:
			if int32(m.regs[o.dst]) > int32(o.imm) {
				goto jump
			}
		case opJsgt32X:
			if int32(m.regs[o.dst]) > int32(m.regs[o.src]) {
				goto jump
			}
		case opJsge64K:
			if int64(m.regs[o.dst]) >= int64(o.imm) {
				goto jump
			}
		case opJsge64X:
			if int64(m.regs[o.dst]) >= int64(m.regs[o.src]) {
				goto jump
			}
		case opJsge32K:
			if int32(m.regs[o.dst]) >= int32(o.imm) {
				goto jump
			}
		case opJsge32X:
			if int32(m.regs[o.dst]) >= int32(m.regs[o.src]) {
				goto jump
			}
		case opJslt64K:
			if int64(m.regs[o.dst]) < int64(o.imm) {
				goto jump
			}
		case opJslt64X:
			if int64(m.regs[o.dst]) < int64(m.regs[o.src]) {
				goto jump
			}
		case opJslt32K:
			if int32(m.regs[o.dst]) < int32(o.imm) {
				goto jump
			}
		case opJslt32X:
			if int32(m.regs[o.dst]) < int32(m.regs[o.src]) {
				goto jump
			}
		case opJsle64K:
			if int64(m.regs[o.dst]) <= int64(o.imm) {
				goto jump
			}
		case opJsle64X:
			if int64(m.regs[o.dst]) <= int64(m.regs[o.src]) {
				goto jump
			}
		case opJsle32K:
			if int32(m.regs[o.dst]) <= int32(o.imm) {
				goto jump
			}
		case opJsle32X:
			if int32(m.regs[o.dst]) <= int32(m.regs[o.src]) {
				goto jump
			}

		case opLd8:
			addr := m.regs[o.src] + uint64(int64(o.off))
			if i := addr>>32 - pointerBase; i < uint64(len(m.regions)) {
				g := &m.regions[i]
				if off := uint64(uint32(addr)); off+1 <= uint64(len(g.data)) && (g.shadow == nil || g.shadow[off] == 0xff) {
					m.regs[o.dst] = uint64(g.data[off])
					continue
				}
			}
			goto slow
		case opLd16:
			addr := m.regs[o.src] + uint64(int64(o.off))
			if i := addr>>32 - pointerBase; i < uint64(len(m.regions)) {
				g := &m.regions[i]
				if off := uint64(uint32(addr)); off+2 <= uint64(len(g.data)) && (g.shadow == nil || le.Uint16(g.shadow[off:]) == 0xffff) {
					m.regs[o.dst] = uint64(le.Uint16(g.data[off:]))
					continue
				}
			}
			goto slow
		case opLd32:
			addr := m.regs[o.src] + uint64(int64(o.off))
			if i := addr>>32 - pointerBase; i < uint64(len(m.regions)) {
				g := &m.regions[i]
				if off := uint64(uint32(addr)); off+4 <= uint64(len(g.data)) && (g.shadow == nil || le.Uint32(g.shadow[off:]) == 0xffffffff) {
					m.regs[o.dst] = uint64(le.Uint32(g.data[off:]))
					continue
				}
			}
			goto slow
		case opLd64:
			addr := m.regs[o.src] + uint64(int64(o.off))
			if i := addr>>32 - pointerBase; i < uint64(len(m.regions)) {
				g := &m.regions[i]
				if off := uint64(uint32(addr)); off+8 <= uint64(len(g.data)) && (g.shadow == nil || le.Uint64(g.shadow[off:]) == ^uint64(0)) {
					m.regs[o.dst] = le.Uint64(g.data[off:])
					continue
				}
			}
			goto slow
		case opLdSX8:
			addr := m.regs[o.src] + uint64(int64(o.off))
			if i := addr>>32 - pointerBase; i < uint64(len(m.regions)) {
				g := &m.regions[i]
				if off := uint64(uint32(addr)); off+1 <= uint64(len(g.data)) && (g.shadow == nil || g.shadow[off] == 0xff) {
					m.regs[o.dst] = uint64(int8(g.data[off]))
					continue
				}
			}
			goto slow
		case opLdSX16:
			addr := m.regs[o.src] + uint64(int64(o.off))
			if i := addr>>32 - pointerBase; i < uint64(len(m.regions)) {
				g := &m.regions[i]
				if off := uint64(uint32(addr)); off+2 <= uint64(len(g.data)) && (g.shadow == nil || le.Uint16(g.shadow[off:]) == 0xffff) {
					m.regs[o.dst] = uint64(int16(le.Uint16(g.data[off:])))
					continue
				}
			}
			goto slow
		case opLdSX32:
			addr := m.regs[o.src] + uint64(int64(o.off))
			if i := addr>>32 - pointerBase; i < uint64(len(m.regions)) {
				g := &m.regions[i]
				if off := uint64(uint32(addr)); off+4 <= uint64(len(g.data)) && (g.shadow == nil || le.Uint32(g.shadow[off:]) == 0xffffffff) {
					m.regs[o.dst] = uint64(int32(le.Uint32(g.data[off:])))
					continue
				}
			}
			goto slow
		case opSt8K:
			addr := m.regs[o.dst] + uint64(int64(o.off))
			if i := addr>>32 - pointerBase; i < uint64(len(m.regions)) {
				g := &m.regions[i]
				if off := uint64(uint32(addr)); off+1 <= uint64(len(g.data)) && g.flags&flagWrite != 0 {
					if g.shadow != nil {
						g.shadow[off] = 0xff
					}
					g.data[off] = uint8(o.imm)
					continue
				}
			}
			goto slow
		case opSt16K:
			addr := m.regs[o.dst] + uint64(int64(o.off))
			if i := addr>>32 - pointerBase; i < uint64(len(m.regions)) {
				g := &m.regions[i]
				if off := uint64(uint32(addr)); off+2 <= uint64(len(g.data)) && g.flags&flagWrite != 0 {
					if g.shadow != nil {
						le.PutUint16(g.shadow[off:], 0xffff)
					}
					le.PutUint16(g.data[off:], uint16(o.imm))
					continue
				}
			}
			goto slow
		case opSt32K:
			addr := m.regs[o.dst] + uint64(int64(o.off))
			if i := addr>>32 - pointerBase; i < uint64(len(m.regions)) {
				g := &m.regions[i]
				if off := uint64(uint32(addr)); off+4 <= uint64(len(g.data)) && g.flags&flagWrite != 0 {
					if g.shadow != nil {
						le.PutUint32(g.shadow[off:], 0xffffffff)
					}
					le.PutUint32(g.data[off:], uint32(o.imm))
					continue
				}
			}
			goto slow
		case opSt64K:
			addr := m.regs[o.dst] + uint64(int64(o.off))
			if i := addr>>32 - pointerBase; i < uint64(len(m.regions)) {
				g := &m.regions[i]
				if off := uint64(uint32(addr)); off+8 <= uint64(len(g.data)) && g.flags&flagWrite != 0 {
					if g.shadow != nil {
						le.PutUint64(g.shadow[off:], ^uint64(0))
					}
					le.PutUint64(g.data[off:], o.imm)
					continue
				}
			}
			goto slow
		case opSt8X:
			addr := m.regs[o.dst] + uint64(int64(o.off))
			if i := addr>>32 - pointerBase; i < uint64(len(m.regions)) {
				g := &m.regions[i]
				if off := uint64(uint32(addr)); off+1 <= uint64(len(g.data)) && g.flags&flagWrite != 0 {
					if g.shadow != nil {
						g.shadow[off] = 0xff
					}
					g.data[off] = uint8(m.regs[o.src])
					continue
				}
			}
			goto slow
		case opSt16X:
			addr := m.regs[o.dst] + uint64(int64(o.off))
			if i := addr>>32 - pointerBase; i < uint64(len(m.regions)) {
				g := &m.regions[i]
				if off := uint64(uint32(addr)); off+2 <= uint64(len(g.data)) && g.flags&flagWrite != 0 {
					if g.shadow != nil {
						le.PutUint16(g.shadow[off:], 0xffff)
					}
					le.PutUint16(g.data[off:], uint16(m.regs[o.src]))
					continue
				}
			}
			goto slow
		case opSt32X:
			addr := m.regs[o.dst] + uint64(int64(o.off))
			if i := addr>>32 - pointerBase; i < uint64(len(m.regions)) {
				g := &m.regions[i]
				if off := uint64(uint32(addr)); off+4 <= uint64(len(g.data)) && g.flags&flagWrite != 0 {
					if g.shadow != nil {
						le.PutUint32(g.shadow[off:], 0xffffffff)
					}
					le.PutUint32(g.data[off:], uint32(m.regs[o.src]))
					continue
				}
			}
			goto slow
		case opSt64X:
			addr := m.regs[o.dst] + uint64(int64(o.off))
			if i := addr>>32 - pointerBase; i < uint64(len(m.regions)) {
				g := &m.regions[i]
				if off := uint64(uint32(addr)); off+8 <= uint64(len(g.data)) && g.flags&flagWrite != 0 {
					if g.shadow != nil {
						le.PutUint64(g.shadow[off:], ^uint64(0))
					}
					le.PutUint64(g.data[off:], m.regs[o.src])
					continue
				}
			}
			goto slow
		case opLdFrame8:
			f, k := m.stack, uint32(o.off)&(stackSize-1)
			if f[stackSize+k] == 0xff {
				m.regs[o.dst] = uint64(f[k])
				continue
			}
			goto slow
		case opLdFrame16:
			f, k := m.stack, uint32(o.off)&(stackSize-1)
			if le.Uint16(f[stackSize+k:stackSize+k+2]) == 0xffff {
				m.regs[o.dst] = uint64(le.Uint16(f[k : k+2]))
				continue
			}
			goto slow
		case opLdFrame32:
			f, k := m.stack, uint32(o.off)&(stackSize-1)
			if le.Uint32(f[stackSize+k:stackSize+k+4]) == 0xffffffff {
				m.regs[o.dst] = uint64(le.Uint32(f[k : k+4]))
				continue
			}
			goto slow
		case opLdFrame64:
			f, k := m.stack, uint32(o.off)&(stackSize-1)
			if le.Uint64(f[stackSize+k:stackSize+k+8]) == ^uint64(0) {
				m.regs[o.dst] = le.Uint64(f[k : k+8])
				continue
			}
			goto slow
		case opStFrame8K:
			f, k := m.stack, uint32(o.off)&(stackSize-1)
			f[stackSize+k] = 0xff
			f[k] = uint8(o.imm)
		case opStFrame16K:
			f, k := m.stack, uint32(o.off)&(stackSize-1)
			le.PutUint16(f[stackSize+k:stackSize+k+2], 0xffff)
			le.PutUint16(f[k:k+2], uint16(o.imm))
		case opStFrame32K:
			f, k := m.stack, uint32(o.off)&(stackSize-1)
			le.PutUint32(f[stackSize+k:stackSize+k+4], 0xffffffff)
			le.PutUint32(f[k:k+4], uint32(o.imm))
		case opStFrame64K:
			f, k := m.stack, uint32(o.off)&(stackSize-1)
			le.PutUint64(f[stackSize+k:stackSize+k+8], ^uint64(0))
			le.PutUint64(f[k:k+8], o.imm)
		case opStFrame8X:
			f, k := m.stack, uint32(o.off)&(stackSize-1)
			f[stackSize+k] = 0xff
			f[k] = uint8(m.regs[o.src])
		case opStFrame16X:
			f, k := m.stack, uint32(o.off)&(stackSize-1)
			le.PutUint16(f[stackSize+k:stackSize+k+2], 0xffff)
			le.PutUint16(f[k:k+2], uint16(m.regs[o.src]))
		case opStFrame32X:
			f, k := m.stack, uint32(o.off)&(stackSize-1)
			le.PutUint32(f[stackSize+k:stackSize+k+4], 0xffffffff)
			le.PutUint32(f[k:k+4], uint32(m.regs[o.src]))
		case opStFrame64X:
			f, k := m.stack, uint32(o.off)&(stackSize-1)
			le.PutUint64(f[stackSize+k:stackSize+k+8], ^uint64(0))
			le.PutUint64(f[k:k+8], m.regs[o.src])
		default:
			goto slow
		}
		continue

	jump:
		if steps > m.budget {
			goto slow
		}
		pc = int(o.off)
		continue

	slow:
		m.steps = steps
		next, fault := m.slow(pc, base)
		if next < 0 {
			return fault
		}
		pc = next
		goto reload
	}
}
