// SPDX-License-Identifier: MIT

package drift_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/btfsrc"
	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/headers"
)

const revisions = 4

// revision reads the contract in one revision, after edits of its text.
func revision(t *testing.T, rev int, edits ...string) *model.ABI {
	t.Helper()
	target, err := model.TargetByName("bpfel")
	if err != nil {
		t.Fatal(err)
	}
	text, err := headers.FS.ReadFile("fuse_iomap_bpf.h")
	if err != nil {
		t.Fatal(err)
	}
	edited := strings.NewReplacer(edits...).Replace(string(text))
	if len(edits) > 0 && edited == string(text) {
		t.Fatalf("the edit %q changes nothing", edits)
	}
	a, err := cheader.Parse("fuse_iomap_bpf.h", []byte(edited), cheader.Options{
		Target: target, Defines: []string{fmt.Sprintf("FUSE_IOMAP_BPF_REV=%d", rev)}})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func kernelRevision(t *testing.T, name string) *model.ABI {
	t.Helper()
	data, err := headers.FS.ReadFile("btf/" + name + ".btf")
	if err != nil {
		t.Fatal(err)
	}
	a, err := btfsrc.Read(name, data, btfsrc.Options{Side: model.SideKernel})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// nearest scores a candidate against each revision of the header.
func nearest(t *testing.T, candidate *model.ABI) (scores []int, best []int) {
	t.Helper()
	least := -1
	for rev := 1; rev <= revisions; rev++ {
		s, findings := drift.Score(candidate, revision(t, rev))
		if (s == 0) != (len(findings) == 0) {
			t.Errorf("R%d: score %d with %d findings", rev, s, len(findings))
		}
		scores = append(scores, s)
		switch {
		case least < 0 || s < least:
			least, best = s, []int{rev}
		case s == least:
			best = append(best, rev)
		}
	}
	return scores, best
}

func TestEachRevisionIsNearestToItself(t *testing.T) {
	for rev := 1; rev <= revisions; rev++ {
		for what, candidate := range map[string]*model.ABI{
			"header":                   revision(t, rev),
			"kernel with private tail": kernelRevision(t, fmt.Sprintf("kernel-R%d", rev)),
			"header as clang built it": kernelRevision(t, fmt.Sprintf("header-R%d", rev)),
		} {
			scores, best := nearest(t, candidate)
			if len(best) != 1 || best[0] != rev || scores[rev-1] != 0 {
				t.Errorf("R%d as %s: scores %v", rev, what, scores)
			}
		}
	}
}

func TestTheNearestRevisionIsNamedAfterAnEdit(t *testing.T) {
	for what, edits := range map[string][]string{
		"the struct_ops type renamed": {"fuse_iomap_bpf_ops", "fuse_mapping_ops"},
		"a record renamed":            {"fuse_iomap_begin_out", "fuse_iomap_answer"},
		"every prefix renamed":        {"fuse_iomap_", "ufs_iomap_"},
		"a field added":               {"fuse_fd;", "fuse_fd; unsigned int generation;"},
		"a field renamed":             {"zeropad", "reserved"},
		"a constant gone":             {"#define FUSE_IOMAP_DEV_NULL", "#define FUSE_IOMAP_NO_DEVICE"},
	} {
		for rev := 1; rev <= revisions; rev++ {
			scores, best := nearest(t, revision(t, rev, edits...))
			if len(best) != 1 || best[0] != rev || scores[rev-1] == 0 {
				t.Errorf("%s in R%d: scores %v", what, rev, scores)
			}
		}
	}
}

func TestANeighbourIsFarFromEveryRevision(t *testing.T) {
	for _, name := range []string{"fuse_bpf_ops", "fuse_bpf_ops2"} {
		neighbour := kernelRevision(t, name)
		if s, _ := drift.Score(neighbour, kernelRevision(t, name)); s != 0 {
			t.Errorf("%s is %d away from itself", name, s)
		}
		scores, _ := nearest(t, neighbour)
		for i, s := range scores {
			if s < 20 {
				t.Errorf("%s is only %d away from R%d", name, s, i+1)
			}
		}
	}
}

// A program keeps what it uses, so what it lacks says nothing.
func TestAProgramIsNotToldApartByWhatItDoesNotUse(t *testing.T) {
	program := revision(t, 2)
	asBTF(program, view{side: model.SideProgram})
	scores, _ := nearest(t, program)
	if scores[0] == 0 || scores[1] != 0 || scores[2] != 0 || scores[3] == 0 {
		t.Errorf("a program for R2 that calls no kfunc fits R2 and R3 alone: scores %v", scores)
	}
}

func TestRevisionsAgainstKernels(t *testing.T) {
	for rev := 1; rev <= revisions; rev++ {
		r := drift.Compare(revision(t, rev), kernelRevision(t, fmt.Sprintf("kernel-R%d", rev)), drift.Options{})
		if len(r.Findings) > 0 {
			t.Errorf("R%d against its own kernel:\n%s", rev, render(r))
		}
	}
	r := drift.Compare(revision(t, 1), kernelRevision(t, "kernel-R2"), drift.Options{})
	if len(r.Findings) != 3 {
		t.Fatalf("R1 against R2's kernel is one finding for each callback:\n%s", render(r))
	}
	for i, callback := range []string{"iomap_begin", "iomap_end", "iomap_ioend"} {
		if f := r.Findings[i]; f.Rule != "callback.param.type" || f.Severity != drift.Breaking || f.Subject != "fuse_iomap_bpf_ops."+callback+"#1" {
			t.Errorf("%s: %+v", callback, f)
		}
	}
}
