// SPDX-License-Identifier: MIT

package cheader

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/fuseiomap/abigen/gen/model"
)

// preproc is a C preprocessor. cc has one too, but it does not tell apart
// positions within macros, loses redefined macros, and recurses without bound
// on an include cycle; and what the parser gets must be rewritten before.
type preproc struct {
	opts *Options
	// dirs are the include directories, in order.
	dirs []string
	// base holds the macros of the target, shared by all runs and never
	// written; macros those of this run.
	base, macros map[string]*macro
	spare        []macro // see newMacro
	made         int
	pushed       map[string][]*macro

	files    map[string]*source // by path
	names    map[string]string  // stable name to path
	main     *source
	includes int

	frames []frame
	// active counts the frames in which a macro is being expanded.
	active  map[*macro]int
	open    []*openFile
	read    int // tokens of the files that were read
	bytes   int // of these files
	work    int // tokens that macros made
	text    int // bytes of text that they made
	depth   int
	counter int

	out, room []token
	buf       []token // see args
	// packs lists the changes of #pragma pack, by index in out.
	packs     []packChange
	packNow   int64
	packStack []packEntry

	// defined lists the names the header itself defines, in order.
	defined []*macro
	errs    []*Error
	// asserts are the static assertions of the header, see split.
	asserts []assertion
}

type packChange struct {
	at   int
	pack int64
}

type packEntry struct {
	label string
	pack  int64
	at    token
}

// openFile is a file being read.
type openFile struct {
	src *source
	lex *lexed
	// line is the number of the next logical line. Of the current one, which
	// begins at token begin, tokens i up to end are left.
	line          int
	begin, i, end int
	conds         []condition
	// Where it was included.
	from token
	// guard detection: the macro of the #ifndef that opened the file, and
	// whether anything stood outside of it.
	guard      string
	guardLevel bool
	guardDone  bool
	outside    bool
	started    bool
}

// condition is an open #if.
type condition struct {
	at      token
	active  bool // this group is read
	taken   bool // some group was read
	parent  bool // the enclosing group is read
	hasElse bool
}

func newPreproc(base map[string]*macro) *preproc {
	return &preproc{base: base, macros: map[string]*macro{}, pushed: map[string][]*macro{}, active: map[*macro]int{},
		files: map[string]*source{}, names: map[string]string{}}
}

// buffers are where the tokens of a run are kept: a header may include
// thousands, and the next one as many.
type buffers struct{ out, room []token }

var spareBuffers = sync.Pool{New: func() any { return new(buffers) }}

// maxPooled is the size of buffers that are not kept, in tokens.
const maxPooled = 100_000

// borrow gives p buffers, which the function returned takes back. What was
// made of the tokens must not be used then.
func (p *preproc) borrow() func() {
	b := spareBuffers.Get().(*buffers)
	p.out, p.room = b.out[:0], b.room
	return func() {
		if cap(p.out)+cap(p.room) <= maxPooled {
			b.out, b.room = p.out, p.room
			spareBuffers.Put(b)
		}
	}
}

// release lets go of buffers that would not be kept. What was made of their
// tokens stays in memory where it is used.
func (p *preproc) release() {
	if cap(p.out)+cap(p.room) > maxPooled {
		p.out, p.room = nil, nil
	}
}

// roomFor returns a buffer of the given length.
func (p *preproc) roomFor(n int) []token {
	if cap(p.room) < n {
		p.room = make([]token, n+n/4)
	}
	return p.room[:n]
}

func (p *preproc) fail(e *Error) { p.errs = append(p.errs, e) }
func (p *preproc) failed() bool  { return len(p.errs) > 0 }

