// SPDX-License-Identifier: MIT

package check

import (
	"context"
	"testing"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

// TestEachCellHasWhatItCounts compares a program, a kernel and a header with
// every revision: what a cell says in numbers is in its detail, and the program
// is the old side.
func TestEachCellHasWhatItCounts(t *testing.T) {
	bpfel, err := model.TargetByName("bpfel")
	if err != nil {
		t.Fatal(err)
	}
	const program = "../../bpf/programs/internal/object/stripe_bpfel.o"
	specs := []string{program, "embedded:kernel-R1", "embedded:R4", "embedded:fuse_bpf_ops"}
	r, err := RunMatrix(context.Background(), Config{}, specs, nil, source.Options{Target: bpfel})
	if err != nil {
		t.Fatal(err)
	}
	details := 0
	for i, row := range r.Matrix.Rows {
		for j, c := range row.Cells {
			name, revision := row.Source, r.Matrix.Columns[j].Revision
			if c.Absent != (c.Detail == nil) {
				t.Errorf("%s beside %s: absent %v, detail %v", name, revision, c.Absent, c.Detail)
			}
			if c.Detail == nil {
				continue
			}
			details++
			n := map[drift.Severity]int{}
			for _, f := range c.Detail.Findings {
				n[f.Severity]++
			}
			if n[drift.Breaking] != c.Breaking || n[drift.Risk] != c.Risk || n[drift.Info] != c.Info || len(c.Detail.Unchecked) != c.Unchecked {
				t.Errorf("%s beside %s: the cell counts %+v, its detail has %v and %d not checked", name, revision, c, n, len(c.Detail.Unchecked))
			}
			old, now := "embedded:"+revision, name
			if i == 0 {
				old, now = now, old
			}
			if c.Detail.Old != old || c.Detail.New != now || c.Detail.Source != name {
				t.Errorf("%s beside %s: from %s to %s, want from %s to %s", name, revision, c.Detail.Old, c.Detail.New, old, now)
			}
		}
	}
	if details < 3*len(r.Matrix.Columns) {
		t.Errorf("%d cells have a detail", details)
	}
}

// A matrix of many sources keeps only what a table shows of each.
func TestABriefMatrixCountsTheSame(t *testing.T) {
	bpfel, err := model.TargetByName("bpfel")
	if err != nil {
		t.Fatal(err)
	}
	specs := []string{"embedded:kernel-R1", "embedded:R4"}
	o := source.Options{Target: bpfel}
	whole, err := RunMatrix(context.Background(), Config{}, specs, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	brief, err := RunMatrix(context.Background(), Config{Brief: true}, specs, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range whole.Matrix.Rows {
		for j, c := range row.Cells {
			c.Detail = nil
			if got := brief.Matrix.Rows[i].Cells[j]; got != c {
				t.Errorf("%s, column %d: %+v, want %+v", row.Source, j, got, c)
			}
		}
	}
}
