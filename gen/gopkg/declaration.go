// SPDX-License-Identifier: MIT

package gopkg

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// unit is a type-checked package with its syntax.
type unit struct {
	pkg   *types.Package
	files []*ast.File
}

// typeDecl is a package-level type declaration.
type typeDecl struct {
	spec *ast.TypeSpec
	doc  *ast.CommentGroup
}

// constDecl is one name of a package-level constant declaration.
type constDecl struct {
	name *ast.Ident
	spec *ast.ValueSpec
	doc  *ast.CommentGroup
	// expr is the value as written; nil where an earlier line of the group
	// gives it.
	expr ast.Expr
}

// declarations is what the converter needs to know of the syntax: which C name
// stands for which type, and where each struct field is written.
type declarations struct {
	types  []typeDecl
	consts []constDecl
	// names maps a type name with a record or enum directive to what it
	// stands for in C.
	names map[types.Object]model.Ref
	// fields finds the syntax of a field by the position of its name, so that
	// fields of instantiated generic types are found too.
	fields map[token.Pos]*ast.Field
	// own lists every field the converted package writes, also those of
	// structs that are no record.
	own []*ast.Field
}

func newDeclarations() *declarations {
	return &declarations{names: map[types.Object]model.Ref{}, fields: map[token.Pos]*ast.Field{}}
}

// add records the declarations of u. Only the converted unit's own types and
// constants are listed; of imported ones the names suffice.
func (d *declarations) add(u unit, own bool) {
	for _, f := range u.files {
		for _, decl := range f.Decls {
			g, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range g.Specs {
				doc := specDoc(g, spec)
				switch s := spec.(type) {
				case *ast.TypeSpec:
					d.addType(u.pkg, typeDecl{spec: s, doc: doc}, own)
				case *ast.ValueSpec:
					if own && g.Tok == token.CONST {
						d.addConsts(s, doc)
					}
				}
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.StructType); ok {
				d.addFields(s, own)
			}
			return true
		})
	}
}

// specDoc returns the comment above a declaration: for one without parentheses
// the parser attaches it to the keyword.
func specDoc(g *ast.GenDecl, spec ast.Spec) *ast.CommentGroup {
	var doc *ast.CommentGroup
	switch s := spec.(type) {
	case *ast.TypeSpec:
		doc = s.Doc
	case *ast.ValueSpec:
		doc = s.Doc
	}
	if doc == nil && !g.Lparen.IsValid() {
		doc = g.Doc
	}
	return doc
}

func (d *declarations) addType(pkg *types.Package, t typeDecl, own bool) {
	if own {
		d.types = append(d.types, t)
	}
	obj := pkg.Scope().Lookup(t.spec.Name.Name)
	if obj == nil {
		return
	}
	for _, x := range directives(t.doc) {
		switch x.verb {
		case recordVerb:
			d.names[obj] = model.Ref{Kind: model.RefStruct, Name: x.name}
		case layoutVerb:
			if ref, ok := d.names[obj]; ok && strings.HasPrefix(x.name, string(model.Union)+" ") {
				d.names[obj] = model.Ref{Kind: model.RefUnion, Name: ref.Name}
			}
		case enumVerb:
			d.names[obj] = model.Ref{Kind: model.RefEnum, Name: x.name}
		}
	}
}

func (d *declarations) addConsts(s *ast.ValueSpec, doc *ast.CommentGroup) {
	for i, name := range s.Names {
		c := constDecl{name: name, spec: s, doc: doc}
		if i < len(s.Values) {
			c.expr = s.Values[i]
		}
		d.consts = append(d.consts, c)
	}
}

func (d *declarations) addFields(s *ast.StructType, own bool) {
	if own {
		d.own = append(d.own, s.Fields.List...)
	}
	for _, f := range s.Fields.List {
		for _, name := range f.Names {
			d.fields[name.Pos()] = f
		}
		if len(f.Names) == 0 {
			if id := embeddedName(f.Type); id != nil {
				d.fields[id.Pos()] = f
			}
		}
	}
}

// embeddedName returns the identifier that names an embedded field.
func embeddedName(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			return x.Sel
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		default:
			return nil
		}
	}
}
