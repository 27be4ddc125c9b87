// SPDX-License-Identifier: MIT

package gopkg

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/goname"
)

// Convert reads a package that is already type-checked, such as the one a
// go/analysis pass holds. The files must have been parsed with comments. Sizes
// are computed anew for the target, so one type-checked package serves every
// target as long as its files do not differ between them.
//
// With an error, which is of type [Errors], the model holds whatever could be
// converted.
func Convert(pkg *types.Package, files []*ast.File, fset *token.FileSet, o Options) (*model.ABI, error) {
	c, err := convert(unit{pkg, files}, nil, true, false, fset, o)
	if err != nil {
		return nil, err
	}
	return c.abi, c.errs.err()
}

// convert converts u. The syntax of imports, where it is known, gives the C
// names of imported types. With blanks, blank fields are members called _. The
// error is about the options alone.
func convert(u unit, imports []unit, importsRead, blanks bool, fset *token.FileSet, o Options) (*converter, error) {
	sizes, err := o.sizes()
	if err != nil {
		return nil, err
	}
	u.files = slices.Clone(u.files)
	slices.SortFunc(u.files, func(a, b *ast.File) int {
		return cmp.Compare(fset.PositionFor(a.Package, false).Filename, fset.PositionFor(b.Package, false).Filename)
	})
	c := &converter{
		unit: u, importsRead: importsRead, fset: fset, sizes: sizes, decls: newDeclarations(),
		used: map[token.Pos]bool{}, tags: map[string]token.Pos{}, at: map[model.Pos]token.Pos{}, blanks: blanks,
		abi: &model.ABI{
			Source: "go:" + u.pkg.Path(), Target: o.Target.Name, Side: model.SideGo,
			Attests: []model.Evidence{model.Records},
		},
	}
	c.native = alignsLikeC(o.Target)
	if c.native {
		c.abi.Attests = append(c.abi.Attests, model.Alignment)
	}
	c.abi.Attests = append(c.abi.Attests, model.Enums, model.Constants, model.Docs)
	for _, i := range imports {
		c.decls.add(i, false)
	}
	c.decls.add(u, true)
	c.run()
	return c, nil
}

// alignsLikeC reports whether gc gives 64-bit integers the alignment that C
// gives them in records: 8, and 4 on 386. On 32-bit ARM and MIPS Go says 4
// and C says 8.
func alignsLikeC(t model.Target) bool { return t.GOARCH != "arm" && t.GOARCH != "mips" }

type converter struct {
	unit  unit
	fset  *token.FileSet
	sizes types.Sizes
	decls *declarations
	abi   *model.ABI
	errs  Errors
	// missing tells that something needs an import that was not read.
	missing bool
	// importsRead tells that imports were looked for.
	importsRead bool
	// native tells that Go's alignments are those of C.
	native bool
	// blanks tells that blank fields are members called _.
	blanks bool
	// at finds the place in the file set of a position in the model.
	at map[model.Pos]token.Pos
	// declared are the records with what a driver needs to know of them.
	declared []*Declared
	// used holds the positions of the directives that something has read.
	used map[token.Pos]bool
	// tags maps the C names of records and enums, which share a name space, to
	// where each was first given.
	tags map[string]token.Pos
}

func (c *converter) run() {
	enums := map[types.Object]*model.Enum{}
	for _, d := range c.decls.types {
		c.convertType(d, enums)
	}
	c.convertConstants(enums)
	c.adopt()
	c.skipUndirected()
	c.checkFields()
	c.checkDirectives()
}

// fail records an error at a position.
func (c *converter) fail(pos token.Pos, format string, args ...any) {
	c.errs = append(c.errs, &Error{Pos: pos, Position: c.fset.PositionFor(pos, false), Msg: fmt.Sprintf(format, args...)})
}

// pos returns a stable position: the base name of the file.
func (c *converter) pos(p token.Pos) model.Pos {
	at := c.fset.PositionFor(p, false)
	if !at.IsValid() {
		return model.Pos{}
	}
	pos := model.Pos{File: filepath.Base(at.Filename), Line: at.Line, Col: at.Column}
	c.at[pos] = p
	return pos
}

