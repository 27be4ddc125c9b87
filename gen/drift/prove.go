// SPDX-License-Identifier: MIT

package drift

import (
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/fuseiomap/abigen/gen/model"
)

// unwritten is what bytes hold that the old side does not write; the second is
// for bits that the first would have right by chance.
var unwritten = []byte{0xa5, 0x5a}

// patterns are the numbers a witness writes, tried in this order; a narrower
// member takes the upper bits. The later ones have the sign bit set, or show a
// difference in the lowest bit.
var patterns = []uint64{0x1122334455667788, 0x8877665544332211, math.MaxUint64, 1 << 63, 1}

// longestBytes is how many bytes of a record a witness shows at most.
const longestBytes = 64

// move is a member that lies elsewhere, and the comparison that saw it.
type move struct {
	d *layoutDiff
	p *memberPair
}

// prove makes the witness of a finding in a record, or nil.
func (is *issue) prove() *Witness {
	d := is.diff
	if d == nil || d.s.flavour || is.Severity.Rank() < Risk.Rank() || is.Profile == Source {
		return nil
	}
	if is.Profile == Loader {
		return d.refusal(is)
	}
	var proofs []func() *Witness
	for _, p := range d.m.pairs {
		if d.subject(p.old) == is.Subject && is.Rule != "field.renamed" {
			proofs = append(proofs, func() *Witness { return d.provePair(p) })
		}
	}
	for _, m := range is.moves {
		proofs = append(proofs, func() *Witness { return m.d.provePair(m.p) })
	}
	for _, l := range d.m.removed {
		if d.subject(l) == is.Subject || is.Rule == "record.kind" {
			proofs = append(proofs, func() *Witness { return d.proveRemoved(l) })
		}
	}
	for _, l := range d.m.added {
		if d.subject(l) == is.Subject || is.Rule == "record.kind" {
			proofs = append(proofs, func() *Witness { return d.proveAdded(l) })
		}
	}
	if is.Rule == "record.size" || is.Rule == "record.kind" || is.Rule == "record.packing" {
		for _, p := range d.m.pairs {
			proofs = append(proofs, func() *Witness { return d.provePair(p) })
		}
		proofs = append(proofs, d.proveSize)
	}
	for _, f := range proofs {
		if w := f(); w != nil {
			return w
		}
	}
	return nil
}

// slot is a number in memory: a member without parts, or the element or first
// member of one that has parts.
type slot struct {
	name      string
	typ       model.Type
	off, size int64
}

// slotOf descends into the given element of arrays and the first member of
// records until there is a number.
func (x *index) slotOf(l *leaf, element int64) (slot, bool) {
	return x.descend(slot{l.name, l.typ, l.off, l.size}, l.record, l.bitfield, element, 0)
}

func (x *index) descend(s slot, inner *model.Record, bitfield bool, element int64, depth int) (slot, bool) {
	if a, ok := model.Unqualified(s.typ).(model.Array); ok && a.Len == 0 && element == 0 && depth <= maxDepth {
		// The first element of a flexible array lies behind the record.
		return x.descend(slot{s.name + "[0]", a.Elem, s.off, x.bitsOf(a.Elem, 0)}, inner, false, 0, depth+1)
	}
	if s.size <= 0 || depth > maxDepth {
		return s, false
	}
	switch t := model.Unqualified(s.typ).(type) {
	case model.Array:
		if t.Len <= element || s.size%t.Len != 0 {
			return s, false
		}
		each := s.size / t.Len
		return x.descend(slot{fmt.Sprintf("%s[%d]", s.name, element), t.Elem, s.off + element*each, each}, inner, false, 0, depth+1)
	case model.Ref:
		if t.Kind == model.RefEnum {
			break
		}
		r := inner
		if r == nil {
			r = x.record(t.Name)
		}
		if r == nil {
			return s, false
		}
		for _, m := range x.leaves(r) {
			at := slot{s.name + "." + m.name, m.typ, s.off + m.off, m.size}
			if got, ok := x.descend(at, m.record, m.bitfield, 0, depth+1); ok {
				return got, true
			}
		}
		return s, false
	}
	if !bitfield && s.size > 64 {
		// Of what is wider than a register the first eight bytes do.
		s.size = 64
	}
	return s, s.size <= 64
}

