// SPDX-License-Identifier: MIT

package emu

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

// refused checks that an error says what it should.
func refused(t *testing.T, err, kind error, wants ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %q", wants)
	}
	if kind != nil && !errors.Is(err, kind) {
		t.Errorf("error %v is not %v", err, kind)
	}
	for _, want := range wants {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not say %q", err, want)
		}
	}
}

func TestInstructionsTheRFCDoesNotDefineAreRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		prog []raw
		want string
	}{
		{"reserved class of END", []raw{{op: 0xdf, imm: 16}, exit}, "opcode 0xdf is not defined"},
		{"NEG of a register", []raw{{op: 0x8f}, exit}, "opcode 0x8f is not defined"},
		{"unknown arithmetic", []raw{{op: 0xe7}, exit}, "opcode 0xe7 is not defined"},
		{"sign-extending move of an immediate", []raw{{op: 0xb7, off: 8}, exit}, "opcode 0xb7 is not defined"},
		{"sign-extending move of 32 to 32 bits", []raw{{op: 0xbc, off: 32}, exit}, "opcode 0xbc is not defined"},
		{"move with another width", []raw{{op: 0xbf, off: 24}, exit}, "offset must be zero"},
		{"division with another offset", []raw{{op: 0x37, off: 2, imm: 1}, exit}, "offset must be zero"},
		{"swap of 8 bits", []raw{{op: 0xd4, imm: 8}, exit}, "16, 32 or 64 bits, not 8"},
		{"arithmetic with both operands", []raw{{op: 0x0f, src: 1, imm: 1}, exit}, "immediate must be zero"},
		{"immediate with a register", []raw{{op: 0x07, src: 1}, exit}, "source register must be zero"},
		{"negation with an immediate", []raw{{op: 0x87, imm: 1}, exit}, "immediate must be zero"},
		{"write to r10", []raw{{op: 0xb7, dst: 10}, exit}, "r10 is read-only"},
		{"load to r10", []raw{{op: 0x79, dst: 10, src: 10, off: -8}, exit}, "r10 is read-only"},
		{"fetch to r10", []raw{{op: 0xdb, dst: 10, src: 10, off: -8, imm: 1}, exit}, "r10 is read-only"},
		{"register 11", []raw{{op: 0xb7, dst: 11}, exit}, "registers r0 to r10 only"},
		{"call of a register", []raw{{op: 0x8d}, exit}, "opcode 0x8d is not defined"},
		{"call in the 32-bit class", []raw{{op: 0x86}, exit}, "opcode 0x86 is not defined"},
		{"exit in the 32-bit class", []raw{{op: 0x96}, exit}, "opcode 0x96 is not defined"},
		{"exit with an operand", []raw{{op: 0x95, imm: 1}}, "operands must be zero"},
		{"call with source 3", []raw{{op: 0x85, src: 3}, exit}, "source register 0, 1 and 2 only"},
		{"jump with an immediate", []raw{{op: 0x05, imm: 1}, exit}, "immediate must be zero"},
		{"long jump with an offset", []raw{{op: 0x06, off: 1}, exit}, "offset must be zero"},
		{"jump with a register", []raw{{op: 0x05, dst: 1}, exit}, "register fields must be zero"},
		{"comparison with both operands", []raw{{op: 0x1d, src: 1, imm: 1}, exit}, "immediate must be zero"},
		{"comparison of an immediate with a register", []raw{{op: 0x15, src: 1}, exit}, "source register must be zero"},
		{"jump past the end", []raw{{op: 0x05, off: 1}, exit}, "target, 1 slots on, is not an instruction"},
		{"jump before the start", []raw{{op: 0x05, off: -2}, exit}, "target, -2 slots on, is not an instruction"},
		{"jump into a wide instruction", join([]raw{{op: 0x05, off: 1}}, lddw(0, 1), []raw{exit}), "target, 1 slots on, is not an instruction"},
		{"jump into another function", []raw{{op: 0x05, off: 2}, {op: 0x85, src: 1, imm: 1}, exit, {op: 0xb7}, {op: 0xb7}, exit}, "jumps into function function at instruction 3"},
		{"no exit", []raw{{op: 0xb7}}, "runs past its last instruction"},
		{"conditional end", []raw{{op: 0xb7}, {op: 0x15, off: -2}}, "runs past its last instruction"},
		{"function without an exit", []raw{{op: 0x85, src: 1, imm: 1}, exit, {op: 0xb7}}, "runs past its last instruction"},
		{"load with an immediate", []raw{{op: 0x79, src: 10, off: -8, imm: 1}, exit}, "immediate must be zero"},
		{"signed load with an immediate", []raw{{op: 0x81, src: 10, off: -8, imm: 1}, exit}, "immediate must be zero"},
		{"signed load of 64 bits", []raw{{op: 0x99, src: 10, off: -8}, exit}, "opcode 0x99 is not defined"},
		{"store of both operands", []raw{{op: 0x7b, dst: 10, off: -8, imm: 1}, exit}, "immediate must be zero"},
		{"store of an immediate with a register", []raw{{op: 0x7a, dst: 10, src: 1, off: -8}, exit}, "source register must be zero"},
		{"unknown atomic operation", []raw{{op: 0xdb, dst: 10, off: -8, imm: 0x02}, exit}, "0x2 is not one of RFC 9669"},
		{"atomic operation with unknown bits", []raw{{op: 0xdb, dst: 10, off: -8, imm: 0x10000 << 8}, exit}, "no atomic operation of RFC 9669"},
		{"unknown fetch", []raw{{op: 0xdb, dst: 10, off: -8, imm: 0x61}, exit}, "is not one of RFC 9669"},
		{"atomic operation on a byte", []raw{{op: 0xd3, dst: 10, off: -8}, exit}, "32 or 64 bits"},
		{"lddw with source 7", join([]raw{{op: 0x18, src: 7}, {}, exit}), "source register 0 to 6 only"},
		{"lddw with an offset", []raw{{op: 0x18, off: 1}, {}, exit}, "offset must be zero"},
		{"map by descriptor", []raw{{op: 0x18, src: 1, imm: 3}, {}, exit}, "refer to one of the collection by name"},
		{"map by unknown index", []raw{{op: 0x18, src: 5, imm: 3}, {}, exit}, "Options.MapIndex names 0"},
		{"variable by number", []raw{{op: 0x18, src: 3, imm: 3}, {}, exit}, "a number and no name"},
		{"kfunc by number", []raw{{op: 0x85, src: 2, imm: 3}, exit}, "this package finds kfuncs by name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := newProgram(binary.LittleEndian, decoded(t, binary.LittleEndian, c.prog), Options{})
			refused(t, err, nil, "emu: program prog: function ", c.want)
		})
	}
}

