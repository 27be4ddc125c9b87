// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"go/constant"
	"slices"
	"strconv"

	"github.com/fuseiomap/abigen/gen/model"
)

// merged is what all targets agree on, in the order of the first one.
type merged struct {
	records   []*model.Record
	enums     []*model.Enum // named ones
	constants []*model.Constant
	// prototypes of the first target; a callback's prototype is documentation.
	abi     *model.ABI
	own     fileSet
	skipped []model.Skipped
	// refused tells why a record ("struct x") or enum is not among the above.
	refused map[model.Ref]string
	// outside counts declarations that do not belong into the package.
	outside outside
}

// merge keeps what is the same on every target and lists the rest.
func merge(c *config, own fileSet, abis []*model.ABI) *merged {
	first := abis[0]
	m := &merged{abi: first, own: own, refused: map[model.Ref]string{}}
	m.mergeTypes(c, abis)
	m.mergeConstants(c, abis)
	listed := map[model.Skipped]bool{}
	for _, a := range abis {
		for _, s := range a.Skipped {
			if listed[s] {
				continue
			}
			listed[s] = true
			if own.has(s.Pos) {
				m.skipped = append(m.skipped, s)
			} else {
				m.outside = m.outside.add(s.Pos.File, s.Name)
			}
		}
	}
	for _, p := range first.Prototypes {
		switch {
		case p.Role == model.Callback:
		case !own.has(p.Pos):
			m.outside = m.outside.add(p.Pos.File, p.Name)
		case !m.wanted(c, p.Name, p.Pos):
		case p.Role == model.Kfunc:
			m.skip(p.Name, p.Pos, "kfunc: only BPF programs call it")
		default:
			m.skip(p.Name, p.Pos, "function: Go has no external C functions")
		}
	}
	return m
}

func (m *merged) skip(name string, pos model.Pos, format string, args ...any) {
	m.skipped = append(m.skipped, model.Skipped{Name: name, Pos: pos, Reason: fmt.Sprintf(format, args...)})
}

// wanted applies the skip list.
func (m *merged) wanted(c *config, name string, pos model.Pos) bool {
	if matchAny(c.skip, name) {
		m.skip(name, pos, "the configuration skips it")
		return false
	}
	return true
}

// refuse lists a type that cannot be generated and remembers why.
func (m *merged) refuse(ref model.Ref, pos model.Pos, format string, args ...any) {
	reason := fmt.Sprintf(format, args...)
	m.refused[ref] = reason
	m.skip(ref.Name, pos, "%s", reason)
}

func (m *merged) mergeTypes(c *config, abis []*model.ABI) {
	chosen := chosenTypes(c, m.own, abis)
	records, recordsOf, twice := union(abis, func(a *model.ABI) []*model.Record { return a.Records },
		func(r *model.Record) string { return r.Name })
	for _, r := range twice {
		m.skip(r.Name, r.Pos, "the source has another record of this name")
	}
	for _, r := range records {
		if !chosen[r.Ref()] {
			m.leave(r.Name, r.Pos)
			continue
		}
		if !isCName(r.Name) {
			m.refuse(r.Ref(), r.Pos, "%s", badName)
			continue
		}
		if matchAny(c.skip, r.Name) {
			m.refuse(r.Ref(), r.Pos, "the configuration skips it")
			continue
		}
		if reason := sameEverywhere(abis, recordsOf[r.Name], diffRecord); reason != "" {
			m.refuse(r.Ref(), r.Pos, "%s", reason)
			continue
		}
		m.records = append(m.records, r)
	}
	enums, enumsOf, _ := union(abis, func(a *model.ABI) []*model.Enum { return a.Enums },
		func(e *model.Enum) string { return e.Name })
	for _, e := range enums {
		if e.Name == "" {
			continue // its enumerators are constants
		}
		if !chosen[e.Ref()] {
			m.leave(e.Name, e.Pos)
			continue
		}
		if !isCName(e.Name) || slices.ContainsFunc(e.Values, func(v model.Enumerator) bool { return !isCName(v.Name) }) {
			m.refuse(e.Ref(), e.Pos, "%s", badName)
			continue
		}
		if matchAny(c.skip, e.Name) {
			m.refuse(e.Ref(), e.Pos, "the configuration skips it")
			continue
		}
		if reason := sameEverywhere(abis, enumsOf[e.Name], diffEnum); reason != "" {
			m.refuse(e.Ref(), e.Pos, "%s", reason)
			continue
		}
		m.enums = append(m.enums, e)
	}
}

