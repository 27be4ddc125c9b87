// SPDX-License-Identifier: MIT

package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/btfsrc"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/lazyregexp"
	"github.com/fuseiomap/abigen/internal/near"
)

// ErrSpec is wrapped by errors that blame how a source is written, not what is
// in it.
var ErrSpec = errors.New("no such source")

// worded is an error of a kind that says what is wrong in words of its own.
type worded struct {
	msg  string
	kind error
}

func (e worded) Error() string { return e.msg }
func (e worded) Unwrap() error { return e.kind }

// ErrNoMatch is wrapped by the error for a filter that leaves nothing of a
// source.
var ErrNoMatch = errors.New("nothing matches")

// ErrTarget is wrapped by the error for a source that brings its target and is
// asked for another one.
var ErrTarget = errors.New("another target")

// Open returns the model of the source that spec names.
func Open(ctx context.Context, spec string, o Options) (*model.ABI, error) {
	k, operand, err := resolve(spec)
	if err != nil {
		return nil, err
	}
	a, err := k.open(ctx, operand, o)
	if err != nil {
		return nil, explain(err)
	}
	if o.TargetSet && a.Target != o.target().Name {
		return nil, worded{fmt.Sprintf("%s: it is for %s and cannot be laid out for %s: leave out --target or say --target %s",
			spec, a.Target, o.target().Name, a.Target), ErrTarget}
	}
	return filter(spec, a, o)
}

// filter returns the part of a that the options ask for.
func filter(spec string, a *model.ABI, o Options) (*model.ABI, error) {
	part := Part(a, o.Types)
	if o.Types != nil && isEmpty(part) {
		return nil, noMatch(spec, o.Types.String(), a)
	}
	return part, nil
}

// Part returns what of a is called as types has it, see [Options]. It may be
// empty. All of it is returned where types is nil.
func Part(a *model.ABI, types *regexp.Regexp) *model.ABI {
	if keep := (Options{Types: types}).keep(); keep != nil {
		return a.Select(keep)
	}
	return a
}

// OpenHost returns the model of spec as code running on the target sees it, see
// [Host].
func OpenHost(ctx context.Context, spec string, o Options) (*model.ABI, error) {
	native, err := Open(ctx, spec, o)
	if err != nil {
		return nil, err
	}
	if BringsTarget(spec) || native.Side != model.SideContract {
		return native, nil
	}
	t, err := model.TargetByName(native.Target)
	if err != nil || t.BPF || !sharedWithBPF(native) {
		return native, err
	}
	o.Target, o.TargetSet = model.BPFOf(t), true
	bpf, err := Open(ctx, spec, o)
	if err != nil {
		return nil, fmt.Errorf("read for %s as well, because of the callbacks in it: %w", o.Target.Name, err)
	}
	return Host(native, bpf)
}

// opsName is how the kernel calls its struct_ops types: tcp_congestion_ops,
// sched_ext_ops_cid.
var opsName = lazyregexp.New(`(^|_)ops(_|$)`)

// isStructOps reports whether BPF programs fill r. A header does not say so; a
// record with callbacks that is not named as the kernel names such types, as
// struct sigaction is not, belongs to the host.
func isStructOps(r *model.Record) bool {
	return r.IsOps() && opsName().MatchString(r.Name)
}

// sharedWithBPF reports whether a header declares what only BPF programs
// implement or call. Any other header need not even parse for BPF.
func sharedWithBPF(a *model.ABI) bool {
	return slices.ContainsFunc(a.Records, isStructOps) ||
		slices.ContainsFunc(a.Prototypes, func(p *model.Prototype) bool { return p.Role == model.Kfunc })
}

// Host joins the model of a header for a host with the one for the BPF target
// of the same byte order: struct_ops types, which are the records with callbacks
// whose name has the word ops, are shared with BPF programs and so have the
// sizes and offsets they have there, at an alignment no higher than the host's
// own; so have the prototypes, which only such programs call or implement.
func Host(native, bpf *model.ABI) (*model.ABI, error) {
	out := *native
	out.Records = append([]*model.Record(nil), native.Records...)
	for i, r := range out.Records {
		if !isStructOps(r) {
			continue
		}
		b := bpf.Record(r.Name)
		if b == nil {
			return nil, fmt.Errorf("%s: struct %s has callbacks and is not declared for %s: declare it for BPF programs as well",
				native.Locate(r.Pos), r.Name, bpf.Target)
		}
		// The loader copies the bytes, so the host's alignment will do.
		shared := *b
		shared.Align = min(b.Align, r.Align)
		out.Records[i] = &shared
	}
	out.Prototypes = bpf.Prototypes
	return &out, nil
}

