// SPDX-License-Identifier: MIT

package cheader

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// Options says how a header is read.
type Options struct {
	// Target decides sizes, alignments, the predefined macros and the sign of
	// char.
	Target model.Target
	// Defines are macros to define before reading: NAME, which makes it 1, or
	// NAME=VALUE.
	Defines []string
	// IncludeDirs are the directories in which #include looks, in order, for
	// both forms of it. Nothing else is searched: the host's headers play no
	// part unless they are named.
	IncludeDirs []string
	// Includes are files that are read before the header, as if it included
	// them first: paths, and where there is no such file, what #include <…> finds.
	Includes []string
	// Own, where it is not nil, says of which included files the declarations
	// count as the header's own. A file is named as #include names it.
	Own func(file string) bool
	// Cache, where it is not nil, keeps what files hold between headers.
	Cache *Cache
}

// ParseFile reads a header from a file. #include "…" looks beside the
// including file first. The error is an [*Error] or [Errors].
func ParseFile(path string, o Options) (*model.ABI, error) {
	x, e := o.Cache.read(path)
	if x == nil && e == nil {
		_, e = readFile(path) // which says why
	}
	if e != nil {
		return nil, e
	}
	return parse(&source{path: path, dir: filepath.Dir(path), lex: x}, o)
}

// Parse reads a header from memory. name is used for positions alone;
// #include "…" looks in the include directories. The error is an [*Error] or
// [Errors].
func Parse(name string, text []byte, o Options) (*model.ABI, error) {
	if e := checkText(name, text); e != nil {
		return nil, e
	}
	return parse(&source{path: name, lex: lex(strings.TrimPrefix(string(text), byteOrderMark), maxLexemes)}, o)
}

// readFile returns the text of a file, refusing what cannot be C.
func readFile(path string) (string, *Error) {
	fail := func(why, fix string, err error) (string, *Error) {
		return "", &Error{Pos: model.Pos{File: path}, What: "header", Why: why, Fix: fix, Err: err}
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fail("no such file", "check the path", err)
	case err != nil:
		return fail(reason(err), "check the path and the permissions", err)
	case info.IsDir():
		return fail("it is a directory", "name a file in it", nil)
	case info.Mode()&fs.ModeDevice != 0:
		return fail("it is a device", "name a file", nil) // which may never end
	case info.Mode()&fs.ModeNamedPipe != 0 && !isDescriptor(path):
		return fail("it is a pipe", "name a file", nil) // which nobody may write to
	}
	f, err := os.Open(path)
	if err != nil {
		return fail(reason(err), "check the permissions", err)
	}
	defer func() { _ = f.Close() }()
	// A device may have no end.
	var buf bytes.Buffer
	buf.Grow(int(min(info.Size(), maxFile)) + bytes.MinRead)
	_, err = buf.ReadFrom(io.LimitReader(f, maxFile+1))
	data := buf.Bytes()
	switch {
	case err != nil:
		return fail(reason(err), "check the file", err)
	case len(data) > maxFile:
		return fail(fmt.Sprintf("it is larger than %d MB", maxFile>>20), "is this a C header?", nil)
	}
	if e := checkText(path, data); e != nil {
		return "", e
	}
	return string(data), nil
}

// isDescriptor reports whether a path names what a shell has opened for us.
func isDescriptor(path string) bool {
	return path == "/dev/stdin" || strings.HasPrefix(path, "/dev/fd/") || strings.HasPrefix(path, "/proc/self/fd/")
}

// reason is the text of an error without the path it repeats.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// checkText refuses text with bytes that no header holds.
func checkText(path string, text []byte) *Error {
	line, start := 1, 0
	for i, c := range text {
		switch {
		case c == '\n':
			line, start = line+1, i+1
		case c < ' ' && c != '\t' && c != '\r' && c != '\f' && c != '\v', c == 0x7f:
			return &Error{Pos: model.Pos{File: path, Line: line, Col: i - start + 1}, What: "header",
				Why: fmt.Sprintf("the byte %#02x is not text", c), Fix: "is this a C header?"}
		}
	}
	return nil
}

