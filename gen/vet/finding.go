// SPDX-License-Identifier: MIT

package vet

import (
	"cmp"
	"go/token"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/gopkg"
)

// Finding is a difference between a Go declaration and the C one it stands for.
type Finding struct {
	// Finding has the C name as its subject. Its Pos is a path that can be
	// opened; Old is what C has, New what Go has.
	drift.Finding
	// At is the place in the file set of the package: the Go field, or the
	// directive or name of the type where the finding is about all of it.
	At token.Pos
	// Targets are those the finding is limited to; empty for all that were
	// checked.
	Targets []string
	// Sources are those of C that it was found against.
	Sources []string
	// Fix, where there is one, is a change after which the declaration has
	// no finding; it is the same for all findings of a struct.
	Fix *Fix
}

// Fix is a change of one file.
type Fix struct {
	// Message says what it does.
	Message string
	Edits   []Edit // sorted, without overlap
}

// Edit replaces the text from Pos to End.
type Edit struct {
	Pos, End token.Pos
	NewText  []byte // what takes the place of that range
}

// Unchecked is what could not be compared.
type Unchecked struct {
	drift.Unchecked
	// Targets are as in [Finding].
	Targets []string
	Sources []string // what was compared with
}

// Result is what came of checking one package.
type Result struct {
	// Path is the import path.
	Path string
	// Declarations counts the records and enums that were looked at.
	Declarations int
	// Findings are sorted by place.
	Findings  []Finding
	Unchecked []Unchecked // what the evidence did not allow to check
	// Targets are those the package has files for, Sources what it was
	// compared with.
	Targets, Sources []string

	pkg *gopkg.Package
}

// String is the finding as one sentence, for drivers that have one line:
//
//	event.ts: `ts` is narrower: C code takes bytes of the next member for part of it: C has u64 at byte 8, Go has u32 at byte 8 (elf:prog.o)
func (f Finding) String() string {
	var b strings.Builder
	b.WriteString(f.Subject + ": " + f.Message)
	if f.Old != "" && f.New != "" && f.Rule != rulePadding {
		b.WriteString("; C has " + f.Old + ", Go has " + f.New)
	}
	if len(f.Targets) > 0 && f.Rule != rulePadding {
		b.WriteString(" on " + series(f.Targets))
	}
	if len(f.Sources) > 0 {
		b.WriteString(" (" + strings.Join(f.Sources, ", ") + ")")
	}
	return b.String()
}

// series joins names: "a", "a and b", "a, b and c".
func series(s []string) string {
	if len(s) < 2 {
		return strings.Join(s, "")
	}
	return strings.Join(s[:len(s)-1], ", ") + " and " + s[len(s)-1]
}

// collector gathers findings of one declaration over targets and sources.
type collector struct {
	all       []string // the names of the targets that were compared
	findings  []Finding
	unchecked []Unchecked
}

// add takes a finding of one target and source. One that is there already,
// wherever it lies, is found there too.
func (c *collector) add(f Finding, target, src string) {
	same := func(x Finding) bool {
		return x.Rule == f.Rule && x.Subject == f.Subject && x.At == f.At
	}
	if i := slices.IndexFunc(c.findings, same); i >= 0 {
		x := &c.findings[i]
		addTo(&x.Targets, target)
		addTo(&x.Sources, src)
		if f.Severity.Rank() > x.Severity.Rank() {
			x.Severity = f.Severity
		}
		return
	}
	addTo(&f.Targets, target)
	addTo(&f.Sources, src)
	c.findings = append(c.findings, f)
}

func addTo(list *[]string, s string) {
	if s != "" && !slices.Contains(*list, s) {
		*list = append(*list, s)
	}
}

// addUnchecked does the same for what could not be compared.
func (c *collector) addUnchecked(u drift.Unchecked, target, src string) {
	same := func(x Unchecked) bool {
		return x.Evidence == u.Evidence && x.Reason == u.Reason && slices.Equal(x.Subjects, u.Subjects)
	}
	i := slices.IndexFunc(c.unchecked, same)
	if i < 0 {
		i = len(c.unchecked)
		c.unchecked = append(c.unchecked, Unchecked{Unchecked: u})
	}
	addTo(&c.unchecked[i].Targets, target)
	addTo(&c.unchecked[i].Sources, src)
}

// result returns what was gathered. A finding on all targets names none.
func (c *collector) result() ([]Finding, []Unchecked) {
	for i := range c.findings {
		if len(c.findings[i].Targets) == len(c.all) {
			c.findings[i].Targets = nil
		}
	}
	for i := range c.unchecked {
		if len(c.unchecked[i].Targets) == len(c.all) {
			c.unchecked[i].Targets = nil
		}
	}
	return c.findings, c.unchecked
}

func sortFindings(fs []Finding) {
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col),
			cmp.Compare(b.Severity.Rank(), a.Severity.Rank()), strings.Compare(a.Rule, b.Rule), strings.Compare(a.Subject, b.Subject))
	})
}