func TestWhatIsNotSupportedIsNamed(t *testing.T) {
	_, err := newProgram(binary.LittleEndian, asm.Instructions{asm.FnSkbLoadBytes.Call(), asm.Return()}, Options{})
	refused(t, err, ErrUnsupported, "helper bpf_skb_load_bytes (number 26)", "Options.Helpers", "Options.Programs")

	_, err = newProgram(binary.LittleEndian, decoded(t, binary.LittleEndian, []raw{{op: 0x85, imm: 9999}, exit}), Options{})
	refused(t, err, ErrUnsupported, "helper unknown (number 9999)")

	cast := asm.Instruction{OpCode: asm.OpCode(0xbf), Dst: 1, Src: 1, Offset: 1}
	_, err = newProgram(binary.LittleEndian, asm.Instructions{cast, asm.Return()}, Options{})
	refused(t, err, ErrUnsupported, "address space casts")

	for _, imm := range []int32{0x100, 0x110} {
		for _, op := range []uint8{0xc3, 0xcb, 0xd3, 0xdb} {
			_, err = newProgram(binary.LittleEndian, decoded(t, binary.LittleEndian, []raw{{op: op, dst: 10, src: 1, off: -8, imm: imm}, exit}), Options{})
			refused(t, err, ErrUnsupported, "load-acquire and store-release came after RFC 9669: compile with -mcpu=v3")
		}
	}

	for _, c := range []struct {
		spec ebpf.MapSpec
		kind error
		want string
	}{
		{ebpf.MapSpec{Type: ebpf.StackTrace, KeySize: 4, ValueSize: 8, MaxEntries: 1}, ErrUnsupported, "map type StackTrace is not one this package has"},
		{ebpf.MapSpec{Type: ebpf.Array, KeySize: 4, ValueSize: 8, MaxEntries: 1, Flags: 1 << 9}, ErrUnsupported, "map flags 0x200"},
		{ebpf.MapSpec{Type: ebpf.Array, KeySize: 8, ValueSize: 8, MaxEntries: 1}, nil, "an array's key has 4 bytes"},
		{ebpf.MapSpec{Type: ebpf.Hash, ValueSize: 8, MaxEntries: 1}, nil, "a hash needs a key"},
		{ebpf.MapSpec{Type: ebpf.Hash, KeySize: 4, ValueSize: 8}, nil, "max_entries must be set"},
		{ebpf.MapSpec{Type: ebpf.Hash, KeySize: 4, MaxEntries: 1}, nil, "a value has at least 1 byte"},
		{ebpf.MapSpec{Type: ebpf.Array, KeySize: 4, ValueSize: 1 << 20, MaxEntries: 1 << 20}, nil, "2 GiB"},
		{ebpf.MapSpec{Type: ebpf.PerCPUArray, KeySize: 4, ValueSize: 1, MaxEntries: 1 << 29}, nil, "2 GiB"},
		{ebpf.MapSpec{Type: ebpf.Hash, KeySize: 4, ValueSize: 1 << 30, MaxEntries: 1}, nil, "16 MiB"},
		{ebpf.MapSpec{Type: ebpf.RingBuf, MaxEntries: 4095}, nil, "a power of two"},
		{ebpf.MapSpec{Type: ebpf.RingBuf, MaxEntries: 4096, KeySize: 4}, nil, "neither keys nor values"},
		{ebpf.MapSpec{Type: ebpf.ArrayOfMaps, KeySize: 4, ValueSize: 4, MaxEntries: 1}, nil, "definition of its inner maps"},
		{ebpf.MapSpec{Type: ebpf.HashOfMaps, KeySize: 4, ValueSize: 8, MaxEntries: 1}, nil, "values of 4 bytes"},
		{ebpf.MapSpec{Type: ebpf.Array, KeySize: 4, ValueSize: 8, MaxEntries: 1, Contents: []ebpf.MapKV{{Key: uint32(1), Value: uint64(0)}}}, nil, "it has elements 0 to 0"},
		{ebpf.MapSpec{Type: ebpf.Array, KeySize: 4, ValueSize: 8, MaxEntries: 1, Contents: []ebpf.MapKV{{Key: uint32(0), Value: uint32(0)}}}, nil, "a uint32 of 4 bytes was given, 8 bytes needed"},
		{ebpf.MapSpec{Type: ebpf.Array, KeySize: 4, ValueSize: 8, MaxEntries: 1, Contents: []ebpf.MapKV{{Key: 0, Value: uint64(0)}}}, nil, "a int has no fixed size"},
	} {
		spec := collection(cat(mapPtr(asm.R1, "m"), ret))
		spec.Maps = map[string]*ebpf.MapSpec{"m": &c.spec}
		_, err := New(spec, Options{})
		refused(t, err, c.kind, "emu: map m: ", c.want)
		if errors.Is(c.kind, ErrUnsupported) {
			spec.Programs["other"] = &ebpf.ProgramSpec{Name: "other", Instructions: cat(asm.Mov.Imm(asm.R0, 0).WithSymbol("other"), asm.Return())}
			m, err := New(spec, Options{Programs: []string{"other"}})
			if err != nil {
				t.Errorf("a program that does not use the map: %v", err)
				continue
			}
			call(t, m, "other")
			_, err = m.Map("m")
			refused(t, err, nil, `no map "m"`)
		}
	}
}

