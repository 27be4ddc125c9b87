// SPDX-License-Identifier: MIT

package gosrc

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
)

// goarches are the architectures Go supports on Linux.
var goarches = []string{"386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le",
	"riscv64", "s390x"}

// standard imports the standard library from source, once for all tests. What
// the generated code uses of it does not depend on GOARCH.
var standard = sync.OnceValues(func() (*token.FileSet, types.Importer) {
	fset := token.NewFileSet()
	return fset, importer.ForCompiler(fset, "source", nil)
})

func parseGo(t *testing.T, src []byte) *ast.File {
	t.Helper()
	fset, _ := standard()
	f, err := parser.ParseFile(fset, "generated.go", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("%v in\n%s", err, src)
	}
	return f
}

// typeCheck returns the package and every error for a GOARCH.
func typeCheck(f *ast.File, goarch string, more ...*ast.File) (*types.Package, []error) {
	fset, imp := standard()
	var errs []error
	conf := types.Config{Importer: imp, Sizes: types.SizesFor("gc", goarch), Error: func(err error) { errs = append(errs, err) }}
	pkg, _ := conf.Check("p", fset, append(more, f), nil) // errors are in errs
	return pkg, errs
}

// generatedFiles returns the output of a golden case.
func generatedFiles(t *testing.T, c *goldenCase) []File {
	t.Helper()
	files, err := Generate(c.config, c.models)
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	return files
}

// generated returns the output of every golden case whose targets agree.
func generated(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, c := range goldenCases(t) {
		if files := generatedFiles(t, c); len(files) == 1 {
			out[c.name] = files[0].Source
		}
	}
	return out
}

// Where the targets differ, each has its own file beside the common one.
func TestFilesOfOneGOARCHCompileForIt(t *testing.T) {
	cases := 0
	for _, c := range goldenCases(t) {
		files := generatedFiles(t, c)
		for _, own := range files[1:] {
			cases++
			if _, errs := typeCheck(parseGo(t, files[0].Source), own.GOARCH, parseGo(t, own.Source)); len(errs) > 0 {
				t.Errorf("%s: GOARCH=%s: %v", c.name, own.GOARCH, errs)
			}
			if text := string(own.Source); !strings.Contains(text, "\n\n//go:build "+own.GOARCH+"\n\npackage p\n") {
				t.Errorf("%s: the file for %s has no constraint before its package clause", c.name, own.GOARCH)
			}
		}
	}
	if cases == 0 {
		t.Error("no golden case has targets that differ")
	}
}

func TestGeneratedCodeCompilesAndItsAssertionsHoldForEveryGOARCH(t *testing.T) {
	for name, src := range generated(t) {
		f := parseGo(t, src)
		for _, arch := range goarches {
			if _, errs := typeCheck(f, arch); len(errs) > 0 {
				t.Errorf("%s: GOARCH=%s: %v", name, arch, errs)
			}
		}
	}
	for _, tg := range model.Targets() {
		if !slices.Contains(goarches, tg.GOARCH) {
			t.Errorf("target %s: GOARCH %s is not tested", tg.Name, tg.GOARCH)
		}
	}
}

// This does not rely on the assertions in the generated code.
func TestGeneratedStructsHaveTheLayoutOfTheModel(t *testing.T) {
	records := 0
	sources := generated(t)
	for _, c := range goldenCases(t) {
		if sources[c.name] == nil {
			continue
		}
		f := parseGo(t, sources[c.name])
		cNames := recordNames(f)
		for _, arch := range goarches {
			pkg, errs := typeCheck(f, arch)
			if len(errs) > 0 {
				t.Fatalf("%s: %v", c.name, errs)
			}
			sizes := types.SizesFor("gc", arch)
			for goName, cName := range cNames {
				records++
				want := c.models[0].Record(cName)
				st := pkg.Scope().Lookup(goName).Type().Underlying().(*types.Struct)
				if got := sizes.Sizeof(st); got != want.Size {
					t.Errorf("%s: GOARCH=%s: %s has %d bytes, %s %d", c.name, arch, goName, got, cName, want.Size)
				}
				var vars []*types.Var
				for v := range st.Fields() {
					vars = append(vars, v)
				}
				i := 0
				members := stored(want)
				for k, offset := range sizes.Offsetsof(vars) {
					if vars[k].Name() == "_" {
						continue
					}
					m := &members[i]
					i++
					if offset*8 != m.BitOffset || sizes.Sizeof(vars[k].Type())*8 != m.BitSize {
						t.Errorf("%s: GOARCH=%s: %s.%s is at byte %d, %s.%s at %s", c.name, arch, goName, vars[k].Name(), offset,
							cName, m.Name, place(m.BitOffset))
					}
				}
				if i != len(members) {
					t.Errorf("%s: %s has %d members, %s %d", c.name, goName, i, cName, len(members))
				}
			}
		}
	}
	if records == 0 {
		t.Error("no record was compared")
	}
}

