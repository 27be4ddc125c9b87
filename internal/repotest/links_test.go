// SPDX-License-Identifier: MIT

package repotest

import (
	"path"
	"regexp"
	"strings"
	"testing"
)

var link = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]+)\)`)

// anchor returns the fragment that leads to a heading.
func anchor(heading string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.TrimLeft(heading, "# ")) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == '-', r == '_', r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		}
	}
	return b.String()
}

func TestLinksOfDocumentsLeadSomewhere(t *testing.T) {
	exists := map[string]bool{}
	for _, f := range files(t) {
		for p := f; p != "."; p = path.Dir(p) {
			exists[p] = true
		}
	}
	for _, doc := range documents(t) {
		_, lines := fences(read(t, doc))
		for i, l := range lines {
			for _, m := range link.FindAllStringSubmatch(l, -1) {
				if strings.Contains(m[1], "://") {
					continue
				}
				target, fragment, _ := strings.Cut(m[1], "#")
				file := doc
				if target != "" {
					file = path.Join(path.Dir(doc), target)
				}
				if !exists[file] {
					t.Errorf("%s:%d: the link to %s leads nowhere", doc, i+1, m[1])
					continue
				}
				if fragment == "" {
					continue
				}
				_, there := fences(read(t, file))
				found := false
				for _, h := range there {
					found = found || strings.HasPrefix(h, "#") && anchor(h) == fragment
				}
				if !found {
					t.Errorf("%s:%d: %s has no heading for the link to %s", doc, i+1, file, m[1])
				}
			}
		}
	}
}
