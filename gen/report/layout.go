// SPDX-License-Identifier: MIT

package report

import (
	"fmt"
	"strings"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
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
