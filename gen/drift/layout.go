// SPDX-License-Identifier: MIT

package drift

import (
	"fmt"
	"slices"

	"github.com/fuseiomap/abigen/gen/model"
)

// layoutDiff compares two layouts. It attributes each move to the change that
// caused it: members are walked in the order they lie in memory, and where the
// distance to the old place changes, the last change before that place is the
// reason.
type layoutDiff struct {
	*comparison
	s      scope
	or, nr *model.Record
	m      *matching
	// chain is the pairs that kept their order.
	chain []*memberPair
	// gaps[i] holds the findings about what lies before chain[i]; the last
	// entry those behind all of them.
	gaps [][]*issue
	// last is the latest finding with an effect on places.
	last *issue
}

// compareLayout compares two records and returns the finding that explains why
// the new one has another size or alignment, or nil.
func (c *comparison) compareLayout(s scope, or, nr *model.Record, depth int) *issue {
	if or == nil || nr == nil || depth > maxDepth {
		return nil
	}
	if !c.both(model.Records, s.subject) {
		return nil
	}
	d := &layoutDiff{comparison: c, s: s, or: or, nr: nr, m: c.match(or, nr)}
	if s.partial {
		d.m.pairs = slices.DeleteFunc(d.m.pairs, func(p *memberPair) bool { return !p.old.relocated })
		d.m.removed = slices.DeleteFunc(d.m.removed, func(l *leaf) bool { return !l.relocated })
	}
	for _, p := range d.m.pairs {
		d.compareMember(p, depth)
	}
	if s.flavour {
		// CO-RE finds each member by name: where it lies does not matter.
		d.gaps = make([][]*issue, 1)
		for _, l := range d.m.removed {
			d.removed(l, 0)
		}
		return nil
	}
	if or.Kind != nr.Kind {
		return d.kindChanged()
	}
	d.groupKinds()
	var swaps [][2]*memberPair
	var moved []*memberPair
	d.chain, swaps, moved = reordered(d.m.pairs)
	d.gaps = make([][]*issue, len(d.chain)+1)
	d.reportSwaps(swaps)
	d.reportMoved(moved)
	d.reportRemoved()
	d.reportAdded()
	d.explainMoves()
	d.compareSize()
	if or.Size == nr.Size && or.Align == nr.Align {
		return nil
	}
	return d.last
}

func (d *layoutDiff) subject(l *leaf) string { return d.s.subject + "." + l.name }

// member reports a finding about a member. For a flavoured record, which is
// read by CO-RE, only what a relocation depends on is a finding.
func (d *layoutDiff) member(id string, subject string, ch change, oldPos, newPos model.Pos) *issue {
	if d.s.flavour {
		switch id {
		case "field.removed", "union.member.removed", "callback.removed", "field.renamed":
			id = "flavour.removed"
		default:
			id = "flavour.type"
		}
	}
	is := d.report(id, d.s.profiles, subject, ch, oldPos, newPos)
	is.Record, is.laidOut, is.diff = d.s.record, true, d
	is.place[0] = d.placeOf(subject)
	return is
}

// placeOf returns where the member of a subject lies, on the old side if it is
// there; -1 for the record itself.
func (d *layoutDiff) placeOf(subject string) int64 {
	for _, ls := range [][]*leaf{d.m.old, d.m.new} {
		for _, l := range ls {
			if d.subject(l) == subject {
				return d.s.base + l.off
			}
		}
	}
	return d.s.base - 1
}

