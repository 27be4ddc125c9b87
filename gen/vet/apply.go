// SPDX-License-Identifier: MIT

package vet

import (
	"fmt"
	"go/format"
	"slices"
)

// Fixed returns the files of a package as they are once all fixes are carried
// out, by path. The text is not formatted.
func (r *Result) Fixed() (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, file := range r.pkg.Files {
		whole := &Fix{}
		var done []*Fix
		for _, f := range r.Findings {
			if f.Fix == nil || slices.Contains(done, f.Fix) || f.Fix.Edits[0].Pos < file.Syntax.FileStart || f.Fix.Edits[0].Pos > file.Syntax.FileEnd {
				continue
			}
			done = append(done, f.Fix)
			whole.Edits = append(whole.Edits, f.Fix.Edits...)
		}
		if len(done) == 0 {
			continue
		}
		slices.SortStableFunc(whole.Edits, func(a, b Edit) int { return int(a.Pos - b.Pos) })
		text, err := whole.Apply(r.pkg.Fset, file)
		if err != nil {
			return nil, err
		}
		if out[file.Path], err = format.Source(text); err != nil {
			return nil, fmt.Errorf("%s: the fixed file does not parse: %w", file.Path, err)
		}
	}
	return out, nil
}
