// SPDX-License-Identifier: MIT

package drift

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// Options controls [Compare].
type Options struct {
	// Profile is how records are compared; [Auto] decides for each of them.
	Profile Profile
	// Keep limits the comparison to the old side's names it accepts and the
	// records those embed, as [model.ABI.Select] does, and to additions it
	// accepts. Nil keeps everything.
	Keep func(name string) bool
}

// Compare reports how now differs from old. Old is what was compiled against,
// now, the new side, is what it meets at run time; the two are not interchangeable: a kernel
// may have more than a program knows, the reverse is a finding.
//
// What differs is in the findings, one for each root cause; what the evidence
// of the two sides could not decide is in the unchecked list, never nowhere.
// Both are sorted and the same for the same input.
func Compare(old, now *model.ABI, o Options) Result {
	c := newComparison(old, now, o)
	c.run()
	return c.result()
}

// comparison holds the state of one [Compare].
type comparison struct {
	old, new *model.ABI
	o, n     *index
	who      voices
	profile  Profile
	keep     func(string) bool
	// identity asks for every difference in both directions, see [Score].
	identity bool

	issues []*issue
	// compared counts the enums, constants and functions that both sides have.
	compared  int
	unchecked map[uncertainty]map[string]bool
	// renames maps essential names of the old side's records and enums to what
	// the new side calls them.
	renames map[string]string
	// renamedTo holds the functions that an identification took for renamed.
	renamedTo map[string]bool
	pairs     []*recordPair
	pairOf    map[*model.Record]*recordPair
	// enumCause is the finding that explains why an enum has another width.
	enumCause map[string]*issue
	missing   []*model.Record
	// substituted is the finding on the first pointer to a record that points
	// to another one now.
	substituted map[string]*issue
}

// issue is a finding in the making. A silent one is not reported under the
// profile, but still owns what follows from it.
type issue struct {
	Finding
	weight int
	silent bool
	// laidOut tells that the finding is about how a record is laid out, diff
	// which comparison found it, and moves what lies elsewhere because of it.
	laidOut bool
	// place orders findings of one record: the bit offset of the member, and
	// behind it the number of the parameter.
	place [2]int64
	diff  *layoutDiff
	moves []move
}

// implies adds a consequence.
func (i *issue) implies(text string) {
	if !slices.Contains(i.Consequences, text) {
		i.Consequences = append(i.Consequences, text)
	}
}

// raise makes an issue as serious as the worst that follows from it: a silent
// one speaks up only for what is more than information.
func (i *issue) raise(rule string, profiles []Profile) {
	r := ruleByID(rule)
	for _, p := range profiles {
		s := r.Severity[p]
		if s.Rank() <= i.Severity.Rank() || i.silent && s == Info {
			continue
		}
		i.Severity, i.Profile, i.silent = s, p, false
	}
}

func newComparison(old, now *model.ABI, o Options) *comparison {
	if old == nil {
		old = &model.ABI{}
	}
	if now == nil {
		now = &model.ABI{}
	}
	keep := o.Keep
	if keep == nil {
		keep = func(string) bool { return true }
	} else {
		old = old.Select(keep)
	}
	return &comparison{
		old: old, new: now, o: newIndex(old), n: newIndex(now),
		who: voicesOf(old.Side, now.Side), profile: o.Profile, keep: keep,
		unchecked: map[uncertainty]map[string]bool{},
		renames:   map[string]string{}, renamedTo: map[string]bool{},
		pairOf:    map[*model.Record]*recordPair{},
		enumCause: map[string]*issue{}, substituted: map[string]*issue{},
	}
}

func (c *comparison) run() {
	c.pairRecords()
	c.compareEnums()
	for _, p := range c.pairs {
		c.compareRecord(p)
	}
	lost := c.compareKfuncs()
	c.reportMissing(lost)
	c.compareConstants()
	c.reportAdditions()
	c.compareSkipped()
	c.reportNothingInCommon()
}

// declared tells that a side's source is a declaration people write code
// against, so that names matter beside bytes.
func declared(s model.Side) bool { return s == model.SideContract || s == model.SideGo }

// goSide reports whether one side is Go, which spells some C types otherwise.
func (c *comparison) goSide() bool {
	return (c.old.Side == model.SideGo) != (c.new.Side == model.SideGo)
}

// profiles returns the profiles that apply to a record, with callbacks or, for
// ops false, without, which goes for enums and constants too. The first one
// decides how members are matched.
//
// A record with callbacks is matched by name only where a loader does the
// matching, between a program and a kernel. Go code writes its bytes into the
// program's copy, at its own offsets, so between Go and a declaration or
// program every byte counts.
func (c *comparison) profiles(ops bool) []Profile {
	if c.profile != Auto {
		return []Profile{c.profile}
	}
	ps := []Profile{Overlay}
	if kernel := c.old.Side == model.SideKernel || c.new.Side == model.SideKernel; ops && (kernel || !c.goSide()) {
		ps[0] = Loader
	}
	if c.identity || declared(c.old.Side) && declared(c.new.Side) {
		ps = append(ps, Source)
	}
	return ps
}

// report makes a finding of a rule under the profile that takes it most
// seriously; the first of equals wins.
func (c *comparison) report(id string, profiles []Profile, subject string, ch change, oldPos, newPos model.Pos) *issue {
	r := ruleByID(id)
	ch.who = c.who
	ch.profile = profiles[0]
	severity := r.Severity[profiles[0]]
	for _, p := range profiles[1:] {
		if s := r.Severity[p]; s.Rank() > severity.Rank() {
			severity, ch.profile = s, p
		}
	}
	is := &issue{
		Finding: Finding{Rule: id, Severity: severity, Profile: ch.profile, Subject: subject,
			Old: ch.old, New: ch.new, OldPos: c.old.Locate(oldPos), Pos: c.new.Locate(newPos)},
		silent: severity == None,
		weight: weightOf(r),
	}
	if !is.Pos.IsValid() {
		is.Pos = is.OldPos
	}
	is.Message = capital(r.say(ch))
	c.issues = append(c.issues, is)
	return is
}

// root is the part of a subject that names a declaration of its own.
func root(subject string) string {
	name, _, _ := strings.Cut(subject, ".")
	name, _, _ = strings.Cut(name, "#")
	return name
}

func (c *comparison) result() Result {
	var res Result
	found := c.reported()
	for _, is := range found {
		if is.Witness == nil {
			is.Witness = is.prove()
		}
		res.Findings = append(res.Findings, is.Finding)
	}
	res.Layouts = c.layouts(found)
	res.Unchecked = c.uncheckedList()
	return res
}

// reported returns the issues to print, sorted, without repetitions: BTF can
// hold one record twice.
func (c *comparison) reported() []*issue {
	var out []*issue
	for _, is := range c.issues {
		if !is.silent {
			out = append(out, is)
		}
	}
	slices.SortStableFunc(out, func(a, b *issue) int {
		return cmp.Or(
			cmp.Compare(b.Severity.Rank(), a.Severity.Rank()),
			strings.Compare(root(a.Subject), root(b.Subject)),
			slices.Compare(a.place[:], b.place[:]),
			strings.Compare(a.Subject, b.Subject),
			strings.Compare(a.Rule, b.Rule),
			strings.Compare(a.Old, b.Old),
			strings.Compare(a.New, b.New))
	})
	return slices.CompactFunc(out, func(a, b *issue) bool {
		return a.Rule == b.Rule && a.Subject == b.Subject && a.Old == b.Old && a.New == b.New
	})
}
