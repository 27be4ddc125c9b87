// SPDX-License-Identifier: MIT

package gosrc

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
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

func TestGeneratedSource(t *testing.T) {
	for _, c := range goldenCases(t) {
		t.Run(c.name, func(t *testing.T) {
			got, err := Generate(c.config, c.models)
			if err != nil {
				t.Fatal(err)
			}
			again, err := Generate(c.config, c.models)
			if err != nil || !reflect.DeepEqual(got, again) {
				t.Errorf("the second run differs from the first (%v)", err)
			}
			if *update {
				c.archive.Files = slices.DeleteFunc(c.archive.Files, func(f txtar.File) bool { return strings.HasPrefix(f.Name, "want") })
				for _, f := range got {
					c.archive.Files = append(c.archive.Files, txtar.File{Name: FileName("want.go", f.GOARCH), Data: f.Source})
				}
				if err := os.WriteFile(c.path, txtar.Format(c.archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, have := map[string]string{}, map[string]string{}
			for _, f := range c.archive.Files {
				if strings.HasPrefix(f.Name, "want") {
					want[f.Name] = string(f.Data)
				}
			}
			for _, f := range got {
				have[FileName("want.go", f.GOARCH)] = string(f.Source)
			}
			if diff := cmp.Diff(want, have); diff != "" {
				t.Errorf("differs from %s (-want +got); -update accepts it:\n%s", c.path, diff)
			}
		})
	}
}