// compareMember compares the types of one member.
func (d *layoutDiff) compareMember(p *memberPair, depth int) {
	o, n := p.old, p.new
	at := d.subject(o)
	ch := change{record: d.s.subject, name: o.name, old: o.fact(), new: n.fact()}
	ch.callback = model.IsCallback(o.typ)
	if p.renamed {
		ch := ch
		ch.other = n.name
		ch.old, ch.new = o.name+", "+ch.old, n.name+", "+ch.new
		d.member("field.renamed", at, ch, o.pos, n.pos)
	}
	if ch.callback && model.IsCallback(n.typ) {
		d.compareCallback(d.s, o, n)
		return
	}
	if o.bitfield != n.bitfield || o.bitfield && o.size != n.size {
		if d.goSide() && o.bitfield != n.bitfield {
			d.unsure(model.Records, "Go has no bit-fields", at)
			return
		}
		p.cause = d.member("field.bits", at, ch, o.pos, n.pos)
		return
	}
	kind := d.typeDelta(o.typ, n.typ, at, 0)
	switch kind {
	case same, deltaConst, deltaPointee, deltaEnum:
		p.cause = d.embedded(o, n, depth)
	}
	switch kind {
	case same:
	case deltaPointee, deltaConst, deltaEnum:
		if d.s.flavour {
			break
		}
		if kind != deltaPointee || d.both(model.Pointees, at) {
			d.member("field."+string(kind), at, ch, o.pos, n.pos)
		}
	case deltaSign:
		if d.s.profiles[0] == Loader && isEnum(o.typ) != isEnum(n.typ) {
			// The loader refuses the kind before anyone could mistake the sign.
			d.member("field.enum", at, ch, o.pos, n.pos)
			return
		}
		ch.note = "unsigned"
		if signed(n.typ, d.n) {
			ch.note = "signed"
		}
		d.member("field.sign", at, ch, o.pos, n.pos)
	default:
		if kind == deltaSize {
			ch.note, ch.other = wider(o.size, n.size), d.behind(p)
		}
		if _, pointer := model.Unqualified(o.typ).(model.Pointer); pointer && kind == deltaType {
			ch.note = "pointer"
		}
		if kind == deltaArray && o.size == n.size {
			ch.note = "same size"
		}
		p.cause = d.member("field."+string(kind), at, ch, o.pos, n.pos)
		return
	}
	if o.size == n.size {
		return
	}
	if p.cause != nil {
		p.cause.implies(fmt.Sprintf("%s takes %s instead of %s", at, bytes(n.size), bytes(o.size)))
		return
	}
	ch.note, ch.other = wider(o.size, n.size), d.behind(p)
	ch.old, ch.new = ch.old+", "+bytes(o.size), ch.new+", "+bytes(n.size)
	p.cause = d.member("field.size", at, ch, o.pos, n.pos)
}

// behind says what the new layout has where the old one keeps the upper bytes
// of a member that is narrower now.
func (d *layoutDiff) behind(p *memberPair) string {
	rest := &leaf{off: p.new.end(), size: p.old.size - p.new.size}
	if n := d.newAt(rest, p.new.name); n != nil {
		return "bytes of " + tick(n.name)
	}
	if rest.off >= d.nr.Size*8 {
		return "bytes behind the record"
	}
	return "padding"
}

func isEnum(t model.Type) bool {
	r, ok := model.Unqualified(t).(model.Ref)
	return ok && r.Kind == model.RefEnum
}

func wider(before, after int64) string {
	if after > before {
		return "wider"
	}
	return "narrower"
}

// signed reports whether the number a type holds is signed.
func signed(t model.Type, x *index) bool {
	switch y := model.Unqualified(t).(type) {
	case model.Int:
		return y.Signed
	case model.Ref:
		e := x.enum(y.Name)
		return e != nil && e.Signed
	case model.Array:
		return signed(y.Elem, x)
	case model.Vector:
		return signed(y.Elem, x)
	}
	return false
}

// embedded compares the record in the type of a member, where it is anonymous,
// and returns the finding that explains another layout of it. A named record
// or an enum was compared on its own.
func (d *layoutDiff) embedded(o, n *leaf, depth int) *issue {
	or, oldName := d.o.recordOf(o)
	nr, newName := d.n.recordOf(n)
	if o.record != nil || n.record != nil {
		if or == nil || nr == nil {
			return nil
		}
		s := d.s
		s.subject = d.subject(o)
		s.base += o.off
		s.oldName, s.newName = oldName, newName
		if oldName == "" {
			s.oldName = d.s.oldName + "." + o.name
		}
		if newName == "" {
			s.newName = d.s.newName + "." + n.name
		}
		s.ops = or.IsOps() || nr.IsOps()
		cause := d.compareLayout(s, or, nr, depth+1)
		if _, pointer := model.Unqualified(o.typ).(model.Pointer); pointer {
			return nil
		}
		return cause
	}
	var cause *issue
	eachValueRef(o.typ, 0, func(r model.Ref) {
		if r.Kind == model.RefEnum {
			cause = d.enumCause[r.Name]
		} else if p := d.pairOf[d.o.record(r.Name)]; p != nil {
			cause = p.cause
		}
	})
	return cause
}