// take returns the one directive among ds, reporting those that do not belong
// there and all but the first of those that do.
func (c *converter) take(ds []directive, on string, verbs ...verb) (directive, bool) {
	var found directive
	for _, d := range ds {
		c.used[d.pos] = true
		switch {
		case !slices.Contains(verbs, d.verb):
			c.fail(d.pos, "%s%s %s stands on %s: it belongs on %s: move or remove it", directivePrefix, d.verb, d.name, on, places[d.verb])
		case found.name != "":
			c.fail(d.pos, "%s%s %s: %s already stands for %s: keep one directive", directivePrefix, d.verb, d.name, on, found.name)
		default:
			found = d
		}
	}
	return found, found.name != ""
}

func (c *converter) convertType(t typeDecl, enums map[types.Object]*model.Enum) {
	name := t.spec.Name
	ties, further := directives(t.doc), []directive(nil)
	if isRecord := func(d directive) bool { return d.verb == recordVerb }; slices.ContainsFunc(ties, isRecord) {
		// What describes the record further is not one more name for it.
		describes := func(d directive) bool { return d.verb == layoutVerb || d.verb == hasVerb }
		further = slices.DeleteFunc(slices.Clone(ties), func(d directive) bool { return !describes(d) })
		ties = slices.DeleteFunc(ties, describes)
	}
	d, ok := c.take(ties, "type "+name.Name, recordVerb, enumVerb)
	if !ok {
		return
	}
	x, ok := c.describe(further)
	if !ok {
		return
	}
	if first, taken := c.tags[d.name]; taken {
		c.fail(d.pos, "%s%s %s: the C name is given a second time, first at %s: one declaration can stand for it: remove one of the two", directivePrefix, d.verb, d.name, c.pos(first))
		return
	}
	c.tags[d.name] = d.pos
	obj := c.unit.pkg.Scope().Lookup(name.Name)
	if obj == nil { // a blank type name
		c.fail(d.pos, "%s%s %s: type %s cannot be referred to: give it a name", directivePrefix, d.verb, d.name, name.Name)
		return
	}
	doc := docText(t.doc, t.spec.Comment)
	if t.spec.TypeParams != nil {
		c.fail(d.pos, "%s%s %s: type %s has type parameters, so it has no fixed layout: put the directive on an instantiation, such as type X %s[uint32]", directivePrefix, d.verb, d.name, name.Name, name.Name)
		return
	}
	typ := obj.Type()
	if b, ok := typ.Underlying().(*types.Basic); ok && b.Kind() == types.Invalid {
		c.failMissing(d.pos, fmt.Sprintf("%s%s %s: type %s cannot be laid out", directivePrefix, d.verb, d.name, name.Name), t.spec.Type)
		return
	}
	if d.verb == enumVerb {
		b, ok := typ.Underlying().(*types.Basic)
		if !ok || b.Info()&types.IsInteger == 0 {
			c.fail(d.pos, "%senum %s: type %s is %s: an enum is an integer in C: use an integer type", directivePrefix, d.name, name.Name, kindOf(typ))
			return
		}
		e := &model.Enum{Name: d.name, Size: c.sizes.Sizeof(b), Signed: b.Info()&types.IsUnsigned == 0, Pos: c.pos(name.Pos()), Doc: doc}
		c.abi.Enums = append(c.abi.Enums, e)
		enums[obj] = e
		return
	}
	s, ok := typ.Underlying().(*types.Struct)
	if !ok {
		c.fail(d.pos, "%srecord %s: type %s is %s, not a struct: put the directive on a struct type, or use %senum for an integer", directivePrefix, d.name, name.Name, kindOf(typ), directivePrefix)
		return
	}
	rec := &model.Record{Kind: model.Struct, Name: d.name, Pos: c.pos(name.Pos()), Doc: doc}
	fields := s
	if x.kind == model.Union {
		// The fields are the bytes its members lie in.
		fields = types.NewStruct(nil, nil)
	}
	if !c.layout(rec, typ, fields, obj) || !c.complete(rec, x, c.sizes.Sizeof(typ), obj) {
		return
	}
	c.abi.Records = append(c.abi.Records, rec)
	c.declared = append(c.declared, &Declared{Record: rec, Name: d.name, Source: d.source, Pos: d.pos, Spec: t.spec,
		Described: x.kind != "" || len(x.members) > 0})
}