func TestWhatTheOptionsLackIsNamed(t *testing.T) {
	load := func(name string, o Options) error {
		_, err := LoadFile("testdata/"+name+"-el.o", o)
		return err
	}
	types := kernelTypes(t, binary.LittleEndian)
	refused(t, load("core", Options{}), nil, "core-el.o: emu: program guarded: ./src/core.c:", "Options.KernelTypes")
	refused(t, load("core", Options{KernelTypes: kernelTypes(t, binary.BigEndian)}), nil, "can't relocate LittleEndian against BigEndian", "in the object's byte order")
	refused(t, load("core", Options{KernelTypes: types}), nil, "./src/core.c:65:9:", "LINUX_KERNEL_VERSION", "Options.Kconfig")
	refused(t, load("core", Options{KernelTypes: types, Kconfig: map[string]any{"LINUX_KERNEL_VERSION": "too long"}}), nil, `Options.Kconfig["LINUX_KERNEL_VERSION"]`)
	refused(t, load("strong", Options{}), nil, "needs the kfunc needed", "Options.Kfuncs")
	refused(t, load("core", Options{Programs: []string{"nowhere"}}), nil, `no program "nowhere": the object has guarded, info, nodeid`)
	refused(t, load("globals", Options{CPUs: -1}), nil, "Options.CPUs is -1")
	if err := load("core", Options{Programs: []string{"version"}, Kconfig: map[string]any{"LINUX_KERNEL_VERSION": uint32(1)}}); err != nil {
		t.Errorf("a program that needs no types needs types: %v", err)
	}
}

