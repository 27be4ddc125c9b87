// SPDX-License-Identifier: MIT

package check

import "github.com/fuseiomap/abigen/gen/drift"

// Rules about verdicts, beside those of package drift about ABIs.
const (
	ruleRevision = "verdict.revision"
	ruleFindings = "verdict.findings"
)

// Rules lists the rules of this package. They judge fixtures, whatever the
// profile.
func Rules() []drift.Rule {
	breaking := map[drift.Profile]drift.Severity{}
	for _, p := range drift.Profiles() {
		breaking[p] = drift.Breaking
	}
	return []drift.Rule{
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
}
