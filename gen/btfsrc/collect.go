// SPDX-License-Identifier: MIT

package btfsrc

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// wrapperPrefix starts the name of the type of a struct_ops map's value.
const wrapperPrefix = "bpf_struct_ops_"

// notWrappers are kernel types that start with the prefix for another reason.
var notWrappers = []string{"arg_info", "common_value", "desc", "link", "map", "value"}

// contents is what a blob declares, as far as it was asked for: the blob's own
// types, not those of its base.
type contents struct {
	records  []*model.Record
	enums    []*model.Enum
	protos   []*model.Prototype
	skipped  []model.Skipped
	hasKfunc bool // some function is marked as a kfunc, kept or not
	program  bool // it comes out of a compiled program, not a kernel
}

// collector gathers the contents of one blob.
type collector struct {
	b    *blob
	l    *lowering
	keep func(string) bool
	// kernel lowers types of the kernel that a distilled base stands for; nil
	// where that kernel's BTF was not given.
	kernel *lowering
	out    contents

	names    []uint64          // of records and enums: name offset<<32 | id, sorted
	wrappers map[string]uint32 // what each wrapper holds, by the struct_ops type it is named for
	// seen are the records and enums that have been dealt with, contains what
	// the records hold by value.
	seen     map[model.Ref]bool
	contains map[model.Ref][]model.Ref
	stubs    map[string]*model.Prototype
}

// scanned is what the first pass over the types finds.
type scanned struct {
	groups    map[model.Ref][]entity // declarations of one name, in order of their ids
	anonymous []uint32               // enums without a name
	named     map[uint32]bool        // anonymous types that a typedef names
	kfuncs    []uint32
	externs   []uint32
	ksyms     map[uint32]bool // functions in section .ksyms
}

// collect lowers what keep accepts and what that contains by value.
func collect(b, kernel *blob, target model.Target, keep func(string) bool) (*contents, error) {
	c := &collector{
		b: b, l: newLowering(b, target), keep: keep,
		wrappers: map[string]uint32{}, seen: map[model.Ref]bool{},
		contains: map[model.Ref][]model.Ref{}, stubs: map[string]*model.Prototype{},
	}
	if kernel != nil {
		c.kernel = newLowering(kernel, target)
	}
	s := c.scan()
	for _, ref := range slices.SortedFunc(maps.Keys(s.groups), compareRefs) {
		if err := c.add(c.l, ref, s.groups[ref]); err != nil {
			return nil, err
		}
	}
	for _, id := range s.anonymous {
		if s.named[id] {
			continue
		}
		if err := c.addAnonymousEnum(id); err != nil {
			return nil, err
		}
	}
	if err := c.addFunctions(s); err != nil {
		return nil, err
	}
	if err := c.nameParameters(); err != nil {
		return nil, err
	}
	if err := c.checkContainment(); err != nil {
		return nil, err
	}
	c.out.sort()
	return &c.out, nil
}

func compareRefs(a, b model.Ref) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Kind, b.Kind))
}

func (c *collector) keeps(name string) bool { return c.keep == nil || c.keep(name) }

// scan looks at the header of each type once.
func (c *collector) scan() *scanned {
	s := &scanned{groups: map[model.Ref][]entity{}, named: map[uint32]bool{}, ksyms: map[uint32]bool{}}
	b := c.b
	kfuncTag := uint32(0)
	for id := max(b.first, 1); id < b.end(); id++ {
		switch b.kind(id) {
		case kindStruct, kindUnion, kindEnum, kindEnum64:
			t := b.at(id)
			if t.name == 0 {
				if t.kind == kindEnum || t.kind == kindEnum64 {
					s.anonymous = append(s.anonymous, id)
				}
				continue
			}
			c.names = append(c.names, uint64(t.name)<<32|uint64(id))
			name := b.name(t.name)
			if ops, ok := strings.CutPrefix(name, wrapperPrefix); ok && !slices.Contains(notWrappers, ops) {
				c.wrappers[ops] = c.wrapped(&t)
			}
			if c.keeps(name) {
				ref := model.Ref{Kind: refKind(&t), Name: name}
				s.groups[ref] = append(s.groups[ref], entity{def: id})
			}
		case kindTypedef:
			t := b.at(id)
			def := b.at(c.l.skipTransparent(t.arg))
			switch def.kind {
			case kindStruct, kindUnion, kindEnum, kindEnum64:
			default:
				continue
			}
			if def.name != 0 {
				continue
			}
			s.named[def.id] = true
			c.names = append(c.names, uint64(t.name)<<32|uint64(id))
			if name := b.name(t.name); c.keeps(name) {
				ref := model.Ref{Kind: refKind(&def), Name: name}
				s.groups[ref] = append(s.groups[ref], entity{def: def.id, typedef: id})
			}
		case kindDeclTag:
			t := b.at(id)
			// The first comparison of the name finds its offset, which all
			// others share.
			if t.name != kfuncTag && (kfuncTag != 0 || b.name(t.name) != "bpf_kfunc") {
				continue
			}
			kfuncTag = t.name
			if f := b.at(t.arg); f.kind == kindFunc && b.word(t.data) == ^uint32(0) {
				s.kfuncs = append(s.kfuncs, f.id)
			}
		case kindFunc:
			if t := b.at(id); t.n == linkageExtern {
				s.externs = append(s.externs, id)
			}
		case kindDatasec:
			c.scanSection(id, s)
		}
	}
	slices.Sort(c.names)
	return s
}

