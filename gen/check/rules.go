// SPDX-License-Identifier: MIT

package check

import (
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/vet"
)

// Rules about verdicts and suppressions, beside those of package drift about
// ABIs.
const (
	ruleExpired  = "suppression.expired"
	ruleUnused   = "suppression.unused"
	ruleRevision = "verdict.revision"
	ruleFindings = "verdict.findings"
)

// Rules lists the rules beside those of package drift: those of this package,
// which judge fixtures and suppressions whatever the profile, and those of
// package vet.
func Rules() []drift.Rule {
	always := func(s drift.Severity) map[drift.Profile]drift.Severity {
		m := map[drift.Profile]drift.Severity{}
		for _, p := range drift.Profiles() {
			m[p] = s
		}
		return m
	}
	breaking := always(drift.Breaking)
	own := []drift.Rule{
		{
			ID: ruleExpired, Severity: always(drift.Risk),
			Title: "a suppression has passed its date",
			Doc: "A suppression is a debt with a date on it. From that date on it suppresses nothing, so the finding it was for is " +
				"reported again beside this one.",
			Fix: "Remove the cause and the suppression, or decide again: give a later date and say why.",
		},
		{
			ID: ruleUnused, Severity: always(drift.Info),
			Title: "a suppression suppresses nothing",
			Doc: "No comparison has a finding of that rule and subject any more. Left in place it would hide the next one, " +
				"which nobody decided about.",
			Fix: "Take it out of abigen.toml, or correct the rule and the subject if they are misspelt.",
		},
		{
			ID: ruleFindings, Severity: breaking,
			Title: "a fixture differs from the contract in something else than its verdict lists",
			Doc: "headers/verdicts.txt lists what comparing each fixture with the contract must find, finding by finding. " +
				"A missing one is drift that would go unnoticed; another one is a false alarm, or the contract has changed.",
			Fix: "If the contract was changed on purpose, write the new findings into the verdict, so that a review sees them. " +
				"Otherwise correct the header, or the rule that no longer sees what it saw.",
		},
		{
			ID: ruleRevision, Severity: breaking,
			Title: "a fixture is recognised as another revision",
			Doc: "Each fixture is what a compiler made of one revision's declarations, and headers/verdicts.txt says which. " +
				"Recognising it as another one means that the header's revisions have moved, or that the comparison no longer " +
				"sees what tells them apart.",
			Fix: "Correct the header or the rule. Change the verdict only if the fixture itself was made anew on purpose.",
		},
	}
	return append(own, vet.Rules()...)
}
