// SPDX-License-Identifier: MIT

package report

import (
	"bytes"
	"fmt"
	"io"
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
	if r.Table {
		textTable(&b, r, o)
		b.WriteByte('\n')
	} else {
		for i := range r.Comparisons {
			fmt.Fprintf(&b, "old: %s\nnew: %s\n\n", r.Comparisons[i].Old, r.Comparisons[i].New)
		}
	}
	for _, g := range groups(r) {
		textFinding(&b, r, g, o)
		b.WriteByte('\n')
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
			case i == 0 && cell == markOK:
				cell = paint(o, green, cell)
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
	red    color = "31"
	green  color = "32"
	yellow color = "33"
	dim    color = "2"
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
