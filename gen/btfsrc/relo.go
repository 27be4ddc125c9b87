// SPDX-License-Identifier: MIT

package btfsrc

import (
	"slices"
	"strconv"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// Kinds of CO-RE relocations: what asks for the place of a member, and what
// whether the kernel has a type.
const (
	reloByteOffset  = 0
	reloTypeExists  = 8
	reloTypeMatches = 12
)

// relocations is what the relocations in .BTF.ext tell of a program.
type coreRelocations struct {
	// guards are the types whose existence they test, without flavours, sorted.
	guards []string
	// members are the paths, as access strings, to the members they look for, by
	// the full name of the record.
	members map[string][]string
}

func readRelocations(b *blob, ext []byte) (*coreRelocations, error) {
	out := &coreRelocations{members: map[string][]string{}}
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
		return out, nil
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
		return out, nil
	}
	if len(relos) < 4 {
		return nil, damaged("relocations of %d bytes", len(relos))
	}
	each := uint64(b.word(relos))
	if each < 16 {
		return nil, damaged("a relocation of %d bytes", each)
	}
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
			switch what {
			case reloByteOffset:
				at := b.word(r[8:])
				if at >= b.strEnd() {
					return nil, damaged("a relocation's access string at %d of %d", at, b.strEnd())
				}
				name := b.bareName(id)
				out.members[name] = append(out.members[name], b.name(at))
			case reloTypeExists, reloTypeMatches:
				out.guards = append(out.guards, b.essentialName(id))
			}
		}
		relos = relos[n*each:]
	}
	slices.Sort(out.guards)
	out.guards = slices.DeleteFunc(slices.Compact(out.guards), func(s string) bool { return s == "" })
	delete(out.members, "")
	return out, nil
}

// essentialName is the name by which a loader looks for a type in the kernel:
// without the flavour that tells local variants apart.
func (b *blob) essentialName(id uint32) string {
	name := b.bareName(id)
	if i := strings.LastIndex(name, "___"); i > 0 {
		name = name[:i]
	}
	return name
}

// bareName is the name of the type behind typedefs and qualifiers.
func (b *blob) bareName(id uint32) string {
	for range maxDepth {
		t := b.at(id)
		if !t.kind.transparent() {
			return b.name(t.name)
		}
		id = t.arg
	}
	return ""
}

// markRelocated marks the member that an access string leads to: indices with
// colons between them, the first of which counts whole records. What lies inside
// an element or another named record is that record's.
func markRelocated(r *model.Record, path string) {
	indices := strings.Split(path, ":")
	for _, text := range indices[1:] {
		i, err := strconv.Atoi(text)
		if err != nil || i < 0 || i >= len(r.Fields) {
			return
		}
		f := &r.Fields[i]
		f.Relocated = true
		if f.Record == nil {
			return
		}
		r = f.Record
	}
}
