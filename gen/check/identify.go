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

// Describe is String with what a source that is no known revision differs in:
// "nearest R2, differs in fuse_iomap_io.dev and 2 more".
func (id Identity) Describe() string {
	if id.Exact || len(id.Names) == 0 || len(id.Findings) == 0 {
		return id.String()
	}
	return id.String() + ", differs in " + strings.Join(id.Differs(), ", ")
}

// Differs lists the subjects in which the source differs from the first of
// Names, worst first; of many the last element says how many more there are.
func (id Identity) Differs() []string {
	var subjects []string
	for _, f := range id.Findings {
		if !slices.Contains(subjects, f.Subject) {
			subjects = append(subjects, f.Subject)
		}
	}
	if n := len(subjects) - maxSubjects; n > 0 {
		subjects = append(subjects[:maxSubjects-1], fmt.Sprintf("%d more", n+1))
	}
	return subjects
}

// Baseline is a revision that the user knows and abigen does not: a snapshot
// under a name. It takes part in recognising sources of its own target.
type Baseline struct {
	Name string     // what the report calls it
	ABI  *model.ABI // the model it is compared with
}

// Identify compares a with every embedded revision, with the other interfaces
// and with the baselines, and returns the nearest. It looks at what is declared,
// not at what it is called.
func Identify(ctx context.Context, a *model.ABI, baselines ...Baseline) (Identity, error) {
	op := newOpener()
	op.baselines = baselines
	return op.identify(ctx, a)
}

// IdentifyKernel reads of the running kernel and its modules what any known
// revision declares, and returns the revision that comes nearest. The error wraps
// [source.ErrNoMatch] where there is none of it.
func IdentifyKernel(ctx context.Context) (Identity, *model.ABI, error) {
	op := newOpener()
	names, err := op.revisionNames(ctx)
	if err != nil {
		return Identity{}, nil, err
	}
	a, err := op.open(ctx, "btf:kernel", source.Options{Types: names})
	if err != nil {
		return Identity{}, nil, err
	}
	id, err := op.identify(ctx, a)
	return id, a, err
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
	for _, b := range op.baselines {
		if b.ABI.Target == a.Target {
			names, refs = append(names, b.Name), append(refs, b.ABI)
		}
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
	best, most, exact := -1, 0, false
	for i, ref := range refs {
		near := drift.Near(a, withoutForeign(ref, declared))
		shared, score, findings := inCommon(a, ref), near.Score, near.Findings
		if shared == 0 && !near.Ops && near.Renamed < 2 {
			// One small record may look like another by chance.
			continue
		}
		distance := score + unseen(a, ref)
		switch {
		case exact && score > 0:
			// What differs in nothing is no further off than what differs.
		case best < 0 || score == 0 && !exact || distance < best || distance == best && shared > most:
			best, most, exact = distance, shared, score == 0
			id = Identity{Names: []string{names[i]}, Exact: score == 0, Findings: findings}
		case distance == best && shared == most:
			id.Names = append(id.Names, names[i])
		}
	}
	return id, nil
}

// unseen is how far a reference may be from a source in what it cannot attest
// to: as far as if none of the source's constants were its own. Otherwise the
// one that shows the least would always be the nearest.
func unseen(a, ref *model.ABI) int {
	if ref.Can(model.Constants) {
		return 0
	}
	const breaking = 4 // as [drift.Score] weighs a constant
	return breaking * len(a.Constants)
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
