// SPDX-License-Identifier: MIT

package bpf

import (
	"context"
	"errors"
)

// Link is an Ops that is attached to a FUSE connection.
type Link struct{}

// Detach gives the requests back to the server. It returns when no call is in
// flight any more. Detaching what is detached, be it by Detach or because the
// connection is gone, is no error.
func (l *Link) Detach() error { return errors.ErrUnsupported }

// Close detaches and closes the Ops that was attached last. Closing twice is no
// error.
func (l *Link) Close() error { return errors.ErrUnsupported }

// Attached reports whether the kernel still asks the programs: not after Detach,
// and not when the connection is gone.
func (l *Link) Attached() (bool, error) { return false, errors.ErrUnsupported }

// Ops is what is attached, or was until it was detached.
func (l *Link) Ops() *Ops { return nil }

// Replace attaches next in place of what is attached, which is detached first
// because a connection takes one at a time; in between the kernel asks the
// server. Where next cannot be attached the old one is attached again and the
// error says why. The one that is not attached afterwards stays loaded: close it,
// or use it again.
func (l *Link) Replace(ctx context.Context, next *Ops) error { return errors.ErrUnsupported }

// Statistics are what the kernel counted. It counts only while the sysctl
// kernel.bpf_stats_enabled is on, which is never changed here.
func (l *Link) Statistics() (Statistics, error) { return Statistics{}, errors.ErrUnsupported }
