// SPDX-License-Identifier: MIT

package check

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

// reference is a revision or other interface that sources are recognised as.
type reference struct {
	name, spec string
	// listed tells that a matrix has a column for it.
	listed bool
	*model.ABI
}

// ownRevisions returns the revisions of the configuration with their sources as
// the working directory sees them.
func (c Config) ownRevisions() []Revision {
	var out []Revision
	for _, r := range c.Revisions {
		out = append(out, Revision{r.Name, c.spec(r.Source)})
	}
	return append(out, c.extra...)
}

// AddRevisions adds revisions whose sources are written as the working directory
// sees them.
func (c *Config) AddRevisions(rs []Revision) error {
	c.extra = append(c.extra, rs...)
	return c.ValidateRevisions()
}

// ValidateRevisions says what is wrong with the revisions a user adds.
func (c Config) ValidateRevisions() error {
	taken := append(source.Revisions(), source.Neighbours()...)
	for _, r := range append(slices.Clone(c.Revisions), c.extra...) {
		switch {
		case r.Name == "" || r.Source == "":
			return fmt.Errorf("revision %q of source %q: both must be given: name it and say where it is", r.Name, r.Source)
		case slices.Contains(taken, r.Name):
			return fmt.Errorf("revision %q: there is one of that name: choose another", r.Name)
		}
		taken = append(taken, r.Name)
	}
	return nil
}

// references opens every known revision for a target, the user's own ones last.
// One that is not there for the target is left out.
func (op *opener) references(ctx context.Context, t model.Target) ([]reference, error) {
	var out []reference
	add := func(name, spec string, o source.Options, listed bool) error {
		a, err := op.host(ctx, spec, o)
		if err == nil {
			out = append(out, reference{name, spec, listed, a})
		}
		return err
	}
	for _, name := range append(source.Revisions(), source.Neighbours()...) {
		spec := "embedded:" + name
		o := source.Options{Target: t}
		if source.BringsTarget(spec) {
			o.Target = model.Target{}
		}
		if err := add(name, spec, o, !source.BringsTarget(spec)); err != nil {
			return nil, err
		}
	}
	for _, r := range op.own {
		if !source.BringsTarget(r.Source) {
			if err := add(r.Name, r.Source, source.Options{Target: t}, true); err != nil {
				return nil, fmt.Errorf("revision %s: %w", r.Name, err)
			}
			continue
		}
		// It has its targets. One with the same byte order and width will do.
		var err error
		for _, x := range sameShape(t) {
			if err = add(r.Name, r.Source, source.Options{Target: x, TargetSet: true}, true); err == nil || !errors.Is(err, source.ErrTarget) {
				break
			}
		}
		if err != nil && !errors.Is(err, source.ErrTarget) {
			return nil, fmt.Errorf("revision %s: %w", r.Name, err)
		}
	}
	return out, nil
}

// sameShape returns t and then the targets with its byte order and width of
// pointers.
func sameShape(t model.Target) []model.Target {
	out := []model.Target{t}
	for _, x := range model.Targets() {
		if x.Name != t.Name && x.BigEndian == t.BigEndian && x.PointerSize == t.PointerSize {
			out = append(out, x)
		}
	}
	return out
}

// revisionNames matches what any known revision declares, see [run.knownNames].
func (op *opener) revisionNames(ctx context.Context) (*regexp.Regexp, error) {
	refs, err := op.references(ctx, model.Targets()[0])
	if err != nil {
		return nil, err
	}
	var quoted []string
	for _, ref := range refs {
		names := declaredNames(ref.ABI)
		if ref.Side == model.SideKernel {
			// What its types bring along, and the functions others call too, tell
			// nothing.
			names = opsNames(ref.ABI)
		}
		for _, n := range names {
			quoted = append(quoted, regexp.QuoteMeta(n))
		}
	}
	slices.Sort(quoted)
	return regexp.Compile(strings.Join(slices.Compact(quoted), "|"))
}

// declaredNames lists the records, enums and kfuncs of a model.
func declaredNames(a *model.ABI) []string {
	var out []string
	for _, x := range a.Records {
		out = append(out, x.Name)
	}
	for _, x := range a.Enums {
		out = append(out, x.Name)
	}
	for _, x := range a.Prototypes {
		if x.Role == model.Kfunc {
			out = append(out, x.Name)
		}
	}
	return slices.DeleteFunc(out, func(n string) bool { return n == "" })
}
