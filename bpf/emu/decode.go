// SPDX-License-Identifier: MIT

package emu

import (
	"errors"
	"fmt"
	"math/bits"
	"sort"

	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
)

// node is an instruction on its way to ops.
type node struct {
	where
	target  int  // node a jump, call or function load refers to; -1 without
	op      int  // its first op
	entered bool // some other node's target
}

// decoder turns the instructions of one program into ops.
type decoder struct {
	m      *Machine
	p      *program
	nodes  []node
	bySlot map[int]int    // slot → node
	labels map[string]int // symbol → node
	starts []int          // nodes functions begin at, sorted
	reg    []effect       // of each node
	fix    []int          // ops whose off is still a node
}

// decode checks instructions and predecodes them.
func (m *Machine) decode(name string, insns asm.Instructions) (*program, error) {
	if len(insns) == 0 {
		return nil, errors.New("it has no instructions: was its section lost in linking?")
	}
	d := &decoder{m: m, p: &program{name: name}, bySlot: map[int]int{}, labels: map[string]int{}}
	slot := 0
	var line fmt.Stringer
	for i := range insns {
		in := &insns[i]
		d.bySlot[slot] = i
		if l := in.Source(); l != nil || btf.FuncMetadata(in) != nil {
			line = l
		}
		if s := in.Symbol(); s != "" {
			if _, twice := d.labels[s]; twice {
				return nil, fmt.Errorf("symbol %s is defined twice", s)
			}
			d.labels[s] = i
		}
		d.nodes = append(d.nodes, node{where: where{slot, in, line}, target: -1})
		slot += int(in.Width())
	}
	if err := d.link(); err != nil {
		return nil, err
	}
	if err := d.checkFlow(); err != nil {
		return nil, err
	}
	if err := d.effects(); err != nil {
		return nil, err
	}
	d.p.checked = d.mayReadUninitialised()
	return d.p, d.emit()
}

// link finds what jumps, calls and function loads refer to, and with that
// where functions begin.
func (d *decoder) link() error {
	starts := map[int]bool{0: true}
	for i := range d.nodes {
		n := &d.nodes[i]
		in := n.in
		var err error
		switch {
		case in.IsFunctionReference():
			n.target, err = d.resolve(n, in.Constant == -1, int(in.Constant))
			if err == nil {
				starts[n.target] = true
			}
		case isJump(in) && in.OpCode.Class() == asm.Jump32Class && in.OpCode.JumpOp() == asm.Ja:
			n.target, err = d.resolve(n, in.Constant == -1, int(in.Constant))
		case isJump(in):
			n.target, err = d.resolve(n, in.Offset == -1, int(in.Offset))
		}
		if err != nil {
			return err
		}
		if in.IsFunctionReference() || isJump(in) {
			d.nodes[n.target].entered = true
		}
	}
	for s := range starts {
		d.starts = append(d.starts, s)
	}
	sort.Ints(d.starts)
	for i, s := range d.starts {
		name := d.nodes[s].in.Symbol()
		switch {
		case i == 0:
			name = d.p.name
		case name == "":
			name = fmt.Sprintf("function at instruction %d", d.nodes[s].slot)
		}
		d.p.funcs = append(d.p.funcs, function{name: name})
	}
	return nil
}

// isJump says whether an instruction may continue elsewhere in its function.
func isJump(in *asm.Instruction) bool {
	op := in.OpCode.JumpOp()
	return in.OpCode.Class().IsJump() && op != asm.Call && op != asm.Exit
}

// resolve gives the node an instruction refers to: a symbol, or a distance in
// slots.
func (d *decoder) resolve(n *node, symbolic bool, distance int) (int, error) {
	if ref := n.in.Reference(); symbolic && ref != "" {
		if t, ok := d.labels[ref]; ok {
			return t, nil
		}
		return 0, n.at(d.p.name, "there is no function or label %q in the program: it is declared and not defined, or was left out in linking", ref)
	}
	// Of lddw, which has two, the distance is from the second slot.
	if t, ok := d.bySlot[n.slot+1+distance]; ok {
		return t, nil
	}
	return 0, n.at(d.p.name, "its target, %d slots on, is not an instruction of the program", distance)
}

