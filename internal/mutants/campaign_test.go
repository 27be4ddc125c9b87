// SPDX-License-Identifier: MIT

package mutants_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/headers"
	"github.com/fuseiomap/abigen/internal/mutants"
)

// seed chooses the sample that make test can afford. ABIGEN_EDITS=all, which
// .ci/run sets, takes every mutant and the kernel's own declarations besides.
const (
	seed   = 20260307
	sample = 900
)

func everything() bool { return os.Getenv("ABIGEN_EDITS") == "all" }

var bpfel = model.Targets()[0]

func parse(t testing.TB, name, text string, o cheader.Options) *model.ABI {
	t.Helper()
	o.Target = bpfel
	a, err := cheader.Parse(name, []byte(text), o)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return a
}

// base is an original and where it comes from.
type base struct {
	origin string
	header *mutants.Header
}

// split makes a base of each record of a model, and one of all the rest.
func split(t *testing.T, origin string, a *model.ABI, records []string) (bases []base, left []string) {
	t.Helper()
	for _, name := range records {
		h, err := mutants.FromModel(a, func(n string) bool { return n == name })
		if err != nil || len(h.Records) == 0 {
			left = append(left, fmt.Sprintf("%s: %v", name, err))
			continue
		}
		h.Enums, h.Constants = usedEnums(h), nil
		bases = append(bases, base{origin, h})
	}
	return bases, left
}

// usedEnums keeps the enums as context of the records, where they are edited as
// well as any.
func usedEnums(h *mutants.Header) []mutants.Enum { return h.Enums }

func notRecords(a *model.ABI) func(string) bool {
	return func(n string) bool { return a.Record(n) == nil }
}

func recordNames(a *model.ABI) (names []string) {
	for _, r := range a.Records {
		names = append(names, r.Name)
	}
	return names
}

// ours are the bases that need nothing but the repository.
func ours(t *testing.T) []base {
	t.Helper()
	text, err := headers.FS.ReadFile("fuse_iomap_bpf.h")
	if err != nil {
		t.Fatal(err)
	}
	shapes, err := os.ReadFile("testdata/shapes.h")
	if err != nil {
		t.Fatal(err)
	}
	var out []base
	for _, src := range []struct {
		origin string
		a      *model.ABI
	}{
		{"our header", parse(t, "fuse_iomap_bpf.h", string(text), cheader.Options{})},
		{"shapes", parse(t, "shapes.h", string(shapes), cheader.Options{})},
		{"our header, kfuncs", parse(t, "fuse_iomap_bpf.h", string(text), cheader.Options{Defines: []string{"FUSE_IOMAP_BPF_REV=3"}})},
	} {
		if src.origin != "our header, kfuncs" {
			bases, left := split(t, src.origin, src.a, recordNames(src.a))
			if len(left) > 0 {
				t.Errorf("%s: not written: %s", src.origin, strings.Join(left, "; "))
			}
			out = append(out, bases...)
		}
		h, err := mutants.FromModel(src.a, notRecords(src.a))
		if err != nil {
			t.Fatal(err)
		}
		for i := range h.Records {
			h.Records[i].Context = true
		}
		if src.origin == "our header, kfuncs" {
			h.Constants, h.Enums = nil, nil
		}
		out = append(out, base{src.origin, h})
	}
	return out
}

// asKernel takes away from a header what BTF does not know.
func asKernel(a *model.ABI) *model.ABI {
	a.Side, a.Source = model.SideKernel, "btf:kernel"
	a.Attests = []model.Evidence{model.Records, model.Pointees, model.Enums, model.Prototypes, model.Kfuncs, model.Registration}
	a.Constants, a.Skipped = nil, nil
	var strip func(r *model.Record)
	strip = func(r *model.Record) {
		r.Align, r.Packed, r.Pos, r.Doc = 0, false, model.Pos{}, ""
		r.Registered = r.IsOps()
		for i := range r.Fields {
			r.Fields[i].Pos, r.Fields[i].Doc, r.Fields[i].Spelling = model.Pos{}, "", ""
			if r.Fields[i].Record != nil {
				strip(r.Fields[i].Record)
			}
		}
	}
	for _, r := range a.Records {
		strip(r)
	}
	for _, e := range a.Enums {
		e.Pos, e.Doc = model.Pos{}, ""
		for i := range e.Values {
			e.Values[i].Pos, e.Values[i].Doc = model.Pos{}, ""
		}
	}
	for _, p := range a.Prototypes {
		p.Pos, p.Doc, p.Result = model.Pos{}, "", ""
		for i := range p.Params {
			p.Params[i].Spelling = ""
			if p.Role == model.Callback {
				p.Params[i].Name = ""
			}
		}
	}
	return a
}

