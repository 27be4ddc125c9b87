// SPDX-License-Identifier: MIT

package vet

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/gopkg"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/goname"
)

// proposal is the changes that may cure the findings of one struct.
type proposal struct {
	d    *decl
	file gopkg.File
	// untried are the changes that have not been, the smaller one first.
	untried []*Fix
	// fix is the one that cures them, nil as long as none is known to.
	fix *Fix
	// first and last bound the findings in the result.
	first, last int
}

// propose notes what may cure the findings that were gathered on a struct, which
// are the last ones of the result.
func (k *checker) propose(d *decl, outs []outcome, n int) {
	findings := k.res.Findings[len(k.res.Findings)-n:]
	if k.noFix || n == 0 || d.described || k.generated(d.at) || slices.ContainsFunc(findings, func(f Finding) bool {
		return f.Rule == ruleUnknown
	}) {
		return
	}
	s, ok := d.spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	i := slices.IndexFunc(outs, func(o outcome) bool { return o.pair != nil })
	if i < 0 {
		return
	}
	r := &rewriter{k: k, d: d, s: s, file: k.fileAt(d.at), o: outs[i], findings: findings}
	if c := r.candidates(); len(c) > 0 {
		k.proposals = append(k.proposals, &proposal{d: d, file: r.file, untried: c, first: len(k.res.Findings) - n, last: len(k.res.Findings)})
	}
}

// fix gives the findings of each struct the change after which it has none. A
// change is only offered when the changed package was checked again, for every
// target. All structs are tried at once: one change seldom hangs on another.
func (k *checker) fix() {
	for {
		trying := map[*proposal]*Fix{}
		undecided := false
		for _, p := range k.proposals {
			switch {
			case p.fix != nil:
				trying[p] = p.fix
			case len(p.untried) > 0:
				trying[p], p.untried = p.untried[0], p.untried[1:]
				undecided = true
			}
		}
		if !undecided {
			break
		}
		cured := k.cured(trying)
		for p, f := range trying {
			if p.fix == nil && cured[p] {
				p.fix = f
			}
		}
	}
	accepted := map[*proposal]*Fix{}
	for _, p := range k.proposals {
		if p.fix != nil {
			accepted[p] = p.fix
		}
	}
	// What was cured beside a change that is not made may not be without it.
	cured := k.cured(accepted)
	for p := range accepted {
		if !cured[p] {
			delete(accepted, p)
		}
	}
	if !k.compile(accepted) {
		for p, f := range accepted {
			if !k.compile(map[*proposal]*Fix{p: f}) {
				delete(accepted, p)
			}
		}
	}
	for p, f := range accepted {
		for i := p.first; i < p.last; i++ {
			k.res.Findings[i].Fix = f
		}
	}
}

// changed returns the files of the package with changes made, nil where one of
// them does not parse then.
func (k *checker) changed(fixes map[*proposal]*Fix) []gopkg.File {
	files := slices.Clone(k.pkg.Files)
	for i, file := range files {
		whole := &Fix{}
		for p, f := range fixes {
			if p.file.Syntax == file.Syntax {
				whole.Edits = append(whole.Edits, f.Edits...)
			}
		}
		if len(whole.Edits) == 0 {
			continue
		}
		// The edits of one struct keep their order, those of two are apart.
		slices.SortStableFunc(whole.Edits, func(a, b Edit) int { return cmp.Compare(a.Pos, b.Pos) })
		text, err := whole.Apply(k.pkg.Fset, file)
		if err != nil {
			return nil
		}
		syntax, err := parser.ParseFile(k.pkg.Fset, file.Path, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil
		}
		files[i] = gopkg.File{Path: file.Path, Text: text, Syntax: syntax}
	}
	return files
}

// cured returns the structs that have no finding once changes are made.
func (k *checker) cured(fixes map[*proposal]*Fix) map[*proposal]bool {
	if len(fixes) == 0 {
		return nil
	}
	changed := *k.pkg
	if changed.Files = k.changed(fixes); changed.Files == nil {
		return nil
	}
	again := &checker{ctx: k.ctx, cfg: k.cfg, pkg: &changed, res: &Result{}, noFix: true}
	if err := again.read(); err != nil || len(again.targets) != len(k.targets) {
		return nil
	}
	cured := map[*proposal]bool{}
	for p := range fixes {
		for _, x := range again.decls {
			// Two files may declare it, each for other GOARCHes.
			if x.name == p.d.name && len(x.on) == len(p.d.on) && x.on[0].target == p.d.on[0].target {
				again.res.Findings = nil
				cured[p] = again.checkRecord(x) == nil && len(again.res.Findings) == 0
			}
		}
	}
	return cured
}

