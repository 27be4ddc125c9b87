// SPDX-License-Identifier: MIT

package drift

import "github.com/fuseiomap/abigen/gen/model"

// Profile is the kind of use under which two models are compared.
type Profile string

const (
	// Auto compares a record with callbacks as Loader and every other one as
	// Overlay, and adds Source when both sides are headers.
	Auto Profile = ""
	// Loader is how struct_ops loaders match a program's struct to the
	// kernel's: by member name.
	Loader Profile = "loader"
	// Overlay is memory shared by pointer: every offset, size and sign counts.
	Overlay Profile = "overlay"
	// Source is what recompiling against the other header would notice.
	Source Profile = "source"
)

// Severity orders findings: Breaking is worst.
type Severity string

const (
	// Breaking: something that works with the old side fails or corrupts data
	// with the new one.
	Breaking Severity = "breaking"
	// Risk: it may, depending on what the program does.
	Risk Severity = "risk"
	// Info: a difference without consequence at run time.
	Info Severity = "info"
	// None: the profile does not report the rule.
	None Severity = ""
)

// Rank returns 3 for Breaking, 2 for Risk, 1 for Info and 0 otherwise.
func (s Severity) Rank() int {
	switch s {
	case Breaking:
		return 3
	case Risk:
		return 2
	case Info:
		return 1
	}
	return 0
}

// Finding is one difference between two models, with one root cause.
type Finding struct {
	// Rule is the ID of the rule, such as "field.moved".
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"` // what it means for a program that runs
	Profile  Profile  `json:"profile"`  // what the two were compared for
	// Subject is the C name: "fuse_iomap_io.addr", or a callback's parameter
	// as "fuse_iomap_bpf_ops.iomap_begin#1".
	Subject string `json:"subject"`
	// Record is the old side's name of the record whose layout the finding is
	// about, as in [Layout.Record]; empty where it is about none.
	Record string `json:"record,omitempty"`
	// Message says in one sentence what differs and what happens at run time.
	Message string `json:"message"`
	// Old and New are the two facts, such as "u64 at byte 16".
	Old string `json:"old"`
	New string `json:"new"`
	// Consequences lists what follows from the same cause, such as the members
	// behind a widened one that moved with it.
	Consequences []string `json:"consequences,omitempty"`
	// Witness is the smallest proof of a breaking finding or a risk in a record:
	// what one side writes and the other reads. It is nil where no bytes can show
	// the difference, such as what a pointer points to.
	Witness *Witness `json:"witness,omitempty"`
	// Pos is where the new side declares the subject, or the old side where
	// the new one has no position. It is already a path that can be opened.
	Pos model.Pos `json:"pos,omitzero"`
	// OldPos is where the old side declares it.
	OldPos model.Pos `json:"old_pos,omitzero"`
}

// Unchecked is a part of a comparison that the evidence did not allow.
type Unchecked struct {
	Evidence model.Evidence `json:"evidence"` // what one side lacks
	// Subjects are the C names concerned, sorted; it may be empty when the
	// reason concerns the whole source.
	Subjects []string `json:"subjects,omitempty"`
	// Reason says which side lacks the evidence and why.
	Reason string `json:"reason"`
}

// Result is the outcome of a comparison.
type Result struct {
	// Findings are sorted: worst first, then by subject and rule.
	Findings []Finding
	// Unchecked has one entry per kind of evidence and reason, in the order of
	// [model.AllEvidence].
	Unchecked []Unchecked
	// Layouts shows the records that findings are about, sorted by name.
	Layouts []Layout
}