// scanSection notes kfuncs, and recognises a program by sections that loaders
// of programs look for. A kernel's BTF has sections of variables too.
func (c *collector) scanSection(id uint32, s *scanned) {
	t := c.b.at(id)
	name := c.b.name(t.name)
	switch name {
	case ".ksyms":
		for i := range t.n {
			s.ksyms[c.b.word(t.data[12*i:])] = true
		}
	case ".maps", ".kconfig", "license", ".struct_ops", ".struct_ops.link":
	default:
		return
	}
	c.out.program = true
}

// wrapped returns the type of the data that t, a wrapper, holds, or 0. Whether
// that is the struct the wrapper is named for is for the caller to see.
func (c *collector) wrapped(t *typ) uint32 {
	if t.kind != kindStruct {
		return 0
	}
	for i := range t.n {
		m := t.data[12*i:]
		if c.b.name(c.b.word(m)) == "data" {
			return c.l.skipTransparent(c.b.word(m[4:]))
		}
	}
	return 0
}

// add lowers the declarations of one record or enum, all of one name, chooses
// one, and goes on to what that one contains.
func (c *collector) add(l *lowering, ref model.Ref, group []entity) error {
	if c.seen[ref] {
		return nil
	}
	c.seen[ref] = true
	if !isIdentifier(ref.Name) {
		return c.skip(ref, &unsupported{"its name is no C identifier"})
	}
	// In C a reference by tag never means a typedef of the same name.
	slices.SortStableFunc(group, func(a, b entity) int { return cmp.Compare(min(a.typedef, 1), min(b.typedef, 1)) })
	if l.b.owner(group[0].def).distilled {
		return c.addDistilled(ref, group[0])
	}
	if ref.Kind == model.RefEnum {
		return c.addEnum(l, ref, group)
	}
	return c.addRecord(l, ref, group)
}

func (c *collector) addEnum(l *lowering, ref model.Ref, group []entity) error {
	var chosen *model.Enum
	differ := false
	for _, e := range group {
		x, err := l.enum(e)
		if err != nil {
			return c.skip(ref, err)
		}
		switch {
		case chosen == nil:
			chosen = x
		case !reflect.DeepEqual(x.Values, chosen.Values) || x.Size != chosen.Size || x.Signed != chosen.Signed:
			differ = true
		}
	}
	if differ {
		c.noteDuplicates(ref, len(group), "the first is used")
	}
	c.out.enums = append(c.out.enums, chosen)
	return nil
}