// compile reports whether the package still compiles once changes are made, as
// far as the driver can tell.
func (k *checker) compile(fixes map[*proposal]*Fix) bool {
	if k.compiles == nil || len(fixes) == 0 {
		return true
	}
	files := k.changed(fixes)
	now := map[*ast.File]*ast.File{}
	for i, f := range files {
		now[k.pkg.Files[i].Syntax] = f.Syntax
	}
	return files != nil && k.compiles(now)
}

func (k *checker) fileAt(at token.Pos) gopkg.File {
	i := slices.IndexFunc(k.pkg.Files, func(f gopkg.File) bool { return f.Syntax.FileStart <= at && at <= f.Syntax.FileEnd })
	return k.pkg.Files[i]
}

// Apply returns the text of the file the fix is for once it is carried out.
func (f *Fix) Apply(fset *token.FileSet, file gopkg.File) ([]byte, error) {
	tf := fset.File(file.Syntax.FileStart)
	var out bytes.Buffer
	at := 0
	for _, e := range f.Edits {
		from, to := tf.Offset(e.Pos), tf.Offset(e.End)
		if from < at || to < from || to > len(file.Text) {
			return nil, fmt.Errorf("%s: the edits overlap or the file has changed", file.Path)
		}
		out.Write(file.Text[at:from])
		out.Write(e.NewText)
		at = to
	}
	out.Write(file.Text[at:])
	return out.Bytes(), nil
}

// rewriter makes changes of one struct.
type rewriter struct {
	k        *checker
	d        *decl
	s        *ast.StructType
	file     gopkg.File
	o        outcome
	findings []Finding
}

// candidates returns the changes to try, the smaller one first.
func (r *rewriter) candidates() []*Fix {
	var out []*Fix
	for _, try := range []func() *Fix{r.inserted, r.rewritten} {
		if f := try(); f != nil && len(f.Edits) > 0 {
			slices.SortStableFunc(f.Edits, func(a, b Edit) int { return cmp.Compare(a.Pos, b.Pos) })
			out = append(out, f)
		}
	}
	return out
}

// entry is a field of the struct as its source has it.
type entry struct {
	syntax *ast.Field
	ident  *ast.Ident // nil for an embedded field without a plain name
	ms     []*member
}

// entries lists the fields of the struct with their members.
func (r *rewriter) entries() []*entry {
	var out []*entry
	byPos := map[token.Pos]*entry{}
	for _, f := range r.s.Fields.List {
		for _, id := range f.Names {
			e := &entry{syntax: f, ident: id}
			out, byPos[id.Pos()] = append(out, e), e
		}
		if len(f.Names) == 0 {
			e := &entry{syntax: f}
			out = append(out, e)
			ast.Inspect(f.Type, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					byPos[id.Pos()] = e
				}
				return true
			})
		}
	}
	for _, m := range r.o.pair.gms {
		at := r.o.view.reading.Pos(r.o.pair.g.Fields[m.top].Pos)
		if e := byPos[at]; e != nil {
			e.ms = append(e.ms, m)
		}
	}
	return out
}

// ownLine reports whether nothing but white space stands before a place on its
// line.
func (r *rewriter) ownLine(at token.Pos) bool {
	i := r.offset(at)
	line := r.file.Text[bytes.LastIndexByte(r.file.Text[:i], '\n')+1 : i]
	return len(bytes.TrimSpace(line)) == 0
}

func (r *rewriter) offset(at token.Pos) int { return r.k.pkg.Fset.File(at).Offset(at) }

// start returns where a field begins, with the comment above it.
func (e *entry) start() token.Pos {
	if e.syntax.Doc != nil {
		return e.syntax.Doc.Pos()
	}
	return e.syntax.Pos()
}

