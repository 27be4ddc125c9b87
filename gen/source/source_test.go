// SPDX-License-Identifier: MIT

package source

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/headers"
)

func target(t *testing.T, name string) model.Target {
	t.Helper()
	tg, err := model.TargetByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return tg
}

// write puts files into a new directory and returns it.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestEveryEmbeddedSourceOpens(t *testing.T) {
	for _, name := range Embedded() {
		a, err := Open(t.Context(), "embedded:"+name, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if a.Source != "embedded:"+name {
			t.Errorf("%s calls itself %s", name, a.Source)
		}
		target := "bpfel"
		if strings.HasSuffix(name, "-bpfeb") {
			target = "bpfeb"
		}
		if a.Target != target {
			t.Errorf("%s is for %s, want %s", name, a.Target, target)
		}
		ops := "fuse_iomap_bpf_ops"
		if strings.HasPrefix(name, "fuse_bpf_ops") {
			ops = "fuse_bpf_ops"
		}
		if a.Record(ops) == nil {
			t.Errorf("%s has no %s", name, ops)
		}
	}
}

func TestEveryReferenceProgramIsEmbeddedForBothByteOrders(t *testing.T) {
	var want []string
	for _, p := range programs.All() {
		for _, target := range []string{"bpfeb", "bpfel"} {
			want = append(want, "program-"+p.Name()+"-"+target)
		}
	}
	slices.Sort(want)
	if got := Programs(); !slices.Equal(got, want) {
		t.Errorf("embedded are %q, want %q", got, want)
	}
	a, err := Open(t.Context(), "embedded:program-stripe-bpfeb", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a.Side != model.SideProgram || !BringsTarget(a.Source) {
		t.Errorf("side %q, brings its target: %v; want what elf: says of a file", a.Side, BringsTarget(a.Source))
	}
	if _, err := Open(t.Context(), a.Source, Options{Target: model.Targets()[0], TargetSet: true}); !errors.Is(err, ErrTarget) {
		t.Errorf("for %s: %v, want %v", model.Targets()[0].Name, err, ErrTarget)
	}
	_, err = Open(t.Context(), "embedded:program-strip-bpfel", Options{})
	for _, want := range []string{"did you mean", "program-stripe-bpfel", "program-{append,cached,", "}-{bpfeb,bpfel}"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a mistyped name: %v, want %q in it", err, want)
		}
	}
}

func TestPathsWithoutAKindAreRecognisedByContent(t *testing.T) {
	kernel, err := headers.FS.ReadFile("btf/kernel-R3.btf")
	if err != nil {
		t.Fatal(err)
	}
	var snapshot bytes.Buffer
	if err := model.Encode(&snapshot, &model.ABI{Source: "header:x.h", Target: "arm", Records: []*model.Record{{Kind: model.Struct, Name: "x"}}}); err != nil {
		t.Fatal(err)
	}
	dir := write(t, map[string]string{
		"a": string(kernel), "b": snapshot.String(), "c": "/* a header */ struct pair { int a, b; };",
		"go.mod": "module example.org/m\n\ngo 1.24\n", "pkg/x.go": "package pkg\n\n//abigen:record pair\ntype Pair struct{ A, B int32 }\n",
	})
	for name, want := range map[string][2]string{
		"a": {"btf:a", "fuse_range"}, "b": {"header:x.h", "x"}, "c": {"header:c", "pair"}, "pkg": {"go:example.org/m/pkg", "pair"},
	} {
		a, err := OpenDir(t.Context(), filepath.Join(dir, name), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if a.Source != want[0] || a.Record(want[1]) == nil {
			t.Errorf("%s is %s, want %s with %s", name, a.Source, want[0], want[1])
		}
	}
}

func TestBadSpecsAreTheCallersFault(t *testing.T) {
	for spec, want := range map[string]string{
		"":                   "an empty name",
		"header:":            "PATH must follow the colon",
		"embedded:R5":        "unknown name",
		"embedded:kernel-r1": "did you mean kernel-R1",
		"haeder:x":           `unknown kind "haeder"`,
	} {
		_, err := Open(t.Context(), spec, Options{})
		if !errors.Is(err, ErrSpec) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", spec, err, want)
		}
		if _, err := KindOf(spec); !errors.Is(err, ErrSpec) {
			t.Errorf("KindOf(%q): %v", spec, err)
		}
	}
}

func TestMissingFilesSayWhatToDo(t *testing.T) {
	for _, spec := range []string{"nosuch.h", "header:nosuch.h", "btf:nosuch", "elf:nosuch.o", "snapshot:nosuch.json", "./nosuch"} {
		_, err := Open(t.Context(), spec, Options{})
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "check the path") {
			t.Errorf("%q: %v", spec, err)
		}
	}
}

func TestSourcesWithATargetOfTheirOwnRefuseAnother(t *testing.T) {
	o := Options{Target: target(t, "arm"), TargetSet: true}
	if _, err := Open(t.Context(), "embedded:kernel-R1", o); err == nil || !strings.Contains(err.Error(), "say --target bpfel") {
		t.Errorf("BTF for arm: %v", err)
	}
	if a, err := Open(t.Context(), "embedded:R1", o); err != nil || a.Target != "arm" {
		t.Errorf("header for arm: %v", err)
	}
	for spec, want := range map[string]bool{"embedded:kernel-R1": true, "embedded:btf-R1": true, "embedded:R1": false,
		"embedded:abi": false, "btf:x": true, "elf:x": true, "snapshot:x": true, "header:x": false, "go:x": false} {
		if got := BringsTarget(spec); got != want {
			t.Errorf("BringsTarget(%q) = %v", spec, got)
		}
	}
}

