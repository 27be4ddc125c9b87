// SPDX-License-Identifier: MIT

package bpf

import (
	"context"
	"errors"

	"github.com/cilium/ebpf"

	"github.com/fuseiomap/abigen/gen/drift"
)

// Ops is a struct_ops map with its programs, loaded and verified. It is attached
// to nothing until Attach.
type Ops struct{}

// Load compares an object with the running kernel, loads the programs that one of
// its ops variables binds, which the kernel's verifier looks at, and fills the
// map. Nothing is attached. What no map refers to is left out. The error of a
// refusal leaves nothing behind.
func Load(ctx context.Context, o *Object, opts Options) (*Ops, error) {
	return nil, errors.ErrUnsupported
}

// Attach lets the kernel ask these programs from now on. One ops can be attached
// to one connection at a time; after Detach it can be attached again.
func (o *Ops) Attach(ctx context.Context) (*Link, error) { return nil, errors.ErrUnsupported }

// Collection is what was loaded: its maps are the way to talk to the programs.
// It is closed with o.
func (o *Ops) Collection() *ebpf.Collection { return nil }

// Spec is what Collection was loaded from.
func (o *Ops) Spec() *ebpf.CollectionSpec { return nil }

// Name is what the kernel calls it.
func (o *Ops) Name() string { return "" }

// Comparison is what comparing the object with the kernel found: its findings
// do not break anything here, or were overridden by Options.SkipComparison, and
// its Unchecked lists what nobody can tell.
func (o *Ops) Comparison() drift.Result { return drift.Result{} }

// Omitted lists callbacks of the object that were left out, see
// [Options.AllowPartial].
func (o *Ops) Omitted() []string { return nil }

// Close unloads what is not attached. A link stays attached until it is
// detached. Closing twice is no error.
func (o *Ops) Close() error { return errors.ErrUnsupported }