func TestDamagedObjectsAreRefused(t *testing.T) {
	_, err := LoadFile("testdata/nowhere.o", Options{})
	refused(t, err, os.ErrNotExist, "clang -target bpf -g")
	_, err = New(nil, Options{})
	refused(t, err, nil, "no collection")
	_, err = Load(strings.NewReader("this is no object"), Options{})
	refused(t, err, nil, "emu: the object cannot be read", "clang -target bpf")
	whole, err := os.ReadFile("testdata/maps-el.o")
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(whole)-64; n += 97 {
		if _, err := Load(bytes.NewReader(whole[:n]), Options{}); err == nil {
			t.Errorf("the first %d of %d bytes of an object were loaded", n, len(whole))
		}
	}
	// The name of the BTF section changed: the maps' types are gone.
	without := bytes.Replace(whole, []byte(".BTF\x00"), []byte(".NIL\x00"), 1)
	_, err = Load(bytes.NewReader(without), Options{})
	refused(t, err, nil, "compile it with -g")
}

// patched gives an object with bytes changed: at is told where its section headers
// and symbols are.
func patched(t *testing.T, name string, at func(f *elf.File, b []byte, section func(name string) int)) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	headers := int(binary.LittleEndian.Uint64(b[0x28:]))
	at(f, b, func(name string) int {
		for i, s := range f.Sections {
			if s.Name == name {
				return headers + 64*i
			}
		}
		t.Fatalf("no section %s", name)
		return 0
	})
	return b
}

func TestWhatAnObjectLacksIsNamed(t *testing.T) {
	sectionType := func(name string, to elf.SectionType) func(*elf.File, []byte, func(string) int) {
		return func(_ *elf.File, b []byte, section func(string) int) {
			binary.LittleEndian.PutUint32(b[section(name)+4:], uint32(to))
		}
	}
	sectionName := func(name string) func(*elf.File, []byte, func(string) int) {
		return func(_ *elf.File, b []byte, section func(string) int) {
			binary.LittleEndian.PutUint32(b[section(name):], 0)
		}
	}
	for what, c := range map[string]struct {
		object string
		change func(*elf.File, []byte, func(string) int)
		want   string
	}{
		"BTF":       {"maps-el.o", sectionName(".BTF"), "it lacks BTF that its maps need; compile it with -g"},
		"BTF.ext":   {"core-el.o", sectionName(".BTF.ext"), "no section .BTF.ext: without that its CO-RE relocations are lost; compile it with -g"},
		"symbols":   {"maps-el.o", sectionType(".symtab", elf.SHT_NOTE), "its symbols were stripped, and programs and maps with them; strip it with llvm-strip -g at most"},
		"machine":   {"maps-el.o", func(_ *elf.File, b []byte, _ func(string) int) { b[18], b[19] = byte(elf.EM_X86_64), 0 }, "it is no BPF object; compile the program with clang -target bpf"},
		"a binding": {"core-el.o", weakConfiguration, "loads no weak variable of the kernel's configuration; declare it without __weak"},
	} {
		_, err := Load(bytes.NewReader(patched(t, c.object, c.change)), Options{KernelTypes: kernelTypes(t, binary.LittleEndian)})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("without %s: %v, want %q", what, err, c.want)
		}
	}
}

// weakConfiguration makes the symbol of a configuration variable weak.
func weakConfiguration(f *elf.File, b []byte, _ func(string) int) {
	symbols, _ := f.Symbols() // without the first, which is nothing
	for i, s := range symbols {
		if s.Name == "LINUX_KERNEL_VERSION" {
			b[int(f.Section(".symtab").Offset)+24*(i+1)+4] = elf.ST_INFO(elf.STB_WEAK, elf.STT_NOTYPE)
		}
	}
}

