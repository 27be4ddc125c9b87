// SPDX-License-Identifier: MIT

package btfsrc

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fuseiomap/abigen/gen/model"
)

func TestMachineOfAnELFFileIsItsTarget(t *testing.T) {
	for _, c := range []struct {
		machine elf.Machine
		big     bool
		want    string
	}{
		{elf.EM_X86_64, false, "amd64"},
		{elf.EM_AARCH64, false, "arm64"},
		{elf.EM_RISCV, false, "riscv64"},
		{elf.EM_PPC64, false, "ppc64le"},
		{elf.EM_S390, true, "s390x"},
		{elf.EM_LOONGARCH, false, "loong64"},
		{elf.EM_MIPS, false, "mips64le"},
		{elf.EM_BPF, false, "bpfel"},
		{elf.EM_BPF, true, "bpfeb"},
		// None of ours: a machine of the same byte order stands in.
		{elf.EM_PPC64, true, "bpfeb"},
		{elf.EM_SPARCV9, true, "bpfeb"},
		{elf.EM_ALPHA, false, "bpfel"},
	} {
		e := newEncoder(c.big)
		e.record(kindStruct, "s", 8, member{"p", e.pointer(0), 0})
		a := mustRead(t, elfFile(c.machine, c.big, map[string][]byte{".BTF": e.blob()}), Options{})
		if a.Target != c.want || a.Record("s") == nil {
			t.Errorf("%s: target %s, want %s", c.machine, a.Target, c.want)
		}
	}
}

func TestCompiledObjectIsAProgram(t *testing.T) {
	e := newEncoder(false)
	e.record(kindStruct, "event", 4, member{"v", e.integer("int", 4, encodedSigned), 0})
	raw := elfFile(elf.EM_BPF, false, map[string][]byte{".BTF": e.blob()})
	a, err := Read("some/folder/prog.o", raw, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []model.Evidence{model.Records, model.Pointees, model.Enums, model.Prototypes, model.Kfuncs}
	if a.Source != "elf:prog.o" || a.Side != model.SideProgram || !cmp.Equal(a.Attests, want) {
		t.Errorf("source %s, side %s, evidence %v", a.Source, a.Side, a.Attests)
	}
}

func TestELFWithoutBTFSaysHowToGetIt(t *testing.T) {
	for machine, hint := range map[elf.Machine]string{elf.EM_BPF: "compile it with -g", elf.EM_X86_64: "CONFIG_DEBUG_INFO_BTF"} {
		_, err := Read("prog.o", elfFile(machine, false, nil), Options{})
		if !errors.Is(err, ErrNoBTF) || !strings.HasPrefix(err.Error(), "prog.o: ") || !strings.Contains(err.Error(), hint) {
			t.Errorf("%s: %v", machine, err)
		}
	}
}

// memberRelocations writes .BTF.ext with relocations that ask for the offset of
// the members of rec at the access strings.
func memberRelocations(e *encoder, rec uint32, paths ...uint32) []byte {
	o := e.order()
	core := o.AppendUint32(nil, 16)
	for _, w := range []uint32{e.str("struct_ops/f"), uint32(len(paths))} {
		core = o.AppendUint32(core, w)
	}
	for i, p := range paths {
		for _, w := range []uint32{uint32(8 * i), rec, p, reloByteOffset} {
			core = o.AppendUint32(core, w)
		}
	}
	b := append(o.AppendUint16(nil, magic), 1, 0)
	for _, w := range []uint32{32, 0, 0, 0, 0, 0, uint32(len(core))} {
		b = o.AppendUint32(b, w)
	}
	return append(b, core...)
}

// relocations writes .BTF.ext with CO-RE relocations of pairs of type and kind,
// one section each.
func relocations(e *encoder, pairs ...uint32) []byte {
	o := e.order()
	core := o.AppendUint32(nil, 16)
	for i := 0; i < len(pairs); i += 2 {
		for _, w := range []uint32{e.str("struct_ops/f"), 1, 0, pairs[i], e.str("0"), pairs[i+1]} {
			core = o.AppendUint32(core, w)
		}
	}
	b := append(o.AppendUint16(nil, magic), 1, 0)
	for _, w := range []uint32{32, 0, 0, 0, 0, 0, uint32(len(core))} {
		b = o.AppendUint32(b, w)
	}
	return append(b, core...)
}

func TestGuardsAreTheTypesWhoseExistenceAProgramTests(t *testing.T) {
	bothOrders(t, func(t *testing.T, e *encoder, _ string) {
		inode := e.record(kindStruct, "fuse_bpf_inode", 0)
		flavour := e.record(kindStruct, "fuse_range___r3", 0)
		matched := e.record(kindStruct, "matched", 0)
		measured := e.record(kindStruct, "measured", 0)
		ext := relocations(e, matched, reloTypeMatches, inode, reloTypeExists, measured, 9, flavour, reloTypeExists, inode, reloTypeExists)
		machine := elfFile(elf.EM_BPF, e.big, map[string][]byte{".BTF": e.blob(), ".BTF.ext": ext})
		a := mustRead(t, machine, Options{})
		if diff := cmp.Diff([]string{"fuse_bpf_inode", "fuse_range", "matched"}, a.Guards); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		for n := range ext {
			_, err := Read("prog.o", elfFile(elf.EM_BPF, e.big, map[string][]byte{".BTF": e.blob(), ".BTF.ext": ext[:n]}), Options{})
			if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), ".BTF.ext: ") {
				t.Fatalf(".BTF.ext cut to %d of %d bytes: %v", n, len(ext), err)
			}
		}
	})
}

