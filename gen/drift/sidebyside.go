// SPDX-License-Identifier: MIT

package drift

import (
	"cmp"
	"slices"

	"github.com/fuseiomap/abigen/gen/model"
)

// Layout is a record as the two sides lay it out, line by line, for a report to
// print side by side. [Result.Layouts] has one for each record with a finding
// about its members or size; a [Finding] names the record it belongs to.
type Layout struct {
	// Record is what [Finding.Record] says: the old side's name of the record.
	Record string `json:"record"`
	// Old and New are the two declarations, such as "struct fuse_iomap_io".
	Old string `json:"old"`
	New string `json:"new"`
	// OldSize and NewSize are in bytes, the padding at the end included.
	OldSize int64 `json:"old_size"`
	NewSize int64 `json:"new_size"`
	// OldPos and Pos are where the sides declare the record, as in a finding.
	OldPos model.Pos `json:"old_pos,omitzero"`
	Pos    model.Pos `json:"pos,omitzero"`
	// Rows are in the order of memory. A member that left the order of the
	// others has two: one where it was and one where it is.
	Rows []Row `json:"rows"`
}

// Row is one line of a [Layout].
type Row struct {
	Mark Mark `json:"mark"` // how the sides differ here
	// Old and New are what the sides have on this line; nil is nothing.
	Old *Cell `json:"old,omitempty"`
	New *Cell `json:"new,omitempty"`
	// Rules are the IDs of the findings whose subject is the member, sorted.
	Rules []string `json:"rules,omitempty"`
}

// Cell is a member of one side, or its padding.
type Cell struct {
	// Name is the member's name, with a path through members whose own type has
	// no name, such as "pos.line"; it is empty for padding.
	Name string `json:"name,omitempty"`
	// Type is the type in C with the width in the name of integers, such as
	// "u64" or "char[16]"; "padding" for padding.
	Type string `json:"type"`
	// BitOffset is counted from the start of the record, as in
	// [model.Field.BitOffset]; both are in bits.
	BitOffset int64 `json:"bit_offset"`
	BitSize   int64 `json:"bit_size"`           // 0 for a flexible array
	Bitfield  bool  `json:"bitfield,omitempty"` // declared with a width
}

// Mark says how the two halves of a [Row] relate.
type Mark string

const (
	// Same: the same member at the same place. Also padding on both sides.
	Same Mark = "same"
	// Moved: the same member, of the same type, at another place.
	Moved Mark = "moved"
	// Changed: the same place or member, another type, size, sign or name.
	Changed Mark = "changed"
	// Removed: only the old side has it.
	Removed Mark = "removed"
	// Added: only the new side has it.
	Added Mark = "added"
)

// Sign returns the mark as one character for a margin: space, ">", "~", "-"
// or "+".
func (m Mark) Sign() string {
	switch m {
	case Moved:
		return ">"
	case Changed:
		return "~"
	case Removed:
		return "-"
	case Added:
		return "+"
	}
	return " "
}

// SideBySide lays two records out side by side without comparing anything else.
// Names of the two may differ. It returns nil where one side lacks the record.
func SideBySide(old, now *model.ABI, oldName, newName string) *Layout {
	c := newComparison(old, now, Options{})
	o, n := c.o.record(oldName), c.n.record(newName)
	if o == nil || n == nil {
		return nil
	}
	l := c.sideBySide(&recordPair{old: o, new: n}, nil)
	return &l
}

// sideBySide makes the rows of a pair; rules maps subjects to the findings
// about them.
func (c *comparison) sideBySide(p *recordPair, rules map[string][]string) Layout {
	l := Layout{
		Record: p.old.Name, Old: declaration(p.old), New: declaration(p.new), OldSize: p.old.Size, NewSize: p.new.Size,
		OldPos: c.old.Locate(p.old.Pos), Pos: c.new.Locate(p.new.Pos),
	}
	w := &rowWriter{comparison: c, rules: rules}
	l.Rows = w.rows(p.old, p.new, p.old.Name, "", 0, 0, 0)
	return l
}

func declaration(r *model.Record) string {
	if r.Typedef {
		return r.Name
	}
	return string(r.Kind) + " " + r.Name
}

type rowWriter struct {
	*comparison
	rules map[string][]string
}