// prefix returns what most C names of the package begin with that their Go names
// leave out.
func (c *converter) prefix() string {
	counts := map[string]int{}
	most := ""
	for _, d := range c.declared {
		if p, ok := strings.CutSuffix(d.Name, goname.Snake(d.Spec.Name.Name)); ok {
			if counts[p]++; counts[p] > counts[most] || counts[p] == counts[most] && p < most {
				most = p
			}
		}
	}
	return most
}

// skipUndirected lists the structs that have a C layout and no directive, under
// the C names they would have: a package that has directives may have forgotten
// them, and a comparison shall not take their absence for a removal.
func (c *converter) skipUndirected() {
	if len(c.abi.Records)+len(c.abi.Enums) == 0 {
		return
	}
	prefix := c.prefix()
	for _, t := range c.decls.types {
		obj := c.unit.pkg.Scope().Lookup(t.spec.Name.Name)
		if obj == nil || t.spec.Assign.IsValid() || t.spec.TypeParams != nil || len(directives(t.doc)) > 0 {
			continue
		}
		s, ok := obj.Type().Underlying().(*types.Struct)
		if !ok || s.NumFields() == 0 || c.hasLayout(s) != nil {
			continue
		}
		c.abi.Skipped = append(c.abi.Skipped, model.Skipped{Name: prefix + goname.Snake(t.spec.Name.Name), Pos: c.pos(t.spec.Name.Pos()),
			Reason: "Go struct " + t.spec.Name.Name + " has no " + directivePrefix + "record, so nothing says which C record it stands for"})
	}
}

// hasLayout returns why t has no layout in C, nil where it has one.
func (c *converter) hasLayout(t types.Type) error {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for f := range u.Fields() {
			if err := c.hasLayout(f.Type()); err != nil {
				return err
			}
		}
		return nil
	case *types.Array:
		return c.hasLayout(u.Elem())
	case *types.Pointer:
		return errors.New("a pointer: Go alone uses it")
	}
	_, _, err := c.lower(t, nil)
	return err
}

// layout fills in size, alignment and members of rec, and reports whether it
// could: what prevents it is recorded. name is that of the declared type or
// field whose struct this is.
func (c *converter) layout(rec *model.Record, t types.Type, s *types.Struct, name named) bool {
	vars := slices.Collect(s.Fields())
	ok := true
	for _, v := range vars {
		if invalid(v.Type()) {
			c.failField(v, name, errMissing)
			ok = false
		}
	}
	if !ok {
		return false
	}
	rec.Size = c.sizes.Sizeof(t)
	offsets := c.sizes.Offsetsof(vars)
	if rec.Size < 0 || slices.ContainsFunc(offsets, func(n int64) bool { return n < 0 }) {
		c.fail(name.Pos(), "the struct of %s is larger than the address space of %s: make its arrays smaller", name.Name(), c.abi.Target)
		return false
	}
	if c.native {
		rec.Align = c.sizes.Alignof(t)
	}
	seen := map[string]*types.Var{}
	for i, v := range vars {
		if v.Name() == "_" || c.memberName(v) == notC {
			if size := c.sizes.Sizeof(v.Type()); c.blanks && size > 0 {
				rec.Fields = append(rec.Fields, model.Field{Name: "_", BitOffset: offsets[i] * 8, BitSize: size * 8,
					Type: model.Array{Len: size, Elem: model.Int{Bits: 8}}, Pos: c.pos(v.Pos())})
			}
			continue
		}
		f, err := c.field(v)
		if first := seen[f.Name]; err == nil && f.Name != "" && first != nil {
			err = fmt.Errorf("its C name %s is already that of field %s: give one of them its own with %smember", f.Name, first.Name(), directivePrefix)
		}
		if err != nil {
			c.failField(v, name, err)
			ok = false
			continue
		}
		seen[f.Name] = v
		f.BitOffset = offsets[i] * 8
		rec.Fields = append(rec.Fields, f)
	}
	return ok
}

// named is what a message can call a struct by.
type named interface {
	Name() string
	Pos() token.Pos
}

