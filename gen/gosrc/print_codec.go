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
	for _, o := range []byteOrder{little, big} {
		order := strings.ToLower(string(o)) + "-endian"
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

func (m *member) printPut(w *printer, o byteOrder) {
	at := fmt.Sprint(m.offset)
	switch {
	case m.size == 0:
	case m.padding():
		w.linef("clear(%s)", slice(at, m.size))
	case m.kind == bitStore:
		m.printPutBits(w, o)
	case m.kind == packedStore:
		v := &m.views[0]
		if _, ok := v.typ.(scalar); ok {
			printPut(w, v.typ, o, "r."+v.goName+"()", at)
			return
		}
		w.line("{")
		w.linef("v := r.%s()", v.goName)
		printPut(w, v.typ, o, "v", at)
		w.line("}")
	default:
		printPut(w, m.typ, o, "r."+m.goName, at)
	}
}

// printPut writes the variable x of type t to b, at a place in it.
func printPut(w *printer, t goType, o byteOrder, x, at string) {
	closes := 0
	t, index, at := loops(w, t, at, &closes)
	x += index
	switch t := t.(type) {
	case array: // of bytes
		w.linef("copy(%s, %s[:])", slice(at, t.size()), x)
	case wide:
		w.linef("reorder(%s, %s[:], %s)", slice(at, t.n), x, o.isLittle())
	case embedded:
		p := fmt.Sprintf("(*[%s]byte)(%s)", t.rec.sizeName, slice(at, t.size()))
		printInOrder(w, o, func(o byteOrder, p string) string { return fmt.Sprintf("%s.put%s(%s)", x, o, p) }, p)
	case scalar:
		t.printPut(w, o, x, at)
	}
	closeAll(w, closes)
}

// printInOrder writes a call for an order, or for both where only the machine
// knows which.
func printInOrder(w *printer, o byteOrder, call func(o byteOrder, p string) string, p string) {
	if o != native {
		w.line(call(o, p))
		return
	}
	w.linef("if p := %s; hostIsLittle {", p)
	w.line(call(little, "p"))
	w.line("} else {")
	w.line(call(big, "p"))
	w.line("}")
}

func (s scalar) printPut(w *printer, order byteOrder, x, at string) {
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

func (m *member) printGet(w *printer, o byteOrder) {
	at := fmt.Sprint(m.offset)
	switch {
	case m.padding():
	case m.kind == bitStore:
		m.printGetBits(w, o)
	case m.kind == packedStore:
		v := &m.views[0]
		if s, ok := v.typ.(scalar); ok {
			w.linef("r.Set%s(%s)", v.goName, s.get(o, at))
			return
		}
		w.line("{")
		w.linef("var v %s", v.typ.spelling())
		printGet(w, v.typ, o, "v", at)
		w.linef("r.Set%s(v)", v.goName)
		w.line("}")
	default:
		printGet(w, m.typ, o, "r."+m.goName, at)
	}
}

// printGet reads the variable x of type t from b, at a place in it.
func printGet(w *printer, t goType, o byteOrder, x, at string) {
	closes := 0
	t, index, at := loops(w, t, at, &closes)
	x += index
	switch t := t.(type) {
	case array: // of bytes
		w.linef("copy(%s[:], %s)", x, slice(at, t.size()))
	case wide:
		w.linef("reorder(%s[:], %s, %s)", x, slice(at, t.n), o.isLittle())
	case embedded:
		p := fmt.Sprintf("(*[%s]byte)(%s)", t.rec.sizeName, slice(at, t.size()))
		printInOrder(w, o, func(o byteOrder, p string) string { return fmt.Sprintf("%s.get%s(%s)", x, o, p) }, p)
	case scalar:
		w.linef("%s = %s", x, t.get(o, at))
	}
	closeAll(w, closes)
}

func (s scalar) get(order byteOrder, at string) string {
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
		if m.kind == bitStore {
			for k := range m.views {
				r.printReservedValue(w, &m.views[k])
			}
			continue
		}
		if m.kind == packedStore {
			v := &m.views[0]
			if v.reserved || embedsReserved(v.typ) {
				w.line("{")
				w.linef("v := r.%s()", v.goName)
				printReservedIn(w, v.typ, "v", v.cName)
				w.line("}")
			}
			continue
		}
		if !m.reserved && !embedsReserved(m.typ) {
			continue
		}
		printReservedIn(w, m.typ, "r."+m.goName, m.cName)
	}
	w.line("return nil")
	w.line("}")
}

// printReservedValue checks one bit-field.
func (r *record) printReservedValue(w *printer, v *view) {
	if !v.reserved {
		return
	}
	w.linef("if v := r.%s(); v != 0 {", v.goName)
	w.linef("return &ReservedError{Member: %q, Value: uint64(v)}", v.cName)
	w.line("}")
}

// printReservedIn checks the variable x of type t.
func printReservedIn(w *printer, t goType, x, cName string) {
	closes := 0
	elem, index := elements(w, t, &closes)
	x += index
	name := fmt.Sprintf("%q", cName)
	for d := range closes {
		name += fmt.Sprintf(` + "[" + strconv.Itoa(i%d) + "]"`, d)
	}
	if _, ok := elem.(embedded); ok {
		name = strings.ReplaceAll(name, " + ", "+") // as gofmt spells the first of two arguments
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
