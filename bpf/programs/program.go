// SPDX-License-Identifier: MIT

package programs

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/cilium/ebpf"

	"github.com/fuseiomap/abigen/bpf/emu"
	"github.com/fuseiomap/abigen/bpf/programs/internal/object"
)

// Program is one of the reference programs.
type Program struct {
	name string
	doc  string
}

// The programs.
var (
	Linear     = Program{"linear", "a file is one run of bytes on one device"}
	Stripe     = Program{"stripe", "RAID0 over up to 256 devices"}
	Interleave = Program{"interleave", "up to 32 extents, each spread over up to 16 strips"}
	Extents    = Program{"extents", "sorted extents and holes, from a few to many millions"}
	Pattern    = Program{"pattern", "something to see with FIEMAP"}
	Append     = Program{"append", "sizes on disk and unwritten ranges, after the write"}
	Observe    = Program{"observe", "counts and samples of what is asked for; answers nothing"}
	Cached     = Program{"cached", "stripe that fills the kernel's mapping cache, from revision 3 on"}
)

// All lists the programs in the order of the package's documentation.
func All() []Program {
	return []Program{Linear, Stripe, Interleave, Extents, Pattern, Append, Observe, Cached}
}

// ByName gives the program of that name.
func ByName(name string) (Program, bool) {
	for _, p := range All() {
		if p.name == name {
			return p, true
		}
	}
	return Program{}, false
}

// Name is that of the source file, and of the struct_ops map.
func (p Program) Name() string { return p.name }

// Doc says in a few words what it does.
func (p Program) Doc() string { return p.doc }

// Object gives the compiled ELF object for a byte order; nil is this machine's.
func (p Program) Object(order binary.ByteOrder) []byte {
	suffix := "_bpfel.o"
	if order == nil {
		order = binary.NativeEndian
	}
	if order.Uint16([]byte{0, 1}) == 1 {
		suffix = "_bpfeb.o"
	}
	b, err := object.FS.ReadFile(p.name + suffix)
	if err != nil {
		panic("programs: " + err.Error()) // a Program of someone else's making
	}
	return b
}

// Spec gives what ebpf.NewCollection or emu.NewIomap load, for a byte order;
// nil is this machine's.
func (p Program) Spec(order binary.ByteOrder) (*ebpf.CollectionSpec, error) {
	spec, err := ebpf.LoadCollectionSpecFromReader(bytes.NewReader(p.Object(order)))
	if err != nil {
		return nil, fmt.Errorf("programs: %s: %w", p.name, err)
	}
	return spec, nil
}

// Params are a program's parameters.
type Params interface {
	// Program is the one they are for.
	Program() Program
	// Validate tells what is wrong with them.
	Validate() error
	// Configure sets variables and the sizes of maps, before spec is loaded.
	Configure(spec *ebpf.CollectionSpec) error
	// Fill enters all files, once it is loaded.
	Fill(s Store) error
}

// Emulate loads a program with its parameters into an interpreter.
func Emulate(p Params, order binary.ByteOrder, opts emu.IomapOptions) (*emu.Iomap, error) {
	spec, err := p.Program().Spec(order)
	if err != nil {
		return nil, err
	}
	if err := p.Configure(spec); err != nil {
		return nil, err
	}
	m, err := emu.NewIomap(spec, opts)
	if err != nil {
		return nil, err
	}
	return m, p.Fill(InEmulator(m.Machine))
}
