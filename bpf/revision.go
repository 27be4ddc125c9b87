// SPDX-License-Identifier: MIT

package bpf

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/fuseiomap/abigen/gen/btfsrc"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/headers"
)

// revision is a known revision of the interface, from the kernel's side and from
// the program's.
type revision struct {
	name            string
	kernel, program *model.ABI
}

// revisions reads those that package headers has.
var revisions = sync.OnceValue(func() []revision {
	var all []revision
	for _, name := range []string{"R1", "R2", "R3", "R4"} {
		kernel, err := embedded("kernel-"+name, model.SideKernel)
		if err != nil {
			panic("bpf: " + err.Error()) // the files are part of the program
		}
		program, err := embedded("header-"+name, model.SideProgram)
		if err != nil {
			panic("bpf: " + err.Error())
		}
		all = append(all, revision{name, kernel, program})
	}
	return all
})

func embedded(name string, side model.Side) (*model.ABI, error) {
	b, err := headers.FS.ReadFile("btf/" + name + ".btf")
	if err != nil {
		return nil, err
	}
	return btfsrc.Read(name, b, btfsrc.Options{Side: side})
}

// revisionNames lists everything a known revision declares, which is what to ask
// a kernel for to find out which it has.
var revisionNames = sync.OnceValue(func() []string {
	var names []string
	for _, r := range revisions() {
		names = append(names, declared(r.kernel)...)
		names = append(names, declared(r.program)...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	// Every kernel has the others, and not because of this interface. The inode is
	// each kernel's own: a program's access is relocated.
	return slices.DeleteFunc(names, func(n string) bool { return !strings.HasPrefix(n, "fuse_") || n == "fuse_inode" })
})

// nearest finds the revisions that come nearest to a model of either side: one,
// or several that the model does not tell apart. Of two that it differs from as
// little, the one that has more of what it declares is nearer. exact tells that it
// does not differ from them.
func nearest(a *model.ABI) (near []revision, exact bool) {
	names := revisionNames()
	a = onlyDeclared(a, names)
	best, fewest := -1, 0
	for _, r := range revisions() {
		reference := r.kernel
		if a.Side == model.SideProgram {
			reference = r.program
		}
		reference = onlyDeclared(reference, names)
		n := drift.Near(a, reference)
		if !n.Ops {
			continue
		}
		unshared := unshared(a, reference)
		switch {
		case best < 0 || n.Score < best || n.Score == best && unshared < fewest:
			best, fewest, near = n.Score, unshared, []revision{r}
		case n.Score == best && unshared == fewest:
			near = append(near, r)
		}
	}
	return near, best == 0
}

// unshared counts the names that one side declares and the other does not, among
// revisions that a model differs from alike. A program declares only what it uses,
// so what it lacks tells nothing.
func unshared(a, reference *model.ABI) (n int) {
	has, known := declared(a), declared(reference)
	for _, name := range has {
		if !slices.Contains(known, name) {
			n++
		}
	}
	for _, name := range known {
		if a.Side != model.SideProgram && !slices.Contains(has, name) {
			n++
		}
	}
	return n
}

// onlyDeclared leaves out what a kernel's struct_ops type brings along, such as
// what its private tail contains.
func onlyDeclared(a *model.ABI, names []string) *model.ABI {
	out := *a
	// So do the kernel's own kfuncs, such as bpf_rcu_read_lock.
	out.Prototypes = slices.DeleteFunc(slices.Clone(a.Prototypes), func(p *model.Prototype) bool {
		return p.Role == model.Kfunc && !slices.Contains(names, p.Name)
	})
	out.Records = slices.DeleteFunc(slices.Clone(a.Records), func(r *model.Record) bool {
		return !slices.Contains(names, essential(r.Name))
	})
	out.Enums = slices.DeleteFunc(slices.Clone(a.Enums), func(e *model.Enum) bool { return !slices.Contains(names, e.Name) })
	return &out
}

// describe names the revision of a model: "R3", "R1 or R2", "nearest R2".
func describe(a *model.ABI) string {
	near, exact := nearest(a)
	if len(near) == 0 {
		return "an unknown revision"
	}
	var names []string
	for _, r := range near {
		names = append(names, r.name)
	}
	s := strings.Join(names, " or ")
	if !exact {
		return "nearest " + s
	}
	return s
}

// misordered finds callbacks whose parameters of one type the kernel has in
// another order than every known revision, which only the names of its stub
// functions show. A program has no such names; one that was compiled with the
// header takes one for the other.
func misordered(kernel *model.ABI, ops string) (fs []drift.Finding) {
	near, _ := nearest(kernel)
	if len(near) == 0 {
		return nil
	}
	result := drift.Compare(near[0].kernel, kernel, drift.Options{Keep: func(name string) bool { return name == ops }})
	for _, f := range result.Findings {
		if f.Rule == "callback.param.order" {
			f.Message += fmt.Sprintf(" (by the names of the kernel's function %s, beside those of %s)", stub(f.Subject), near[0].name)
			fs = append(fs, f)
		}
	}
	return fs
}

// stub is the name of the kernel's function that stands in for a callback.
func stub(subject string) string {
	subject, _, _ = strings.Cut(subject, "#")
	return strings.Replace(subject, ".", "__", 1)
}
