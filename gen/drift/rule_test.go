// SPDX-License-Identifier: MIT

package drift_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/drift"
)

func TestEveryRuleIsDocumented(t *testing.T) {
	id := regexp.MustCompile(`^[a-z]+(\.[a-z]+)+$`)
	for _, r := range drift.Rules() {
		if !id.MatchString(r.ID) {
			t.Errorf("%s: not lower-case words with dots", r.ID)
		}
		for name, text := range map[string]string{"title": r.Title, "doc": r.Doc, "before": r.Before, "after": r.After, "fix": r.Fix} {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s: no %s", r.ID, name)
			}
		}
		if strings.HasSuffix(r.Title, ".") || r.Title != strings.TrimSpace(r.Title) || strings.ToUpper(r.Title[:1]) == r.Title[:1] {
			t.Errorf("%s: the title is a phrase, not a sentence: %q", r.ID, r.Title)
		}
		for name, text := range map[string]string{"doc": r.Doc, "fix": r.Fix} {
			if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, ".)") || strings.Contains(text, "  ") {
				t.Errorf("%s: the %s is one or more whole sentences: %q", r.ID, name, text)
			}
		}
		if r.Before == r.After && r.ID != "ops.unregistered" {
			t.Errorf("%s: before and after are the same", r.ID)
		}
	}
}

func TestEveryRuleHasASeverityUnderSomeProfile(t *testing.T) {
	for _, r := range drift.Rules() {
		if r.Worst() == drift.None {
			t.Errorf("%s: no profile reports it", r.ID)
		}
		for p, s := range r.Severity {
			if !slices.Contains(drift.Profiles(), p) || s.Rank() == 0 {
				t.Errorf("%s: severity %q under profile %q", r.ID, s, p)
			}
		}
	}
}

func TestRulesAreSortedAndFoundByID(t *testing.T) {
	rules := drift.Rules()
	if len(rules) < 50 {
		t.Fatalf("%d rules", len(rules))
	}
	for i, r := range rules {
		if i > 0 && rules[i-1].ID >= r.ID {
			t.Errorf("%s stands behind %s", r.ID, rules[i-1].ID)
		}
		if got, ok := drift.RuleByID(r.ID); !ok || got.Title != r.Title {
			t.Errorf("%s: found %q, %v", r.ID, got.Title, ok)
		}
	}
	for _, id := range []string{"", "field", "field.moved2", "zzz"} {
		if r, ok := drift.RuleByID(id); ok {
			t.Errorf("%q: found %s", id, r.ID)
		}
	}
}

func TestTheRuleTableCannotBeChangedFromOutside(t *testing.T) {
	rules := drift.Rules()
	rules[0].ID = "changed"
	rules[1].Severity[drift.Overlay] = "changed"
	again := drift.Rules()
	if again[0].ID == "changed" || again[1].Severity[drift.Overlay] == "changed" {
		t.Error("the table itself was handed out")
	}
}
