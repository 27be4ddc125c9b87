// SPDX-License-Identifier: MIT

package emu

import (
	"fmt"
	"strings"

	"github.com/cilium/ebpf"
)

// Variable is a global variable of the object.
type Variable struct {
	m    *Machine
	spec *ebpf.VariableSpec
	mem  []byte
}

// loadVariables finds the variables of the data sections.
func (m *Machine) loadVariables() error {
	for _, name := range sortedKeys(m.spec.Variables) {
		v := m.spec.Variables[name]
		mp := m.mapByName[v.SectionName]
		if mp == nil || mp.array == nil {
			return fmt.Errorf("variable %s: there is no data section %q", name, v.SectionName)
		}
		if uint64(v.Offset)+uint64(v.Size()) > uint64(mp.valueSize) {
			return fmt.Errorf("variable %s: it has %s at offset %d of %s, which has %d", name, plural(uint64(v.Size()), "byte"), v.Offset, v.SectionName, mp.valueSize)
		}
		mem := mp.array.value(mp, 0, 0)[v.Offset : v.Offset+v.Size()]
		m.variables[name] = &Variable{m: m, spec: v, mem: mem}
	}
	return nil
}

// fillVariables puts the values variables were given before [New] over those
// in the contents of a section.
func (m *Machine) fillVariables(mp *Map) error {
	if mp.array == nil || !strings.HasPrefix(mp.name, ".") {
		return nil
	}
	section := mp.array.value(mp, 0, 0)
	for _, v := range m.spec.Variables {
		if v.SectionName != mp.name {
			continue
		}
		if uint64(v.Offset)+uint64(len(v.Value)) > uint64(len(section)) {
			return fmt.Errorf("variable %s: its value does not fit into section %s", v.Name, mp.name)
		}
		copy(section[v.Offset:], v.Value)
	}
	return nil
}

// Variable gives a global variable by its name.
func (m *Machine) Variable(name string) (*Variable, error) {
	v := m.variables[name]
	if v == nil {
		return nil, fmt.Errorf("emu: no variable %q: the object has %s; static variables have no entry", name, list(m.Variables()))
	}
	return v, nil
}

// Spec is what the variable was loaded from.
func (v *Variable) Spec() *ebpf.VariableSpec { return v.spec }

// Size is the variable's, in bytes.
func (v *Variable) Size() int { return len(v.mem) }

// Get copies the variable's value to out, as [Map.Lookup] does.
func (v *Variable) Get(out any) error {
	if err := v.m.unmarshal(v.mem, out); err != nil {
		return fmt.Errorf("emu: variable %s: %w", v.spec.Name, err)
	}
	return nil
}

// Set changes the variable, constants too: between calls the test decides what
// they are.
func (v *Variable) Set(in any) error {
	b, err := v.m.marshal(in, len(v.mem))
	if err != nil {
		return fmt.Errorf("emu: variable %s: %w", v.spec.Name, err)
	}
	copy(v.mem, b)
	return nil
}
