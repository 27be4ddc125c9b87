// SPDX-License-Identifier: MIT

package repotest

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// publicPackages returns the directories of the packages that others may import and
// that have something to import, with their files, tests among them.
func publicPackages(t *testing.T) map[string][]*ast.File {
	t.Helper()
	if parsedPublic != nil {
		return parsedPublic
	}
	pkgs := map[string][]*ast.File{}
	others := otherModules(t)
	for _, f := range files(t) {
		dir := path.Dir(f)
		if path.Ext(f) != ".go" || others(f) || strings.HasPrefix(f, "examples/") || strings.HasPrefix(f, "bench/") ||
			strings.HasPrefix(f, "golden/") || slices.ContainsFunc(strings.Split(dir, "/"), func(s string) bool { return s == "internal" || s == "testdata" }) {
			continue
		}
		file, err := parser.ParseFile(publicFiles, filepath.Join(root, f), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if file.Name.Name != "main" {
			pkgs[dir] = append(pkgs[dir], file)
		}
	}
	maps.DeleteFunc(pkgs, func(_ string, fs []*ast.File) bool { return len(exported(fs)) == 0 })
	parsedPublic = pkgs
	return pkgs
}

// publicFiles has the positions of parsedPublic, what [publicPackages] has parsed.
var (
	publicFiles  = token.NewFileSet()
	parsedPublic map[string][]*ast.File
)

func isTest(f *ast.File) bool {
	return strings.HasSuffix(publicFiles.Position(f.Package).Filename, "_test.go")
}

// name is an exported name, with what its documentation is.
type name struct {
	name string
	doc  bool
}

// exported lists what the files of a package export: constants, variables, types,
// functions, methods, and the members of structs and interfaces.
func exported(fs []*ast.File) []name {
	var all []name
	add := func(group bool, docs ...*ast.CommentGroup) func(string) {
		documented := group
		for _, d := range docs {
			documented = documented || strings.TrimSpace(d.Text()) != ""
		}
		return func(s string) {
			if ast.IsExported(s[strings.LastIndexByte(s, '.')+1:]) {
				all = append(all, name{s, documented})
			}
		}
	}
	for _, f := range fs {
		if isTest(f) {
			continue
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				s := d.Name.Name
				if d.Recv != nil {
					recv := receiver(d.Recv.List[0].Type)
					if !ast.IsExported(recv) {
						continue
					}
					s = recv + "." + s
				}
				add(false, d.Doc)(s)
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch spec := spec.(type) {
					case *ast.ValueSpec:
						// What is said of a group is said of what is in it.
						for _, n := range spec.Names {
							add(d.Lparen.IsValid() && d.Doc != nil, d.Doc, spec.Doc, spec.Comment)(n.Name)
						}
					case *ast.TypeSpec:
						declared := d.Doc
						if d.Lparen.IsValid() {
							declared = nil
						}
						add(false, declared, spec.Doc)(spec.Name.Name)
						if ast.IsExported(spec.Name.Name) {
							members(spec.Name.Name, spec.Type, declared.Text()+spec.Doc.Text(), add)
						}
					}
				}
			}
		}
	}
	return all
}

func receiver(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.StarExpr:
		return receiver(x.X)
	case *ast.IndexExpr:
		return receiver(x.X)
	case *ast.Ident:
		return x.Name
	}
	return ""
}

// members adds the members of a struct or an interface. The comment of the type, or
// of another member, may be the one that explains a member, and then names it.
func members(of string, x ast.Expr, said string, add func(bool, ...*ast.CommentGroup) func(string)) {
	var list *ast.FieldList
	switch x := x.(type) {
	case *ast.StructType:
		list = x.Fields
	case *ast.InterfaceType:
		list = x.Methods
	default:
		return
	}
	for _, f := range list.List {
		said += f.Doc.Text() + f.Comment.Text()
	}
	for _, f := range list.List {
		for _, n := range f.Names {
			named := regexp.MustCompile(`\b` + n.Name + `\b`).MatchString(said)
			add(named, f.Doc, f.Comment)(of + "." + n.Name)
		}
	}
}

func TestEveryExportedNameIsDocumented(t *testing.T) {
	for dir, fs := range publicPackages(t) {
		for _, n := range exported(fs) {
			if !n.doc {
				t.Errorf("%s: %s has no documentation", dir, n.name)
			}
		}
		if !slices.ContainsFunc(fs, func(f *ast.File) bool {
			return !isTest(f) && strings.HasPrefix(f.Doc.Text(), "Package "+f.Name.Name+" ")
		}) {
			t.Errorf("%s: the package has no comment that begins with Package", dir)
		}
	}
}

func TestEveryPublicPackageHasAnExampleThatRuns(t *testing.T) {
	for dir, fs := range publicPackages(t) {
		examples := doc.Examples(fs...)
		if !slices.ContainsFunc(examples, func(e *doc.Example) bool { return e.Output != "" || e.EmptyOutput }) {
			t.Errorf("%s: no example with output, among %d examples", dir, len(examples))
		}
	}
}
