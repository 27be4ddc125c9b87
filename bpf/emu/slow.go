// SPDX-License-Identifier: MIT

package emu

// finished is what slow gives instead of the next op.
const finished = -1

// slow does what run leaves to it, with the op before next: ops that call functions of this package,
// accesses that are refused, the end of the budget. It gives the op to go on
// with, or finished when the frame at depth base returned or the program was
// stopped.
func (m *Machine) slow(next, base int) (int, *Fault) {
	pc := next - 1
	o := &m.prog.ops[pc]
	r := &m.regs
	switch o.code {
	case opCall:
		if m.depth+1 == maxDepth {
			return m.stop(pc, &problem{kind: ErrStackDepth, what: "call of " + m.prog.functionAt(int(o.off)) + ": 8 functions are the most that may be active, as in the kernel"})
		}
		if m.steps > m.budget {
			return m.stop(pc, m.budgetProblem())
		}
		f := m.enter(o.off)
		f.ret = int32(pc + 1)
		f.init = m.init
		m.init = m.init&uint16(argRegs) | 1<<10
		return int(o.off), nil
	case opExit:
		if m.depth == base {
			return finished, nil
		}
		f := &m.frames[m.depth]
		m.init = f.init&^uint16(argRegs|1) | m.init&1
		m.leave()
		return int(f.ret), nil
	case opHelper:
		m.site = pc
		v, why := m.callHelper(&m.helpers[o.imm])
		if why != nil {
			return m.stop(pc, why)
		}
		r[0] = v
	case opTrap:
		return m.stop(pc, m.prog.traps[o.imm])
	case opCheck:
		if missing := regset(o.off) &^ regset(m.init); missing != 0 {
			return m.stop(pc, uninitialisedRegister(missing))
		}
		m.init = m.init&^uint16(o.imm) | uint16(o.imm>>16)
	case opAtomic32, opAtomic64:
		if why := m.atomic(o); why != nil {
			return m.stop(pc, why)
		}
	case opMayGoto:
		if f := &m.frames[m.depth]; f.gotos > 0 {
			f.gotos--
		} else {
			return int(o.off), nil
		}
	case opLd8, opLd16, opLd32, opLd64:
		return m.stop(pc, m.explain(r[o.src]+uint64(int64(o.off)), 1<<(o.code-opLd8), accessRead))
	case opLdSX8, opLdSX16, opLdSX32:
		return m.stop(pc, m.explain(r[o.src]+uint64(int64(o.off)), 1<<(o.code-opLdSX8), accessRead))
	case opLdFrame8, opLdFrame16, opLdFrame32, opLdFrame64:
		return m.stop(pc, m.explain(r[10]-stackSize+uint64(int64(o.off)), 1<<(o.code-opLdFrame8), accessRead))
	case opSt8K, opSt16K, opSt32K, opSt64K:
		return m.stop(pc, m.explain(r[o.dst]+uint64(int64(o.off)), 1<<(o.code-opSt8K), accessWrite))
	case opSt8X, opSt16X, opSt32X, opSt64X:
		return m.stop(pc, m.explain(r[o.dst]+uint64(int64(o.off)), 1<<(o.code-opSt8X), accessWrite))
	default: // a jump, and no budget left
		return m.stop(pc, m.budgetProblem())
	}
	return pc + 1, nil
}

// stop makes a fault of a problem at op pc. Its instruction was counted and not
// executed.
func (m *Machine) stop(pc int, why *problem) (int, *Fault) {
	if why.fault != nil {
		return finished, why.fault
	}
	m.steps -= m.prog.countAt(pc)
	return finished, m.fault(pc, why, why.cause)
}

// countAt says whether the instruction of an op was counted when it runs.
func (p *program) countAt(pc int) uint64 {
	for ; pc >= 0; pc-- {
		if p.ops[pc].count != 0 {
			return 1
		}
		if pc == 0 || p.ins[pc-1].slot != p.ins[pc].slot {
			break
		}
	}
	return 0
}
