// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"strings"
)

// The codec works on a pointer to an array of the record's size: every offset
// is a constant below that size, so the compiler leaves out all bounds checks.

// printCodec writes the methods of r.
func (r *record) printCodec(w *printer) {
	c, n := r.cType(), bytesOf(r.size)
	w.doc("AppendBinary appends the %s of %s to b, in the byte order of this machine. The error is always nil. "+
		"It implements [encoding.BinaryAppender].", n, c)
	w.linef("func (r *%s) AppendBinary(b []byte) ([]byte, error) {", r.goName)
	r.printRoom(w)
	w.linef("if p := %s; hostIsLittle {", r.tail())
	w.line("r.putLittle(p)")
	w.line("} else {")
	w.line("r.putBig(p)")
	w.line("}")
	w.line("return b, nil")
	w.line("}")
	w.doc("UnmarshalBinary reads %s from the first %s of b, in the byte order of this machine. "+
		"A shorter b is a [*ShortError] and leaves r alone. It implements [encoding.BinaryUnmarshaler].", c, n)
	w.linef("func (r *%s) UnmarshalBinary(b []byte) error {", r.goName)
	r.printShort(w)
	w.linef("if p := %s; hostIsLittle {", r.head())
	w.line("r.getLittle(p)")
	w.line("} else {")
	w.line("r.getBig(p)")
	w.line("}")
	w.line("return nil")
	w.line("}")
	for _, o := range []string{"Little", "Big"} {
		order := strings.ToLower(o) + "-endian"
		w.doc("Append%sEndian appends the %s of %s to b, in %s byte order.", o, n, c, order)
		w.linef("func (r *%s) Append%sEndian(b []byte) []byte {", r.goName, o)
		r.printRoom(w)
		w.linef("r.put%s(%s)", o, r.tail())
		w.line("return b")
		w.line("}")
		w.doc("Decode%sEndian reads %s from the first %s of b, in %s byte order. "+
			"A shorter b is a [*ShortError] and leaves r alone.", o, c, n, order)
		w.linef("func (r *%s) Decode%sEndian(b []byte) error {", r.goName, o)
		r.printShort(w)
		w.linef("r.get%s(%s)", o, r.head())
		w.line("return nil")
		w.line("}")
		w.line()
		w.linef("func (r *%s) put%s(b *[%s]byte) {", r.goName, o, r.sizeName)
		for i := range r.members {
			r.members[i].printPut(w, o)
		}
		w.line("}")
		w.line()
		w.linef("func (r *%s) get%s(b *[%s]byte) {", r.goName, o, r.sizeName)
		for i := range r.members {
			r.members[i].printGet(w, o)
		}
		w.line("}")
	}
	if r.reserved {
		r.printReserved(w)
	}
}

// printRoom lengthens b by the record.
func (r *record) printRoom(w *printer) {
	w.linef("b = slices.Grow(b, %s)[:len(b)+%[1]s]", r.sizeName)
}

// tail spells the record's bytes at the end of b.
func (r *record) tail() string { return fmt.Sprintf("(*[%s]byte)(b[len(b)-%[1]s:])", r.sizeName) }

// head spells the record's bytes at the beginning of b.
func (r *record) head() string { return fmt.Sprintf("(*[%s]byte)(b)", r.sizeName) }

// printShort refuses a b that is shorter than the record.
func (r *record) printShort(w *printer) {
	w.linef("if len(b) < %s {", r.sizeName)
	w.linef("return &ShortError{Record: %q, Want: %s, Have: len(b)}", r.cType(), r.sizeName)
	w.line("}")
}

// loops opens one loop for each dimension of an array, but for arrays of bytes,
// and counts them in closes. It returns the element, the Go expression that
// indexes it, and its offset in b.
func loops(w *printer, t goType, offset string, closes *int) (elem goType, index, at string) {
	at = offset
	for {
		a, ok := t.(array)
		if !ok || isBytes(t) {
			return t, index, at
		}
		i := fmt.Sprintf("i%d", *closes)
		w.linef("for %s := range %d {", i, a.n)
		*closes++
		index += "[" + i + "]"
		at += "+" + i
		if n := a.elem.size(); n > 1 {
			at += fmt.Sprintf("*%d", n)
		}
		t = a.elem
	}
}

func closeAll(w *printer, n int) {
	for range n {
		w.line("}")
	}
}

// slice spells b[at:at+n], folded where at is a constant.
func slice(at string, n int64) string {
	var k int64
	if _, err := fmt.Sscanf(at, "%d", &k); err == nil && !strings.Contains(at, "+") {
		return fmt.Sprintf("b[%d:%d]", k, k+n)
	}
	return fmt.Sprintf("b[%s:][:%d]", at, n)
}

func (m *member) printPut(w *printer, order string) {
	if m.padding() {
		w.linef("clear(%s)", slice(fmt.Sprint(m.offset), m.size))
		return
	}
	if m.bits != nil {
		m.printPutBits(w, order)
		return
	}
	m.printPutFrom(w, order, "r."+m.goName)
}

// printPutFrom writes the variable x, of the member's type, to b.
func (m *member) printPutFrom(w *printer, order, x string) {
	closes := 0
	t, index, at := loops(w, m.typ, fmt.Sprint(m.offset), &closes)
	x += index
	switch t := t.(type) {
	case array: // of bytes
		w.linef("copy(%s, %s[:])", slice(at, t.size()), x)
	case embedded:
		w.linef("%s.put%s((*[%s]byte)(%s))", x, order, t.rec.sizeName, slice(at, t.size()))
	case scalar:
		t.printPut(w, order, x, at)
	}
	closeAll(w, closes)
}

