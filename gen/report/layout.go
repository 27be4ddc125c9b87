// SPDX-License-Identifier: MIT

package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/internal/look"
)

// context is how many lines that are the same are shown on either side of one
// that is not.
const context = 2

// layoutLine is one line of a layout: a row of it, or, where row is nil, so many
// lines left out because they are the same on both sides.
type layoutLine struct {
	row  *drift.Row
	left int
}

// layoutLines returns the lines to show: what differs and what is around it.
func layoutLines(l *check.Layout) []layoutLine {
	show := make([]bool, len(l.Rows))
	for i := range l.Rows {
		if l.Rows[i].Mark == drift.Same {
			continue
		}
		for j := max(0, i-context); j <= min(len(l.Rows)-1, i+context); j++ {
			show[j] = true
		}
	}
	var out []layoutLine
	for i := 0; i < len(l.Rows); i++ {
		if show[i] {
			out = append(out, layoutLine{row: &l.Rows[i]})
			continue
		}
		n := 0
		for ; i < len(l.Rows) && !show[i]; i++ {
			n++
		}
		i--
		out = append(out, layoutLine{left: n})
	}
	return out
}

// layoutHead returns the headings of the two sides.
func layoutHead(l *check.Layout) (older, newer string) {
	on := ""
	if len(l.Targets) > 0 {
		on = " on " + strings.Join(l.Targets, ", ")
	}
	return fmt.Sprintf("old: %s, %d bytes%s", l.Old, l.OldSize, on), fmt.Sprintf("new: %s, %d bytes", l.New, l.NewSize)
}

// layoutCells returns offset, size, type and name of one side of a row.
func layoutCells(c *drift.Cell) []string {
	if c == nil {
		return []string{"", "", "", ""}
	}
	offset, size := fmt.Sprint(c.BitOffset/8), fmt.Sprint(c.BitSize/8)
	if c.Bitfield || c.BitOffset%8 != 0 || c.BitSize%8 != 0 {
		offset, size = fmt.Sprintf("%d.%d", c.BitOffset/8, c.BitOffset%8), fmt.Sprintf(":%d", c.BitSize)
	}
	kind := c.Type
	if i := strings.Index(kind, "(*)("); i >= 0 {
		kind = kind[:i] + "(*)(…)"
	}
	return []string{offset, size, kind, c.Name}
}

// leftOut says how many lines are not shown.
func leftOut(n int) string {
	if n == 1 {
		return "1 line is the same"
	}
	return fmt.Sprintf("%d lines are the same", n)
}

// layoutTable returns the lines to show for a table.
func layoutTable(l *check.Layout) []look.Line {
	member := func(c *drift.Cell) *look.Member {
		if c == nil {
			return nil
		}
		t := layoutCells(c)
		m := &look.Member{Offset: t[0], Size: t[1], Type: t[2], Name: t[3]}
		if c.Name == "" {
			m.Name, m.Type, m.Gap = "("+c.Type+")", "", true
		}
		return m
	}
	var out []look.Line
	for _, line := range layoutLines(l) {
		if line.row == nil {
			out = append(out, look.Line{Left: line.left})
			continue
		}
		out = append(out, look.Line{Mark: markWord(line.row.Mark), Old: member(line.row.Old), New: member(line.row.New)})
	}
	return out
}

// layoutBytes cuts one side of a layout into cells, which do not overlap.
func layoutBytes(l *check.Layout, side func(*drift.Row) *drift.Cell) []look.Cell {
	type placed struct {
		*drift.Cell
		mark string
	}
	var members []placed
	for i := range l.Rows {
		if c := side(&l.Rows[i]); c != nil && c.BitSize > 0 {
			members = append(members, placed{c, markWord(l.Rows[i].Mark)})
		}
	}
	slices.SortStableFunc(members, func(a, b placed) int { return cmp.Compare(a.BitOffset, b.BitOffset) })
	var out []look.Cell
	var end int64 // of the members of the last cell, in bits
	for _, m := range members {
		from, to := m.BitOffset/8, (m.BitOffset+m.BitSize+7)/8
		cell := look.Cell{From: from, To: to, Label: m.Name, Detail: look.Prototype(m.Type), Mark: m.mark}
		if m.Name == "" {
			cell.Label, cell.Detail, cell.Unused = m.Type, "", true
			cell.Short = "pad"
		}
		if m.Bitfield || m.BitSize%8 != 0 {
			cell.Label += fmt.Sprintf(":%d", m.BitSize)
			cell.Detail = ""
		}
		n := len(out)
		if n == 0 || from >= out[n-1].To {
			out, end = append(out, cell), m.BitOffset+m.BitSize
			continue
		}
		last := &out[n-1]
		sep := " "
		if m.BitOffset < end {
			sep = " | " // they lie over each other
		}
		if !cell.Unused || last.Unused {
			last.Label += sep + cell.Label
		}
		last.Short = ""
		last.To, last.Detail, last.Unused = max(last.To, to), "", last.Unused && cell.Unused
		if last.Mark == "" {
			last.Mark = m.mark
		}
		end = max(end, m.BitOffset+m.BitSize)
	}
	return out
}
