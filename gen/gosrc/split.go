// SPDX-License-Identifier: MIT

package gosrc

import (
	"errors"
	"fmt"
	"go/scanner"
	"go/token"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// host is one GOARCH, or every one where goarch is empty, with the models that
// code for it must be exact for.
type host struct {
	goarch string
	abis   []*model.ABI
	m      *merged
	l      *lowering
	f      *file
}

// hostsOf sorts models by GOARCH, in the order given. The BPF machine runs no
// Go: its models make the package where there are no others, and are returned
// apart where there are.
func hostsOf(abis []*model.ABI) (hosts []*host, bpf []*model.ABI) {
	byArch := map[string]*host{}
	for _, a := range abis {
		t, err := model.TargetByName(a.Target)
		if err != nil || t.BPF {
			bpf = append(bpf, a)
			continue
		}
		h := byArch[t.GOARCH]
		if h == nil {
			h = &host{goarch: t.GOARCH}
			byArch[t.GOARCH] = h
			hosts = append(hosts, h)
		}
		h.abis = append(h.abis, a)
	}
	if len(hosts) == 0 {
		return []*host{{abis: bpf}}, nil
	}
	return hosts, bpf
}

// lowerAll decides what each file of the package declares: first the one for
// every GOARCH, then one for each GOARCH that has something of its own.
func lowerAll(c *config, abis []*model.ABI) ([]*file, error) {
	hosts, bpf := hostsOf(abis)
	own := ownFiles(c, abis)
	for _, h := range hosts {
		h.m = merge(c, own, h.abis)
	}
	agreeOnTypes(hosts)
	// What the configuration names comes before what is named by rule, whatever
	// GOARCH it is for.
	names := newPackageNames()
	for _, h := range hosts {
		h.l = newLowering(c, h.m, names)
		h.l.nameConfigured()
	}
	var errs []error
	for _, h := range hosts {
		h.l.nameTypes()
	}
	for _, h := range hosts {
		h.f = h.l.lower()
		for _, a := range bpf {
			h.noteBPF(a)
		}
		errs = append(errs, h.l.errs...)
	}
	if !c.Partial {
		errs = append(errs, c.unused()...)
	}
	if err := errors.Join(distinct(errs)...); err != nil {
		return nil, err
	}
	files := split(c, abis, hosts, wideLowering(c, own, hosts, names))
	files[0].skipped = foldSkipped(hosts, bpfOnly(own, hosts, bpf))
	return files, nil
}

// wideLowering lowers for a GOARCH with 8-byte alignment what is only for ones
// with 4: what then reads differently cannot be in a file for every GOARCH. It
// returns nil where a host has 8-byte alignment.
func wideLowering(c *config, own fileSet, hosts []*host, names *packageNames) *file {
	for _, h := range hosts {
		if h.l.maxAlign == 8 {
			return nil
		}
	}
	l := newLowering(c, merge(c, own, hosts[0].abis), names)
	l.maxAlign = 8
	l.nameConfigured()
	l.nameTypes()
	return l.lower()
}

// distinct returns errs without those that say the same as an earlier one.
func distinct(errs []error) []error {
	seen := map[string]bool{}
	return slices.DeleteFunc(errs, func(err error) bool {
		twice := seen[err.Error()]
		seen[err.Error()] = true
		return twice
	})
}

// agreeOnTypes takes the type from constants that have another C type on some
// hosts: one that is untyped on one and typed on another could be used in code
// for the one alone.
func agreeOnTypes(hosts []*host) {
	first := map[string]*model.Constant{}
	differs := map[string]bool{}
	for _, h := range hosts {
		for _, k := range h.m.constants {
			if f := first[k.Name]; f == nil {
				first[k.Name] = k
			} else if f.Type != k.Type {
				differs[k.Name] = true
			}
		}
	}
	for _, h := range hosts {
		for i, k := range h.m.constants {
			if differs[k.Name] {
				untyped := *k
				untyped.Type = ""
				h.m.constants[i] = &untyped
			}
		}
	}
}

// noteBPF says in the comments of records that they have another layout in BPF
// programs of the same byte order.
func (h *host) noteBPF(bpf *model.ABI) {
	native := h.abis[0]
	if t, err := model.TargetByName(native.Target); err != nil || model.BPFOf(t).Name != bpf.Target {
		return
	}
	for _, r := range h.f.records {
		a, b := native.Record(r.cName), bpf.Record(r.cName)
		if a == nil || b == nil {
			continue
		}
		if d := diffRecord(a, b); d != "" {
			r.note = fmt.Sprintf("BPF programs have another layout: on %s and %s %s.", native.Target, bpf.Target, d)
		}
	}
}

// split makes one file of the declarations that all hosts have in the same
// words, and one of the others of each host that has any.
func split(c *config, abis []*model.ABI, hosts []*host, wide *file) []*file {
	all := &file{cfg: c, source: abis[0].Source}
	for _, a := range abis {
		all.targets = append(all.targets, a.Target)
	}
	same := sameWords(hosts, wide)
	if len(hosts) == 1 && len(same) < len(hosts[0].f.words(false)) {
		// One file will do, for this GOARCH alone.
		all.only = hosts[0].goarch
		same = hosts[0].f.words(false)
	}
	out := []*file{all}
	for i, h := range hosts {
		own := &file{cfg: c, source: all.source, goarch: h.goarch}
		for _, a := range h.abis {
			own.targets = append(own.targets, a.Target)
		}
		// to returns the file for a declaration, nil where it is there already.
		to := func(decl string) *file {
			switch {
			case !has(same, decl):
				return own
			case i == 0:
				return all
			}
			return nil
		}
		for _, t := range h.f.types {
			if f := to(t.decl()); f != nil {
				f.types = append(f.types, t)
			}
		}
		for _, k := range h.f.constants {
			if f := to(k.decl()); f != nil {
				f.constants = append(f.constants, k)
			}
		}
		for _, r := range h.f.records {
			if f := to(r.decl()); f != nil {
				f.records = append(f.records, r)
			}
		}
		all.shared = append(all.shared, h.f.records...)
		all.outside = all.outside.union(h.m.outside)
		if own.declares() {
			all.split = true
			out = append(out, own)
		}
	}
	return out
}

func (f *file) declares() bool { return len(f.types)+len(f.constants)+len(f.records) > 0 }

func has(m map[string]string, key string) bool {
	_, ok := m[key]
	return ok
}

// sameWords returns the declarations that read the same for every host, but for
// their comments: each has its own place in a header and its own spelling there.
// What one of them refers to is among them too, so that they make a package
// without the others.
func sameWords(hosts []*host, wide *file) map[string]string {
	if len(hosts) == 1 && wide == nil {
		return hosts[0].f.words(false)
	}
	same := hosts[0].f.words(true)
	others := []*file{}
	for _, h := range hosts[1:] {
		others = append(others, h.f)
	}
	if wide != nil {
		others = append(others, wide)
	}
	split := map[string]bool{} // Go names of what differs
	for _, f := range others {
		words := f.words(true)
		for decl, text := range same {
			if words[decl] != text {
				delete(same, decl)
			}
		}
	}
	for _, t := range hosts[0].f.types {
		split[t.goName] = !has(same, t.decl())
	}
	for _, r := range hosts[0].f.records {
		split[r.goName] = !has(same, r.decl())
	}
	for again := true; again; {
		again = false
		for _, r := range hosts[0].f.records {
			if has(same, r.decl()) && mentions(same[r.decl()], split) {
				delete(same, r.decl())
				split[r.goName], again = true, true
			}
		}
	}
	return same
}

// mentions reports whether one of the names occurs in Go source by itself, not as
// what is selected from something.
func mentions(text string, names map[string]bool) bool {
	var s scanner.Scanner
	src := []byte(text)
	s.Init(token.NewFileSet().AddFile("", -1, len(src)), src, nil, 0)
	for last := token.ILLEGAL; ; {
		_, tok, lit := s.Scan()
		if tok == token.EOF {
			return false
		}
		if tok == token.IDENT && last != token.PERIOD && names[lit] {
			return true
		}
		last = tok
	}
}

// words returns what each declaration of f says in Go, without comments, or
// only which there are.
func (f *file) words(texts bool) map[string]string {
	out := make(map[string]string, len(f.types)+len(f.constants)+len(f.records))
	for _, t := range f.types {
		w := printer{bare: true}
		if texts {
			t.print(&w)
		}
		out[t.decl()] = w.String()
	}
	for _, k := range f.constants {
		w := printer{bare: true}
		if texts {
			k.print(&w)
		}
		out[k.decl()] = w.String()
	}
	for _, r := range f.records {
		w := printer{bare: true}
		if texts {
			(&file{cfg: f.cfg, records: []*record{r}}).printDeclarations(&w)
		}
		out[r.decl()] = w.String()
	}
	return out
}

// A declaration is known by its kind and its name in C; a group, which has none,
// by that in Go.

func (t *enumType) decl() string {
	if t.cEnum == "" {
		return "group " + t.goName
	}
	return "enum " + t.cEnum
}

func (k *constDecl) decl() string { return "constant " + k.cName }

func (r *record) decl() string {
	if r.union {
		return "union " + r.cName
	}
	return "struct " + r.cName
}

// bpfOnly lists what a source declares for BPF programs and no host.
func bpfOnly(own fileSet, hosts []*host, bpf []*model.ABI) []model.Skipped {
	known := map[string]bool{}
	for _, h := range hosts {
		for _, a := range h.abis {
			for _, d := range declarations(a) {
				known[d.Name] = true
			}
		}
	}
	var out []model.Skipped
	for _, a := range bpf {
		for _, d := range declarations(a) {
			if !known[d.Name] && own.has(d.Pos) {
				known[d.Name] = true
				out = append(out, model.Skipped{Name: d.Name, Pos: d.Pos,
					Reason: fmt.Sprintf("declared for BPF programs alone: generate with --target %s and no other", a.Target)})
			}
		}
	}
	return out
}

// declarations returns the name and place of everything in a, without a reason
// where the model has it. An enum without a name speaks through its enumerators.
func declarations(a *model.ABI) []model.Skipped {
	var out []model.Skipped
	for _, r := range a.Records {
		out = append(out, model.Skipped{Name: r.Name, Pos: r.Pos})
	}
	for _, e := range a.Enums {
		if e.Name != "" {
			out = append(out, model.Skipped{Name: e.Name, Pos: e.Pos})
		}
	}
	for _, k := range constantsOf(a) {
		out = append(out, model.Skipped{Name: k.Name, Pos: k.Pos})
	}
	for _, p := range a.Prototypes {
		if p.Role != model.Callback {
			out = append(out, model.Skipped{Name: p.Name, Pos: p.Pos})
		}
	}
	return append(out, a.Skipped...)
}

// foldSkipped lists what the hosts leave out, each entry once, with the hosts it
// is for where these are not all.
func foldSkipped(hosts []*host, more []model.Skipped) []model.Skipped {
	var out []model.Skipped
	on := map[model.Skipped][]string{}
	for _, h := range hosts {
		here := map[model.Skipped]bool{}
		for _, s := range h.m.skipped {
			if here[s] {
				continue
			}
			here[s] = true
			if on[s] == nil {
				out = append(out, s)
			}
			on[s] = append(on[s], h.goarch)
		}
	}
	for i, s := range out {
		if archs := on[s]; len(archs) < len(hosts) {
			out[i].Reason = fmt.Sprintf("on %s: %s", strings.Join(archs, ", "), s.Reason)
		}
	}
	out = append(out, more...)
	slices.SortStableFunc(out, comparePos)
	return out
}

// comparePos orders by place where both have one in the same file; the stable
// sort leaves the rest as the source has it.
func comparePos(a, b model.Skipped) int {
	if a.Pos.File != b.Pos.File {
		return strings.Compare(a.Pos.File, b.Pos.File)
	}
	if a.Pos.Line != b.Pos.Line {
		return a.Pos.Line - b.Pos.Line
	}
	return a.Pos.Col - b.Pos.Col
}
