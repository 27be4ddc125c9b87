// SPDX-License-Identifier: MIT

package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// Line is the answer to an item.
type Line struct {
	ID      string  `json:"id"`
	Group   Group   `json:"group"`
	Title   string  `json:"title"`
	Verdict Verdict `json:"verdict"`
	// Found says what was seen and what it means.
	Found string `json:"found"`
	// Remedy is what to do; "" where the verdict is [OK].
	Remedy string `json:"remedy,omitempty"`
	// Required tells that the caller cannot do without, see [Report.Require].
	Required bool `json:"required"`
}

// Report is the answer to all items.
type Report struct {
	Lines []Line
}

// Examine asks a machine every question.
func Examine(ctx context.Context, m *Machine) *Report {
	p := admit(ctx, m)
	d := distributionOf(m.Files)
	r := &Report{}
	for _, i := range Items() {
		a := i.check(ctx, p)
		l := Line{ID: i.ID, Group: i.Group, Title: i.Title, Verdict: a.verdict, Found: a.found}
		switch {
		case a.verdict == OK:
		case a.remedy != "":
			l.Remedy = a.remedy
		default:
			l.Remedy = i.remedy(d)
		}
		r.Lines = append(r.Lines, l)
	}
	return r
}

// Require marks items as required: IDs or groups, as [Match] takes them.
func (r *Report) Require(names ...string) error {
	for _, n := range names {
		ids, err := Match(n)
		if err != nil {
			return err
		}
		for i := range r.Lines {
			if slices.Contains(ids, r.Lines[i].ID) {
				r.Lines[i].Required = true
			}
		}
	}
	return nil
}

// Lacks returns the required lines with that verdict.
func (r *Report) Lacks(v Verdict) []Line {
	return slices.DeleteFunc(slices.Clone(r.Lines), func(l Line) bool { return !l.Required || l.Verdict != v })
}

// count counts the lines with a verdict.
func (r *Report) count(v Verdict) int {
	n := 0
	for _, l := range r.Lines {
		if l.Verdict == v {
			n++
		}
	}
	return n
}

// questions are what a group is about, as the report has it.
var questions = map[Group]string{
	Generate: "Can this machine generate Go?",
	Compile:  "Can it compile BPF programs?",
	Load:     "Can it load them?",
	Attach:   "Can it attach them to a FUSE connection?",
}

// WriteText writes a line for each item, those of a group together:
//
//	Can it compile BPF programs?
//	  missing      clang       no clang in PATH: …: apt-get install clang-19
func (r *Report) WriteText(w io.Writer) error {
	width := 0
	for _, l := range r.Lines {
		width = max(width, len(l.ID))
	}
	var b bytes.Buffer
	var group Group
	for _, l := range r.Lines {
		if l.Group != group {
			if group != "" {
				b.WriteString("\n")
			}
			group = l.Group
			fmt.Fprintln(&b, questions[group])
		}
		text := l.Found
		if l.Remedy != "" {
			text += ": " + l.Remedy
		}
		if l.Required && l.Verdict != OK {
			text += " (required)"
		}
		fmt.Fprintf(&b, "  %-*s  %-*s  %s\n", len(CannotTell), l.Verdict, width, l.ID, text)
	}
	fmt.Fprintf(&b, "\n%d ok, %d missing, %d cannot tell\n", r.count(OK), r.count(Missing), r.count(CannotTell))
	_, err := w.Write(b.Bytes())
	return err
}

// WriteJSON writes {"schema": 1, "items": […], "summary": {…}}, where an item has
// the members of [Line].
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Schema  int            `json:"schema"`
		Items   []Line         `json:"items"`
		Summary map[string]int `json:"summary"`
	}{1, r.Lines, map[string]int{"ok": r.count(OK), "missing": r.count(Missing), "cannot_tell": r.count(CannotTell)}})
}
