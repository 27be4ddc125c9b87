// SPDX-License-Identifier: MIT

package gopkg

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fuseiomap/abigen/gen/model"
)

// module writes a module into a temporary directory, makes that the working
// directory and returns it.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("GOWORK", "off")
	t.Setenv("GOFLAGS", "")
	t.Chdir(dir)
	return dir
}

const goMod = "module example.org/m\n\ngo 1.26\n"

func TestLoadFindsAPackageByPathAndByDirectory(t *testing.T) {
	dir := module(t, map[string]string{
		"go.mod":       goMod,
		"p/a.go":       "package p\nimport \"fmt\"\n//abigen:record x\ntype X struct{ A uint32; B uintptr }\nfunc (X) String() string { return fmt.Sprint(1) }\n",
		"other/go.mod": "module example.org/other\n\ngo 1.26\n",
		"other/o.go":   "package other\n//abigen:record y\ntype Y struct{ A uint32 }\n",
	})
	read := func(pattern string, o Options) *model.ABI {
		t.Helper()
		o.Target = target(t, "arm")
		abi, err := Load(pattern, o)
		if err != nil {
			t.Fatal(err)
		}
		return abi
	}
	for _, pattern := range []string{"example.org/m/p", "./p", filepath.Join(dir, "p")} {
		abi := read(pattern, Options{})
		if abi.Source != "go:example.org/m/p" || abi.Target != "arm" {
			t.Errorf("%s: source %q, target %q", pattern, abi.Source, abi.Target)
		}
		if got := members(abi.Record("x")); got != "0 4 a u32\n4 4 b u32\n" {
			t.Errorf("%s: %q", pattern, got)
		}
		if got := abi.Locate(abi.Record("x").Pos).String(); got != filepath.Join("p", "a.go")+":4:6" {
			t.Errorf("%s: located at %s", pattern, got)
		}
	}
	if abi := read("./other", Options{}); abi.Source != "go:example.org/other" {
		t.Errorf("a directory of another module: source %q", abi.Source)
	}
	t.Chdir(filepath.Join(dir, "p"))
	if abi := read("./p", Options{Dir: dir}); abi.Paths["a.go"] != "a.go" {
		t.Errorf("from within: paths %v", abi.Paths)
	}
}

func TestLoadReadsImportsThatTypesNeed(t *testing.T) {
	module(t, map[string]string{
		"go.mod": goMod,
		"p/a.go": `package p

import (
	"errors"
	"sync/atomic"
	"syscall"
	q "example.org/m/dep-v2"
	"example.org/m/broken"
)

var ErrX = errors.New("x")

//abigen:record ring
type Ring struct {
	Flag uint32
	Head atomic.Uint64
	Time syscall.Timespec
	In   q.Inner
	Ref  *q.Inner
	Kind q.Kind
	Buf  [q.N]byte
	Any  q.Undirected
}

const SYS_X = q.SysX

func f() { broken.F() }
`,
		"dep-v2/q.go":     "package dep\n\n//abigen:record inner\ntype Inner struct{ X int16 }\n\n//abigen:enum kind\ntype Kind uint8\n\ntype Undirected struct {\n\tL uint8 //abigen:member left\n}\n",
		"dep-v2/q_386.go": "package dep\n\nconst N, SysX = 4, 20\n",
		"dep-v2/q_all.go": "//go:build !386\n\npackage dep\n\nconst N, SysX = 8, 40\n",
		"broken/b.go":     "package broken\n\nfunc F() {",
	})
	for name, want := range map[string]struct{ members, constant string }{
		"amd64": {"0 4 flag u32\n8 8 head struct\n  0 8 v u64\n16 16 time struct\n  0 8 sec s64\n  8 8 nsec s64\n32 2 in struct inner\n40 8 ref ptr(struct inner)\n48 1 kind enum kind\n49 8 buf array(8,u8)\n57 1 any struct\n  0 1 left u8\n", "40"},
		"386":   {"0 4 flag u32\n8 8 head struct\n  0 8 v u64\n16 8 time struct\n  0 4 sec s32\n  4 4 nsec s32\n24 2 in struct inner\n28 4 ref ptr(struct inner)\n32 1 kind enum kind\n33 4 buf array(4,u8)\n37 1 any struct\n  0 1 left u8\n", "20"},
	} {
		abi, err := Load("./p", Options{Target: target(t, name)})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := members(abi.Record("ring")); got != want.members {
			t.Errorf("%s: %s", name, cmp.Diff(want.members, got))
		}
		if c := abi.Constant("SYS_X"); c == nil || c.Value.ExactString() != want.constant {
			t.Errorf("%s: SYS_X is %v", name, c)
		}
		if len(abi.Records) != 1 {
			t.Errorf("%s: records of imports are not this package's: %v", name, abi.Records)
		}
	}
}