// run reads the open files to their end into p.out.
func (p *preproc) run() {
	for !p.failed() {
		t := p.expanded()
		if t.kind == kEOF {
			break
		}
		if t.kind == kIdent && t.text == "_Pragma" {
			p.pragmaOperator(t)
			continue
		}
		if len(p.out) >= maxTokens {
			p.fail(t.err("header", fmt.Sprintf("more than %d tokens after preprocessing", maxTokens), "is this a C header? include less"))
			return
		}
		if n := len(p.out); n == cap(p.out) {
			p.out = slices.Grow(p.out, max(n, 1000))
		}
		p.out = append(p.out, t)
	}
}

// fileToken returns the next token of the files, having carried out the
// directives on the way.
func (p *preproc) fileToken() token {
	for len(p.open) > 0 && !p.failed() {
		f := p.open[len(p.open)-1]
		if f.i < f.end {
			t := f.lex.token(f.i, f.src)
			t.first = f.i == f.begin
			f.i++
			return t
		}
		if f.line >= len(f.lex.lines) {
			p.closeFile(f)
			continue
		}
		what := f.lex.lines[f.line].directive
		from, to := f.lex.line(f.line)
		f.line++
		if what != noDirective {
			if what == conditional || f.active() {
				p.directive(f, from, to)
			}
			continue
		}
		if !f.active() {
			continue
		}
		f.begin, f.i, f.end = from, from, to
		f.started = true
		if len(f.conds) == 0 {
			f.outside = true
		}
	}
	return token{}
}

func (f *openFile) active() bool { return len(f.conds) == 0 || f.conds[len(f.conds)-1].active }

func (p *preproc) closeFile(f *openFile) {
	if f.lex.cut {
		at := f.lex.token(len(f.lex.toks)-1, f.src)
		p.fail(at.err("header", fmt.Sprintf("the file has more than %d tokens", maxLexemes), "is this a C header?"))
	}
	if n := len(f.conds); n > 0 {
		c := &f.conds[n-1]
		p.fail(c.at.err("#"+c.at.text, "has no #endif", "add one where the condition ends"))
	}
	if f.guardDone && !f.outside {
		f.src.guard = f.guard
	}
	p.open = p.open[:len(p.open)-1]
}

// directive carries out a line that begins with #, given by its tokens.
func (p *preproc) directive(f *openFile, from, to int) {
	if to-from == 1 {
		return
	}
	d := f.lex.token(from+1, f.src)
	from += 2
	switch d.text {
	case "if", "ifdef", "ifndef":
		p.beginIf(f, d, p.args(f, from, to))
		return
	case "elif", "elifdef", "elifndef", "else", "endif":
		p.continueIf(f, d, p.args(f, from, to))
		return
	}
	f.started = true
	if len(f.conds) == 0 {
		f.outside = true
	}
	switch d.text {
	case "define":
		p.define(d, f, from, to)
	case "undef":
		args := p.args(f, from, to)
		if len(args) == 0 || args[0].kind != kIdent {
			p.fail(d.err("#undef", "the name of a macro is missing", "write one"))
			return
		}
		p.macros[args[0].text] = &macro{name: args[0].text, removed: true}
	case "include", "include_next", "import":
		p.include(f, d, p.args(f, from, to))
	case "error":
		p.fail(d.err("#error", quoteText(p.args(f, from, to)), "the header refuses these conditions: check -D, -I and the target"))
	case "pragma":
		p.pragma(d, p.args(f, from, to))
	case "warning", "ident", "sccs", "line", "assert", "unassert":
	default:
		if d.kind != kNumber {
			p.fail(d.err("#"+d.text, "not a directive", "remove the line"))
		}
	}
}

// args returns the tokens behind the name of a directive, in a buffer that the
// next call reuses.
func (p *preproc) args(f *openFile, from, to int) []token {
	p.buf = f.lex.appendTokens(p.buf[:0], from, to, f.src)
	return p.buf
}

func quoteText(toks []token) string {
	if len(toks) == 1 && toks[0].kind == kString {
		return strings.Trim(toks[0].text, `"`)
	}
	if len(toks) == 0 {
		return "no reason given"
	}
	return spellTokens(toks)
}

