// SPDX-License-Identifier: MIT

package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
)

// The x types are the dialect of JUnit that continuous integration reads:
// testsuites, testsuite, testcase with failure or skipped, system-out.

type xSuites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Skipped  int      `xml:"skipped,attr"`
	Suites   []xSuite `xml:"testsuite"`
	Out      string   `xml:"system-out"`
}

type xSuite struct {
	Name     string  `xml:"name,attr"`
	Tests    int     `xml:"tests,attr"`
	Failures int     `xml:"failures,attr"`
	Skipped  int     `xml:"skipped,attr"`
	Cases    []xCase `xml:"testcase"`
}

type xCase struct {
	Name    string    `xml:"name,attr"`
	Class   string    `xml:"classname,attr"`
	File    string    `xml:"file,attr,omitempty"`
	Line    int       `xml:"line,attr,omitempty"`
	Failure *xFailure `xml:"failure"`
	Skipped *xSkipped `xml:"skipped"`
	Out     string    `xml:"system-out,omitempty"`
}

type xFailure struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

type xSkipped struct {
	Message string `xml:"message,attr"`
}

// writeJUnit prints a suite for each comparison: a case that fails for each
// finding that is breaking or a risk, one that passes for each that is only
// information, one that is skipped for what was not checked, and where nothing
// was found one that passes for the comparison.
func writeJUnit(w io.Writer, r *check.Report, _ Options) error {
	all := xSuites{Name: "abigen", Out: r.Summary().String()}
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		s := xSuite{Name: c.Source}
		for _, f := range c.Findings {
			s.Cases = append(s.Cases, findingCase(c, f))
		}
		if len(c.Findings) == 0 && !c.Absent {
			verdict := c.Verdict
			if verdict == "" {
				verdict = "no findings"
			}
			s.Cases = append(s.Cases, xCase{Name: strings.TrimSpace(c.What + " against " + c.Old), Class: c.Source, Out: verdict})
		}
		for _, u := range c.Unchecked {
			s.Cases = append(s.Cases, xCase{Name: "not checked: " + string(u.Evidence), Class: c.Source, Skipped: &xSkipped{u.String()}})
		}
		for _, x := range s.Cases {
			s.Tests++
			if x.Failure != nil {
				s.Failures++
			}
			if x.Skipped != nil {
				s.Skipped++
			}
		}
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Skipped += s.Skipped
		all.Suites = append(all.Suites, s)
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	b.WriteByte('\n')
	_, err := w.Write(b.Bytes())
	return err
}

func findingCase(c *check.Comparison, f check.Finding) xCase {
	g := &group{Finding: f, seen: []*check.Comparison{c}, targets: [][]string{f.Targets}}
	var text strings.Builder
	fmt.Fprintf(&text, "%s\nold: %s  %s\nnew: %s  %s\nin: %s\n", f.Message, f.Old, f.OldPos, f.New, newPos(g), g.where())
	for _, s := range f.Consequences {
		fmt.Fprintf(&text, "- %s\n", s)
	}
	if f.Witness != nil {
		fmt.Fprintf(&text, "witness: %s\n", f.Witness.Text)
	}
	at := g.place()
	x := xCase{Name: f.Rule + " " + f.Subject, Class: c.Source, File: at.File, Line: at.Line}
	if f.Severity == drift.Info {
		x.Out = text.String()
		return x
	}
	x.Failure = &xFailure{Type: f.Rule, Message: string(f.Severity) + ": " + f.Message, Text: text.String()}
	return x
}