// functionOf gives the index of the function a node belongs to.
func (d *decoder) functionOf(i int) int {
	return sort.Search(len(d.starts), func(k int) bool { return d.starts[k] > i }) - 1
}

// checkFlow makes sure that jumps stay in their function and no function ends
// without leaving.
func (d *decoder) checkFlow() error {
	for i := range d.nodes {
		n := &d.nodes[i]
		f := d.functionOf(i)
		if isJump(n.in) && d.functionOf(n.target) != f {
			return d.errAt(i, "it jumps into function %s: a jump stays in its function", d.p.funcs[d.functionOf(n.target)].name)
		}
		last := i+1 == len(d.nodes) || d.functionOf(i+1) != f
		if op := n.in.OpCode.JumpOp(); last && (!n.in.OpCode.Class().IsJump() || op != asm.Ja && op != asm.Exit) {
			return d.errAt(i, "the function runs past its last instruction: it must end in exit or a jump")
		}
	}
	return nil
}

func (d *decoder) errAt(i int, format string, args ...any) error {
	return d.nodes[i].at(d.p.funcs[d.functionOf(i)].name, format, args...)
}

// emit makes the ops.
func (d *decoder) emit() error {
	p := d.p
	for i := range d.nodes {
		n := &d.nodes[i]
		n.op = len(p.ops)
		f := d.functionOf(i)
		if d.starts[f] == i {
			p.funcs[f].op = int32(n.op)
		}
		if p.checked {
			d.put(i, op{code: opCheck, off: int32(d.reg[i].reads), imm: uint64(d.reg[i].writes)<<16 | uint64(d.reg[i].clobbers)})
		}
		if err := d.emitOne(i); err != nil {
			return err
		}
	}
	for _, k := range d.fix {
		p.ops[k].off = int32(d.nodes[p.ops[k].off].op)
	}
	// Function pointers are ops too, which are known only now.
	for k := range p.ops {
		if n := p.ins[k]; p.ops[k].code == opMov64K && n.in.IsLoadOfFunctionPointer() {
			p.ops[k].imm = pointer(d.m.code) + uint64(d.nodes[p.ops[k].imm].op)
		}
	}
	return nil
}

// put appends an op for node i.
func (d *decoder) put(i int, o op) {
	o.count = 0
	if len(d.p.ops) == d.nodes[i].op {
		o.count = 1
	}
	d.p.ops = append(d.p.ops, o)
	d.p.ins = append(d.p.ins, d.nodes[i].where)
	d.p.function = append(d.p.function, int32(d.functionOf(i)))
}

// emitOne makes the ops of one instruction.
func (d *decoder) emitOne(i int) error {
	in := d.nodes[i].in
	if in.Dst > asm.R10 || in.Src > asm.R10 {
		return d.errAt(i, "there are registers r0 to r10 only")
	}
	switch in.OpCode.Class() {
	case asm.ALUClass, asm.ALU64Class:
		return d.emitALU(i)
	case asm.JumpClass, asm.Jump32Class:
		return d.emitJump(i)
	default:
		return d.emitMemory(i)
	}
}

// reserved is the error for a field that must be zero and is not.
func (d *decoder) reserved(i int, field string) error {
	return d.errAt(i, "its %s must be zero: RFC 9669 reserves it here, so the object is damaged or newer than this package", field)
}

func (d *decoder) undefined(i int) error {
	return d.errAt(i, "opcode %#02x is not defined by RFC 9669: the object is damaged or newer than this package", uint8(d.nodes[i].in.OpCode))
}

// aluCodes gives, for an operation that has all four forms, that with 64 bits
// and an immediate; the others follow it: 64X, 32K, 32X.
var aluCodes = map[asm.ALUOp]opcode{
	asm.Add: opAdd64K, asm.Sub: opSub64K, asm.Mul: opMul64K, asm.Div: opDiv64K, asm.SDiv: opSDiv64K,
	asm.Mod: opMod64K, asm.SMod: opSMod64K, asm.Or: opOr64K, asm.And: opAnd64K, asm.Xor: opXor64K,
	asm.LSh: opLsh64K, asm.RSh: opRsh64K, asm.ArSh: opArsh64K,
}

