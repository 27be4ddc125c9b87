// SPDX-License-Identifier: MIT

package drift

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// Rule is a kind of difference: everything that is known about it before two
// models are at hand. [Rules] lists them all.
type Rule struct {
	// ID is the name in reports and suppressions, such as "field.moved".
	ID string
	// Title is the rule in a few words.
	Title string
	// Severity tells how bad the difference is under each profile. A profile
	// that is missing does not report the rule.
	Severity map[Profile]Severity
	// Doc says why the rule exists: what happens at run time.
	Doc string
	// Before and After are the smallest C declarations that trip it.
	Before, After string
	// Fix says what to do about a finding.
	Fix string

	// say words one finding: what differs, and what happens because of it.
	say func(change) string
}

// Worst returns the rule's highest severity over the profiles.
func (r Rule) Worst() Severity {
	worst := None
	for _, p := range Profiles() {
		if s := r.Severity[p]; s.Rank() > worst.Rank() {
			worst = s
		}
	}
	return worst
}

// Profiles lists the profiles a rule has a severity for, in the order reports
// print them. [Auto] is not among them: it chooses from these.
func Profiles() []Profile { return []Profile{Loader, Overlay, Source} }

// change is what a rule needs to word one finding.
type change struct {
	who     voices
	profile Profile
	// record is the C name of the record, enum or function concerned.
	record string
	// name is the member, parameter, enumerator or constant; other its partner:
	// a new name, the member it changed places with.
	name, other string
	// old and new are the facts of the finding.
	old, new string
	// note is what only the comparison knows, a clause ready to be printed.
	note string
	// callback tells that the member is a callback.
	callback bool
}

// allSame gives a rule the same severity under each profile.
func allSame(s Severity) map[Profile]Severity { return severities(s, s, s) }

func severities(loader, overlay, source Severity) map[Profile]Severity {
	m := map[Profile]Severity{}
	for p, s := range map[Profile]Severity{Loader: loader, Overlay: overlay, Source: source} {
		if s != None {
			m[p] = s
		}
	}
	return m
}

// rules returns every rule, sorted by ID. They are made when something is first
// compared, which not every command does. Nobody changes them.
var rules = sync.OnceValue(func() []Rule {
	all := slices.Concat(recordRules(), fieldRules(), enumRules(), constantRules(), callbackRules(), kfuncRules(), functionRules(), flavourRules())
	slices.SortFunc(all, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) })
	return all
})

// Rules returns every rule, sorted by ID.
func Rules() []Rule {
	out := slices.Clone(rules())
	for i := range out {
		out[i].Severity = maps.Clone(out[i].Severity)
	}
	return out
}

// RuleByID returns the rule with the given ID.
func RuleByID(id string) (Rule, bool) {
	r := ruleByID(id)
	if r == nil {
		return Rule{}, false
	}
	out := *r
	out.Severity = maps.Clone(r.Severity)
	return out, true
}

func ruleByID(id string) *Rule {
	all := rules()
	i, ok := slices.BinarySearchFunc(all, id, func(r Rule, id string) int { return strings.Compare(r.ID, id) })
	if !ok {
		return nil
	}
	return &all[i]
}