// leave counts a declaration that does not belong into the package.
func (m *merged) leave(name string, pos model.Pos) {
	file := ""
	if !m.own.has(pos) {
		file = pos.File
	}
	m.outside = m.outside.add(file, name)
}

// chosenTypes returns the records and enums the configuration asks for, or
// those of the package's own files where it names none, and what they embed.
func chosenTypes(c *config, own fileSet, abis []*model.ABI) map[model.Ref]bool {
	chosen := map[model.Ref]bool{}
	for _, a := range abis {
		place := map[string]model.Pos{}
		for _, r := range a.Records {
			place[r.Name] = r.Pos
		}
		for _, e := range a.Enums {
			place[e.Name] = e.Pos
		}
		s := a.Select(func(name string) bool {
			if len(c.types) > 0 {
				return matchAny(c.types, name)
			}
			return own.has(place[name])
		})
		for _, r := range s.Records {
			chosen[r.Ref()] = true
		}
		for _, e := range s.Enums {
			chosen[e.Ref()] = true
		}
	}
	return chosen
}

// union returns the elements of all targets, those of the first in its order,
// then those that only later targets have; for each name, what each target has
// of that name; and what the first target has under the name of another.
func union[T any](abis []*model.ABI, list func(*model.ABI) []*T, name func(*T) string) (all []*T, byName map[string][]*T, twice []*T) {
	byName = map[string][]*T{}
	for i, a := range abis {
		for _, x := range list(a) {
			n := name(x)
			if byName[n] == nil {
				byName[n] = make([]*T, len(abis))
				all = append(all, x)
			}
			if byName[n][i] == nil {
				byName[n][i] = x
			} else if i == 0 {
				twice = append(twice, x)
			}
		}
	}
	return all, byName, twice
}

// sameEverywhere compares the first of what the targets have with the others,
// and says what differs.
func sameEverywhere[T any](abis []*model.ABI, has []*T, diff func(a, b *T) string) string {
	first := slices.IndexFunc(has, func(x *T) bool { return x != nil })
	for i, a := range abis {
		if has[i] == nil {
			return fmt.Sprintf("differs between targets: declared on %s, not on %s", abis[first].Target, a.Target)
		}
		if d := diff(has[first], has[i]); d != "" {
			return fmt.Sprintf("differs between targets: on %s and %s %s", abis[first].Target, a.Target, d)
		}
	}
	return ""
}

func diffRecord(a, b *model.Record) string {
	if a.Kind != b.Kind {
		return fmt.Sprintf("it is a %s and a %s", a.Kind, b.Kind)
	}
	for i := range min(len(a.Fields), len(b.Fields)) {
		f, g := &a.Fields[i], &b.Fields[i]
		switch {
		case f.Name != g.Name:
			return fmt.Sprintf("member %d is %s and %s", i, f.Name, g.Name)
		case f.BitOffset != g.BitOffset:
			return fmt.Sprintf("member %s is at %s and %s", f.Name, place(f.BitOffset), place(g.BitOffset))
		case f.BitSize != g.BitSize:
			return fmt.Sprintf("member %s has %d and %d bits", f.Name, f.BitSize, g.BitSize)
		case f.Bitfield != g.Bitfield || !model.Equivalent(f.Type, g.Type):
			return fmt.Sprintf("member %s is %s and %s", f.Name, f.Type, g.Type)
		}
		if f.Record != nil && g.Record != nil {
			if d := diffRecord(f.Record, g.Record); d != "" {
				return "within member " + strconv.Itoa(i) + " " + d
			}
		}
	}
	if len(a.Fields) != len(b.Fields) {
		return fmt.Sprintf("it has %d and %d members", len(a.Fields), len(b.Fields))
	}
	if a.Size != b.Size {
		return fmt.Sprintf("it takes %d and %d bytes", a.Size, b.Size)
	}
	return ""
}

