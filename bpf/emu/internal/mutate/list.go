// SPDX-License-Identifier: MIT

package main

// fault is a deliberate error: a text that occurs once in a file, and what is
// put in its place.
type fault struct {
	name     string
	file     string
	old, new string
}

// faults are the errors somebody could make, one for each thing the package
// must get right.
var faults = []fault{
	// Arithmetic.
	{"64-bit immediates lose their sign", "decode.go", "o.imm = uint64(in.Constant)\n\t}\n\tif base, ok := aluCodes", "o.imm = uint64(uint32(in.Constant))\n\t}\n\tif base, ok := aluCodes"},
	{"32-bit addition keeps the upper half", "run.go", "m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) + uint32(m.regs[o.src]))", "m.regs[o.dst] = m.regs[uint8(o.off)] + uint64(uint32(m.regs[o.src]))"},
	{"32-bit subtraction is of 64 bits", "run.go", "m.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) - uint32(o.imm))", "m.regs[o.dst] = m.regs[uint8(o.off)] - uint64(uint32(o.imm))"},
	{"64-bit negation is of 32 bits", "run.go", "m.regs[o.dst] = -m.regs[o.dst]", "m.regs[o.dst] = uint64(-uint32(m.regs[o.dst]))"},
	{"modulo zero gives zero", "run.go", "case opMod32X:\n\t\t\tif v := uint32(m.regs[o.src]); v != 0 {\n\t\t\t\tm.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) % v)\n\t\t\t} else {\n\t\t\t\tm.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]))", "case opMod32X:\n\t\t\tif v := uint32(m.regs[o.src]); v != 0 {\n\t\t\t\tm.regs[o.dst] = uint64(uint32(m.regs[uint8(o.off)]) % v)\n\t\t\t} else {\n\t\t\t\tm.regs[o.dst] = 0"},
	{"signed division is unsigned", "decode.go", "asm.SDiv: opSDiv64K", "asm.SDiv: opDiv64K"},
	{"signed modulo is unsigned", "decode.go", "asm.SMod: opSMod64K", "asm.SMod: opMod64K"},
	{"logical shift is arithmetic", "decode.go", "asm.RSh: opRsh64K", "asm.RSh: opArsh64K"},
	{"32-bit arithmetic shift takes bit 63", "run.go", "m.regs[o.dst] = uint64(uint32(int32(m.regs[uint8(o.off)]) >> (uint32(m.regs[o.src]) & 31)))", "m.regs[o.dst] = uint64(uint32(int64(m.regs[uint8(o.off)]) >> (uint32(m.regs[o.src]) & 31)))"},
	{"shift counts are not masked", "run.go", "m.regs[o.dst] = m.regs[uint8(o.off)] << (m.regs[o.src] & 63)", "m.regs[o.dst] = m.regs[uint8(o.off)] << m.regs[o.src]"},
	{"sign-extending move of a byte takes a half", "run.go", "m.regs[o.dst] = uint64(int8(m.regs[o.src]))", "m.regs[o.dst] = uint64(int16(m.regs[o.src]))"},
	{"32-bit sign-extending move fills the upper half", "run.go", "m.regs[o.dst] = uint64(uint32(int16(m.regs[o.src])))", "m.regs[o.dst] = uint64(int16(m.regs[o.src]))"},
	{"32-bit move is of 64 bits", "run.go", "case opMov32X:\n\t\t\tm.regs[o.dst] = uint64(uint32(m.regs[o.src]))", "case opMov32X:\n\t\t\tm.regs[o.dst] = m.regs[o.src]"},
	{"byte swap leaves the upper half", "run.go", "m.regs[o.dst] = uint64(bits.ReverseBytes16(uint16(m.regs[o.dst])))", "m.regs[o.dst] = m.regs[o.dst]&^0xffff | uint64(bits.ReverseBytes16(uint16(m.regs[o.dst])))"},
	{"to-endian swaps on the wrong machine", "decode.go", "swap := wide || big != d.m.swapped", "swap := wide || big"},
	{"to-endian of 16 bits does not truncate", "run.go", "m.regs[o.dst] = uint64(uint16(m.regs[o.dst]))", "m.regs[o.dst] = uint64(uint32(m.regs[o.dst]))"},

	// A move and the arithmetic after it as one.
	{"a move is joined though there is a jump to what follows", "decode.go", "i == 0 || d.nodes[i].entered || d.p.checked", "i == 0 || d.p.checked"},
	{"a move that is joined is no step", "decode.go", "o.off, o.count = int32(move.src), 2", "o.off = int32(move.src)\n\to.count = 1"},
	{"a 32-bit move is joined with 64-bit arithmetic", "decode.go", "(wide || move.code != opMov32X)", "move.code != opMov32X"},
	{"a move to another register is joined", "decode.go", "move.count != 1 || move.dst != o.dst || ", "move.count != 1 || "},
	{"the right operand of what is joined is the old one", "decode.go", "\tif reg && o.src == o.dst {\n\t\to.src = move.src\n\t}\n", ""},
	{"modulo zero of what is joined keeps the old left operand", "run.go", "case opMod64X:\n\t\t\tif v := m.regs[o.src]; v != 0 {\n\t\t\t\tm.regs[o.dst] = m.regs[uint8(o.off)] % v\n\t\t\t} else {\n\t\t\t\tm.regs[o.dst] = m.regs[uint8(o.off)]\n", "case opMod64X:\n\t\t\tif v := m.regs[o.src]; v != 0 {\n\t\t\t\tm.regs[o.dst] = m.regs[uint8(o.off)] % v\n\t\t\t} else {\n"},

	// Jumps.
	{"signed comparison is unsigned", "decode.go", "asm.JSGT: opJsgt64K", "asm.JSGT: opJgt64K"},
	{"less or equal is less", "decode.go", "asm.JLE: opJle64K", "asm.JLE: opJlt64K"},
	{"32-bit comparison looks at 64 bits", "run.go", "case opJne32X:\n\t\t\tif uint32(m.regs[o.dst]) != uint32(m.regs[o.src])", "case opJne32X:\n\t\t\tif m.regs[o.dst] != m.regs[o.src]"},
	{"32-bit signed comparison looks at bit 63", "run.go", "case opJslt32K:\n\t\t\tif int32(m.regs[o.dst]) < int32(o.imm)", "case opJslt32K:\n\t\t\tif int64(m.regs[o.dst]) < int64(int32(o.imm))"},
	{"bit test compares", "run.go", "case opJset64X:\n\t\t\tif m.regs[o.dst]&m.regs[o.src] != 0", "case opJset64X:\n\t\t\tif m.regs[o.dst] == m.regs[o.src]"},
	{"long jump uses the offset field", "decode.go", "n.target, err = d.resolve(n, in.Constant == -1, int(in.Constant))\n\t\tcase isJump(in):", "n.target, err = d.resolve(n, in.Constant == -1, int(in.Offset))\n\t\tcase isJump(in):"},
	{"the distance of a callback is from what follows it", "decode.go", "d.bySlot[n.slot+1+distance]", "d.bySlot[n.slot+int(n.in.Width())+distance]"},
	{"jumps count a wide instruction once", "decode.go", "slot += int(in.Width())", "slot++"},
	{"jumps may enter other functions", "decode.go", "if isJump(n.in) && d.functionOf(n.target) != f {", "if isJump(n.in) && d.functionOf(n.target) < 0 {"},
	{"may_goto never ends", "slow.go", "f.gotos--", "f.gotos += 0"},

	// Memory.
	{"signed load has no sign", "run.go", "m.regs[o.dst] = uint64(int32(le.Uint32(g.data[off:])))", "m.regs[o.dst] = uint64(le.Uint32(g.data[off:]))"},
	{"loads may go past the end", "run.go", "if off := uint64(uint32(addr)); off+8 <= uint64(len(g.data)) && (g.shadow", "if off := uint64(uint32(addr)); off < uint64(len(g.data)) && (g.shadow"},
	{"stores ignore permissions", "run.go", "case opSt8K:\n\t\t\taddr := m.regs[o.dst] + uint64(int64(o.off))\n\t\t\tif i := addr>>32 - pointerBase; i < uint64(len(m.regions)) {\n\t\t\t\tg := &m.regions[i]\n\t\t\t\tif off := uint64(uint32(addr)); off+1 <= uint64(len(g.data)) && g.flags&flagWrite != 0", "case opSt8K:\n\t\t\taddr := m.regs[o.dst] + uint64(int64(o.off))\n\t\t\tif i := addr>>32 - pointerBase; i < uint64(len(m.regions)) {\n\t\t\t\tg := &m.regions[i]\n\t\t\t\tif off := uint64(uint32(addr)); off+1 <= uint64(len(g.data))"},
	{"stores of a byte mark a half as written", "run.go", "f[stackSize+k] = 0xff\n\t\t\tf[k] = uint8(o.imm)", "f[stackSize+k], f[stackSize+k+1] = 0xff, 0xff\n\t\t\tf[k] = uint8(o.imm)"},
	{"stack reads are not checked", "run.go", "if le.Uint64(f[stackSize+k:stackSize+k+8]) == ^uint64(0) {", "if le.Uint64(f[stackSize+k:stackSize+k+8]) != 1 {"},
	{"stack reads look at one byte's mark", "run.go", "if le.Uint32(f[stackSize+k:stackSize+k+4]) == 0xffffffff {", "if f[stackSize+k] == 0xff {"},
	{"frames are not fresh", "frame.go", "\tclear(g.shadow)\n", ""},
	{"stores at the frame's edge are taken for inside", "decode.go", "at+int32(size.Sizeof()) <= stackSize {", "at < stackSize {"},
	{"helpers do not mark what they write", "region.go", "\t\t\tmark(shadow)\n", "\t\t\t_ = shadow\n"},
	{"of what helpers read, words are not checked", "region.go", "if le.Uint64(shadow) != ^uint64(0) {", "if le.Uint64(shadow) == 1 {"},
	{"of what helpers read, single bytes are not checked", "region.go", "if b == 0 {", "if b == 1 {"},
	{"helpers may write anywhere", "region.go", "|| a != accessRead && g.flags&flagWrite == 0 {", "{"},
	{"array elements are one region", "map_array.go", "return a.data[o : o+int(mp.valueSize) : o+int(mp.valueSize)]", "return a.data[o:]"},
	{"big-endian stores are not swapped", "decode.go", "d.put(i, op{code: opMov64X, dst: scratch, src: o.src})\n\t\t\td.swap(i, scratch, size)", "d.put(i, op{code: opMov64X, dst: scratch, src: o.src})"},
	{"big-endian immediates are not swapped", "decode.go", "o.imm = swapped(o.imm, size)", "o.imm += 0"},
	{"big-endian signed loads lose their sign", "decode.go", "d.put(i, op{code: opMovSX8 + order, dst: o.dst, src: o.dst})\n", "_ = order\n"},
	{"offsets into sections are lost", "address.go", "return mp.array.address(mp, 0, 0) + off, nil", "return mp.array.address(mp, 0, 0), nil"},
	{"variables set before loading are lost", "variable.go", "copy(section[v.Offset:], v.Value)", "_ = section"},
	{"constants are writable", "map.go", "if mp.readOnly {\n\t\treturn 0", "if mp.readOnly {\n\t\treturn flagWrite"},

	// Atomic operations.
	{"fetch gives the new value", "atomic.go", "*src = old", "*src = next"},
	{"32-bit fetch has the upper half", "atomic.go", "old = uint64(m.bo.Uint32(b))", "old = uint64(m.bo.Uint32(b)) | *(&m.regs[o.src])&^0xffffffff"},
	{"exchange adds", "atomic.go", "next := *src", "next := *src + old"},
	{"compare-exchange always exchanges", "atomic.go", "if old != expected {", "if old != expected && size == 0 {"},
	{"compare-exchange of 32 bits compares 64", "atomic.go", "expected = uint64(uint32(expected))", "expected += 0"},
	{"compare-exchange leaves r0", "atomic.go", "m.regs[0] = old", "m.regs[0] = m.regs[0] + 0*old"},
	{"atomic operations need no alignment", "atomic.go", "if addr%size != 0 {", "if addr%size > size {"},

	// Calls.
	{"calls do not restore r6 to r9", "frame.go", "copy(m.regs[6:10], f.saved[:])", "_ = f.saved"},
	{"calls do not restore r10", "frame.go", "m.regs[10] = f.fp", "m.regs[10] += 0"},
	{"frames share a region", "frame.go", "m.nextFrame = m.frameAfter(id)", "m.nextFrame = id"},
	{"calls may nest without end", "slow.go", "if m.depth+1 == maxDepth {", "if m.depth == maxDepth {"},
	{"steps count ops", "decode.go", "if len(d.p.ops) == d.nodes[i].op {", "if true {"},
	{"loop ignores the callback's result", "helper_loop.go", "if v != 0 {\n\t\t\treturn i + 1, nil", "if v > 1 {\n\t\t\treturn i + 1, nil"},
	{"callbacks ignore the budget", "helper_loop.go", "if m.steps > m.budget {", "if m.steps > 1<<40 {"},

	{"iterators have a number more", "helper_iter.go", "if next >= end {", "if next > end {"},
	{"iterators may be destroyed twice", "helper_iter.go", "m.iterators = slices.Delete(m.iterators, i, i+1)", "_ = i"},
	{"iterators may be kept", "call.go", "if m.reserved == 0 && m.locked == 0 && len(m.iterators) == 0 {", "if m.reserved == 0 && m.locked == 0 {"},

	// Registers without a value.
	{"helpers leave r1 to r5", "initialised.go", "e := effect{writes: bit(asm.R0), clobbers: argRegs}", "e := effect{writes: bit(asm.R0)}"},
	{"branches are not followed", "initialised.go", "case isJump(n.in):\n\t\t\tflow(n.target, s)", "case isJump(n.in):"},
	{"functions inherit r6 to r9", "initialised.go", "flow(n.target, s&argRegs|allRegs&^argRegs&^bit(asm.R10))", "flow(n.target, s&argRegs|bit(asm.R0))"},
	{"functions leave r1 to r5", "initialised.go", "flow(i+1, s&^bit(asm.R0)|argRegs|exits[f])", "flow(i+1, s&^bit(asm.R0)|exits[f])"},
	{"result of exit is not looked at", "initialised.go", "return effect{reads: bit(asm.R0)}", "return effect{}"},

	// Maps.
	{"hash may exceed its size", "map_hash.go", "if old < 0 && h.live >= int(mp.max) {", "if old < 0 && h.live > int(mp.max) {"},
	{"LRU forgets the newest", "map_hash.go", "victim := h.oldest", "victim := h.newest"},
	{"look-ups do not count as use", "map.go", "mp.hash.touch(s)\n\treturn", "return"},
	{"insertion over a key that exists", "map_hash.go", "case old >= 0 && flags == updateNoExist:", "case old > 1<<20 && flags == updateNoExist:"},
	{"deleted values stay", "map_hash.go", "g.data, g.flags = nil, flagFreed", "g.flags = g.flags + 0"},
	{"replaced values stay writable", "map_hash.go", "g.flags = flagStale", "g.flags |= flagStale"},
	{"new per-CPU values go to every CPU", "map_hash.go", "h.put(s, v, cpu)\n\th.link", "h.put(s, v, -1)\n\th.link"},
	{"chains lose their tail", "map_hash.go", "*at = h.slots[s].next", "*at = -1"},
	{"slots are not used again", "map_hash.go", "if len(h.queue)-h.head > quarantine", "if len(h.queue)-h.head > 1<<30"},
	{"array index may equal its size", "map.go", "if i >= mp.max {\n\t\t\treturn 0", "if i > mp.max {\n\t\t\treturn 0"},
	{"update ignores its flags", "map.go", "if flags > updateExist {", "if flags > 9 {"},
	{"per-CPU arrays set every CPU", "map.go", "if cpu < 0 || c == cpu {", "if cpu < 1 || c == cpu {"},
	{"ring buffer has a byte more", "map_ring.go", "if size > maxRegion || r.used+space > uint64(mp.max)-1 {", "if size > maxRegion || r.used+space > uint64(mp.max)+24 {"},
	{"discarded records are delivered", "map_ring.go", "if rec.state == recordSubmitted {", "if rec.state != recordReserved {"},
	{"records may be submitted twice", "helper_ring.go", "case ring.records[g.aux].state != recordReserved:", "case ring.records[g.aux].state == recordFree:"},
	{"records may be kept", "call.go", "if m.reserved == 0 && m.locked == 0 && len(m.iterators) == 0 {", "if m.locked == 0 && len(m.iterators) == 0 {"},

	// Loading.
	{"only the first instruction of a line has a source", "decode.go", "if l := in.Source(); l != nil || btf.FuncMetadata(in) != nil {", "if l := in.Source(); l != nil || btf.FuncMetadata(in) != nil || i > 0 {"},
	{"a source line goes on in the next function", "decode.go", "l != nil || btf.FuncMetadata(in) != nil {", "l != nil || btf.FuncMetadata(in) != nil && i < 0 {"},
	{"relocations are not applied", "core.go", "if err := f.Apply(&insns[at[i]]); err != nil {", "if err := f.Apply(&asm.Instruction{}); err != nil && i < 0 {"},
	{"strong kfuncs may be missing", "metadata.go", "const strongBinding = 1", "const strongBinding = 99"},
	{"arguments outlive the call", "call.go", "m.regions[id].data = nil\n\t\tm.regions[id].flags = flagFreed", "m.regions[id].flags |= 0"},
}
