// SPDX-License-Identifier: MIT

package check

import (
	"bufio"
	"fmt"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/drift"
)

// verdict is what comparing a fixture with the contract must find.
type verdict struct {
	// fixture is a name for embedded:.
	fixture string
	// revision is what the fixture must be recognised as, as [Identity.String]
	// has it.
	revision string
	// because is the reason a person would give, "" where there is none.
	because string
	// findings are sorted: severity, rule, subject.
	findings []string
}

// parseVerdicts reads the form that headers/verdicts.txt describes.
func parseVerdicts(name, text string) ([]verdict, error) {
	var all []verdict
	sc := bufio.NewScanner(strings.NewReader(text))
	for n := 1; sc.Scan(); n++ {
		line := sc.Text()
		fail := func(why string) error { return fmt.Errorf("%s:%d: %s", name, n, why) }
		switch fields := strings.Fields(line); {
		case len(fields) == 0 || strings.HasPrefix(fields[0], "#"):
		case line[0] == ' ' || line[0] == '\t':
			if len(all) == 0 {
				return nil, fail("a finding before the first fixture: name the fixture in a line of its own")
			}
			if len(fields) != 3 || drift.Severity(fields[0]).Rank() == 0 {
				return nil, fail("not a finding: write severity, rule and subject")
			}
			v := &all[len(all)-1]
			v.findings = append(v.findings, strings.Join(fields, " "))
		default:
			head, because, _ := strings.Cut(line, ":")
			fixture, revision, ok := strings.Cut(head, " ")
			if !ok {
				return nil, fail("not a fixture: write its name and revision")
			}
			all = append(all, verdict{fixture: fixture, revision: strings.TrimSpace(revision), because: strings.TrimSpace(because)})
		}
	}
	for i := range all {
		slices.Sort(all[i].findings)
	}
	return all, sc.Err()
}

// key is how a finding is written in a stored verdict.
func key(f drift.Finding) string {
	return strings.Join([]string{string(f.Severity), f.Rule, f.Subject}, " ")
}

// judge compares what was found with the verdict: findings it lists become
// expected, and what it lists in vain, or another revision than it names, is a
// finding of its own.
func (v verdict) judge(c *Comparison) {
	var got, extra, missing []string
	unexpected := []Finding{}
	left := slices.Clone(v.findings)
	for _, f := range c.Findings {
		k := key(f.Finding)
		got = append(got, k)
		if i := slices.Index(left, k); i >= 0 {
			left = slices.Delete(left, i, i+1)
			c.Expected = append(c.Expected, f)
			continue
		}
		extra = append(extra, k)
		unexpected = append(unexpected, f)
	}
	missing = left
	c.Findings = unexpected
	if c.Revision != v.revision {
		c.Findings = append(c.Findings, Finding{Finding: drift.Finding{
			Rule: ruleRevision, Severity: drift.Breaking, Subject: v.fixture,
			Message: "the fixture is no longer recognised as the revision it was made from",
			Old:     v.revision, New: c.Revision,
		}})
	}
	if len(extra)+len(missing) > 0 {
		f := drift.Finding{
			Rule: ruleFindings, Severity: drift.Breaking, Subject: v.fixture,
			Message: "comparing the fixture with the contract does not find what its stored verdict lists",
			Old:     number(len(v.findings), "finding"), New: number(len(got), "finding"),
		}
		for _, k := range missing {
			f.Consequences = append(f.Consequences, "missing: "+k)
		}
		for _, k := range extra {
			f.Consequences = append(f.Consequences, "not expected: "+k)
		}
		c.Findings = append(c.Findings, Finding{Finding: f})
	}
	c.Failed = len(c.Findings) > 0
}
