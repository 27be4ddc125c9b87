// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/goname"
)

// lowering turns what the targets agree on into Go declarations.
type lowering struct {
	cfg     *config
	m       *merged
	scope   *hostNames
	names   map[model.Ref]string
	enums   map[model.Ref]*enumType
	records map[model.Ref]*record
	// declared holds the records of the model that all targets agree on.
	declared map[model.Ref]*model.Record
	// busy holds the records being lowered, against recursion.
	busy map[model.Ref]bool
	// target is the one the models are of, or the first of several that differ in
	// byte order alone; maxAlign the largest alignment Go knows there.
	target   model.Target
	maxAlign int64
	errs     []error
}

func newLowering(c *config, m *merged, names *packageNames) *lowering {
	l := &lowering{cfg: c, m: m, scope: names.forHost(), names: map[model.Ref]string{},
		enums: map[model.Ref]*enumType{}, records: map[model.Ref]*record{}, declared: map[model.Ref]*model.Record{}, busy: map[model.Ref]bool{}}
	for _, r := range m.records {
		l.declared[r.Ref()] = r
	}
	l.maxAlign = 8
	if t, err := model.TargetByName(m.abi.Target); err == nil {
		l.target = t
		if t.PointerSize == 4 {
			l.maxAlign = 4
		}
	}
	return l
}

// lower returns everything the merged models declare, as if it were one file.
func (l *lowering) lower() *file {
	f := &file{cfg: l.cfg}
	f.types = l.lowerGroups()
	for _, e := range l.m.enums {
		if t := l.lowerEnum(e); t != nil {
			f.types = append(f.types, t)
		}
	}
	f.constants = l.lowerConstants(f.types)
	for _, r := range l.m.records {
		l.lowerRecord(r)
	}
	// In the order of declaration, whatever order they were needed in.
	for _, r := range l.m.records {
		if x := l.records[r.Ref()]; x != nil {
			f.records = append(f.records, x)
		}
	}
	return f
}

// typeRefs returns the enums and records of the merged models.
func (l *lowering) typeRefs() []model.Ref {
	var refs []model.Ref
	for _, e := range l.m.enums {
		refs = append(refs, e.Ref())
	}
	for _, r := range l.m.records {
		refs = append(refs, r.Ref())
	}
	return refs
}

// nameConfigured gives types the Go names that the configuration says.
func (l *lowering) nameConfigured() {
	for _, g := range l.cfg.groups {
		if g.re != nil {
			if l.scope.claimExact(g.Name, "group "+g.Name) != nil {
				l.errs = append(l.errs, configError(g.key("name"), "the name %s for group %[1]s is taken by %s: choose another", g.Name, l.scope.scope[g.Name]))
			}
		}
	}
	for _, ref := range l.typeRefs() {
		if s, ok := l.cfg.goName(ref.Name); ok {
			if err := l.scope.claimType(s, ref.String()); err != nil {
				l.errs = append(l.errs, err)
			}
			l.names[ref] = s
		}
	}
}

// nameTypes gives the other types their Go names, in the order of declaration.
func (l *lowering) nameTypes() {
	for _, ref := range l.typeRefs() {
		l.cfg.trimmed = l.cfg.trimmed || strings.HasPrefix(ref.Name, l.cfg.Trim)
		if l.names[ref] == "" {
			l.names[ref] = l.scope.claim(l.cfg.Prefix+goname.Type(ref.Name, l.cfg.Trim), ref.String())
		}
	}
}

// prototype spells a callback as C does.
func (l *lowering) prototype(cName string, f *model.Field) string {
	p := l.m.abi.Prototype(cName)
	if p == nil {
		return ""
	}
	params := make([]string, 0, len(p.Params)+1)
	for _, q := range p.Params {
		params = append(params, declare(q.Spelling, q.Name))
	}
	if p.Variadic {
		params = append(params, "...")
	}
	if len(params) == 0 {
		params = append(params, "void")
	}
	return wrapPrototype(declare(p.Result, "(*"+f.Name+")")+"(", params)
}

// wrapPrototype joins the parameters of a prototype, in lines of about the
// width of a comment.
func wrapPrototype(head string, params []string) string {
	var b strings.Builder
	width := commentWidth - 16
	line := head
	for i, p := range params {
		if i < len(params)-1 {
			p += ","
		} else {
			p += ")"
		}
		if i > 0 && len(line)+1+len(p) > width {
			b.WriteString(line + "\n\t")
			line, width = p, commentWidth-24
			continue
		}
		if i > 0 {
			p = " " + p
		}
		line += p
	}
	return b.String() + line
}

// declare joins a C type and a name: no space follows the star of a pointer.
func declare(typ, name string) string {
	if name == "" || strings.HasSuffix(typ, "*") {
		return typ + name
	}
	return typ + " " + name
}

// groupOf returns the group whose type the configuration gives a member.
func (l *lowering) groupOf(cName string) *group {
	for _, g := range l.cfg.groups {
		if slices.Contains(g.Members, cName) {
			g.typed[cName] = true
			return g
		}
	}
	return nil
}

// retype gives a number, or the elements of an array, the type of a group.
func retype(t goType, g *group) (goType, error) {
	switch x := t.(type) {
	case array:
		elem, err := retype(x.elem, g)
		return array{n: x.n, elem: elem}, err
	case scalar:
		if x.basic() == g.Base {
			x.name = g.Name
			return x, nil
		}
		return t, fmt.Errorf("is a %s, the group's base is %s: change the base or take the member out", x.basic(), g.Base)
	}
	return t, fmt.Errorf("is a %s, not a number: take it out", t.spelling())
}

// isInteger reports whether t is an integer or an array of integers.
func isInteger(t goType) bool {
	switch x := t.(type) {
	case scalar:
		return x.kind == unsigned || x.kind == signed
	case array:
		return isInteger(x.elem)
	}
	return false
}

func embedsReserved(t goType) bool {
	switch x := t.(type) {
	case embedded:
		return x.rec.reserved
	case array:
		return embedsReserved(x.elem)
	}
	return false
}
