// SPDX-License-Identifier: MIT

package report

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
)

// schemaVersion is the version of the JSON report. It rises when a change is
// incompatible; members may be added without.
const schemaVersion = 1

type jReport struct {
	Schema      int           `json:"schema"`
	Comparisons []jComparison `json:"comparisons"`
	Matrix      *jMatrix      `json:"matrix,omitempty"`
	Findings    []jFinding    `json:"findings"`
	Expected    []jFinding    `json:"expected,omitempty"`
	Suppressed  []jSuppressed `json:"suppressed,omitempty"`
	Known       []jFinding    `json:"known,omitempty"`
	Unchecked   []jUnchecked  `json:"unchecked"`
	Layouts     []jLayout     `json:"layouts,omitempty"`
	Summary     check.Summary `json:"summary"`
}

type jSuppressed struct {
	jFinding
	Reason  string `json:"reason"`
	Expires string `json:"expires"`
}

type jLayout struct {
	drift.Layout
	Targets   []string `json:"targets,omitempty"`
	OldSource string   `json:"old_source"`
	NewSource string   `json:"new_source"`
}

// jComparison is a row of the table, or the pair of sources of a diff.
type jComparison struct {
	Source   string `json:"source"`
	Old      string `json:"old"`
	New      string `json:"new"`
	What     string `json:"what,omitempty"`
	Verdict  string `json:"verdict,omitempty"`
	Revision string `json:"revision,omitempty"`
	Status   string `json:"status"`
}

type jFinding struct {
	drift.Finding
	Targets   []string `json:"targets,omitempty"`
	OldSource string   `json:"old_source"`
	NewSource string   `json:"new_source"`
}

type jUnchecked struct {
	drift.Unchecked
	Targets   []string `json:"targets,omitempty"`
	OldSource string   `json:"old_source"`
	NewSource string   `json:"new_source"`
}

// writeJSON prints the report as one object:
//
//	schema       1
//	comparisons  one for each pair of sources: source, old, new, status (ok,
//	             failed, absent), and what, verdict, revision where check says
//	findings     rule, severity (breaking, risk, info), profile, subject,
//	             message, old, new, consequences, pos and old_pos as
//	             file:line:col, targets where it is not on all of them,
//	             old_source and new_source; record where it is about one's
//	             layout, and witness: text, write, read, bytes
//	matrix       columns (revision, target) and rows (source, target, revision,
//	             differs, and cells with counts), where matrix was asked for
//	expected     findings that a stored verdict lists, in the same form
//	suppressed   the same with reason and expires
//	known        findings that the snapshot of --only-new has as well
//	unchecked    evidence, subjects, reason, targets, old_source, new_source
//	layouts      record, old, new, old_size, new_size, and rows with mark, old
//	             and new: name, type, bit_offset, bit_size
//	summary      counts: comparisons, findings, breaking, risk, info, expected,
//	             suppressed, known, not_checked
//
// Members may be added; readers ignore those they do not know.
func writeJSON(w io.Writer, r *check.Report, _ Options) error {
	j := jReport{Schema: schemaVersion, Comparisons: []jComparison{}, Findings: []jFinding{}, Unchecked: []jUnchecked{},
		Matrix: matrixToJSON(r.Matrix), Summary: r.Summary()}
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		status := "ok"
		switch mark(c) {
		case markFailed:
			status = "failed"
		case markAbsent:
			status = "absent"
		}
		j.Comparisons = append(j.Comparisons, jComparison{c.Source, c.Old, c.New, c.What, c.Verdict, c.Revision, status})
		for _, f := range c.Findings {
			j.Findings = append(j.Findings, jFinding{f.Finding, f.Targets, c.Old, c.New})
		}
		for _, f := range c.Expected {
			j.Expected = append(j.Expected, jFinding{f.Finding, f.Targets, c.Old, c.New})
		}
		for _, f := range c.Suppressed {
			j.Suppressed = append(j.Suppressed, jSuppressed{
				jFinding{f.Finding.Finding, f.Targets, c.Old, c.New}, f.By.Reason, f.By.Expires.String()})
		}
		for _, f := range c.Known {
			j.Known = append(j.Known, jFinding{f.Finding, f.Targets, c.Old, c.New})
		}
		for _, l := range c.Layouts {
			if differs(&l) {
				j.Layouts = append(j.Layouts, jLayout{l.Layout, l.Targets, c.Old, c.New})
			}
		}
		for _, u := range c.Unchecked {
			j.Unchecked = append(j.Unchecked, jUnchecked{u.Unchecked, u.Targets, c.Old, c.New})
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(j); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}
