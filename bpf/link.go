// SPDX-License-Identifier: MIT

package bpf

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/cilium/ebpf/link"
)

// Link is an Ops that is attached to a FUSE connection.
type Link struct {
	mu  sync.Mutex
	ops *Ops
	raw link.Link // nil when detached
}

// Detach gives the requests back to the server. It returns when no call is in
// flight any more. Detaching what is detached, be it by Detach or because the
// connection is gone, is no error.
func (l *Link) Detach() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.detach()
}

func (l *Link) detach() error {
	if l.raw == nil {
		return nil
	}
	// A descriptor that a child process has inherited would keep the link, so it
	// is not only closed. Kernels before 6.11 cannot, and a link that is stale
	// has nothing to detach: either way closing is what remains.
	_ = l.raw.Detach()
	err := l.raw.Close()
	l.raw = nil
	if err != nil {
		return fmt.Errorf("bpf: %s: detach: %w", l.ops.name, err)
	}
	return nil
}

// Close detaches and closes the Ops that was attached last. Closing twice is no
// error.
func (l *Link) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return errors.Join(l.detach(), l.ops.Close())
}

// Attached reports whether the kernel holds the programs attached: not after
// Detach, and not when somebody else has detached the link, with bpftool for
// instance. A connection that is gone leaves a link that looks attached; the
// server knows, because reading from its descriptor fails. Before Linux 6.11 a
// link does not tell, and the error is [errors.ErrUnsupported].
func (l *Link) Attached() (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.raw == nil {
		return false, nil
	}
	fd, ok := l.raw.(interface{ FD() int })
	if !ok {
		return false, fmt.Errorf("bpf: %s: %w", l.ops.name, errors.ErrUnsupported)
	}
	gone, err := hungUp(fd.FD())
	if err != nil {
		return false, fmt.Errorf("bpf: %s: asking the link: %w", l.ops.name, err)
	}
	return !gone, nil
}

// Ops is what is attached, or was until it was detached.
func (l *Link) Ops() *Ops {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ops
}

// Replace attaches next in place of what is attached, which is detached first
// because a connection takes one at a time; in between the kernel asks the
// server. Where next cannot be attached the old one is attached again and the
// error says why. The one that is not attached afterwards stays loaded: close it,
// or use it again. One that was loaded for another descriptor serves that one's
// connection from then on, and the link is its link.
//
// The context is looked at before anything is detached. Where the old one cannot
// be attached again either, the error wraps [ErrDetached] too, and the link is
// detached.
func (l *Link) Replace(ctx context.Context, next *Ops) error {
	if next == nil {
		return errors.New("bpf: Replace: there is nothing to attach: load it first")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.raw == nil {
		return fmt.Errorf("bpf: %s: %w: use Attach", l.ops.name, ErrDetached)
	}
	// What is wrong anyhow opens no window.
	if err := next.ready(ctx); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if err := l.detach(); err != nil {
		return err
	}
	raw, err := next.attach(ctx)
	if err == nil {
		l.ops, l.raw = next, raw
		return nil
	}
	raw, again := l.ops.attach(ctx)
	if again != nil {
		return errors.Join(err, fmt.Errorf("and the old one cannot be attached again, so the server is asked from now on: %w: %w", ErrDetached, again))
	}
	l.raw = raw
	return err
}

// Statistics are those of the Ops that is attached.
func (l *Link) Statistics() (Statistics, error) { return l.Ops().Statistics() }