// recordOf returns the record in a member's type, and its name unless it is
// anonymous.
func (x *index) recordOf(l *leaf) (*model.Record, string) {
	if l.record != nil {
		return l.record, ""
	}
	var found model.Ref
	eachRef(l.typ, 0, func(r model.Ref) { found = r })
	if found.Kind == model.RefEnum || found.Name == "" {
		return nil, ""
	}
	return x.record(found.Name), found.Name
}

// kindChanged reports struct against union; the moves follow from it.
func (d *layoutDiff) kindChanged() *issue {
	is := d.member("record.kind", d.s.subject, change{record: d.s.subject,
		old: string(d.or.Kind), new: string(d.nr.Kind)}, d.or.Pos, d.nr.Pos)
	for _, p := range d.m.pairs {
		d.implyMove(is, p)
	}
	for _, l := range d.m.removed {
		is.implies(d.subject(l) + " is gone")
	}
	for _, l := range d.m.added {
		is.implies(d.subject(l) + " is new")
	}
	d.implySize(is)
	return is
}

// groupKinds reports anonymous records inside that turned from struct to union
// or back, and takes their members out of the walk: where they lie follows.
func (d *layoutDiff) groupKinds() {
	found := map[*group]*issue{}
	var rest []*memberPair
	for _, p := range d.m.pairs {
		og, ng := p.old.group, p.new.group
		if og == nil || ng == nil || og.kind == ng.kind || max(og.leaves, ng.leaves) < 2 {
			rest = append(rest, p)
			continue
		}
		is := found[og]
		if is == nil {
			is = d.member("record.kind", d.s.subject+".(anonymous)", change{record: d.s.subject + ".(anonymous)",
				old: string(og.kind), new: string(ng.kind)}, og.pos, ng.pos)
			found[og] = is
		}
		d.implyMove(is, p)
		// It stands in the walk as a change of the member before the next.
		if last := len(rest) - 1; last >= 0 {
			rest[last].cause = is
		} else if d.last == nil {
			d.last = is
		}
	}
	d.m.pairs = rest
}

// implyMove adds a move to what follows from a finding, which then is no less
// serious than the move alone would be.
func (d *layoutDiff) implyMove(is *issue, p *memberPair) {
	if p.old.off != p.new.off {
		is.raise("field.moved", d.s.profiles)
		is.moves = append(is.moves, move{d, p})
		is.implies(fmt.Sprintf("%s moves from %s to %s", d.subject(p.old), place(p.old.off), place(p.new.off)))
	}
}

// gapOfOld returns the index in the chain before which a place of the old
// layout lies, gapOfNew the same for the new layout.
func (d *layoutDiff) gapOfOld(off int64) int {
	return d.gap(func(p *memberPair) bool { return p.old.off >= off })
}

func (d *layoutDiff) gapOfNew(off int64) int {
	return d.gap(func(p *memberPair) bool { return p.new.off >= off })
}

func (d *layoutDiff) gap(behind func(*memberPair) bool) int {
	if i := slices.IndexFunc(d.chain, behind); i >= 0 {
		return i
	}
	return len(d.chain)
}

// shift returns by how much the distance to the old place changes at gap i.
func (d *layoutDiff) shift(i int) int64 {
	var before int64
	if i > 0 {
		before = d.chain[i-1].delta()
	}
	if i == len(d.chain) {
		return 0
	}
	return d.chain[i].delta() - before
}

func (d *layoutDiff) mark(is *issue, gaps ...int) {
	for _, g := range gaps {
		if !slices.Contains(d.gaps[g], is) {
			d.gaps[g] = append(d.gaps[g], is)
		}
	}
}

func (d *layoutDiff) reportSwaps(swaps [][2]*memberPair) {
	for _, s := range swaps {
		a, b := s[0], s[1]
		// With padding between them one of the two may still lie where it did.
		moved := a
		if a.delta() == 0 {
			moved = b
		}
		is := d.member("field.swapped", d.subject(a.old), change{record: d.s.subject, name: a.old.name, other: b.old.name,
			note: d.atOldPlace(moved.old),
			old:  fmt.Sprintf("%s at %s, %s at %s", a.old.name, place(a.old.off), b.old.name, place(b.old.off)),
			new:  fmt.Sprintf("%s at %s, %s at %s", b.new.name, place(b.new.off), a.new.name, place(a.new.off))},
			a.old.pos, a.new.pos)
		is.moves = append(is.moves, move{d, a}, move{d, b})
		d.mark(is, d.gapOfOld(a.old.off), d.gapOfOld(b.old.off), d.gapOfNew(a.new.off), d.gapOfNew(b.new.off))
	}
}

