// SPDX-License-Identifier: MIT

package near

import (
	"slices"
	"testing"
)

func TestNamesFindsTyposAndParts(t *testing.T) {
	have := []string{"field.moved", "field.renamed", "record.size", "constant.value"}
	for _, c := range []struct {
		want string
		got  []string
	}{
		{"field.move", []string{"field.moved"}},
		{"Record.Size", []string{"record.size"}},
		{"value", []string{"constant.value"}},
		{"zzzzzz", nil},
		{"", nil},
	} {
		if got := Names(c.want, have); !slices.Equal(got, c.got) {
			t.Errorf("Names(%q) = %q, want %q", c.want, got, c.got)
		}
	}
}

func TestDistanceCountsEditsUpToTheLimit(t *testing.T) {
	for _, c := range []struct {
		a, b  string
		limit int
		want  int
	}{
		{"", "", 3, 0}, {"abc", "abc", 0, 0}, {"abc", "abd", 3, 1}, {"abc", "bc", 3, 1},
		{"abc", "xabc", 3, 1}, {"kitten", "sitting", 5, 3}, {"kitten", "sitting", 2, 3}, {"a", "abcdef", 2, 3},
	} {
		if got := distance(c.a, c.b, c.limit); got != c.want {
			t.Errorf("distance(%q, %q, %d) = %d, want %d", c.a, c.b, c.limit, got, c.want)
		}
	}
}

func TestHintIsEmptyWhereNothingIsClose(t *testing.T) {
	if got := Hint("zzz", []string{"abc"}); got != "" {
		t.Errorf("Hint = %q", got)
	}
	if got, want := Hint("R5", []string{"R1", "abi"}), ""; got != want {
		t.Errorf("Hint = %q, want %q: two letters are too few to guess from", got, want)
	}
	if got, want := Hint("kernel-R9", []string{"kernel-R1"}), ": did you mean kernel-R1?"; got != want {
		t.Errorf("Hint = %q, want %q", got, want)
	}
}
