// SPDX-License-Identifier: MIT

package emu

import "math/bits"

// run executes the program from op pc until the frame it began in returns. The
// result is in r0. It is the one loop of the package; what is rare is
// elsewhere.
//
// Instructions are counted where control flow changes: a straight line is
// finite by itself, so the budget needs no test in it, and may be exceeded by
// what is left of one.
func (m *Machine) run(pc int) *Fault {
	var (
		p       = m.prog
		code    = p.ops
		slots   = p.slots
		r       = &m.regs
		regions = m.regions
		base    = m.depth
		start   = pc // first op since instructions were last counted
		taken   int  // where a jump goes
		addr    uint64
		size    uint64
		how     access
		why     *problem
	)
	for {
		o := &code[pc]
		switch o.code {

		case opMov64K:
			r[o.dst&15] = o.imm
		case opMov64X:
			r[o.dst&15] = r[o.src&15]
		case opMov32X:
			r[o.dst&15] = uint64(uint32(r[o.src&15]))
		case opMovSX8:
			r[o.dst&15] = uint64(int8(r[o.src&15]))
		case opMovSX16:
			r[o.dst&15] = uint64(int16(r[o.src&15]))
		case opMovSX32:
			r[o.dst&15] = uint64(int32(r[o.src&15]))
		case opMovSX8to32:
			r[o.dst&15] = uint64(uint32(int8(r[o.src&15])))
		case opMovSX16to32:
			r[o.dst&15] = uint64(uint32(int16(r[o.src&15])))
		case opNeg64:
			r[o.dst&15] = -r[o.dst&15]
		case opNeg32:
			r[o.dst&15] = uint64(-uint32(r[o.dst&15]))
		case opSwap16:
			r[o.dst&15] = uint64(bits.ReverseBytes16(uint16(r[o.dst&15])))
		case opSwap32:
			r[o.dst&15] = uint64(bits.ReverseBytes32(uint32(r[o.dst&15])))
		case opSwap64:
			r[o.dst&15] = bits.ReverseBytes64(r[o.dst&15])
		case opZext16:
			r[o.dst&15] = uint64(uint16(r[o.dst&15]))
		case opNop:

		case opAdd64K:
			r[o.dst&15] += o.imm
		case opAdd64X:
			r[o.dst&15] += r[o.src&15]
		case opAdd32K:
			r[o.dst&15] = uint64(uint32(r[o.dst&15]) + uint32(o.imm))
		case opAdd32X:
			r[o.dst&15] = uint64(uint32(r[o.dst&15]) + uint32(r[o.src&15]))
		case opSub64K:
			r[o.dst&15] -= o.imm
		case opSub64X:
			r[o.dst&15] -= r[o.src&15]
		case opSub32K:
			r[o.dst&15] = uint64(uint32(r[o.dst&15]) - uint32(o.imm))
		case opSub32X:
			r[o.dst&15] = uint64(uint32(r[o.dst&15]) - uint32(r[o.src&15]))
		case opMul64K:
			r[o.dst&15] *= o.imm
		case opMul64X:
			r[o.dst&15] *= r[o.src&15]
		case opMul32K:
			r[o.dst&15] = uint64(uint32(r[o.dst&15]) * uint32(o.imm))
		case opMul32X:
			r[o.dst&15] = uint64(uint32(r[o.dst&15]) * uint32(r[o.src&15]))
		case opDiv64K:
			if v := o.imm; v != 0 {
				r[o.dst&15] /= v
			} else {
				r[o.dst&15] = 0
			}
		case opDiv64X:
			if v := r[o.src&15]; v != 0 {
				r[o.dst&15] /= v
			} else {
				r[o.dst&15] = 0
			}
		case opDiv32K:
			if v := uint32(o.imm); v != 0 {
				r[o.dst&15] = uint64(uint32(r[o.dst&15]) / v)
			} else {
				r[o.dst&15] = 0
			}
		case opDiv32X:
			if v := uint32(r[o.src&15]); v != 0 {
				r[o.dst&15] = uint64(uint32(r[o.dst&15]) / v)
			} else {
				r[o.dst&15] = 0
			}
		case opSDiv64K:
			if v := int64(o.imm); v != 0 {
				r[o.dst&15] = uint64(int64(r[o.dst&15]) / v)
			} else {
				r[o.dst&15] = 0
			}
		case opSDiv64X:
			if v := int64(r[o.src&15]); v != 0 {
				r[o.dst&15] = uint64(int64(r[o.dst&15]) / v)
			} else {
				r[o.dst&15] = 0
			}
		case opSDiv32K:
			if v := int32(uint32(o.imm)); v != 0 {
				r[o.dst&15] = uint64(uint32(int32(r[o.dst&15]) / v))
			} else {
				r[o.dst&15] = 0
			}
		case opSDiv32X:
			if v := int32(uint32(r[o.src&15])); v != 0 {
				r[o.dst&15] = uint64(uint32(int32(r[o.dst&15]) / v))
			} else {
				r[o.dst&15] = 0
			}
		case opMod64K:
			if v := o.imm; v != 0 {
				r[o.dst&15] %= v
			}
		case opMod64X:
			if v := r[o.src&15]; v != 0 {
				r[o.dst&15] %= v
			}
		case opMod32K:
			if v := uint32(o.imm); v != 0 {
				r[o.dst&15] = uint64(uint32(r[o.dst&15]) % v)
			} else {
				r[o.dst&15] = uint64(uint32(r[o.dst&15]))
			}
		case opMod32X:
			if v := uint32(r[o.src&15]); v != 0 {
				r[o.dst&15] = uint64(uint32(r[o.dst&15]) % v)
			} else {
				r[o.dst&15] = uint64(uint32(r[o.dst&15]))
			}
		case opSMod64K:
			if v := int64(o.imm); v != 0 {
				r[o.dst&15] = uint64(int64(r[o.dst&15]) % v)
			}
		case opSMod64X:
			if v := int64(r[o.src&15]); v != 0 {
				r[o.dst&15] = uint64(int64(r[o.dst&15]) % v)
			}
		case opSMod32K:
			if v := int32(uint32(o.imm)); v != 0 {
				r[o.dst&15] = uint64(uint32(int32(r[o.dst&15]) % v))
			} else {
				r[o.dst&15] = uint64(uint32(r[o.dst&15]))
			}
		case opSMod32X:
			if v := int32(uint32(r[o.src&15])); v != 0 {
				r[o.dst&15] = uint64(uint32(int32(r[o.dst&15]) % v))
			} else {
				r[o.dst&15] = uint64(uint32(r[o.dst&15]))
			}
		case opOr64K:
			r[o.dst&15] |= o.imm
		case opOr64X:
			r[o.dst&15] |= r[o.src&15]
		case opOr32K:
			r[o.dst&15] = uint64(uint32(r[o.dst&15]) | uint32(o.imm))
		case opOr32X:
			r[o.dst&15] = uint64(uint32(r[o.dst&15]) | uint32(r[o.src&15]))
		case opAnd64K:
			r[o.dst&15] &= o.imm
		case opAnd64X:
			r[o.dst&15] &= r[o.src&15]
		case opAnd32K:
			r[o.dst&15] = uint64(uint32(r[o.dst&15]) & uint32(o.imm))
		case opAnd32X:
			r[o.dst&15] = uint64(uint32(r[o.dst&15]) & uint32(r[o.src&15]))
		case opXor64K:
			r[o.dst&15] ^= o.imm
		case opXor64X:
			r[o.dst&15] ^= r[o.src&15]
		case opXor32K:
			r[o.dst&15] = uint64(uint32(r[o.dst&15]) ^ uint32(o.imm))
		case opXor32X:
			r[o.dst&15] = uint64(uint32(r[o.dst&15]) ^ uint32(r[o.src&15]))
		case opLsh64K:
			r[o.dst&15] <<= o.imm & 63
		case opLsh64X:
			r[o.dst&15] <<= r[o.src&15] & 63
		case opLsh32K:
			r[o.dst&15] = uint64(uint32(r[o.dst&15]) << (uint32(o.imm) & 31))
		case opLsh32X:
			r[o.dst&15] = uint64(uint32(r[o.dst&15]) << (uint32(r[o.src&15]) & 31))
		case opRsh64K:
			r[o.dst&15] >>= o.imm & 63
		case opRsh64X:
			r[o.dst&15] >>= r[o.src&15] & 63
		case opRsh32K:
			r[o.dst&15] = uint64(uint32(r[o.dst&15]) >> (uint32(o.imm) & 31))
		case opRsh32X:
			r[o.dst&15] = uint64(uint32(r[o.dst&15]) >> (uint32(r[o.src&15]) & 31))
		case opArsh64K:
			r[o.dst&15] = uint64(int64(r[o.dst&15]) >> (o.imm & 63))
		case opArsh64X:
			r[o.dst&15] = uint64(int64(r[o.dst&15]) >> (r[o.src&15] & 63))
		case opArsh32K:
			r[o.dst&15] = uint64(uint32(int32(r[o.dst&15]) >> (uint32(o.imm) & 31)))
		case opArsh32X:
			r[o.dst&15] = uint64(uint32(int32(r[o.dst&15]) >> (uint32(r[o.src&15]) & 31)))

		case opJa:
			taken = int(o.off)
			goto jump
		case opJeq64K:
			if r[o.dst&15] == o.imm {
				taken = int(o.off)
				goto jump
			}
		case opJeq64X:
			if r[o.dst&15] == r[o.src&15] {
				taken = int(o.off)
				goto jump
			}
		case opJeq32K:
			if uint32(r[o.dst&15]) == uint32(o.imm) {
				taken = int(o.off)
				goto jump
			}
		case opJeq32X:
			if uint32(r[o.dst&15]) == uint32(r[o.src&15]) {
				taken = int(o.off)
				goto jump
			}
		case opJne64K:
			if r[o.dst&15] != o.imm {
				taken = int(o.off)
				goto jump
			}
		case opJne64X:
			if r[o.dst&15] != r[o.src&15] {
				taken = int(o.off)
				goto jump
			}
		case opJne32K:
			if uint32(r[o.dst&15]) != uint32(o.imm) {
				taken = int(o.off)
				goto jump
			}
		case opJne32X:
			if uint32(r[o.dst&15]) != uint32(r[o.src&15]) {
				taken = int(o.off)
				goto jump
			}
		case opJgt64K:
			if r[o.dst&15] > o.imm {
				taken = int(o.off)
				goto jump
			}
		case opJgt64X:
			if r[o.dst&15] > r[o.src&15] {
				taken = int(o.off)
				goto jump
			}
		case opJgt32K:
			if uint32(r[o.dst&15]) > uint32(o.imm) {
				taken = int(o.off)
				goto jump
			}
		case opJgt32X:
			if uint32(r[o.dst&15]) > uint32(r[o.src&15]) {
				taken = int(o.off)
				goto jump
			}
		case opJge64K:
			if r[o.dst&15] >= o.imm {
				taken = int(o.off)
				goto jump
			}
		case opJge64X:
			if r[o.dst&15] >= r[o.src&15] {
				taken = int(o.off)
				goto jump
			}
		case opJge32K:
			if uint32(r[o.dst&15]) >= uint32(o.imm) {
				taken = int(o.off)
				goto jump
			}
		case opJge32X:
			if uint32(r[o.dst&15]) >= uint32(r[o.src&15]) {
				taken = int(o.off)
				goto jump
			}
		case opJlt64K:
			if r[o.dst&15] < o.imm {
				taken = int(o.off)
				goto jump
			}
		case opJlt64X:
			if r[o.dst&15] < r[o.src&15] {
				taken = int(o.off)
				goto jump
			}
		case opJlt32K:
			if uint32(r[o.dst&15]) < uint32(o.imm) {
				taken = int(o.off)
				goto jump
			}
		case opJlt32X:
			if uint32(r[o.dst&15]) < uint32(r[o.src&15]) {
				taken = int(o.off)
				goto jump
			}
		case opJle64K:
			if r[o.dst&15] <= o.imm {
				taken = int(o.off)
				goto jump
			}
		case opJle64X:
			if r[o.dst&15] <= r[o.src&15] {
				taken = int(o.off)
				goto jump
			}
		case opJle32K:
			if uint32(r[o.dst&15]) <= uint32(o.imm) {
				taken = int(o.off)
				goto jump
			}
		case opJle32X:
			if uint32(r[o.dst&15]) <= uint32(r[o.src&15]) {
				taken = int(o.off)
				goto jump
			}
		case opJset64K:
			if r[o.dst&15]&o.imm != 0 {
				taken = int(o.off)
				goto jump
			}
		case opJset64X:
			if r[o.dst&15]&r[o.src&15] != 0 {
				taken = int(o.off)
				goto jump
			}
		case opJset32K:
			if uint32(r[o.dst&15])&uint32(o.imm) != 0 {
				taken = int(o.off)
				goto jump
			}
		case opJset32X:
			if uint32(r[o.dst&15])&uint32(r[o.src&15]) != 0 {
				taken = int(o.off)
				goto jump
			}
		case opJsgt64K:
			if int64(r[o.dst&15]) > int64(o.imm) {
				taken = int(o.off)
				goto jump
			}
		case opJsgt64X:
			if int64(r[o.dst&15]) > int64(r[o.src&15]) {
				taken = int(o.off)
				goto jump
			}
		case opJsgt32K:
			if int32(r[o.dst&15]) > int32(o.imm) {
				taken = int(o.off)
				goto jump
			}
		case opJsgt32X:
			if int32(r[o.dst&15]) > int32(r[o.src&15]) {
				taken = int(o.off)
				goto jump
			}
		case opJsge64K:
			if int64(r[o.dst&15]) >= int64(o.imm) {
				taken = int(o.off)
				goto jump
			}
		case opJsge64X:
			if int64(r[o.dst&15]) >= int64(r[o.src&15]) {
				taken = int(o.off)
				goto jump
			}
		case opJsge32K:
			if int32(r[o.dst&15]) >= int32(o.imm) {
				taken = int(o.off)
				goto jump
			}
		case opJsge32X:
			if int32(r[o.dst&15]) >= int32(r[o.src&15]) {
				taken = int(o.off)
				goto jump
			}
		case opJslt64K:
			if int64(r[o.dst&15]) < int64(o.imm) {
				taken = int(o.off)
				goto jump
			}
		case opJslt64X:
			if int64(r[o.dst&15]) < int64(r[o.src&15]) {
				taken = int(o.off)
				goto jump
			}
		case opJslt32K:
			if int32(r[o.dst&15]) < int32(o.imm) {
				taken = int(o.off)
				goto jump
			}
		case opJslt32X:
			if int32(r[o.dst&15]) < int32(r[o.src&15]) {
				taken = int(o.off)
				goto jump
			}
		case opJsle64K:
			if int64(r[o.dst&15]) <= int64(o.imm) {
				taken = int(o.off)
				goto jump
			}
		case opJsle64X:
			if int64(r[o.dst&15]) <= int64(r[o.src&15]) {
				taken = int(o.off)
				goto jump
			}
		case opJsle32K:
			if int32(r[o.dst&15]) <= int32(o.imm) {
				taken = int(o.off)
				goto jump
			}
		case opJsle32X:
			if int32(r[o.dst&15]) <= int32(r[o.src&15]) {
				taken = int(o.off)
				goto jump
			}
		case opMayGoto:
			f := &m.frames[m.depth]
			if f.gotos == 0 {
				taken = int(o.off)
				goto jump
			}
			f.gotos--

		case opCall:
			if m.depth+1 == maxDepth {
				why = &problem{kind: ErrStackDepth, what: "call of " + p.functionAt(int(o.off)) + ": 8 functions are the most that may be active, as in the kernel"}
				goto stop
			}
			{
				f := m.enter(o.off)
				f.ret = int32(pc + 1)
				f.init = m.init
				m.init = m.init&uint16(argRegs) | 1<<10
			}
			taken = int(o.off)
			goto jump
		case opExit:
			if m.depth == base {
				m.steps += uint64(slots[pc]-slots[start]) + 1
				return nil
			}
			{
				f := &m.frames[m.depth]
				taken = int(f.ret)
				m.init = f.init&^uint16(argRegs|1) | m.init&1
			}
			m.leave()
			goto jump
		case opHelper:
			m.steps += uint64(slots[pc] - slots[start])
			start = pc
			m.site = pc
			r[0], why = m.callHelper(&m.helpers[o.imm])
			regions = m.regions
			if why != nil {
				goto stop
			}
		case opTrap:
			why = p.traps[o.imm]
			goto stop
		case opCheck:
			if missing := regset(o.off) &^ regset(m.init); missing != 0 {
				why = uninitialisedRegister(missing)
				goto stop
			}
			m.init = m.init&^uint16(o.imm) | uint16(o.imm>>16)

		case opLd8:
			addr, size, how = r[o.src&15]+uint64(int64(o.off)), 1, accessRead
			if i := addr>>32 - pointerBase; i < uint64(len(regions)) {
				g := &regions[i]
				if off := uint64(uint32(addr)); off+1 <= uint64(len(g.data)) {
					if g.flags&flagShadow == 0 || !g.uninitialised(off, 1) {
						r[o.dst&15] = uint64(g.data[off])
						break
					}
				}
			}
			goto badAccess
		case opLd16:
			addr, size, how = r[o.src&15]+uint64(int64(o.off)), 2, accessRead
			if i := addr>>32 - pointerBase; i < uint64(len(regions)) {
				g := &regions[i]
				if off := uint64(uint32(addr)); off+2 <= uint64(len(g.data)) {
					if g.flags&flagShadow == 0 || !g.uninitialised(off, 2) {
						r[o.dst&15] = uint64(le.Uint16(g.data[off:]))
						break
					}
				}
			}
			goto badAccess
		case opLd32:
			addr, size, how = r[o.src&15]+uint64(int64(o.off)), 4, accessRead
			if i := addr>>32 - pointerBase; i < uint64(len(regions)) {
				g := &regions[i]
				if off := uint64(uint32(addr)); off+4 <= uint64(len(g.data)) {
					if g.flags&flagShadow == 0 || !g.uninitialised(off, 4) {
						r[o.dst&15] = uint64(le.Uint32(g.data[off:]))
						break
					}
				}
			}
			goto badAccess
		case opLd64:
			addr, size, how = r[o.src&15]+uint64(int64(o.off)), 8, accessRead
			if i := addr>>32 - pointerBase; i < uint64(len(regions)) {
				g := &regions[i]
				if off := uint64(uint32(addr)); off+8 <= uint64(len(g.data)) {
					if g.flags&flagShadow == 0 || le.Uint64(g.data[:cap(g.data)][uint64(len(g.data))+off:]) == ^uint64(0) {
						r[o.dst&15] = le.Uint64(g.data[off:])
						break
					}
				}
			}
			goto badAccess
		case opLdSX8:
			addr, size, how = r[o.src&15]+uint64(int64(o.off)), 1, accessRead
			if i := addr>>32 - pointerBase; i < uint64(len(regions)) {
				g := &regions[i]
				if off := uint64(uint32(addr)); off+1 <= uint64(len(g.data)) {
					if g.flags&flagShadow == 0 || !g.uninitialised(off, 1) {
						r[o.dst&15] = uint64(int8(g.data[off]))
						break
					}
				}
			}
			goto badAccess
		case opLdSX16:
			addr, size, how = r[o.src&15]+uint64(int64(o.off)), 2, accessRead
			if i := addr>>32 - pointerBase; i < uint64(len(regions)) {
				g := &regions[i]
				if off := uint64(uint32(addr)); off+2 <= uint64(len(g.data)) {
					if g.flags&flagShadow == 0 || !g.uninitialised(off, 2) {
						r[o.dst&15] = uint64(int16(le.Uint16(g.data[off:])))
						break
					}
				}
			}
			goto badAccess
		case opLdSX32:
			addr, size, how = r[o.src&15]+uint64(int64(o.off)), 4, accessRead
			if i := addr>>32 - pointerBase; i < uint64(len(regions)) {
				g := &regions[i]
				if off := uint64(uint32(addr)); off+4 <= uint64(len(g.data)) {
					if g.flags&flagShadow == 0 || !g.uninitialised(off, 4) {
						r[o.dst&15] = uint64(int32(le.Uint32(g.data[off:])))
						break
					}
				}
			}
			goto badAccess
		case opSt8K:
			addr, size, how = r[o.dst&15]+uint64(int64(o.off)), 1, accessWrite
			if i := addr>>32 - pointerBase; i < uint64(len(regions)) {
				g := &regions[i]
				if off := uint64(uint32(addr)); off+1 <= uint64(len(g.data)) && g.flags&flagWrite != 0 {
					if g.flags&flagShadow != 0 {
						g.data[:cap(g.data)][uint64(len(g.data))+off] = 0xff
					}
					g.data[off] = uint8(o.imm)
					break
				}
			}
			goto badAccess
		case opSt16K:
			addr, size, how = r[o.dst&15]+uint64(int64(o.off)), 2, accessWrite
			if i := addr>>32 - pointerBase; i < uint64(len(regions)) {
				g := &regions[i]
				if off := uint64(uint32(addr)); off+2 <= uint64(len(g.data)) && g.flags&flagWrite != 0 {
					if g.flags&flagShadow != 0 {
						le.PutUint16(g.data[:cap(g.data)][uint64(len(g.data))+off:], 0xffff)
					}
					le.PutUint16(g.data[off:], uint16(o.imm))
					break
				}
			}
			goto badAccess
		case opSt32K:
			addr, size, how = r[o.dst&15]+uint64(int64(o.off)), 4, accessWrite
			if i := addr>>32 - pointerBase; i < uint64(len(regions)) {
				g := &regions[i]
				if off := uint64(uint32(addr)); off+4 <= uint64(len(g.data)) && g.flags&flagWrite != 0 {
					if g.flags&flagShadow != 0 {
						le.PutUint32(g.data[:cap(g.data)][uint64(len(g.data))+off:], 0xffffffff)
					}
					le.PutUint32(g.data[off:], uint32(o.imm))
					break
				}
			}
			goto badAccess
		case opSt64K:
			addr, size, how = r[o.dst&15]+uint64(int64(o.off)), 8, accessWrite
			if i := addr>>32 - pointerBase; i < uint64(len(regions)) {
				g := &regions[i]
				if off := uint64(uint32(addr)); off+8 <= uint64(len(g.data)) && g.flags&flagWrite != 0 {
					if g.flags&flagShadow != 0 {
						le.PutUint64(g.data[:cap(g.data)][uint64(len(g.data))+off:], ^uint64(0))
					}
					le.PutUint64(g.data[off:], o.imm)
					break
				}
			}
			goto badAccess
		case opSt8X:
			addr, size, how = r[o.dst&15]+uint64(int64(o.off)), 1, accessWrite
			if i := addr>>32 - pointerBase; i < uint64(len(regions)) {
				g := &regions[i]
				if off := uint64(uint32(addr)); off+1 <= uint64(len(g.data)) && g.flags&flagWrite != 0 {
					if g.flags&flagShadow != 0 {
						g.data[:cap(g.data)][uint64(len(g.data))+off] = 0xff
					}
					g.data[off] = uint8(r[o.src&15])
					break
				}
			}
			goto badAccess
		case opSt16X:
			addr, size, how = r[o.dst&15]+uint64(int64(o.off)), 2, accessWrite
			if i := addr>>32 - pointerBase; i < uint64(len(regions)) {
				g := &regions[i]
				if off := uint64(uint32(addr)); off+2 <= uint64(len(g.data)) && g.flags&flagWrite != 0 {
					if g.flags&flagShadow != 0 {
						le.PutUint16(g.data[:cap(g.data)][uint64(len(g.data))+off:], 0xffff)
					}
					le.PutUint16(g.data[off:], uint16(r[o.src&15]))
					break
				}
			}
			goto badAccess
		case opSt32X:
			addr, size, how = r[o.dst&15]+uint64(int64(o.off)), 4, accessWrite
			if i := addr>>32 - pointerBase; i < uint64(len(regions)) {
				g := &regions[i]
				if off := uint64(uint32(addr)); off+4 <= uint64(len(g.data)) && g.flags&flagWrite != 0 {
					if g.flags&flagShadow != 0 {
						le.PutUint32(g.data[:cap(g.data)][uint64(len(g.data))+off:], 0xffffffff)
					}
					le.PutUint32(g.data[off:], uint32(r[o.src&15]))
					break
				}
			}
			goto badAccess
		case opSt64X:
			addr, size, how = r[o.dst&15]+uint64(int64(o.off)), 8, accessWrite
			if i := addr>>32 - pointerBase; i < uint64(len(regions)) {
				g := &regions[i]
				if off := uint64(uint32(addr)); off+8 <= uint64(len(g.data)) && g.flags&flagWrite != 0 {
					if g.flags&flagShadow != 0 {
						le.PutUint64(g.data[:cap(g.data)][uint64(len(g.data))+off:], ^uint64(0))
					}
					le.PutUint64(g.data[off:], r[o.src&15])
					break
				}
			}
			goto badAccess
		case opAtomic32, opAtomic64:
			if why = m.atomic(o); why != nil {
				goto stop
			}
		}
		pc++
		continue

	jump:
		m.steps += uint64(slots[pc]-slots[start]) + 1
		if m.steps > m.budget {
			return m.fault(pc, m.budgetProblem(), nil)
		}
		pc, start = taken, taken
	}

badAccess:
	why = m.explain(addr, size, how)
stop:
	if why.fault != nil {
		return why.fault
	}
	m.steps += uint64(slots[pc] - slots[start])
	return m.fault(pc, why, why.cause)
}
