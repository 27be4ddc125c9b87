// SPDX-License-Identifier: MIT

package emu

import (
	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
)

// Source registers of lddw, RFC 9669 section 5.4.
const (
	loadImm64      = 0
	loadMap        = 1
	loadMapValue   = 2
	loadVariable   = 3
	loadFunction   = 4
	loadMapIndex   = 5
	loadIndexValue = 6
)

// coreSentinel marks instructions whose relocation found nothing.
const coreSentinel = btf.COREBadRelocationSentinel

// isPoisonedLoad recognises what a failed relocation turns lddw into.
func isPoisonedLoad(in *asm.Instruction) bool {
	return in.OpCode.IsDWordLoad() && in.Dst == asm.R10 && in.Constant == coreSentinel
}

// emitLoadImm makes lddw: a number, or the address of something the machine
// has placed.
func (d *decoder) emitLoadImm(i int) error {
	n := &d.nodes[i]
	in := n.in
	o := op{code: opMov64K, dst: uint8(in.Dst)}
	if isPoisonedLoad(in) {
		d.trap(i, ErrPoisoned, "the CO-RE relocation of this instruction found no match in the given BTF: guard it with bpf_core_type_exists or bpf_core_enum_value_exists, or give the BTF of a kernel that has it")
		return nil
	}
	if in.Offset != 0 {
		return d.reserved(i, "offset")
	}
	switch in.Src {
	case loadImm64, loadVariable:
		o.imm = uint64(in.Constant)
		switch name := in.Reference(); {
		case name != "":
			addr, ok := d.m.symbolAddress(name)
			if !ok && isStrong(in) {
				return d.errAt(i, "the program needs the kernel's %s: give it in Options.Kfuncs or Options.Ksyms, or declare it __weak and test it", name)
			}
			o.imm = addr
		case in.Src == loadVariable:
			return d.errAt(i, "the kernel variable has a number and no name: load the object that was compiled")
		}
	case loadFunction:
		o.imm = uint64(n.target)
	case loadMap, loadMapIndex:
		mp, err := d.mapOf(i)
		if err != nil {
			return err
		}
		o.imm = mp.handle
	case loadMapValue, loadIndexValue:
		addr, err := d.valueAddress(i)
		if err != nil {
			return err
		}
		o.imm = addr
	default:
		return d.errAt(i, "RFC 9669 defines this instruction with source register 0 to 6 only")
	}
	d.put(i, o)
	return nil
}

// mapOf gives the map an instruction refers to.
func (d *decoder) mapOf(i int) (*Map, error) {
	in := d.nodes[i].in
	name := in.Reference()
	if in.Src == loadMapIndex || in.Src == loadIndexValue {
		k := int(uint32(in.Constant))
		if k >= len(d.m.opts.MapIndex) {
			return nil, d.errAt(i, "it loads map number %d and Options.MapIndex names %d", k, len(d.m.opts.MapIndex))
		}
		name = d.m.opts.MapIndex[k]
	}
	if name == "" {
		return nil, d.errAt(i, "it loads a map by file descriptor: refer to one of the collection by name, with asm.Instruction.WithReference")
	}
	mp := d.m.mapByName[name]
	if mp == nil {
		return nil, d.errAt(i, "there is no map %q: the object has %s", name, list(d.m.Maps()))
	}
	if mp.typ == ebpf.StructOpsMap {
		return nil, d.errAt(i, "map %q is a struct_ops map, which programs cannot use", name)
	}
	return mp, nil
}

// valueAddress gives the address of a global variable.
func (d *decoder) valueAddress(i int) (uint64, error) {
	in := d.nodes[i].in
	off := uint64(in.Constant) >> 32
	if at, ok := kconfigOffset(in); ok {
		return d.kconfigAddress(i, at)
	}
	mp, err := d.mapOf(i)
	if err != nil {
		return 0, err
	}
	if mp.typ != ebpf.Array || mp.max != 1 {
		return 0, d.errAt(i, "map %q is no data section: the address of a value is only known in an array of one element; look it up instead", mp.name)
	}
	if off >= uint64(mp.valueSize) {
		return 0, d.errAt(i, "offset %d is past the end of %q, which has %s", off, mp.name, plural(uint64(mp.valueSize), "byte"))
	}
	return mp.array.address(mp, 0, 0) + off, nil
}

// symbolAddress gives the address of a kfunc or kernel variable, 0 if the
// options do not have it.
func (m *Machine) symbolAddress(name string) (addr uint64, ok bool) {
	if v, ok := m.opts.Ksyms[name]; ok {
		return v, true
	}
	if _, ok := kfuncTable[name]; !ok && m.opts.Kfuncs[name] == nil {
		return 0, false
	}
	if id := m.regionNamed(regionKfunc, name); id != 0 {
		return pointer(id), true
	}
	m.names = append(m.names, name)
	return pointer(m.addRegion(region{kind: regionKfunc, owner: int32(len(m.names) - 1)})), true
}

// regionNamed finds a region by its name, 0 if there is none.
func (m *Machine) regionNamed(kind regionKind, name string) int {
	for id := range m.regions {
		if g := &m.regions[id]; g.kind == kind && m.names[g.owner] == name {
			return id
		}
	}
	return 0
}

// kconfigAddress gives the address of the kernel configuration variable at an
// offset of .kconfig, a section only BTF knows.
func (d *decoder) kconfigAddress(i int, at uint32) (uint64, error) {
	var section *btf.Datasec
	if d.m.spec.Types == nil || d.m.spec.Types.TypeByName(".kconfig", &section) != nil {
		return 0, d.errAt(i, "it reads a kernel configuration variable, which cannot be found without BTF: compile with -g")
	}
	for _, v := range section.Vars {
		if va, ok := v.Type.(*btf.Var); ok && v.Offset == at {
			return d.kconfigValue(i, va.Name, int(v.Size))
		}
	}
	return 0, d.errAt(i, "BTF has no kernel configuration variable at offset %d of .kconfig", at)
}

// kconfigValue puts the value of a configuration variable into memory of its
// own.
func (d *decoder) kconfigValue(i int, name string, size int) (uint64, error) {
	m := d.m
	value, ok := m.opts.Kconfig[name]
	if !ok {
		return 0, d.errAt(i, "the program reads the kernel configuration variable %s: give its value in Options.Kconfig", name)
	}
	b, err := m.marshal(value, size)
	if err != nil {
		return 0, d.errAt(i, "Options.Kconfig[%q]: %v", name, err)
	}
	if id := m.regionNamed(regionMemory, "kconfig "+name); id != 0 {
		return pointer(id), nil
	}
	m.names = append(m.names, "kconfig "+name)
	return pointer(m.addRegion(region{kind: regionMemory, data: b, owner: int32(len(m.names) - 1)})), nil
}
