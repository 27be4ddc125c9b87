// SPDX-License-Identifier: MIT

package jit

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/rlimit"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/emu"
)

// Offsets in the value of the shared map, which R6 points to around the call.
const (
	ArgsAt    = 0   // the arguments, 8 bytes each
	InodeAt   = 128 // struct fuse_inode
	OutAt     = 192 // the answer
	RetAt     = 256 // what the program returned, 4 bytes
	ScratchAt = 512 // for Options.Before and After, up to the end
	ioSize    = 4096
	ctxSlots  = 8
)

const ioMap = "jit_io"

// Machine is a loaded object.
type Machine struct {
	coll *ebpf.Collection
	spec *ebpf.CollectionSpec
	io   *ebpf.Map
	mem  *ebpf.Memory
	in   [OutAt + abi.SizeofIomapBeginOut]byte
	out  [RetAt - OutAt + 8]byte
	prog map[string]*ebpf.Program // by struct_ops member
}

// callback is a member of the struct_ops type: how many arguments it has, and
// which of them is the answer; -1 is none.
type callback struct {
	args, out int
}

var callbacks = map[string]callback{
	"iomap_begin": {5, 4},
	"iomap_end":   {5, -1},
	"iomap_ioend": {8, 7},
}

// Available tells why the kernel may not be used; nil if it may.
func Available() error {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return errors.New("the kernel is big-endian: the fixtures of its types are not")
	}
	_ = rlimit.RemoveMemlock() // what it is for fails below, with a better message
	p, err := ebpf.NewProgram(&ebpf.ProgramSpec{Type: ebpf.SchedCLS, License: "GPL", Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 0), asm.Return()}})
	if err != nil {
		return fmt.Errorf("the kernel may not be used: %w: run as root with CAP_BPF; .ci/run does", err)
	}
	return p.Close()
}

// Options add to the wrapper of iomap_begin.
type Options struct {
	// Before runs before the call and may change the arguments, After runs after
	// it and may look at the answer. R6 points to the shared memory and must be
	// left alone; R0 to R5 are free.
	Before, After asm.Instructions
}

// New loads the maps of a collection, and each program that its struct_ops map
// refers to behind a wrapper.
func New(spec *ebpf.CollectionSpec) (*Machine, error) { return NewWithOptions(spec, Options{}) }

// NewWithOptions does the same with more in the wrapper.
func NewWithOptions(spec *ebpf.CollectionSpec, opts Options) (*Machine, error) {
	types, err := emu.RevisionTypes("R2", binary.LittleEndian)
	if err != nil {
		return nil, err
	}
	out := &ebpf.CollectionSpec{Maps: map[string]*ebpf.MapSpec{}, Programs: map[string]*ebpf.ProgramSpec{}, Variables: spec.Variables, Types: spec.Types, ByteOrder: spec.ByteOrder}
	for name, m := range spec.Maps {
		if m.Type != ebpf.StructOpsMap {
			out.Maps[name] = m
		}
	}
	out.Maps[ioMap] = &ebpf.MapSpec{Name: ioMap, Type: ebpf.Array, KeySize: 4, ValueSize: ioSize, MaxEntries: 1, Flags: 1 << 10} // BPF_F_MMAPABLE
	names := map[string]string{}
	for name, p := range spec.Programs {
		member := p.AttachTo
		if i := len("fuse_iomap_bpf_ops:"); p.Type == ebpf.StructOps && len(member) > i {
			member = member[i:]
		}
		shape, ok := callbacks[member]
		if !ok {
			continue
		}
		body, err := relocated(spec, p, types)
		if err != nil {
			return nil, fmt.Errorf("program %s: %w", name, err)
		}
		out.Programs[name] = &ebpf.ProgramSpec{Name: "jit", Type: ebpf.SchedCLS, License: "GPL", Instructions: append(wrapper(member, shape, opts), body...)}
		names[member] = name
	}
	c, err := ebpf.NewCollectionWithOptions(out, ebpf.CollectionOptions{Programs: ebpf.ProgramOptions{LogSizeStart: 1 << 20}})
	if err != nil {
		return nil, err
	}
	m := &Machine{coll: c, spec: out, io: c.Maps[ioMap], prog: map[string]*ebpf.Program{}}
	if m.mem, err = m.io.Memory(); err != nil {
		c.Close()
		return nil, err
	}
	for member, name := range names {
		m.prog[member] = c.Programs[name]
	}
	return m, nil
}

// Close unloads everything.
func (m *Machine) Close() { m.coll.Close() }

// Collection is what was loaded.
func (m *Machine) Collection() *ebpf.Collection { return m.coll }

