// SPDX-License-Identifier: MIT

package btfsrc

import (
	"slices"
	"strings"
)

// Kinds of CO-RE relocations that ask whether the kernel has a type.
const (
	reloTypeExists  = 8
	reloTypeMatches = 12
)

// guards returns the names of the types whose existence the relocations in
// .BTF.ext test, sorted.
func guards(b *blob, ext []byte) ([]string, error) {
	if big, ok := byteOrder(ext); !ok || big != b.big {
		return nil, damaged("it does not start with BTF's magic number")
	}
	const coreOff, oldHeader = 24, 24
	if len(ext) < oldHeader {
		return nil, damaged("%d bytes: shorter than the header", len(ext))
	}
	header := b.word(ext[4:])
	if header < coreOff+8 {
		// From before CO-RE.
		return nil, nil
	}
	if uint64(header) > uint64(len(ext)) {
		return nil, damaged("a header of %d bytes in a blob of %d", header, len(ext))
	}
	off, size := b.word(ext[coreOff:]), b.word(ext[coreOff+4:])
	rest := ext[header:]
	if uint64(off)+uint64(size) > uint64(len(rest)) {
		return nil, damaged("truncated: the relocations end at byte %d of %d", uint64(header)+uint64(off)+uint64(size), len(ext))
	}
	relos := rest[off : off+size]
	if len(relos) == 0 {
		return nil, nil
	}
	if len(relos) < 4 {
		return nil, damaged("relocations of %d bytes", len(relos))
	}
	each := uint64(b.word(relos))
	if each < 16 {
		return nil, damaged("a relocation of %d bytes", each)
	}
	var names []string
	for relos = relos[4:]; len(relos) > 0; {
		if len(relos) < 8 {
			return nil, damaged("truncated: relocations end inside the header of a section")
		}
		n := uint64(b.word(relos[4:]))
		if relos = relos[8:]; n*each > uint64(len(relos)) {
			return nil, damaged("truncated: %d relocations in %d bytes", n, len(relos))
		}
		for i := range n {
			r := relos[i*each:]
			id, what := b.word(r[4:]), b.word(r[12:])
			if id >= b.end() {
				return nil, damaged("a relocation refers to type %d of %d", id, b.end())
			}
			if what == reloTypeExists || what == reloTypeMatches {
				names = append(names, b.essentialName(id))
			}
		}
		relos = relos[n*each:]
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return slices.DeleteFunc(names, func(s string) bool { return s == "" }), nil
}

// essentialName is the name by which a loader looks for a type in the kernel:
// without the flavour that tells local variants apart.
func (b *blob) essentialName(id uint32) string {
	for range maxDepth {
		t := b.at(id)
		if !t.kind.transparent() {
			name := b.name(t.name)
			if i := strings.LastIndex(name, "___"); i > 0 {
				name = name[:i]
			}
			return name
		}
		id = t.arg
	}
	return ""
}
