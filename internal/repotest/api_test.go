// SPDX-License-Identifier: MIT

package repotest

import (
	"bytes"
	"fmt"
	"go/constant"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// docs/api has a file for each public package with everything it exports, a line
// each, so that a review sees what of it a change touches. The lines say what the
// compiler has stored for linux/amd64; where a type or a constant is another one on
// another machine, abi's own assertions and "abigen vet" are who would tell.

// apiLines returns the lines of a package.
func apiLines(pkg *types.Package) []string {
	var lines []string
	qualify := func(p *types.Package) string {
		if p == pkg {
			return ""
		}
		return strings.TrimPrefix(p.Path(), modulePath+"/")
	}
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	typ := func(t types.Type) string { return types.TypeString(t, qualify) }
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		obj := scope.Lookup(name)
		if !obj.Exported() {
			continue
		}
		switch obj := obj.(type) {
		case *types.Const:
			add("const %s %s = %s", name, typ(obj.Type()), apiValue(obj.Val()))
		case *types.Var:
			add("var %s %s", name, typ(obj.Type()))
		case *types.Func:
			add("func %s%s", name, apiSignature(obj.Signature(), typ))
		case *types.TypeName:
			apiType(obj, add, typ)
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// apiValue returns a constant as it is written in Go.
func apiValue(v constant.Value) string {
	if v.Kind() == constant.Float {
		return v.String()
	}
	return v.ExactString()
}

func apiType(obj *types.TypeName, add func(string, ...any), typ func(types.Type) string) {
	name := obj.Name()
	if obj.IsAlias() {
		add("type %s = %s", name, typ(types.Unalias(obj.Type())))
		return
	}
	named, ok := obj.Type().(*types.Named)
	if !ok {
		add("type %s %s", name, typ(obj.Type()))
		return
	}
	params := ""
	if tp := named.TypeParams(); tp.Len() > 0 {
		params = apiTypeParams(tp, typ)
	}
	switch u := named.Underlying().(type) {
	case *types.Struct:
		hidden := ""
		for i := range u.NumFields() {
			f := u.Field(i)
			switch {
			case !f.Exported():
				hidden = ", with unexported members"
			case f.Embedded():
				add("type %s struct, embeds %s", name, typ(f.Type()))
			default:
				add("type %s struct, %s %s%s", name, f.Name(), typ(f.Type()), apiTag(u.Tag(i)))
			}
		}
		add("type %s%s struct%s", name, params, hidden)
	case *types.Interface:
		for i := range u.NumMethods() {
			m := u.Method(i)
			if m.Exported() {
				add("type %s interface, %s%s", name, m.Name(), apiSignature(m.Signature(), typ))
			} else {
				add("type %s interface, with unexported methods", name)
			}
		}
		add("type %s%s interface", name, params)
	default:
		add("type %s%s %s", name, params, typ(u))
	}
	for i := range named.NumMethods() {
		m := named.Method(i)
		if !m.Exported() {
			continue
		}
		recv := m.Signature().Recv().Type()
		add("method (%s) %s%s", typ(recv), m.Name(), apiSignature(m.Signature(), typ))
	}
}

// apiSignature returns a signature without the names of its parameters, which
// bind nobody.
func apiSignature(s *types.Signature, typ func(types.Type) string) string {
	unnamed := func(t *types.Tuple) *types.Tuple {
		var vs []*types.Var
		for i := range t.Len() {
			vs = append(vs, types.NewParam(token.NoPos, nil, "", t.At(i).Type()))
		}
		return types.NewTuple(vs...)
	}
	plain := types.NewSignatureType(nil, nil, nil, unnamed(s.Params()), unnamed(s.Results()), s.Variadic())
	text := strings.TrimPrefix(typ(plain), "func")
	if tp := s.TypeParams(); tp.Len() > 0 {
		text = apiTypeParams(tp, typ) + text
	}
	return text
}

func apiTypeParams(tp *types.TypeParamList, typ func(types.Type) string) string {
	var ps []string
	for i := range tp.Len() {
		ps = append(ps, tp.At(i).Obj().Name()+" "+typ(tp.At(i).Constraint()))
	}
	return "[" + strings.Join(ps, ", ") + "]"
}

func apiTag(tag string) string {
	if tag == "" {
		return ""
	}
	return " `" + tag + "`"
}

// compiled returns packages of this module as the compiler has stored them.
func compiled(t *testing.T, dirs []string) map[string]*types.Package {
	t.Helper()
	args := []string{"list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}"}
	for _, d := range dirs {
		args = append(args, "./"+d)
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		p, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		exports[p] = file
	}
	imp := importer.ForCompiler(token.NewFileSet(), "gc", func(p string) (io.ReadCloser, error) { return os.Open(exports[p]) })
	pkgs := map[string]*types.Package{}
	for _, d := range dirs {
		pkg, err := imp.Import(path.Join(modulePath, d))
		if err != nil {
			t.Fatal(err)
		}
		pkgs[d] = pkg
	}
	return pkgs
}

const apiDir = "docs/api"

func apiFile(dir string) string {
	if dir == "." {
		dir = path.Base(modulePath)
	}
	return apiDir + "/" + strings.ReplaceAll(dir, "/", "-") + ".txt"
}

func TestListingsOfTheAPIAreWhatThePackagesExport(t *testing.T) {
	wanted := map[string]bool{}
	for dir, pkg := range compiled(t, slices.Sorted(maps.Keys(publicPackages(t)))) {
		file := apiFile(dir)
		wanted[file] = true
		lines := apiLines(pkg)
		for _, l := range lines {
			if strings.Contains(l, "internal/") {
				t.Errorf("%s: %s: a type of an internal package, which nobody else can name", dir, l)
			}
		}
		want := "# SPDX-License-Identifier: MIT\n# What package " + pkg.Path() + " exports. go test ./internal/repotest -update\n" +
			strings.Join(lines, "\n") + "\n"
		if *update {
			if err := os.MkdirAll(filepath.Join(root, apiDir), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(root, file), []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Errorf("%v: run go test ./internal/repotest -update", err)
			continue
		}
		for _, l := range difference(string(got), want) {
			t.Errorf("%s: %s: if that is meant, run go test ./internal/repotest -update, and see docs/versioning.md", file, l)
		}
	}
	for _, f := range files(t) {
		if path.Dir(f) == apiDir && !wanted[f] {
			t.Errorf("%s: there is no such public package: remove the file", f)
		}
	}
}

// difference returns the lines that one of two texts lacks, marked.
func difference(old, now string) []string {
	olds, nows := strings.Split(old, "\n"), strings.Split(now, "\n")
	var out []string
	for _, l := range olds {
		if !slices.Contains(nows, l) {
			out = append(out, "gone: "+l)
		}
	}
	for _, l := range nows {
		if !slices.Contains(olds, l) {
			out = append(out, "new: "+l)
		}
	}
	if out == nil && old != now {
		out = append(out, "the order of the lines is another")
	}
	return out
}

func TestListingHasEverythingThatCanBeNamed(t *testing.T) {
	pkg := types.NewPackage("example.org/p", "p")
	scope := pkg.Scope()
	scope.Insert(types.NewConst(0, pkg, "C", types.Typ[types.Uint8], constant.MakeInt64(3)))
	scope.Insert(types.NewConst(0, pkg, "hidden", types.Typ[types.Uint8], constant.MakeInt64(3)))
	scope.Insert(types.NewVar(0, pkg, "V", types.Typ[types.String]))
	obj := types.NewTypeName(0, pkg, "T", nil)
	named := types.NewNamed(obj, nil, nil)
	named.SetUnderlying(types.NewStruct([]*types.Var{
		types.NewField(0, pkg, "F", types.NewPointer(named), false), types.NewField(0, pkg, "g", types.Typ[types.Int], false),
	}, []string{`json:"f"`}))
	sig := func(recv types.Type) *types.Signature {
		return types.NewSignatureType(types.NewVar(0, pkg, "", recv), nil, nil, nil, types.NewTuple(types.NewVar(0, pkg, "", types.Typ[types.Bool])), false)
	}
	named.AddMethod(types.NewFunc(0, pkg, "M", sig(types.NewPointer(named))))
	named.AddMethod(types.NewFunc(0, pkg, "m", sig(named)))
	scope.Insert(obj)
	want := []string{
		"const C uint8 = 3", "method (*T) M() bool", "type T struct, F *T `json:\"f\"`", "type T struct, with unexported members", "var V string",
	}
	if got := apiLines(pkg); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if d := difference("a\nb", "a\nc"); !slices.Equal(d, []string{"gone: b", "new: c"}) {
		t.Errorf("difference is %q", d)
	}
}