func (c *collector) addRecord(l *lowering, ref model.Ref, group []entity) error {
	var chosen *model.Record
	var chosenBy entity
	var contains []entity
	differ, which := false, "the first is used"
	registered := uint32(0)
	if l == c.l && ref.Kind == model.RefStruct {
		registered = c.wrappers[ref.Name]
	}
	for _, e := range group {
		r, by, err := l.record(e, 0)
		if err != nil {
			return c.skip(ref, err)
		}
		if chosen != nil && !reflect.DeepEqual(r.Fields, chosen.Fields) || chosen != nil && r.Size != chosen.Size {
			differ = true
		}
		if chosen == nil || e.def == registered {
			chosen, chosenBy, contains = r, e, by
			if e.def == registered && e != group[0] {
				which = "the registered one is used"
			}
		}
	}
	if differ {
		c.noteDuplicates(ref, len(group), which)
	}
	chosen.Registered = registered != 0 && chosenBy.def == registered
	c.out.records = append(c.out.records, chosen)
	if err := c.addCallbacks(l, chosen, chosenBy); err != nil {
		return err
	}
	for _, e := range contains {
		t := l.b.at(e.def)
		inner := model.Ref{Kind: refKind(&t), Name: l.entityName(e)}
		c.contains[ref] = append(c.contains[ref], inner)
		if err := c.add(l, inner, c.namesakes(l, inner, e)); err != nil {
			return err
		}
	}
	return nil
}

// namesakes returns the declarations that compete with e for its name, so that
// the choice among them does not depend on who asks.
func (c *collector) namesakes(l *lowering, ref model.Ref, e entity) []entity {
	id := cmp.Or(e.typedef, e.def)
	if l != c.l || id < c.b.first {
		return []entity{e}
	}
	off := c.b.at(id).name
	i, _ := slices.BinarySearch(c.names, uint64(off)<<32)
	var group []entity
	for ; i < len(c.names) && uint32(c.names[i]>>32) == off; i++ {
		t := c.b.at(uint32(c.names[i]))
		other := entity{def: t.id}
		if t.kind == kindTypedef {
			def := c.b.at(c.l.skipTransparent(t.arg))
			other = entity{def: def.id, typedef: t.id}
			t = def
		}
		if refKind(&t) == ref.Kind {
			group = append(group, other)
		}
	}
	return group
}

// addDistilled deals with a type that a module's distilled base names without
// saying what is in it.
func (c *collector) addDistilled(ref model.Ref, e entity) error {
	t := c.b.at(e.def)
	if c.kernel == nil {
		c.out.skipped = append(c.out.skipped, model.Skipped{Name: ref.Name, Reason: fmt.Sprintf(
			"%s belongs to the kernel proper: the module's distilled base has no more than its name and size", ref)})
		return nil
	}
	b := c.kernel.b
	for id := max(b.first, 1); id < b.end(); id++ {
		k := b.kind(id)
		if k != kindStruct && k != kindUnion && k != kindEnum && k != kindEnum64 {
			continue
		}
		r := b.at(id)
		if refKind(&r) == ref.Kind && r.arg == t.arg && b.name(r.name) == ref.Name {
			delete(c.seen, ref)
			return c.add(c.kernel, ref, []entity{{def: id}})
		}
	}
	return fmt.Errorf("%w: it has no %s of %d bytes, which the module contains", ErrWrongBase, ref, t.arg)
}

// addCallbacks lists the function pointers among the members of r.
func (c *collector) addCallbacks(l *lowering, r *model.Record, e entity) error {
	t := l.b.at(e.def)
	for i := range r.Fields {
		f := &r.Fields[i]
		if f.Name == "" || !model.IsCallback(f.Type) {
			continue
		}
		proto := l.callback(l.b.word(t.data[12*i+4:]))
		if proto == 0 {
			continue
		}
		name := r.Name + "." + f.Name
		stub := r.Name + "__" + f.Name
		if c.stubs[stub] != nil {
			// A union of the same name.
			continue
		}
		p, err := l.prototype(name, model.Callback, proto)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		c.out.protos = append(c.out.protos, p)
		c.stubs[stub] = p
	}
	return nil
}

func (c *collector) addAnonymousEnum(id uint32) error {
	e, err := c.l.enum(entity{def: id})
	if err != nil {
		return c.skip(model.Ref{Kind: model.RefEnum}, err)
	}
	if len(e.Values) == 0 {
		return nil
	}
	if c.keep == nil || slices.ContainsFunc(e.Values, func(v model.Enumerator) bool { return c.keep(v.Name) }) {
		c.out.enums = append(c.out.enums, e)
	}
	return nil
}

