// SPDX-License-Identifier: MIT

package main

import (
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// In each text the entry that is asked for is written "here".
func TestEntriesOfAConfigurationHaveTheirPlace(t *testing.T) {
	for _, c := range []struct{ text, key string }{
		{"here = 1\n", "here"},
		{"# here\n[a]\nhere = 1\n", "a here"},
		{"[a]\nx = [\n  \"y\", # here\n  'here',\n]\n", "a x [1]"},
		{"[a]\nx = [1, 2]\ny = [\"]\", \"here\"]\n", "a y [1]"},
		{"[[g]]\nhere = 1\n[[g]]\nhere = 2\n", "g [0] here"},
		{"[[g]]\nx = 1\n[[g]]\nhere = 2\n", "g [1] here"},
		{"[[g]]\n[[g]]\n[g.s]\nhere = 2\n", "g [1] s here"},
		{"[[g]]\n[[g.s]]\n[[g.s]]\nhere = 2\n", "g [0] s [1] here"},
		{"a = {x = 1, here = {y = 2}}\n", "a here"},
		{"a = {\"x.y\" = \"\\\"}\", here = 2}\n", "a here"},
		{"[a]\n\"b.c\" . d = 1\nhere = 2\n", "a here"},
		{"x = \"\"\"\nhere\n\\\"\"\"\"\"\nhere2 = 1\n'here' = 1\n", "here"},
		{"x = '''\n[[g]]\n'''\n[g]\nhere = 2021-01-01T00:00:00Z\n", "g here"},
		{"\r\n[ g ]\r\n\"here\" = 0x10 # =\r\n", "g here"},
	} {
		var content map[string]any
		if _, err := toml.Decode(c.text, &content); err != nil {
			t.Errorf("%q is not TOML: %v", c.text, err)
			continue
		}
		got, ok := tomlPlaces(c.text)[tomlKey(strings.Fields(c.key)...)]
		lines := strings.Split(c.text, "\n")
		if !ok || got.line > len(lines) || got.col > len(lines[got.line-1]) ||
			!strings.HasPrefix(strings.TrimLeft(lines[got.line-1][got.col-1:], `"'`), "here") {
			t.Errorf("%q: %s is at %v, %v", c.text, c.key, got, ok)
		}
	}
}

// Whatever the text is, the scanner comes to its end.
func FuzzPlaces(f *testing.F) {
	f.Add("[[a]]\nb = [1, {c = '''x'''}]\n")
	f.Add("\"\\")
	f.Add("[a")
	f.Add("a=[}")
	f.Add("\"")
	f.Fuzz(func(_ *testing.T, text string) {
		// Each entry has the keys of all around it, so what is nested without end
		// takes the square of its length; configurations are not.
		tomlPlaces(text[:min(len(text), 2048)])
	})
}
