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
	case loadImm64:
		o.imm = uint64(in.Constant)
		if in.Reference() != "" {
			o.imm = d.m.symbolAddress(in.Reference())
		}
	case loadVariable:
		if in.Reference() == "" {
			return d.errAt(i, "the kernel variable has a number and no name: load the object that was compiled")
		}
		o.imm = d.m.symbolAddress(in.Reference())
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
	if ref := in.Reference(); ref != "" && d.m.mapByName[ref] == nil {
		return d.kconfigAddress(i)
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
func (m *Machine) symbolAddress(name string) uint64 {
	if v, ok := m.opts.Ksyms[name]; ok {
		return v
	}
	if m.opts.Kfuncs[name] == nil {
		return 0
	}
	for id := range m.regions {
		if g := &m.regions[id]; g.kind == regionKfunc && m.names[g.owner] == name {
			return pointer(id)
		}
	}
	m.names = append(m.names, name)
	return pointer(m.addRegion(region{kind: regionKfunc, owner: int32(len(m.names) - 1)}))
}

// kconfigAddress gives the address of a kernel configuration variable, in a
// section made when the first one is referred to.
func (d *decoder) kconfigAddress(i int) (uint64, error) {
	m, name := d.m, d.nodes[i].in.Reference()
	if m.spec.Types == nil {
		return 0, d.errAt(i, "there is no map or section %q, and without BTF it cannot be found among configuration variables: compile with -g", name)
	}
	var section *btf.Datasec
	if err := m.spec.Types.TypeByName(".kconfig", &section); err != nil {
		return 0, d.errAt(i, "there is no map or section %q: the object has %s", name, list(m.Maps()))
	}
	for _, v := range section.Vars {
		va, ok := v.Type.(*btf.Var)
		if !ok || va.Name != name {
			continue
		}
		value, ok := m.opts.Kconfig[name]
		if !ok {
			return 0, d.errAt(i, "the program reads the kernel configuration variable %s: give its value in Options.Kconfig", name)
		}
		b, err := m.marshal(value, int(v.Size))
		if err != nil {
			return 0, d.errAt(i, "Options.Kconfig[%q]: %v", name, err)
		}
		for id := range m.regions {
			if g := &m.regions[id]; g.kind == regionMemory && m.names[g.owner] == "kconfig "+name {
				return pointer(id), nil
			}
		}
		m.names = append(m.names, "kconfig "+name)
		return pointer(m.addRegion(region{kind: regionMemory, data: b, owner: int32(len(m.names) - 1)})), nil
	}
	return 0, d.errAt(i, "there is no map, section or configuration variable %q", name)
}
