// SPDX-License-Identifier: MIT

package check

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
)

// against compares the contract with another source. The loader's rules have a
// direction: a program is the old side and the contract, which describes the
// kernel, the new one.
func against(contract, other *model.ABI) drift.Result {
	if other.Side == model.SideProgram {
		return drift.Compare(other, contract, drift.Options{})
	}
	return drift.Compare(contract, other, drift.Options{})
}

// variant is how a finding states its facts on some targets.
type variant struct {
	old, new string
	targets  []string
}

// outcome is what a comparison found on one target.
type outcome struct {
	target string
	drift.Result
}

// set fills in what the outcomes of a comparison found.
func (c *Comparison) set(outs []outcome) {
	c.Findings, c.Unchecked = fold(outs)
	c.Layouts = layouts(outs)
}

// layouts collects the pictures of records on several targets: what looks the
// same on several is kept once, with the targets unless it is all of them.
func layouts(outs []outcome) []Layout {
	var ls []Layout
	for _, o := range outs {
		for _, l := range o.Layouts {
			i := slices.IndexFunc(ls, func(x Layout) bool { return reflect.DeepEqual(x.Layout, l) })
			if i < 0 {
				i = len(ls)
				ls = append(ls, Layout{Layout: l})
			}
			ls[i].Targets = append(ls[i].Targets, o.target)
		}
	}
	for i := range ls {
		if len(ls[i].Targets) == len(outs) {
			ls[i].Targets = nil
		}
	}
	slices.SortStableFunc(ls, func(a, b Layout) int { return strings.Compare(a.Record, b.Record) })
	return ls
}

// fold merges the outcomes of one comparison on several targets: what is the
// same on several is listed once, with the targets unless it is all of them.
// Where only the numbers differ, such as the byte a member lies at, it is still
// one finding, and what it says elsewhere follows as a consequence.
func fold(outs []outcome) ([]Finding, []Unchecked) {
	var findings []Finding
	var unchecked []Unchecked
	var variants [][]variant
	here := map[string][]string{}
	atFinding, atUnchecked := map[string]int{}, map[string]int{}
	for _, o := range outs {
		for _, f := range o.Findings {
			// A rule can speak twice of one subject, of a parameter's type and of
			// its const for instance: those differ in the order they come in.
			k := strings.Join([]string{f.Rule, string(f.Severity), f.Subject}, "\x00")
			for n := 2; slices.Contains(here[o.target], k); n++ {
				k = fmt.Sprintf("%s\x00%d", k, n)
			}
			here[o.target] = append(here[o.target], k)
			i, ok := atFinding[k]
			if !ok {
				i = len(findings)
				atFinding[k] = i
				f.Consequences = slices.Clone(f.Consequences)
				findings = append(findings, Finding{Finding: f})
				variants = append(variants, []variant{{old: f.Old, new: f.New}})
			}
			findings[i].Targets = append(findings[i].Targets, o.target)
			v := slices.IndexFunc(variants[i], func(v variant) bool { return v.old == f.Old && v.new == f.New })
			if v < 0 {
				v = len(variants[i])
				variants[i] = append(variants[i], variant{old: f.Old, new: f.New})
			}
			variants[i][v].targets = append(variants[i][v].targets, o.target)
		}
		for _, u := range o.Unchecked {
			k := strings.Join([]string{string(u.Evidence), u.Reason, strings.Join(u.Subjects, ",")}, "\x00")
			i, ok := atUnchecked[k]
			if !ok {
				i = len(unchecked)
				atUnchecked[k] = i
				unchecked = append(unchecked, Unchecked{Unchecked: u})
			}
			unchecked[i].Targets = append(unchecked[i].Targets, o.target)
		}
	}
	for i := range findings {
		for _, v := range variants[i][1:] {
			findings[i].Consequences = append(findings[i].Consequences, fmt.Sprintf("on %s: %s, then %s", strings.Join(v.targets, ", "), v.old, v.new))
		}
		if len(findings[i].Targets) == len(outs) {
			findings[i].Targets = nil
		}
	}
	for i := range unchecked {
		if len(unchecked[i].Targets) == len(outs) {
			unchecked[i].Targets = nil
		}
	}
	rank := func(e model.Evidence) int { return slices.Index(model.AllEvidence(), e) }
	slices.SortStableFunc(unchecked, func(a, b Unchecked) int { return rank(a.Evidence) - rank(b.Evidence) })
	return findings, unchecked
}

// compatibility says in a few words what findings mean for a program that was
// built for the contract. A known reason replaces the first finding's subject.
func compatibility(fs []Finding, because string) string {
	worst := drift.None
	subject := ""
	for _, f := range fs {
		if f.Severity.Rank() > worst.Rank() {
			worst, subject = f.Severity, f.Subject
		}
	}
	if because == "" {
		because = subject
	}
	switch worst {
	case drift.Breaking:
		return "incompatible: " + because
	case drift.Risk:
		return "at risk: " + because
	}
	return "compatible"
}

// equality says whether two sources that must be equal are.
func equality(fs []Finding) string {
	if len(fs) == 0 {
		return "equal"
	}
	return "differs: " + number(len(fs), "finding")
}
