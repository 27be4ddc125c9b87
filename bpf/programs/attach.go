// SPDX-License-Identifier: MIT

package programs

import (
	"bytes"
	"context"
	"fmt"

	"github.com/fuseiomap/abigen/bpf"
)

// Attach loads a program with its parameters and attaches it to the FUSE
// connection of a descriptor of /dev/fuse. Closing the link undoes it all. The
// errors are those of package bpf and *[ParamError].
func Attach(ctx context.Context, device int, p Params, opts bpf.Options) (*bpf.Link, error) {
	opts.Device = device
	ops, err := Load(ctx, p, opts)
	if err != nil {
		return nil, err
	}
	link, err := ops.Attach(ctx)
	if err != nil {
		_ = ops.Close()
		return nil, err
	}
	return link, nil
}

// Load loads a program with its parameters and fills its maps. What comes out
// can be attached, or replace what is. Put and Remove of the parameters take
// InKernel(ops.Collection(), ops.Spec()).
func Load(ctx context.Context, p Params, opts bpf.Options) (*bpf.Ops, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	object, err := bpf.ReadObject(bytes.NewReader(p.Program().Object(nil)))
	if err != nil {
		return nil, fmt.Errorf("programs: %s: %w", p.Program().Name(), err)
	}
	if err := p.Configure(object.Spec()); err != nil {
		return nil, err
	}
	ops, err := bpf.Load(ctx, object, opts)
	if err != nil {
		return nil, fmt.Errorf("programs: %s: %w", p.Program().Name(), err)
	}
	if err := p.Fill(InKernel(ops.Collection(), ops.Spec())); err != nil {
		_ = ops.Close()
		return nil, err
	}
	return ops, nil
}