// byteOrderMark may stand in front of a file.
const byteOrderMark = "\ufeff"

func parse(main *source, o Options) (abi *model.ABI, err error) {
	defer func() {
		if r := recover(); r != nil {
			abi = nil
			err = &Error{Pos: model.Pos{File: main.path}, What: "header", Why: fmt.Sprintf("it could not be read: internal error: %v", r),
				Fix: "please report this, with the header"}
		}
	}()
	if o.Target.PointerSize == 0 {
		return nil, &Error{Pos: model.Pos{File: main.path}, What: "target", Why: "none was chosen", Fix: "set Options.Target"}
	}
	main.name = filepath.Base(main.path)
	main.index = -1
	main.text, main.comments = main.lex.raw, main.lex.comments
	pl := platformOf(o.Target)
	p := newPreproc(pl.macros)
	p.opts, p.dirs, p.main = &o, o.IncludeDirs, main
	p.files[main.path], p.names[main.name] = main, main.path
	defer p.borrow()()
	if err := p.prepare(); err != nil {
		return nil, err
	}
	p.openSource(main, token{})
	p.run()
	if n := len(p.packStack); n > 0 && !p.failed() {
		p.fail(p.packStack[n-1].at.err("#pragma pack", "push without a pop", "add #pragma pack(pop)"))
	}
	if p.failed() {
		return nil, join(p.errs)
	}
	decls, e := split(p)
	if e != nil {
		// What came before may be wrong as well.
		errs := append(syntaxErrors(needed(decls, nil, p.isOwn, pl.prelude), 0), e)
		return nil, join(locate(errs, main))
	}
	p.release()
	cands, skips := p.candidates()
	used := cands
	for i := range p.asserts {
		used = append(used, candidate{toks: p.asserts[i].cond})
	}
	decls = needed(decls, used, p.isOwn, pl.prelude)
	l := newLowerer(p, pl.machine)
	l.skips = skips
	u := newUnit(decls)
	p.release()
	if err := l.lower(u); err != nil && len(l.errs) == 0 {
		errs := syntaxErrors(decls, int(u.owner[min(u.base, len(u.owner)-1)]))
		if len(errs) == 0 {
			errs = append(errs, u.syntaxError(err, nil))
		}
		return nil, join(locate(errs, main))
	}
	if len(l.errs) == 0 {
		l.assertions(p.asserts)
	}
	if len(l.errs) > 0 {
		return nil, join(locate(l.errs, main))
	}
	return l.model(cands), nil
}

// size is the number of tokens of declarations.
func size(decls []*decl) int {
	n := 0
	for _, d := range decls {
		n += len(d.toks)
	}
	return n
}

// locate gives errors without a place that of the header.
func locate(errs []*Error, main *source) []*Error {
	for _, e := range errs {
		if !e.Pos.IsValid() {
			e.Pos.File = main.path
		}
	}
	return errs
}

// prepare carries out the options.
func (p *preproc) prepare() error {
	var b strings.Builder
	for _, d := range p.opts.Defines {
		name, value, ok := strings.Cut(d, "=")
		if !ok {
			value = "1"
		}
		if !isName(name) || strings.ContainsAny(value, "\n\r") {
			return &Error{What: "-D " + d, Why: "not the name of a macro with an optional value", Fix: "write -D NAME or -D NAME=VALUE"}
		}
		fmt.Fprintf(&b, "#define %s %s\n", name, value)
	}
	if b.Len() > 0 {
		p.openSource(&source{path: "<command line>", name: "<command line>", text: b.String(), builtin: true}, token{})
		p.run()
	}
	for _, path := range p.opts.Includes {
		src := p.load(path, filepath.Base(path), -1)
		var looked []string
		if src == nil && !p.failed() {
			src, looked = p.find(nil, path, false, false)
		}
		if p.failed() {
			return join(p.errs)
		}
		if src == nil {
			why := strings.Join(append([]string{"no such file"}, looked...), ", nor in ")
			return &Error{Pos: model.Pos{File: path}, What: "--include", Why: why, Fix: "check the path, or name the directory that holds it with -I DIR"}
		}
		p.openSource(src, token{})
		p.run()
	}
	return join(p.errs)
}

