// SPDX-License-Identifier: MIT

package bpf

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/btfsrc"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
)

// compare compares what an object was compiled for with a kernel. The error is an
// *IncompatibleError where a callback that the variable binds, or what all of
// them need, is another on the kernel's side.
func (o *Object) compare(t opsType, v OpsVariable, kernel *model.ABI) (drift.Result, error) {
	program := contract(o.model, t.name)
	result := drift.Compare(program, kernel, drift.Options{})
	if t.fuse {
		for _, f := range misordered(kernel, t.name) {
			if !slices.ContainsFunc(result.Findings, func(g drift.Finding) bool { return g.Subject == f.Subject && g.Severity == drift.Breaking }) {
				result.Findings = append([]drift.Finding{f}, result.Findings...)
			}
		}
	}
	if len(breaking(result, t, v)) == 0 {
		return result, nil
	}
	e := &IncompatibleError{Object: o.name, Result: result, breaks: breaking(result, t, v)}
	if t.fuse {
		e.ObjectRevision, e.KernelRevision = describe(program), describe(kernel)
	}
	return result, e
}

// breaking are the findings that break the programs a variable binds. A callback
// that is NULL may have any prototype.
func breaking(result drift.Result, t opsType, v OpsVariable) (fs []drift.Finding) {
	for _, f := range result.Findings {
		if f.Severity != drift.Breaking {
			continue
		}
		if member, ok := callbackOf(f.Subject, t.name); ok && strings.HasPrefix(f.Rule, "callback.") && v.Programs[member] == "" {
			continue
		}
		fs = append(fs, f)
	}
	return fs
}

// callbackOf takes the member out of "type.member#1".
func callbackOf(subject, ops string) (string, bool) {
	member, ok := strings.CutPrefix(subject, ops+".")
	member, _, _ = strings.Cut(member, "#")
	return member, ok
}

// foreignKernel reads the BTF that Options.KernelBTF names.
func foreignKernel(ctx context.Context, path string, names []string) (*model.ABI, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if name, ok := strings.CutPrefix(path, "embedded:"); ok {
		a, err := embedded(name, model.SideKernel)
		if err != nil {
			return nil, fmt.Errorf("bpf: Options.KernelBTF: %w", err)
		}
		return a, nil
	}
	a, err := btfsrc.ReadFile(path, btfsrc.Options{Side: model.SideKernel, Keep: func(name string) bool {
		return slices.Contains(names, name)
	}})
	if err != nil {
		return nil, fmt.Errorf("bpf: Options.KernelBTF: %w: %w", ErrNoBTF, err)
	}
	return a, nil
}
