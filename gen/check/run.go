// SPDX-License-Identifier: MIT

package check

import (
	"context"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"sync"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

// row makes one comparison.
type row func(context.Context) (Comparison, error)

// run is one run of the main job.
type run struct {
	Config
	*opener
	opts source.Options
	// spec is how the contract is written, contract the part of it to compare,
	// for bpfel.
	spec     string
	contract *model.ABI
	// known matches the names that the contract and every known revision
	// declare.
	known *regexp.Regexp
}

// Run does the main job and reports what it found. Where specs are given, it
// compares those with the contract in place of everything else. Of the options
// it uses what concerns the reading of sources; a target limits the comparison
// with Go to that one.
//
// An error means that something could not be read that should be there. That
// the running kernel cannot be read is not an error: it is not checked.
func Run(ctx context.Context, c Config, specs []string, o source.Options) (*Report, error) {
	if o.Types == nil && c.Types != "" {
		re, err := regexp.Compile(c.Types)
		if err != nil {
			return nil, fmt.Errorf("configuration: check.types: %w: correct the expression", err)
		}
		o.Types = re
	}
	r := &run{Config: c, opener: newOpener(), opts: o, spec: c.contract()}
	r.own = c.ownRevisions()
	whole, err := r.host(ctx, r.spec, r.readOptions(model.Targets()[0]))
	if err != nil {
		return nil, err
	}
	id, err := r.identify(ctx, whole)
	if err != nil {
		return nil, err
	}
	if r.known, err = r.knownNames(ctx, whole); err != nil {
		return nil, err
	}
	if r.contract = source.Part(whole, o.Types); o.Types != nil && len(r.contract.Records)+len(r.contract.Enums)+
		len(r.contract.Constants)+len(r.contract.Prototypes) == 0 {
		return nil, fmt.Errorf("%s: %w: --types %q leaves nothing of the contract to compare: it must match whole names",
			r.spec, source.ErrNoMatch, o.Types)
	}
	rows, err := r.rows(specs)
	if err != nil {
		return nil, err
	}
	rep := &Report{Headline: r.headline(id), Table: true}
	if rep.Comparisons, err = inParallel(ctx, rows); err != nil {
		return rep, err
	}
	if len(specs) == 0 && !slices.ContainsFunc(rep.Comparisons, func(c Comparison) bool { return !c.Absent }) {
		return nil, fmt.Errorf("%s: there is nothing to compare it with: name sources, or set go or sources under [check] in abigen.toml", r.spec)
	}
	return rep, nil
}

// rows lists what to compare.
func (r *run) rows(specs []string) ([]row, error) {
	ts, err := r.targets()
	if err != nil {
		return nil, err
	}
	if r.opts.TargetSet {
		ts = []model.Target{r.opts.Target}
	}
	var rows []row
	if len(specs) > 0 {
		for _, s := range specs {
			rows = append(rows, r.given(s, ts))
		}
		return rows, nil
	}
	switch {
	case r.Go != "":
		rows = append(rows, r.goPackage("go:"+r.path(r.Go), ts))
	case r.embedded():
		rows = append(rows, r.goPackage("embedded:abi", ts))
	}
	if r.hasRevisions() {
		for _, rev := range source.Revisions() {
			rows = append(rows, r.compiled(rev))
		}
	}
	if r.Kernel {
		rows = append(rows, r.kernel)
	}
	// The verdicts are about the whole contract.
	if r.hasRevisions() && r.opts.Types == nil {
		fs, err := r.fixtures()
		if err != nil {
			return nil, err
		}
		rows = append(rows, fs...)
	}
	if r.hasRevisions() {
		for _, name := range source.Programs() {
			rows = append(rows, r.program(name))
		}
	}
	for _, s := range r.Sources {
		rows = append(rows, r.given(r.Config.spec(s), ts))
	}
	return rows, nil
}

// inParallel makes all comparisons and returns them in order, or the first
// error in that order.
func inParallel(ctx context.Context, rows []row) ([]Comparison, error) {
	out := make([]Comparison, len(rows))
	errs := make([]error, len(rows))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(rows)) {
		wg.Go(func() {
			for i := range next {
				out[i], errs[i] = rows[i](ctx)
			}
		})
	}
	for i := range rows {
		next <- i
	}
	close(next)
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// readOptions returns the options to read the contract with.
func (r *run) readOptions(t model.Target, defines ...string) source.Options {
	return source.Options{
		Target:      t,
		Base:        r.opts.Base,
		IncludeDirs: slices.Concat(r.paths(r.IncludeDirs), r.opts.IncludeDirs),
		Includes:    slices.Concat(r.paths(r.Includes), r.opts.Includes),
		Defines:     slices.Concat(r.Defines, r.opts.Defines, defines),
	}
}

// openContract returns the part of the contract to compare, for a target.
func (r *run) openContract(ctx context.Context, t model.Target) (*model.ABI, error) {
	a, err := r.host(ctx, r.spec, r.readOptions(t))
	if err != nil {
		return nil, err
	}
	return source.Part(a, r.opts.Types), nil
}

// headline says what the contract is.
func (r *run) headline(id Identity) string {
	callbacks, kfuncs := 0, 0
	for _, p := range r.contract.Prototypes {
		switch p.Role {
		case model.Callback:
			callbacks++
		case model.Kfunc:
			kfuncs++
		}
	}
	s := fmt.Sprintf("contract: %s is %s: %s, %s, %s, %s", r.spec, id.Describe(), number(len(r.contract.Records), "record"),
		number(len(r.contract.Enums), "enum"), number(len(r.contract.Constants), "constant"), number(callbacks, "callback"))
	if kfuncs > 0 {
		s += ", " + number(kfuncs, "kfunc")
	}
	return s
}
