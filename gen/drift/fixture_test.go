// SPDX-License-Identifier: MIT

package drift_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
)

var update = flag.Bool("update", false, "rewrite what the fixtures expect")

// fixture is a file of testdata. Its comment holds options, one a line:
//
//	profile: loader            the profile, default is automatic
//	old: program               the old side: contract, program, kernel, go
//	new: kernel                the new side
//	registered: ops            struct_ops types the new side has registered
//	old-registered: ops        struct_ops types the old side has registered
//	relocated: inode.ino       members the old side reads by CO-RE
//	guards: fuse_bpf_inode     records the old side tests for
//	target-old: amd64          the old side's target, default is bpfel
//
// each again with "same-" for the pair that must not trip the rule.
type fixture struct {
	path    string
	archive *txtar.Archive
	options map[string]string
}

func readFixture(t *testing.T, path string) *fixture {
	t.Helper()
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{path: path, archive: a, options: map[string]string{}}
	for line := range strings.Lines(string(a.Comment)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			t.Fatalf("%s: option %q: no colon", path, line)
		}
		f.options[key] = strings.TrimSpace(value)
	}
	return f
}

func (f *fixture) has(name string) bool {
	return slices.ContainsFunc(f.archive.Files, func(x txtar.File) bool { return x.Name == name })
}

func (f *fixture) file(t *testing.T, name string) string {
	t.Helper()
	for _, x := range f.archive.Files {
		if x.Name == name {
			return string(x.Data)
		}
	}
	t.Fatalf("%s: no file %s", f.path, name)
	return ""
}

// compare runs the pair whose file names begin with prefix.
func (f *fixture) compare(t *testing.T, prefix string) drift.Result {
	t.Helper()
	return f.compareText(t, prefix, f.file(t, prefix+"old.h"), f.file(t, prefix+"new.h"))
}

func (f *fixture) compareText(t *testing.T, prefix, old, now string) drift.Result {
	t.Helper()
	o := viewOf(f.options, prefix, "old").parse(t, "old.h", old)
	n := viewOf(f.options, prefix, "new").parse(t, "new.h", now)
	return drift.Compare(o, n, drift.Options{Profile: drift.Profile(f.options[prefix+"profile"])})
}

// golden compares the rendered result with the file, or rewrites it.
func (f *fixture) golden(t *testing.T, name string, r drift.Result) {
	t.Helper()
	got := render(r)
	for i := range f.archive.Files {
		x := &f.archive.Files[i]
		if x.Name != name {
			continue
		}
		if diff := cmp.Diff(string(x.Data), got); diff != "" && !*update {
			t.Errorf("%s: %s (-want +got; -update rewrites it):\n%s", f.path, name, diff)
		}
		x.Data = []byte(got)
		return
	}
	t.Errorf("%s: no file %s", f.path, name)
}

func (f *fixture) save(t *testing.T) {
	t.Helper()
	if *update {
		if err := os.WriteFile(f.path, txtar.Format(f.archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// render prints a result for people to review.
func render(r drift.Result) string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s %s %s (%s)\n\t%s\n\told %s\n\tnew %s\n", f.Severity, f.Rule, f.Subject, f.Profile, f.Message, f.Old, f.New)
		for _, c := range f.Consequences {
			fmt.Fprintf(&b, "\t+ %s\n", c)
		}
		if f.Witness != nil {
			fmt.Fprintf(&b, "\t= %s\n", f.Witness.Text)
		}
		if f.Pos.IsValid() {
			fmt.Fprintf(&b, "\tat %s\n", f.Pos)
		}
	}
	for _, u := range r.Unchecked {
		fmt.Fprintf(&b, "unchecked %s: %s\n\t%s\n", u.Evidence, u.Reason, strings.Join(u.Subjects, " "))
	}
	return b.String()
}

func trips(r drift.Result, rule string) bool {
	return slices.ContainsFunc(r.Findings, func(f drift.Finding) bool { return f.Rule == rule })
}

func TestEveryRuleHasFixturesThatTripItAndThatDoNot(t *testing.T) {
	var ids []string
	for _, rule := range drift.Rules() {
		ids = append(ids, rule.ID)
		t.Run(rule.ID, func(t *testing.T) {
			f := readFixture(t, filepath.Join("testdata", "rules", rule.ID+".txtar"))
			result := f.compare(t, "")
			if !trips(result, rule.ID) {
				t.Errorf("%s: old.h against new.h must trip it:\n%s", f.path, render(result))
			}
			f.golden(t, "want", result)
			if same := f.compare(t, "same-"); trips(same, rule.ID) {
				t.Errorf("%s: same-old.h against same-new.h must not trip it:\n%s", f.path, render(same))
			} else {
				f.golden(t, "same-want", same)
			}
			f.save(t)
			example := f.compareText(t, "", rule.Before, rule.After)
			if !trips(example, rule.ID) {
				t.Errorf("the example in the rule's documentation does not trip it:\n%s", render(example))
			}
		})
	}
	files, err := filepath.Glob(filepath.Join("testdata", "rules", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if id := strings.TrimSuffix(filepath.Base(path), ".txtar"); !slices.Contains(ids, id) {
			t.Errorf("%s: there is no rule %s", path, id)
		}
	}
}

// The cases are what no single rule owns: root causes with consequences, sides
// of other kinds, and what the evidence cannot show.
func TestCases(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "cases", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			f := readFixture(t, path)
			f.golden(t, "want", f.compare(t, ""))
			f.save(t)
		})
	}
}

func TestAModelDoesNotDifferFromItself(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		f := readFixture(t, path)
		for _, prefix := range []string{"", "same-"} {
			for _, which := range []string{"old", "new"} {
				if !f.has(prefix + which + ".h") {
					continue
				}
				v := viewOf(f.options, prefix, which)
				text := f.file(t, prefix+which+".h")
				a, b := v.parse(t, "a.h", text), v.parse(t, "a.h", text)
				for _, r := range []*model.ABI{a, b} {
					for _, ops := range r.Records {
						ops.Registered = ops.IsOps()
					}
				}
				for _, p := range append(drift.Profiles(), drift.Auto) {
					if r := drift.Compare(a, b, drift.Options{Profile: p}); len(r.Findings) > 0 {
						t.Errorf("%s: %s%s.h differs from itself under profile %q:\n%s", path, prefix, which, p, render(r))
					}
				}
				if score, findings := drift.Score(a, b); score != 0 {
					t.Errorf("%s: %s%s.h is %d away from itself: %v", path, prefix, which, score, findings)
				}
			}
		}
	}
}