// field converts one field that is not blank, but for its offset.
func (c *converter) field(v *types.Var) (f model.Field, err error) {
	f = model.Field{
		Spelling: types.TypeString(v.Type(), c.qualifier), BitSize: c.sizes.Sizeof(v.Type()) * 8, Pos: c.pos(v.Pos()),
	}
	if syntax := c.decls.fields[v.Pos()]; syntax != nil {
		f.Doc = docText(syntax.Doc, syntax.Comment)
	}
	f.Name = c.memberName(v)
	if s, ok := v.Type().Underlying().(*types.Struct); ok && v.Embedded() && f.Name == "" {
		// C promotes the members of an anonymous record as Go does.
		rec := &model.Record{Kind: model.Struct}
		if !c.layout(rec, v.Type(), s, v) {
			return f, errReported
		}
		f.Type, f.Record = rec.Ref(), rec
		return f, nil
	}
	if f.Name == "" {
		f.Name = goname.Snake(v.Name())
	}
	f.Type, f.Record, err = c.lower(v.Type(), v)
	return f, err
}

// memberName returns the C name that a directive gives a field, "" without one.
func (c *converter) memberName(v *types.Var) (name string) {
	if syntax := c.decls.fields[v.Pos()]; syntax != nil && len(syntax.Names) < 2 {
		for _, d := range directives(syntax.Doc, syntax.Comment) {
			if d.verb == memberVerb {
				name = d.name
			}
		}
	}
	return name
}

// errReported stands for a fault inside a field that is already recorded.
var errReported = errors.New("already reported")

// failField records why a field of the named struct cannot be converted.
func (c *converter) failField(v *types.Var, in named, err error) {
	name := in.Name() + "." + v.Name()
	switch {
	case errors.Is(err, errReported):
	case errors.Is(err, errMissing):
		var expr ast.Expr
		if f := c.decls.fields[v.Pos()]; f != nil {
			expr = f.Type
		}
		c.failMissing(v.Pos(), "field "+name+" cannot be laid out", expr)
	default:
		c.fail(v.Pos(), "field %s of type %s: %v", name, types.TypeString(v.Type(), c.qualifier), err)
	}
}

// failMissing records that something needs a type that is not known.
func (c *converter) failMissing(pos token.Pos, what string, expr ast.Expr) {
	c.fail(pos, "%s: %s", what, c.missingReason(expr))
	c.missing = true
}

// missingReason says which import expr needs, where its syntax tells.
func (c *converter) missingReason(expr ast.Expr) string {
	advice := "which was not read: declare it in this package, or read the package through the go command (go:IMPORTPATH)"
	if c.importsRead {
		advice = "which could not be read: make `go build` pass"
	}
	var from string
	if expr != nil {
		ast.Inspect(expr, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && from == "" {
				if x, ok := s.X.(*ast.Ident); ok {
					from = x.Name + "." + s.Sel.Name
				}
			}
			return from == ""
		})
	}
	if from == "" {
		return "it needs a type of an imported package, " + advice
	}
	return fmt.Sprintf("it needs %s of an imported package, %s", from, advice)
}

func (c *converter) qualifier(p *types.Package) string {
	if p == c.unit.pkg {
		return ""
	}
	return p.Name()
}

// kindOf describes a type for messages.
func kindOf(t types.Type) string {
	switch t.Underlying().(type) {
	case *types.Struct:
		return "a struct"
	case *types.Pointer:
		return "a pointer"
	case *types.Array:
		return "an array"
	case *types.Slice:
		return "a slice"
	case *types.Map:
		return "a map"
	case *types.Signature:
		return "a function"
	case *types.Interface:
		return "an interface"
	case *types.Chan:
		return "a channel"
	}
	return "of type " + t.Underlying().String()
}

