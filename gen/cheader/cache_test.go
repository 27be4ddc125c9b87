// SPDX-License-Identifier: MIT

package cheader

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
)

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestACacheChangesNothing reads headers that include the same files, for every
// target at once and twice, with one cache.
func TestACacheChangesNothing(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "types.h", "#pragma once\n/* a length */\ntypedef unsigned long len_t;\n#ifdef __LP64__\n#define WORD 8\n#else\n#define WORD 4\n#endif\n")
	write(t, dir, "twice.h", "#define CAT_(a, b) a##b\n#define CAT(a, b) CAT_(a, b)\nstruct CAT(twice_, __COUNTER__) { len_t n; };\n")
	var paths []string
	for i := range 8 {
		paths = append(paths, write(t, dir, fmt.Sprintf("h%d.h", i), fmt.Sprintf(
			"#include \"types.h\"\n#include \"twice.h\"\n#include \"twice.h\"\n#define W%d (WORD * %d)\nstruct s%d { len_t n; /* of it */ struct twice_1 t; char a[WORD]; };\n", i, i, i)))
	}
	var cache Cache
	var wg sync.WaitGroup
	for _, target := range model.Targets() {
		for _, path := range append(paths, paths...) {
			wg.Go(func() {
				want, err := ParseFile(path, Options{Target: target})
				if err != nil {
					t.Error(err)
					return
				}
				got, err := ParseFile(path, Options{Target: target, Cache: &cache})
				if err != nil {
					t.Error(err)
					return
				}
				var a, b bytes.Buffer
				if err := model.Encode(&a, want); err != nil {
					t.Error(err)
				}
				if err := model.Encode(&b, got); err != nil {
					t.Error(err)
				}
				if a.String() != b.String() {
					t.Errorf("%s, %s: with a cache %s, without %s", path, target.Name, b.String(), a.String())
				}
			})
		}
	}
	wg.Wait()
}

// TestACacheLooksAtAFileOnce: what it holds, and what was not there, stays for
// the run; a new one sees the change.
func TestACacheLooksAtAFileOnce(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, "a.h", "#if __has_include(\"b.h\")\n#define B 1\n#endif\n#define A 1\n")
	read := func(c *Cache) string {
		abi, err := ParseFile(path, Options{Target: model.Targets()[0], Cache: c})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, c := range abi.Constants {
			names = append(names, c.Name)
		}
		return strings.Join(names, " ")
	}
	var old Cache
	before := read(&old)
	write(t, dir, "a.h", "#if __has_include(\"b.h\")\n#define B 1\n#endif\n#define C 1\n")
	write(t, dir, "b.h", "")
	if got := read(&old); got != before || got != "A" {
		t.Errorf("the same cache has %q, then %q", before, got)
	}
	if got := read(new(Cache)); got != "B C" {
		t.Errorf("a new cache has %q, want B C", got)
	}
}

// TestAFullCacheStartsOver: no more than the limit is kept.
func TestAFullCacheStartsOver(t *testing.T) {
	dir := t.TempDir()
	c := Cache{max: 10_000}
	read := func(i, size int) {
		path := write(t, dir, fmt.Sprintf("%d.h", i), "/*"+strings.Repeat("x", size)+"*/\n")
		if _, err := ParseFile(path, Options{Target: model.Targets()[0], Cache: &c}); err != nil {
			t.Fatal(err)
		}
		if c.size > c.max {
			t.Errorf("%d bytes after %d files", c.size, i+1)
		}
	}
	for i := range 20 {
		read(i, 3000)
		if len(c.files) == 0 {
			t.Error("nothing is kept")
		}
	}
	if len(c.files) > 3 {
		t.Errorf("%d files are kept", len(c.files))
	}
	read(20, 20_000)
}

// TestALargeHeaderIsReadPartByPart: names declared in one part are types in the
// next, and a mistake behind the first has its place.
func TestALargeHeaderIsReadPartByPart(t *testing.T) {
	var b strings.Builder
	b.WriteString("typedef unsigned short half;\nstruct first { half h; };\nenum { COUNT = 3 };\n")
	line := 4
	for n := 0; n < 2*partTokens; n += 20 {
		fmt.Fprintf(&b, "struct s%d { half a[COUNT]; half *b; half half; };\n", line)
		line++
	}
	text := b.String() + "struct last { struct first f; half (*g)(half h); };\n"
	abi, err := Parse("l.h", []byte(text), Options{Target: model.Targets()[0]})
	if err != nil {
		t.Fatal(err)
	}
	if r := abi.Record("last"); r == nil || r.Size != 16 || r.Pos.Line != line {
		t.Errorf("struct last at line %d: %+v", line, r)
	}
	for bad, want := range map[string]string{
		"struct bad { half a; hafl b; };\n": fmt.Sprintf(`l.h:%d:22: type "hafl": unknown`, line),
		"struct bad { half a[-1]; };\n":     fmt.Sprintf("l.h:%d:20: array", line),
	} {
		_, err := Parse("l.h", []byte(b.String()+bad+"struct last { half h; };\n"), Options{Target: model.Targets()[0]})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
