// SPDX-License-Identifier: MIT

package source

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen"
	"github.com/fuseiomap/abigen/gen/btfsrc"
	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/gopkg"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/headers"
)

// RevisionMacro is the macro that selects a revision of the contract.
const RevisionMacro = "FUSE_IOMAP_BPF_REV"

// DefaultRevision is the revision of the contract where the macro is not
// defined.
const DefaultRevision = "R2"

// embedded is a source built into the program.
type embedded struct {
	name string
	doc  string
	// rev is the value of [RevisionMacro] for a revision of the header; "" for
	// the header as it comes.
	rev string
	// btf is the file of [headers.FS] with BTF, and side its side.
	btf  string
	side model.Side
	// object is the file of [abigen.Objects] with a compiled program.
	object string
}

// bringsTarget tells that the source decides its target itself.
func (e embedded) bringsTarget() bool { return e.btf != "" || e.object != "" }

// Revisions lists the revisions of the contract, oldest first. Each is a name
// for embedded:, and so is it after "kernel-" and "btf-".
func Revisions() []string { return []string{"R1", "R2", "R3", "R4"} }

// Neighbours lists the embedded interfaces with the same idea and another
// shape.
func Neighbours() []string { return []string{"fuse_bpf_ops", "fuse_bpf_ops2"} }

var embeddeds = func() []embedded {
	var all []embedded
	for _, r := range Revisions() {
		e := embedded{name: r, doc: "the contract"}
		if r != DefaultRevision {
			e.rev = strings.TrimPrefix(r, "R")
		}
		all = append(all, e)
	}
	for _, r := range Revisions() {
		all = append(all, embedded{name: "kernel-" + r, doc: "kernel declarations", btf: "btf/kernel-" + r + ".btf", side: model.SideKernel})
	}
	for _, r := range Revisions() {
		all = append(all, embedded{name: "btf-" + r, doc: "the contract as clang compiles it", btf: "btf/header-" + r + ".btf", side: model.SideContract})
	}
	for _, n := range Neighbours() {
		all = append(all, embedded{name: n, doc: "another interface", btf: "btf/" + n + ".btf", side: model.SideKernel})
	}
	all = append(all, embedded{name: "abi", doc: "abigen's Go package"})
	objects, err := fs.Glob(abigen.Objects, "bpf/programs/internal/object/*.o")
	if err != nil {
		panic("source: " + err.Error()) // the pattern is a constant
	}
	for _, o := range objects {
		program, target := splitObject(o)
		all = append(all, embedded{name: "program-" + program + "-" + target, doc: "reference program", object: o, side: model.SideProgram})
	}
	return all
}()

// splitObject returns the program and the target in the name of an object,
// which bpf2go calls PROGRAM_TARGET.o.
func splitObject(file string) (program, target string) {
	program, target, _ = strings.Cut(strings.TrimSuffix(path.Base(file), ".o"), "_")
	return program, target
}

// Programs lists the embedded reference programs, each as it was compiled for
// one byte order: the names for embedded: that begin with "program-".
func Programs() []string {
	var names []string
	for _, e := range embeddeds {
		if e.object != "" {
			names = append(names, e.name)
		}
	}
	return names
}

// Embedded lists the names that embedded: takes.
func Embedded() []string {
	var names []string
	for _, e := range embeddeds {
		names = append(names, e.name)
	}
	return names
}

// embeddedText is Embedded for people: the programs are many, so their names are
// folded as a shell would unfold them.
func embeddedText() string {
	var names, programs, targets []string
	for _, e := range embeddeds {
		if e.object == "" {
			names = append(names, e.name)
			continue
		}
		p, t := splitObject(e.object)
		if !slices.Contains(programs, p) {
			programs = append(programs, p)
		}
		if !slices.Contains(targets, t) {
			targets = append(targets, t)
		}
	}
	names = append(names, fmt.Sprintf("program-{%s}-{%s}", strings.Join(programs, ","), strings.Join(targets, ",")))
	return strings.Join(names, ", ")
}

// Describe returns a few words on the embedded source of that name.
func Describe(name string) string {
	e, _ := embeddedByName(name)
	return e.doc
}

func embeddedByName(name string) (embedded, bool) {
	for _, e := range embeddeds {
		if e.name == name {
			return e, true
		}
	}
	return embedded{}, false
}

func openEmbedded(_ context.Context, name string, o Options) (*model.ABI, error) {
	e, ok := embeddedByName(name)
	if !ok {
		return nil, fmt.Errorf("%w: embedded:%s", ErrSpec, name)
	}
	a, err := e.read(o)
	if err != nil {
		return nil, err
	}
	a.Source = "embedded:" + name
	return a, nil
}

func (e embedded) read(o Options) (*model.ABI, error) {
	if e.name == "abi" {
		return gopkg.ParseFS(abigen.ABI, "abi", "github.com/fuseiomap/abigen/abi", gopkg.Options{Target: o.target()})
	}
	if e.object != "" {
		data, err := abigen.Objects.ReadFile(e.object)
		if err != nil {
			return nil, err
		}
		return btfsrc.Read(path.Base(e.object), data, btfsrc.Options{Keep: o.keep(), Side: e.side})
	}
	if e.btf != "" {
		data, err := headers.FS.ReadFile(e.btf)
		if err != nil {
			return nil, err
		}
		return btfsrc.Read(e.btf, data, btfsrc.Options{Keep: o.keep(), Side: e.side})
	}
	for _, d := range o.Defines {
		if n, _, _ := strings.Cut(d, "="); n == RevisionMacro {
			return nil, worded{fmt.Sprintf("embedded:%s: its name selects the revision, and so does -D %s: use the one or the other",
				e.name, d), ErrSpec}
		}
	}
	text, err := headers.FS.ReadFile(headers.Contract)
	if err != nil {
		return nil, err
	}
	co := cheader.Options{Target: o.target(), Defines: o.Defines, IncludeDirs: o.includeDirs(), Includes: o.Includes, Cache: o.Cache}
	if e.rev != "" {
		co.Defines = append([]string{RevisionMacro + "=" + e.rev}, o.Defines...)
	}
	return cheader.Parse(headers.Contract, text, co)
}