// convertConstants sorts the package's constants into enumerators, constants
// and those that are no part of the ABI.
func (c *converter) convertConstants(enums map[types.Object]*model.Enum) {
	names := map[string]token.Pos{}
	for _, d := range c.decls.consts {
		dir, directed := c.take(directives(d.doc, d.spec.Comment), "constant "+d.name.Name, constantVerb)
		if directed && dir.name != notC && len(d.spec.Names) > 1 {
			if d.name == d.spec.Names[0] {
				c.fail(dir.pos, "%sconstant %s: the line declares %d constants: one C name cannot stand for all: give each constant a line of its own", directivePrefix, dir.name, len(d.spec.Names))
			}
			continue
		}
		obj, ok := c.unit.pkg.Scope().Lookup(d.name.Name).(*types.Const)
		if !ok {
			continue // the blank constant
		}
		if dir.name == notC {
			continue
		}
		var enum *model.Enum
		if named, ok := types.Unalias(obj.Type()).(*types.Named); ok {
			enum = enums[named.Obj()]
		}
		if enum == nil && !directed && !isMacroName(d.name.Name) {
			continue
		}
		name := d.name.Name
		if directed {
			name = dir.name
		}
		if first, taken := names[name]; taken {
			c.fail(d.name.Pos(), "constant %s: its C name %s is already that of the constant at %s: remove one of the two", d.name.Name, name, c.pos(first))
			continue
		}
		names[name] = d.name.Pos()
		doc := docText(d.doc, d.spec.Comment)
		if enum != nil && obj.Val().Kind() == constant.Int {
			enum.Values = append(enum.Values, model.Enumerator{Name: name, Value: obj.Val(), Pos: c.pos(d.name.Pos()), Doc: doc})
			continue
		}
		c.convertConstant(d, obj, model.Constant{Name: name, Pos: c.pos(d.name.Pos()), Doc: doc}, directed)
	}
}

// convertConstant adds k once it has the value of obj.
func (c *converter) convertConstant(d constDecl, obj *types.Const, k model.Constant, directed bool) {
	switch obj.Val().Kind() {
	case constant.Int, constant.String, constant.Float:
		k.Value = obj.Val()
		if d.expr != nil {
			k.Expr = types.ExprString(d.expr)
		}
		c.abi.Constants = append(c.abi.Constants, &k)
	case constant.Unknown:
		what := fmt.Sprintf("constant %s has no known value", d.name.Name)
		if directed {
			c.failMissing(d.name.Pos(), what, d.expr)
			return
		}
		c.missing = true
		c.abi.Skipped = append(c.abi.Skipped, model.Skipped{Name: k.Name, Reason: what + ": " + c.missingReason(d.expr), Pos: k.Pos})
	default:
		reason := fmt.Sprintf("constant of type %s: only integers, floats and strings can be compared with C", obj.Type())
		if directed {
			c.fail(d.name.Pos(), "%sconstant %s: %s: remove the directive", directivePrefix, k.Name, reason)
			return
		}
		c.abi.Skipped = append(c.abi.Skipped, model.Skipped{Name: k.Name, Reason: reason, Pos: k.Pos})
	}
}

// isMacroName reports whether a Go constant looks like a C macro: exported,
// and no lower-case letter.
func isMacroName(s string) bool {
	return ast.IsExported(s) && !strings.ContainsFunc(s, unicode.IsLower)
}

// checkFields marks the directives of fields as used and reports those that
// cannot be: any field of any struct may carry one, also where the struct is
// only part of a record.
func (c *converter) checkFields() {
	for _, f := range c.decls.own {
		name := "an embedded field"
		if len(f.Names) > 0 {
			name = "field " + f.Names[0].Name
		}
		d, ok := c.take(directives(f.Doc, f.Comment), name, memberVerb)
		switch {
		case !ok:
		case len(f.Names) > 1:
			c.fail(d.pos, "%smember %s: the line declares %d fields: one C name cannot stand for all: give each field a line of its own", directivePrefix, d.name, len(f.Names))
		case len(f.Names) == 1 && f.Names[0].Name == "_" && d.name != notC:
			c.fail(d.pos, "%smember %s: a blank field is padding, which no comparison looks at: give the field a name", directivePrefix, d.name)
		}
	}
}

// checkDirectives reports directives that nothing has read and malformed ones.
func (c *converter) checkDirectives() {
	for _, f := range c.unit.files {
		for _, g := range f.Comments {
			for _, comment := range g.List {
				if !isDirective(comment) || c.used[comment.Pos()] {
					continue
				}
				d, message := parseDirective(comment)
				if message == "" {
					message = fmt.Sprintf("%s%s %s belongs to no declaration, so nothing would be compared: put it in the comment directly above %s", directivePrefix, d.verb, d.name, places[d.verb])
				}
				c.fail(comment.Pos(), "%s", message)
			}
		}
	}
}
