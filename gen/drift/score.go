// SPDX-License-Identifier: MIT

package drift

import (
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// Score says how far a candidate is from a reference, to find out which of
// several revisions it is: the lower the nearer, and 0 means that the two
// cannot be told apart by what both attest to. The findings describe how the
// candidate differs from the reference, which stands on the old side.
//
// Unlike [Compare] it looks in both directions, so that a kernel with a record
// or kfunc too many is no closer than one that lacks it, and names count. What
// a source has for reasons of its own does not: the private tail of a kernel's
// struct_ops type, functions and records of a kernel that have nothing to do
// with the reference, whatever else a program or Go package contains, and what
// a program does not use.
//
// Each finding adds a weight: 4 where its rule is breaking under some profile
// and for what is new, which is missing on the other side; 2 for a risk and for
// another name, under which the rest is still found; 1 for what remains. A whole
// record or enum that is missing or new adds its members besides, and a
// struct_ops type its callbacks, so that a revision which lacks one is further
// off than one that changed a member.
func Score(candidate, reference *model.ABI) (score int, findings []Finding) {
	n := Near(candidate, reference)
	return n.Score, n.Findings
}

// Nearness is what [Near] finds.
type Nearness struct {
	// Score and Findings are those of [Score].
	Score    int
	Findings []Finding
	// Named counts the records, enums, constants and functions that both have
	// under one name, Renamed the records they have under two names. Where both
	// are 0 the two have nothing to do with each other and the score says
	// nothing.
	Named, Renamed int
	// Ops tells that a struct_ops type is among those.
	Ops bool
}

// Near is [Score] with what the score rests on.
func Near(candidate, reference *model.ABI) Nearness {
	c := newComparison(reference, candidate, Options{})
	c.identity = true
	c.run()
	n := Nearness{Named: c.compared}
	for _, p := range c.pairs {
		if sameEssential(p.old, p.new) {
			n.Named++
		} else {
			n.Renamed++
		}
		n.Ops = n.Ops || p.old.IsOps()
	}
	for _, is := range c.reported() {
		if is.weight > 0 {
			n.Score += is.weight
			n.Findings = append(n.Findings, is.Finding)
		}
	}
	return n
}

// weightOf is what a finding of the rule adds to [Score].
func weightOf(r *Rule) int {
	switch {
	case r.ID == "record.tail":
		return 0
	case strings.HasSuffix(r.ID, ".renamed"):
		return 2
	case slices.Contains([]string{"record.added", "enum.added", "constant.added", "kfunc.added", "function.added"}, r.ID):
		return 4
	case r.Worst() == Breaking:
		return 4
	case r.Worst() == Risk:
		return 2
	}
	return 1
}
