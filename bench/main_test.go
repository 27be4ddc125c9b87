// SPDX-License-Identifier: MIT

package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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

func TestWhatClangSaysOfItselfIsRead(t *testing.T) {
	dirs := parseSearchList("#include \"...\" search starts here:\n#include <...> search starts here:\n /a/b\n /usr/include\nEnd of search list.\n")
	if want := []string{"/a/b", "/usr/include"}; !slices.Equal(dirs, want) {
		t.Errorf("search list %q, want %q", dirs, want)
	}
	argv, err := parseFrontend("version\n (in-process)\n \"/bin/clang\" \"-cc1\" \"-main-file-name\" \"x.h\" \"-D\" \"A=\\\"b c\\\"\" \"/x.h\"\n")
	if want := []string{"/bin/clang", "-cc1", "-D", `A="b c"`}; err != nil || !slices.Equal(argv, want) {
		t.Errorf("front end %q, %v, want %q", argv, err, want)
	}
	if _, err := parseFrontend("no command"); err == nil {
		t.Error("no command is accepted")
	}
}

func TestASweepReportsWhatItReadAndRefused(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.h": "#include <b.h>\nstruct a { b_t b; };\n", "b.h": "typedef int b_t;\n", "c.h": "struct c {\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	args := []string{"-sweep", "arm64", "-I", dir, filepath.Join(dir, "a.h"), filepath.Join(dir, "b.h"), filepath.Join(dir, "c.h")}
	if err := run(args, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	s, err := parseSummary(out.String())
	if err != nil || s.read != 2 || s.refused != 1 || s.median <= 0 {
		t.Errorf("%q: %+v, %v", out.String(), s, err)
	}
}
