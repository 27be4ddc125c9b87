// SPDX-License-Identifier: MIT

package vet

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/gopkg"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/near"
)

// Check compares the structs and enums of a package that have a directive with
// what the configuration names, for every target. The error is about a source
// or the configuration, or says that the package does not type-check on any
// target; everything else is in the result.
func Check(ctx context.Context, p *gopkg.Package, c Config) (*Result, error) {
	k := &checker{ctx: ctx, cfg: c, pkg: p, res: &Result{Path: p.Path, pkg: p}}
	if !slices.ContainsFunc(p.Files, gopkg.File.HasDirectives) {
		return k.res, nil
	}
	return k.res, k.run()
}

// run does all of it.
func (k *checker) run() error {
	if err := k.read(); err != nil {
		return err
	}
	for _, d := range k.decls {
		if err := k.checkRecord(d); err != nil {
			return err
		}
	}
	for _, e := range k.enums {
		if err := k.checkEnum(e); err != nil {
			return err
		}
	}
	k.fix()
	sortFindings(k.res.Findings)
	return nil
}

// checker is one run of [Check].
type checker struct {
	ctx   context.Context
	cfg   Config
	pkg   *gopkg.Package
	res   *Result
	decls []*decl
	enums []*decl
	// targets are those the package was read for.
	targets []string
	// indexes are those of the models at hand.
	indexes map[*model.ABI]*index
	// proposals are the changes that may cure findings.
	proposals []*proposal
	// noFix tells not to look for any. compiles, where it is not nil, reports
	// whether the package still does with other syntax of its files.
	noFix    bool
	compiles func(now map[*ast.File]*ast.File) bool
}

// decl is a declaration with a directive, on each target that has it.
type decl struct {
	name, source string
	at           token.Pos // of the directive, or the type's name for an enum
	spec         *ast.TypeSpec
	described    bool
	on           []view
}

// view is a declaration on one target.
type view struct {
	target  model.Target
	reading *gopkg.Reading
	record  *model.Record
	enum    *model.Enum
}

// read reads the package for every target.
func (k *checker) read() error {
	targets, err := k.cfg.targets()
	if err != nil {
		return err
	}
	var faults collector
	var broken error
	byPos := map[token.Pos]*decl{}
	declared := func(list *[]*decl, at token.Pos, first func() *decl) *decl {
		d := byPos[at]
		if d == nil {
			d = first()
			byPos[at] = d
			*list = append(*list, d)
		}
		return d
	}
	for _, t := range targets {
		r, err := k.pkg.Read(gopkg.Options{Target: t, Tags: k.cfg.Tags})
		if err != nil && !k.fault(&faults, err, t) {
			if broken == nil {
				broken = err
			}
			continue
		}
		if r == nil || len(r.Files) == 0 {
			continue
		}
		k.targets = append(k.targets, t.Name)
		for _, x := range r.Records {
			if x.Name != x.Record.Name {
				continue // by its path, it is compared as part of another
			}
			d := declared(&k.decls, x.Pos, func() *decl {
				return &decl{name: x.Name, source: x.Source, at: x.Pos, spec: x.Spec, described: x.Described}
			})
			d.on = append(d.on, view{target: t, reading: r, record: x.Record})
		}
		for _, e := range r.ABI.Enums {
			at := r.Pos(e.Pos)
			d := declared(&k.enums, at, func() *decl { return &decl{name: e.Name, at: at} })
			d.on = append(d.on, view{target: t, reading: r, enum: e})
		}
		for _, s := range r.ABI.Skipped {
			if !strings.HasPrefix(s.Reason, "Go struct ") {
				faults.addUnchecked(drift.Unchecked{Evidence: model.Records, Subjects: []string{s.Name}, Reason: s.Reason}, t.Name, "")
			}
		}
	}
	if len(k.targets) == 0 && broken != nil {
		return broken
	}
	faults.all = k.targets
	k.take(&faults)
	k.res.Declarations += len(k.decls) + len(k.enums)
	k.res.Targets = k.targets
	return nil
}

