// SPDX-License-Identifier: MIT

package check

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

// Matrix is a table: sources down, revisions across.
type Matrix struct {
	Columns []MatrixColumn // in the order of the revisions
	Rows    []MatrixRow    // in the order of the sources
}

// MatrixColumn is one revision on one target.
type MatrixColumn struct {
	Revision string // its name
	// Target is empty where every source is compared for one target, which its
	// row names.
	Target string
}

// MatrixRow is one source.
type MatrixRow struct {
	Source string // as it was written
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
	Breaking, Risk, Info int // findings of each severity
	Unchecked            int // what the evidence did not allow to check
	// Detail is what was found, as a report of the two alone has it, with the
	// layouts of the records that findings are about; nil where Absent, and with
	// Config.Brief.
	Detail *Comparison
}

// line is a source of a matrix after it was compared: all that is kept of it.
type line struct {
	row     MatrixRow
	targets []string
	cells   map[MatrixColumn]MatrixCell
	Comparison
}

// mostAtOnce is how many sources of a matrix are in memory at one time.
const mostAtOnce = 4

// RunMatrix compares each source with every known revision: the embedded ones
// and those of the configuration. Sources that bring no target are compared for
// each of ts, for bpfel where there are none.
//
// Each source is read, compared and forgotten, so that their number is bounded
// by time alone: what is kept of one is a line of the table, how it differs from
// the nearest revision, and unless Config.Brief is set from each of them, which is
// a megabyte or two.
func RunMatrix(ctx context.Context, c Config, specs []string, ts []model.Target, o source.Options) (*Report, error) {
	op := newOpener()
	op.own, op.brief = c.ownRevisions(), c.Brief
	names, err := op.revisionNames(ctx)
	if err != nil {
		return nil, err
	}
	lines := make([]line, len(specs))
	turn := make(chan struct{}, mostAtOnce)
	var rows []row
	for i, spec := range specs {
		rows = append(rows, func(ctx context.Context) (Comparison, error) {
			turn <- struct{}{}
			defer func() { <-turn }()
			l, err := op.line(ctx, spec, ts, o, names)
			lines[i] = l
			return l.Comparison, err
		})
	}
	rep := &Report{Table: true, Matrix: &Matrix{}}
	if rep.Comparisons, err = inParallel(ctx, rows); err != nil {
		return nil, err
	}
	revisions := slices.Clone(source.Revisions())
	for _, r := range op.own {
		revisions = append(revisions, r.Name)
	}
	rep.Matrix.fill(revisions, lines, len(ts) > 1)
	return rep, nil
}

// fill makes the columns and rows: a column for each revision, on each target
// that a source was compared for where split asks for that.
func (m *Matrix) fill(revisions []string, lines []line, split bool) {
	targets := []string{""}
	if split {
		targets = nil
		for _, t := range model.Targets() {
			if slices.ContainsFunc(lines, func(l line) bool { return slices.Contains(l.targets, t.Name) }) {
				targets = append(targets, t.Name)
			}
		}
	}
	for _, t := range targets {
		for _, r := range revisions {
			m.Columns = append(m.Columns, MatrixColumn{r, t})
		}
	}
	for _, l := range lines {
		for _, c := range m.Columns {
			if c.Target == "" {
				c.Target = l.targets[0]
			}
			cell, ok := l.cells[c]
			cell.Absent = !ok
			l.row.Cells = append(l.row.Cells, cell)
		}
		m.Rows = append(m.Rows, l.row)
	}
}

