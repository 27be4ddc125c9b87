// SPDX-License-Identifier: MIT

package check

import (
	"context"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

// Diff compares two sources: old is what was compiled against, new what runs.
//
// Where no target was chosen, a source that brings its own decides for the
// other one too. A header beside a Go package is taken as Go code on the target
// must see it.
func Diff(ctx context.Context, oldSpec, newSpec string, p drift.Profile, o source.Options) (*Report, error) {
	older, newer, err := OpenPair(ctx, oldSpec, newSpec, o)
	if err != nil {
		return nil, err
	}
	c := Comparison{Source: newSpec, Old: oldSpec, New: newSpec}
	c.set([]outcome{{older.Target, drift.Compare(older, newer, drift.Options{Profile: p})}})
	return &Report{Comparisons: []Comparison{c}}, nil
}

// OpenPair opens two sources so that they can be compared, as [Diff] says.
func OpenPair(ctx context.Context, oldSpec, newSpec string, o source.Options) (older, newer *model.ABI, err error) {
	first, second := oldSpec, newSpec
	if !o.TargetSet && !source.BringsTarget(oldSpec) && source.BringsTarget(newSpec) {
		first, second = newSpec, oldSpec
	}
	a, err := source.Open(ctx, first, o)
	if err != nil {
		return nil, nil, err
	}
	if !o.TargetSet && source.BringsTarget(first) && !source.BringsTarget(second) {
		if o.Target, err = model.TargetByName(a.Target); err != nil {
			return nil, nil, err
		}
		o.TargetSet = true
	}
	b, err := source.Open(ctx, second, o)
	if err != nil {
		return nil, nil, err
	}
	if a.Side == model.SideGo && b.Side == model.SideContract {
		b, err = source.OpenHost(ctx, second, o)
	}
	if err == nil && b.Side == model.SideGo && a.Side == model.SideContract {
		a, err = source.OpenHost(ctx, first, o)
	}
	if first == newSpec && second == oldSpec {
		a, b = b, a
	}
	return a, b, err
}
