// SPDX-License-Identifier: MIT

package bpf

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"syscall"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"

	"github.com/fuseiomap/abigen/gen/drift"
)

// Ops is a struct_ops map with its programs, loaded and verified. It is attached
// to nothing until Attach.
type Ops struct {
	t          opsType
	callbacks  []string // of the kernel's struct
	variable   OpsVariable
	device     int
	name       string
	spec       *ebpf.CollectionSpec
	comparison drift.Result
	omitted    []string

	// mu guards coll against a Close while it is in use.
	mu     sync.RWMutex
	coll   *ebpf.Collection
	closed bool
}

// Attach lets the kernel ask these programs from now on. One ops can be attached
// to one connection at a time; after Detach it can be attached again.
//
// The errors are [ErrBadFD], [ErrNotFUSE], [ErrNotMounted], [ErrNoIomap],
// [ErrBusy], [ErrPermission], [ErrClosed] and the context's.
func (o *Ops) Attach(ctx context.Context) (*Link, error) {
	raw, err := o.attach(ctx)
	if err != nil {
		return nil, err
	}
	return &Link{ops: o, raw: raw}, nil
}

// ready tells why o cannot be attached before the kernel is asked.
func (o *Ops) ready(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	o.mu.RLock()
	defer o.mu.RUnlock()
	if o.closed {
		return fmt.Errorf("bpf: %s: %w: load it again", o.name, ErrClosed)
	}
	if o.t.fuse {
		return checkDevice(o.device)
	}
	return nil
}

func (o *Ops) attach(ctx context.Context) (link.Link, error) {
	if err := o.ready(ctx); err != nil {
		return nil, err
	}
	o.mu.RLock()
	defer o.mu.RUnlock()
	if o.closed {
		return nil, fmt.Errorf("bpf: %s: %w: load it again", o.name, ErrClosed)
	}
	raw, err := link.AttachStructOps(link.StructOpsOptions{Map: o.coll.Maps[o.variable.Name]})
	if err != nil {
		return nil, fmt.Errorf("bpf: %s: %w", o.name, o.refusal(err))
	}
	return raw, nil
}

// refusal words what the kernel answers when a link is created (rules 38 and 39).
func (o *Ops) refusal(err error) error {
	switch {
	case errors.Is(err, syscall.EBADF) && o.t.fuse:
		// It was an open /dev/fuse a moment ago.
		if err := checkDevice(o.device); err != nil {
			return err
		}
		return fmt.Errorf("%w: descriptor %d is /dev/fuse and no file system is mounted with it: mount first, and attach after the server has answered INIT: %w", ErrNotMounted, o.device, err)
	case errors.Is(err, syscall.ENOTCONN), errors.Is(err, syscall.ENODEV):
		return fmt.Errorf("%w: the file system of descriptor %d has been unmounted: %w", ErrNotMounted, o.device, err)
	case errors.Is(err, syscall.EOPNOTSUPP), errors.Is(err, ebpf.ErrNotSupported):
		return fmt.Errorf("%w: answer INIT with FUSE_IOMAP before attaching, which needs CAP_SYS_RAWIO, and mount a file system that uses it: %w", ErrNoIomap, err)
	case errors.Is(err, syscall.EBUSY), errors.Is(err, syscall.EEXIST):
		return fmt.Errorf("%w: a connection takes one ops at a time: detach the other, or use Link.Replace: %w", ErrBusy, err)
	case denied(err):
		return permission(err, "the kernel does not let it attach")
	}
	return err
}

// Collection is what was loaded: its maps are the way to talk to the programs.
// It is closed with o, and must not be closed by others.
func (o *Ops) Collection() *ebpf.Collection { return o.coll }

// Spec is what Collection was loaded from: the part of the object that was
// needed.
func (o *Ops) Spec() *ebpf.CollectionSpec { return o.spec }

// Name is what the kernel calls it.
func (o *Ops) Name() string { return o.name }

// Variable is the ops variable that was loaded, without what was omitted.
func (o *Ops) Variable() OpsVariable { return o.variable }

// Comparison is what comparing the object with the kernel found: its findings
// do not break anything here, or were overridden by Options.SkipComparison, and
// its Unchecked lists what nobody can tell.
func (o *Ops) Comparison() drift.Result { return o.comparison }

// Omitted lists callbacks of the object that were left out, see
// [Options.AllowPartial].
func (o *Ops) Omitted() []string { return slices.Clone(o.omitted) }

// Close unloads what is not attached. A link stays attached until it is
// detached. Closing twice is no error.
func (o *Ops) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.closed = true
		o.coll.Close()
	}
	return nil
}
