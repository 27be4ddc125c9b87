// SPDX-License-Identifier: MIT

package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
)

func TestJUnitCanBeReadBack(t *testing.T) {
	r := table()
	r.Comparisons[1].Findings[1].Message = "not XML: <a & \"b\"> \x01"
	var b bytes.Buffer
	if err := writeJUnit(&b, r, Options{}); err != nil {
		t.Fatal(err)
	}
	var got xSuites
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	tests, failures, skipped := 0, 0, 0
	for _, s := range got.Suites {
		if s.Tests != len(s.Cases) {
			t.Errorf("%s: tests=%d with %d cases", s.Name, s.Tests, len(s.Cases))
		}
		for _, c := range s.Cases {
			tests++
			if c.Failure != nil {
				failures++
			}
			if c.Skipped != nil {
				skipped++
			}
		}
	}
	// Two breaking findings and a risk fail; information and the comparison
	// that found nothing pass; what was not checked is skipped.
	if tests != 8 || failures != 3 || skipped != 3 {
		t.Errorf("%d cases, %d failures, %d skipped; want 8, 3, 3", tests, failures, skipped)
	}
	if got.Tests != tests || got.Failures != failures || got.Skipped != skipped {
		t.Errorf("the attributes say %d, %d, %d", got.Tests, got.Failures, got.Skipped)
	}
	f := got.Suites[0].Cases[0]
	if f.Name != "field.moved io.addr" || f.Class != "go:./abi" || f.File != "dir,x/new.h" || f.Line != 12 || !strings.Contains(f.Failure.Text, "witness: write addr") {
		t.Errorf("first case is %+v %+v", f, f.Failure)
	}
	if msg := got.Suites[1].Cases[1].Failure.Message; !strings.Contains(msg, `not XML: <a & "b"> `) {
		t.Errorf("message is %q", msg)
	}
}

// TestHTMLStandsAlone holds the page to what it promises: well-formed, nothing
// loaded, nothing executed but the script of the matrix, scrolling regions the keyboard reaches.
func TestHTMLStandsAlone(t *testing.T) {
	hostile := table()
	hostile.Headline = "<script>alert(1)</script>"
	hostile.Comparisons[0].Source = "header:<img src=x onerror=y>"
	hostile.Comparisons[0].Findings[0].Subject = "\"><b>"
	for _, r := range []*check.Report{table(), pair(), matrix(), hostile, {}} {
		var b bytes.Buffer
		if err := writeHTML(&b, r, Options{}); err != nil {
			t.Fatal(err)
		}
		page := b.String()
		scripts := 0
		if r.Matrix != nil {
			scripts = 1
		}
		if n := strings.Count(page, "<script"); n != scripts {
			t.Errorf("the page has %d scripts, want %d", n, scripts)
		}
		for _, bad := range []string{"<img", "<link", "<b>", "http:", "https:", "src=\"", "@import", "url("} {
			if strings.Contains(page, bad) {
				t.Errorf("the page has %q", bad)
			}
		}
		var open []string
		body := page[strings.Index(page, "</style>"):]
		for _, m := range regexp.MustCompile(`<(/?)([a-z0-9]+)[^>]*>`).FindAllStringSubmatch("<html><head><style>"+body, -1) {
			if m[1] == "" {
				open = append(open, m[2])
				continue
			}
			if len(open) == 0 || open[len(open)-1] != m[2] {
				t.Fatalf("</%s> closes %v", m[2], open)
			}
			open = open[:len(open)-1]
		}
		if len(open) > 0 {
			t.Errorf("%v stay open", open)
		}
		if n, m := strings.Count(page, `class="scroll"`), strings.Count(page, `class="scroll" tabindex="0" role="region" aria-label=`); n != m {
			t.Errorf("%d of %d scrolling regions cannot be reached by keyboard", n-m, n)
		}
		for _, want := range []string{`name="viewport"`, "prefers-color-scheme:dark", "@media print", `lang="en"`} {
			if !strings.Contains(page, want) {
				t.Errorf("the page lacks %s", want)
			}
		}
	}
}

func TestFindingsOfARecordStandTogetherWithItsLayout(t *testing.T) {
	r := pair()
	c := &r.Comparisons[0]
	other := finding(drift.Breaking, "field.moved", "zz.a")
	late := finding(drift.Info, "field.renamed", "io.pad")
	late.Record = "io"
	c.Findings = append(c.Findings, other, late)
	var b bytes.Buffer
	if err := writeText(&b, r, Options{}); err != nil {
		t.Fatal(err)
	}
	at := -1
	for _, want := range []string{"field.moved  io.addr", "field.renamed  io.pad", "old: struct io, 40 bytes", "(1 line is the same)",
		">   24", "~ 32.0", "+  ", "field.moved  zz.a"} {
		i := strings.Index(b.String(), want)
		if i < at {
			t.Fatalf("%q is missing or too early:\n%s", want, &b)
		}
		at = i
	}
	if n := strings.Count(b.String(), "struct io, 40 bytes"); n != 1 {
		t.Errorf("the layout is printed %d times", n)
	}
}

func TestMatrixNamesTheRevisionAndWhatDiffers(t *testing.T) {
	for _, f := range Formats() {
		if f.Name == "github" || f.Name == "gitlab" || f.Name == "junit" || f.Name == "sarif" {
			continue
		}
		var b bytes.Buffer
		if err := f.Write(&b, matrix(), Options{}); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"nearest R2", "ops.begin#1", "mine", "unknown"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s lacks %q", f.Name, want)
			}
		}
	}
}

// TestGitLabShowsEveryFinding: GitLab drops issues without a path or a line, and
// of those with one fingerprint all but one.
func TestGitLabShowsEveryFinding(t *testing.T) {
	r := table()
	c := &r.Comparisons[1]
	twice := c.Findings[0]
	twice.Message = "the same in other words"
	c.Findings = append(c.Findings, twice)
	var b bytes.Buffer
	if err := writeGitLab(&b, r, Options{}); err != nil {
		t.Fatal(err)
	}
	var issues []qIssue
	if err := json.Unmarshal(b.Bytes(), &issues); err != nil {
		t.Fatal(err)
	}
	if len(issues) != len(groups(r))+1 {
		t.Errorf("%d issues for %d findings and what was not checked", len(issues), len(groups(r)))
	}
	seen := map[string]bool{}
	severities := []string{"info", "minor", "major", "critical", "blocker"}
	for _, i := range issues {
		if i.Location.Path == "" || i.Location.Lines.Begin < 1 || i.Description == "" || i.Check == "" || !slices.Contains(severities, i.Severity) {
			t.Errorf("GitLab does not show %+v", i)
		}
		if seen[i.Fingerprint] {
			t.Errorf("%s: the fingerprint of two", i.Fingerprint)
		}
		seen[i.Fingerprint] = true
	}
}
