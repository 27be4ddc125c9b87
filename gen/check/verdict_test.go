// SPDX-License-Identifier: MIT

package check

import (
	"slices"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/source"
	"github.com/fuseiomap/abigen/headers"
)

func TestVerdictsAreReadWithTheirFindings(t *testing.T) {
	vs, err := parseVerdicts("v.txt", `# comment

a  R1: the reason
   risk  field.moved x.b
	breaking record.size x
b  nearest R2
`)
	if err != nil {
		t.Fatal(err)
	}
	if len(vs) != 2 {
		t.Fatalf("%d verdicts, want 2", len(vs))
	}
	a, b := vs[0], vs[1]
	if a.fixture != "a" || a.revision != "R1" || a.because != "the reason" ||
		!slices.Equal(a.findings, []string{"breaking record.size x", "risk field.moved x.b"}) {
		t.Errorf("a is %+v", a)
	}
	if b.fixture != "b" || b.revision != "nearest R2" || b.because != "" || b.findings != nil {
		t.Errorf("b is %+v", b)
	}
}

func TestMalformedVerdictsAreRefusedWithTheirLine(t *testing.T) {
	for text, want := range map[string]string{
		"  risk a b\n":           "v.txt:1: a finding before the first fixture",
		"a R1\n risk a\n":        "v.txt:2: not a finding",
		"a R1\n worse a b\n":     "v.txt:2: not a finding",
		"# c\n\na\n":             "v.txt:3: not a fixture",
		"a R1\n risk a b extra":  "v.txt:2: not a finding",
		"a R1\n\n\n none a b\n ": "v.txt:4: not a finding",
	} {
		if _, err := parseVerdicts("v.txt", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestStoredVerdictsNameEveryFixtureOnce(t *testing.T) {
	vs, err := parseVerdicts("verdicts.txt", headers.Verdicts)
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, v := range vs {
		got = append(got, v.fixture)
	}
	for _, r := range source.Revisions() {
		want = append(want, "kernel-"+r)
	}
	want = append(want, source.Neighbours()...)
	if !slices.Equal(got, want) {
		t.Errorf("verdicts are for %q, want %q", got, want)
	}
}

// shown is a comparison that found f.moved and f.size on revision R1.
func shown() Comparison {
	mk := func(rule string) Finding {
		return Finding{Finding: drift.Finding{Rule: rule, Severity: drift.Breaking, Subject: "f"}}
	}
	return Comparison{Revision: "R1", Findings: []Finding{mk("moved"), mk("size")}}
}

func TestJudgeAcceptsExactlyWhatTheVerdictLists(t *testing.T) {
	c := shown()
	verdict{fixture: "x", revision: "R1", findings: []string{"breaking moved f", "breaking size f"}}.judge(&c)
	if c.Failed || len(c.Findings) != 0 || len(c.Expected) != 2 {
		t.Errorf("failed %v, findings %v, %d expected", c.Failed, c.Findings, len(c.Expected))
	}
}

func TestJudgeReportsMissingAndUnexpectedFindings(t *testing.T) {
	for name, v := range map[string]verdict{
		"one more":         {revision: "R1", findings: []string{"breaking moved f"}},
		"one less":         {revision: "R1", findings: []string{"breaking moved f", "breaking size f", "risk gone f"}},
		"twice":            {revision: "R1", findings: []string{"breaking moved f", "breaking moved f", "breaking size f"}},
		"another severity": {revision: "R1", findings: []string{"breaking moved f", "risk size f"}},
	} {
		c := shown()
		v.judge(&c)
		i := slices.IndexFunc(c.Findings, func(f Finding) bool { return f.Rule == ruleFindings })
		if !c.Failed || i < 0 {
			t.Errorf("%s: failed %v, findings %v", name, c.Failed, c.Findings)
			continue
		}
		if len(c.Findings[i].Consequences) == 0 {
			t.Errorf("%s: the finding does not list what differs", name)
		}
	}
}

func TestJudgeReportsAnotherRevision(t *testing.T) {
	c := shown()
	c.Findings = nil
	verdict{fixture: "x", revision: "R2"}.judge(&c)
	if !c.Failed || len(c.Findings) != 1 || c.Findings[0].Rule != ruleRevision || c.Findings[0].Old != "R2" || c.Findings[0].New != "R1" {
		t.Errorf("failed %v, findings %+v", c.Failed, c.Findings)
	}
}
