// SPDX-License-Identifier: MIT

package check

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
	"github.com/fuseiomap/abigen/headers"
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

// text reads the contract in a revision from edited source.
func text(t *testing.T, rev string, edits ...string) *model.ABI {
	t.Helper()
	raw, err := headers.FS.ReadFile("fuse_iomap_bpf.h")
	if err != nil {
		t.Fatal(err)
	}
	edited := strings.NewReplacer(edits...).Replace(string(raw))
	if edited == string(raw) {
		t.Fatalf("the edit %q changes nothing", edits)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "edited.h")
	if err := os.WriteFile(path, []byte(edited), 0o644); err != nil {
		t.Fatal(err)
	}
	a, err := source.Open(t.Context(), "header:"+path, source.Options{Target: model.Targets()[0],
		Defines: []string{source.RevisionMacro + "=" + strings.TrimPrefix(rev, "R")}})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Names are not what a revision is recognised by: renamed, extended or damaged,
// the nearest is still named.
func TestNearestRevisionIsNamedWhateverItIsCalled(t *testing.T) {
	for what, edits := range map[string][]string{
		"the struct_ops type renamed": {"fuse_iomap_bpf_ops", "fuse_mapping_ops"},
		// The macro that selects the revision keeps its name.
		"every prefix renamed": {"FUSE_IOMAP_BPF_REV", "FUSE_IOMAP_BPF_REV", "fuse_iomap_", "ufs_map_", "fuse_bpf_", "ufs_bpf_", "fuse_range", "ufs_range", "FUSE_", "UFS_FUSE_", "FIB_", "UIB_"},
		"a field added":        {"fuse_fd;", "fuse_fd; unsigned int generation;"},
		"a callback added":     {"int fuse_fd;", "int (*iomap_sync)(struct fuse_inode *fi); int fuse_fd;"},
		"a broken header":      {"uint32_t dev;", "uint64_t dev;", "\tint64_t written;", "", "FUSE_IOMAP_TYPE_HOLE\t", "FUSE_IOMAP_TYPE_NONE\t"},
	} {
		for _, rev := range source.Revisions() {
			a := text(t, rev, edits...)
			if got, want := identity(t, a), "nearest "+rev; got != want {
				t.Errorf("%s: %s is recognised as %s, want %s", what, rev, got, want)
			}
		}
	}
}

func TestDescribeSaysInWhatTheNearestDiffers(t *testing.T) {
	id, err := Identify(t.Context(), text(t, "R2", "fuse_fd;", "fuse_fd; unsigned int generation;"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := id.Describe(), "nearest R2, differs in fuse_iomap_bpf_ops.generation"; got != want && !strings.HasPrefix(got, "nearest R2, differs in fuse_iomap_bpf_ops") {
		t.Errorf("%q, want %q", got, want)
	}
	many := Identity{Names: []string{"R2"}}
	for _, s := range []string{"a", "b", "b", "c", "d", "e"} {
		many.Findings = append(many.Findings, drift.Finding{Subject: s})
	}
	if got, want := many.Describe(), "nearest R2, differs in a, b, c, 2 more"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := (Identity{Names: []string{"R3"}, Exact: true}).Describe(); got != "R3" {
		t.Errorf("%q, want R3", got)
	}
}

func TestBaselinesTakePartInRecognising(t *testing.T) {
	mine := text(t, "R2", "fuse_fd;", "fuse_fd; unsigned int generation;")
	elsewhere := *mine
	elsewhere.Target = "arm"
	for _, c := range []struct {
		baselines []Baseline
		want      string
	}{
		{[]Baseline{{"v7", mine}}, "v7"},
		{[]Baseline{{"v7-arm", &elsewhere}}, "nearest R2"},
		{nil, "nearest R2"},
	} {
		id, err := Identify(t.Context(), mine, c.baselines...)
		if err != nil || id.String() != c.want {
			t.Errorf("recognised as %s, %v, want %s", id, err, c.want)
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