// place spells a bit offset.
func place(bits int64) string {
	if bits%8 != 0 {
		return fmt.Sprintf("bit %d", bits)
	}
	return fmt.Sprintf("byte %d", bits/8)
}

func diffEnum(a, b *model.Enum) string {
	if a.Size != b.Size {
		return fmt.Sprintf("it takes %d and %d bytes", a.Size, b.Size)
	}
	if a.Signed != b.Signed {
		return "it is signed and unsigned"
	}
	for i := range min(len(a.Values), len(b.Values)) {
		v, w := &a.Values[i], &b.Values[i]
		if v.Name != w.Name {
			return fmt.Sprintf("enumerator %d is %s and %s", i, v.Name, w.Name)
		}
		if v.Value.ExactString() != w.Value.ExactString() {
			return fmt.Sprintf("%s is %s and %s", v.Name, v.Value.ExactString(), w.Value.ExactString())
		}
	}
	if len(a.Values) != len(b.Values) {
		return fmt.Sprintf("it has %d and %d enumerators", len(a.Values), len(b.Values))
	}
	return ""
}

// badName is why a declaration is left out that Go code cannot refer to, such
// as one that another language put into BTF.
const badName = "its name is not made of letters, digits and underscores, at most 1,024 of them"

func isCName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != "" && len(s) <= 1024
}

// mergeConstants collects macros and the enumerators of anonymous enums.
func (m *merged) mergeConstants(c *config, abis []*model.ABI) {
	taken := map[string]constant.Value{} // enumerators of named enums
	for _, e := range m.enums {
		for _, v := range e.Values {
			taken[v.Name] = v.Value
		}
	}
	constants, constantsOn, _ := union(abis, constantsOf, func(k *model.Constant) string { return k.Name })
	for _, k := range constants {
		asked := m.own.has(k.Pos)
		if len(c.constants) > 0 {
			asked = matchAny(c.constants, k.Name)
		}
		if !asked {
			m.leave(k.Name, k.Pos)
			continue
		}
		if !isCName(k.Name) {
			m.skip(k.Name, k.Pos, "%s", badName)
			continue
		}
		if !m.wanted(c, k.Name, k.Pos) {
			continue
		}
		if reason := sameEverywhere(abis, constantsOn[k.Name], diffConstant); reason != "" {
			m.skip(k.Name, k.Pos, "%s", reason)
			continue
		}
		if v, ok := taken[k.Name]; ok {
			// A header may define a macro named as an enumerator so that #ifdef
			// sees it. That is one constant, unless the macro has another value.
			if v.ExactString() != k.Value.ExactString() {
				m.skip(k.Name, k.Pos, "an enumerator of this name has the value %s: the macro's is %s", v.ExactString(), k.Value.ExactString())
			}
			continue
		}
		if slices.ContainsFunc(constantsOn[k.Name], func(x *model.Constant) bool { return x.Type != k.Type }) {
			untyped := *k
			untyped.Type = ""
			k = &untyped
		}
		m.constants = append(m.constants, k)
	}
}

func diffConstant(a, b *model.Constant) string {
	if a.Value.Kind() != b.Value.Kind() || a.Value.ExactString() != b.Value.ExactString() {
		return fmt.Sprintf("it is %s and %s", a.Value.ExactString(), b.Value.ExactString())
	}
	return ""
}

// constantsOf returns the macros of a, then the enumerators of its anonymous
// enums that no macro repeats.
func constantsOf(a *model.ABI) []*model.Constant {
	out := slices.Clone(a.Constants)
	seen := map[string]bool{}
	for _, k := range a.Constants {
		seen[k.Name] = true
	}
	for _, e := range a.Enums {
		if e.Name != "" {
			continue
		}
		for _, v := range e.Values {
			if !seen[v.Name] {
				seen[v.Name] = true
				out = append(out, &model.Constant{Name: v.Name, Value: v.Value, Type: "int", Pos: v.Pos, Doc: v.Doc})
			}
		}
	}
	return out
}
