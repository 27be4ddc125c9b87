// SPDX-License-Identifier: MIT

package emu

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
)

// relocate applies the CO-RE relocations of a program, in place. An instruction
// whose relocation finds no match is poisoned and stops the program only when
// it is reached, as in the kernel, where the verifier does not follow branches
// that a type-existence test rules out.
func (m *Machine) relocate(insns asm.Instructions) error {
	var relos []*btf.CORERelocation
	var at []int
	slot, slots := 0, []int(nil)
	for i := range insns {
		if r := btf.CORERelocationMetadata(&insns[i]); r != nil {
			relos = append(relos, r)
			at = append(at, i)
			slots = append(slots, slot)
		}
		slot += int(insns[i].Width())
	}
	if len(relos) == 0 {
		return nil
	}
	first := where{slots[0], &insns[at[0]], sourceOf(insns, at[0])}
	if m.opts.KernelTypes == nil {
		return first.at(insns.Name(), "it has the CO-RE relocation %q, and there are no types to make it against: set Options.KernelTypes, for instance to what btf.LoadSpec or btf.LoadKernelSpec gives", relos[0])
	}
	targets := append([]*btf.Spec{m.opts.KernelTypes}, m.opts.ModuleTypes...)
	local := func(t btf.Type) (btf.TypeID, error) {
		if m.spec.Types == nil {
			return 0, errors.New("the collection has no BTF of its own")
		}
		return m.spec.Types.TypeID(t)
	}
	fixups, err := btf.CORERelocate(relos, targets, m.bo, local)
	if err != nil {
		return fmt.Errorf("CO-RE relocations, the first at %w: %w: Options.KernelTypes must be BTF in the object's byte order", first.at(insns.Name(), "%s", relos[0]), err)
	}
	for i, f := range fixups {
		if err := f.Apply(&insns[at[i]]); err != nil {
			return where{slots[i], &insns[at[i]], sourceOf(insns, at[i])}.at(insns.Name(), "CO-RE relocation %q: %v", relos[i], err)
		}
	}
	return nil
}