// bitsOf returns the size of a type in bits, 0 where it is not known.
func (x *index) bitsOf(t model.Type, depth int) int64 {
	if depth > maxDepth {
		return 0
	}
	switch y := model.Unqualified(t).(type) {
	case model.Int:
		return int64(y.Bits)
	case model.Bool:
		return 8
	case model.Float:
		return int64(y.Bits)
	case model.Pointer:
		if target, err := model.TargetByName(x.abi.Target); err == nil {
			return target.PointerSize * 8
		}
	case model.Array:
		return y.Len * x.bitsOf(y.Elem, depth+1)
	case model.Ref:
		if y.Kind == model.RefEnum {
			if e := x.enum(y.Name); e != nil {
				return e.Size * 8
			}
			return 32
		}
		if r := x.record(y.Name); r != nil {
			return r.Size * 8
		}
	}
	return 0
}

// provePair writes a member through the old layout and reads it through the
// new one.
func (d *layoutDiff) provePair(p *memberPair) *Witness {
	oa, na := elements(p.old), elements(p.new)
	if oa > 1 && na > 1 && oa != na && p.old.size == p.new.size {
		// Other elements share the same bytes: the second begins elsewhere.
		w, ok1 := d.o.slotOf(p.old, 1)
		r, ok2 := d.n.slotOf(p.new, 1)
		if ok1 && ok2 {
			if got := d.witness(&w, &r); got != nil {
				return got
			}
		}
	}
	if oa != na && model.Unqualified(p.old.typ) != nil {
		// The arrays agree as far as the shorter one goes.
		if oa > na {
			if w, ok := d.o.slotOf(p.old, na); ok {
				return d.proveLost(w)
			}
		} else if r, ok := d.n.slotOf(p.new, oa); ok {
			return d.proveFound(r)
		}
	}
	w, ok1 := d.o.slotOf(p.old, 0)
	r, ok2 := d.n.slotOf(p.new, 0)
	if !ok1 || !ok2 {
		return nil
	}
	return d.witness(&w, &r)
}

// elements returns the length of an array, 0 for what is none.
func elements(l *leaf) int64 {
	if a, ok := model.Unqualified(l.typ).(model.Array); ok {
		return a.Len
	}
	return 0
}

func (d *layoutDiff) proveRemoved(l *leaf) *Witness {
	w, ok := d.o.slotOf(l, 0)
	if !ok {
		return nil
	}
	return d.proveLost(w)
}

// proveLost writes what the new side knows by no name.
func (d *layoutDiff) proveLost(w slot) *Witness {
	for _, n := range d.m.new {
		for e := range max(elements(n), 1) {
			r, ok := d.n.slotOf(n, e)
			if ok && r.name != w.name && r.off < w.off+w.size && w.off < r.off+r.size {
				if got := d.witness(&w, &r); got != nil {
					return got
				}
				// The number is the same: it is taken for another thing.
				return d.say(&w, &r, patterns[0], unwritten[0])
			}
		}
	}
	return d.witness(&w, nil)
}

func (d *layoutDiff) proveAdded(l *leaf) *Witness {
	r, ok := d.n.slotOf(l, 0)
	if !ok {
		return nil
	}
	return d.proveFound(r)
}

// proveFound reads what the old side knows by no name.
func (d *layoutDiff) proveFound(r slot) *Witness {
	for _, o := range d.m.old {
		for e := range max(elements(o), 1) {
			w, ok := d.o.slotOf(o, e)
			if ok && r.name != w.name && r.off < w.off+w.size && w.off < r.off+r.size {
				if got := d.witness(&w, &r); got != nil {
					return got
				}
				return d.say(&w, &r, patterns[0], unwritten[0])
			}
		}
	}
	return d.witness(nil, &r)
}

