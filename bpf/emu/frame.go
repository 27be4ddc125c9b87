// SPDX-License-Identifier: MIT

package emu

// Limits of the kernel's verifier.
const (
	stackSize = 512     // MAX_BPF_STACK, bytes of one frame
	maxDepth  = 8       // MAX_CALL_FRAMES
	maxGoto   = 8 << 20 // BPF_MAX_LOOPS: how often may_goto falls through in one frame
)

// frameRegions is how many frames' pointers are told apart: a pointer into a
// frame that returned is recognised until that many more calls were made.
const frameRegions = 256

// stack is the memory of a frame, and a byte for each byte that is 0xff once it
// was written. What follows is never touched: with it the compiler sees that
// an access is inside.
type stack [2*stackSize + 8]byte

// frame is one call in progress.
type frame struct {
	saved    [4]uint64 // r6 to r9 of the caller
	fp       uint64    // r10 of the caller
	ret      int32     // op to return to
	site     int32     // for a callback, the op of the helper call it runs under
	gotos    int32     // may_goto left
	region   int32
	init     uint16 // registers of the caller that were initialised
	callback bool   // returns to Go instead
}

// enter pushes a frame for the function that begins at op target: registers
// are saved, the stack is fresh. The caller has checked the depth.
func (m *Machine) enter(target int32) *frame {
	m.depth++
	f := &m.frames[m.depth]
	copy(f.saved[:], m.regs[6:10])
	f.fp = m.regs[10]
	f.callback = false
	f.gotos = maxGoto
	m.pushStack(f, target)
	return f
}

// pushStack gives frame f, the innermost, a stack of its own. Its id is one no
// frame had lately, so a pointer that outlives the frame leads nowhere.
func (m *Machine) pushStack(f *frame, target int32) {
	id := m.nextFrame
	for m.regions[id].flags&flagFreed == 0 { // a frame that is still running
		id = m.frameAfter(id)
	}
	m.nextFrame = m.frameAfter(id)
	mem := &m.stacks[m.depth]
	m.stack = mem
	g := &m.regions[id]
	g.data, g.shadow, g.flags = mem[:stackSize:stackSize], mem[stackSize:2*stackSize:2*stackSize], flagWrite
	clear(g.shadow)
	g.owner = int32(m.depth)
	g.aux = m.prog.function[target]
	f.region = id
	m.regs[10] = pointer(int(id)) + stackSize
}

func (m *Machine) frameAfter(id int32) int32 {
	if id++; id == m.firstFrame+frameRegions {
		return m.firstFrame
	}
	return id
}

// dropStack ends the life of the innermost frame's stack.
func (m *Machine) dropStack() {
	g := &m.regions[m.frames[m.depth].region]
	g.data, g.shadow, g.flags = nil, nil, flagFreed
}

// leave pops the innermost frame.
func (m *Machine) leave() {
	m.dropStack()
	f := &m.frames[m.depth]
	copy(m.regs[6:10], f.saved[:])
	m.regs[10] = f.fp
	m.depth--
	m.stack = &m.stacks[m.depth]
}
