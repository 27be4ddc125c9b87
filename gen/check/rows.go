// SPDX-License-Identifier: MIT

package check

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
	"github.com/fuseiomap/abigen/headers"
)

// goPackage compares a Go package with the contract for each target.
func (r *run) goPackage(spec string, ts []model.Target) row {
	return func(ctx context.Context) (Comparison, error) {
		outs, err := r.perTarget(ctx, spec, ts)
		if err != nil {
			return Comparison{}, err
		}
		c := Comparison{Source: spec, Old: r.spec, New: spec, What: "Go, " + targetsText(ts)}
		c.set(outs)
		c.Verdict = equality(c.Findings)
		c.Failed = len(c.Findings) > 0
		return c, nil
	}
}

func (r *run) perTarget(ctx context.Context, spec string, ts []model.Target) ([]outcome, error) {
	var outs []outcome
	for _, t := range ts {
		contract, err := r.openContract(ctx, t)
		if err != nil {
			return nil, err
		}
		g, err := source.OpenDir(ctx, spec, source.Options{Target: t})
		if err != nil {
			return nil, err
		}
		res := against(contract, source.Part(g, r.opts.Types))
		outs = append(outs, outcome{t.Name, res})
	}
	return outs, nil
}

func targetsText(ts []model.Target) string {
	if len(ts) == 1 {
		return ts[0].Name
	}
	return number(len(ts), "target")
}

// compiled compares a revision of the contract with what clang made of the
// same declarations.
func (r *run) compiled(rev string) row {
	return func(ctx context.Context) (Comparison, error) {
		spec := "embedded:btf-" + rev
		b, err := r.open(ctx, spec, source.Options{})
		if err != nil {
			return Comparison{}, err
		}
		t, err := model.TargetByName(b.Target)
		if err != nil {
			return Comparison{}, fmt.Errorf("%s: %w", spec, err)
		}
		old, defines := r.revision(rev)
		contract, err := r.host(ctx, old, r.readOptions(t, defines...))
		if err != nil {
			return Comparison{}, fmt.Errorf("revision %s: %w", rev, err)
		}
		c := Comparison{Source: spec, Old: old, New: spec, What: rev + " as clang compiles it"}
		if len(defines) > 0 {
			c.Old += " -D " + defines[0]
		}
		res := against(source.Part(contract, r.opts.Types), source.Part(b, r.opts.Types))
		c.set([]outcome{{t.Name, res}})
		c.Verdict = equality(c.Findings)
		c.Failed = len(c.Findings) > 0
		return c, nil
	}
}

// fixtures compares the contract with every fixture that has a verdict.
func (r *run) fixtures() ([]row, error) {
	vs, err := parseVerdicts("headers/verdicts.txt", headers.Verdicts)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, v := range vs {
		rows = append(rows, func(ctx context.Context) (Comparison, error) {
			c, err := r.recognised(ctx, "embedded:"+v.fixture, source.Options{})
			if err != nil {
				return c, err
			}
			c.What = source.Describe(v.fixture)
			all := c.Findings
			v.judge(&c)
			c.Verdict = c.Revision + ", " + compatibility(all, v.because)
			if !c.Failed {
				c.Verdict += ", as expected"
			}
			return c, nil
		})
	}
	return rows, nil
}

// recognised compares the contract with a source that brings its target, and
// says which revision it is.
func (r *run) recognised(ctx context.Context, spec string, o source.Options) (Comparison, error) {
	a, err := r.open(ctx, spec, o)
	if err != nil {
		return Comparison{}, err
	}
	t, err := model.TargetByName(a.Target)
	if err != nil {
		return Comparison{}, fmt.Errorf("%s: %w", spec, err)
	}
	contract, err := r.openContract(ctx, t)
	if err != nil {
		return Comparison{}, err
	}
	id, err := r.identify(ctx, a)
	if err != nil {
		return Comparison{}, err
	}
	c := Comparison{Source: spec, Old: r.spec, New: spec, Revision: id.String(), Verdict: id.Describe()}
	if a.Side == model.SideProgram {
		c.Old, c.New = c.New, c.Old
	}
	res := against(contract, source.Part(a, r.opts.Types))
	c.set([]outcome{{t.Name, res}})
	return c, nil
}

