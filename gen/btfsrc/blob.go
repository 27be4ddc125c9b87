// SPDX-License-Identifier: MIT

package btfsrc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	magic = 0xeb9f

	// maxBlob bounds what is read at all. The BTF of a distribution's kernel
	// has 6 to 10 MiB, the kernel itself takes no more than 16 MiB from a
	// program.
	maxBlob = 128 << 20
	// maxName is KSYM_NAME_LEN, the kernel's bound, without the NUL.
	maxName = 511
)

// blob is BTF with an index: where each type starts. Everything in it has been
// checked once, by [parse]: type ids and name offsets are in range, names are
// printable, and references have a kind that makes sense. Cycles remain
// possible; whoever follows references bounds its depth.
type blob struct {
	big   bool
	types []byte
	strs  string
	// clean tells that every string in strs makes a name, as in a kernel's BTF;
	// clang puts source lines there too.
	clean bool
	// offs holds the offset into types of the type with the id first+i. Type 0
	// is void; it has an entry in a blob without base.
	offs  []uint32
	first uint32
	// base is what the ids below first and the name offsets below strStart
	// refer to, for split BTF.
	base     *blob
	strStart uint32
	// distilled tells that the structs, unions and enums have a name and
	// perhaps a size, but no members: a module's .BTF.base.
	distilled bool
	// longSize is the size of long in bytes where the blob has the type, else 0.
	longSize uint32
}

// typ is one type of a blob.
type typ struct {
	id   uint32
	kind kind
	// flag is the top bit of the info word: bit-field sizes in the members of a
	// struct, signedness of an enum, union for a forward declaration.
	flag bool
	// n is the number of members, values, parameters or variables; for a
	// function it is the linkage.
	n    int
	name uint32
	// arg is the size in bytes, or the id of the type referred to.
	arg  uint32
	data []byte
}

func (b *blob) word(p []byte) uint32 {
	if b.big {
		return binary.BigEndian.Uint32(p)
	}
	return binary.LittleEndian.Uint32(p)
}

// end is one more than the highest type id.
func (b *blob) end() uint32 { return b.first + uint32(len(b.offs)) }

// strEnd is one more than the highest name offset.
func (b *blob) strEnd() uint32 { return b.strStart + uint32(len(b.strs)) }

// owner is the blob that holds the type.
func (b *blob) owner(id uint32) *blob {
	if id < b.first {
		return b.base
	}
	return b
}

// at returns a type whose id is in range.
func (b *blob) at(id uint32) typ {
	if id == 0 {
		return typ{}
	}
	b = b.owner(id)
	off := b.offs[id-b.first]
	t, _ := b.header(b.types[off:])
	t.id = id
	return t
}

// kind is cheaper than at(id).kind.
func (b *blob) kind(id uint32) kind {
	if id == 0 {
		return kindVoid
	}
	b = b.owner(id)
	off := b.offs[id-b.first]
	return kind(b.word(b.types[off+4:]) >> 24 & 0x1f)
}

// name returns the string at an offset that is in range.
func (b *blob) name(off uint32) string {
	if off < b.strStart {
		b = b.base
	}
	s := b.strs[off-b.strStart:]
	// The last byte of the table is NUL, and so is one within maxName.
	return s[:strings.IndexByte(s, 0)]
}

// header decodes the type at the start of p and returns its size in bytes.
func (b *blob) header(p []byte) (typ, int) {
	if len(p) < typeSize {
		return typ{}, -1
	}
	info := b.word(p[4:])
	t := typ{
		kind: kind(info >> 24 & 0x1f),
		flag: info>>31 != 0,
		n:    int(info & 0xffff),
		name: b.word(p),
		arg:  b.word(p[8:]),
	}
	if t.kind == kindVoid || t.kind >= kinds || info&0x60ff0000 != 0 {
		return t, 0
	}
	size := typeSize + tail[t.kind].fixed + t.n*tail[t.kind].each
	if size > len(p) {
		return t, -1
	}
	t.data = p[typeSize:size]
	return t, size
}

// byteOrder recognises raw BTF by its first bytes.
func byteOrder(p []byte) (big, ok bool) {
	if len(p) < 2 {
		return false, false
	}
	switch uint16(p[0])<<8 | uint16(p[1]) {
	case magic:
		return true, true
	case magic&0xff<<8 | magic>>8:
		return false, true
	}
	return false, false
}

