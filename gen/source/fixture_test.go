// SPDX-License-Identifier: MIT

package source

import (
	"bytes"
	"compress/gzip"
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/cilium/ebpf/btf"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// pairC is the record that every kind of source below declares.
const pairC = "struct pair { unsigned int a; unsigned long long b; };"

// pairBTF returns it as raw BTF.
func pairBTF(t *testing.T, order binary.ByteOrder) []byte {
	t.Helper()
	u32 := &btf.Int{Name: "unsigned int", Size: 4}
	u64 := &btf.Int{Name: "unsigned long long", Size: 8}
	return marshal(t, order, u32, u64, &btf.Struct{Name: "pair", Size: 16, Members: []btf.Member{
		{Name: "a", Type: u32}, {Name: "b", Type: u64, Offset: 64}}})
}

func marshal(t *testing.T, order binary.ByteOrder, types ...btf.Type) []byte {
	t.Helper()
	b, err := btf.NewBuilder(types, nil)
	if err != nil {
		t.Fatal(err)
	}
	data, err := b.Marshal(nil, &btf.MarshalOptions{Order: order})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// baseBTF is a kernel that has the integers, and no more.
func baseBTF(t *testing.T) []byte {
	return marshal(t, binary.LittleEndian, &btf.Int{Name: "unsigned int", Size: 4}, &btf.Int{Name: "unsigned long long", Size: 8})
}

// splitBTF is a module over [baseBTF]: struct pair, whose members have the
// kernel's types 1 and 2.
func splitBTF(base []byte) []byte {
	le := binary.LittleEndian
	strLen := le.Uint32(base[20:])
	strs := []byte("pair\x00a\x00b\x00")
	word := func(ws ...uint32) (out []byte) {
		for _, w := range ws {
			out = le.AppendUint32(out, w)
		}
		return out
	}
	// BTF_KIND_STRUCT is 4; a member is name, type, offset.
	types := word(strLen, 4<<24|2, 16, strLen+5, 1, 0, strLen+7, 2, 64)
	header := append([]byte{0x9f, 0xeb, 1, 0}, word(24, 0, uint32(len(types)), uint32(len(types)), uint32(len(strs)))...)
	return append(append(header, types...), strs...)
}

// elfWith returns an ELF file with one section, .BTF.
func elfWith(t *testing.T, machine elf.Machine, data []byte) []byte {
	t.Helper()
	names := []byte("\x00.BTF\x00.shstrtab\x00")
	const head, section = 64, 64
	offNames := uint64(head + len(data))
	var b bytes.Buffer
	h := elf.Header64{Type: uint16(elf.ET_REL), Machine: uint16(machine), Version: 1, Shoff: offNames + uint64(len(names)),
		Ehsize: head, Shentsize: section, Shnum: 3, Shstrndx: 2}
	copy(h.Ident[:], "\x7fELF\x02\x01\x01")
	for _, x := range []any{h, data, names, elf.Section64{},
		elf.Section64{Name: 1, Type: uint32(elf.SHT_PROGBITS), Off: head, Size: uint64(len(data)), Addralign: 1},
		elf.Section64{Name: 6, Type: uint32(elf.SHT_STRTAB), Off: offNames, Size: uint64(len(names)), Addralign: 1}} {
		if err := binary.Write(&b, binary.LittleEndian, x); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func xzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := xz.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstded(t *testing.T, data []byte) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return z.EncodeAll(data, nil)
}

// bootable returns a kernel image of x86 around what is packed: a boot sector,
// the header's magic, a decompressor that holds false starts, and a tail.
func bootable(packed []byte) []byte {
	head := make([]byte, 0x400)
	copy(head, "MZ")
	head[0x1fe], head[0x1ff] = 0x55, 0xaa
	copy(head[0x202:], "HdrS")
	head = append(head, "\x1f\x8b\x08 is how gzip begins, and BZh bzip2"...)
	return append(append(head, packed...), "relocations"...)
}

// files writes files into a new directory and makes it the working directory.
func files(t *testing.T, content map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range content {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

func save(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
