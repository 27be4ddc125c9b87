// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
)

func TestNoModelIsAnError(t *testing.T) {
	if _, err := Generate(Config{Package: "p"}, nil); err == nil {
		t.Error("no error")
	}
}

func TestAnEmptyModelGivesAnEmptyPackage(t *testing.T) {
	files, err := Generate(Config{Package: "p"}, parseModels(t, ""))
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	if f := parseGo(t, files[0].Source); len(f.Decls) != 0 {
		t.Errorf("declarations in\n%s", files[0].Source)
	}
}

// Every name of the source is in the Go file, as what it stands for or in the
// list of what is missing.
func TestNothingIsDroppedSilently(t *testing.T) {
	for _, c := range goldenCases(t) {
		out, err := Build(c.config, c.models)
		if err != nil {
			t.Fatal(err)
		}
		said := map[string]bool{}
		for _, file := range out.Files {
			inGo := map[string]bool{}
			f := parseGo(t, file.Source)
			for _, name := range recordNames(f) {
				inGo[name] = true
			}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.Comment:
					for _, verb := range []string{"enum", "constant"} {
						if name, ok := strings.CutPrefix(n.Text, "//abigen:"+verb+" "); ok {
							inGo[name] = true
						}
					}
				case *ast.ValueSpec:
					inGo[n.Names[0].Name] = true
				}
				return true
			})
			for _, name := range file.Names {
				if said[name] = true; !inGo[name] {
					t.Errorf("%s: the file for GOARCH %q claims to declare %s", c.name, file.GOARCH, name)
				}
			}
		}
		_, tail, ok := strings.Cut(string(out.Files[0].Source), "\n// Not in this file:\n")
		if !ok {
			_, tail, _ = strings.Cut(string(out.Files[0].Source), "\n// Not in this package:\n")
		}
		for _, s := range out.Skipped {
			said[s.Name] = true
			if !strings.Contains(tail, s.Name+": ") {
				t.Errorf("%s: %s is returned as skipped but not in the file", c.name, s.Name)
			}
			if s.Reason == "" {
				t.Errorf("%s: %s is skipped without a reason", c.name, s.Name)
			}
		}
		silent := map[string]bool{}
		for _, a := range c.models {
			for _, name := range declared(a) {
				if !said[name] {
					silent[name] = true
				}
			}
		}
		if len(silent) != out.Outside {
			t.Errorf("%s: %d declarations are counted as not asked for, but not said are %v", c.name, out.Outside, silent)
		}
		if out.Outside > 0 && !strings.Contains(tail, "the configuration does not ask for") {
			t.Errorf("%s: the file does not say that declarations are outside", c.name)
		}
	}
}

// declared returns every name that a declares. An enum speaks for its
// enumerators.
func declared(a *model.ABI) []string {
	var names []string
	for _, r := range a.Records {
		names = append(names, r.Name)
	}
	for _, e := range a.Enums {
		if e.Name != "" {
			names = append(names, e.Name)
			continue
		}
		for _, v := range e.Values {
			names = append(names, v.Name)
		}
	}
	for _, k := range a.Constants {
		names = append(names, k.Name)
	}
	for _, p := range a.Prototypes {
		if p.Role != model.Callback {
			names = append(names, p.Name)
		}
	}
	for _, s := range a.Skipped {
		names = append(names, s.Name)
	}
	return names
}

func TestOutputDoesNotDependOnTheOrderOfTargetsButInItsHead(t *testing.T) {
	for _, c := range goldenCases(t) {
		reversed := slices.Clone(c.models)
		slices.Reverse(reversed)
		a := generatedFiles(t, c)
		b, err := Generate(c.config, reversed)
		if err != nil {
			t.Fatal(err)
		}
		if len(a) > 1 {
			continue // what the targets have of their own is in their order
		}
		if got, want := body(b[0].Source), body(a[0].Source); got != want {
			t.Errorf("%s: differs with the targets reversed:\n%s", c.name, got)
		}
	}
}

// body returns the source from the package clause on.
func body(src []byte) string {
	_, s, _ := strings.Cut(string(src), "\npackage ")
	return s
}

// As many constants as there are numbers to hold them, and as many flags as
// there are bits.
func TestLargeGroups(t *testing.T) {
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, "const K_%d | %d | int | %d\n", i, i, i)
	}
	for i := range 64 {
		fmt.Fprintf(&b, "const F_%d | %d | unsigned long long | 1ULL << %d\n", i, uint64(1)<<i, i)
	}
	for i := range 100 {
		fmt.Fprintf(&b, "struct s%d 8 8\n\t0 | a | u64 | __u64\n", i)
	}
	files, err := Generate(Config{Package: "p", Groups: []Group{
		{Name: "K", Base: "uint16", Prefix: "K_"}, {Name: "F", Base: "uint64", Kind: Flags, Prefix: "F_"},
	}}, parseModels(t, b.String(), "amd64", "386"))
	if err != nil {
		t.Fatal(err)
	}
	if _, errs := typeCheck("amd64", parseGo(t, files[0].Source)); len(errs) > 0 {
		t.Error(errs[0])
	}
}