// encoded is a model as bytes, to see whether two kinds of evidence show the
// same.
func encoded(t *testing.T, a *model.ABI) string {
	t.Helper()
	var b bytes.Buffer
	if err := model.Encode(&b, a); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// tally counts what became of the mutants.
type tally struct{ mutants, found, unchecked, harmless, missed, preserved, wrong int }

func (x tally) String() string {
	return fmt.Sprintf("%5d mutants: %5d found, %4d cannot be checked, %4d harmless to a loader, %d missed; %5d edits that keep the ABI: %d findings above info",
		x.mutants, x.found, x.unchecked, x.harmless, x.missed, x.preserved, x.wrong)
}

// campaign runs bases through the comparison.
type campaign struct {
	t     *testing.T
	lines map[string]*tally
	fails int
}

func (c *campaign) count(view, origin string) *tally {
	k := view + "\x00" + origin
	if c.lines[k] == nil {
		c.lines[k] = &tally{}
	}
	return c.lines[k]
}

func (c *campaign) fail(format string, args ...any) {
	c.fails++
	if c.fails <= 20 {
		c.t.Errorf(format, args...)
	} else {
		c.t.Fail()
	}
}

// judge compares one result with what is expected of it.
func (c *campaign) judge(view, origin string, m *mutants.Mutant, want []string, hidden bool, r drift.Result) {
	n := c.count(view, origin)
	n.mutants++
	subjects := strings.Fields(m.Subject)
	switch {
	case hidden:
		// The evidence does not show it: nothing is found, and it is said so.
		loud := slices.ContainsFunc(r.Findings, func(f drift.Finding) bool { return f.Severity.Rank() > drift.Info.Rank() })
		// What is information at most is not worth a line.
		small := !slices.ContainsFunc(m.Header, func(s string) bool { return !strings.HasPrefix(s, string(drift.Info)) })
		if loud || !small && !says(r, subjects) {
			n.missed++
			c.fail("%s, %s: this evidence cannot show it, so it must be listed as not checked:\n%s\n%s", m.What, view, render(r), m.Text)
			return
		}
		n.unchecked++
	case len(want) == 0:
		if slices.ContainsFunc(r.Findings, func(f drift.Finding) bool { return f.Severity.Rank() > drift.Info.Rank() }) {
			n.missed++
			c.fail("%s, %s: harmless, nothing above information may be found:\n%s\n%s", m.What, view, render(r), m.Text)
			return
		}
		n.harmless++
	default:
		var hits, above int
		for _, f := range r.Findings {
			if slices.Contains(want, string(f.Severity)+" "+f.Rule) && slices.Contains(subjects, f.Subject) {
				hits++
				if f.Severity == drift.Breaking && f.Profile == drift.Overlay && f.Record != "" && !proved(f) {
					c.fail("%s, %s: no witness, or one that proves nothing: %s\n%s", m.What, view, render(r), m.Text)
				}
			} else if f.Severity.Rank() > drift.Info.Rank() {
				above++
			}
		}
		if hits == 0 || above > 0 {
			n.missed++
			c.fail("%s, %s: want one of %q about %q and nothing else:\n%s\n%s", m.What, view, want, subjects, render(r), m.Text)
			return
		}
		n.found++
	}
}

// proved reports whether the witness of a finding shows a difference: what is
// read is not what was written, or has no place on the other side.
func proved(f drift.Finding) bool {
	w := f.Witness
	switch {
	case w == nil:
		return false
	case w.Write == nil || w.Read == nil:
		return w.Text != ""
	}
	return w.Write.Value != w.Read.Value || w.Write.Member != w.Read.Member
}

// says reports whether the list of what was not checked names a subject, or a
// part or the whole of it.
func says(r drift.Result, subjects []string) bool {
	for _, u := range r.Unchecked {
		for _, s := range u.Subjects {
			for _, want := range subjects {
				if want == s || strings.HasPrefix(want, s+".") || strings.HasPrefix(want, s+"#") || strings.HasPrefix(s, want+"#") ||
					strings.HasPrefix(s, strings.SplitN(want, "#", 2)[0]+"#") {
					return true
				}
			}
		}
	}
	return false
}

func render(r drift.Result) string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s %s %s: %s (%s, %s)\n", f.Severity, f.Rule, f.Subject, f.Message, f.Old, f.New)
	}
	for _, u := range r.Unchecked {
		fmt.Fprintf(&b, "unchecked %s %s: %s\n", u.Evidence, strings.Join(u.Subjects, " "), u.Reason)
	}
	return b.String()
}