// line compares one source with every known revision.
func (op *opener) line(ctx context.Context, spec string, ts []model.Target, o source.Options, names *regexp.Regexp) (line, error) {
	l := line{row: MatrixRow{Source: spec}, cells: map[MatrixColumn]MatrixCell{}}
	k, err := source.KindOf(spec)
	if err != nil {
		return l, err
	}
	if o.Types == nil && (k.Prefix == "btf" || k.Prefix == "elf") && !small(spec) {
		// It may be a whole kernel's. A small one is read as a whole, so that it is
		// recognised even if it calls everything something else.
		o.Types = names
	}
	if len(ts) == 0 || source.BringsTarget(spec) {
		ts = []model.Target{o.Target}
		o.TargetSet = false
	}
	for i, t := range ts {
		o.Target = t
		o.TargetSet = o.TargetSet || len(ts) > 1
		a, err := source.OpenHost(ctx, spec, o)
		if errors.Is(err, source.ErrNoMatch) && i == 0 {
			l.unknown(spec, t)
			return l, nil
		}
		if err != nil {
			return l, err
		}
		if err := op.compareLine(ctx, &l, spec, a, i == 0); err != nil {
			return l, err
		}
	}
	return l, nil
}

// maxSmall is the size up to which a file is read as a whole, in bytes.
const maxSmall = 256 << 10

// small reports whether a source is a file of at most [maxSmall] bytes.
func small(spec string) bool {
	_, path, ok := strings.Cut(spec, ":")
	if !ok {
		path = spec
	}
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular() && st.Size() <= maxSmall
}

// unknown fills in the line of a source that has nothing any revision has.
func (l *line) unknown(spec string, t model.Target) {
	l.row.Revision, l.row.Target = Identity{}.String(), t.Name
	l.targets = []string{t.Name}
	l.Comparison = Comparison{Source: spec, Old: "revisions", New: spec, Verdict: "unknown", Revision: "unknown", Absent: true,
		Unchecked: []Unchecked{{Unchecked: drift.Unchecked{Evidence: model.Records,
			Reason: "has nothing that a known revision declares"}}}}
}

// compareLine compares the model of a source on one target with every revision
// there is for it. The first target names the revision.
func (op *opener) compareLine(ctx context.Context, l *line, spec string, a *model.ABI, first bool) error {
	t, err := model.TargetByName(a.Target)
	if err != nil {
		return fmt.Errorf("%s: %w", spec, err)
	}
	refs, err := op.references(ctx, t)
	if err != nil {
		return err
	}
	id, err := op.identify(ctx, a)
	if err != nil {
		return err
	}
	l.targets = append(l.targets, t.Name)
	if !first {
		l.row.Target += "," + t.Name
	} else {
		l.row.Target, l.row.Revision = t.Name, id.String()
		for _, f := range id.Findings {
			if !slices.Contains(l.row.Differs, f.Subject) {
				l.row.Differs = append(l.row.Differs, f.Subject)
			}
		}
		l.Comparison = Comparison{Source: spec, Old: "revisions", New: spec, What: sideText[a.Side], Revision: id.String()}
	}
	for _, ref := range refs {
		nearest := len(id.Names) > 0 && ref.name == id.Names[0]
		if !ref.listed && !nearest {
			continue
		}
		res := against(ref.ABI, a)
		if ref.listed && len(id.Names) > 0 {
			cell := count(res)
			if !op.brief {
				cell.Detail = &Comparison{Source: spec, Old: ref.spec, New: spec}
				if a.Side == model.SideProgram {
					cell.Detail.Old, cell.Detail.New = spec, ref.spec
				}
				cell.Detail.set([]outcome{{t.Name, res}})
			}
			l.cells[MatrixColumn{ref.name, t.Name}] = cell
		}
		if !nearest || !first {
			continue
		}
		c := &l.Comparison
		c.Old = ref.spec
		if a.Side == model.SideProgram {
			c.Old, c.New = c.New, c.Old
		}
		c.set([]outcome{{t.Name, res}})
		c.Verdict = c.Revision + ", " + compatibility(c.Findings, "")
	}
	if first && len(id.Names) == 0 {
		l.unknown(spec, t)
	}
	return nil
}

// count counts findings by severity.
func count(res drift.Result) MatrixCell {
	c := MatrixCell{Unchecked: len(res.Unchecked)}
	for _, f := range res.Findings {
		switch f.Severity {
		case drift.Breaking:
			c.Breaking++
		case drift.Risk:
			c.Risk++
		default:
			c.Info++
		}
	}
	return c
}
