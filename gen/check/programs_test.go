// SPDX-License-Identifier: MIT

package check

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/source"
	"github.com/fuseiomap/abigen/headers"
)

// programRows returns the rows of the reference programs that Run makes.
func programRows(t *testing.T, c Config) []Comparison {
	t.Helper()
	rep, err := Run(t.Context(), c, nil, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(rep.Comparisons, func(c Comparison) bool { return !strings.HasPrefix(c.Source, "embedded:program-") })
}

func TestReferenceProgramsFitTheRevisionsTheyAreMadeFor(t *testing.T) {
	rows := programRows(t, Config{})
	if len(rows) != 16 {
		t.Errorf("%d rows, want each of 8 programs in 2 byte orders", len(rows))
	}
	for _, c := range rows {
		if c.Failed || len(c.Findings) > 0 || c.Verdict != "R2 to R4, compatible" {
			t.Errorf("%s: %s, failed %v: %v", c.Source, c.Verdict, c.Failed, c.Findings)
		}
		// Each takes the inode of R2 and R3 or that of R4, and says so.
		for _, rule := range []string{"kfunc.guarded", "callback.guarded"} {
			i := slices.IndexFunc(c.Expected, func(f Finding) bool { return f.Rule == rule })
			if i < 0 || c.Expected[i].Severity != drift.Info || c.Expected[i].Targets != nil || len(c.Expected[i].Consequences) == 0 {
				t.Errorf("%s: expected %v, want %s with the revisions it concerns", c.Source, c.Expected, rule)
			}
		}
		if len(c.Unchecked) == 0 {
			t.Errorf("%s: nothing is unchecked, but BTF has no macros", c.Source)
		}
	}
}

// edited is a configuration for the contract with one text replaced.
func edited(t *testing.T, old, changed string) Config {
	t.Helper()
	text, err := headers.FS.ReadFile(headers.Contract)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("the contract has no %q", old)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "h.h"), []byte(strings.ReplaceAll(string(text), old, changed)), 0o644); err != nil {
		t.Fatal(err)
	}
	return Config{Dir: dir, Header: "h.h", RevisionMacro: source.RevisionMacro}
}

func TestReferenceProgramsNoticeAnotherPrototype(t *testing.T) {
	// The loader would not: it never compares callbacks.
	for _, c := range programRows(t, edited(t, "uint32_t ioendflags", "uint64_t ioendflags")) {
		i := slices.IndexFunc(c.Findings, func(f Finding) bool { return f.Subject == "fuse_iomap_bpf_ops.iomap_ioend#4" })
		if !c.Failed || i < 0 || c.Findings[i].Severity != drift.Breaking {
			t.Errorf("%s: %s: %v", c.Source, c.Verdict, c.Findings)
		}
	}
}

func TestReferenceProgramsNameTheRevisionThatChanged(t *testing.T) {
	const fourth = "(*iomap_ioend)(struct fuse_bpf_inode *fbi, uint64_t pos"
	for _, c := range programRows(t, edited(t, fourth, strings.Replace(fourth, "uint64_t", "uint32_t", 1))) {
		i := slices.IndexFunc(c.Findings, func(f Finding) bool { return f.Subject == "fuse_iomap_bpf_ops.iomap_ioend#2" })
		if !c.Failed || i < 0 || !slices.Contains(c.Findings[i].Consequences, "in R4 only") || c.Findings[i].Targets != nil {
			t.Errorf("%s: %s: %v", c.Source, c.Verdict, c.Findings)
		}
	}
}
