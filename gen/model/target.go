// SPDX-License-Identifier: MIT

package model

import (
	"fmt"
	"slices"
	"strings"
)

// Target is a machine an ABI is described for. What it implies for layout
// (alignment of long long, bit-field rules) is package layout's business.
type Target struct {
	// Name is what the command line and snapshots say.
	Name string
	// GOARCH is Go's name of the target. The two BPF targets have no Go of
	// their own: their GOARCH is a 64-bit host of the same byte order, on which
	// records shared with BPF programs have the same layout.
	GOARCH string
	// BPF tells that the target is the BPF machine itself.
	BPF         bool
	BigEndian   bool  // the most significant byte comes first
	PointerSize int64 // bytes
	CharSigned  bool  // plain char is signed
}

var targets = []Target{
	{Name: "bpfel", GOARCH: "amd64", BPF: true, PointerSize: 8, CharSigned: true},
	{Name: "bpfeb", GOARCH: "s390x", BPF: true, BigEndian: true, PointerSize: 8, CharSigned: true},
	{Name: "amd64", GOARCH: "amd64", PointerSize: 8, CharSigned: true},
	{Name: "386", GOARCH: "386", PointerSize: 4, CharSigned: true},
	{Name: "arm64", GOARCH: "arm64", PointerSize: 8},
	{Name: "arm", GOARCH: "arm", PointerSize: 4},
	{Name: "riscv64", GOARCH: "riscv64", PointerSize: 8},
	{Name: "ppc64le", GOARCH: "ppc64le", PointerSize: 8},
	{Name: "s390x", GOARCH: "s390x", BigEndian: true, PointerSize: 8},
	{Name: "loong64", GOARCH: "loong64", PointerSize: 8, CharSigned: true},
	{Name: "mips", GOARCH: "mips", BigEndian: true, PointerSize: 4, CharSigned: true},
	{Name: "mips64le", GOARCH: "mips64le", PointerSize: 8, CharSigned: true},
}

// Targets lists every target abigen knows, BPF first.
func Targets() []Target { return slices.Clone(targets) }

// TargetByName returns the target with the given name. The error lists the
// names there are.
func TargetByName(name string) (Target, error) {
	names := make([]string, len(targets))
	for i, t := range targets {
		if t.Name == name {
			return t, nil
		}
		names[i] = t.Name
	}
	return Target{}, fmt.Errorf("target %q: unknown: choose one of %s", name, strings.Join(names, ", "))
}

// BPFOf returns the BPF target with the byte order of t.
func BPFOf(t Target) Target {
	if t.BigEndian {
		return targets[1]
	}
	return targets[0]
}