func TestNamesThatAreNotThere(t *testing.T) {
	m, err := LoadFile("testdata/maps-el.o", Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Program("cuont")
	refused(t, err, nil, `no program "cuont": the object has count, forget, nested`)
	_, err = m.Map("hsah")
	refused(t, err, nil, `no map "hsah": the object has .rodata, array, events, hash`)
	_, err = m.Variable("x")
	refused(t, err, nil, `no variable "x"`)
	refused(t, m.SetCPU(1), nil, "no CPU 1")
	_, err = m.NewMap("array", &ebpf.MapSpec{})
	refused(t, err, nil, "there is a map \"array\" already")
}

func TestCallsThatCannotBeMade(t *testing.T) {
	p := machine(t, binary.LittleEndian, ret, Options{})
	_, err := p.Call(make(Args, 13)...)
	refused(t, err, nil, "13 arguments: a program takes at most 12")

	var again *Program
	var inner error
	o := Options{Helpers: map[asm.BuiltinFunc]Func{asm.FnGetPrandomU32: func(*Call) (uint64, error) {
		_, inner = again.Call()
		return 1, errors.New("enough")
	}}}
	again = machine(t, binary.LittleEndian, asm.Instructions{asm.FnGetPrandomU32.Call(), asm.Return()}, o)
	_, err = again.Call()
	refused(t, err, ErrCallback, "bpf_get_prandom_u32: enough")
	refused(t, inner, nil, "is running already")
}

func TestMapMethodsRefuseWhatDoesNotFit(t *testing.T) {
	m, err := LoadFile("testdata/maps-el.o", Options{})
	if err != nil {
		t.Fatal(err)
	}
	array, hash, events, outer := mustMap(t, m, "array"), mustMap(t, m, "hash"), mustMap(t, m, "events"), mustMap(t, m, "outer")
	var v mapValue
	refused(t, array.Lookup(uint32(4), &v), ErrKeyNotExist, "key 04000000")
	refused(t, array.Lookup(uint64(0), &v), nil, "a uint64 of 8 bytes was given, 4 bytes needed")
	refused(t, array.Lookup(uint32(0), new(uint32)), nil, "a *uint32 of 4 bytes was given, 16 bytes needed")
	refused(t, array.Lookup(uint32(0), make([]byte, 3)), nil, "a []byte of 3 bytes was given")
	refused(t, array.Lookup(uint32(0), v), nil, "cannot be filled")
	refused(t, array.LookupCPU(uint32(0), -1, &v), nil, "no CPU -1")
	refused(t, array.Update(uint32(9), v), nil, "it has elements 0 to 3")
	refused(t, array.Delete(uint32(0)), nil, "only elements of a hash")
	for i := range uint32(4) {
		if err := hash.Update(mapKey{Ino: i}, v); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, hash.Update(mapKey{Ino: 4}, v), ErrMapFull, "max_entries is 4")
	refused(t, hash.Delete(mapKey{Ino: 4}), ErrKeyNotExist)
	refused(t, events.Update(nil, nil), nil, "use Records")
	refused(t, outer.Lookup(uint32(0), &v), nil, "use Inner and SetInner")
	_, err = array.Records()
	refused(t, err, nil, "not a ring buffer")
	_, err = array.Inner(uint32(0))
	refused(t, err, nil, "not a map of maps")
	refused(t, outer.SetInner(uint32(3), mustMap(t, m, "inner_a")), nil, "elements 0 to 2")
	refused(t, outer.SetInner(uint32(0), nil), nil, "one of the same machine")
	_, err = mustMap(t, m, "outer").Entries()
	refused(t, err, nil, "its elements are maps")
}

func TestEntriesAreSorted(t *testing.T) {
	m, err := LoadFile("testdata/maps-eb.o", Options{})
	if err != nil {
		t.Fatal(err)
	}
	hash := mustMap(t, m, "hash")
	for _, i := range []uint32{3, 1, math.MaxUint32, 2} {
		if err := hash.Update(mapKey{Ino: i}, mapValue{Count: uint64(i)}); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := hash.Entries()
	if err != nil {
		t.Fatal(err)
	}
	var got []uint32
	for _, e := range entries {
		got = append(got, binary.BigEndian.Uint32(e.Key))
	}
	if want := []uint32{1, 2, 3, math.MaxUint32}; len(got) != 4 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] || got[3] != want[3] {
		t.Errorf("keys %v, want %v", got, want)
	}
	if entries, err = mustMap(t, m, "array").Entries(); err != nil || len(entries) != 4 || entries[3].Key[3] != 3 {
		t.Errorf("entries of an array: %v, %v", entries, err)
	}
}