// proveSize takes the second of two records behind each other.
func (d *layoutDiff) proveSize() *Witness {
	for _, p := range d.m.pairs {
		w, ok1 := d.o.slotOf(p.old, 0)
		r, ok2 := d.n.slotOf(p.new, 0)
		if ok1 && ok2 && d.or.Size != d.nr.Size {
			w.name, r.name = "[1]."+w.name, "[1]."+r.name
			w.off += d.or.Size * 8
			r.off += d.nr.Size * 8
			if got := d.witness(&w, &r); got != nil {
				return got
			}
		}
	}
	return nil
}

// witness finds a number for which write and read differ. Without a write the
// old side stores nothing there, without a read the new side has nothing there.
func (d *layoutDiff) witness(w, r *slot) *Witness {
	for _, filler := range unwritten {
		for _, pattern := range patterns {
			if w != nil && narrowed(pattern, w.size) == 0 {
				continue
			}
			got := d.say(w, r, pattern, filler)
			if w == nil || r == nil || got.Write.Value != got.Read.Value {
				return got
			}
		}
	}
	if _, truth := model.Unqualified(w.typ).(model.Bool); truth {
		// Any byte but 0 is true, so only false can be lost.
		if got := d.say(w, r, 0, unwritten[0]); got.Write.Value != got.Read.Value {
			return got
		}
	}
	return nil
}

// narrowed is the part of a pattern that fits: its upper bits.
func narrowed(pattern uint64, size int64) uint64 { return pattern >> (64 - size) }

func (d *layoutDiff) say(w, r *slot, pattern uint64, filler byte) *Witness {
	out := &Witness{BigEndian: bigEndian(d.old)}
	end := max(d.or.Size, d.nr.Size) * 8
	for _, s := range []*slot{w, r} {
		if s != nil {
			end = max(end, s.off+s.size)
		}
	}
	b := make([]byte, (end+7)/8)
	for i := range b {
		b[i] = filler
	}
	var text string
	if w != nil {
		raw := narrowed(pattern, w.size)
		if pattern == 1 {
			raw = 1
		}
		setBits(b, w.off, w.size, raw, bigEndian(d.old))
		out.Write = d.o.access(w, raw)
		text = fmt.Sprintf("write %s = %s through the old layout: ", w.name, out.Write.Value)
	} else {
		text = "write all the old layout has: "
	}
	switch {
	case r != nil:
		out.Read = d.n.access(r, getBits(b, r.off, r.size, bigEndian(d.new)))
		text += fmt.Sprintf("the new reads %s = %s", r.name, out.Read.Value)
	case w.off >= d.nr.Size*8:
		text += fmt.Sprintf("it lies behind the %s of the new", count(d.nr.Size, "byte"))
	default:
		text += "the new has no member there"
	}
	if w == nil {
		text += ", from bytes nobody wrote"
	}
	out.Text = text
	out.Bytes, out.FirstByte = shown(b, w, r)
	return out
}

// shown prints the bytes, of a long record those that are written and read.
func shown(b []byte, w, r *slot) (text string, first int64) {
	if len(b) > longestBytes {
		low, high := int64(len(b)), int64(0)
		for _, s := range []*slot{w, r} {
			if s != nil {
				low, high = min(low, s.off/8), max(high, (s.off+s.size+7)/8)
			}
		}
		if high-low > longestBytes {
			low = high - longestBytes
		}
		b, first = b[low:high], low
	}
	return hex.EncodeToString(b), first
}

func bigEndian(a *model.ABI) bool {
	t, err := model.TargetByName(a.Target)
	return err == nil && t.BigEndian
}

// bit returns the byte and mask of a bit, counted as [model.Field.BitOffset] is.
func bit(off int64, big bool) (int64, byte) {
	if big {
		return off / 8, 0x80 >> (off % 8)
	}
	return off / 8, 1 << (off % 8)
}

