// SPDX-License-Identifier: MIT

package gosrc

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/fuseiomap/abigen/gen/model"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata")

// goldenCase is one file of testdata: config.toml, model, perhaps targets, and
// want.go. A file that is not named is empty; no targets are all of them.
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
			if err != nil || !bytes.Equal(got, again) {
				t.Errorf("the second run differs from the first (%v)", err)
			}
			want := c.file("want.go")
			if *update {
				if want.Data == nil {
					c.archive.Files = append(c.archive.Files, txtar.File{Name: "want.go", Data: got})
				} else {
					want.Data = got
				}
				if err := os.WriteFile(c.path, txtar.Format(c.archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(want.Data), string(got)); diff != "" {
				t.Errorf("differs from %s (-want +got); -update accepts it:\n%s", c.path, diff)
			}
		})
	}
}
