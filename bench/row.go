// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"strings"
)

// Row is one comparison: what we do and what another does, on the same input,
// measured in turn.
type Row struct {
	// ID is the section's and the row's own name, as -rows selects them.
	ID string
	// Title says what both do.
	Title string
	// Ours and Peer name the two.
	Ours, Peer string
	// Unit is that of both figures.
	Unit string
	// How is the method: what is counted, and what makes the two comparable.
	How string
	// Wanted is how many times ours the peer's figure should be, at least; 0 is
	// any. Below 1 it says by how much ours may be the larger.
	Wanted float64
	// Times multiplies the number of rounds; 0 is 1.
	Times int
	// Front rows are in README.md too.
	Front bool
	// Measure returns both sides' samples.
	Measure func(b *Bench, rounds int) (Samples, error)
}

// Section is the part of the ID before the slash.
func (r Row) Section() string {
	s, _, _ := strings.Cut(r.ID, "/")
	return s
}

// Samples are what was measured for a row, one of each side for every round.
type Samples struct {
	Ours, Peer []float64
	// Notes are what else there is to know.
	Notes []string
	// Bounds are wanted beside Row.Wanted.
	Bounds []Bound
}

// Bound is something wanted, and whether it was so.
type Bound struct {
	What string
	Met  bool
}

func (b Bound) String() string { return b.What + ": " + verdict(b.Met) }

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "NOT met"
}

// missing is the error of a row that this machine cannot measure: a peer, a
// privilege or an input is not there. The other rows run all the same.
type missing struct{ what string }

func (m missing) Error() string { return m.what }

func missingf(format string, args ...any) error { return missing{fmt.Sprintf(format, args...)} }

// Outcome is a row with its figures.
type Outcome struct {
	Row
	// Not says why there are none; "" is that there are.
	Not                string
	OursAt, PeerAt, By Spread
	Rounds             int
	Notes              []string
	Bounds             []Bound
}

// outcome summarises samples.
func outcome(r Row, s Samples) Outcome {
	o := Outcome{Row: r, OursAt: spread(s.Ours), PeerAt: spread(s.Peer), By: spread(ratios(s.Peer, s.Ours)), Rounds: len(s.Ours), Notes: s.Notes}
	if r.Wanted > 0 {
		o.Bounds = append(o.Bounds, Bound{"at least " + factor(r.Wanted), o.By.Median >= r.Wanted})
	}
	o.Bounds = append(o.Bounds, s.Bounds...)
	return o
}

// Section is a table of rows, as documents show them.
type Section struct {
	ID, Title string
	Rows      []Outcome
}

// hows are the methods of a section's rows, each once.
func (s Section) hows() []string {
	var all []string
	seen := map[string]bool{}
	for _, r := range s.Rows {
		if !seen[r.How] {
			seen[r.How] = true
			all = append(all, r.How)
		}
	}
	return all
}

// Document is everything that one run has to say.
type Document struct {
	Machine  []Fact
	Rounds   int
	Sections []Section
	Sayings  *Sayings // nil where not asked for
}

// sections sorts outcomes into theirs, in the order of titles.
func sections(all []Outcome) []Section {
	var out []Section
	for _, t := range sectionTitles {
		s := Section{ID: t.id, Title: t.title}
		for _, o := range all {
			if o.Section() == t.id {
				s.Rows = append(s.Rows, o)
			}
		}
		if len(s.Rows) > 0 {
			out = append(out, s)
		}
	}
	return out
}