// jumpCodes does the same for conditions.
var jumpCodes = map[asm.JumpOp]opcode{
	asm.JEq: opJeq64K, asm.JNE: opJne64K, asm.JGT: opJgt64K, asm.JGE: opJge64K, asm.JLT: opJlt64K,
	asm.JLE: opJle64K, asm.JSet: opJset64K, asm.JSGT: opJsgt64K, asm.JSGE: opJsge64K, asm.JSLT: opJslt64K,
	asm.JSLE: opJsle64K,
}

// emitALU makes the op of an arithmetic instruction.
func (d *decoder) emitALU(i int) error {
	in := d.nodes[i].in
	wide := in.OpCode.Class() == asm.ALU64Class
	kind := in.OpCode.ALUOp()
	reg := in.OpCode&0x08 != 0
	o := op{dst: uint8(in.Dst), src: uint8(in.Src)}
	if in.Dst == asm.R10 {
		return d.errAt(i, "r10 is read-only")
	}
	if in.Offset != 0 {
		if kind == asm.Mov && in.Offset == 1 {
			return fmt.Errorf("%w: %w", ErrUnsupported, d.errAt(i, "address space casts need an arena, which this package does not have"))
		}
		return d.reserved(i, "offset")
	}
	if kind != asm.Swap && reg && in.Constant != 0 {
		return d.reserved(i, "immediate")
	}
	if (kind == asm.Swap || !reg) && in.Src != 0 {
		return d.reserved(i, "source register")
	}
	if !wide {
		o.imm = uint64(uint32(in.Constant))
	} else {
		o.imm = uint64(in.Constant)
	}
	if base, ok := aluCodes[kind]; ok {
		o.code = base
		if reg {
			o.code++
		}
		if !wide {
			o.code += 2
		}
		o.off = int32(in.Dst)
		if !d.joinMove(i, o, wide, reg) {
			d.put(i, o)
		}
		return nil
	}
	switch {
	case kind == asm.Mov && !reg:
		o.code = opMov64K
	case kind == asm.Mov && wide:
		o.code = opMov64X
	case kind == asm.Mov:
		o.code = opMov32X
	case kind == asm.MovSX8 && reg && wide:
		o.code = opMovSX8
	case kind == asm.MovSX16 && reg && wide:
		o.code = opMovSX16
	case kind == asm.MovSX32 && reg && wide:
		o.code = opMovSX32
	case kind == asm.MovSX8 && reg:
		o.code = opMovSX8to32
	case kind == asm.MovSX16 && reg:
		o.code = opMovSX16to32
	case kind == asm.Neg && !reg:
		if in.Constant != 0 {
			return d.reserved(i, "immediate")
		}
		o.code = opNeg32
		if wide {
			o.code = opNeg64
		}
	case kind == asm.Swap:
		return d.emitSwap(i, wide, reg)
	default:
		return d.undefined(i)
	}
	d.put(i, o)
	return nil
}

// joinMove makes one op of an arithmetic instruction and the move before it that
// fills its left operand, as compilers for a machine of two operands write a
// calculation of three. Nobody may jump between the two.
func (d *decoder) joinMove(i int, o op, wide, reg bool) bool {
	last := len(d.p.ops) - 1
	if i == 0 || d.nodes[i].entered || d.p.checked || last != d.nodes[i-1].op {
		return false
	}
	move := d.p.ops[last]
	if move.count != 1 || move.dst != o.dst || move.code != opMov64X && (wide || move.code != opMov32X) {
		return false
	}
	if reg && o.src == o.dst {
		o.src = move.src
	}
	o.off, o.count = int32(move.src), 2
	d.p.ops[last], d.p.ins[last] = o, d.nodes[i].where
	d.nodes[i].op = last
	return true
}