// reportMoved reports members that left the order of the others. Neighbours
// that moved together, by the same distance, are one finding.
func (d *layoutDiff) reportMoved(moved []*memberPair) {
	for i := 0; i < len(moved); {
		p := moved[i]
		is := d.moved(p)
		d.mark(is, d.gapOfOld(p.old.off), d.gapOfNew(p.new.off))
		for i++; i < len(moved) && moved[i].delta() == p.delta() && moved[i].old.group == p.old.group &&
			d.gapOfOld(moved[i].old.off) == d.gapOfOld(p.old.off); i++ {
			d.implyMove(is, moved[i])
		}
	}
}

func (d *layoutDiff) moved(p *memberPair) *issue {
	return d.member("field.moved", d.subject(p.old), change{record: d.s.subject, name: p.old.name,
		old: p.old.fact(), new: p.new.fact(), note: d.atOldPlace(p.old)}, p.old.pos, p.new.pos)
}

// newAt returns the member of the new layout, other than the named one, that
// lies on bytes of l, or nil.
func (d *layoutDiff) newAt(l *leaf, but string) *leaf {
	for _, n := range d.m.new {
		if n.name != but && n.overlaps(l.off, max(l.end(), l.off+1)) {
			return n
		}
	}
	return nil
}

// atOldPlace says what the new layout has where the old one has l.
func (d *layoutDiff) atOldPlace(l *leaf) string {
	if n := d.newAt(l, l.name); n != nil {
		return fmt.Sprintf("%s would read %s where %s keeps %s", d.who.old, tick(l.name), d.who.new, tick(n.name))
	}
	switch {
	case d.newAt(l, "") != nil:
		return fmt.Sprintf("%s would read only a part of it", d.who.old)
	case l.off >= d.nr.Size*8:
		return fmt.Sprintf("%s would read past the record of %s", d.who.old, d.who.new)
	}
	return fmt.Sprintf("%s would read %s where %s has padding", d.who.old, tick(l.name), d.who.new)
}

// behindAll reports whether a member lies behind all those of a struct_ops type
// that both sides have, and is no callback.
func (d *layoutDiff) behindAll(l *leaf, gap int) bool {
	return d.s.ops && gap == len(d.chain) && gap > 0 && !model.IsCallback(l.typ)
}

// withoutBits reports whether one side is Go that says nothing of bit-fields: it
// has none of its own, and directives may describe them or not.
func (d *layoutDiff) withoutBits() bool {
	if !d.goSide() {
		return false
	}
	leaves := d.m.new
	if d.old.Side == model.SideGo {
		leaves = d.m.old
	}
	return !slices.ContainsFunc(leaves, func(l *leaf) bool { return l.bitfield })
}

func (d *layoutDiff) reportRemoved() {
	var tail []*leaf
	done := map[*group]*issue{}
	for _, l := range d.m.removed {
		if l.bitfield && d.withoutBits() {
			d.unsure(model.Records, "Go has no bit-fields", d.subject(l))
			continue
		}
		gap := d.gapOfOld(l.off)
		if d.kernelOnly() && d.behindAll(l, gap) {
			// The kernel's private tail, seen from the kernel.
			tail = append(tail, l)
			continue
		}
		if g := wholly(l.group, d.m.removed); g != nil {
			if is := done[g]; is != nil {
				is.implies(d.subject(l) + " is gone with it")
				continue
			}
			done[g] = d.removed(l, gap)
			continue
		}
		d.removed(l, gap)
	}
	d.reportTail(tail, d.who.old)
}

// reportTail reports the private members that one side has behind the last
// common one.
func (d *layoutDiff) reportTail(tail []*leaf, whose string) {
	if len(tail) == 0 {
		return
	}
	names := make([]string, len(tail))
	for i, l := range tail {
		names[i] = l.name
	}
	is := d.member("record.tail", d.s.subject, change{record: d.s.subject, name: whose, note: ticks(names),
		old: count(d.or.Size, "byte"), new: count(d.nr.Size, "byte")}, d.or.Pos, d.nr.Pos)
	d.mark(is, len(d.chain))
}