func isName(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isIdentStart(s[i]) && (i == 0 || !isDigit(s[i])) {
			return false
		}
	}
	return s != ""
}

// needed drops the declarations of included files that the header itself does
// not use, directly or through others, and adds the built-in types it does.
func needed(decls []*decl, cands []candidate, own func(*source) bool, pre *prelude) []*decl {
	byName := map[string][]int{}
	keep := make([]bool, len(decls))
	var queue []int
	for i, d := range decls {
		if d.touches(own) {
			keep[i] = true
			queue = append(queue, i)
			continue
		}
		for _, name := range d.declares() {
			byName[name] = append(byName[name], i)
		}
	}
	want := map[string]bool{}
	builtin := make([]bool, len(pre.decls))
	var visit func(toks []token)
	visit = func(toks []token) {
		for i := range toks {
			name := toks[i].text
			if toks[i].kind != kIdent || want[name] {
				continue
			}
			want[name] = true
			for _, n := range byName[name] {
				if !keep[n] {
					keep[n] = true
					queue = append(queue, n)
				}
			}
			if n, ok := pre.byName[name]; ok && !builtin[n] {
				builtin[n] = true
				visit(pre.decls[n].toks)
			}
		}
	}
	for i := range cands {
		visit(cands[i].toks)
	}
	for len(queue) > 0 {
		d := decls[queue[0]]
		queue = queue[1:]
		visit(d.toks)
		for _, as := range d.attrs {
			for _, a := range as {
				visit(a.args)
			}
		}
	}
	var out []*decl
	for i, d := range pre.decls {
		if builtin[i] {
			c := *d // its place in the unit is this run's
			out = append(out, &c)
		}
	}
	for i, d := range decls {
		if keep[i] {
			out = append(out, d)
		}
	}
	return out
}

// touches reports whether a token of d stands in a file that own accepts.
func (d *decl) touches(own func(*source) bool) bool {
	var last *source
	for i := range d.toks {
		if f := d.toks[i].file; f != last {
			if own(f) {
				return true
			}
			last = f
		}
	}
	return false
}

// model makes the model of what was lowered.
func (l *lowerer) model(cands []candidate) *model.ABI {
	b := builder{l: l, records: map[*crecord]bool{}, enums: map[*cenum]bool{}, seen: map[*ctype]bool{}}
	abi := &model.ABI{Source: "header:" + l.main.name, Target: l.m.Target.Name, Side: model.SideContract,
		Attests: attests(), Constants: l.constants(cands)}
	b.choose()
	for _, r := range l.records {
		switch {
		case b.records[r] && r.bad == "" && r.name() != "":
			abi.Records = append(abi.Records, b.record(r))
		case r.main && !r.nested && r.bad != "" && r.name() != "":
			l.skips = append(l.skips, skip{r.at, r.name(), r.bad})
		}
	}
	for _, e := range l.enums {
		if b.enums[e] {
			abi.Enums = append(abi.Enums, b.enum(e))
		}
	}
	for _, f := range l.funcs {
		role := model.Function
		if f.section == ".ksyms" {
			role = model.Kfunc
		}
		p := l.prototype(f.name, role, f.t.bare(), f.at)
		if p == nil {
			l.skips = append(l.skips, skip{f.at, f.name, "its type is nested too deep"})
			continue
		}
		b.target(f.first, f.last, &p.Doc, f.name)
		b.protos = append(b.protos, placed{f.at, p})
	}
	slices.SortStableFunc(b.protos, func(x, y placed) int { return l.order(x.at, y.at) })
	for _, c := range abi.Constants {
		m := l.p.lookup(c.Name)
		if !commented(m.def) {
			continue
		}
		last := m.def
		if body := m.tokens(); len(body) > 0 {
			last = body[len(body)-1]
		}
		b.targets = append(b.targets, &target{first: m.def, last: last, doc: &c.Doc, begins: true, name: c.Name})
	}
	joinComments(l.p.files, b.targets)
	for _, p := range b.protos {
		if f := b.fields[p.p]; f != nil {
			p.p.Doc = f.Doc
		}
		abi.Prototypes = append(abi.Prototypes, p.p)
	}
	slices.SortStableFunc(l.skips, func(x, y skip) int { return l.order(x.at, y.at) })
	for _, s := range l.skips {
		abi.Skipped = append(abi.Skipped, model.Skipped{Name: s.name, Reason: s.reason, Pos: s.at.pos()})
	}
	abi.Paths = map[string]string{}
	for name, path := range l.p.names {
		abi.Paths[name] = path
	}
	return abi
}

