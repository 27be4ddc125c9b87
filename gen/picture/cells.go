// SPDX-License-Identifier: MIT

package picture

import (
	"cmp"
	"slices"
	"strings"
)

// perRow is how many bytes one row of a grid has.
const perRow = 8

// cell is a stretch of whole bytes in a grid: a member, bit-fields that share
// bytes, a union, or nothing.
type cell struct {
	from, to int64 // bytes
	label    string
	unused   bool
	mark     Mark
}

// cells cuts the record into cells, which do not overlap and leave nothing out.
func (p *Record) cells() []cell {
	var leaves []Span
	for _, s := range p.Spans {
		if s.Kind != Group && s.Bits > 0 {
			leaves = append(leaves, s)
		}
	}
	slices.SortStableFunc(leaves, func(a, b Span) int { return cmp.Compare(a.Bit, b.Bit) })
	var out []cell
	var names []string
	var bars bool
	flush := func() {
		if len(out) > 0 {
			sep := " "
			if bars {
				sep = " | "
			}
			out[len(out)-1].label = strings.Join(names, sep)
		}
	}
	for i := range leaves {
		s := &leaves[i]
		from, to := s.Bit/8, (s.Bit+s.Bits+7)/8
		name := strings.TrimSpace(s.label())
		gap := s.Kind != Member
		if s.Bitfield || s.Bits%8 != 0 {
			name += s.size()
		}
		if n := len(out); n > 0 && from < out[n-1].to {
			// It shares bytes with the one before.
			last := &out[n-1]
			if gap && s.union {
				continue
			}
			last.to = max(last.to, to)
			last.unused = last.unused && gap
			if s.Mark != Same {
				last.mark = s.Mark
			}
			if !gap && s.Name != "" {
				names = append(names, name)
			}
			bars = bars || s.union
			continue
		}
		flush()
		names, bars = []string{name}, s.union
		out = append(out, cell{from: from, to: to, unused: gap, mark: s.Mark})
	}
	flush()
	return out
}

// piece is what a row of a grid shows of a cell.
type piece struct {
	cell
	// at and width are in bytes; at counts from the start of the row.
	at, width int64
	// begins and ends tell whether the cell does so in this piece.
	begins, ends bool
}

// gridRow is one row of a grid.
type gridRow struct {
	offset int64 // of its first byte
	pieces []piece
	// skipped is a number of rows before this one that are left out, all within
	// one cell.
	skipped int64
}

// grid lays the cells out in rows. Of a cell with many rows it leaves out those
// in the middle.
func (p *Record) grid() []gridRow {
	byRow := map[int64][]piece{}
	skipped := map[int64]int64{}
	rows := map[int64]bool{}
	for _, c := range p.cells() {
		first, last := c.from/perRow, (c.to-1)/perRow
		for r := first; r <= last; r++ {
			if r == first+2 && last-r > 2 {
				skipped[last-1] = last - 1 - r
				r = last - 1
			}
			from, to := max(c.from, r*perRow), min(c.to, (r+1)*perRow)
			byRow[r] = append(byRow[r], piece{c, from - r*perRow, to - from, from == c.from, to == c.to})
			rows[r] = true
		}
	}
	var order []int64
	for r := range rows {
		order = append(order, r)
	}
	slices.Sort(order)
	var out []gridRow
	for _, r := range order {
		out = append(out, gridRow{r * perRow, byRow[r], skipped[r]})
	}
	return out
}
