// SPDX-License-Identifier: MIT

// Package near finds the names a user may have meant. Error messages of the
// command and of the sources end in its suggestions.
package near

import (
	"slices"
	"strings"
)

// maxNames is how many suggestions an error message can carry before it stops
// being one.
const maxNames = 3

// Names returns up to three of have that are close to want: first those at the
// smallest edit distance, where at most a third of the letters differ, then
// those that contain want. Letter case does not count. It returns nil where
// nothing is close.
func Names(want string, have []string) []string {
	if want == "" {
		return nil
	}
	type scored struct {
		name string
		cost int
	}
	var found []scored
	w := strings.ToLower(want)
	for _, h := range have {
		l := strings.ToLower(h)
		limit := max(len(w), len(l)) / 3
		switch d := distance(w, l, limit); {
		case d <= limit:
			found = append(found, scored{h, d})
		case strings.Contains(l, w):
			found = append(found, scored{h, len(l)})
		}
	}
	slices.SortFunc(found, func(a, b scored) int {
		if a.cost != b.cost {
			return a.cost - b.cost
		}
		return strings.Compare(a.name, b.name)
	})
	var names []string
	for _, s := range found[:min(len(found), maxNames)] {
		names = append(names, s.name)
	}
	return slices.Compact(names)
}

// Hint returns ": did you mean a, b?", or "" where nothing is close.
func Hint(want string, have []string) string {
	names := Names(want, have)
	if len(names) == 0 {
		return ""
	}
	return ": did you mean " + strings.Join(names, ", ") + "?"
}

// distance is the number of letters to insert, delete or replace to get from a
// to b. It gives up with limit+1 once the distance exceeds limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		best := row[0]
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
			best = min(best, row[j+1])
		}
		if best > limit {
			return limit + 1
		}
	}
	return row[len(b)]
}
