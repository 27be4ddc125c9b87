// SPDX-License-Identifier: MIT

package check

import (
	"slices"
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

func open(t *testing.T, name, target string) *model.ABI {
	t.Helper()
	tg, err := model.TargetByName(target)
	if err != nil {
		t.Fatal(err)
	}
	a, err := source.OpenHost(t.Context(), "embedded:"+name, source.Options{Target: tg})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func identity(t *testing.T, a *model.ABI) string {
	t.Helper()
	id, err := Identify(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if len(id.Names) > 0 && id.Exact != (len(id.Findings) == 0) {
		t.Errorf("%s: exact %v with %d findings", a.Source, id.Exact, len(id.Findings))
	}
	return id.String()
}

func TestEveryRevisionIsRecognisedFromEverySide(t *testing.T) {
	for _, rev := range source.Revisions() {
		for _, name := range []string{rev, "btf-" + rev, "kernel-" + rev} {
			if got := identity(t, open(t, name, "bpfel")); got != rev {
				t.Errorf("%s is recognised as %s", name, got)
			}
		}
		for _, target := range []string{"386", "s390x", "mips"} {
			if got := identity(t, open(t, rev, target)); got != rev {
				t.Errorf("%s for %s is recognised as %s", rev, target, got)
			}
		}
		// A program has the contract's declarations, but only those it uses.
		prog := *open(t, rev, "bpfel")
		prog.Side = model.SideProgram
		if got := identity(t, &prog); got != rev {
			t.Errorf("a program of %s is recognised as %s", rev, got)
		}
	}
	for _, name := range source.Neighbours() {
		if got := identity(t, open(t, name, "bpfel")); got != name {
			t.Errorf("%s is recognised as %s", name, got)
		}
	}
}

// TestGoCannotTellTheFirstTwoRevisionsApart because they differ in a callback's
// parameter alone, and Go has no prototypes.
func TestGoCannotTellTheFirstTwoRevisionsApart(t *testing.T) {
	if got, want := identity(t, open(t, "abi", "amd64")), "R1 or R2"; got != want {
		t.Errorf("our Go is recognised as %s, want %s", got, want)
	}
}

func TestNearestRevisionIsNamedAfterAnEdit(t *testing.T) {
	for name, edit := range map[string]func(*model.ABI){
		"another size of a member": func(a *model.ABI) {
			a.Record("fuse_iomap_ioend_out").Fields[0].Type = model.Int{Bits: 64, Signed: true}
		},
		"another name of a record": func(a *model.ABI) { a.Record("fuse_iomap_end_in").Name = "fuse_iomap_done_in" },
		"a record less": func(a *model.ABI) {
			a.Records = slices.DeleteFunc(a.Records, func(r *model.Record) bool { return r.Name == "fuse_iomap_ioend_in" })
		},
	} {
		for _, rev := range source.Revisions() {
			a := open(t, rev, "bpfel")
			edit(a)
			if got, want := identity(t, a), "nearest "+rev; got != want {
				t.Errorf("%s: %s is recognised as %s, want %s", name, rev, got, want)
			}
		}
	}
}

func TestWhatSharesNoRecordIsUnknown(t *testing.T) {
	a := &model.ABI{Source: "elf:other.o", Target: "bpfel", Side: model.SideProgram, Attests: []model.Evidence{model.Records},
		Records: []*model.Record{{Kind: model.Struct, Name: "event", Size: 8, Fields: []model.Field{{Name: "x", BitSize: 64, Type: model.Int{Bits: 64}}}}}}
	if got := identity(t, a); got != "unknown" {
		t.Errorf("recognised as %s, want unknown", got)
	}
}
