// SPDX-License-Identifier: MIT

package conformance

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// incomplete are the headers that no compiler takes by themselves, with the
// reason. Another one that clang refuses may hide what we get wrong, so it is a
// failure.
var incomplete = map[string]string{
	"linux/patchkey.h": "refuses to be included directly",
	"xen/evtchn.h":     "uses domid_t, which no header here declares",
	"xen/gntdev.h":     "uses grant_ref_t, which no header here declares",
	"xen/privcmd.h":    "includes xen/interface/xen.h, which is not there",
}

// maxPrinted bounds how many lines of one kind are printed of a target.
const maxPrinted = 20

// Print writes rows as a table, below what is wrong and the headers that could
// not be compared. It returns whether all is well.
func Print(w io.Writer, rows []*Row) (bool, error) {
	e := errWriter{w: w}
	ok := true
	problem := func(row *Row, kind string, lines []string) {
		for i, l := range lines {
			ok = false
			if i == maxPrinted {
				e.printf("%s: %s: and %d more\n", row.Target, kind, len(lines)-i)
				return
			}
			e.printf("%s: %s: %s\n", row.Target, kind, l)
		}
	}
	neither := map[string][]string{}
	for _, r := range rows {
		problem(r, "wrong", r.Wrong)
		problem(r, "refused by us alone", r.Refused)
		problem(r, "lost", r.Lost)
		for _, h := range r.Neither {
			if incomplete[h.Header] == "" {
				problem(r, "refused by clang, and not known for it", []string{h.Header + ": " + h.ClangError})
			}
			neither[h.Header] = append(neither[h.Header], r.Target)
		}
		if len(r.Neither) > 0 && r.Headers == 0 {
			problem(r, "nothing compared", []string{"clang compiles no header"})
		}
	}
	var names []string
	for h := range neither {
		names = append(names, h)
	}
	slices.Sort(names)
	if len(names) > 0 {
		e.printf("Headers that clang does not compile:\n")
		for _, h := range names {
			on := "on every target"
			if len(neither[h]) < len(rows) {
				on = "on " + strings.Join(neither[h], ", ")
			}
			why := incomplete[h]
			if why == "" {
				why = "see above"
			}
			e.printf("  %s: %s (%s)\n", h, why, on)
		}
		e.printf("\n")
	}
	notes := map[string][]string{}
	for _, r := range rows {
		if r.Note != "" {
			notes[r.Note] = append(notes[r.Note], r.Target)
		}
	}
	for _, r := range rows {
		if ts := notes[r.Note]; len(ts) > 0 {
			e.printf("%s: %s\n", strings.Join(ts, ", "), r.Note)
			notes[r.Note] = nil
		}
	}
	e.table(rows)
	return ok, e.err
}

func (e *errWriter) table(rows []*Row) {
	t := tabwriter.NewWriter(e, 0, 0, 2, ' ', tabwriter.AlignRight)
	tw := &errWriter{w: t}
	tw.printf("target\theaders\trecords\tfields\tbit-fields\tenumerators\tconstants\tclaims\twrong\tclang-only\tdeclarations\tlost\trandom records\tfields\tbit-fields\tconstants\t\n")
	for _, r := range rows {
		tw.printf("%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d in %d\t%d\t%d\t%d\t%d\t%d\t\n", r.Target, r.Headers, r.Counts.Records,
			r.Counts.Fields, r.Counts.Bitfields, r.Counts.Enumerators, r.Counts.Constants, r.Counts.Claims+r.Random.Claims, len(r.Wrong),
			len(r.Refused), r.Declarations, r.Declared, len(r.Lost), r.Random.Records, r.Random.Fields, r.Random.Bitfields, r.Random.Constants)
	}
	if tw.err == nil {
		tw.err = t.Flush()
	}
	if e.err == nil {
		e.err = tw.err
	}
}

// errWriter remembers the first error of a writer.
type errWriter struct {
	w   io.Writer
	err error
}

func (e *errWriter) Write(p []byte) (int, error) {
	if e.err != nil {
		return 0, e.err
	}
	n, err := e.w.Write(p)
	e.err = err
	return n, err
}

func (e *errWriter) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(e, format, args...)
}
