// SPDX-License-Identifier: MIT

package abi

import (
	"slices"
	"strings"
	"testing"
)

func TestRulesAreDocumented(t *testing.T) {
	var numbers []int
	titles := map[string]bool{}
	for _, r := range Rules() {
		numbers = append(numbers, r.Number)
		if r.Title == "" || titles[r.Title] || strings.HasSuffix(r.Title, ".") {
			t.Errorf("rule %d: title %q", r.Number, r.Title)
		}
		titles[r.Title] = true
		if len(r.Text) < 30 || !strings.HasSuffix(r.Text, ".") {
			t.Errorf("rule %d: text %q", r.Number, r.Text)
		}
		if got, ok := RuleByNumber(r.Number); !ok || got != r {
			t.Errorf("RuleByNumber(%d) = %+v, %v", r.Number, got, ok)
		}
	}
	want := []int{4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 25, 36, 37}
	if !slices.Equal(numbers, want) {
		t.Errorf("rules %v, want %v", numbers, want)
	}
	for _, n := range []int{-1, 0, 3, 24, 26, 35, 38} {
		if r, ok := RuleByNumber(n); ok {
			t.Errorf("there is no rule %d: %+v", n, r)
		}
	}
}

func TestRulesGivesACopy(t *testing.T) {
	Rules()[0].Title = "changed"
	if r, _ := RuleByNumber(4); r.Title == "changed" {
		t.Error("the table was changed through what Rules returned")
	}
}

func TestErrnoHasNameAndNumber(t *testing.T) {
	for e, want := range map[Errno]string{
		EIO: "EIO (5)", ENOMEM: "ENOMEM (12)", EACCES: "EACCES (13)", EINVAL: "EINVAL (22)", EUCLEAN: "EUCLEAN (117)", 99: "errno 99",
	} {
		if got := e.Error(); got != want {
			t.Errorf("%d: %q, want %q", uint16(e), got, want)
		}
		if got := e.Name(); !strings.HasPrefix(want, got+" ") && got != "99" {
			t.Errorf("%d: name %q", uint16(e), got)
		}
	}
}