// addFunctions lists kfuncs: of a kernel those it marks, of a program those it
// calls. A program's other external functions are plain ones.
func (c *collector) addFunctions(s *scanned) error {
	c.out.hasKfunc = len(s.kfuncs) > 0
	c.out.program = c.out.program || len(s.externs) > 0
	done := map[string]*model.Prototype{}
	add := func(id uint32, role model.Role) error {
		f := c.b.at(id)
		name := c.b.name(f.name)
		if !c.keeps(name) {
			return nil
		}
		if !isIdentifier(name) {
			return c.skip(model.Ref{Kind: "function", Name: name}, &unsupported{"its name is no C identifier"})
		}
		p, err := c.l.prototype(name, role, f.arg)
		if err != nil {
			return c.skip(model.Ref{Kind: "function", Name: name}, err)
		}
		if first := done[name]; first != nil {
			if !reflect.DeepEqual(first, p) {
				c.noteDuplicates(model.Ref{Kind: "function", Name: name}, 2, "the first is used")
			}
			return nil
		}
		done[name] = p
		c.out.protos = append(c.out.protos, p)
		return nil
	}
	for _, id := range s.kfuncs {
		if err := add(id, model.Kfunc); err != nil {
			return err
		}
	}
	for _, id := range s.externs {
		role := model.Function
		if s.ksyms[id] {
			role = model.Kfunc
		}
		if err := add(id, role); err != nil {
			return err
		}
	}
	return nil
}

// nameParameters gives callbacks the parameter names of the kernel's stub
// functions, where there is one of the very same type.
func (c *collector) nameParameters() error {
	if len(c.stubs) == 0 {
		return nil
	}
	for id := max(c.b.first, 1); id < c.b.end(); id++ {
		if c.b.kind(id) != kindFunc {
			continue
		}
		f := c.b.at(id)
		p := c.stubs[c.b.name(f.name)]
		if p == nil {
			continue
		}
		stub, err := c.l.prototype("", model.Function, f.arg)
		var u *unsupported
		switch {
		case errors.As(err, &u):
			continue
		case err != nil:
			return fmt.Errorf("%s: %w", c.b.name(f.name), err)
		}
		if !sameTypes(p, stub) {
			continue
		}
		for i := range p.Params {
			p.Params[i].Name = stub.Params[i].Name
		}
	}
	return nil
}

func sameTypes(a, b *model.Prototype) bool {
	return a.Variadic == b.Variadic && model.Identical(a.ResultType, b.ResultType) &&
		slices.EqualFunc(a.Params, b.Params, func(x, y model.Param) bool { return model.Identical(x.Type, y.Type) })
}

// checkContainment refuses records that contain themselves by value: whoever
// walks the model may rely on an end.
func (c *collector) checkContainment() error {
	const open, closed = 1, 2
	state := map[model.Ref]int{}
	var visit func(model.Ref) error
	visit = func(r model.Ref) error {
		state[r] = open
		for _, inner := range c.contains[r] {
			switch state[inner] {
			case open:
				return damaged("%s contains itself", inner)
			case 0:
				if err := visit(inner); err != nil {
					return err
				}
			}
		}
		state[r] = closed
		return nil
	}
	for _, ref := range slices.SortedFunc(maps.Keys(c.contains), compareRefs) {
		if state[ref] == 0 {
			if err := visit(ref); err != nil {
				return err
			}
		}
	}
	return nil
}

// skip turns what the model cannot hold into an entry of the skipped list, and
// passes on every other error.
func (c *collector) skip(ref model.Ref, err error) error {
	var u *unsupported
	if !errors.As(err, &u) {
		return fmt.Errorf("%s: %w", ref, err)
	}
	c.out.skipped = append(c.out.skipped, model.Skipped{Name: ref.Name, Reason: fmt.Sprintf("%s: %s", ref.Kind, err)})
	return nil
}

func (c *collector) noteDuplicates(ref model.Ref, n int, which string) {
	c.out.skipped = append(c.out.skipped, model.Skipped{Name: ref.Name,
		Reason: fmt.Sprintf("%s is declared %d times, not always alike: %s", ref, n, which)})
}

func (c *contents) sort() {
	slices.SortFunc(c.records, func(a, b *model.Record) int { return compareRefs(a.Ref(), b.Ref()) })
	slices.SortStableFunc(c.enums, func(a, b *model.Enum) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), slices.CompareFunc(a.Values, b.Values,
			func(x, y model.Enumerator) int { return cmp.Compare(x.Name, y.Name) }))
	})
	slices.SortStableFunc(c.protos, func(a, b *model.Prototype) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Role, b.Role))
	})
	slices.SortStableFunc(c.skipped, func(a, b model.Skipped) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Reason, b.Reason))
	})
}
