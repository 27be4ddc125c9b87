// SPDX-License-Identifier: MIT

package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
)

// group is one finding with all comparisons that show it: the same root cause
// seen from several sources is printed once.
type group struct {
	check.Finding
	seen []*check.Comparison
	// targets has the finding's targets in each of seen.
	targets [][]string
}

// where names the sources a group was seen in, each with its targets.
func (g *group) where() string {
	var s []string
	for i, c := range g.seen {
		name := c.Source
		if len(g.targets[i]) > 0 {
			name += " on " + strings.Join(g.targets[i], ", ")
		}
		s = append(s, name)
	}
	return strings.Join(s, "; ")
}

// groups returns the findings of all comparisons, equal ones together, worst
// first. Within a severity the order is that of the comparisons.
func groups(r *check.Report) []*group {
	type key struct {
		rule, subject, old, new, message string
		severity                         drift.Severity
	}
	at := map[key]*group{}
	var all []*group
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		for _, f := range c.Findings {
			k := key{f.Rule, f.Subject, f.Old, f.New, f.Message, f.Severity}
			g := at[k]
			if g == nil {
				g = &group{Finding: f}
				at[k] = g
				all = append(all, g)
			}
			g.seen = append(g.seen, c)
			g.targets = append(g.targets, f.Targets)
		}
	}
	slices.SortStableFunc(all, func(a, b *group) int { return cmp.Compare(b.Severity.Rank(), a.Severity.Rank()) })
	return all
}

// newPos returns the position of the new fact. Where the new side has none the
// finding repeats the old side's, which stands beside the old fact already.
func newPos(g *group) string {
	if g.Pos == g.OldPos {
		return ""
	}
	return g.Pos.String()
}