// rows walks two records whose subject in findings is at. The path is what
// stands before the names of members, the bases where the records start.
func (w *rowWriter) rows(o, n *model.Record, at, path string, oldBase, newBase int64, depth int) []Row {
	m := w.match(o, n)
	chain, _, _ := reordered(m.pairs)
	old, now := cells(m.old, o.Size*8), cells(m.new, n.Size*8)
	place := func(l *leaf) int {
		return slices.IndexFunc(now, func(x *leaf) bool { return x == l })
	}
	paired := map[*leaf]*memberPair{}
	for _, p := range m.pairs {
		paired[p.old], paired[p.new] = p, p
	}
	inChain := map[*memberPair]bool{}
	for _, p := range chain {
		inChain[p] = true
	}
	cell := func(l *leaf, base int64) *Cell {
		if l.name == "" {
			return &Cell{Type: "padding", BitOffset: base + l.off, BitSize: l.size}
		}
		return &Cell{Name: path + l.name, Type: cType(l.typ), BitOffset: base + l.off, BitSize: l.size, Bitfield: l.bitfield}
	}
	var out []Row
	next := 0
	// news prints what the new side alone has before index end.
	news := func(end int) {
		for ; next < end; next++ {
			l := now[next]
			r := Row{Mark: Added, New: cell(l, newBase)}
			if p := paired[l]; p != nil {
				if inChain[p] {
					continue
				}
				r.Mark = Moved
				l = p.old
			}
			r.Rules = w.rulesOf(at, l)
			out = append(out, r)
		}
	}
	for _, l := range old {
		p := paired[l]
		switch {
		case l.name == "" && next < len(now) && now[next].name == "" && now[next].size == l.size:
			mark := Same
			if now[next].off+newBase != l.off+oldBase {
				mark = Moved
			}
			out = append(out, Row{Mark: mark, Old: cell(l, oldBase), New: cell(now[next], newBase)})
			next++
		case p == nil:
			out = append(out, Row{Mark: Removed, Old: cell(l, oldBase), Rules: w.rulesOf(at, l)})
		case !inChain[p]:
			out = append(out, Row{Mark: Moved, Old: cell(l, oldBase), Rules: w.rulesOf(at, l)})
		default:
			i := place(p.new)
			news(i)
			next = max(next, i+1)
			r := Row{Mark: Same, Old: cell(l, oldBase), New: cell(p.new, newBase), Rules: w.rulesOf(at, l)}
			switch {
			case r.Old.Name != r.New.Name || r.Old.Type != r.New.Type || r.Old.BitSize != r.New.BitSize || r.Old.Bitfield != r.New.Bitfield:
				r.Mark = Changed
			case r.Old.BitOffset != r.New.BitOffset:
				r.Mark = Moved
			}
			if l.record != nil && p.new.record != nil && isRecord(l.typ) && isRecord(p.new.typ) && depth < maxDepth {
				out = append(out, w.rows(l.record, p.new.record, at+"."+l.name, path+l.name+".", oldBase+l.off, newBase+p.new.off, depth+1)...)
				continue
			}
			out = append(out, r)
		}
	}
	news(len(now))
	return out
}

func (w *rowWriter) rulesOf(at string, l *leaf) []string {
	if l.name == "" {
		return nil
	}
	return w.rules[at+"."+l.name]
}

func isRecord(t model.Type) bool {
	r, ok := model.Unqualified(t).(model.Ref)
	return ok && r.Kind != model.RefEnum
}

// cells returns members in the order of memory, with leaves without a name for
// the padding between and behind them.
func cells(ls []*leaf, size int64) []*leaf {
	sorted := slices.Clone(ls)
	slices.SortStableFunc(sorted, func(a, b *leaf) int { return cmp.Compare(a.off, b.off) })
	var out []*leaf
	var end int64
	for _, l := range sorted {
		if l.off > end {
			out = append(out, &leaf{off: end, size: l.off - end})
		}
		out = append(out, l)
		end = max(end, l.end())
	}
	if size > end {
		out = append(out, &leaf{off: end, size: size - end})
	}
	return out
}

// layouts returns the pictures of the records that findings are about.
func (c *comparison) layouts(found []*issue) []Layout {
	rules := map[string][]string{}
	about := map[string]bool{}
	for _, is := range found {
		if is.Record != "" && is.laidOut {
			about[is.Record] = true
		}
		if !slices.Contains(rules[is.Subject], is.Rule) {
			rules[is.Subject] = append(rules[is.Subject], is.Rule)
			slices.Sort(rules[is.Subject])
		}
	}
	var out []Layout
	done := map[string]bool{}
	for _, p := range c.pairs {
		if about[p.old.Name] && !done[p.old.Name] {
			done[p.old.Name] = true
			out = append(out, c.sideBySide(p, rules))
		}
	}
	slices.SortFunc(out, func(a, b Layout) int { return cmp.Compare(a.Record, b.Record) })
	return out
}