// fault notes what is wrong with the source on a target. It reports false where
// the package does not type-check there, so that nothing is known about it.
func (k *checker) fault(into *collector, err error, t model.Target) bool {
	var es gopkg.Errors
	if !errors.As(err, &es) || errors.Is(err, gopkg.ErrNoTypeCheck) {
		into.addUnchecked(drift.Unchecked{Evidence: model.Records, Reason: err.Error()}, t.Name, "")
		return false
	}
	for _, e := range es {
		f := Finding{At: e.Pos, Finding: drift.Finding{Rule: ruleDirective, Severity: drift.Breaking, Profile: drift.Overlay,
			Subject: k.pkg.Path, Message: e.Msg, Pos: k.position(e.Pos)}}
		into.add(f, t.Name, "")
	}
	return true
}

// take adds what was gathered about one declaration to the result.
func (k *checker) take(c *collector) {
	findings, unchecked := c.result()
	k.res.Findings = append(k.res.Findings, findings...)
	k.res.Unchecked = append(k.res.Unchecked, unchecked...)
}

// position returns a place as a path that can be opened.
func (k *checker) position(at token.Pos) model.Pos {
	p := k.pkg.Fset.PositionFor(at, false)
	if !p.IsValid() {
		return model.Pos{}
	}
	return model.Pos{File: shorten(p.Filename), Line: p.Line, Col: p.Column}
}

// specs returns the sources a declaration is compared with.
func (k *checker) specs(d *decl) []string {
	if d.source == "" {
		return k.cfg.sources()
	}
	return []string{resolve(d.source, filepath.Dir(k.pkg.Fset.PositionFor(d.at, false).Filename))}
}

// open opens a source for a declaration.
func (k *checker) open(d *decl, spec string, t model.Target) (*model.ABI, error) {
	a, err := k.cfg.open(k.ctx, spec, t)
	switch {
	case err == nil:
		return a, nil
	case d.source != "":
		return nil, fmt.Errorf("%s: source=%s: %w", k.position(d.at), d.source, err)
	case k.cfg.Dir != "":
		return nil, fmt.Errorf("%s: source %s: %w", shorten(filepath.Join(k.cfg.Dir, ConfigName)), relative(spec), err)
	}
	return nil, fmt.Errorf("source %s: %w", spec, err)
}

// outcome is how a declaration compares with one source on one target.
type outcome struct {
	view view
	pair *pair
	res  drift.Result
}

func (k *checker) checkRecord(d *decl) error {
	col := &collector{all: k.targets}
	var names []string
	found := false
	var all []outcome
	for _, spec := range k.specs(d) {
		outs, src, have, err := k.compare(d, spec)
		if err != nil {
			return err
		}
		names = append(names, have...)
		if len(outs) > 0 {
			found = true
			addTo(&k.res.Sources, src)
			all = append(all, outs...)
			k.judge(col, d, outs, src)
		}
	}
	if !found {
		k.unknown(col, d, "record", names)
	}
	k.take(col)
	k.propose(d, all, len(col.findings))
	return nil
}

// compare compares a record with a source on every target. It returns nothing
// where that does not declare it, and then the names it has.
func (k *checker) compare(d *decl, spec string) (outs []outcome, src string, names []string, err error) {
	for _, v := range d.on {
		a, err := k.open(d, spec, v.target)
		if err != nil {
			return nil, "", nil, err
		}
		src = shown(spec, a)
		x := k.indexOf(a)
		r := x.record(d.name)
		if r == nil {
			if len(names) == 0 {
				for _, x := range a.Records {
					names = append(names, x.Name)
				}
			}
			continue
		}
		o := outcome{view: v}
		if d.described {
			o.res = drift.Compare(x.part(r), k.goPart(v), drift.Options{Profile: drift.Overlay, Keep: func(n string) bool { return n == d.name }})
			settle(&o.res, d.name)
		} else {
			o.pair = newPair(d.name, x, k.indexOf(v.reading.ABI), r, v.record)
			o.res = o.pair.compare()
		}
		outs = append(outs, o)
	}
	return outs, src, names, nil
}

