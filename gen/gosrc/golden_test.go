// SPDX-License-Identifier: MIT

package gosrc

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/fuseiomap/abigen/gen/model"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata")

// goldenCase is one file of testdata: config.toml, model, perhaps targets, and
// want.go, with want_GOARCH.go where the targets differ. A file that is not named
// is empty; no targets are all of them.
type goldenCase struct {
	name    string
	config  Config
	models  []*model.ABI
	archive *txtar.Archive
	path    string
}

func (c *goldenCase) file(name string) *txtar.File {
	for i := range c.archive.Files {
		if c.archive.Files[i].Name == name {
			return &c.archive.Files[i]
		}
	}
	return &txtar.File{Name: name}
}

func goldenCases(t *testing.T) []*goldenCase {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases in testdata (%v)", err)
	}
	var cases []*goldenCase
	for _, path := range paths {
		ar, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c := &goldenCase{name: strings.TrimSuffix(filepath.Base(path), ".txtar"), archive: ar, path: path}
		md, err := toml.Decode(string(c.file("config.toml").Data), &c.config)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if keys := md.Undecoded(); len(keys) > 0 {
			t.Fatalf("%s: config.toml: unknown keys %v", path, keys)
		}
		c.models = parseModels(t, string(c.file("model").Data), strings.Fields(string(c.file("targets").Data))...)
		cases = append(cases, c)
	}
	return cases
}

// isWant reports whether f is output.
func isWant(f txtar.File) bool { return strings.HasPrefix(f.Name, "want") }

func TestGeneratedSource(t *testing.T) {
	for _, c := range goldenCases(t) {
		t.Run(c.name, func(t *testing.T) {
			got, again := generatedFiles(t, c), generatedFiles(t, c)
			if diff := cmp.Diff(got, again); diff != "" {
				t.Errorf("the second run differs from the first:\n%s", diff)
			}
			if *update {
				c.archive.Files = slices.DeleteFunc(c.archive.Files, isWant)
				for _, f := range got {
					c.archive.Files = append(c.archive.Files, txtar.File{Name: FileName("want.go", f.GOARCH), Data: f.Source})
				}
				if err := os.WriteFile(c.path, txtar.Format(c.archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			files := 0
			for _, f := range c.archive.Files {
				if isWant(f) {
					files++
				}
			}
			if files != len(got) {
				t.Errorf("%d files, want %d; -update accepts it", len(got), files)
			}
			for _, f := range got {
				want := c.file(FileName("want.go", f.GOARCH))
				if diff := cmp.Diff(string(want.Data), string(f.Source)); diff != "" {
					t.Errorf("differs from %s in %s (-want +got); -update accepts it:\n%s", want.Name, c.path, diff)
				}
			}
		})
	}
}
