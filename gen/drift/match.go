// SPDX-License-Identifier: MIT

package drift

import (
	"cmp"
	"slices"
	"sort"

	"github.com/fuseiomap/abigen/gen/model"
)

// memberPair is a member both sides have.
type memberPair struct {
	old, new *leaf
	// renamed tells that place and type matched, not the name.
	renamed bool
	// cause is the finding that may have moved what follows: the member's own
	// change, or that of the record it embeds.
	cause *issue
}

func (p *memberPair) delta() int64 { return p.new.off - p.old.off }

// matching is which members of two layouts are the same.
type matching struct {
	old, new []*leaf
	// pairs are sorted by place in the old layout.
	pairs          []*memberPair
	removed, added []*leaf
}

// match pairs members by name, then what is left by place: the same bits of the
// same type, or the only candidate of that type between the same neighbours.
func (c *comparison) match(or, nr *model.Record) *matching {
	m := &matching{old: c.o.leaves(or), new: c.n.leaves(nr)}
	byName := map[string][]*leaf{}
	for _, n := range m.new {
		byName[n.name] = append(byName[n.name], n)
	}
	taken := map[*leaf]bool{}
	pair := func(o, n *leaf, renamed bool) {
		m.pairs = append(m.pairs, &memberPair{old: o, new: n, renamed: renamed})
		taken[o], taken[n] = true, true
	}
	for _, o := range m.old {
		if same := byName[o.name]; len(same) > 0 {
			pair(o, same[0], false)
			byName[o.name] = same[1:]
		}
	}
	if len(m.pairs) < len(m.old) && len(m.pairs) < len(m.new) {
		c.matchByPlace(m, taken, pair)
	}
	slices.SortStableFunc(m.pairs, func(a, b *memberPair) int {
		return cmp.Or(cmp.Compare(a.old.off, b.old.off), cmp.Compare(a.new.off, b.new.off))
	})
	for _, o := range m.old {
		if !taken[o] {
			m.removed = append(m.removed, o)
		}
	}
	for _, n := range m.new {
		if !taken[n] {
			m.added = append(m.added, n)
		}
	}
	byPlace := func(a, b *leaf) int { return cmp.Compare(a.off, b.off) }
	slices.SortStableFunc(m.removed, byPlace)
	slices.SortStableFunc(m.added, byPlace)
	return m
}

// matchByPlace pairs members that have no namesake: first those on the very
// same bits, then the only one of a type between the same neighbours.
func (c *comparison) matchByPlace(m *matching, taken map[*leaf]bool, pair func(o, n *leaf, renamed bool)) {
	at := map[int64][]*leaf{}
	for _, n := range m.new {
		if !taken[n] {
			at[n.off] = append(at[n.off], n)
		}
	}
	for _, o := range m.old {
		for _, n := range at[o.off] {
			if !taken[o] && !taken[n] && c.alike(o, n) {
				pair(o, n, true)
			}
		}
	}
	partner := map[*leaf]*leaf{}
	for _, p := range m.pairs {
		partner[p.old] = p.new
	}
	between := map[neighbours][]*leaf{}
	for i, p := range neighboursIn(m.new, taken) {
		if n := m.new[i]; !taken[n] {
			between[p] = append(between[p], n)
		}
	}
	for i, p := range neighboursIn(m.old, taken) {
		// At the very end a new name is more likely a new member.
		if o := m.old[i]; !taken[o] && p.behind != nil {
			var candidates []*leaf
			for _, n := range between[neighbours{partner[p.before], partner[p.behind]}] {
				if !taken[n] && c.alike(o, n) {
					candidates = append(candidates, n)
				}
			}
			if len(candidates) == 1 {
				pair(o, candidates[0], true)
			}
		}
	}
}

// neighbours are the closest paired members around one.
type neighbours struct{ before, behind *leaf }

func neighboursIn(ls []*leaf, paired map[*leaf]bool) []neighbours {
	out := make([]neighbours, len(ls))
	var last *leaf
	for i, l := range ls {
		out[i].before = last
		if paired[l] {
			last = l
		}
	}
	last = nil
	for i, l := range slices.Backward(ls) {
		out[i].behind = last
		if paired[l] {
			last = l
		}
	}
	return out
}

// alike reports whether two members could be one under two names.
func (c *comparison) alike(o, n *leaf) bool {
	return o.size == n.size && o.bitfield == n.bitfield && (o.record == nil) == (n.record == nil) &&
		c.sameType(o.typ, n.typ, 0)
}

// reordered splits the pairs into those that kept their order and those that
// left it: swaps are pairs of members that exactly changed places, moved the
// rest of them.
func reordered(pairs []*memberPair) (chain []*memberPair, swaps [][2]*memberPair, moved []*memberPair) {
	ranked := slices.Clone(pairs)
	slices.SortStableFunc(ranked, func(a, b *memberPair) int { return cmp.Compare(a.new.off, b.new.off) })
	rank := map[*memberPair]int{}
	for i, p := range ranked {
		rank[p] = i
	}
	out := map[*memberPair]bool{}
	exchanged := true
	for i, p := range pairs {
		j := rank[p]
		if j != i && rank[pairs[j]] != i {
			exchanged = false
		}
	}
	if exchanged {
		for i, p := range pairs {
			if j := rank[p]; j > i {
				swaps = append(swaps, [2]*memberPair{p, pairs[j]})
				out[p], out[pairs[j]] = true, true
			}
		}
	} else {
		keep := longestInOrder(pairs)
		for _, p := range pairs {
			if !keep[p] {
				moved = append(moved, p)
				out[p] = true
			}
		}
	}
	for _, p := range pairs {
		if !out[p] {
			chain = append(chain, p)
		}
	}
	return chain, swaps, moved
}

// longestInOrder returns the largest set of pairs whose new places do not
// descend: moving the others explains the new order with the fewest moves.
func longestInOrder(pairs []*memberPair) map[*memberPair]bool {
	// tails[k] is the pair that ends the best run of length k+1.
	var tails []int
	previous := make([]int, len(pairs))
	for i, p := range pairs {
		k := sort.Search(len(tails), func(k int) bool { return pairs[tails[k]].new.off > p.new.off })
		previous[i] = -1
		if k > 0 {
			previous[i] = tails[k-1]
		}
		if k == len(tails) {
			tails = append(tails, i)
		} else {
			tails[k] = i
		}
	}
	keep := map[*memberPair]bool{}
	if len(tails) > 0 {
		for i := tails[len(tails)-1]; i >= 0; i = previous[i] {
			keep[pairs[i]] = true
		}
	}
	return keep
}
