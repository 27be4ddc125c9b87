// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"path/filepath"
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