// goPart returns what Go has of a described record. Positions in it are those
// of the reading.
func (k *checker) goPart(v view) *model.ABI {
	part := k.indexOf(v.reading.ABI).part(v.record)
	part.Paths = nil
	return part
}

// unknown notes that no source declares what a directive names. In a generated
// file, which guards its own layout, that is no finding.
func (k *checker) unknown(col *collector, d *decl, what string, names []string) {
	var shownSpecs []string
	for _, s := range k.specs(d) {
		shownSpecs = append(shownSpecs, short(s))
	}
	reason := fmt.Sprintf("no %s of this name in %s%s", what, series(shownSpecs), near.Hint(d.name, names))
	for _, v := range d.on {
		if k.generated(d.at) {
			col.addUnchecked(drift.Unchecked{Evidence: model.Records, Subjects: []string{d.name}, Reason: reason}, v.target.Name, "")
			continue
		}
		col.add(Finding{At: d.at, Finding: drift.Finding{Rule: ruleUnknown, Severity: drift.Breaking, Profile: drift.Overlay,
			Subject: d.name, Pos: k.position(d.at), Message: "Nothing is checked: " + reason +
				": correct the name, or name the source that declares it in " + ConfigName + " or with source="}}, v.target.Name, "")
	}
}

// short returns a resolved spec without the directory.
func short(spec string) string {
	prefix, operand, ok := strings.Cut(spec, ":")
	if !ok || prefix == "go" {
		return spec
	}
	return prefix + ":" + filepath.Base(operand)
}

// generated reports whether the file at a place says that it is generated.
func (k *checker) generated(at token.Pos) bool {
	for _, f := range k.pkg.Files {
		if f.Syntax.FileStart <= at && at <= f.Syntax.FileEnd {
			return ast.IsGenerated(f.Syntax)
		}
	}
	return false
}

func (k *checker) checkEnum(d *decl) error {
	col := &collector{all: k.targets}
	var names []string
	found := false
	for _, spec := range k.specs(d) {
		for _, v := range d.on {
			a, err := k.open(d, spec, v.target)
			if err != nil {
				return err
			}
			e := k.indexOf(a).enums[d.name]
			if e == nil {
				for _, x := range a.Enums {
					addTo(&names, x.Name)
				}
				continue
			}
			found = true
			addTo(&k.res.Sources, shown(spec, a))
			old, now := *a, *v.reading.ABI
			old.Records, old.Enums, old.Constants, old.Prototypes = nil, []*model.Enum{e}, nil, nil
			now.Records, now.Enums, now.Constants, now.Paths = nil, []*model.Enum{v.enum}, nil, nil
			res := drift.Compare(&old, &now, drift.Options{Profile: drift.Overlay, Keep: func(n string) bool { return n == d.name }})
			k.add(col, d, v, res, shown(spec, a))
		}
	}
	if !found {
		k.unknown(col, d, "enum", names)
	}
	k.take(col)
	return nil
}

// add notes what a comparison found, but for what is mere information.
func (k *checker) add(col *collector, d *decl, v view, res drift.Result, src string) {
	for _, f := range res.Findings {
		if f.Severity.Rank() < drift.Risk.Rank() || f.Subject != d.name && !strings.HasPrefix(f.Subject, d.name+".") && v.enum == nil {
			continue
		}
		x := Finding{Finding: f, At: v.reading.Pos(f.Pos)}
		if x.At == token.NoPos {
			x.At = d.at
			if d.spec != nil {
				x.At = d.spec.Name.Pos()
			}
		}
		x.Pos = k.position(x.At)
		col.add(x, v.target.Name, src)
	}
	for _, u := range res.Unchecked {
		col.addUnchecked(u, v.target.Name, src)
	}
}
