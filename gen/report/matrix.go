// SPDX-License-Identifier: MIT

package report

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
)

// What cells of a matrix say beside "3 breaking", "1 risk" and "2 info".
const (
	cellEqual  = "equal"
	cellAbsent = "-"
)

// cellText says in a word how far a source is from a revision: how many
// findings there are of the worst severity.
func cellText(c check.MatrixCell) string {
	switch {
	case c.Absent:
		return cellAbsent
	case c.Breaking > 0:
		return fmt.Sprintf("%d breaking", c.Breaking)
	case c.Risk > 0:
		return fmt.Sprintf("%d risk", c.Risk)
	case c.Info > 0:
		return fmt.Sprintf("%d info", c.Info)
	}
	return cellEqual
}

// cellCount is a number of findings of one severity.
type cellCount struct {
	severity drift.Severity
	n        int
}

// cellCounts counts what a cell found, the worst first.
func cellCounts(c check.MatrixCell) []cellCount {
	var out []cellCount
	for _, k := range []cellCount{{drift.Breaking, c.Breaking}, {drift.Risk, c.Risk}, {drift.Info, c.Info}} {
		if k.n > 0 {
			out = append(out, k)
		}
	}
	return out
}

// columnText is the head of a column.
func columnText(c check.MatrixColumn) string {
	if c.Target == "" {
		return c.Revision
	}
	return c.Revision + " " + c.Target
}

// maxDiffers is how many differences a row of a matrix names.
const maxDiffers = 3

// identityText is what a row's source is, and in what it differs from that.
func identityText(r check.MatrixRow) string {
	s := r.Revision
	if n := len(r.Differs); n > maxDiffers {
		s += fmt.Sprintf(", differs in %s and %d more", strings.Join(r.Differs[:maxDiffers], ", "), n-maxDiffers)
	} else if n > 0 {
		s += ", differs in " + strings.Join(r.Differs, ", ")
	}
	return s
}

// matrixRows returns the matrix as rows of text, the head first.
func matrixRows(m *check.Matrix) [][]string {
	head := []string{"source", "target"}
	for _, c := range m.Columns {
		head = append(head, columnText(c))
	}
	rows := [][]string{append(head, "is")}
	for _, r := range m.Rows {
		row := []string{r.Source, r.Target}
		for _, c := range r.Cells {
			row = append(row, cellText(c))
		}
		rows = append(rows, append(row, identityText(r)))
	}
	return rows
}

func textMatrix(b *bytes.Buffer, m *check.Matrix, o Options) {
	textRows(b, matrixRows(m), o)
}

// jMatrix is the matrix in JSON: the names of the columns, and for each source a
// cell a column.
type jMatrix struct {
	Columns []jColumn    `json:"columns"`
	Rows    []jMatrixRow `json:"rows"`
}

type jColumn struct {
	Revision string `json:"revision"`
	Target   string `json:"target,omitempty"`
}

type jMatrixRow struct {
	Source   string   `json:"source"`
	Target   string   `json:"target"`
	Revision string   `json:"revision"`
	Differs  []string `json:"differs,omitempty"`
	Cells    []jCell  `json:"cells"`
}

type jCell struct {
	Absent    bool `json:"absent,omitempty"`
	Breaking  int  `json:"breaking"`
	Risk      int  `json:"risk"`
	Info      int  `json:"info"`
	Unchecked int  `json:"not_checked"`
}

func matrixToJSON(m *check.Matrix) *jMatrix {
	if m == nil {
		return nil
	}
	j := &jMatrix{Columns: []jColumn{}, Rows: []jMatrixRow{}}
	for _, c := range m.Columns {
		j.Columns = append(j.Columns, jColumn(c))
	}
	for _, r := range m.Rows {
		row := jMatrixRow{Source: r.Source, Target: r.Target, Revision: r.Revision, Differs: r.Differs, Cells: []jCell{}}
		for _, c := range r.Cells {
			row.Cells = append(row.Cells, jCell{c.Absent, c.Breaking, c.Risk, c.Info, c.Unchecked})
		}
		j.Rows = append(j.Rows, row)
	}
	return j
}
