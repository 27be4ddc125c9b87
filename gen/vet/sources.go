// SPDX-License-Identifier: MIT

package vet

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

// opened is a source as far as it has been read: once for a process, unless
// its file changes.
type opened struct {
	mu    sync.Mutex
	stamp string
	abi   *model.ABI
	err   error
}

var openedSources sync.Map // from key to *opened

// open returns the model of a resolved spec as a GOARCH is to match it. The
// caller must not change it.
func (c Config) open(ctx context.Context, spec string, t model.Target) (*model.ABI, error) {
	o := source.Options{Defines: c.Defines, IncludeDirs: joinAll(c.Dir, c.IncludeDirs), Includes: joinAll(c.Dir, c.Includes)}
	read := source.Open
	if !source.BringsTarget(spec) {
		o.Target, o.TargetSet = t, true
		read = source.OpenHost
		if c.BPF {
			o.Target, read = model.BPFOf(t), source.Open
		}
	}
	key := strings.Join([]string{spec, o.Target.Name, strings.Join(o.Defines, " "), strings.Join(o.IncludeDirs, " "), strings.Join(o.Includes, " "),
		fmt.Sprint(c.BPF)}, "\x00")
	x, _ := openedSources.LoadOrStore(key, &opened{})
	e := x.(*opened)
	e.mu.Lock()
	defer e.mu.Unlock()
	now := "once"
	if path := pathOf(spec); path != "" {
		now = stamp(path)
	}
	if e.stamp != now {
		e.stamp = now
		e.abi, e.err = read(ctx, relative(spec), o)
	}
	return e.abi, e.err
}

// relative returns a resolved spec with its path relative to the working
// directory where that is shorter, as errors are to have it.
func relative(spec string) string {
	prefix, path, ok := strings.Cut(spec, ":")
	switch {
	case !ok && filepath.IsAbs(spec):
		return shorten(spec)
	case ok && prefix != "go" && filepath.IsAbs(path):
		return prefix + ":" + shorten(path)
	}
	return spec
}

// shown returns a resolved spec as messages name it: with the file's name in
// place of its path.
func shown(spec string, a *model.ABI) string {
	if a != nil && a.Source != "" {
		return a.Source
	}
	return spec
}
