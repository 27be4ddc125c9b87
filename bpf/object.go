// SPDX-License-Identifier: MIT

package bpf

import (
	"bytes"
	"cmp"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"

	"github.com/fuseiomap/abigen/gen/btfsrc"
	"github.com/fuseiomap/abigen/gen/model"
)

// opsSection is where DEFINE_FUSE_IOMAP_BPF_OPS puts the variable.
const opsSection = ".struct_ops.link"

// maxObject bounds what is read: no program that the kernel takes is as large.
const maxObject = 64 << 20

// Object is a compiled BPF object, read and not yet loaded. Load takes it any
// number of times and does not change it.
type Object struct {
	name  string
	spec  *ebpf.CollectionSpec
	model *model.ABI
	ops   []OpsVariable
}

// OpsVariable is a variable of a struct_ops type: what
// DEFINE_FUSE_IOMAP_BPF_OPS defines.
type OpsVariable struct {
	// Name is the variable's, and that of the map made of it.
	Name string
	// Type is the name of its struct.
	Type string
	// Programs are the functions in its members, by the member's name. Members
	// that are NULL are not in it.
	Programs map[string]string
}

// OpenObject reads the object in a file. Errors wrap [ErrObject], or come from
// the file system.
func OpenObject(path string) (*Object, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("bpf: %w", err)
	}
	defer func() { _ = f.Close() }()
	return readObject(filepath.Base(path), f)
}

// ReadObject reads an object, such as the bytes that bpf2go embeds. Errors wrap
// [ErrObject].
func ReadObject(r io.ReaderAt) (*Object, error) { return readObject("object", r) }

func readObject(name string, r io.ReaderAt) (*Object, error) {
	fail := func(err error) error { return fmt.Errorf("bpf: %s: %w: %w", name, ErrObject, err) }
	b, err := io.ReadAll(io.NewSectionReader(r, 0, maxObject+1))
	if err != nil {
		return nil, fail(err)
	}
	if len(b) > maxObject {
		return nil, fail(fmt.Errorf("it has more than %d MiB", maxObject>>20))
	}
	o := &Object{name: name}
	// The model first: its reader bounds what a file may claim.
	if o.model, err = btfsrc.Read(name, b, btfsrc.Options{Side: model.SideProgram}); err != nil {
		return nil, fail(err)
	}
	if o.spec, err = ebpf.LoadCollectionSpecFromReader(bytes.NewReader(b)); err != nil {
		return nil, fail(err)
	}
	if err := defineForwards(o.spec); err != nil {
		return nil, fail(err)
	}
	functions, err := boundFunctions(b)
	if err != nil {
		return nil, fail(err)
	}
	if o.ops, err = opsVariables(o.spec, functions); err != nil {
		return nil, fail(err)
	}
	return o, nil
}

// boundFunctions reads which function the linker would write where in the section
// of the ops variables. The library keeps of that only a name of type and member,
// which two variables of one type share.
func boundFunctions(object []byte) (map[uint64]string, error) {
	f, err := elf.NewFile(bytes.NewReader(object))
	if err != nil {
		return nil, err
	}
	section := slices.IndexFunc(f.Sections, func(s *elf.Section) bool { return s.Name == opsSection })
	if section < 0 {
		return nil, nil
	}
	symbols, err := f.Symbols()
	if err != nil {
		return nil, err
	}
	functions := map[uint64]string{}
	for _, s := range f.Sections {
		if s.Type != elf.SHT_REL || int(s.Info) != section {
			continue
		}
		data, err := s.Data()
		if err != nil {
			return nil, err
		}
		const entry = 16 // r_offset, r_info
		for ; len(data) >= entry; data = data[entry:] {
			at, info := f.ByteOrder.Uint64(data), f.ByteOrder.Uint64(data[8:])
			// The table leaves out symbol 0.
			i := int(info>>32) - 1
			if i < 0 || i >= len(symbols) {
				return nil, fmt.Errorf("a relocation in %s names symbol %d of %d: compile it again", opsSection, i+1, len(symbols))
			}
			functions[at] = symbols[i].Name
		}
	}
	return functions, nil
}

