// SPDX-License-Identifier: MIT

package gopkg

import (
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strconv"
	"testing"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// newPackage makes a package of files in the directory /d.
func newPackage(t *testing.T, files map[string]string) *Package {
	t.Helper()
	p := &Package{Path: "example.org/p", Fset: token.NewFileSet()}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f := File{Path: path.Join("/d", name), Text: []byte(files[name])}
		var err error
		if f.Syntax, err = parser.ParseFile(p.Fset, f.Path, f.Text, parser.ParseComments); err != nil {
			t.Fatal(err)
		}
		p.Files = append(p.Files, f)
	}
	return p
}

func TestOpenFindsThePackagesOfADirectory(t *testing.T) {
	module(t, map[string]string{
		"go.mod":          goMod,
		"p/a.go":          "package p\n\nimport \"example.org/m/q\"\n\n//abigen:record x\ntype X struct{ Q q.Q; A uintptr }\n",
		"p/a_test.go":     "package p\n\nimport \"math/rand/v2\"\n\ntype random struct{ *rand.Rand }\n\n//abigen:record y\ntype Y struct{ A int }\n",
		"p/x_test.go":     "package p_test\n\nimport \"example.org/m/q\"\n\n//abigen:record z\ntype Z struct{ A q.Q }\n",
		"p/only_arm.go":   "package p\n\nimport \"example.org/m/arm\"\n\n//abigen:record w\ntype W struct{ A arm.A }\n",
		"p/_ignored.go":   "package other\n",
		"q/q.go":          "package q\n\n//abigen:record q\ntype Q struct{ V uint32 }\n",
		"arm/arm.go":      "package arm\n\ntype A uint16\n",
		"broken/a.go":     "package broken\nfunc {\n",
		"empty/readme.md": "",
	})
	packages, err := Open("p", "example.org/m/p")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ path, amd64, arm string }{
		{"example.org/m/p", "x: 0 4 q struct q\n8 8 a u64\ny: 0 8 a s64\n", "x: 0 4 q struct q\n4 4 a u32\ny: 0 4 a s32\nw: 0 2 a u16\n"},
		{"example.org/m/p_test", "z: 0 4 a struct q\n", "z: 0 4 a struct q\n"},
	} {
		p := packages[i]
		if p.Path != want.path {
			t.Errorf("package %d is %s", i, p.Path)
		}
		for name, want := range map[string]string{"amd64": want.amd64, "arm": want.arm} {
			r, err := p.Read(Options{Target: target(t, name)})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, r := range r.ABI.Records {
				got += r.Name + ": " + members(r)
			}
			if got != want {
				t.Errorf("%s on %s:\n%s", p.Path, name, got)
			}
		}
	}
	if _, err := Open("broken", "example.org/m/broken"); err == nil {
		t.Error("a file that does not parse is an error")
	}
	if packages, err := Open("empty", "example.org/m/empty"); err != nil || len(packages) != 0 {
		t.Errorf("%v, %v", packages, err)
	}
}
