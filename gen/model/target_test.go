// SPDX-License-Identifier: MIT

package model_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
)

func TestTargetsAreFoundByName(t *testing.T) {
	for _, want := range model.Targets() {
		got, err := model.TargetByName(want.Name)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", want.Name, got, err)
		}
	}
	if _, err := model.TargetByName("vax"); err == nil || !strings.Contains(err.Error(), "bpfel, bpfeb, amd64") {
		t.Errorf("an unknown target must list those there are: %v", err)
	}
}

func TestTargetsCannotBeChangedFromOutside(t *testing.T) {
	model.Targets()[0].Name = "changed"
	if model.Targets()[0].Name != "bpfel" {
		t.Error("the table itself was handed out")
	}
}

func TestEveryTargetHasABPFTargetOfItsByteOrder(t *testing.T) {
	for _, target := range model.Targets() {
		b := model.BPFOf(target)
		if !b.BPF || b.BigEndian != target.BigEndian || b.PointerSize != 8 {
			t.Errorf("%s: %+v", target.Name, b)
		}
	}
}

func TestEvidenceIsListedOnce(t *testing.T) {
	all := model.AllEvidence()
	sorted := slices.Compact(slices.Sorted(slices.Values(all)))
	if len(sorted) != len(all) {
		t.Errorf("%v", all)
	}
}