func TestTypesMatchWholeNames(t *testing.T) {
	for expr, want := range map[string]string{
		"fuse_iomap_io":        "fuse_iomap_io",
		"fuse_iomap|fuse_.*io": "fuse_iomap_io",
		"(?i)FUSE_IOMAP_IO":    "fuse_iomap_io",
	} {
		a, err := Open(t.Context(), "embedded:R2", Options{Types: regexp.MustCompile(expr)})
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		if len(a.Records) != 1 || a.Records[0].Name != want {
			t.Errorf("%s keeps %d records", expr, len(a.Records))
		}
	}
	for _, spec := range []string{"embedded:R2", "embedded:kernel-R2", "embedded:abi"} {
		_, err := Open(t.Context(), spec, Options{Types: regexp.MustCompile("fuse_iomap")})
		if !errors.Is(err, ErrNoMatch) {
			t.Errorf("%s: %v, want ErrNoMatch", spec, err)
		}
	}
}

func TestHostGivesRecordsWithCallbacksTheLayoutOfBPF(t *testing.T) {
	for _, tg := range model.Targets() {
		o := Options{Target: tg}
		a, err := OpenHost(t.Context(), "embedded:R2", o)
		if err != nil {
			t.Fatal(err)
		}
		if r := a.Record("fuse_iomap_bpf_ops"); r.Size != 48 || r.Field("fuse_fd").BitOffset != 24*8 {
			t.Errorf("%s: fuse_iomap_bpf_ops has %d bytes with fuse_fd at bit %d, want 48 and 192", tg.Name, r.Size, r.Field("fuse_fd").BitOffset)
		}
		if a.Target != tg.Name {
			t.Errorf("%s: the model is for %s", tg.Name, a.Target)
		}
		native, err := Open(t.Context(), "embedded:R2", o)
		if err != nil {
			t.Fatal(err)
		}
		want := 24 + 3*tg.PointerSize
		if r := native.Record("fuse_iomap_bpf_ops"); r.Size != want {
			t.Errorf("%s: natively fuse_iomap_bpf_ops has %d bytes, want %d", tg.Name, r.Size, want)
		}
	}
}

// struct sigaction has a callback too, which the host calls.
func TestHostKeepsItsOwnRecordsWithCallbacks(t *testing.T) {
	dir := write(t, map[string]string{"h.h": `struct action { void (*handler)(int); long flags; };
struct act_ops { void (*handler)(int); long flags; };
struct act_ops_cid { void (*handler)(int); };
struct drops { void (*handler)(int); };
`})
	for _, tg := range model.Targets() {
		a, err := OpenHost(t.Context(), "header:"+filepath.Join(dir, "h.h"), Options{Target: tg})
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]int64{"action": 2 * tg.PointerSize, "drops": tg.PointerSize, "act_ops": 16, "act_ops_cid": 8} {
			if got := a.Record(name).Size; got != want {
				t.Errorf("%s: struct %s has %d bytes, want %d", tg.Name, name, got, want)
			}
		}
	}
}

func TestGoDirectoriesAreReadWithoutTheGoCommand(t *testing.T) {
	dir := write(t, map[string]string{
		"go.mod":      "// Comment.\nmodule \"example.org/m\" // why not\n\ngo 1.24\n",
		"deep/p/x.go": "package p\n\n//abigen:record pair\ntype Pair struct{ A uint64; B uint32; _ [4]byte }\n",
	})
	t.Setenv("PATH", "")
	spec := "go:" + filepath.Join(dir, "deep/p")
	for _, open := range []struct {
		name string
		f    func() (*model.ABI, error)
	}{
		{"Open", func() (*model.ABI, error) { return Open(t.Context(), spec, Options{}) }},
		{"OpenDir", func() (*model.ABI, error) { return OpenDir(t.Context(), spec, Options{}) }},
	} {
		a, err := open.f()
		if err != nil {
			t.Errorf("%s: %v", open.name, err)
			continue
		}
		r := a.Record("pair")
		if a.Source != "go:example.org/m/deep/p" || r == nil || r.Size != 16 {
			t.Errorf("%s: %s with %+v", open.name, a.Source, r)
			continue
		}
		if got, want := a.Locate(r.Pos).File, filepath.Join(dir, "deep/p/x.go"); got != want {
			t.Errorf("%s: declared in %s, want %s", open.name, got, want)
		}
	}
}

func TestImportPathsAreToldFromFiles(t *testing.T) {
	for s, want := range map[string]bool{
		"example.org/x": true, "github.com/a/b/c": true, "nosuch.h": false, "dir/nosuch.h": false,
		"./example.org/x": false, "../example.org/x": false, "/abs/x.h": false, "fmt": false, "example.org/": false,
	} {
		if got := isImportPath(s); got != want {
			t.Errorf("isImportPath(%q) = %v", s, got)
		}
	}
}