// Spec is what it was loaded from.
func (m *Machine) Spec() *ebpf.CollectionSpec { return m.spec }

// Verified gives how many instructions the verifier walked through for a
// member's program, the wrapper's included.
func (m *Machine) Verified(member string) (uint32, bool) {
	p := m.prog[member]
	if p == nil {
		return 0, false
	}
	info, err := p.Info()
	if err != nil {
		return 0, false
	}
	return info.VerifiedInstructions()
}

// Begin calls iomap_begin.
func (m *Machine) Begin(nodeid uint64, in abi.IomapBeginIn) (out abi.IomapBeginOut, ret abi.IomapBPFRet, err error) {
	p := m.prog["iomap_begin"]
	if p == nil {
		return out, abi.FIB_FALLBACK, nil
	}
	m.set(nodeid, in.AttrIno, in.Pos, in.Count, uint64(in.Opflags))
	if ret, err = m.run(p); err != nil {
		return out, 0, err
	}
	return out, ret, out.DecodeLittleEndian(m.out[:])
}

// End calls iomap_end.
func (m *Machine) End(nodeid uint64, in abi.IomapEndIn) (abi.IomapBPFRet, error) {
	p := m.prog["iomap_end"]
	if p == nil {
		return abi.FIB_FALLBACK, nil
	}
	m.setEnd(nodeid, in)
	return m.run(p)
}

func (m *Machine) setEnd(nodeid uint64, in abi.IomapEndIn) {
	m.set(nodeid, in.AttrIno, in.Pos, in.Count, uint64(in.Written), uint64(in.Opflags))
}

// Ioend calls iomap_ioend.
func (m *Machine) Ioend(nodeid uint64, in abi.IomapIoendIn, newsize uint64) (out abi.IomapIoendOut, ret abi.IomapBPFRet, err error) {
	out.Newsize = newsize
	p := m.prog["iomap_ioend"]
	if p == nil {
		return out, abi.FIB_FALLBACK, nil
	}
	m.setIoend(nodeid, in, newsize)
	if ret, err = m.run(p); err != nil {
		return out, 0, err
	}
	out.Newsize = binary.LittleEndian.Uint64(m.out[:])
	return out, ret, nil
}

func (m *Machine) setIoend(nodeid uint64, in abi.IomapIoendIn, newsize uint64) {
	m.set(nodeid, in.AttrIno, in.Pos, in.Written, uint64(in.Flags), uint64(int64(in.Error)), uint64(in.Dev), in.NewAddr)
	binary.LittleEndian.PutUint64(m.in[OutAt:], newsize)
}

// Repeat runs iomap_begin n times for one request, without coming back in
// between, and gives the time of a call in nanoseconds, the kernel's test loop
// included.
func (m *Machine) Repeat(nodeid uint64, in abi.IomapBeginIn, n int) (float64, error) {
	m.set(nodeid, in.AttrIno, in.Pos, in.Count, uint64(in.Opflags))
	return m.repeat("iomap_begin", n)
}

// RepeatEnd does the same with iomap_end.
func (m *Machine) RepeatEnd(nodeid uint64, in abi.IomapEndIn, n int) (float64, error) {
	m.setEnd(nodeid, in)
	return m.repeat("iomap_end", n)
}

// RepeatIoend does the same with iomap_ioend. The answer of a call stays for the
// next one.
func (m *Machine) RepeatIoend(nodeid uint64, in abi.IomapIoendIn, newsize uint64, n int) (float64, error) {
	m.setIoend(nodeid, in, newsize)
	return m.repeat("iomap_ioend", n)
}

func (m *Machine) repeat(member string, n int) (float64, error) {
	p := m.prog[member]
	if p == nil {
		return 0, fmt.Errorf("jit: no program is attached to %s", member)
	}
	if _, err := m.mem.WriteAt(m.in[:], 0); err != nil {
		return 0, err
	}
	_, d, err := p.Benchmark(make([]byte, 64), n, nil)
	return float64(d) / float64(time.Nanosecond), err
}

// Scratch reads and writes the memory from [ScratchAt] on, as 64-bit numbers.
func (m *Machine) Scratch(i int) (uint64, error) {
	var b [8]byte
	_, err := m.mem.ReadAt(b[:], int64(ScratchAt+8*i))
	return binary.LittleEndian.Uint64(b[:]), err
}

// SetScratch changes one of the numbers.
func (m *Machine) SetScratch(i int, v uint64) error {
	_, err := m.mem.WriteAt(binary.LittleEndian.AppendUint64(nil, v), int64(ScratchAt+8*i))
	return err
}