// emitSwap makes a byte swap. The instructions that convert to an order swap
// or only truncate, depending on the order of the machine the object is for.
func (d *decoder) emitSwap(i int, wide, big bool) error {
	in := d.nodes[i].in
	if wide && big {
		return d.undefined(i)
	}
	swap := wide || big != d.m.swapped
	o := op{dst: uint8(in.Dst), src: uint8(in.Dst)}
	switch in.Constant {
	case 16:
		o.code = opZext16
		if swap {
			o.code = opSwap16
		}
	case 32:
		o.code = opMov32X
		if swap {
			o.code = opSwap32
		}
	case 64:
		o.code = opNop
		if swap {
			o.code = opSwap64
		}
	default:
		return d.errAt(i, "a byte swap is of 16, 32 or 64 bits, not %d", in.Constant)
	}
	d.put(i, o)
	return nil
}

// emitJump makes the op of a jump, a call or exit.
func (d *decoder) emitJump(i int) error {
	n := &d.nodes[i]
	in := n.in
	wide := in.OpCode.Class() == asm.JumpClass
	kind := in.OpCode.JumpOp()
	reg := in.OpCode&0x08 != 0
	o := op{dst: uint8(in.Dst), src: uint8(in.Src), imm: uint64(in.Constant), off: int32(n.target)}
	if base, ok := jumpCodes[kind]; ok {
		if reg && in.Constant != 0 {
			return d.reserved(i, "immediate")
		}
		if !reg && in.Src != 0 {
			return d.reserved(i, "source register")
		}
		o.code = base
		if reg {
			o.code++
		}
		if !wide {
			o.code += 2
			o.imm = uint64(uint32(in.Constant))
		}
		d.jump(i, o)
		return nil
	}
	if reg {
		return d.undefined(i)
	}
	switch {
	case kind == asm.Ja:
		switch {
		case in.Dst != 0 || in.Src != 0:
			return d.reserved(i, "register fields")
		case wide && in.Constant != 0:
			return d.reserved(i, "immediate")
		case !wide && in.Offset != 0:
			return d.reserved(i, "offset")
		}
		o.code = opJa
		d.jump(i, o)
	case kind == asm.JCOND && wide:
		if in.Src != asm.PseudoMayGoto || in.Dst != 0 || in.Constant != 0 {
			return d.reserved(i, "register fields and immediate")
		}
		o.code = opMayGoto
		d.jump(i, o)
	case kind == asm.Exit && wide:
		if in.Dst != 0 || in.Src != 0 || in.Offset != 0 || in.Constant != 0 {
			return d.reserved(i, "operands")
		}
		d.put(i, op{code: opExit})
	case kind == asm.Call && wide:
		return d.emitCall(i)
	default:
		return d.undefined(i)
	}
	return nil
}

// jump puts an op whose off is a node until all ops are known.
func (d *decoder) jump(i int, o op) {
	d.fix = append(d.fix, len(d.p.ops))
	d.put(i, o)
}

// emitCall makes a call of a function, a helper or a kfunc.
func (d *decoder) emitCall(i int) error {
	n := &d.nodes[i]
	in := n.in
	if in.Dst != 0 {
		return d.reserved(i, "destination register")
	}
	switch in.Src {
	case asm.PseudoCall:
		d.jump(i, op{code: opCall, off: int32(n.target)})
		return nil
	case asm.PseudoKfuncCall:
		name := in.Reference()
		if name == "" {
			return d.errAt(i, "the kfunc has a number and no name: this package finds kfuncs by name; load the object that was compiled, not what was read back from the kernel")
		}
		if f := d.m.opts.Kfuncs[name]; f != nil {
			d.put(i, op{code: opHelper, imm: uint64(d.m.addHelper("kfunc "+name, helper{name: name, user: f}))})
			return nil
		}
		if h, ok := kfuncTable[name]; ok {
			d.put(i, op{code: opHelper, imm: uint64(d.m.addHelper("kfunc "+name, h))})
			return nil
		}
		why, known := d.m.opts.absent[name]
		switch {
		case isStrong(in) && known:
			return d.errAt(i, "the program needs the kfunc %s, %s", name, why)
		case isStrong(in):
			return d.errAt(i, "the program needs the kfunc %s: give it in Options.Kfuncs, declare it __weak and guard the call, or leave the program out with Options.Programs", name)
		case !known:
			why = "which was not given: add it to Options.Kfuncs, or guard the call with bpf_ksym_exists or a CO-RE test"
		}
		d.trap(i, ErrUnsupported, fmt.Sprintf("call of kfunc %s, %s", name, why))
		return nil
	case 0:
		return d.emitHelper(i)
	default:
		return d.errAt(i, "RFC 9669 defines calls with source register 0, 1 and 2 only")
	}
}