func TestMembersReadThroughRelocationsAreMarked(t *testing.T) {
	bothOrders(t, func(t *testing.T, e *encoder, _ string) {
		u32 := e.integer("unsigned int", 4, 0)
		inner := e.record(kindStruct, "", 8, member{"deep", u32, 0}, member{"deeper", u32, 32})
		rec := e.record(kindStruct, "inode", 16, member{"ino", u32, 0}, member{"mode", u32, 32}, member{"", inner, 64})
		path := func(s string) uint32 { return e.str(s) }
		ext := memberRelocations(e, rec, path("0:1"), path("0:2:1"), path("0:9"), path("x"))
		a := mustRead(t, elfFile(elf.EM_BPF, e.big, map[string][]byte{".BTF": e.blob(), ".BTF.ext": ext}), Options{})
		f := a.Record("inode").Fields
		got := []bool{f[0].Relocated, f[1].Relocated, f[2].Record.Fields[0].Relocated, f[2].Record.Fields[1].Relocated}
		if diff := cmp.Diff([]bool{false, true, false, true}, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		ext = memberRelocations(e, rec, 1<<20)
		_, err := Read("prog.o", elfFile(elf.EM_BPF, e.big, map[string][]byte{".BTF": e.blob(), ".BTF.ext": ext}), Options{})
		if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "access string") {
			t.Errorf("access string outside the table: %v", err)
		}
	})
}

func TestRelocationToNoTypeIsDamage(t *testing.T) {
	e := newEncoder(false)
	e.integer("int", 4, encodedSigned)
	ext := relocations(e, 2, reloTypeExists)
	_, err := Read("prog.o", elfFile(elf.EM_BPF, false, map[string][]byte{".BTF": e.blob(), ".BTF.ext": ext}), Options{})
	if !errors.Is(err, ErrDamaged) {
		t.Error(err)
	}
	// A header from before CO-RE has no relocations at all.
	old := binary.LittleEndian.AppendUint32(append(binary.LittleEndian.AppendUint16(nil, magic), 1, 0), 24)
	old = append(old, make([]byte, 16)...)
	a := mustRead(t, elfFile(elf.EM_BPF, false, map[string][]byte{".BTF": e.blob(), ".BTF.ext": old}), Options{})
	if len(a.Guards) != 0 {
		t.Errorf("guards %q", a.Guards)
	}
}
