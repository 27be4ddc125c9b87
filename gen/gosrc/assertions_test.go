// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"strings"
	"testing"
)

// layoutOnly returns f without its codec: what is left are types, constants and
// assertions, so that a changed struct has no other errors.
func layoutOnly(f *ast.File) *ast.File {
	g := *f
	g.Decls = nil
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name != "_" {
			continue
		}
		if gen, ok := d.(*ast.GenDecl); ok && gen.Tok == token.VAR {
			continue
		}
		g.Decls = append(g.Decls, d)
	}
	return &g
}

func structOf(f *ast.File, goName string) *ast.StructType {
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
			if s := g.Specs[0].(*ast.TypeSpec); s.Name.Name == goName {
				return s.Type.(*ast.StructType)
			}
		}
	}
	return nil
}

func padding(n int) *ast.Field {
	return &ast.Field{Names: []*ast.Ident{ast.NewIdent("_")}, Type: &ast.ArrayType{
		Len: &ast.BasicLit{Kind: token.INT, Value: fmt.Sprint(n)}, Elt: ast.NewIdent("byte")}}
}

// A struct is changed in every way at every place: a hole is inserted, or a
// field shrunk to a byte. The compiler must then name exactly the members that
// are not where they belong, and the record if its size differs.
func TestAssertionsNameExactlyTheMembersThatMoved(t *testing.T) {
	mutants := 0
	packages := generated(t)
	for _, c := range goldenCases(t) {
		if c.name != "plain" && c.name != "ops" && c.name != "reserved" {
			continue
		}
		f := layoutOnly(parseGo(t, packages[c.name][0].Source))
		f.Imports = nil
		for goName, cName := range recordNames(f) {
			st := structOf(f, goName)
			original := st.Fields.List
			for i := range original {
				for kind, list := range map[string][]*ast.Field{
					"hole of 1":  insert(original, i, padding(1)),
					"hole of 8":  insert(original, i, padding(8)),
					"cut to 1":   replace(original, i, padding(1).Type.(*ast.ArrayType).Elt),
					"grown to 9": replace(original, i, padding(9).Type),
				} {
					st.Fields.List = list
					arch := "amd64"
					if mutants++; kind == "hole of 1" {
						arch = "386"
					}
					checkMutant(t, c, f, goName, cName, arch, fmt.Sprintf("%s, %s at field %d, %s", cName, kind, i, arch))
				}
			}
			st.Fields.List = original
		}
	}
	if mutants < 150 {
		t.Errorf("only %d mutants were tried", mutants)
	}
}

func insert(list []*ast.Field, i int, f *ast.Field) []*ast.Field {
	return append(append(append([]*ast.Field{}, list[:i]...), f), list[i:]...)
}

func replace(list []*ast.Field, i int, typ ast.Expr) []*ast.Field {
	out := append([]*ast.Field{}, list...)
	changed := *out[i]
	changed.Type = typ
	out[i] = &changed
	return out
}

func checkMutant(t *testing.T, c *goldenCase, f *ast.File, goName, cName, arch, what string) {
	t.Helper()
	pkg, errs := typeCheck(arch, f)
	var text strings.Builder
	for _, err := range errs {
		text.WriteString(err.Error() + "\n")
	}
	named := func(name string) bool {
		return strings.Contains(text.String(), name+" - ") || strings.Contains(text.String(), " - "+name+" ")
	}
	sizes := types.SizesFor("gc", arch)
	st := pkg.Scope().Lookup(goName).Type().Underlying().(*types.Struct)
	want := c.models[0].Record(cName)
	expect := func(name string, wrong bool) {
		t.Helper()
		if named(name) != wrong {
			t.Errorf("%s: %s: wrong is %v, the compiler says:\n%s", what, name, wrong, &text)
		}
	}
	expect(fmt.Sprintf("%s_takes_%d", cName, want.Size), sizes.Sizeof(st) != want.Size)
	var vars []*types.Var
	for v := range st.Fields() {
		vars = append(vars, v)
	}
	k := 0
	for i, offset := range sizes.Offsetsof(vars) {
		if vars[i].Name() == "_" {
			continue
		}
		m := &want.Fields[k]
		k++
		expect(fmt.Sprintf("%s_%s_at_%d", cName, m.Name, m.BitOffset/8), offset != m.BitOffset/8)
		expect(fmt.Sprintf("%s_%s_takes_%d", cName, m.Name, m.BitSize/8), sizes.Sizeof(vars[i].Type()) != m.BitSize/8)
	}
}

// The compiler itself says so too.
func TestWrongLayoutDoesNotCompile(t *testing.T) {
	src, err := os.ReadFile("../../abi/fuse_iomap_bpf.go")
	if err != nil {
		t.Fatal(err)
	}
	const addr, dev, end = "\tAddr uint64\n", "\tDev uint32\n", "\tNewsize uint64\n"
	cases := map[string]struct{ old, new, want string }{
		"late":  {addr, "\t_    [8]byte\n" + addr, "16 - fuse_iomap_io_addr_at_16 (constant -8 of type uintptr) overflows uintptr"},
		"early": {"\tLength uint64\n", "\tLength struct{}\n", "fuse_iomap_io_addr_at_16 - 16 (constant -8 of type uintptr) overflows uintptr"},
		"large": {end, end + "\t_ [1]byte\n", "8 - fuse_iomap_ioend_out_takes_8 (constant -"},
		"small": {dev, "\tDev struct{}\n", "fuse_iomap_io_dev_takes_4 - 4 (constant -4 of type uintptr) overflows uintptr"},
	}
	packages := map[string][]byte{}
	for name, c := range cases {
		changed := strings.Replace(string(src), c.old, c.new, 1)
		if changed == string(src) {
			t.Fatalf("%s: package abi has no %q", name, c.old)
		}
		packages[name] = []byte(changed)
	}
	dir := module(t, packages)
	for name, c := range cases {
		out, err := goCommand(dir, "", "build", "./"+name)
		if err == nil || !strings.Contains(out, c.want) {
			t.Errorf("%s: want an error with %q, got (%v)\n%s", name, c.want, err, out)
		}
	}
}