func (p *preproc) beginIf(f *openFile, d token, args []token) {
	if len(f.conds) >= maxIncludeLvl {
		p.fail(d.err("#"+d.text, fmt.Sprintf("conditions nested more than %d deep", maxIncludeLvl), "take the header apart"))
		return
	}
	c := condition{at: d, parent: f.active()}
	if len(f.conds) == 0 {
		if d.text == "ifndef" && len(args) == 1 && !f.started && !f.guardDone {
			f.guard, f.guardLevel = args[0].text, true
		} else {
			f.outside = true
		}
	}
	f.started = true
	if c.parent {
		c.active = p.holds(d, args)
		c.taken = c.active
	}
	f.mark(&c, d)
	f.conds = append(f.conds, c)
}

// holds evaluates the condition of a directive.
func (p *preproc) holds(d token, args []token) bool {
	switch d.text {
	case "if", "elif":
		return p.evalCondition(d, args)
	}
	if len(args) == 0 || args[0].kind != kIdent {
		p.fail(d.err("#"+d.text, "the name of a macro is missing", "write one"))
		return false
	}
	defined := p.isDefined(args[0].text)
	if strings.HasSuffix(d.text, "ndef") {
		return !defined
	}
	return defined
}

// isDefined is what #ifdef sees.
func (p *preproc) isDefined(name string) bool {
	if m := p.lookup(name); m != nil && !m.soft {
		return true
	}
	return isHasOperator(name)
}

func (p *preproc) continueIf(f *openFile, d token, args []token) {
	n := len(f.conds)
	if n == 0 {
		p.fail(d.err("#"+d.text, "there is no #if before it", "remove it or add the #if"))
		return
	}
	c := &f.conds[n-1]
	if d.text == "endif" {
		f.conds = f.conds[:n-1]
		if n == 1 && f.guardLevel {
			f.guardLevel, f.guardDone = false, true
		}
		return
	}
	if n == 1 {
		// An include guard has no second group.
		f.guardLevel, f.outside = false, true
	}
	if c.hasElse {
		p.fail(d.err("#"+d.text, "comes after #else", "remove one of them"))
		return
	}
	c.hasElse = d.text == "else"
	switch {
	case !c.parent || c.taken:
		c.active = false
	case c.hasElse:
		c.active, c.taken = true, true
	default:
		c.active = p.holds(d, args)
		c.taken = c.active
	}
	f.mark(c, d)
}

// mark remembers where a group begins that is read.
func (f *openFile) mark(c *condition, d token) {
	if !c.active {
		return
	}
	if f.src.groups == nil {
		f.src.groups = map[int32]int32{}
	}
	f.src.groups[d.line] = c.at.line
}

func (p *preproc) define(d token, f *openFile, from, to int) {
	if from == to || f.lex.toks[from].kind != kIdent {
		p.fail(d.err("#define", "the name of a macro is missing", "write one"))
		return
	}
	m := p.newMacro()
	m.def = f.lex.token(from, f.src)
	m.name = m.def.text
	from++
	if from < to && f.lex.textOf(from) == "(" && !f.lex.toks[from].space {
		m.function = true
		n, ok := m.parameters(p.args(f, from+1, to))
		if !ok {
			p.fail(m.def.err("#define "+m.name, "malformed list of parameters", "write names, separated by commas, and )"))
			return
		}
		from += 1 + n
	}
	if from < to && (f.lex.textOf(from) == "##" || f.lex.textOf(to-1) == "##") {
		p.fail(m.def.err("#define "+m.name, "## stands at an end of the replacement", "give it two operands"))
		return
	}
	m.lex, m.from, m.to = f.lex, int32(from), int32(to)
	if m.name == "defined" {
		p.fail(m.def.err("#define defined", "the name is reserved", "choose another"))
		return
	}
	p.macros[m.name] = m
	if p.isOwn(f.src) {
		p.defined = append(p.defined, m)
		if len(p.defined) > maxDefined {
			p.fail(m.def.err("header", fmt.Sprintf("it defines more than %d macros", maxDefined), "take it apart"))
		}
	}
}

