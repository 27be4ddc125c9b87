// SPDX-License-Identifier: MIT

//go:build linux

package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"golang.org/x/sys/unix"
)

// schema is the version of the JSON.
const schema = 1

// Names of rows.
const (
	rowLseek  = "upcall-lseek"
	rowFstat  = "upcall-fstat"
	rowRead   = "upcall-read"
	rowBare   = "upcall-lseek-bare"
	rowLinear = "bpf-linear"
	rowStripe = "bpf-stripe"
	rowEmpty  = "bpf-empty"
)

// Report is what a run has found out, and its JSON.
type Report struct {
	Schema int `json:"schema"`
	// Not says why nothing was measured; everything else is missing then.
	Not    string  `json:"not_measured,omitempty"`
	Kernel string  `json:"kernel,omitempty"`
	CPUs   int     `json:"cpus,omitempty"`
	Go     string  `json:"go,omitempty"`
	FUSE   string  `json:"go_fuse,omitempty"`
	Rounds int     `json:"rounds,omitempty"`
	Calls  int     `json:"calls,omitempty"` // of each request in a round
	Rows   []Row   `json:"rows,omitempty"`
	Times  []Times `json:"times,omitempty"`
}

// Row is one thing that was measured, in nanoseconds.
type Row struct {
	Name string `json:"name"`
	What string `json:"what"`
	Spread
	Samples []float64 `json:"samples"` // one of each round
}

// Times is how many times cheaper a BPF call is than an upcall.
type Times struct {
	Cheaper string `json:"cheaper"`
	Than    string `json:"than"`
	Spread
	Wanted float64 `json:"wanted,omitempty"` // at least; 0 is any
}

func newReport(contestants []contestant, samples map[string][]float64, rounds, calls int) *Report {
	r := &Report{Schema: schema, CPUs: runtime.NumCPU(), Go: runtime.Version(), Rounds: rounds, Calls: calls}
	var u unix.Utsname
	if err := unix.Uname(&u); err == nil {
		r.Kernel = unix.ByteSliceToString(u.Release[:]) + " " + unix.ByteSliceToString(u.Machine[:])
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Path == "github.com/hanwen/go-fuse/v2" {
				r.FUSE = d.Version
			}
		}
	}
	for _, c := range contestants {
		r.Rows = append(r.Rows, Row{c.name, c.what, spread(samples[c.name]), samples[c.name]})
	}
	for _, t := range []Times{
		{Cheaper: rowLinear, Than: rowLseek, Wanted: 150},
		{Cheaper: rowStripe, Than: rowLseek, Wanted: 100},
		{Cheaper: rowEmpty, Than: rowLseek},
		{Cheaper: rowLinear, Than: rowBare},
		{Cheaper: rowStripe, Than: rowBare},
	} {
		quotients := make([]float64, rounds)
		for i := range quotients {
			quotients[i] = samples[t.Than][i] / samples[t.Cheaper][i]
		}
		t.Spread = spread(quotients)
		r.Times = append(r.Times, t)
	}
	return r
}

func number(x float64) string { return fmt.Sprintf("%.0f", x) }

func (s Spread) quartiles() string { return number(s.Low) + " to " + number(s.High) }

// verdict says what was wanted and whether it is so.
func (t Times) verdict() string {
	switch {
	case t.Wanted == 0:
		return "-"
	case t.Median < t.Wanted:
		return number(t.Wanted) + ": NOT"
	}
	return number(t.Wanted) + ": met"
}

// text writes the tables.
func (r *Report) text(w io.Writer) error {
	if r.Not != "" {
		_, err := fmt.Fprintf(w, "upcall: not measured: %s\n", r.Not)
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Linux %s, %d processors, %s, go-fuse %s; %d rounds of %d calls\n\n", r.Kernel, r.CPUs, r.Go, r.FUSE, r.Rounds, r.Calls)
	const row = "%14s  %-17s  %-8s  %s\n"
	fmt.Fprintf(&b, row, "median, ns", "quartiles", "", "")
	for _, x := range r.Rows {
		fmt.Fprintf(&b, row, number(x.Median), x.quartiles(), "", x.Name+": "+x.What)
	}
	fmt.Fprintf(&b, "\n"+row, "times cheaper", "quartiles", "wanted", "")
	for _, x := range r.Times {
		fmt.Fprintf(&b, row, number(x.Median), x.quartiles(), x.verdict(), x.Cheaper+" than "+x.Than)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
