// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"path/filepath"
	"testing"
)

func object(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "bpf", "programs", "internal", "object", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestObjectsAreEquivalentToThemselvesAndToNoOther(t *testing.T) {
	stripe, cached := object(t, "stripe_bpfel.o"), object(t, "cached_bpfel.o")
	if same, err := equivalent(stripe, stripe); err != nil || !same {
		t.Errorf("equivalent(stripe, stripe) = %v, %v", same, err)
	}
	if same, err := equivalent(stripe, cached); err != nil || same {
		t.Errorf("equivalent(stripe, cached) = %v, %v", same, err)
	}
	if _, err := equivalent(stripe, stripe[:100]); err == nil {
		t.Error("a damaged object is compared without an error")
	}
}

func TestRepositoryRootIsWhereTheModuleIs(t *testing.T) {
	root, err := repositoryRoot()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "bpf", "programs", "linear.c")); err != nil {
		t.Error(err)
	}
}