// set writes what a call is passed, and an answer of zeroes.
func (m *Machine) set(nodeid, ino uint64, args ...uint64) {
	clear(m.in[:])
	for i, a := range args {
		binary.LittleEndian.PutUint64(m.in[ArgsAt+8*(1+i):], a)
	}
	binary.LittleEndian.PutUint64(m.in[InodeAt:], nodeid)
	binary.LittleEndian.PutUint64(m.in[InodeAt+8:], ino)
}

var packet = make([]byte, 64)

func (m *Machine) run(p *ebpf.Program) (abi.IomapBPFRet, error) {
	if _, err := m.mem.WriteAt(m.in[:], 0); err != nil {
		return 0, err
	}
	if _, err := p.Run(&ebpf.RunOptions{Data: packet}); err != nil {
		return 0, err
	}
	if _, err := m.mem.ReadAt(m.out[:], OutAt); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	return abi.IomapBPFRet(binary.LittleEndian.Uint64(m.out[RetAt-OutAt:])), nil
}

// wrapper makes the context and calls the program.
func wrapper(member string, c callback, opts Options) asm.Instructions {
	const ctx = -8 * ctxSlots
	insns := asm.Instructions{
		btf.WithFuncMetadata(asm.LoadMapValue(asm.R6, 0, 0).WithReference(ioMap).WithSymbol("jit"), function("jit")),
	}
	if member == "iomap_begin" {
		insns = append(insns, opts.Before...)
	} else {
		opts.After = nil
	}
	for i := 1; i < c.args; i++ {
		if i == c.out {
			continue
		}
		insns = append(insns, asm.LoadMem(asm.R0, asm.R6, int16(ArgsAt+8*i), asm.DWord), asm.StoreMem(asm.RFP, int16(ctx+8*i), asm.R0, asm.DWord))
	}
	pointer := func(slot, at int) {
		insns = append(insns, asm.Mov.Reg(asm.R0, asm.R6), asm.Add.Imm(asm.R0, int32(at)), asm.StoreMem(asm.RFP, int16(ctx+8*slot), asm.R0, asm.DWord))
	}
	pointer(0, InodeAt)
	if c.out >= 0 {
		pointer(c.out, OutAt)
	}
	insns = append(insns,
		asm.Mov.Reg(asm.R1, asm.RFP), asm.Add.Imm(asm.R1, ctx), asm.Call.Label("body"),
		asm.StoreMem(asm.R6, RetAt, asm.R0, asm.Word))
	insns = append(insns, opts.After...)
	return append(insns, asm.Mov.Imm(asm.R0, 0), asm.Return())
}

// function describes a function to the kernel: it wants all or none described.
func function(name string) *btf.Func {
	u64 := &btf.Int{Name: "u64", Size: 8}
	return &btf.Func{Name: name, Linkage: btf.StaticFunc, Type: &btf.FuncProto{
		Return: &btf.Int{Name: "int", Size: 4, Encoding: btf.Signed}, Params: []btf.FuncParam{{Name: "ctx", Type: &btf.Pointer{Target: u64}}},
	}}
}

// relocated gives a program's instructions as a static function, relocated
// against types and without what the loader would do again.
func relocated(spec *ebpf.CollectionSpec, p *ebpf.ProgramSpec, types *btf.Spec) (asm.Instructions, error) {
	insns := append(asm.Instructions(nil), p.Instructions...)
	var relos []*btf.CORERelocation
	var at []int
	for i := range insns {
		if r := btf.CORERelocationMetadata(&insns[i]); r != nil {
			relos, at = append(relos, r), append(at, i)
		}
	}
	if len(relos) > 0 {
		fixups, err := btf.CORERelocate(relos, []*btf.Spec{types}, spec.ByteOrder, spec.Types.TypeID)
		if err != nil {
			return nil, err
		}
		for i, f := range fixups {
			if err := f.Apply(&insns[at[i]]); err != nil {
				return nil, err
			}
		}
	}
	for i := range insns {
		in := &insns[i]
		ref, label := in.Reference(), in.Symbol()
		if in.IsFunctionCall() {
			return nil, errors.New("the program has functions of its own: inline them")
		}
		in.Metadata = asm.Metadata{}
		if label != "" {
			*in = in.WithSymbol(label)
		}
		switch {
		case in.IsKfuncCall():
			// Number 0 is no function: the verifier says so if it gets here.
			in.Constant, in.Offset = 0, 0
		case in.OpCode.JumpOp() != asm.InvalidJumpOp || in.IsLoadFromMap():
			if ref != "" {
				*in = in.WithReference(ref)
			}
		}
	}
	insns[0] = btf.WithFuncMetadata(insns[0].WithSymbol("body"), function("body"))
	return insns, nil
}
