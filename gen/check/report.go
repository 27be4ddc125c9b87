// SPDX-License-Identifier: MIT

package check

import (
	"fmt"
	"strings"

	"github.com/fuseiomap/abigen/gen/drift"
)

// Report is everything one run of the command found.
type Report struct {
	// Headline is a line above everything else, such as what the contract is;
	// it may be empty.
	Headline string
	// Table tells that the comparisons are rows of a table, which is printed
	// also when nothing was found.
	Table       bool
	Comparisons []Comparison // in the order they are printed
	// Matrix is the table of sources and revisions, nil where none was asked
	// for. There is then one comparison for each of its rows, with the nearest
	// revision.
	Matrix *Matrix
}

// Comparison is what came of comparing two sources.
type Comparison struct {
	// Source names the source a row of a table is about.
	Source string
	// Old and New name the sources in the order they were compared in. One of
	// them is Source.
	Old, New string
	// What says what the row is about, such as "12 targets", and Verdict what
	// came out of it. Both are used in tables alone.
	What, Verdict string
	// Revision is the revision that the source was recognised as, "" where it
	// was not asked for.
	Revision string
	// Own tells that nothing was compared: the findings are about the
	// configuration.
	Own bool
	// Absent tells that there was nothing to compare, such as a kernel without
	// the type. It is then also listed in Unchecked.
	Absent bool
	// Failed tells that the outcome is not the one that was asked for, whatever
	// the severity of the findings.
	Failed bool
	// Findings are the differences nobody expected.
	Findings []Finding
	// Suppressed are those that somebody accepted, with the reason.
	Suppressed []Suppressed
	// Known are those that a snapshot has as well, see [OnlyNew].
	Known []Finding
	// Expected are the differences that a stored verdict lists.
	Expected  []Finding
	Unchecked []Unchecked
	// Layouts shows the records that findings are about, side by side, sorted
	// by name; see [drift.Finding.Record].
	Layouts []Layout
}

// Layout is a record side by side, with the targets as in [Finding].
type Layout struct {
	drift.Layout
	Targets []string // those it holds for; nil for all
}

// Finding is a difference with the targets it was found on.
type Finding struct {
	drift.Finding
	// Targets lists the targets the finding is limited to; it is empty where
	// the comparison was made for one target or the finding is on all of them.
	Targets []string
}

// Unchecked is what could not be compared, with the targets it concerns, as in
// [Finding].
type Unchecked struct {
	drift.Unchecked
	Targets []string // those it holds for; nil for all
}

// maxSubjects is how many names a line can carry and still be read.
const maxSubjects = 4

// String says what was not checked and why, in one line. Of many subjects it
// names the first.
func (u Unchecked) String() string {
	s := string(u.Evidence)
	if n := len(u.Subjects); n > maxSubjects {
		s += fmt.Sprintf(" of %s and %d more", strings.Join(u.Subjects[:maxSubjects-1], ", "), n-maxSubjects+1)
	} else if n > 0 {
		s += " of " + strings.Join(u.Subjects, ", ")
	}
	if len(u.Targets) > 0 {
		s += " on " + strings.Join(u.Targets, ", ")
	}
	return s + ": " + u.Reason
}

// Summary counts what is in a report.
type Summary struct {
	Comparisons int `json:"comparisons"`          // all, with and without findings
	Findings    int `json:"findings"`             // of any severity
	Breaking    int `json:"breaking"`             // findings of that severity
	Risk        int `json:"risk"`                 // findings of that severity
	Info        int `json:"info"`                 // findings of that severity
	Expected    int `json:"expected"`             // findings that a stored verdict lists
	Suppressed  int `json:"suppressed,omitempty"` // findings that the configuration accepts
	Known       int `json:"known,omitempty"`      // findings that the snapshot of --only-new has
	Unchecked   int `json:"not_checked"`          // what the evidence did not allow to check
}

// Summary counts the findings and what was not checked.
func (r *Report) Summary() Summary {
	s := Summary{Comparisons: len(r.Comparisons)}
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		for j := range c.Findings {
			switch c.Findings[j].Severity {
			case drift.Breaking:
				s.Breaking++
			case drift.Risk:
				s.Risk++
			default:
				s.Info++
			}
		}
		s.Findings += len(c.Findings)
		s.Expected += len(c.Expected)
		s.Suppressed += len(c.Suppressed)
		s.Known += len(c.Known)
		s.Unchecked += len(c.Unchecked)
	}
	return s
}

// String is the summary line. It always ends in what was not checked, so that
// nobody takes a comparison that lacked evidence for a pass.
func (s Summary) String() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what drift.Severity
	}{{s.Breaking, drift.Breaking}, {s.Risk, drift.Risk}, {s.Info, drift.Info}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	text := "no findings"
	if s.Findings > 0 {
		text = fmt.Sprintf("%s (%s)", number(s.Findings, "finding"), strings.Join(parts, ", "))
	}
	if s.Expected > 0 {
		text += fmt.Sprintf(", %d expected", s.Expected)
	}
	if s.Suppressed > 0 {
		text += fmt.Sprintf(", %d suppressed", s.Suppressed)
	}
	if s.Known > 0 {
		text += fmt.Sprintf(", %d known", s.Known)
	}
	return fmt.Sprintf("%s, %d not checked", text, s.Unchecked)
}

// Fails reports whether the report holds a finding at or above the given
// severity ([drift.None] is above all), a comparison that failed as a whole,
// or, when strict, anything that was not checked.
func (r *Report) Fails(at drift.Severity, strict bool) bool {
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		if strict && len(c.Unchecked) > 0 {
			return true
		}
		if at == drift.None {
			continue
		}
		if c.Failed {
			return true
		}
		for j := range c.Findings {
			if c.Findings[j].Severity.Rank() >= at.Rank() {
				return true
			}
		}
	}
	return false
}

// number returns "1 thing" or "n things".
func number(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
