// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
)

// equivalent reports whether two objects hold the same programs, maps and
// variables, whatever else their ELF and debug information say.
func equivalent(a, b []byte) (bool, error) {
	x, err := disassemble(a)
	if err != nil {
		return false, err
	}
	y, err := disassemble(b)
	return x == y, err
}

// disassemble writes down what a loader takes from an object.
func disassemble(object []byte) (string, error) {
	spec, err := ebpf.LoadCollectionSpecFromReader(bytes.NewReader(object))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(spec.Programs)) {
		p := spec.Programs[name]
		fmt.Fprintf(&b, "program %s: %v %s %s\n", name, p.Type, p.SectionName, p.AttachTo)
		for _, in := range p.Instructions {
			in.Metadata = in.WithSource(nil).Metadata
			fmt.Fprintf(&b, "\t%v %s\n", in, in.Reference())
		}
	}
	for _, name := range slices.Sorted(maps.Keys(spec.Maps)) {
		m := spec.Maps[name]
		fmt.Fprintf(&b, "map %s: %v %d %d %d %#x\n", name, m.Type, m.KeySize, m.ValueSize, m.MaxEntries, m.Flags)
		if m.Type == ebpf.Array {
			for _, kv := range m.Contents {
				fmt.Fprintf(&b, "\t%v %v\n", kv.Key, kv.Value)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(spec.Variables)) {
		v := spec.Variables[name]
		fmt.Fprintf(&b, "variable %s: %s %d %d %x\n", name, v.SectionName, v.Offset, v.Size(), v.Value)
	}
	return b.String(), nil
}