// order sorts tokens: those of included files first, then those of the header
// by place.
func (l *lowerer) order(a, b token) int {
	rank := func(t token) int {
		if t.file == l.main {
			return 1
		}
		return 0
	}
	if c := cmp.Compare(rank(a), rank(b)); c != 0 || rank(a) == 0 {
		return c
	}
	return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.col, b.col))
}

// attests lists what a header can attest to.
func attests() []model.Evidence {
	return slices.DeleteFunc(model.AllEvidence(), func(e model.Evidence) bool { return e == model.Registration })
}

// builder makes the parts of a model.
type builder struct {
	l       *lowerer
	records map[*crecord]bool
	enums   map[*cenum]bool
	// seen keeps types that share parts from being walked once for each use.
	seen    map[*ctype]bool
	protos  []placed
	fields  map[*model.Prototype]*model.Field
	targets []*target
}

type placed struct {
	at token
	p  *model.Prototype
}

// choose marks the header's own records and enums, and those of included
// files that they, or its functions, hold by value.
func (b *builder) choose() {
	b.fields = map[*model.Prototype]*model.Field{}
	for _, r := range b.l.records {
		if r.main && !r.nested && r.name() != "" {
			b.addRecord(r)
		}
	}
	for _, e := range b.l.enums {
		if e.main {
			b.enums[e] = true
		}
	}
	for _, f := range b.l.funcs {
		b.addType(f.t)
	}
}

func (b *builder) addRecord(r *crecord) {
	if b.records[r] {
		return
	}
	b.records[r] = true
	for i := range r.members {
		b.addType(r.members[i].t)
	}
}

// addType marks what a type holds by value; for a pointer to a function that
// is what the function takes and returns by value.
func (b *builder) addType(t *ctype) {
	if b.seen[t] {
		return
	}
	b.seen[t] = true
	switch t = t.bare(); t.kind {
	case tArray, tVector:
		b.addType(t.elem)
	case tPointer:
		if e := t.elem.bare(); e.kind == tFunc {
			b.addType(e)
		} else if e.kind == tRecord && e.rec.name() == "" {
			b.addType(e)
		}
	case tFunc:
		b.addType(t.elem)
		for _, p := range t.params {
			b.addType(p.t)
		}
	case tRecord:
		if t.rec.complete {
			b.addRecord(t.rec)
		}
	case tEnum:
		if t.enum.complete {
			b.enums[t.enum] = true
		}
	}
}

func (b *builder) target(first, last token, doc *string, name string) *target {
	t := &target{first: first, last: last, doc: doc, begins: first.first, name: name}
	if commented(first) {
		b.targets = append(b.targets, t)
	}
	return t
}

// commented reports whether the file of a token has any comments.
func commented(t token) bool { return t.file != nil && len(t.file.comments) > 0 }

func (b *builder) record(r *crecord) *model.Record {
	out := b.layout(r)
	b.callbacks(r, out, out.Name)
	return out
}