// isOwn reports whether what a file declares counts as the header's own.
func (p *preproc) isOwn(s *source) bool {
	return s == p.main || p.opts != nil && p.opts.Own != nil && s != nil && p.opts.Own(s.name)
}

// newMacro returns an empty macro, one of many that are allocated together.
func (p *preproc) newMacro() *macro {
	if len(p.spare) == 0 {
		p.spare = make([]macro, min(8+p.made, 256))
		p.made += len(p.spare)
	}
	m := &p.spare[0]
	p.spare = p.spare[1:]
	return m
}

// parameters reads the parameters up to the closing parenthesis and returns
// how many tokens they took.
func (m *macro) parameters(toks []token) (int, bool) {
	for i := 0; i < len(toks); i++ {
		t := &toks[i]
		switch {
		case t.is(")"):
			return i + 1, i == 0
		case t.is("..."):
			m.variadic = true
			m.addParam("__VA_ARGS__")
		case t.kind == kIdent:
			if m.param(t.text) >= 0 {
				return 0, false
			}
			m.addParam(t.text)
			if i+1 < len(toks) && toks[i+1].is("...") {
				m.variadic = true
				i++
			}
		default:
			return 0, false
		}
		i++
		switch {
		case i >= len(toks):
			return 0, false
		case toks[i].is(")"):
			return i + 1, true
		case m.variadic, !toks[i].is(","):
			return 0, false
		}
	}
	return 0, false
}

// include carries out #include.
func (p *preproc) include(f *openFile, d token, args []token) {
	what := "#" + d.text
	if len(args) > 0 && args[0].kind == kIdent {
		args = p.expandList(args)
	}
	var name string
	quoted := false
	switch {
	case p.failed():
		return
	case len(args) > 0 && args[0].kind == kString:
		name, quoted = strings.Trim(args[0].text, `"`), true
	case len(args) > 1 && args[0].is("<"):
		end := slices.IndexFunc(args, func(t token) bool { return t.is(">") })
		if end > 0 {
			var b strings.Builder
			for i := 1; i < end; i++ {
				if i > 1 && args[i].space {
					b.WriteByte(' ')
				}
				b.WriteString(args[i].text)
			}
			name = b.String()
		}
	}
	if name == "" {
		p.fail(d.err(what, "the name of a file is missing", `write "file" or <file>`))
		return
	}
	if quoted {
		what += ` "` + name + `"`
	} else {
		what += " <" + name + ">"
	}
	at := args[0]
	if len(p.open) >= maxIncludeLvl {
		p.fail(at.err(what, fmt.Sprintf("files include each other more than %d deep: %s", maxIncludeLvl, p.cycle()),
			"give them include guards"))
		return
	}
	if p.includes++; p.includes > maxIncludes {
		p.fail(at.err(what, fmt.Sprintf("more than %d files included", maxIncludes), "give them include guards"))
		return
	}
	src, looked := p.find(f, name, quoted, d.text == "include_next")
	if src == nil {
		if n := len(p.errs) - 1; n >= 0 {
			// A file that cannot be read has no line to point at.
			if e := p.errs[n]; e.Pos.Line == 0 {
				p.errs[n] = at.err(what, e.Pos.File+": "+e.Why, e.Fix)
				p.errs[n].Err = e
			}
			return
		}
		why := "no such file in " + strings.Join(looked, ", ")
		if len(looked) == 0 {
			why = "no include directory was given"
		}
		if chain := p.chain(); chain != "" {
			why += "; " + chain
		}
		p.fail(at.err(what, why, "name the directory that holds it with -I DIR"))
		return
	}
	if src.once || src.guard != "" && p.isDefined(src.guard) {
		return
	}
	p.openSource(src, at)
}