func (s scalar) printPut(w *printer, order, x, at string) {
	switch {
	case s.kind == boolean:
		w.linef("b[%s] = 0", at)
		w.linef("if %s {", x)
		w.linef("b[%s] = 1", at)
		w.line("}")
		return
	case s.kind == float:
		x = fmt.Sprintf("math.Float%dbits(%s)", s.bits, x)
	case s.name != fmt.Sprintf("uint%d", s.bits) && s.name != "byte":
		x = fmt.Sprintf("uint%d(%s)", s.bits, x)
	}
	if s.bits == 8 {
		w.linef("b[%s] = %s", at, x)
		return
	}
	w.linef("binary.%sEndian.PutUint%d(%s, %s)", order, s.bits, slice(at, s.size()), x)
}

func (m *member) printGet(w *printer, order string) {
	if m.padding() {
		return
	}
	if m.bits != nil {
		m.printGetBits(w, order)
		return
	}
	m.printGetTo(w, order, "r."+m.goName)
}

// printGetTo reads the variable x, of the member's type, from b.
func (m *member) printGetTo(w *printer, order, x string) {
	closes := 0
	t, index, at := loops(w, m.typ, fmt.Sprint(m.offset), &closes)
	x += index
	switch t := t.(type) {
	case array: // of bytes
		w.linef("copy(%s[:], %s)", x, slice(at, t.size()))
	case embedded:
		w.linef("%s.get%s((*[%s]byte)(%s))", x, order, t.rec.sizeName, slice(at, t.size()))
	case scalar:
		w.linef("%s = %s", x, t.get(order, at))
	}
	closeAll(w, closes)
}

func (s scalar) get(order, at string) string {
	if s.kind == boolean {
		return fmt.Sprintf("b[%s] != 0", at)
	}
	v := fmt.Sprintf("binary.%sEndian.Uint%d(%s)", order, s.bits, slice(at, s.size()))
	if s.bits == 8 {
		v = fmt.Sprintf("b[%s]", at)
	}
	switch {
	case s.kind == float:
		return fmt.Sprintf("math.Float%dfrombits(%s)", s.bits, v)
	case s.name != fmt.Sprintf("uint%d", s.bits) && s.name != "byte":
		return fmt.Sprintf("%s(%s)", s.name, v)
	}
	return v
}

// printReserved writes the check of the members that must be zero.
func (r *record) printReserved(w *printer) {
	w.doc("CheckReserved returns a [*ReservedError] for the first member of %s that must be zero and is not.", r.cType())
	w.linef("func (r *%s) CheckReserved() error {", r.goName)
	for i := range r.members {
		m := &r.members[i]
		for _, b := range m.bits {
			if b.reserved {
				w.linef("if v := r.%s(); v != 0 {", b.goName)
				w.linef("return &ReservedError{Member: %q, Value: uint64(v)}", b.cName)
				w.line("}")
			}
		}
		if !m.reserved && !embedsReserved(m.typ) {
			continue
		}
		closes := 0
		elem, index := elements(w, m.typ, &closes)
		x := "r." + m.goName + index
		name := fmt.Sprintf("%q", m.cName)
		for d := range closes {
			name += fmt.Sprintf(` + "[" + strconv.Itoa(i%d) + "]"`, d)
		}
		if _, ok := elem.(embedded); ok {
			w.linef("if err := %s.CheckReserved(); err != nil {", x)
			w.linef("return within(%s, err)", name)
		} else {
			w.linef("if %s != 0 {", x)
			if elem.spelling() != "uint64" {
				x = "uint64(" + x + ")"
			}
			w.linef("return &ReservedError{Member: %s, Value: %s}", name, x)
		}
		w.line("}")
		closeAll(w, closes)
	}
	w.line("return nil")
	w.line("}")
}

// elements is loops down to single numbers and records.
func elements(w *printer, t goType, closes *int) (elem goType, index string) {
	for {
		a, ok := t.(array)
		if !ok {
			return t, index
		}
		i := fmt.Sprintf("i%d", *closes)
		w.linef("for %s := range %d {", i, a.n)
		*closes++
		index += "[" + i + "]"
		t = a.elem
	}
}

// printSupport writes what the codecs of all records share.
func (f *file) printSupport(w *printer) {
	if len(f.records) == 0 {
		return
	}
	w.line(`
// hostIsLittle tells whether this machine has the least significant byte first.
var hostIsLittle = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// ShortError reports input that ends before the record does. It wraps [io.ErrUnexpectedEOF].
type ShortError struct {
	Record string // the C type, such as "struct x"
	Want   int    // bytes the record takes
	Have   int    // bytes there are
}

// Error names the record and both sizes.
func (e *ShortError) Error() string {
	return e.Record + ": " + strconv.Itoa(e.Have) + " bytes of input, need " + strconv.Itoa(e.Want) + ": pass the whole record"
}

// Unwrap returns [io.ErrUnexpectedEOF].
func (e *ShortError) Unwrap() error { return io.ErrUnexpectedEOF }`)
	if !f.hasReserved() {
		return
	}
	w.line(`
// ReservedError reports a member that must be zero and is not.
type ReservedError struct {
	Member string // the C name, such as "x.reserved" or "x.inner[2].pad"
	Value  uint64 // a signed member's is sign-extended
}

// Error names the member and its value.
func (e *ReservedError) Error() string {
	return e.Member + " is 0x" + strconv.FormatUint(e.Value, 16) + ": it is reserved: set it to 0"
}

// within puts the name of the embedding member in front of an error about an embedded record.
func within(member string, err error) error {
	var e *ReservedError
	if !errors.As(err, &e) {
		return err
	}
	if _, rest, ok := strings.Cut(e.Member, "."); ok {
		e.Member = member + "." + rest
	}
	return e
}`)
}
