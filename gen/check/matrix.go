// SPDX-License-Identifier: MIT

package check

// Matrix is a table: sources down, revisions across.
type Matrix struct {
	Columns []MatrixColumn
	Rows    []MatrixRow
}

// MatrixColumn is one revision on one target.
type MatrixColumn struct {
	Revision string
	// Target is empty where every source is compared for the one target it
	// brings or that was asked for.
	Target string
}

// MatrixRow is one source.
type MatrixRow struct {
	Source string
	// Target is what the source was compared for, several joined by commas.
	Target string
	// Revision names the revision: "R3", "nearest R2", "unknown"; Differs lists
	// what differs from the nearest, the worst first.
	Revision string
	Differs  []string
	// Cells has one entry for each column.
	Cells []MatrixCell
}

// MatrixCell is what comparing a source with a revision found.
type MatrixCell struct {
	// Absent tells that there was nothing to compare, such as a source for
	// another target or without the types.
	Absent               bool
	Breaking, Risk, Info int
	Unchecked            int
}
