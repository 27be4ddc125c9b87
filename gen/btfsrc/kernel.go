// SPDX-License-Identifier: MIT

package btfsrc

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// kernelBTF is where the running kernel shows its BTF: vmlinux, and one file of
// split BTF for each loaded module.
const kernelBTF = "/sys/kernel/btf"

// Kernel reads the running kernel: vmlinux and every loaded module. Where they
// declare a name differently, the declaration that is registered counts, else
// vmlinux's, else that of the first module by name; Skipped says so.
//
// Without BTF in the kernel the error is [ErrNoBTF].
func Kernel(o Options) (*model.ABI, error) {
	return kernel(kernelBTF, runtime.GOARCH, o)
}

func kernel(dir, goarch string, o Options) (*model.ABI, error) {
	const name = "running kernel"
	vmlinux, err := loadKernel(filepath.Join(dir, "vmlinux"), nil)
	if errors.Is(err, os.ErrNotExist) {
		err = fmt.Errorf("%w: it has no %s/vmlinux: use Linux with CONFIG_DEBUG_INFO_BTF", ErrNoBTF, dir)
	}
	if err != nil {
		return nil, explain(name, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, explain(name, err)
	}
	target := targetOf(kernelMachine(goarch), vmlinux)
	m := merger{keep: o.Keep}
	if err := m.add("vmlinux", vmlinux, target); err != nil {
		return nil, explain(name, fmt.Errorf("vmlinux: %w", err))
	}
	for _, e := range entries {
		if e.Name() == "vmlinux" {
			continue
		}
		b, err := loadKernel(filepath.Join(dir, e.Name()), vmlinux)
		if errors.Is(err, os.ErrNotExist) {
			// The module was unloaded while we read.
			continue
		}
		if err == nil {
			err = m.add("module "+e.Name(), b, target)
		}
		if err != nil {
			return nil, explain(name, fmt.Errorf("module %s: %w", e.Name(), err))
		}
	}
	c := m.finish()
	a := &model.ABI{
		Source: "btf:kernel", Target: target.Name, Side: cmp.Or(o.Side, model.SideKernel),
		Attests: attests(model.SideKernel, c.hasKfunc),
		Records: c.records, Enums: c.enums, Prototypes: c.protos, Skipped: c.skipped,
	}
	return a, nil
}

func loadKernel(path string, base *blob) (*blob, error) {
	in, err := openFile(path)
	if err != nil {
		return nil, err
	}
	return parse(in.raw, func() (*blob, error) {
		if base == nil {
			return nil, damaged("%s is split BTF", path)
		}
		return base, nil
	})
}

// kernelMachine is the target of a kernel on which a Go program of that GOARCH
// runs, or empty.
func kernelMachine(goarch string) string {
	ts := model.Targets()
	i := slices.IndexFunc(ts, func(t model.Target) bool { return !t.BPF && t.GOARCH == goarch })
	if i < 0 {
		return ""
	}
	return ts[i].Name
}

// merger joins what a kernel and its modules declare.
type merger struct {
	keep func(string) bool
	out  contents
	refs map[model.Ref]origin
	fns  map[string]*model.Prototype
	// protos are the prototypes of callbacks, by record.
	protos map[string][]*model.Prototype
}

// origin is the place a declaration was first seen, with its place in the
// result.
type origin struct {
	part  string
	index int
}

// add merges the contents of one blob, which part names.
func (m *merger) add(part string, b *blob, target model.Target) error {
	c, err := collect(b, nil, target, m.keep)
	if err != nil {
		return b.blameBase(err)
	}
	if m.refs == nil {
		m.refs, m.fns, m.protos = map[model.Ref]origin{}, map[string]*model.Prototype{}, map[string][]*model.Prototype{}
	}
	m.out.hasKfunc = m.out.hasKfunc || c.hasKfunc
	m.out.skipped = append(m.out.skipped, c.skipped...)
	callbacks := map[string][]*model.Prototype{}
	for _, p := range c.protos {
		if p.Role == model.Callback {
			record, _, _ := strings.Cut(p.Name, ".")
			callbacks[record] = append(callbacks[record], p)
			continue
		}
		if first := m.fns[p.Name]; first == nil {
			m.fns[p.Name] = p
		} else if !reflect.DeepEqual(first, p) {
			m.note(model.Ref{Kind: "function", Name: p.Name}, part, "elsewhere")
		}
	}
	for _, r := range c.records {
		ref := r.Ref()
		first, seen := m.refs[ref]
		switch {
		case !seen:
			m.refs[ref] = origin{part, len(m.out.records)}
			m.out.records = append(m.out.records, r)
			m.protos[r.Name] = callbacks[r.Name]
		case reflect.DeepEqual(m.out.records[first.index], r):
		case r.Registered && !m.out.records[first.index].Registered:
			m.note(ref, first.part, part)
			m.refs[ref] = origin{part, first.index}
			m.out.records[first.index] = r
			m.protos[r.Name] = callbacks[r.Name]
		default:
			m.note(ref, part, first.part)
		}
	}
	for _, e := range c.enums {
		ref := e.Ref()
		if e.Name == "" {
			// The first enumerator stands for the enum: it is unique in C.
			ref.Name = " " + e.Values[0].Name
		}
		first, seen := m.refs[ref]
		if !seen {
			m.refs[ref] = origin{part, len(m.out.enums)}
			m.out.enums = append(m.out.enums, e)
		} else if !reflect.DeepEqual(m.out.enums[first.index], e) {
			m.note(model.Ref{Kind: model.RefEnum, Name: cmp.Or(e.Name, e.Values[0].Name)}, part, first.part)
		}
	}
	return nil
}

func (m *merger) note(ref model.Ref, unused, used string) {
	m.out.skipped = append(m.out.skipped, model.Skipped{Name: ref.Name,
		Reason: fmt.Sprintf("%s of %s differs from that of %s, which is used", ref, unused, used)})
}

func (m *merger) finish() *contents {
	for _, p := range m.fns {
		m.out.protos = append(m.out.protos, p)
	}
	for _, ps := range m.protos {
		m.out.protos = append(m.out.protos, ps...)
	}
	m.out.sort()
	return &m.out
}
