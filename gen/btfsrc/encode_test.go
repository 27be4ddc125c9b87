// SPDX-License-Identifier: MIT

package btfsrc

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"maps"
	"slices"
)

// encoder writes BTF that no compiler would: split, damaged, of old tools.
type encoder struct {
	big      bool
	first    uint32 // id of the first type
	strStart uint32
	names    map[string]uint32
	strs     []byte
	types    []byte
	count    uint32
}

func newEncoder(big bool) *encoder {
	return &encoder{big: big, first: 1, names: map[string]uint32{"": 0}, strs: []byte{0}}
}

// split returns an encoder of BTF that extends e as it is now.
func (e *encoder) split() *encoder {
	return &encoder{big: e.big, first: e.first + e.count, strStart: e.strStart + uint32(len(e.strs)), names: maps.Clone(e.names)}
}

func (e *encoder) order() binary.AppendByteOrder {
	if e.big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

func (e *encoder) str(s string) uint32 {
	off, ok := e.names[s]
	if !ok {
		off = e.strStart + uint32(len(e.strs))
		e.names[s] = off
		e.strs = append(append(e.strs, s...), 0)
	}
	return off
}

// add appends a type and returns its id. words is what follows the three that
// every type has.
func (e *encoder) add(k kind, name string, n int, flag bool, arg uint32, words ...uint32) uint32 {
	info := uint32(k)<<24 | uint32(n)
	if flag {
		info |= 1 << 31
	}
	for _, w := range append([]uint32{e.str(name), info, arg}, words...) {
		e.types = e.order().AppendUint32(e.types, w)
	}
	e.count++
	return e.first + e.count - 1
}

func (e *encoder) integer(name string, size, encoding uint32) uint32 {
	return e.add(kindInt, name, 0, false, size, encoding<<24|size*8)
}

func (e *encoder) pointer(to uint32) uint32 { return e.add(kindPointer, "", 0, false, to) }

func (e *encoder) typedef(name string, to uint32) uint32 {
	return e.add(kindTypedef, name, 0, false, to)
}

func (e *encoder) array(of, n uint32) uint32 { return e.add(kindArray, "", 0, false, 0, of, of, n) }

// member is of a struct or union; offset in bits.
type member struct {
	name   string
	typ    uint32
	offset uint32
}

func (e *encoder) record(k kind, name string, size uint32, ms ...member) uint32 {
	var words []uint32
	for _, m := range ms {
		words = append(words, e.str(m.name), m.typ, m.offset)
	}
	return e.add(k, name, len(ms), false, size, words...)
}

// function adds a function whose parameters alternate name and type.
func (e *encoder) function(name string, linkage int, result uint32, params ...member) uint32 {
	return e.add(kindFunc, name, linkage, false, e.prototype(result, params...))
}

func (e *encoder) prototype(result uint32, params ...member) uint32 {
	var words []uint32
	for _, p := range params {
		words = append(words, e.str(p.name), p.typ)
	}
	return e.add(kindFuncProto, "", len(params), false, result, words...)
}

// blob returns the raw BTF.
func (e *encoder) blob() []byte {
	o := e.order()
	b := o.AppendUint16(nil, magic)
	b = append(b, 1, 0)
	for _, w := range []int{headerSize, 0, len(e.types), len(e.types), len(e.strs)} {
		b = o.AppendUint32(b, uint32(w))
	}
	return append(append(b, e.types...), e.strs...)
}

// elfFile writes a 64-bit ELF file with the given sections and nothing else.
func elfFile(machine elf.Machine, big bool, sections map[string][]byte) []byte {
	data, order := elf.ELFDATA2LSB, binary.ByteOrder(binary.LittleEndian)
	if big {
		data, order = elf.ELFDATA2MSB, binary.BigEndian
	}
	const headerSize, sectionSize = 64, 64
	names := slices.Sorted(maps.Keys(sections))
	strtab := []byte("\x00.shstrtab\x00")
	var body []byte
	headers := []elf.Section64{{}, {Name: 1, Type: uint32(elf.SHT_STRTAB)}}
	for _, n := range names {
		headers = append(headers, elf.Section64{Name: uint32(len(strtab)), Type: uint32(elf.SHT_PROGBITS),
			Off: headerSize + uint64(len(body)), Size: uint64(len(sections[n]))})
		strtab = append(append(strtab, n...), 0)
		body = append(body, sections[n]...)
	}
	headers[1].Off, headers[1].Size = headerSize+uint64(len(body)), uint64(len(strtab))
	body = append(body, strtab...)

	h := elf.Header64{Type: uint16(elf.ET_REL), Machine: uint16(machine), Version: 1, Ehsize: headerSize,
		Shoff: headerSize + uint64(len(body)), Shentsize: sectionSize, Shnum: uint16(len(headers)), Shstrndx: 1}
	copy(h.Ident[:], elf.ELFMAG)
	h.Ident[elf.EI_CLASS], h.Ident[elf.EI_DATA], h.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(data), 1
	var out bytes.Buffer
	for _, part := range []any{h, body, headers} {
		if err := binary.Write(&out, order, part); err != nil {
			panic(err)
		}
	}
	return out.Bytes()
}
