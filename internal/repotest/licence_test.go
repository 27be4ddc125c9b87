// SPDX-License-Identifier: MIT

package repotest

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	mit  = "MIT"
	gpl  = "GPL-2.0-only"
	dual = "GPL-2.0-only OR MIT"
)

// spdx matches the line that names a licence, within whatever comment the
// file's format has.
var spdx = regexp.MustCompile(`SPDX-License-Identifier: ([A-Za-z0-9.+ -]*[A-Za-z0-9.+])\s*(?:\*/|-->|--)?\s*$`)

// licenceLines is how far into a file the licence may stand: generated code and
// scripts begin with other things.
const licenceLines = 5

// licenceIn returns the licence that the head of a file names, or "".
func licenceIn(text []byte) string {
	lines := strings.SplitN(string(text[:min(len(text), 4096)]), "\n", licenceLines+1)
	for _, l := range lines[:min(len(lines), licenceLines)] {
		if m := spdx.FindStringSubmatch(strings.TrimRight(l, "\r")); m != nil {
			return m[1]
		}
	}
	return ""
}

// licenceOf returns the licence of a file. It stands in the file itself, in
// FILE.license beside it where the format has no comments, or in DIR.license
// beside a directory it is in, for directories whose every file is data (fuzz
// corpora may hold nothing else). The nearest one counts.
func licenceOf(t *testing.T, name string, all map[string]bool) string {
	t.Helper()
	if l := licenceIn([]byte(read(t, name))); l != "" {
		return l
	}
	for p := name; p != "."; p = path.Dir(p) {
		if all[p+".license"] {
			return licenceIn([]byte(read(t, p+".license")))
		}
	}
	return ""
}

// wantLicences returns the licences a file may have, by what it is.
func wantLicences(name string) []string {
	switch ext := path.Ext(strings.TrimSuffix(name, ".license")); {
	case ext == ".go":
		return []string{mit}
	// The contract's comments become Go documentation, so it can be taken under
	// either licence, and so can what is compiled from it.
	case strings.HasPrefix(name, "headers/") && slices.Contains([]string{".h", ".c", ".btf"}, ext):
		return []string{dual}
	// BPF programs and kernel modules call GPL-only functions.
	case strings.HasPrefix(name, "bpf/") && (ext == ".c" || ext == ".h"):
		return []string{gpl}
	}
	return []string{mit, gpl, dual}
}

func TestEveryFileNamesItsLicence(t *testing.T) {
	all := map[string]bool{}
	for _, f := range files(t) {
		all[f] = true
	}
	used := map[string]bool{}
	for _, f := range files(t) {
		if path.Dir(f) == "LICENSES" {
			continue
		}
		got, want := licenceOf(t, f, all), wantLicences(f)
		switch {
		case got == "":
			t.Errorf("%s: no licence: put \"SPDX-License-Identifier: %s\" into a comment in its first %d lines, or into %s.license",
				f, want[0], licenceLines, f)
		case !slices.Contains(want, got):
			t.Errorf("%s: licence is %q: want %s", f, got, strings.Join(want, ", or "))
		}
		for id := range strings.SplitSeq(got, " OR ") {
			used[id] = true
		}
		if owner, ok := strings.CutSuffix(f, ".license"); ok {
			if _, err := os.Stat(filepath.Join(root, owner)); err != nil {
				t.Errorf("%s: states the licence of %s, which does not exist", f, owner)
			}
		}
	}
	delete(used, "")
	for id := range used {
		if !all["LICENSES/"+id+".txt"] {
			t.Errorf("LICENSES/%s.txt: missing, though files stand under it", id)
		}
	}
	for f := range all {
		if path.Dir(f) == "LICENSES" && !used[strings.TrimSuffix(path.Base(f), ".txt")] {
			t.Errorf("%s: no file stands under it", f)
		}
	}
}

func TestLicenceIsReadFromEveryKindOfComment(t *testing.T) {
	for text, want := range map[string]string{
		"// SPDX-License-Identifier: MIT\n":                                 mit,
		"/* SPDX-License-Identifier: GPL-2.0-only OR MIT */\n":              dual,
		"#!/bin/sh\n# SPDX-License-Identifier: MIT\r\n":                     mit,
		"<!-- SPDX-License-Identifier: MIT -->\n":                           mit,
		"SPDX-License-Identifier: GPL-2.0-only":                             gpl,
		"a\nb\nc\nd\ne\n// SPDX-License-Identifier: MIT\n":                  "",
		"the line \"SPDX-License-Identifier: MIT\" must be in every file\n": "",
		"// SPDX-License-Identifier:\n":                                     "",
		"":                                                                  "",
	} {
		if got := licenceIn([]byte(text)); got != want {
			t.Errorf("licenceIn(%q) = %q, want %q", text, got, want)
		}
	}
}