// KindOf returns the kind of the source that spec names, without opening it.
func KindOf(spec string) (Kind, error) {
	k, _, err := resolve(spec)
	return k, err
}

// BringsTarget reports whether the source that spec names decides its target
// itself, as BTF does, in place of being laid out for one.
func BringsTarget(spec string) bool {
	k, operand, err := resolve(spec)
	if err != nil {
		return false
	}
	if k.Prefix == "embedded" {
		e, ok := embeddedByName(operand)
		return ok && e.bringsTarget()
	}
	return k.fixed
}

// resolve finds the kind of source that spec names and what follows the kind.
func resolve(spec string) (Kind, string, error) {
	if spec == "" {
		return Kind{}, "", fmt.Errorf("%w: an empty name: write one as %s", ErrSpec, forms())
	}
	prefix, operand, ok := strings.Cut(spec, ":")
	if ok {
		for _, k := range kinds {
			if k.Prefix != prefix {
				continue
			}
			if operand == "" {
				return Kind{}, "", fmt.Errorf("%w: %q: %s must follow the colon: %s", ErrSpec, spec, k.Operand, k.Doc)
			}
			if k.Prefix == "embedded" {
				if _, ok := embeddedByName(operand); !ok {
					return Kind{}, "", fmt.Errorf("%w: %q: unknown name%s: choose one of %s", ErrSpec, spec,
						near.Hint(operand, Embedded()), embeddedText())
				}
			}
			return k, operand, nil
		}
	}
	return recognise(spec)
}

// forms lists how sources are written, for error messages.
func forms() string {
	var s []string
	for _, k := range kinds {
		s = append(s, k.Prefix+":"+k.Operand)
	}
	return strings.Join(s, ", ")
}

// explain turns errors of the operating system, which say only what went wrong,
// into ones that say what to do.
func explain(err error) error {
	if errors.Is(err, btfsrc.ErrNeedBase) || errors.Is(err, btfsrc.ErrWrongBase) {
		return fmt.Errorf("%w: --base FILE names it", err)
	}
	var pe *fs.PathError
	if !errors.As(err, &pe) {
		return err
	}
	var advice string
	switch st, serr := os.Stat(pe.Path); {
	case errors.Is(err, fs.ErrNotExist):
		advice = "check the path, or name the kind of source: " + forms()
	case errors.Is(err, fs.ErrPermission):
		advice = "read it as a user who may, or give a copy"
	case serr == nil && st.IsDir():
		advice = "name a file in it, or write go:DIRECTORY for a Go package"
	default:
		return err
	}
	if strings.Contains(err.Error(), "check the path") || strings.Contains(err.Error(), "read it as root") {
		// The reader said what to do already.
		return err
	}
	if err.Error() == pe.Error() {
		return fmt.Errorf("%s: cannot be read: %w: %s", pe.Path, pe.Err, advice)
	}
	return fmt.Errorf("%w: %s", err, advice)
}

func isEmpty(a *model.ABI) bool {
	return len(a.Records)+len(a.Enums)+len(a.Constants)+len(a.Prototypes)+len(a.Skipped) == 0
}

// noMatch is the error for a filter that leaves nothing of a source.
func noMatch(spec, expr string, a *model.ABI) error {
	var names []string
	for _, r := range a.Records {
		names = append(names, r.Name)
	}
	for _, e := range a.Enums {
		names = append(names, e.Name)
	}
	for _, c := range a.Constants {
		names = append(names, c.Name)
	}
	for _, p := range a.Prototypes {
		if p.Role != model.Callback {
			names = append(names, p.Name)
		}
	}
	return fmt.Errorf("%s: %w: no record, enum, constant or function is called %q%s: --types must match whole names",
		spec, ErrNoMatch, expr, near.Hint(expr, names))
}