// emitHelper makes a call of a helper.
func (d *decoder) emitHelper(i int) error {
	in := d.nodes[i].in
	fn := asm.BuiltinFunc(in.Constant)
	if in.Reference() != "" && in.Constant == -1 {
		return d.errAt(i, "%s is declared and nothing defines it: link the object that does, or declare it __ksym if it is a kfunc", in.Reference())
	}
	if uint32(fn) == coreSentinel {
		d.trap(i, ErrPoisoned, "the CO-RE relocation of this instruction found no match in the given BTF: guard it with bpf_core_field_exists or bpf_core_type_exists, or give the BTF of a kernel that has the type")
		return nil
	}
	h, ok := d.m.helperFor(fn)
	if !ok {
		return fmt.Errorf("%w: %w", ErrUnsupported, d.errAt(i, "helper %s (number %d) is not one this package has: give it in Options.Helpers, or leave the program out with Options.Programs", helperName(fn), uint32(fn)))
	}
	d.put(i, op{code: opHelper, imm: uint64(h)})
	return nil
}

// trap makes an op that stops the program if it is reached.
func (d *decoder) trap(i int, kind error, what string) {
	d.put(i, op{code: opTrap, imm: uint64(len(d.p.traps))})
	d.p.traps = append(d.p.traps, &problem{kind: kind, what: what})
}

// emitMemory makes the ops of a load, a store, an atomic operation or lddw.
func (d *decoder) emitMemory(i int) error {
	in := d.nodes[i].in
	class, mode, size := in.OpCode.Class(), in.OpCode.Mode(), in.OpCode.Size()
	o := op{dst: uint8(in.Dst), src: uint8(in.Src), off: int32(in.Offset)}
	order := map[asm.Size]opcode{asm.Byte: 0, asm.Half: 1, asm.Word: 2, asm.DWord: 3}[size]
	if (class == asm.LdClass || class == asm.LdXClass) && in.Dst == asm.R10 && !isPoisonedLoad(in) {
		return d.errAt(i, "r10 is read-only")
	}
	switch {
	case in.OpCode.IsDWordLoad():
		return d.emitLoadImm(i)
	case class == asm.LdClass && (mode == asm.AbsMode || mode == asm.IndMode):
		return fmt.Errorf("%w: %w", ErrUnsupported, d.errAt(i, "packet access instructions are deprecated (RFC 9669, section 5.5) and need a packet: read it through the context or a helper"))
	case class == asm.LdXClass && mode == asm.MemMode:
		if in.Constant != 0 {
			return d.reserved(i, "immediate")
		}
		o.code = opLd8 + order
		d.put(i, inFrame(o, o.src, opLdFrame8+order, size))
		d.swap(i, o.dst, size)
	case class == asm.LdXClass && mode == asm.MemSXMode && size != asm.DWord:
		if in.Constant != 0 {
			return d.reserved(i, "immediate")
		}
		o.code = opLdSX8 + order
		if d.m.swapped && size != asm.Byte {
			o.code = opLd8 + order
			d.put(i, o)
			d.swap(i, o.dst, size)
			d.put(i, op{code: opMovSX8 + order, dst: o.dst, src: o.dst})
			return nil
		}
		d.put(i, o)
	case class == asm.StClass && mode == asm.MemMode:
		if in.Src != 0 {
			return d.reserved(i, "source register")
		}
		o.code = opSt8K + order
		o.imm = uint64(in.Constant)
		if d.m.swapped {
			o.imm = swapped(o.imm, size)
		}
		d.put(i, inFrame(o, o.dst, opStFrame8K+order, size))
	case class == asm.StXClass && mode == asm.MemMode:
		if in.Constant != 0 {
			return d.reserved(i, "immediate")
		}
		o.code = opSt8X + order
		if d.m.swapped && size != asm.Byte {
			d.put(i, op{code: opMov64X, dst: scratch, src: o.src})
			d.swap(i, scratch, size)
			o.src = scratch
		}
		d.put(i, inFrame(o, o.dst, opStFrame8X+order, size))
	case class == asm.StXClass && mode == asm.AtomicMode:
		return d.emitAtomic(i)
	default:
		return d.undefined(i)
	}
	return nil
}

