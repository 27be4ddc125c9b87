// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"strings"
)

// What stands around the rows in README.md.
const (
	frontBegin = "<!-- From BENCHMARKS.md, by make bench. -->\n"
	frontEnd   = "<!-- End of what make bench has written. -->\n"
)

// updateFront writes the rows for the front page into a document.
func updateFront(path string, d Document) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	out, err := withFront(string(text), d)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, []byte(out), 0o644)
}

func withFront(text string, d Document) (string, error) {
	before, after, err := aroundFront(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(before)
	b.WriteString(tableHead)
	for _, s := range d.Sections {
		for _, r := range s.Rows {
			if r.Front {
				fmt.Fprintln(&b, markdownRow(r))
			}
		}
	}
	b.WriteString(after)
	return b.String(), nil
}

// aroundFront cuts a document at what make bench has written.
func aroundFront(text string) (before, after string, err error) {
	i, j := strings.Index(text, frontBegin), strings.Index(text, frontEnd)
	if i < 0 || j < i {
		return "", "", fmt.Errorf("no lines %q and %q around the figures", strings.TrimSpace(frontBegin), strings.TrimSpace(frontEnd))
	}
	return text[:i+len(frontBegin)], text[j:], nil
}
