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
	// justification is why the finding is suppressed, "" where it is not.
	justification string
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
// first. Within a severity the order is that of the comparisons, but findings
// about one record stay together, behind the worst of them.
func groups(r *check.Report) []*group {
	var all []*group
	at := map[groupKey]*group{}
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		for _, f := range c.Findings {
			all = gather(all, at, c, f, "")
		}
	}
	slices.SortStableFunc(all, func(a, b *group) int { return cmp.Compare(b.Severity.Rank(), a.Severity.Rank()) })
	first := map[string]int{}
	for i, g := range all {
		if _, ok := first[g.block()]; !ok {
			first[g.block()] = i
		}
	}
	slices.SortStableFunc(all, func(a, b *group) int { return cmp.Compare(first[a.block()], first[b.block()]) })
	return all
}

// suppressed returns the suppressed findings of all comparisons.
func suppressed(r *check.Report) []*group {
	var all []*group
	at := map[groupKey]*group{}
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		for _, s := range c.Suppressed {
			all = gather(all, at, c, s.Finding, s.By.Reason+" (until "+s.By.Expires.String()+")")
		}
	}
	return all
}

type groupKey struct {
	rule, subject, old, new, message string
	severity                         drift.Severity
}

func gather(all []*group, at map[groupKey]*group, c *check.Comparison, f check.Finding, justification string) []*group {
	k := groupKey{f.Rule, f.Subject, f.Old, f.New, f.Message, f.Severity}
	g := at[k]
	if g == nil {
		g = &group{Finding: f, justification: justification}
		at[k] = g
		all = append(all, g)
	}
	g.seen = append(g.seen, c)
	g.targets = append(g.targets, f.Targets)
	return all
}

// block names what findings are kept together by: the record whose layout they
// are about, else the declaration.
func (g *group) block() string {
	if g.Record != "" {
		return g.Record
	}
	name, _, _ := strings.Cut(g.Subject, ".")
	return name
}

// layout returns the picture of the record that a group is about, as the first
// comparison that shows it has it, where it shows a difference.
func (g *group) layout() *check.Layout {
	if g.Record == "" {
		return nil
	}
	for i, c := range g.seen {
		for j := range c.Layouts {
			l := &c.Layouts[j]
			if l.Record != g.Record || !differs(l) || len(l.Targets) > 0 && len(g.targets[i]) > 0 && !overlap(l.Targets, g.targets[i]) {
				continue
			}
			return l
		}
	}
	return nil
}

func differs(l *check.Layout) bool {
	return l.OldSize != l.NewSize || slices.ContainsFunc(l.Rows, func(r drift.Row) bool { return r.Mark != drift.Same })
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(x string) bool { return slices.Contains(b, x) })
}

// lastOfRecord reports whether all[i] is the last group about its record, behind
// which the record's layout is shown, and the groups about it.
func lastOfRecord(all []*group, i int) bool {
	return i == len(all)-1 || all[i+1].block() != all[i].block()
}

// blockLayout returns the layout to show behind the groups of one block that
// end at all[i].
func blockLayout(all []*group, i int) *check.Layout {
	if !lastOfRecord(all, i) {
		return nil
	}
	for j := i; j >= 0 && all[j].block() == all[i].block(); j-- {
		if l := all[j].layout(); l != nil {
			return l
		}
	}
	return nil
}

// newPos returns the position of the new fact. Where the new side has none the
// finding repeats the old side's, which stands beside the old fact already.
func newPos(g *group) string {
	if g.Pos == g.OldPos {
		return ""
	}
	return g.Pos.String()
}