// setBits stores the low size bits of v. On a little-endian machine the first
// bit in memory is the least significant one, on a big-endian machine the most.
func setBits(b []byte, off, size int64, v uint64, big bool) {
	for i := range size {
		at, mask := bit(off+i, big)
		from := i
		if big {
			from = size - 1 - i
		}
		b[at] &^= mask
		if v>>from&1 == 1 {
			b[at] |= mask
		}
	}
}

func getBits(b []byte, off, size int64, big bool) (v uint64) {
	for i := range size {
		at, mask := bit(off+i, big)
		if b[at]&mask == 0 {
			continue
		}
		if big {
			v |= 1 << (size - 1 - i)
		} else {
			v |= 1 << i
		}
	}
	return v
}

func (x *index) access(s *slot, raw uint64) *Access {
	return &Access{Member: s.name, Type: cType(s.typ), Value: x.value(s.typ, s.size, raw), BitOffset: s.off, BitSize: s.size}
}

// value is a number as its type has it: hexadecimal, or decimal when negative.
func (x *index) value(t model.Type, size int64, raw uint64) string {
	switch y := model.Unqualified(t).(type) {
	case model.Bool:
		return strconv.FormatBool(raw != 0)
	case model.Float:
		switch y.Bits {
		case 32:
			return strconv.FormatFloat(float64(math.Float32frombits(uint32(raw))), 'g', -1, 32)
		case 64:
			return strconv.FormatFloat(math.Float64frombits(raw), 'g', -1, 64)
		}
	case model.Pointer:
		return fmt.Sprintf("pointer %#x", raw)
	}
	if signed(t, x) && size > 0 && raw>>(size-1)&1 == 1 {
		return strconv.FormatInt(int64(raw<<(64-size))>>(64-size), 10)
	}
	return fmt.Sprintf("%#x", raw)
}

// refusal is the witness where a loader copies members by name.
func (d *layoutDiff) refusal(is *issue) *Witness {
	at := func(l *leaf) bool { return d.subject(l) == is.Subject && !model.IsCallback(l.typ) }
	if i := slices.IndexFunc(d.m.removed, at); i >= 0 {
		return d.notZero(d.m.removed[i])
	}
	i := slices.IndexFunc(d.m.pairs, func(p *memberPair) bool { return at(p.old) })
	if i < 0 {
		return nil
	}
	p := d.m.pairs[i]
	w, ok := d.o.slotOf(p.old, 0)
	if !ok {
		return nil
	}
	out := &Witness{}
	switch is.Rule {
	case "field.renamed":
		return d.notZero(p.old)
	case "field.sign":
		r := slot{p.new.name, elementType(p.new.typ), p.new.off, w.size}
		raw := narrowed(1<<63, w.size)
		out.Write, out.Read = d.o.access(&w, raw), d.n.access(&r, raw)
		out.Text = fmt.Sprintf("the program sets %s = %s: the loader copies the bytes, and %s reads %s", w.name, out.Write.Value, d.who.new, out.Read.Value)
	default:
		out.Write = d.o.access(&w, narrowed(patterns[0], w.size))
		out.Text = fmt.Sprintf("the program sets %s = %s: the loader finds %s (%s) against %s (%s) and refuses before it copies", w.name, out.Write.Value,
			cType(p.old.typ), bytes(p.old.size), cType(p.new.typ), bytes(p.new.size))
	}
	return out
}

func (d *layoutDiff) notZero(l *leaf) *Witness {
	w, ok := d.o.slotOf(l, 0)
	if !ok {
		return nil
	}
	out := &Witness{Write: d.o.access(&w, narrowed(patterns[0], w.size))}
	out.Text = fmt.Sprintf("the program sets %s = %s: the loader finds no such member, and accepts nothing but zero bytes in it", w.name, out.Write.Value)
	return out
}

// elementType is what an array is made of in the end.
func elementType(t model.Type) model.Type {
	for e := element(t); e != nil; e = element(t) {
		t = e
	}
	return t
}
