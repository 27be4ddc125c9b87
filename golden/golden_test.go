// SPDX-License-Identifier: MIT

package golden

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/gosrc"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/report"
	"github.com/fuseiomap/abigen/gen/source"
)

var update = flag.Bool("update", false, "rewrite the pinned files")

// pin compares files with what the archive of the given name holds, or writes
// the archive.
func pin(t *testing.T, name, about string, files []txtar.File) {
	t.Helper()
	got := &txtar.Archive{Comment: []byte("# SPDX-License-Identifier: GPL-2.0-only OR MIT\n# " + about + "\n# go test ./golden -update rewrites this file.\n\n"), Files: files}
	if *update {
		if err := os.WriteFile(name, txtar.Format(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatalf("%v: run go test ./golden -update", err)
	}
	pinned := map[string][]byte{}
	for _, f := range want.Files {
		pinned[f.Name] = f.Data
	}
	const advice = "if that is intended, run go test ./golden -update and review it"
	for _, f := range files {
		if old, ok := pinned[f.Name]; !ok {
			t.Errorf("%s: %s is not pinned: %s", name, f.Name, advice)
		} else if !bytes.Equal(old, f.Data) {
			t.Errorf("%s: %s: pinned (-) and made now (+) differ: %s:\n%s", name, f.Name, advice,
				cmp.Diff(strings.Split(string(old), "\n"), strings.Split(string(f.Data), "\n")))
		}
		delete(pinned, f.Name)
	}
	for _, f := range slices.Sorted(maps.Keys(pinned)) {
		t.Errorf("%s: %s is pinned and no longer made: %s", name, f, advice)
	}
}

// generateConfig is how the contract becomes Go in this repository.
func generateConfig(t *testing.T) gosrc.Config {
	t.Helper()
	var c struct {
		Generate gosrc.Config `toml:"generate"`
	}
	if _, err := toml.DecodeFile("../abigen.toml", &c); err != nil {
		t.Fatal(err)
	}
	return c.Generate
}

// header is the contract on disk, as go generate reads it.
const header = "header:../headers/fuse_iomap_bpf.h"

// options are those for a revision of the header and a target.
func options(rev string, target model.Target) source.Options {
	o := source.Options{Target: target}
	if rev != source.DefaultRevision {
		o.Defines = []string{source.RevisionMacro + "=" + strings.TrimPrefix(rev, "R")}
	}
	return o
}

func TestGeneratedGoIsPinned(t *testing.T) {
	config := generateConfig(t)
	var files []txtar.File
	for _, rev := range source.Revisions() {
		var abis []*model.ABI
		for _, target := range model.Targets() {
			a, err := source.OpenHost(t.Context(), header, options(rev, target))
			if err != nil {
				t.Fatal(err)
			}
			abis = append(abis, a)
		}
		made, err := gosrc.Generate(config, abis)
		if err != nil {
			t.Fatalf("%s: %v", rev, err)
		}
		for _, f := range made {
			files = append(files, txtar.File{Name: gosrc.FileName(rev+".go", f.GOARCH), Data: f.Source})
		}
	}
	pin(t, "generated.txtar", "Go source for each revision of the contract.", files)
}

// TestCommittedGoIsTheGeneratedOne holds abi and its header together.
func TestCommittedGoIsTheGeneratedOne(t *testing.T) {
	committed, err := os.ReadFile(filepath.FromSlash("../abi/fuse_iomap_bpf.go"))
	if err != nil {
		t.Fatal(err)
	}
	pinned, err := txtar.ParseFile("generated.txtar")
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(pinned.Files, func(f txtar.File) bool { return f.Name == source.DefaultRevision+".go" })
	if i < 0 || !bytes.Equal(pinned.Files[i].Data, committed) {
		t.Error("abi/fuse_iomap_bpf.go is not what generate makes of headers/fuse_iomap_bpf.h: run go generate ./...")
	}
}

func TestDumpIsPinned(t *testing.T) {
	var files []txtar.File
	add := func(rev string, target model.Target) {
		a, err := source.Open(t.Context(), header, options(rev, target))
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := model.Encode(&b, a); err != nil {
			t.Fatal(err)
		}
		files = append(files, txtar.File{Name: rev + "-" + target.Name + ".json", Data: b.Bytes()})
	}
	for _, target := range model.Targets() {
		add(source.DefaultRevision, target)
	}
	for _, rev := range source.Revisions() {
		if rev != source.DefaultRevision {
			add(rev, model.Targets()[0])
		}
	}
	pin(t, "dump.txtar", "The model of the contract.", files)
}

// TestNothingOfTheContractIsSkippedSilently pins what the model cannot hold:
// the macros with parameters or code, and the inline function.
func TestNothingOfTheContractIsSkippedSilently(t *testing.T) {
	want := []string{
		"DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF", "DEFINE_FUSE_IOMAP_BPF_OPS",
		"FUSE_IOMAP_BEGIN_BPF_FUNC", "FUSE_IOMAP_END_BPF_FUNC", "FUSE_IOMAP_IOEND_BPF_FUNC",
		"fuse_iomap_begin_pure_overwrite",
	}
	for _, rev := range source.Revisions() {
		a, err := source.Open(t.Context(), header, options(rev, model.Targets()[0]))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range a.Skipped {
			got = append(got, s.Name)
			if s.Reason == "" || s.Pos.Line == 0 {
				t.Errorf("%s: %s is skipped without reason or position: %+v", rev, s.Name, s)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: skipped are %q, want %q", rev, got, want)
		}
	}
}

// interfaces are the embedded ones with a declaration of their own; what clang
// makes of the header is not, check holds it equal.
func interfaces() []string {
	names := source.Revisions()
	for _, r := range source.Revisions() {
		names = append(names, "kernel-"+r)
	}
	return append(names, source.Neighbours()...)
}

func TestReportsOnEveryPairArePinned(t *testing.T) {
	for _, old := range interfaces() {
		var files []txtar.File
		for _, other := range interfaces() {
			r, err := check.Diff(t.Context(), "embedded:"+old, "embedded:"+other, drift.Auto, source.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if old == other {
				if s := r.Summary(); s.Findings > 0 {
					t.Errorf("%s differs from itself: %s", old, s)
				}
				continue
			}
			for _, f := range []string{"text", "json"} {
				format, err := report.FormatByName(f)
				if err != nil {
					t.Fatal(err)
				}
				var b bytes.Buffer
				if err := format.Write(&b, r, report.Options{}); err != nil {
					t.Fatal(err)
				}
				files = append(files, txtar.File{Name: other + "." + f, Data: b.Bytes()})
			}
		}
		pin(t, "diff-"+old+".txtar", "The reports on embedded:"+old+" as OLD.", files)
	}
}
