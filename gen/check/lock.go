// SPDX-License-Identifier: MIT

package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

// Lock opens sources for each of the targets, bpfel where there are none, and
// returns their models for a file that [AgainstLock] and [Report.OnlyNew] compare
// with. A source that brings its target is in it once.
func Lock(ctx context.Context, specs []string, ts []model.Target, o source.Options) ([]model.Locked, error) {
	if len(ts) == 0 {
		ts = model.Targets()[:1]
	}
	var out []model.Locked
	for i, spec := range specs {
		if slices.Contains(specs[:i], spec) {
			return nil, fmt.Errorf("%w: %s is named twice: once will do", source.ErrSpec, spec)
		}
		targets := ts
		if source.BringsTarget(spec) {
			targets = []model.Target{{}}
		}
		for _, t := range targets {
			po := o
			po.Target, po.TargetSet = t, t.Name != ""
			a, err := source.Open(ctx, spec, po)
			if err != nil {
				return nil, err
			}
			out = append(out, model.Locked{Spec: spec, ABI: a})
		}
	}
	return out, nil
}

// AgainstLock compares sources with what a file of [Lock] has of them, old side
// and new; where specs is empty, all that it has. Each comparison has the
// source's name, and a finding is what has changed since.
func AgainstLock(ctx context.Context, path string, specs []string, o source.Options) (*Report, error) {
	models, err := source.ReadSnapshot(path)
	if err != nil {
		return nil, err
	}
	if len(specs) == 0 {
		for _, m := range models {
			if m.Spec == "" {
				return nil, fmt.Errorf("%s: it does not say how %s was opened: name the source to compare with it", path, m.Source)
			}
			if !slices.Contains(specs, m.Spec) {
				specs = append(specs, m.Spec)
			}
		}
	}
	rep := &Report{Headline: "baseline: " + path, Table: true}
	for _, spec := range specs {
		c := Comparison{Source: spec, Old: "snapshot:" + path, New: spec}
		var outs []outcome
		for _, m := range models {
			if m.Name() != spec && (m.Spec != "" || len(models) > 1) {
				continue
			}
			po := o
			if !source.BringsTarget(spec) {
				if po.Target, err = model.TargetByName(m.Target); err != nil {
					return nil, err
				}
				if o.TargetSet && o.Target.Name != m.Target {
					continue
				}
				po.TargetSet = true
			}
			a, err := source.Open(ctx, spec, po)
			if err != nil {
				return nil, err
			}
			old := m.ABI
			if o.Types != nil {
				old = source.Part(old, o.Types)
			}
			outs = append(outs, outcome{m.Target, drift.Compare(old, a, drift.Options{})})
		}
		if len(outs) == 0 {
			return nil, fmt.Errorf("%s: it has nothing of %s: it has %s; make it again with abigen snapshot", path, spec, strings.Join(lockNames(models), ", "))
		}
		if len(models) > 1 {
			c.Old += "#" + spec
		}
		var targets []string
		for _, x := range outs {
			targets = append(targets, x.target)
		}
		c.What = "since the snapshot, " + strings.Join(targets, ", ")
		c.set(outs)
		c.Verdict = equality(c.Findings)
		rep.Comparisons = append(rep.Comparisons, c)
	}
	return rep, nil
}

// lockNames lists what the models of a file are asked for by, each once.
func lockNames(models []model.Locked) []string {
	var names []string
	for _, m := range models {
		if !slices.Contains(names, m.Name()) {
			names = append(names, m.Name())
		}
	}
	return names
}

// OnlyNew takes the findings out of the report that were there already when the
// file was made: those that the same comparison shows between the sources as
// the file has them. A source it does not have is compared as it is now.
func (r *Report) OnlyNew(ctx context.Context, path string, o source.Options) error {
	models, err := source.ReadSnapshot(path)
	if err != nil {
		return err
	}
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		if len(c.Findings) == 0 {
			continue
		}
		was, err := lockedFindings(ctx, models, c, o)
		if err != nil {
			return err
		}
		before := len(c.Findings)
		var left []Finding
		for _, f := range c.Findings {
			if slices.Contains(was, changeKey(f.Finding)) {
				c.Known = append(c.Known, f)
				continue
			}
			left = append(left, f)
		}
		c.Findings = left
		c.lessen(before, "known")
	}
	return nil
}

// changeKey says what a finding is, whatever its words and position.
func changeKey(f drift.Finding) string {
	return strings.Join([]string{f.Rule, string(f.Severity), f.Subject, f.Old, f.New}, "\x00")
}

// lockedFindings returns the keys of what a comparison finds between its sources
// as the models have them.
func lockedFindings(ctx context.Context, models []model.Locked, c *Comparison, o source.Options) ([]string, error) {
	bySpec := func(spec, target string) *model.ABI {
		for _, m := range models {
			if m.Name() == spec && (target == "" || m.Target == target) {
				return m.ABI
			}
		}
		return nil
	}
	var targets []string
	for _, m := range models {
		if (m.Name() == c.Old || m.Name() == c.New) && !slices.Contains(targets, m.Target) {
			targets = append(targets, m.Target)
		}
	}
	var keys []string
	for _, t := range targets {
		var sides [2]*model.ABI
		for i, spec := range []string{c.Old, c.New} {
			a := bySpec(spec, t)
			if a == nil {
				po := o
				if !source.BringsTarget(spec) {
					var err error
					if po.Target, err = model.TargetByName(t); err != nil {
						return nil, err
					}
					po.TargetSet = true
				}
				now, err := source.OpenHost(ctx, spec, po)
				if err != nil {
					return nil, err
				}
				a = now
			}
			sides[i] = source.Part(a, o.Types)
		}
		for _, f := range drift.Compare(sides[0], sides[1], drift.Options{}).Findings {
			keys = append(keys, changeKey(f))
		}
	}
	return keys, nil
}
