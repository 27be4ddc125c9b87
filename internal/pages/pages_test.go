// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// maxShot is what a screenshot may weigh in a clone, in bytes.
const maxShot = 300 << 10

func TestScreenshotsAreShownAndSmall(t *testing.T) {
	dir := filepath.Join("..", "..", "docs", "images")
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	taken := map[string]bool{}
	for _, s := range shots {
		taken[s.file] = true
		if !slices.ContainsFunc(gallery, func(p page) bool { return p.name == s.page }) {
			t.Errorf("%s: there is no page %s", s.file, s.page)
		}
		if !bytes.Contains(readme, []byte("](docs/images/"+s.file+")")) {
			t.Errorf("README.md does not show %s", s.file)
		}
		text, err := os.ReadFile(filepath.Join(dir, s.file))
		if err != nil {
			t.Errorf("%v: make screenshots", err)
			continue
		}
		c, err := png.DecodeConfig(bytes.NewReader(text))
		if err != nil || c.Width != int(float64(s.view.width)*s.view.scale) {
			t.Errorf("%s is %d pixels wide, want %g times %d: %v: make screenshots", s.file, c.Width, s.view.scale, s.view.width, err)
		}
		if len(text) > maxShot {
			t.Errorf("%s has %d bytes, more than %d", s.file, len(text), maxShot)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.png"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !taken[filepath.Base(f)] {
			t.Errorf("%s: nothing takes it", f)
		}
	}
}

func TestPagesHaveNamesOfTheirOwn(t *testing.T) {
	names := map[string]bool{}
	for _, p := range gallery {
		if names[p.name] || strings.ContainsAny(p.name, "/ ") {
			t.Errorf("%q is there twice or is no file's name", p.name)
		}
		names[p.name] = true
	}
}