// inserted returns the change that inserts the padding that is missing, names
// members that C calls otherwise, and gives fields the type that C has, and
// nothing else; nil where the struct is not written one field to a line or has
// its members in another order.
func (r *rewriter) inserted() *Fix {
	f := &Fix{Message: "Lay the struct out as C does"}
	entries := r.entries()
	find := func(m *member) *entry {
		for _, e := range entries {
			if len(e.ms) > 0 && e.ms[0] == m {
				return e
			}
		}
		return nil
	}
	for _, g := range r.o.pair.gaps {
		pad := fmt.Sprintf("_ [%d]byte", g.size)
		if g.before == nil {
			if !r.ownLine(r.s.Fields.Closing) {
				return nil
			}
			f.Edits = append(f.Edits, Edit{r.s.Fields.Closing, r.s.Fields.Closing, []byte("\t" + pad + "\n")})
			continue
		}
		e := find(g.before)
		if e == nil || !r.ownLine(e.start()) || e.ident != nil && e.ident != e.syntax.Names[0] {
			return nil
		}
		f.Edits = append(f.Edits, Edit{e.start(), e.start(), []byte(pad + "\n\t")})
	}
	for _, e := range entries {
		if t := r.retyped(e); t != "" {
			if len(e.syntax.Names) != 1 {
				return nil
			}
			f.Edits = append(f.Edits, Edit{e.syntax.Type.Pos(), e.syntax.Type.End(), []byte(t)})
		}
		if name := r.renamed(e); name != "" {
			if len(e.syntax.Names) != 1 || !r.ownLine(e.syntax.Pos()) {
				return nil
			}
			f.Edits = append(f.Edits, Edit{e.syntax.Pos(), e.syntax.Pos(), []byte("//abigen:member " + name + "\n\t")})
		}
	}
	if len(r.o.pair.gaps) > 0 && r.unkeyed() {
		return nil
	}
	return f
}

// rewritten returns the change that writes all fields anew, in C's order, with
// the members that are missing; nil where Go has something C has not, or cannot
// say what C has.
func (r *rewriter) rewritten() *Fix {
	if r.unkeyed() || r.loseComments() {
		return nil
	}
	text := map[*entry]string{}
	of := map[*member]*entry{}
	for _, e := range r.entries() {
		if len(e.ms) == 1 && e.ms[0].blank() && e.ident != nil && e.ident.Name == "_" || len(e.ms) == 0 && e.ident != nil && e.ident.Name == "_" {
			continue // written anew where C has padding
		}
		for _, m := range e.ms {
			if m.partner == nil || m.blank() {
				return nil
			}
			of[m] = e
		}
		if len(e.ms) == 0 {
			return nil
		}
		text[e] = r.fieldText(e)
	}
	cms := r.o.pair.cx.flatten(r.o.pair.c)
	var lines []string
	at := int64(0)
	done := map[*entry]bool{}
	pad := func(to int64) {
		if to > at {
			lines = append(lines, fmt.Sprintf("_ [%d]byte", (to-at)/8))
		}
	}
	for _, c := range cms {
		if c.Bitfield || c.shared || c.BitOffset < at && c.BitSize > 0 {
			return nil
		}
		var e *entry
		for m, x := range of {
			if m.partner.Name == c.Name {
				e = x
			}
		}
		switch {
		case e != nil && done[e]:
		case e != nil:
			pad(c.BitOffset)
			lines = append(lines, text[e])
			done[e] = true
		case c.BitSize == 0 || isPadding(c.Name):
			continue
		default:
			t := r.goType(c.Type, c.BitSize)
			if t == "" {
				return nil
			}
			pad(c.BitOffset)
			name := goname.Field(c.Name)
			line := name + " " + t
			if goname.Snake(name) != c.Name {
				line += " //abigen:member " + c.Name
			}
			lines = append(lines, line)
		}
		at = c.end()
	}
	pad(r.o.pair.c.Size * 8)
	body := "\n\t" + strings.Join(lines, "\n\t") + "\n"
	return &Fix{Message: "Lay the struct out as C does", Edits: []Edit{{r.s.Fields.Opening + 1, r.s.Fields.Closing, []byte(body)}}}
}

// fieldText returns the source of one field, with its comments, of its own
// type, or of C's where that is to replace it.
func (r *rewriter) fieldText(e *entry) string {
	var b strings.Builder
	source := func(from, to token.Pos) string { return string(r.file.Text[r.offset(from):r.offset(to)]) }
	if e.syntax.Doc != nil && (e.ident == nil || e.ident == e.syntax.Names[0]) {
		b.WriteString(source(e.syntax.Doc.Pos(), e.syntax.Doc.End()) + "\n\t")
	}
	if name := r.renamed(e); name != "" {
		b.WriteString("//abigen:member " + name + "\n\t")
	}
	if e.ident != nil {
		b.WriteString(e.ident.Name + " ")
	}
	if t := r.retyped(e); t != "" {
		b.WriteString(t)
	} else {
		b.WriteString(source(e.syntax.Type.Pos(), e.syntax.Type.End()))
	}
	if e.syntax.Tag != nil {
		b.WriteString(" " + e.syntax.Tag.Value)
	}
	if e.syntax.Comment != nil {
		b.WriteString(" " + source(e.syntax.Comment.Pos(), e.syntax.Comment.End()))
	}
	return b.String()
}

