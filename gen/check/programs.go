// SPDX-License-Identifier: MIT

package check

import (
	"context"
	"fmt"
	"strings"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

// programRevisions are the revisions that each reference program is made for:
// one object serves them all. On R1 it would take the node id for an address.
func programRevisions() []string { return source.Revisions()[1:] }

// program compares a compiled reference program with the contract in each
// revision it is made for. What it guards against is expected, anything worse
// is drift: one of the two was changed without the other.
func (r *run) program(name string) row {
	return func(ctx context.Context) (Comparison, error) {
		spec := "embedded:" + name
		p, err := r.open(ctx, spec, source.Options{})
		if err != nil {
			return Comparison{}, err
		}
		t, err := model.TargetByName(p.Target)
		if err != nil {
			return Comparison{}, fmt.Errorf("%s: %w", spec, err)
		}
		revs := programRevisions()
		c := Comparison{Source: spec, Old: spec, New: r.spec, What: source.Describe(name), Revision: revs[0] + " to " + revs[len(revs)-1]}
		var outs []outcome
		for _, rev := range revs {
			header, defines := r.revision(rev)
			contract, err := r.host(ctx, header, r.readOptions(t, defines...))
			if err != nil {
				return c, fmt.Errorf("revision %s: %w", rev, err)
			}
			outs = append(outs, outcome{rev, against(source.Part(contract, r.opts.Types), source.Part(p, r.opts.Types))})
		}
		c.set(outs)
		c.ofRevisions()
		c.Verdict = c.Revision + ", " + compatibility(c.Findings, "")
		c.Failed = len(c.Findings) > 0
		return c, nil
	}
}

// ofRevisions is for outcomes that were not those of targets but of revisions:
// findings say so in words. What is no risk, since the program tests for it
// before it relies on it, becomes expected.
func (c *Comparison) ofRevisions() {
	findings := []Finding{}
	for _, f := range c.Findings {
		if len(f.Targets) > 0 {
			f.Consequences = append(f.Consequences, "in "+strings.Join(f.Targets, ", ")+" only")
			f.Targets = nil
		}
		if f.Severity.Rank() < drift.Risk.Rank() {
			c.Expected = append(c.Expected, f)
			continue
		}
		findings = append(findings, f)
	}
	c.Findings = findings
	for i := range c.Unchecked {
		c.Unchecked[i].Targets = nil
	}
	for i := range c.Layouts {
		c.Layouts[i].Targets = nil
	}
}
