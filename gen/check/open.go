// SPDX-License-Identifier: MIT

package check

import (
	"context"
	"fmt"
	"sync"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

// opener opens sources once each: the main job compares the contract in every
// revision and for every target with something.
type opener struct {
	mu   sync.Mutex
	done map[string]func() (*model.ABI, error)
	// own are the revisions the configuration adds, see [opener.references].
	own []Revision
	// baselines are the user's own revisions, see [Identify].
	baselines []Baseline
	// brief is Config.Brief.
	brief bool
}

func newOpener() *opener { return &opener{done: map[string]func() (*model.ABI, error){}} }

// open is [source.Open] with a memory.
func (op *opener) open(ctx context.Context, spec string, o source.Options) (*model.ABI, error) {
	// Every option takes part, so that the contract with the user's macros is
	// not taken for the same header without them.
	k := fmt.Sprintf("%q %q %t %v %q %q %q %q", spec, o.Target.Name, o.TargetSet, o.Types, o.Defines, o.IncludeDirs, o.Includes, o.Base)
	op.mu.Lock()
	f := op.done[k]
	if f == nil {
		f = sync.OnceValues(func() (*model.ABI, error) { return source.Open(ctx, spec, o) })
		op.done[k] = f
	}
	op.mu.Unlock()
	return f()
}

// host is [source.OpenHost] with a memory.
func (op *opener) host(ctx context.Context, spec string, o source.Options) (*model.ABI, error) {
	native, err := op.open(ctx, spec, o)
	if err != nil || source.BringsTarget(spec) || native.Side != model.SideContract {
		return native, err
	}
	t, err := model.TargetByName(native.Target)
	if err != nil || t.BPF {
		return native, err
	}
	o.Target = model.BPFOf(t)
	bpf, err := op.open(ctx, spec, o)
	if err != nil {
		return nil, err
	}
	return source.Host(native, bpf)
}
