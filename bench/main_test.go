// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestQuartilesLieBetweenTheValues(t *testing.T) {
	for _, c := range []struct {
		in   []time.Duration
		want [3]time.Duration
	}{
		{[]time.Duration{5}, [3]time.Duration{5, 5, 5}},
		{[]time.Duration{40, 10, 30, 20, 50}, [3]time.Duration{20, 30, 40}},
		{[]time.Duration{8, 0}, [3]time.Duration{2, 4, 6}},
	} {
		for n := 1; n <= 3; n++ {
			if got := quantile(c.in, n); got != c.want[n-1] {
				t.Errorf("quantile(%v, %d) = %v, want %v", c.in, n, got, c.want[n-1])
			}
		}
	}
}

// The comparison is fair only while cgo is told of everything abigen finds.
func TestCgoIsAskedForTheWholeContract(t *testing.T) {
	header, err := os.ReadFile("../headers/fuse_iomap_bpf.h")
	if err != nil {
		t.Fatal(err)
	}
	// The third revision's additions are not in the default one.
	newer := map[string]bool{"FUSE_IOMAP_INVAL_TO_EOF": true, "fuse_range": true, "fuse_bpf_inode": true}
	for _, decl := range []*regexp.Regexp{
		regexp.MustCompile(`(?m)^#define (\w+)\t+\S`),
		regexp.MustCompile(`(?m)^(?:struct|enum) (\w+) \{`),
	} {
		found := decl.FindAllSubmatch(header, -1)
		if len(found) < 8 {
			t.Errorf("%s: %d matches in the header, want at least 8", decl, len(found))
		}
		for _, m := range found {
			name := string(m[1])
			if asked := strings.Contains(string(godefsInput), name); asked == newer[name] {
				t.Errorf("%s: asked for: %v, want %v", name, asked, !asked)
			}
		}
	}
}
