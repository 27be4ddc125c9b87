// SPDX-License-Identifier: MIT

package check

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

// Identity is the known revision that a source speaks.
type Identity struct {
	// Names are the revisions or other embedded interfaces that come nearest,
	// several where the evidence does not tell them apart.
	Names []string
	// Exact tells that there are Names and the source does not differ from any
	// of them.
	Exact bool
	// Findings is in what it differs from the first of Names.
	Findings []drift.Finding
}

// String returns "R3", "R1 or R2", "nearest R2", or "unknown" where nothing is
// near.
func (id Identity) String() string {
	if len(id.Names) == 0 {
		return "unknown"
	}
	s := strings.Join(id.Names, " or ")
	if !id.Exact {
		return "nearest " + s
	}
	return s
}

// Identify compares a with every embedded revision, and with the other
// interfaces, and returns the nearest. It looks at what is declared, not at
// what it is called.
func Identify(ctx context.Context, a *model.ABI) (Identity, error) {
	return newOpener().identify(ctx, a)
}

func (op *opener) identify(ctx context.Context, a *model.ABI) (Identity, error) {
	t, err := model.TargetByName(a.Target)
	if err != nil {
		return Identity{}, fmt.Errorf("%s: %w", a.Source, err)
	}
	known, err := op.references(ctx, t)
	if err != nil {
		return Identity{}, err
	}
	var names []string
	var refs []*model.ABI
	for _, r := range known {
		names, refs = append(names, r.name), append(refs, r.ABI)
	}
	declared := map[string]bool{}
	for _, ref := range refs {
		if ref.Side == model.SideContract {
			for _, r := range ref.Records {
				declared[r.Name] = true
			}
		}
	}
	a = withoutForeign(a, declared)
	var id Identity
	best, most := -1, 0
	for i, ref := range refs {
		shared := inCommon(a, ref)
		if shared == 0 {
			continue
		}
		score, findings := drift.Score(a, withoutForeign(ref, declared))
		switch {
		case best < 0 || score < best || score == best && shared > most:
			best, most = score, shared
			id = Identity{Names: []string{names[i]}, Exact: score == 0, Findings: findings}
		case score == best && shared == most:
			id.Names = append(id.Names, names[i])
		}
	}
	return id, nil
}

// inCommon counts the records and functions of one name that two sources have.
// A program may have so little of its own that it differs from nothing; what it
// shares with a revision tells whose it is.
func inCommon(a, ref *model.ABI) int {
	n := 0
	for _, r := range a.Records {
		if r.Name != "" && ref.Record(r.Name) != nil {
			n++
		}
	}
	for _, p := range a.Prototypes {
		if p.Role != model.Callback && ref.Prototype(p.Name) != nil {
			n++
		}
	}
	return n
}

// knownNames matches what the contract and every known revision declare, so
// that of a kernel's hundred thousand types only those are read.
func (r *run) knownNames(ctx context.Context, contract *model.ABI) (*regexp.Regexp, error) {
	names := map[string]bool{}
	add := func(a *model.ABI) {
		for _, n := range declaredNames(a) {
			names[n] = true
		}
	}
	add(contract)
	for _, rev := range source.Revisions() {
		a, err := r.open(ctx, "embedded:"+rev, source.Options{Target: model.Targets()[0]})
		if err != nil {
			return nil, err
		}
		add(a)
	}
	var quoted []string
	for n := range names {
		quoted = append(quoted, regexp.QuoteMeta(n))
	}
	slices.Sort(quoted)
	return regexp.Compile(strings.Join(quoted, "|"))
}

// withoutForeign returns a kernel's model without the records that have no
// callbacks and that no revision of the contract declares. A struct_ops type
// brings them along, the wrapper's reference count for instance or what its
// private tail embeds, and they tell nothing about the revision.
func withoutForeign(a *model.ABI, declared map[string]bool) *model.ABI {
	if a.Side != model.SideKernel {
		return a
	}
	out := *a
	out.Records = slices.DeleteFunc(slices.Clone(a.Records), func(r *model.Record) bool {
		return !declared[r.Name] && !r.IsOps()
	})
	return &out
}
