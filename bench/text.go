// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

const (
	legend      = "The figures are medians, with the quartiles in brackets. The last but one is how many times ours the peer's figure is, in each round: below 1 the peer is better."
	legendTable = "What each tool says of an edit"
)

// writeText writes for a terminal.
func writeText(w io.Writer, d Document) {
	fmt.Fprintf(w, "%d rounds or more, alternating. %s\n", d.Rounds, legend)
	for _, s := range d.Sections {
		fmt.Fprintf(w, "\n%s\n\n", s.Title)
		table := [][]string{{"row", "", "ours", "", "peer", "", "unit", "peer ÷ ours"}}
		for _, r := range s.Rows {
			if r.Not != "" {
				table = append(table, []string{r.ID, r.Title, r.Ours, "-", r.Peer, "-", r.Unit, "-"})
				continue
			}
			table = append(table, []string{r.ID, r.Title, r.Ours, spreadOf(r.OursAt), r.Peer, spreadOf(r.PeerAt), r.Unit, byOf(r.By)})
		}
		lines := align(table)
		fmt.Fprintln(w, lines[0])
		for i, r := range s.Rows {
			fmt.Fprintln(w, lines[i+1])
			for _, note := range append([]string{r.Not}, r.Notes...) {
				if note != "" {
					fmt.Fprintf(w, "    %s\n", note)
				}
			}
			for _, b := range r.Bounds {
				fmt.Fprintf(w, "    wanted: %s\n", b)
			}
		}
	}
	if d.Sayings != nil {
		fmt.Fprintf(w, "\n%s\n\n", legendTable)
		if d.Sayings.Not != "" {
			fmt.Fprintln(w, d.Sayings.Not)
		}
		table := [][]string{append([]string{""}, d.Sayings.Tools...)}
		for _, s := range d.Sayings.Said {
			line := []string{s.title()}
			for i := range d.Sayings.Tools {
				line = append(line, s.word(i))
			}
			table = append(table, line)
		}
		if len(table) > 1 {
			for _, l := range align(table) {
				fmt.Fprintln(w, l)
			}
		}
	}
	fmt.Fprintln(w)
	for _, f := range d.Machine {
		fmt.Fprintf(w, "%s: %s\n", f.What, f.Is)
	}
}

func (s Saying) title() string {
	if s.Harmless {
		return s.What + " (harmless)"
	}
	return s.What
}

// align sets columns two blanks apart.
func align(table [][]string) []string {
	width := make([]int, len(table[0]))
	for _, row := range table {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	lines := make([]string, len(table))
	for i, row := range table {
		var b strings.Builder
		for j, cell := range row {
			b.WriteString(cell)
			b.WriteString(strings.Repeat(" ", width[j]-utf8.RuneCountInString(cell)+2))
		}
		lines[i] = strings.TrimRight(b.String(), " ")
	}
	return lines
}