func (p *preproc) openSource(src *source, from token) {
	if src.lex == nil {
		src.lex = lex(src.text, maxLexemes)
	}
	if p.read += len(src.lex.toks); p.read > maxSource {
		p.fail(from.err("header", fmt.Sprintf("the files it includes have more than %d tokens in all", maxSource), "include less"))
	}
	p.open = append(p.open, &openFile{src: src, lex: src.lex, from: from})
}

// chain says which files led to the current one.
func (p *preproc) chain() string {
	var parts []string
	for i := len(p.open) - 1; i > 0; i-- {
		parts = append(parts, "included from "+p.open[i].from.path().String())
	}
	return strings.Join(parts, ", ")
}

// cycle names the files that include each other.
func (p *preproc) cycle() string {
	last := p.open[len(p.open)-1].src
	names := []string{last.name}
	for i := len(p.open) - 2; i >= 0; i-- {
		names = append(names, p.open[i].src.name)
		if p.open[i].src == last {
			break
		}
		if len(names) > 5 {
			names = append(names, "…")
			break
		}
	}
	slices.Reverse(names)
	return strings.Join(names, " includes ")
}

// find returns the file that an #include in f means, and otherwise where it
// looked.
func (p *preproc) find(f *openFile, name string, quoted, next bool) (*source, []string) {
	var looked []string
	try := func(dir string, index int) *source {
		path := name
		if !filepath.IsAbs(name) {
			path = filepath.Join(dir, name)
			looked = append(looked, dir)
		}
		return p.load(path, name, index)
	}
	first := 0
	if next && f.src.index >= 0 {
		first = f.src.index + 1
	}
	if quoted && !next && f.src.dir != "" {
		if s := try(f.src.dir, -1); s != nil || p.failed() {
			return s, nil
		}
	}
	for i := first; i < len(p.dirs); i++ {
		if s := try(p.dirs[i], i); s != nil || p.failed() {
			return s, nil
		}
	}
	if text, ok := standIn(name); ok {
		path := "<" + name + ">"
		s := p.files[path]
		if s == nil {
			s = &source{path: path, name: name, index: len(p.dirs), lex: text, builtin: true}
			p.files[path] = s
		}
		return s, nil
	}
	return nil, looked
}

// maxFile is the size of the largest file that is read, in bytes.
const maxFile = 32 << 20

// maxBytes bounds what all files hold together.
const maxBytes = 2 * maxFile

// load reads a file, or returns nil where there is none.
func (p *preproc) load(path, name string, index int) *source {
	if s, ok := p.files[path]; ok {
		return s
	}
	x, e := p.opts.Cache.read(path)
	if e != nil {
		p.fail(e)
		return nil
	}
	if x != nil {
		if p.bytes += len(x.raw); p.bytes > maxBytes {
			p.fail(&Error{Pos: model.Pos{File: path}, What: "header",
				Why: fmt.Sprintf("the files that are included have more than %d MB in all", maxBytes>>20), Fix: "include less"})
			return nil
		}
	}
	var s *source
	if x != nil {
		s = &source{path: path, name: p.stableName(name, path), dir: filepath.Dir(path), index: index, text: x.raw, lex: x,
			comments: x.comments}
	}
	p.files[path] = s
	return s
}

// stableName returns a name for positions: the spelling in the #include, or
// more of the path where another file has that name.
func (p *preproc) stableName(name, path string) string {
	name = filepath.ToSlash(name)
	if filepath.IsAbs(name) {
		name = filepath.Base(name)
	}
	parts := strings.Split(filepath.ToSlash(path), "/")
	for n := strings.Count(name, "/") + 2; p.names[name] != "" && p.names[name] != path && n <= len(parts); n++ {
		name = strings.Join(parts[len(parts)-n:], "/")
	}
	p.names[name] = path
	return name
}

