// SPDX-License-Identifier: MIT

package check

import (
	"fmt"
	"time"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
)

// Date is a day, "2026-12-31" in a configuration.
type Date struct{ time.Time }

// UnmarshalText reads a day. Of a time, as a TOML date is handed over, the day
// counts.
func (d *Date) UnmarshalText(text []byte) error {
	s := string(text)
	if len(s) > len(time.DateOnly) && s[len(time.DateOnly)] == 'T' {
		s = s[:len(time.DateOnly)]
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return fmt.Errorf("%q is no date: write it as 2026-12-31", text)
	}
	d.Time = t
	return nil
}

// String returns the day as it is written.
func (d Date) String() string { return d.Format(time.DateOnly) }

// Suppression accepts one finding until a date.
type Suppression struct {
	// Rule and Subject are those of the finding.
	Rule    string `toml:"rule"`
	Subject string `toml:"subject"`
	// Reason says why it is accepted.
	Reason string `toml:"reason"`
	// Expires is the first day on which it no longer is.
	Expires Date `toml:"expires"`

	// Pos is where the suppression is written.
	Pos model.Pos `toml:"-"`
}

// Validate says what a suppression lacks.
func (s Suppression) Validate() error {
	fail := func(why string) error { return fmt.Errorf("%s: suppression: %s", s.Pos, why) }
	known := false
	for _, r := range append(drift.Rules(), Rules()...) {
		known = known || r.ID == s.Rule
	}
	switch {
	case s.Rule == "":
		return fail("no rule: say which rule's finding it accepts, as abigen explain lists them")
	case !known:
		return fail(fmt.Sprintf("there is no rule %q: abigen explain lists them all", s.Rule))
	case s.Subject == "":
		return fail("no subject: say which record, member or constant it is about")
	case s.Reason == "":
		return fail("no reason: say why the finding is accepted")
	case s.Expires.IsZero():
		return fail("no date in expires: say until when the finding is accepted, at the latest")
	}
	return nil
}

// Suppressed is a finding that somebody accepted.
type Suppressed struct {
	Finding
	By Suppression // what accepts it
}

// Suppress takes the findings out of the report that a suppression accepts on
// the given day. One that has expired is a finding itself. Where complete tells
// that the report is about everything there is, so is one that nothing needed.
func (r *Report) Suppress(ss []Suppression, today time.Time, complete bool) {
	used := make([]bool, len(ss))
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		before := len(c.Findings)
		var left []Finding
		for _, f := range c.Findings {
			by := -1
			for j, s := range ss {
				if s.Rule == f.Rule && s.Subject == f.Subject {
					used[j] = true
					if today.Before(s.Expires.Time) {
						by = j
					}
				}
			}
			if by < 0 {
				left = append(left, f)
				continue
			}
			c.Suppressed = append(c.Suppressed, Suppressed{f, ss[by]})
		}
		c.Findings = left
		c.lessen(before, "suppressed")
	}
	own := Comparison{Source: "suppressions", Old: "suppressions", New: "suppressions", What: "configuration", Own: true}
	for j, s := range ss {
		f := drift.Finding{Subject: s.Subject, Old: "suppresses " + s.Rule + " until " + s.Expires.String(), Pos: s.Pos, OldPos: s.Pos}
		switch {
		case !today.Before(s.Expires.Time):
			f.Rule, f.Severity, f.New = ruleExpired, drift.Risk, "expired"
			f.Message = fmt.Sprintf("The suppression of %s has expired; its reason was: %s", s.Rule, s.Reason)
		case complete && !used[j]:
			f.Rule, f.Severity, f.New = ruleUnused, drift.Info, "nothing to suppress"
			f.Message = fmt.Sprintf("No comparison has a finding of %s any more; the reason was: %s", s.Rule, s.Reason)
		default:
			continue
		}
		own.Findings = append(own.Findings, Finding{Finding: f})
	}
	if len(own.Findings) > 0 {
		own.Verdict = number(len(own.Findings), "finding")
		r.Comparisons = append(r.Comparisons, own)
	}
}

// lessen brings the verdict in line with findings that were taken out of a
// comparison, of which there were as many before.
func (c *Comparison) lessen(before int, how string) {
	gone := before - len(c.Findings)
	if gone == 0 {
		return
	}
	if len(c.Findings) == 0 {
		c.Failed = false
	}
	if c.Verdict != "" {
		c.Verdict += fmt.Sprintf(" (%d %s)", gone, how)
	}
}