// parse reads raw BTF. base is asked for what split BTF extends, and for that
// alone; the answer must not be split itself.
func parse(raw []byte, base func() (*blob, error)) (*blob, error) {
	b := &blob{}
	if err := b.sections(raw); err != nil {
		return nil, err
	}
	if b.strs != "" && b.strs[len(b.strs)-1] != 0 {
		return nil, damaged("the string table does not end in NUL")
	}
	// Only BTF that stands alone starts its strings with the empty one, as the
	// format demands.
	if b.strs == "" || b.strs[0] != 0 {
		var err error
		if b.base, err = base(); err != nil {
			return nil, err
		}
		if b.base.big != b.big {
			return nil, fmt.Errorf("%w: it has the other byte order", ErrWrongBase)
		}
		b.first, b.strStart, b.longSize = b.base.end(), b.base.strEnd(), b.base.longSize
	}
	b.clean = allNames(b.strs)
	if err := b.index(); err != nil {
		return nil, err
	}
	if err := b.check(); err != nil {
		return nil, b.blameBase(err)
	}
	return b, nil
}

// blameBase turns damage in split BTF into [ErrWrongBase]: a base of another
// build shifts every type id and name, and that is far more common. Once a
// distilled base fits there is nothing else to blame than the file.
func (b *blob) blameBase(err error) error {
	if b.base == nil || b.base.distilled || !errors.Is(err, ErrDamaged) {
		return err
	}
	return fmt.Errorf("%w: with it %s", ErrWrongBase, strings.Replace(err.Error(), ErrDamaged.Error()+": ", "", 1))
}

// sections cuts the blob into its types and strings.
func (b *blob) sections(raw []byte) error {
	var ok bool
	if b.big, ok = byteOrder(raw); !ok {
		return fmt.Errorf("%w: it does not start with BTF's magic number", ErrNotBTF)
	}
	if len(raw) > maxBlob {
		return damaged("%d MiB of BTF: more than %d MiB is no kernel's or program's", len(raw)>>20, maxBlob>>20)
	}
	if len(raw) < headerSize {
		return damaged("%d bytes: shorter than the header", len(raw))
	}
	if raw[2] != 1 {
		return damaged("version %d of the format: only 1 is known", raw[2])
	}
	var h [5]uint32
	for i := range h {
		h[i] = b.word(raw[4+4*i:])
	}
	if h[0] < headerSize || uint64(h[0]) > uint64(len(raw)) {
		return damaged("a header of %d bytes in a blob of %d", h[0], len(raw))
	}
	rest := raw[h[0]:]
	section := func(what string, off, size uint32) ([]byte, error) {
		if uint64(off)+uint64(size) > uint64(len(rest)) {
			return nil, damaged("truncated: the %s end at byte %d of %d", what, uint64(h[0])+uint64(off)+uint64(size), len(raw))
		}
		return rest[off : off+size], nil
	}
	types, err := section("types", h[1], h[2])
	if err != nil {
		return err
	}
	strs, err := section("strings", h[3], h[4])
	if err != nil {
		return err
	}
	b.types, b.strs = types, string(strs)
	return nil
}

// index finds where each type starts.
func (b *blob) index() error {
	b.offs = make([]uint32, 0, len(b.types)/20)
	if b.base == nil {
		b.offs = append(b.offs, 0)
	}
	for off := 0; off < len(b.types); {
		t, size := b.header(b.types[off:])
		switch {
		case size < 0:
			return damaged("type %d: runs past the end of the types", b.end())
		case size == 0 && t.kind >= kinds:
			return damaged("type %d is of kind %d, which this program does not know: the file is damaged, or newer", b.end(), t.kind)
		case size == 0:
			return damaged("type %d is void or has reserved bits set", b.end())
		}
		b.offs = append(b.offs, uint32(off))
		off += size
	}
	return nil
}

// check looks at everything in every type once.
func (b *blob) check() error {
	lo := b.first
	if lo == 0 {
		lo = 1
	}
	for id := lo; id < b.end(); id++ {
		t := b.at(id)
		if err := b.checkType(&t); err != nil {
			return err
		}
		if t.kind == kindInt && b.longSize == 0 {
			switch b.name(t.name) {
			case "long", "long int", "unsigned long", "long unsigned int":
				b.longSize = t.arg
			}
		}
	}
	return nil
}