// inFrame makes an access through base one of the frame, if it is one and stays
// inside.
func inFrame(o op, base uint8, code opcode, size asm.Size) op {
	if at := o.off + stackSize; base == uint8(asm.R10) && at >= 0 && at+int32(size.Sizeof()) <= stackSize {
		o.code, o.off = code, at
	}
	return o
}

// swap reverses a register after a load from, or before a store to, the memory
// of a big-endian machine.
func (d *decoder) swap(i int, reg uint8, size asm.Size) {
	if !d.m.swapped {
		return
	}
	switch size {
	case asm.Half:
		d.put(i, op{code: opSwap16, dst: reg})
	case asm.Word:
		d.put(i, op{code: opSwap32, dst: reg})
	case asm.DWord:
		d.put(i, op{code: opSwap64, dst: reg})
	}
}

// swapped does the same to an immediate.
func swapped(v uint64, size asm.Size) uint64 {
	switch size {
	case asm.Half:
		return uint64(bits.ReverseBytes16(uint16(v)))
	case asm.Word:
		return uint64(bits.ReverseBytes32(uint32(v)))
	case asm.DWord:
		return bits.ReverseBytes64(v)
	default:
		return v
	}
}

// emitAtomic makes the op of an atomic instruction.
func (d *decoder) emitAtomic(i int) error {
	in := d.nodes[i].in
	size := in.OpCode.Size()
	kind := in.OpCode.AtomicOp()
	if extra := in.Constant &^ int64(kind>>8); extra != 0 {
		return d.errAt(i, "its immediate %#x is no atomic operation of RFC 9669", in.Constant)
	}
	switch kind {
	case loadAcquire, storeRelease:
		return fmt.Errorf("%w: %w", ErrUnsupported, d.errAt(i, "load-acquire and store-release came after RFC 9669: compile with -mcpu=v3, or use another atomic operation"))
	case asm.AddAtomic, asm.AndAtomic, asm.OrAtomic, asm.XorAtomic, asm.FetchAdd, asm.FetchAnd, asm.FetchOr, asm.FetchXor,
		asm.Xchg, asm.CmpXchg:
	default:
		return d.errAt(i, "atomic operation %#x is not one of RFC 9669", uint32(kind)>>8)
	}
	if kind&fetchBit != 0 && kind != asm.CmpXchg && in.Src == asm.R10 {
		return d.errAt(i, "r10 is read-only")
	}
	o := op{dst: uint8(in.Dst), src: uint8(in.Src), off: int32(in.Offset), imm: uint64(kind >> 8)}
	switch size {
	case asm.Word:
		o.code = opAtomic32
	case asm.DWord:
		o.code = opAtomic64
	default:
		return d.errAt(i, "atomic operations are of 32 or 64 bits")
	}
	d.put(i, o)
	return nil
}

// Of Linux 6.15.
const (
	loadAcquire  = asm.AtomicOp(0x100 << 8)
	storeRelease = asm.AtomicOp(0x110 << 8)
)

// fetchBit of an atomic operation says that the old value is kept.
const fetchBit = asm.AtomicOp(0x0100)