func (d *layoutDiff) removed(l *leaf, gap int) *issue {
	id := "field.removed"
	ch := change{record: d.s.subject, name: l.name, old: l.fact(), new: "none", note: "that mean nothing to it"}
	if n := d.newAt(l, ""); n != nil {
		ch.note = "that now hold " + tick(n.name)
	} else if l.off >= d.nr.Size*8 {
		ch.note = "behind the end of the record"
	}
	switch {
	case model.IsCallback(l.typ) && d.s.ops && d.s.profiles[0] != Overlay:
		id = "callback.removed"
	case l.union:
		id = "union.member.removed"
	}
	is := d.member(id, d.subject(l), ch, l.pos, d.nr.Pos)
	d.mark(is, gap)
	return is
}

// wholly returns the outermost anonymous record around a member of which only
// the given members remain to be explained, or nil.
func wholly(g *group, ls []*leaf) (outermost *group) {
	for ; g != nil; g = g.parent {
		n := 0
		for _, l := range ls {
			if l.group.within(g) {
				n++
			}
		}
		if n == g.leaves && n > 1 {
			outermost = g
		}
	}
	return outermost
}

func (d *layoutDiff) reportAdded() {
	var tail []*leaf
	done := map[*group]*issue{}
	for _, l := range d.m.added {
		if l.bitfield && d.withoutBits() {
			d.unsure(model.Records, "Go has no bit-fields", d.subject(l))
			continue
		}
		gap := d.gapOfNew(l.off)
		if (!d.goSide() || d.new.Side == model.SideKernel) && d.behindAll(l, gap) {
			tail = append(tail, l)
			continue
		}
		if d.replaces(l, gap) {
			continue
		}
		if g := wholly(l.group, d.m.added); g != nil {
			if is := done[g]; is != nil {
				is.implies(d.subject(l) + " is new with it")
				continue
			}
			done[g] = d.added(l, gap)
			continue
		}
		d.added(l, gap)
	}
	d.reportTail(tail, d.who.new)
}

// replaces reports whether an added member took the bytes of a removed one;
// then it is a consequence of the removal.
func (d *layoutDiff) replaces(l *leaf, gap int) bool {
	var before int64
	if gap > 0 {
		before = d.chain[gap-1].delta()
	}
	for _, r := range d.m.removed {
		if r.union || d.gapOfOld(r.off) != gap || !l.overlaps(r.off+before, r.end()+before) {
			continue
		}
		for _, is := range d.gaps[gap] {
			if is.Subject == d.subject(r) {
				is.implies(fmt.Sprintf("its bytes now hold %s (%s)", d.subject(l), l.fact()))
				return true
			}
		}
	}
	return false
}

// oldAt reports whether the old layout has a member there.
func (d *layoutDiff) oldAt(off, end int64) bool {
	return slices.ContainsFunc(d.m.old, func(o *leaf) bool { return o.overlaps(off, end) })
}

func (d *layoutDiff) added(l *leaf, gap int) *issue {
	ch := change{record: d.s.subject, name: l.name, old: "none", new: l.fact()}
	id := "field.inserted"
	var before int64
	if gap > 0 {
		before = d.chain[gap-1].delta()
		ch.note = " behind " + tick(d.chain[gap-1].new.name)
	}
	shares := l.union && slices.ContainsFunc(d.m.pairs, func(p *memberPair) bool {
		return p.new.union && p.new.overlaps(l.off, max(l.end(), l.off+1))
	})
	fits := l.end()-before <= d.or.Size*8
	switch {
	case model.IsCallback(l.typ) && d.s.ops && d.s.profiles[0] != Overlay:
		id = "callback.added"
	case shares:
		id = "union.member.added"
	case gap == len(d.chain) && (d.nr.Size > d.or.Size || !fits):
		id, ch.note = "field.appended", ""
		if d.nr.Size > d.or.Size {
			ch.note = count(d.nr.Size-d.or.Size, "byte")
		}
	case d.shift(gap) == 0 && fits && !d.oldAt(l.off-before, l.end()-before):
		id = "field.padding"
	}
	is := d.member(id, d.subject(l), ch, d.or.Pos, l.pos)
	d.mark(is, gap)
	return is
}