// layout converts a record and the anonymous ones in it.
func (b *builder) layout(r *crecord) *model.Record {
	out := &model.Record{Kind: r.kind(), Name: r.name(), Typedef: r.tag == "" && r.typedef != "", Size: r.layout.Size,
		Align: r.layout.Align, Packed: r.packed, Pos: r.at.pos()}
	out.Fields = make([]model.Field, len(r.members))
	members := map[string]*string{}
	for i := range r.members {
		m := &r.members[i]
		f := &out.Fields[i]
		*f = model.Field{Name: m.name, BitOffset: r.layout.BitOffsets[i], BitSize: m.in.Type.Size * 8, Bitfield: m.bitfield,
			Spelling: spell(m.t), Type: b.l.canonical(m.t), Pos: m.at.pos()}
		if m.bitfield {
			f.BitSize = m.width
		}
		if inner := anonymous(m.t); inner != nil && inner.bad == "" && inner.complete {
			f.Record = b.layout(inner)
		}
		b.target(m.first, m.last, &f.Doc, m.name)
		if !commented(r.first) {
			continue
		}
		if m.name != "" {
			members[m.name] = &f.Doc
		}
		if f.Record != nil {
			for k := range f.Record.Fields {
				g := &f.Record.Fields[k]
				if m.name != "" {
					members[m.name+"."+g.Name] = &g.Doc
				} else {
					members[g.Name] = &g.Doc
				}
			}
		}
	}
	if !r.nested {
		t := b.target(r.first, r.last, &out.Doc, out.Name)
		t.members = members
		b.widen(t, r.kw)
	}
	return out
}

// widen lets the comment of a record or enum stand above a declaration that
// begins before the keyword at token kw, as in "typedef struct", and behind
// its opening brace.
func (b *builder) widen(t *target, kw int) {
	u := b.l.u
	d := u.decls[u.owner[kw]]
	if !t.begins && d.toks[0].file == t.first.file && d.toks[0].line == t.first.line {
		t.first, t.begins = d.toks[0], d.toks[0].first
	}
	for ; kw < len(u.toks); kw++ {
		if u.toks[kw].is("{") {
			t.open = u.toks[kw]
			return
		}
	}
}

// anonymous returns the record without a name in a type: the type itself, an
// array's element or a pointer's target.
func anonymous(t *ctype) *crecord {
	for {
		t = t.bare()
		switch t.kind {
		case tArray, tPointer:
			t = t.elem
		case tRecord:
			if t.rec.name() == "" {
				return t.rec
			}
			return nil
		default:
			return nil
		}
	}
}

// callbacks makes the prototypes of the function pointers in a record.
func (b *builder) callbacks(r *crecord, rec *model.Record, path string) {
	for i := range r.members {
		m := &r.members[i]
		f := &rec.Fields[i]
		name := path
		if m.name != "" {
			name += "." + m.name
		}
		if t := m.t.bare(); t.kind == tPointer && t.elem.bare().kind == tFunc {
			if p := b.l.prototype(name, model.Callback, t.elem.bare(), m.at); p != nil {
				b.protos = append(b.protos, placed{m.at, p})
				b.fields[p] = f
			}
		}
		if f.Record != nil && m.t.bare().kind == tRecord {
			b.callbacks(m.t.bare().rec, f.Record, name)
		}
	}
}

func (l *lowerer) prototype(name string, role model.Role, f *ctype, at token) *model.Prototype {
	if f.depth > maxTypeDepth || f.weight > maxTypeWeight {
		return nil
	}
	p := &model.Prototype{Name: name, Role: role, Result: spell(f.elem), ResultType: l.canonical(f.elem), Variadic: f.varargs, Pos: at.pos()}
	for _, c := range f.params {
		p.Params = append(p.Params, model.Param{Name: c.name, Spelling: spell(c.t), Type: model.Unqualified(l.canonical(c.t))})
	}
	return p
}

func (b *builder) enum(e *cenum) *model.Enum {
	size, _ := b.l.m.Scalar(e.kind)
	out := &model.Enum{Name: e.name(), Typedef: e.tag == "" && e.typedef != "", Size: size.Size, Signed: b.l.m.Signed(e.kind), Pos: e.at.pos()}
	out.Values = make([]model.Enumerator, len(e.values))
	members := map[string]*string{}
	for i := range e.values {
		v := &e.values[i]
		out.Values[i] = model.Enumerator{Name: v.name, Value: v.value.v, Pos: v.at.pos()}
		b.target(v.at, v.end, &out.Values[i].Doc, v.name)
		if commented(e.first) {
			members[v.name] = &out.Values[i].Doc
		}
	}
	t := b.target(e.first, e.last, &out.Doc, out.Name)
	t.members = members
	b.widen(t, e.kw)
	return out
}