func (b *blob) checkType(t *typ) error {
	if err := b.checkName(t, t.name); err != nil {
		return err
	}
	if refers[t.kind] {
		if err := b.checkRef(t, t.arg); err != nil {
			return err
		}
	}
	switch t.kind {
	case kindFunc:
		if k := b.kind(t.arg); k != kindFuncProto {
			return b.damagedType(t, "a function whose type %d is no prototype", t.arg)
		}
	case kindInt:
		bits := b.word(t.data)
		if t.arg == 0 || t.arg > 16 || bits&0xff > 8*t.arg || bits>>16&0xff >= 8*t.arg {
			return b.damagedType(t, "an integer of %d bits at bit %d in %d bytes", bits&0xff, bits>>16&0xff, t.arg)
		}
	case kindFloat:
		switch t.arg {
		case 2, 4, 8, 12, 16:
		default:
			return b.damagedType(t, "a floating-point number of %d bytes", t.arg)
		}
	case kindEnum, kindEnum64:
		switch t.arg {
		case 1, 2, 4, 8:
		default:
			return b.damagedType(t, "an enum of %d bytes", t.arg)
		}
	case kindArray:
		for _, off := range []int{0, 4} {
			if err := b.checkRef(t, b.word(t.data[off:])); err != nil {
				return err
			}
		}
	case kindDatasec:
		for i := range t.n {
			if err := b.checkRange(t, b.word(t.data[12*i:])); err != nil {
				return err
			}
		}
		return nil
	}
	each := tail[t.kind].each
	if each == 0 {
		return nil
	}
	for i := range t.n {
		entry := t.data[i*each:]
		if err := b.checkName(t, b.word(entry)); err != nil {
			return err
		}
		if t.kind == kindEnum || t.kind == kindEnum64 {
			continue
		}
		if err := b.checkRef(t, b.word(entry[4:])); err != nil {
			return err
		}
	}
	return nil
}

func (b *blob) checkRange(t *typ, id uint32) error {
	if id >= b.end() {
		return damaged("type %d refers to type %d of %d", t.id, id, b.end())
	}
	return nil
}

// checkRef accepts a type that can be what another type is made of. A
// declaration tag refers to what it marks.
func (b *blob) checkRef(t *typ, id uint32) error {
	if err := b.checkRange(t, id); err != nil {
		return err
	}
	if k := b.kind(id); !k.isData() && t.kind != kindDeclTag {
		return damaged("type %d is made of type %d, which is no data type", t.id, id)
	}
	return nil
}

// checkName accepts the offset of a printable string.
func (b *blob) checkName(t *typ, off uint32) error {
	if off == 0 {
		return nil
	}
	if off >= b.strEnd() {
		return damaged("type %d has a name at byte %d of %d", t.id, off, b.strEnd())
	}
	own := b
	if off < b.strStart {
		own = b.base
	}
	at := off - own.strStart
	if b.base != nil && at > 0 && own.strs[at-1] != 0 {
		// The tools that split BTF share names whole, so with the right base a
		// name starts here.
		return damaged("the name of type %d would start in the middle of %q", t.id, own.wordAround(at))
	}
	if own.clean {
		return nil
	}
	if _, why := cutName(own.strs[at:]); why != "" {
		return damaged("type %d has a name %s", t.id, why)
	}
	return nil
}

// cutName returns what follows the NUL-terminated string at the start of s, or
// why that makes no name.
func cutName(s string) (rest, why string) {
	for i := range len(s) {
		switch c := s[i]; {
		case c == 0:
			return s[i+1:], ""
		case i == maxName:
			return "", fmt.Sprintf("longer than %d bytes", maxName)
		case c < ' ' || c == 0x7f:
			return "", fmt.Sprintf("with the control character %#02x", c)
		case c >= utf8.RuneSelf:
			return "", fmt.Sprintf("with the byte %#02x, which is not ASCII", c)
		}
	}
	return "", "that does not end"
}

// allNames reports whether every string of a table makes a name.
func allNames(s string) bool {
	why := ""
	for s != "" && why == "" {
		s, why = cutName(s)
	}
	return why == ""
}

// wordAround returns the string that the byte at an offset into strs belongs to.
func (b *blob) wordAround(at uint32) string {
	start := strings.LastIndexByte(b.strs[:at], 0) + 1
	s := b.strs[start:]
	return s[:min(strings.IndexByte(s, 0), maxName)]
}

func (b *blob) damagedType(t *typ, format string, args ...any) error {
	name := ""
	if n := b.name(t.name); n != "" {
		name = " (" + n + ")"
	}
	return damaged("type %d%s: %s", t.id, name, fmt.Sprintf(format, args...))
}