// stored returns the members of r that have a field in Go: bit-fields whose
// bytes overlap or adjoin are one, and so is a union;
// the members of an anonymous struct are the record's.
func stored(r *model.Record) []model.Field {
	if r.Kind == model.Union && r.Size > 0 {
		return []model.Field{{Name: "Bytes", BitSize: 8 * r.Size}}
	}
	var fields, out []model.Field
	for _, f := range r.Fields {
		if f.Name != "" || f.Record == nil {
			fields = append(fields, f)
			continue
		}
		for _, g := range f.Record.Fields {
			g.BitOffset += f.BitOffset
			fields = append(fields, g)
		}
	}
	for _, f := range fields {
		if f.Bitfield && f.Name == "" {
			continue
		}
		if f.Bitfield {
			first, last := f.BitOffset&^7, (f.BitOffset+f.BitSize+7)&^7
			f.BitOffset, f.BitSize = first, last-first
			if n := len(out); n > 0 && out[n-1].Bitfield && first <= out[n-1].BitOffset+out[n-1].BitSize {
				out[n-1].BitSize = last - out[n-1].BitOffset
				continue
			}
		}
		out = append(out, f)
	}
	return out
}

// recordNames returns the C name of each Go type with a record directive.
func recordNames(f *ast.File) map[string]string {
	out := map[string]string{}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Doc == nil || g.Tok != token.TYPE {
			continue
		}
		for _, c := range g.Doc.List {
			if name, ok := strings.CutPrefix(c.Text, "//abigen:record "); ok {
				out[g.Specs[0].(*ast.TypeSpec).Name.Name] = name
			}
		}
	}
	return out
}

// module writes the given packages into a throw-away module and returns its
// directory.
func module(t *testing.T, packages map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, data []byte) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", []byte("module throwaway\n\ngo 1.26\n"))
	for name, src := range packages {
		if !strings.HasSuffix(name, ".go") {
			name += "/generated.go"
		}
		write(name, src)
	}
	return dir
}

// goCommand runs the go command in dir for a GOARCH, offline.
func goCommand(dir, goarch string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "GOPROXY=off", "GOTOOLCHAIN=local", "CGO_ENABLED=0")
	if goarch != "" {
		cmd.Env = append(cmd.Env, "GOOS=linux", "GOARCH="+goarch)
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// The compiler itself, for the two word sizes; for every GOARCH, which compiles
// parts of the standard library for each, with ABIGEN_CROSS=1.
func TestGeneratedCodeIsBuiltByTheCompiler(t *testing.T) {
	dir := module(t, generated(t))
	arches := []string{"amd64", "386"}
	if os.Getenv("ABIGEN_CROSS") != "" {
		arches = goarches
	}
	for _, arch := range arches {
		if out, err := goCommand(dir, arch, "build", "./..."); err != nil {
			t.Errorf("GOARCH=%s: %v\n%s", arch, err, out)
		}
	}
}

// What holds for the codec of package abi holds for every generated one: its
// test runs on the golden cases that have members of every kind.
func TestGeneratedCodecPassesTheTestOfPackageABI(t *testing.T) {
	codecTest, err := os.ReadFile("../../abi/codec_test.go")
	if err != nil {
		t.Fatal(err)
	}
	codecTest = bytes.Replace(codecTest, []byte("package abi\n"), []byte("package p\n"), 1)
	packages := map[string][]byte{}
	all := generated(t)
	for _, name := range []string{"plain", "reserved"} {
		src := all[name]
		f := parseGo(t, src)
		list := "package p\n\nvar codecRecords = []codecRecord{\n"
		for goName := range recordNames(f) {
			list += fmt.Sprintf("recordOf[%s](%s),\n", goName, sizeNameOf(f, goName))
		}
		packages[name] = src
		packages[name+"/codec_test.go"] = codecTest
		packages[name+"/list_test.go"] = []byte(list + "}\n")
	}
	if out, err := goCommand(module(t, packages), "", "test", "-vet=off", "./..."); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// sizeNameOf returns the constant that a record's methods use.
func sizeNameOf(f *ast.File, goName string) string {
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Name.Name != "putLittle" || fn.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name != goName {
			continue
		}
		return fn.Type.Params.List[0].Type.(*ast.StarExpr).X.(*ast.ArrayType).Len.(*ast.Ident).Name
	}
	return "0"
}