// explainMoves attributes every change of place to a finding.
func (d *layoutDiff) explainMoves() {
	var unexplained []*memberPair
	var delta int64
	gaps := 0
	for i, p := range d.chain {
		if len(d.gaps[i]) > 0 {
			d.last = d.gaps[i][0]
		}
		changed := p.delta() != delta
		delta = p.delta()
		if changed && d.last == nil {
			// A member can move by its own change: a wider one is aligned
			// otherwise.
			d.last = p.cause
			if d.last == nil {
				d.last = d.causeInGroup(p)
			}
		}
		switch {
		case d.last != nil:
			// A member's own finding tells its place, one about the type it
			// embeds does not.
			if delta != 0 && (p.cause != d.last || d.last.Subject != d.subject(p.old)) {
				d.implyMove(d.last, p)
			}
		case changed || len(unexplained) > 0 && delta != 0:
			if changed {
				gaps++
			}
			unexplained = append(unexplained, p)
		}
		if p.cause != nil {
			d.last = p.cause
		}
	}
	if g := d.gaps[len(d.chain)]; len(g) > 0 {
		d.last = g[0]
	}
	if len(unexplained) == 0 {
		return
	}
	var is *issue
	first := unexplained[0]
	if d.repacked() || gaps > 1 {
		is = d.packing()
		d.implyMove(is, first)
	} else {
		is = d.moved(first)
	}
	for _, p := range unexplained[1:] {
		d.implyMove(is, p)
	}
	d.last = is
}

// causeInGroup returns the finding about another member of the anonymous record
// around a pair: a wider one moves the whole record to a multiple of its size.
func (d *layoutDiff) causeInGroup(p *memberPair) *issue {
	if p.old.group == nil || p.new.group == nil {
		return nil
	}
	old, now := p.old.group.outermost(), p.new.group.outermost()
	for _, q := range d.m.pairs {
		if q.cause != nil && q.old.group.within(old) {
			return q.cause
		}
	}
	for _, is := range slices.Concat(d.gaps...) {
		for _, l := range d.m.added {
			if l.group.within(now) && d.subject(l) == is.Subject {
				return is
			}
		}
		for _, l := range d.m.removed {
			if l.group.within(old) && d.subject(l) == is.Subject {
				return is
			}
		}
	}
	return nil
}

func (d *layoutDiff) packing() *issue {
	say := func(r *model.Record) string {
		s := count(r.Size, "byte")
		if r.Packed {
			s += ", packed"
		}
		return s
	}
	return d.member("record.packing", d.s.subject, change{record: d.s.subject, old: say(d.or), new: say(d.nr)}, d.or.Pos, d.nr.Pos)
}

// compareSize reports a size or alignment that no other finding explains.
func (d *layoutDiff) compareSize() {
	sized := d.or.Size == d.nr.Size
	aligned := true
	if d.s.profiles[0] != Loader && d.both(model.Alignment, d.s.subject) {
		aligned = d.or.Align == d.nr.Align || d.or.Align == 0 || d.nr.Align == 0
	}
	switch {
	case sized && aligned:
	case d.last != nil:
		d.implySize(d.last)
	case !sized && d.repacked():
		d.last = d.packing()
	case !sized:
		note := "larger"
		if d.nr.Size < d.or.Size {
			note = "smaller"
		}
		d.last = d.member("record.size", d.s.subject, change{record: d.s.subject, note: note,
			old: count(d.or.Size, "byte"), new: count(d.nr.Size, "byte")}, d.or.Pos, d.nr.Pos)
	default:
		d.last = d.member("record.align", d.s.subject, change{record: d.s.subject,
			old: "aligned to " + count(d.or.Align, "byte"), new: "aligned to " + count(d.nr.Align, "byte")}, d.or.Pos, d.nr.Pos)
	}
}

// repacked reports whether the declarations ask for different packing. Only C
// declarations can tell.
func (d *layoutDiff) repacked() bool {
	return d.or.Packed != d.nr.Packed && d.old.Side == model.SideContract && d.new.Side == model.SideContract
}

func (d *layoutDiff) implySize(is *issue) {
	if d.or.Size != d.nr.Size {
		is.implies(fmt.Sprintf("%s takes %s instead of %s", d.s.subject, count(d.nr.Size, "byte"), count(d.or.Size, "byte")))
	}
}