// work is one mutant or preserving edit of a base.
type work struct {
	base      int
	mutant    *mutants.Mutant
	preserved *mutants.Preserved
}

func plan(bases []base) (all []work) {
	for i := range bases {
		ms, ps := bases[i].header.Mutants(), bases[i].header.Preserving()
		for j := range ms {
			all = append(all, work{base: i, mutant: &ms[j]})
		}
		for j := range ps {
			all = append(all, work{base: i, preserved: &ps[j]})
		}
	}
	return all
}

func TestEveryEditIsFoundAndNoHarmlessOneIs(t *testing.T) {
	bases := ours(t)
	if everything() {
		bases = append(bases, installed(t)...)
	}
	all := plan(bases)
	if !everything() {
		r := rand.New(rand.NewPCG(seed, 1))
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		all = all[:sample]
		slices.SortStableFunc(all, func(a, b work) int { return a.base - b.base })
		t.Logf("a sample of %d, seed %d; ABIGEN_EDITS=all takes all", sample, seed)
	}
	c := &campaign{t: t, lines: map[string]*tally{}}
	last := -1
	var old, kernel *model.ABI
	var oldText string
	for _, w := range all {
		b := &bases[w.base]
		if w.base != last {
			last = w.base
			text := b.header.String()
			old, kernel = parse(t, "old.h", text, cheader.Options{}), asKernel(parse(t, "old.h", text, cheader.Options{}))
			oldText = encoded(t, kernel)
			if r := drift.Compare(old, kernel, drift.Options{}); len(r.Findings) > 0 {
				t.Fatalf("%s: an original differs from itself:\n%s\n%s", b.origin, render(r), text)
			}
		}
		if w.mutant != nil {
			m := w.mutant
			now := parse(t, "new.h", m.Text, cheader.Options{})
			c.judge("header", b.origin, m, m.Header, false, drift.Compare(old, now, drift.Options{}))
			asKernel(now)
			c.judge("BTF", b.origin, m, m.BTF, encoded(t, now) == oldText, drift.Compare(old, now, drift.Options{}))
			continue
		}
		p := w.preserved
		now := parse(t, "new.h", p.Text, cheader.Options{})
		if !p.Kernel {
			c.keeps("header", b.origin, p, drift.Compare(old, now, drift.Options{}))
		}
		c.keeps("BTF", b.origin, p, drift.Compare(old, asKernel(now), drift.Options{}))
	}
	c.report()
}

func (c *campaign) keeps(view, origin string, p *mutants.Preserved, r drift.Result) {
	n := c.count(view, origin)
	n.preserved++
	for _, f := range r.Findings {
		if f.Severity.Rank() > drift.Info.Rank() {
			n.wrong++
			c.fail("%s, %s: keeps the ABI:\n%s\n%s", p.What, view, render(r), p.Text)
			return
		}
	}
}

func (c *campaign) report() {
	var keys []string
	var sum tally
	for k, n := range c.lines {
		keys = append(keys, k)
		sum.mutants += n.mutants
		sum.found += n.found
		sum.unchecked += n.unchecked
		sum.harmless += n.harmless
		sum.missed += n.missed
		sum.preserved += n.preserved
		sum.wrong += n.wrong
	}
	slices.Sort(keys)
	for _, k := range keys {
		view, origin, _ := strings.Cut(k, "\x00")
		c.t.Logf("%-8s %-20s %s", view, origin, c.lines[k])
	}
	c.t.Logf("%-29s %s", "in all", sum)
	if c.fails > 20 {
		c.t.Errorf("%d failures in all", c.fails)
	}
}
