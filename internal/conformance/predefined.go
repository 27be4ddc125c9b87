// SPDX-License-Identifier: MIT

package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/cheader"
)

// Predefined compares the macros that we define before a header is read with
// clang's, as far as a header of the tree asks about them: what is defined, and
// where it is a number, its value and type. A condition that is decided
// otherwise than by clang would hide declarations. dir is a directory for
// temporary files.
func Predefined(c *Clang, t *Tree, dir string) ([]string, error) {
	names, err := asked(t)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for _, n := range names {
		fmt.Fprintf(&b, "#ifdef %s\n#define abigen_value_%s %s\n#endif\n", n, n, n)
	}
	text := b.String()
	abi, err := cheader.Parse("predefined.h", []byte(text), cheader.Options{Target: t.Target})
	if err != nil {
		return nil, err
	}
	wrong, _, err := c.Compare(t.Target, text, abi, dir)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "predefined.c")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, err
	}
	out, _, err := c.run(t.Target.Name, nil, []string{"-E", "-dM"}, file)
	if err != nil {
		return nil, err
	}
	theirs := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		if name, ok := strings.CutPrefix(line, "#define abigen_value_"); ok {
			name, _, _ = strings.Cut(name, " ")
			theirs[name] = true
		}
	}
	ours := map[string]bool{}
	for _, k := range abi.Constants {
		ours[strings.TrimPrefix(k.Name, "abigen_value_")] = true
	}
	for _, s := range abi.Skipped {
		ours[strings.TrimPrefix(s.Name, "abigen_value_")] = true
	}
	for _, n := range names {
		switch {
		case ours[n] && !theirs[n]:
			wrong = append(wrong, "macro "+n+" is defined before a header is read: not by clang")
		case !ours[n] && theirs[n]:
			wrong = append(wrong, "macro "+n+" is defined by clang before a header is read: not by us")
		}
	}
	return wrong, nil
}

// asked returns the identifiers in the conditions of a tree's headers, sorted.
func asked(t *Tree) ([]string, error) {
	seen := map[string]bool{}
	for _, h := range t.Headers {
		data, err := os.ReadFile(filepath.Join(t.Root, filepath.FromSlash(h)))
		if err != nil {
			return nil, err
		}
		text := strings.ReplaceAll(string(data), "\\\n", " ")
		for line := range strings.Lines(text) {
			line, ok := strings.CutPrefix(strings.TrimLeft(line, " \t"), "#")
			if line = strings.TrimLeft(line, " \t"); !ok || !strings.HasPrefix(line, "if") && !strings.HasPrefix(line, "elif") {
				continue
			}
			for _, w := range strings.FieldsFunc(line, func(r rune) bool {
				return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
			}) {
				if w[0] > '9' && !slices.Contains([]string{"if", "ifdef", "ifndef", "elif", "elifdef", "elifndef", "defined"}, w) {
					seen[w] = true
				}
			}
		}
	}
	names := make([]string, 0, len(seen))
	for n := range seen {
		if !strings.HasPrefix(n, "__has_") {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names, nil
}
