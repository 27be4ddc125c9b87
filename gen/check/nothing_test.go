// SPDX-License-Identifier: MIT

package check

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/source"
)

// A check that compares nothing must not look like a pass.
func TestAContractWithNothingToCompareItWithIsAnError(t *testing.T) {
	header := filepath.Join(t.TempDir(), "foreign.h")
	if err := os.WriteFile(header, []byte("struct foreign_event_of_nobody { int pid; };\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Run(t.Context(), Config{Header: header, Kernel: true}, nil, source.Options{})
	if err == nil || !strings.Contains(err.Error(), "nothing to compare it with") {
		t.Errorf("got %v", err)
	}
}

// Asked about by name or not, a kernel without the type is absent, no failure.
func TestTheRunningKernelMayLackTheType(t *testing.T) {
	r, err := Run(t.Context(), Default(), []string{"btf:kernel"}, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c := r.Comparisons[0]; c.Failed || c.Absent && len(c.Unchecked) == 0 {
		t.Errorf("%+v", c)
	}
}