// given compares the contract with a source the user named.
func (r *run) given(spec string, ts []model.Target) row {
	return func(ctx context.Context) (Comparison, error) {
		if spec == "btf:kernel" {
			// It may lack the types, which is no failure.
			return r.kernel(ctx)
		}
		k, err := source.KindOf(spec)
		if err != nil {
			return Comparison{}, err
		}
		if k.Prefix == "go" || spec == "embedded:abi" {
			c, err := r.goPackage(spec, ts)(ctx)
			if err != nil {
				return c, err
			}
			g, err := source.OpenDir(ctx, spec, source.Options{Target: ts[0]})
			if err != nil {
				return c, err
			}
			id, err := r.identify(ctx, g)
			c.Revision = id.String()
			c.Verdict = id.Describe() + ", " + c.Verdict
			return c, err
		}
		o := r.readOptions(r.opts.Target)
		o.TargetSet = r.opts.TargetSet
		if k.Prefix == "btf" {
			// It may be a whole kernel's.
			o.Types = r.known
		}
		c, err := r.recognised(ctx, spec, o)
		if errors.Is(err, source.ErrNoMatch) {
			return c, fmt.Errorf("%s: has nothing that the contract or a known revision of it declares: name another source", spec)
		}
		if err != nil {
			return c, err
		}
		a, err := r.open(ctx, spec, o)
		if err != nil {
			return c, err
		}
		c.What = sideText[a.Side]
		c.Verdict += ", " + compatibility(c.Findings, "")
		return c, nil
	}
}

// sideText says in a word what a source is.
var sideText = map[model.Side]string{
	model.SideContract: "header", model.SideProgram: "program", model.SideGo: "Go", model.SideKernel: "kernel",
}

// kernel looks for the contract's types in the running kernel.
func (r *run) kernel(ctx context.Context) (Comparison, error) {
	const spec = "btf:kernel"
	absent := func(reason string) (Comparison, error) { return r.absent(spec, kernelName(), reason), nil }
	o := source.Options{Types: r.known}
	a, err := r.open(ctx, spec, o)
	if why := notComparable(a, err, opsNames(r.contract)); why != "" {
		return absent(why)
	}
	c, err := r.recognised(ctx, spec, o)
	if err != nil {
		return c, err
	}
	c.What = kernelName()
	c.Verdict += ", " + compatibility(c.Findings, "")
	return c, nil
}

// notComparable says why a kernel cannot be compared: it could not be read, or
// has none of the types in ops. It returns "" where it can be.
func notComparable(a *model.ABI, err error, ops []string) string {
	switch {
	case err == nil && slices.ContainsFunc(ops, func(n string) bool { return a.Record(n) != nil }):
		return ""
	case err == nil, errors.Is(err, source.ErrNoMatch):
		return "has no struct " + strings.Join(ops, ", ")
	case errors.Is(err, fs.ErrPermission):
		return "not readable: permission denied: run as root to compare with it"
	}
	return "not readable: " + err.Error()
}

// absent is the row of a source in which there is nothing to compare.
func (r *run) absent(spec, what, reason string) Comparison {
	return Comparison{Source: spec, Old: r.spec, New: spec, What: what, Verdict: reason, Absent: true,
		Unchecked: []Unchecked{{Unchecked: drift.Unchecked{Evidence: model.Records, Subjects: opsNames(r.contract), Reason: reason}}}}
}

// opsNames returns the contract's records with callbacks, the types that make
// a kernel one that speaks it; all its records where there are none.
func opsNames(a *model.ABI) []string {
	var ops, all []string
	for _, rec := range a.Records {
		all = append(all, rec.Name)
		if rec.IsOps() {
			ops = append(ops, rec.Name)
		}
	}
	if len(ops) == 0 {
		return all
	}
	return ops
}

// kernelName returns the release of the running kernel as it calls itself.
func kernelName() string {
	text, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return "the running kernel"
	}
	return "Linux " + strings.TrimSpace(string(text))
}