// pragmaOperator carries out _Pragma("…").
func (p *preproc) pragmaOperator(at token) {
	open, str, end := p.expanded(), p.expanded(), p.expanded()
	if !open.is("(") || str.kind != kString || !end.is(")") {
		p.fail(at.err("_Pragma", "one string in parentheses must follow", `write _Pragma("…")`))
		return
	}
	text := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(str.text, "L"), `"`), `"`)
	text = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(text)
	toks := lexOne(text)
	for i := range toks {
		toks[i].file, toks[i].line, toks[i].col = at.file, at.line, at.col
	}
	p.pragma(at, toks)
}

// pragma carries out the pragmas that bear on the model.
func (p *preproc) pragma(d token, args []token) {
	if len(args) == 0 {
		return
	}
	switch args[0].text {
	case "once":
		p.open[len(p.open)-1].src.once = true
	case "pack":
		p.pragmaPack(d, args[1:])
	case "push_macro", "pop_macro":
		if len(args) < 4 || args[2].kind != kString {
			return
		}
		p.pragmaMacro(args[0].text, strings.Trim(args[2].text, `"`))
	case "ms_struct", "scalar_storage_order", "options":
		if len(args) > 1 && (args[1].text == "off" || args[1].text == "default") {
			return
		}
		p.fail(d.err("#pragma "+spellTokens(args), "changes layout in a way that is not supported", "remove it"))
	}
}

func (p *preproc) pragmaMacro(op, name string) {
	if op == "push_macro" {
		m := p.lookup(name)
		if m == nil {
			m = &macro{name: name, removed: true}
		}
		p.pushed[name] = append(p.pushed[name], m)
		return
	}
	if s := p.pushed[name]; len(s) > 0 {
		p.macros[name] = s[len(s)-1]
		p.pushed[name] = s[:len(s)-1]
	}
}

func (p *preproc) pragmaPack(d token, args []token) {
	bad := func(why string) {
		p.fail(d.err("#pragma pack", why, "write pack(push, n), pack(pop), pack(n) or pack(), n being 1, 2, 4, 8 or 16"))
	}
	if len(args) > 0 {
		args = p.expandList(slices.Clone(args))
	}
	if len(args) < 2 || !args[0].is("(") || !args[len(args)-1].is(")") {
		bad("malformed")
		return
	}
	args = args[1 : len(args)-1]
	op, label, value := "", "", int64(-1)
	for i := range args {
		a := &args[i]
		switch {
		case i%2 == 1:
			if !a.is(",") {
				bad("malformed")
				return
			}
		case a.kind == kNumber:
			n, ok := map[string]int64{"0": 0, "1": 1, "2": 2, "4": 4, "8": 8, "16": 16}[a.text]
			if !ok {
				bad("the alignment " + a.text + " is not one of 1, 2, 4, 8 and 16")
				return
			}
			value = n
		case i == 0 && (a.text == "push" || a.text == "pop"):
			op = a.text
		case a.kind == kIdent && op != "":
			label = a.text
		default:
			bad("malformed")
			return
		}
	}
	switch op {
	case "push":
		p.packStack = append(p.packStack, packEntry{label, p.packNow, d})
	case "pop":
		n := len(p.packStack) - 1
		if label != "" {
			for n >= 0 && p.packStack[n].label != label {
				n--
			}
		}
		if n < 0 {
			p.fail(d.err("#pragma pack", "pop without a push before it", "remove it or add the push"))
			return
		}
		p.packNow = p.packStack[n].pack
		p.packStack = p.packStack[:n]
	default:
		if value < 0 {
			value = 0
		}
	}
	if value >= 0 {
		p.packNow = value
	}
	p.packs = append(p.packs, packChange{len(p.out), p.packNow})
}

// packAt is the #pragma pack in force at a token of out.
func (p *preproc) packAt(i int) int64 {
	n, _ := slices.BinarySearchFunc(p.packs, i, func(c packChange, i int) int {
		if c.at <= i {
			return -1
		}
		return 1
	})
	if n == 0 {
		return 0
	}
	return p.packs[n-1].pack
}
