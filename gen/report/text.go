// SPDX-License-Identifier: MIT

package report

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
)

// writeText prints the table where there is one, then each finding with its
// two facts and where they stand, then what was not checked, and the summary:
//
//	old: embedded:R2
//	new: embedded:R4
//
//	breaking  callback.param.pointee  fuse_iomap_bpf_ops.iomap_begin#1
//	    the program would take one object for another
//	    old: struct fuse_inode *      fuse_iomap_bpf.h:210:2
//	    new: struct fuse_bpf_inode *  fuse_iomap_bpf.h:214:2
//
//	1 finding (1 breaking), 0 not checked
func writeText(w io.Writer, r *check.Report, o Options) error {
	var b bytes.Buffer
	if r.Headline != "" {
		fmt.Fprintf(&b, "%s\n\n", r.Headline)
	}
	switch {
	case r.Matrix != nil:
		textMatrix(&b, r.Matrix, o)
		b.WriteByte('\n')
	case r.Table:
		textTable(&b, r, o)
		b.WriteByte('\n')
	default:
		for i := range r.Comparisons {
			if c := &r.Comparisons[i]; !c.Own {
				fmt.Fprintf(&b, "old: %s\nnew: %s\n\n", c.Old, c.New)
			}
		}
	}
	gs := groups(r)
	if r.Matrix != nil && !o.Verbose {
		// The rows name what differs.
		gs = nil
	}
	for i, g := range gs {
		textFinding(&b, r, g, o)
		b.WriteByte('\n')
		if l := blockLayout(gs, i); l != nil {
			textLayout(&b, l, o)
			b.WriteByte('\n')
		}
	}
	if o.Verbose {
		textAccepted(&b, r)
	}
	if !r.Table || o.Verbose {
		textUnchecked(&b, r)
	}
	fmt.Fprintln(&b, r.Summary())
	_, err := w.Write(b.Bytes())
	return err
}

// Marks of a row.
const (
	markOK     = "ok"
	markFailed = "FAIL"
	markAbsent = "-"
)

func mark(c *check.Comparison) string {
	switch {
	case c.Failed || len(c.Findings) > 0:
		return markFailed
	case c.Absent:
		return markAbsent
	}
	return markOK
}

// notChecked says in one cell what a comparison could not look at.
func notChecked(c *check.Comparison) string {
	if len(c.Unchecked) == 0 {
		return "-"
	}
	if c.Absent {
		return "everything"
	}
	var kinds []string
	for i, u := range c.Unchecked {
		if i == 0 || u.Evidence != c.Unchecked[i-1].Evidence {
			kinds = append(kinds, string(u.Evidence))
		}
	}
	return strings.Join(kinds, ", ")
}

func textTable(b *bytes.Buffer, r *check.Report, o Options) {
	rows := [][]string{{"", "source", "what", "verdict", "not checked"}}
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		rows = append(rows, []string{mark(c), c.Source, c.What, c.Verdict, notChecked(c)})
	}
	textRows(b, rows, o)
}

// textRows prints a table whose first row is its head.
func textRows(b *bytes.Buffer, rows [][]string, o Options) {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for n, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell)+2)
			switch {
			case n == 0:
				cell = paint(o, dim, cell)
			case i == 0 && cell == markFailed:
				cell = paint(o, red, cell)
			case i == 0 && cell == markOK, cell == cellEqual:
				cell = paint(o, green, cell)
			case strings.HasSuffix(cell, " breaking"):
				cell = paint(o, red, cell)
			case strings.HasSuffix(cell, " risk"):
				cell = paint(o, yellow, cell)
			}
			line.WriteString(cell)
			if i < len(row)-1 {
				line.WriteString(pad)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
}

func textFinding(b *bytes.Buffer, r *check.Report, g *group, o Options) {
	fmt.Fprintf(b, "%s  %s  %s\n", paint(o, severityColor(g.Severity), string(g.Severity)), g.Rule, g.Subject)
	if g.Message != "" {
		fmt.Fprintf(b, "    %s\n", g.Message)
	}
	facts := [][2]string{{g.Old, g.OldPos.String()}, {g.New, newPos(g)}}
	width := max(utf8.RuneCountInString(g.Old), utf8.RuneCountInString(g.New))
	for i, label := range []string{"old", "new"} {
		if facts[i] == [2]string{} {
			continue
		}
		pad := strings.Repeat(" ", width-utf8.RuneCountInString(facts[i][0]))
		fmt.Fprintf(b, "    %s\n", strings.TrimRight(fmt.Sprintf("%s: %s%s  %s", label, facts[i][0], pad, facts[i][1]), " "))
	}
	if r.Table || len(r.Comparisons) > 1 {
		fmt.Fprintf(b, "    in: %s\n", g.where())
	}
	for _, c := range g.Consequences {
		fmt.Fprintf(b, "      - %s\n", c)
	}
	if g.Witness != nil {
		fmt.Fprintf(b, "    witness: %s\n", g.Witness.Text)
		if g.Witness.Bytes != "" {
			fmt.Fprintf(b, "      %s\n", paint(o, dim, witnessBytes(g.Witness)))
		}
	}
}