func TestLoadSaysWhyItCannot(t *testing.T) {
	dir := module(t, map[string]string{
		"go.mod":           goMod,
		"p/a.go":           "package p\n",
		"q/a.go":           "package q\nimport \"example.org/nowhere\"\n//abigen:record x\ntype X struct{ A nowhere.T }\n",
		"bad/a.go":         "packag bad\n",
		"undefined/a.go":   "package undefined\nimport \"fmt\"\n//abigen:record t\ntype T struct{ A fmt.Stringger }\n",
		"win/a_windows.go": "package win\n",
		"text/a.txt":       "x",
	})
	for pattern, want := range map[string]string{
		"example.org/m/none": "go:example.org/m/none: cannot find the package: ",
		"./none":             "go:./none: cannot find the package: there is no such directory: name a directory or an import path: package not found",
		"./p/a.go":           "go:./p/a.go: cannot find the package: there is no such directory",
		"./...":              "go:./...: matches ",
		"nowhere/...":        "go:nowhere/...: matches 0 packages: a source is one package: name it: package not found",
		"":                   "go:: no import path",
		"-x":                 "go:-x: no import path",
		"./q":                "q/a.go:4:16: field X.A cannot be laid out: it needs nowhere.T of an imported package, which could not be read: make `go build` pass",
		"./bad":              "bad/a.go:1:1: expected 'package', found packag: the file does not parse",
		"./undefined":        "undefined/a.go:4:22: undefined: fmt.Stringger: package example.org/m/undefined does not type-check for GOARCH=s390x",
		"./win":              "go:example.org/m/win: no Go source in win: build constraints exclude all 1 Go files for GOOS=linux GOARCH=s390x",
		"./text":             "go:./text: no Go source in text: the directory has no Go file",
	} {
		_, err := Load(pattern, Options{Target: target(t, "bpfeb")})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v\nwant %s", pattern, err, want)
		}
		if err != nil && strings.Contains(err.Error(), dir) {
			t.Errorf("%s: the message holds an absolute path: %v", pattern, err)
		}
	}
}

func TestLoadOutsideAModule(t *testing.T) {
	module(t, map[string]string{"p/a.go": "package p\n"})
	_, err := Load("./p", Options{Target: target(t, "bpfel")})
	if err == nil || !strings.HasPrefix(err.Error(), "go:./p: go list fails: go: go.mod file not found") {
		t.Error(err)
	}
}

func TestLoadWithoutTheGoCommand(t *testing.T) {
	module(t, map[string]string{"go.mod": goMod, "p/a.go": "package p\n"})
	t.Setenv("PATH", "")
	_, err := Load("./p", Options{Target: target(t, "bpfel")})
	if err == nil || !strings.Contains(err.Error(), "install Go or put it on PATH") || errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestLoadSeesAnEditedFile(t *testing.T) {
	module(t, map[string]string{"go.mod": goMod, "p/a.go": "package p\n"})
	o := Options{Target: target(t, "bpfel")}
	if abi, err := Load("./p", o); err != nil || len(abi.Records) != 0 {
		t.Fatal(abi, err)
	}
	if err := os.WriteFile("p/b.go", []byte("package p\n//abigen:record x\ntype X struct{ A uint32 }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if abi, err := Load("./p", o); err != nil || abi.Record("x") == nil {
		t.Errorf("only the place of a package may be remembered: %v, %v", abi, err)
	}
}

func BenchmarkLoadForEveryTarget(b *testing.B) {
	for b.Loop() {
		for _, tg := range model.Targets() {
			if _, err := Load("github.com/fuseiomap/abigen/abi", Options{Target: tg}); err != nil {
				b.Fatal(err)
			}
		}
	}
}
