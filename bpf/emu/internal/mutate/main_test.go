// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestEveryFaultFitsItsFile(t *testing.T) {
	names := map[string]bool{}
	for _, f := range faults {
		text, err := os.ReadFile(filepath.Join("..", "..", f.file))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := apply(text, f); err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
		if names[f.name] || f.old == f.new {
			t.Errorf("%s: a name twice, or no fault", f.name)
		}
		names[f.name] = true
	}
	if len(faults) < 40 {
		t.Errorf("%d faults, want at least 40", len(faults))
	}
}

func TestSampleIsTheSameForASeed(t *testing.T) {
	names := func(fs []fault) (s []string) {
		for _, f := range fs {
			s = append(s, f.name)
		}
		return s
	}
	a, b, c := names(choose("", 5, 1)), names(choose("", 5, 1)), names(choose("", 5, 2))
	if len(a) != 5 || !slices.Equal(a, b) || slices.Equal(a, c) {
		t.Errorf("samples %q, %q and %q", a, b, c)
	}
	all := map[string]bool{}
	for seed := uint64(800); len(all) < len(faults); seed++ {
		if seed > uint64(800+(len(faults)+6)/7) {
			t.Fatalf("samples of 7 with consecutive seeds have only %d of %d faults", len(all), len(faults))
		}
		for _, n := range names(choose("", 7, seed)) {
			all[n] = true
		}
	}
	if n := len(choose("", 0, 0)); n != len(faults) {
		t.Errorf("without a sample there are %d faults, want all %d", n, len(faults))
	}
}
