// SPDX-License-Identifier: MIT

package vet_test

import (
	"context"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/gopkg"
	"github.com/fuseiomap/abigen/gen/vet"
)

// files writes files into a temporary directory and returns it.
func files(t *testing.T, texts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range texts {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// check checks one file with the given configuration.
func check(t *testing.T, c vet.Config, text string) *vet.Result {
	t.Helper()
	p := &gopkg.Package{Path: "example.org/p", Fset: token.NewFileSet()}
	f := gopkg.File{Path: filepath.Join(t.TempDir(), "p.go"), Text: []byte(text)}
	var err error
	if f.Syntax, err = parser.ParseFile(p.Fset, f.Path, text, parser.ParseComments); err != nil {
		t.Fatal(err)
	}
	p.Files = append(p.Files, f)
	res, err := vet.Check(context.Background(), p, c)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// short lists findings as rule, subject and targets.
func short(res *vet.Result) string {
	var lines []string
	for _, f := range res.Findings {
		line := f.Rule + " " + f.Subject
		if len(f.Targets) > 0 {
			line += " on " + strings.Join(f.Targets, " ")
		}
		if f.Fix != nil {
			line += ", fix"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// messages lists findings as drivers print them.
func messages(res *vet.Result) string {
	var lines []string
	for _, f := range res.Findings {
		lines = append(lines, f.Rule+" "+f.String())
	}
	return strings.Join(lines, "\n")
}

const uneven = "struct uneven { unsigned int a; unsigned long long b; };\n"

const unevenGo = "package p\n\n//abigen:record uneven\ntype Uneven struct {\n\tA uint32\n\tB uint64\n}\n"

func TestAHeaderIsLaidOutForEachGOARCH(t *testing.T) {
	dir := files(t, map[string]string{"a.h": uneven + "struct natural { long n; void *p; };\n"})
	// On 386 C aligns a 64-bit integer to 4 bytes as Go does, on arm and mips to
	// 8, so there is no padding that is right everywhere.
	res := check(t, vet.Config{Sources: []string{"header:a.h"}, Dir: dir}, unevenGo+
		"\n//abigen:record natural\ntype Natural struct {\n\tN int\n\tP uintptr\n}\n")
	if got, want := short(res), "field.moved uneven.b on arm mips"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestAHeaderMayDescribeMemorySharedWithBPF(t *testing.T) {
	dir := files(t, map[string]string{"a.h": uneven})
	res := check(t, vet.Config{Sources: []string{"header:a.h"}, Dir: dir, BPF: true}, unevenGo)
	if got, want := short(res), "go.padding uneven.b on 386 arm mips, fix"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestOnlyTheTargetsThatAreNamedAreChecked(t *testing.T) {
	dir := files(t, map[string]string{"a.h": uneven})
	res := check(t, vet.Config{Sources: []string{"header:a.h"}, Dir: dir, BPF: true, Targets: []string{"amd64", "arm"}}, unevenGo)
	if got, want := short(res), "go.padding uneven.b on arm, fix"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	for _, bad := range []string{"bpfel", "vax"} {
		if _, err := vet.Check(context.Background(), open(t, filepath.Join("testdata", "src", "right")),
			vet.Config{Targets: []string{bad}}); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("target %s: %v", bad, err)
		}
	}
}

func TestADirectiveMayNameItsSource(t *testing.T) {
	dir := files(t, map[string]string{"a.h": uneven, "p.go": strings.Replace(unevenGo, "record uneven", "record uneven source=header:a.h", 1)})
	t.Chdir(t.TempDir()) // the path starts at the file
	res, err := vet.Check(context.Background(), open(t, dir), vet.Config{BPF: true})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := short(res), "go.padding uneven.b on 386 arm mips, fix"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	dir = files(t, map[string]string{"p.go": strings.Replace(unevenGo, "record uneven", "record uneven source=header:none.h", 1)})
	_, err = vet.Check(context.Background(), open(t, dir), vet.Config{})
	if err == nil || !strings.Contains(err.Error(), "p.go:3:1: source=header:none.h: ") {
		t.Errorf("a source that is not there: %v", err)
	}
}

func TestARecordIsComparedWithEachSourceThatHasIt(t *testing.T) {
	dir := files(t, map[string]string{
		"a.h": "struct x { unsigned int a; };\n",
		"b.h": "struct x { unsigned int a; };\n",
		"c.h": "struct x { int a; };\n",
		"d.h": "struct y { int a; };\n",
	})
	c := vet.Config{Sources: []string{"header:a.h", "header:b.h", "header:c.h", "header:d.h"}, Dir: dir}
	res := check(t, c, "package p\n\n//abigen:record x\ntype X struct{ A uint64 }\n")
	if len(res.Findings) != 1 || strings.Join(res.Findings[0].Sources, " ") != "header:a.h header:b.h header:c.h" || res.Findings[0].Fix != nil {
		t.Errorf("got %s", messages(res))
	}
}

func TestWithoutAConfigurationItIsTheContract(t *testing.T) {
	res := check(t, vet.Config{}, `package p

//abigen:record fuse_iomap_io
type IO struct {
	Offset, Length, Addr uint64
	Type, Flags          uint16
	Dev                  uint32
}

//abigen:record fuse_iomap_oi
type OI struct{ A uint32 }

//abigen:enum fuse_iomap_bpf_rte
type Ret uint32
`)
	if got := messages(res); !strings.Contains(got, "no record of this name in embedded:R2: did you mean fuse_iomap_io") ||
		!strings.Contains(got, "no enum of this name in embedded:R2: did you mean fuse_iomap_bpf_ret") || len(res.Findings) != 2 {
		t.Errorf("got %s", got)
	}
}

func TestGeneratedFilesGuardThemselves(t *testing.T) {
	res := check(t, vet.Config{}, "// Code generated by something. DO NOT EDIT.\n\npackage p\n\n//abigen:record elsewhere\ntype E struct{ A uint32 }\n")
	if len(res.Findings) != 0 || len(res.Unchecked) != 1 || res.Unchecked[0].Subjects[0] != "elsewhere" {
		t.Errorf("findings %s, unchecked %v", messages(res), res.Unchecked)
	}
}

func TestNoFixBreaksALiteralWithoutNames(t *testing.T) {
	res := check(t, *objects(t), "package p\n\n//abigen:record range\ntype Range struct{ Count, Pos uint64 }\n\nvar x = Range{1, 2}\n")
	if got, want := short(res), "field.swapped range.pos"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestNoFixLosesAComment(t *testing.T) {
	res := check(t, *objects(t), "package p\n\n//abigen:record range\ntype Range struct {\n\tCount uint64\n\n\t// Both are bytes.\n\n\tPos uint64\n}\n")
	if got, want := short(res), "field.swapped range.pos"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestAMissingMemberIsAdded(t *testing.T) {
	res := check(t, *objects(t), "package p\n\n//abigen:record event\ntype Event struct {\n\tPid uint32 `json:\"pid\"` // who\n\tComm [16]byte\n\t_ [8]byte\n}\n")
	texts, err := res.Fixed()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		if want := "type Event struct {\n\tPid  uint32 `json:\"pid\"` // who\n\t_    [4]byte\n\tTs   uint64\n\tComm [16]byte\n\tKind uint8\n\t_    [7]byte\n}"; !strings.Contains(string(text), want) {
			t.Errorf("got %s", text)
		}
	}
	if len(texts) != 1 {
		t.Errorf("nothing is fixed:\n%s", messages(res))
	}
}

func TestAStructOfAnUnknownPackageIsReported(t *testing.T) {
	res := check(t, *objects(t), "package p\n\nimport \"example.org/q\"\n\n//abigen:record range\ntype Range struct{ Q q.Q }\n")
	if got := messages(res); !strings.Contains(got, "go.directive") || !strings.Contains(got, "q.Q of an imported package") {
		t.Errorf("got %s", got)
	}
}

func TestTheClosestConfigurationIsFound(t *testing.T) {
	dir := files(t, map[string]string{
		"abigen.toml":       "[check]\nheader = \"a.h\"\ndefines = [\"X\"]\n",
		"a.h":               "",
		"deep/abigen.toml":  "[generate]\npackage = \"p\"\n\n[vet]\nsources = [\"elf:p.o\", \"btf:kernel\", \"go:./x\"]\nbpf = true\n",
		"deep/er/p.go":      "package p\n",
		"wrong/abigen.toml": "[vet]\nsuorces = []\n",
		"bad/abigen.toml":   "[vet\n",
	})
	c, err := vet.Find(filepath.Join(dir, "deep", "er"))
	if err != nil || strings.Join(c.Sources, " ") != "elf:p.o btf:kernel go:./x" || !c.BPF || c.Dir != filepath.Join(dir, "deep") {
		t.Errorf("%+v, %v", c, err)
	}
	c, err = vet.Find(filepath.Join(dir, "nothing"))
	if err != nil || strings.Join(c.Sources, " ") != "header:a.h" || strings.Join(c.Defines, " ") != "X" {
		t.Errorf("without a table of its own: %+v, %v", c, err)
	}
	for name, want := range map[string]string{"wrong": "unknown key vet.suorces", "bad": "abigen.toml:2:5: "} {
		if _, err := vet.Find(filepath.Join(dir, name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASourceIsReadAgainWhenItChanges(t *testing.T) {
	dir := files(t, map[string]string{"a.h": uneven})
	c := vet.Config{Sources: []string{"header:a.h"}, Dir: dir, BPF: true}
	if res := check(t, c, unevenGo); len(res.Findings) != 1 {
		t.Fatalf("got %s", messages(res))
	}
	even := "struct uneven { unsigned int a; unsigned int pad; unsigned long long b; int more; };\n"
	if err := os.WriteFile(filepath.Join(dir, "a.h"), []byte(even), 0o644); err != nil {
		t.Fatal(err)
	}
	if res := check(t, c, unevenGo); !strings.Contains(short(res), "field.removed uneven.more") {
		t.Errorf("got %s", messages(res))
	}
}

func TestWhatDirectivesDescribeIsCompared(t *testing.T) {
	dir := files(t, map[string]string{"a.h": "struct bits { unsigned int kind : 4; unsigned int cpu : 28; unsigned long long ts; };\n"})
	c := vet.Config{Sources: []string{"header:a.h"}, Dir: dir, BPF: true}
	text := "package p\n\n//abigen:record bits\n//abigen:has 0:4 u32 kind\n//abigen:has 4:28 u32 cpu\ntype Bits struct {\n" +
		"\tBits0 [4]byte //abigen:member -\n\t_ [4]byte\n\tTs uint64\n}\n"
	if res := check(t, c, text); len(res.Findings)+len(res.Unchecked) != 0 {
		t.Errorf("right, and reported: %s, %v", messages(res), res.Unchecked)
	}
	res := check(t, c, strings.Replace(strings.Replace(text, "0:4 u32", "0:3 u32", 1), "4:28", "3:29", 1))
	if got := short(res); !strings.Contains(got, "field.bits bits.kind") {
		t.Errorf("got %s", got)
	}
}