// loseComments reports whether comments of the struct belong to no field, so
// that writing the fields anew would lose them.
func (r *rewriter) loseComments() bool {
	kept := map[*ast.CommentGroup]bool{}
	for _, f := range r.s.Fields.List {
		kept[f.Doc], kept[f.Comment] = true, true
		if inner, ok := f.Type.(*ast.StructType); ok {
			ast.Inspect(inner, func(n ast.Node) bool {
				if g, ok := n.(*ast.CommentGroup); ok {
					kept[g] = true
				}
				return true
			})
		}
	}
	return slices.ContainsFunc(r.file.Syntax.Comments, func(g *ast.CommentGroup) bool {
		return r.s.Fields.Opening < g.Pos() && g.End() <= r.s.Fields.Closing && !kept[g]
	})
}

// unkeyed reports whether a composite literal gives the fields of the struct
// without their names, so that another field would not compile.
func (r *rewriter) unkeyed() bool {
	name := r.d.spec.Name.Name
	found := false
	for _, f := range r.k.pkg.Files {
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			l, ok := n.(*ast.CompositeLit)
			if !ok || found {
				return !found
			}
			id, _ := l.Type.(*ast.Ident)
			if id == nil || id.Name != name || len(l.Elts) == 0 {
				return true
			}
			_, keyed := l.Elts[0].(*ast.KeyValueExpr)
			found = !keyed
			return !found
		})
	}
	return found
}

// finding reports whether the field has a finding of one of the rules.
func (r *rewriter) finding(e *entry, rules ...string) bool {
	return e.ident != nil && slices.ContainsFunc(r.findings, func(f Finding) bool {
		return f.At == e.ident.Pos() && slices.Contains(rules, f.Rule)
	})
}

// renamed returns the C name of a field that a directive has to give, "" where
// none is needed.
func (r *rewriter) renamed(e *entry) string {
	if len(e.ms) != 1 || e.ms[0].partner == nil || !r.finding(e, "field.renamed") {
		return ""
	}
	return e.ms[0].partner.Name
}

// retyped returns the Go type that C's asks for where the field has another
// one, "" where it need not change or is of a type with a name of its own.
func (r *rewriter) retyped(e *entry) string {
	if len(e.ms) != 1 || e.ms[0].partner == nil ||
		!r.finding(e, "field.size", "field.sign", "field.type", "field.array", rulePointer) || !plain(e.syntax.Type) {
		return ""
	}
	return r.goType(e.ms[0].partner.Type, e.ms[0].partner.BitSize)
}

// plain reports whether a type is written without any name of the package.
func plain(t ast.Expr) bool {
	switch x := t.(type) {
	case *ast.Ident:
		return slices.Contains([]string{"bool", "byte", "int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32",
			"uint64", "uintptr", "float32", "float64"}, x.Name)
	case *ast.ArrayType:
		_, literal := x.Len.(*ast.BasicLit)
		return literal && plain(x.Elt)
	case *ast.StarExpr:
		return true
	case *ast.SelectorExpr:
		id, ok := x.X.(*ast.Ident)
		return ok && id.Name == "unsafe"
	}
	return false
}

// goType returns the Go type for one of C that takes so many bits, "" where
// there is none that is sure.
func (r *rewriter) goType(t model.Type, bits int64) string {
	switch x := model.Unqualified(t).(type) {
	case model.Int:
		switch {
		case x.Bits > 64:
		case x.Char && x.Bits == 8:
			return "byte"
		case x.Signed:
			return fmt.Sprintf("int%d", x.Bits)
		default:
			return fmt.Sprintf("uint%d", x.Bits)
		}
	case model.Bool:
		return "bool"
	case model.Float:
		if x.Bits == 32 || x.Bits == 64 {
			return fmt.Sprintf("float%d", x.Bits)
		}
	case model.Pointer:
		return fmt.Sprintf("uint%d", bits)
	case model.Array:
		if x.Len > 0 {
			if e := r.goType(x.Elem, bits/x.Len); e != "" {
				return fmt.Sprintf("[%d]%s", x.Len, e)
			}
		}
	case model.Ref:
		for _, d := range append(slices.Clone(r.k.decls), r.k.enums...) {
			if d.name == x.Name && d.spec != nil {
				return d.spec.Name.Name
			}
		}
		if x.Kind == model.RefEnum && slices.Contains([]int64{8, 16, 32, 64}, bits) {
			return fmt.Sprintf("uint%d", bits)
		}
	}
	return ""
}
