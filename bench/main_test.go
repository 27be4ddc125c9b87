// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func header(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("../headers/fuse_iomap_bpf.h")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The comparison is fair only while cgo is told of everything abigen finds.
func TestCgoIsAskedForTheWholeContract(t *testing.T) {
	// The third revision's additions are not in the default one.
	newer := map[string]bool{"FUSE_IOMAP_INVAL_TO_EOF": true, "fuse_range": true, "fuse_bpf_inode": true}
	for _, decl := range []*regexp.Regexp{
		regexp.MustCompile(`(?m)^#define (\w+)\t+\S`),
		regexp.MustCompile(`(?m)^(?:struct|enum) (\w+) \{`),
	} {
		found := decl.FindAllSubmatch(header(t), -1)
		if len(found) < 8 {
			t.Errorf("%s: %d matches in the header, want at least 8", decl, len(found))
		}
		for _, m := range found {
			name := string(m[1])
			if asked := strings.Contains(string(godefsInput), name); asked == newer[name] {
				t.Errorf("%s: asked for: %v, want %v", name, asked, !asked)
			}
			// Every record but one that is a member of others has a variable.
			if record := strings.HasPrefix(string(m[0]), "struct") && !newer[name] && name != "fuse_iomap_io"; record &&
				!strings.Contains(string(recordsInput), "\nstruct "+name+" ") {
				t.Errorf("%s: objects have no variable of it", name)
			}
		}
	}
}

func TestEveryEditFitsTheHeader(t *testing.T) {
	text := header(t)
	for _, e := range edits {
		edited, err := e.apply(text)
		if err != nil {
			t.Error(err)
		} else if string(edited) == string(text) {
			t.Errorf("%s: the header is as before", e.what)
		}
	}
	if _, err := (edit{what: "x", with: []string{"struct", "union"}}).apply(text); err == nil {
		t.Error("an edit of something that is there many times is accepted")
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

func TestReadingHeadersTellsWhatWasReadAndRefused(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.h": "#include <b.h>\nstruct a { b_t b; };\n", "b.h": "typedef int b_t;\n", "c.h": "struct c {\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	args := []string{"-read", "arm64", "-I", dir, filepath.Join(dir, "a.h"), filepath.Join(dir, "b.h"), filepath.Join(dir, "c.h")}
	if err := run(args, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	s, err := parseReadings(out.String())
	if err != nil || s.read != 2 || s.refused != 1 || s.median <= 0 {
		t.Errorf("%q: %+v, %v", out.String(), s, err)
	}
}

func TestTheTimeOfABenchmarkIsRead(t *testing.T) {
	out := "goos: linux\nBenchmarkAttachColdly-2  \t 5\t 9000000 ns/op\nBenchmarkAttachCold-2   \t      20\t 17500000 ns/op\t        46.98 best-ms\n"
	if ms, err := parseBenchmark(out, "AttachCold"); err != nil || ms != 17.5 {
		t.Errorf("%v, %v", ms, err)
	}
	for _, out := range []string{"PASS\n", "--- SKIP: BenchmarkAttachCold\n    x_test.go:1: no permission\nPASS\n"} {
		var not missing
		if _, err := parseBenchmark(out, "AttachCold"); !errors.As(err, &not) {
			t.Errorf("%q: %v", out, err)
		}
	}
}

func TestWhatIsPublishedIsTheWholeRun(t *testing.T) {
	for _, args := range [][]string{
		{"-markdown", "x", "-rows", "codec"},
		{"-readme", "x", "-rounds", "3"},
		{"-rounds", "1"},
		{"-rows", "no such row"},
		{"-rows", "("},
		{"codec"},
	} {
		if err := run(args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}

// A small run of rows that need Go alone.
func TestRowsAreMeasured(t *testing.T) {
	var out strings.Builder
	if err := run([]string{"-rows", "codec/(append|decode)$", "-rounds", "2"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Encoding and decoding records\n", "codec/append ", "codec/decode ", "wanted: at least 10.0×: ", "struct fuse_iomap_"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