func opsVariables(spec *ebpf.CollectionSpec, functions map[uint64]string) ([]OpsVariable, error) {
	if spec.Types == nil {
		return nil, nil
	}
	var section *btf.Datasec
	if err := spec.Types.TypeByName(opsSection, &section); err != nil {
		return nil, nil //nolint:nilerr // without the section there are no variables, which is no error yet
	}
	var all []OpsVariable
	for _, info := range section.Vars {
		v, ok := info.Type.(*btf.Var)
		if !ok {
			continue
		}
		st, ok := btf.As[*btf.Struct](v.Type)
		if !ok {
			continue
		}
		ops := OpsVariable{Name: v.Name, Type: st.Name, Programs: map[string]string{}}
		for _, m := range st.Members {
			if fn := functions[uint64(info.Offset+m.Offset.Bytes())]; fn != "" {
				ops.Programs[m.Name] = fn
			}
		}
		all = append(all, ops)
	}
	slices.SortFunc(all, func(a, b OpsVariable) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

// Spec is what Load loads, to set variables and the sizes of maps in. Changing it
// while a Load runs is a race.
func (o *Object) Spec() *ebpf.CollectionSpec { return o.spec }

// Ops lists the ops variables, of any struct_ops type, sorted by name.
func (o *Object) Ops() []OpsVariable {
	all := slices.Clone(o.ops)
	for i := range all {
		all[i].Programs = maps.Clone(all[i].Programs)
	}
	return all
}

// Model is what the object was compiled for. It is shared and must not be
// changed.
func (o *Object) Model() *model.ABI { return o.model }

// variable finds the ops variable of a type to load: the one of that name, or the
// only one.
func (o *Object) variable(name, typ string) (OpsVariable, error) {
	var of []OpsVariable
	for _, v := range o.ops {
		if v.Type == typ {
			of = append(of, v)
		}
	}
	var names []string
	for _, v := range of {
		if v.Name == name {
			return v, nil
		}
		names = append(names, v.Name)
	}
	list := strings.Join(names, ", ")
	switch {
	case len(of) == 0:
		return OpsVariable{}, fmt.Errorf("bpf: %s: %w: it has no variable of type %s in section %s: define one with DEFINE_FUSE_IOMAP_BPF_OPS", o.name, ErrNoOps, typ, opsSection)
	case name != "":
		return OpsVariable{}, fmt.Errorf("bpf: %s: %w: %s: it has %s: set Options.Ops to one of them", o.name, ErrNoOps, name, list)
	case len(of) > 1:
		return OpsVariable{}, fmt.Errorf("bpf: %s: %w: %s: set Options.Ops to one of them", o.name, ErrManyOps, list)
	}
	return of[0], nil
}

// part is what of the object a variable needs: its map and the programs in its
// members. Other ops variables stay out, and programs of this kind that no map
// refers to, which the kernel could not load. What is returned is the caller's.
func (o *Object) part(v OpsVariable, omit []string) (*ebpf.CollectionSpec, error) {
	if order := o.spec.ByteOrder; order != nil && order.Uint16([]byte{0, 1}) != binary.NativeEndian.Uint16([]byte{0, 1}) {
		return nil, fmt.Errorf("bpf: %s: %w: it was compiled for the other byte order: compile it with -target bpf, or take the file for this machine", o.name, ErrObject)
	}
	if o.spec.Maps[v.Name] == nil {
		return nil, fmt.Errorf("bpf: %s: %w: the map %s was taken out of its specification", o.name, ErrNoOps, v.Name)
	}
	spec := o.spec.Copy()
	for name, m := range spec.Maps {
		if m.Type == ebpf.StructOpsMap && name != v.Name {
			delete(spec.Maps, name)
		}
	}
	for name, p := range spec.Programs {
		if p.Type == ebpf.StructOps {
			delete(spec.Programs, name)
		}
	}
	members := map[string]string{}
	for _, member := range slices.Sorted(maps.Keys(v.Programs)) {
		if slices.Contains(omit, member) {
			continue
		}
		function := v.Programs[member]
		p := o.spec.Programs[function]
		if p == nil || p.Type != ebpf.StructOps {
			return nil, fmt.Errorf("bpf: %s: %w: %s.%s is %s, which is no program in a section struct_ops: open it with FUSE_IOMAP_BEGIN_BPF_FUNC or its like", o.name, ErrBinding, v.Name, member, function)
		}
		if other, ok := members[function]; ok {
			return nil, fmt.Errorf("bpf: %s: %w: %s is in %s.%s and in %s.%s, and the kernel takes a program for one member: write one for each", o.name, ErrBinding, function, v.Name, other, v.Name, member)
		}
		members[function] = member
		p = p.Copy()
		p.AttachTo = v.Type + ":" + member
		spec.Programs[function] = p
	}
	return spec, nil
}