// maxUntouched is how many bytes are shown behind those that matter.
const maxUntouched = 8

// witnessBytes writes the bytes of a witness as a dump with the offset of the
// first, without most of those that are neither written nor read.
func witnessBytes(w *drift.Witness) string {
	first := w.FirstByte
	text := w.Bytes
	begin, end := matters(w)
	for len(text) > 2 && first < begin {
		text = text[2:]
		first++
	}
	if keep := 2 * (end + maxUntouched - first); keep > 0 && keep < int64(len(text)) {
		text = text[:keep]
	}
	var b strings.Builder
	fmt.Fprintf(&b, "byte %d:", first)
	for i := 0; i+1 < len(text); i += 2 {
		b.WriteByte(' ')
		b.WriteString(text[i : i+2])
	}
	return b.String()
}

// matters returns the bytes of the record that a witness writes or reads, of
// those that it has.
func matters(w *drift.Witness) (begin, end int64) {
	begin, end = math.MaxInt64, 0
	for _, a := range []*drift.Access{w.Write, w.Read} {
		if a != nil {
			begin = min(begin, a.BitOffset/8)
			end = max(end, (a.BitOffset+a.BitSize+7)/8)
		}
	}
	if begin > end {
		return w.FirstByte, w.FirstByte + int64(len(w.Bytes)/2)
	}
	return begin, end
}

// markColor is the colour of a line that differs.
var markColor = map[drift.Mark]color{drift.Moved: yellow, drift.Changed: magenta, drift.Removed: red, drift.Added: green}

// textLayout prints a record side by side. The character before a line says how
// its two halves relate: > moved, ~ changed, - removed, + added.
func textLayout(b *bytes.Buffer, l *check.Layout, o Options) {
	older, newer := layoutHead(l)
	lines := layoutLines(l)
	cells := make([][]string, len(lines))
	var width [8]int
	for i, line := range lines {
		if line.row == nil {
			continue
		}
		cells[i] = append(layoutCells(line.row.Old), layoutCells(line.row.New)...)
		for j, c := range cells[i] {
			width[j] = max(width[j], utf8.RuneCountInString(c))
		}
	}
	half := width[0] + width[1] + width[2] + width[3] + 6
	if n := utf8.RuneCountInString(older); n > half {
		width[3] += n - half
		half = n
	}
	fmt.Fprintf(b, "      %s\n", paint(o, dim, fmt.Sprintf("%-*s    %s", half, older, newer)))
	for i, line := range lines {
		if line.row == nil {
			fmt.Fprintf(b, "      %s\n", paint(o, dim, "("+leftOut(line.left)+")"))
			continue
		}
		var t strings.Builder
		t.WriteString("    " + line.row.Mark.Sign() + " ")
		for j, c := range cells[i] {
			pad := strings.Repeat(" ", width[j]-utf8.RuneCountInString(c))
			if j%4 < 2 {
				c, pad = pad+c, ""
			}
			t.WriteString(c + pad + "  ")
			if j == 3 {
				t.WriteString("  ")
			}
		}
		text := strings.TrimRight(t.String(), " ")
		if c, ok := markColor[line.row.Mark]; ok {
			text = paint(o, c, text)
		}
		b.WriteString(text + "\n")
	}
}

// textAccepted lists the findings that are suppressed or known.
func textAccepted(b *bytes.Buffer, r *check.Report) {
	n := 0
	for _, g := range suppressed(r) {
		fmt.Fprintf(b, "suppressed: %s  %s  %s: %s\n", g.Severity, g.Rule, g.Subject, g.justification)
		n++
	}
	for i := range r.Comparisons {
		for _, f := range r.Comparisons[i].Known {
			fmt.Fprintf(b, "known: %s  %s  %s in %s\n", f.Severity, f.Rule, f.Subject, r.Comparisons[i].Source)
			n++
		}
	}
	if n > 0 {
		b.WriteByte('\n')
	}
}

// textUnchecked lists what was not checked and why; a table has only the kinds
// of evidence, in its last column.
func textUnchecked(b *bytes.Buffer, r *check.Report) {
	n := 0
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		for _, u := range c.Unchecked {
			n++
			in := ""
			if r.Table {
				in = " in " + c.Source
			}
			fmt.Fprintf(b, "not checked%s: %s\n", in, u)
		}
	}
	if n > 0 {
		b.WriteByte('\n')
	}
}

type color string

// The colours, as the parameters of a select graphic rendition sequence.
const (
	red     color = "31"
	green   color = "32"
	yellow  color = "33"
	magenta color = "35"
	dim     color = "2"
)

func severityColor(s drift.Severity) color {
	switch s {
	case drift.Breaking:
		return red
	case drift.Risk:
		return yellow
	}
	return dim
}

func paint(o Options, c color, s string) string {
	if !o.Color || s == "" {
		return s
	}
	return "\x1b[" + string(c) + "m" + s + "\x1b[0m"
}
