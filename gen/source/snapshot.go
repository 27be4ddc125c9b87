// SPDX-License-Identifier: MIT

package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/near"
)

// openSnapshot reads the model of a snapshot, or the one asked for of a file
// that holds several.
func openSnapshot(_ context.Context, operand string, o Options) (*model.ABI, error) {
	path, name := splitSnapshot(operand)
	models, err := readSnapshot(path)
	if err != nil {
		return nil, err
	}
	return choose(path, models, name, o)
}

// splitSnapshot cuts FILE#SOURCE. A file whose own name has the character comes
// first.
func splitSnapshot(operand string) (path, name string) {
	if _, err := os.Stat(operand); err == nil {
		return operand, ""
	}
	path, name, _ = strings.Cut(operand, "#")
	return path, name
}

// ReadSnapshot reads every model of a file that abigen dump or abigen snapshot
// has written.
func ReadSnapshot(path string) ([]model.Locked, error) {
	models, err := readSnapshot(path)
	if err != nil {
		return nil, explain(err)
	}
	return models, nil
}

func readSnapshot(path string) ([]model.Locked, error) {
	if st, err := os.Stat(path); err == nil && st.Mode()&os.ModeDevice != 0 {
		// Reading it may never end.
		return nil, fmt.Errorf("%s: cannot be read: it is a device: name a file that abigen dump has written", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	models, err := model.DecodeAll(bytes.NewReader(text))
	var syntax *model.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("%s:%w: make one with abigen dump", path, err)
	case errors.Is(err, model.ErrNotSnapshot):
		return nil, fmt.Errorf("%s: %w: make one with abigen dump", path, err)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return models, nil
}

// choose returns the model that the name and the options mean. Where several
// targets are left and none was asked for, it is the one that headers are laid
// out for by default.
func choose(path string, models []model.Locked, name string, o Options) (*model.ABI, error) {
	var names, targets []string
	var left []model.Locked
	for _, m := range models {
		if !slices.Contains(names, m.Name()) {
			names = append(names, m.Name())
		}
		if name == "" || name == m.Spec || name == m.Source {
			left = append(left, m)
		}
	}
	if len(left) == 0 {
		return nil, fmt.Errorf("%w: snapshot:%s#%s: the file has no such source%s: choose one of %s", ErrSpec, path, name,
			near.Hint(name, names), strings.Join(names, ", "))
	}
	for _, m := range left {
		if m.Name() != left[0].Name() {
			return nil, fmt.Errorf("%w: snapshot:%s: the file has several sources: write snapshot:%s#SOURCE with one of %s", ErrSpec, path, path,
				strings.Join(names, ", "))
		}
		targets = append(targets, m.Target)
	}
	if len(left) == 1 {
		return left[0].ABI, nil
	}
	want := model.Targets()[0].Name
	if o.TargetSet {
		want = o.target().Name
	}
	for _, m := range left {
		if m.Target == want {
			return m.ABI, nil
		}
	}
	return nil, worded{fmt.Sprintf("snapshot:%s: it is not for %s: say --target with one of %s", path, want, strings.Join(targets, ", ")), ErrTarget}
}
