// SPDX-License-Identifier: MIT

package gosrc

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fuseiomap/abigen/gen/model"
)

// goarches are the architectures Go supports on Linux.
var goarches = []string{"386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le",
	"riscv64", "s390x"}

// standard imports the standard library, once for all tests, from what the build
// cache has of it: reading it from source takes longer than any of them. What the
// generated code uses of it does not depend on GOARCH.
var standard = sync.OnceValues(func() (*token.FileSet, types.Importer) {
	fset := token.NewFileSet()
	out, err := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}",
		"encoding/binary", "errors", "io", "math", "slices", "strconv", "strings").Output()
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		exports[path] = file
	}
	return fset, importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, errors.Join(fmt.Errorf("go list -export does not know %s", path), err)
		}
		return os.Open(exports[path])
	})
})

// sources are the files of a package for one GOARCH.
func sources(files []File, goarch string) [][]byte {
	var out [][]byte
	for _, f := range files {
		if f.GOARCH == "" || f.GOARCH == goarch {
			out = append(out, f.Source)
		}
	}
	return out
}

// parseAll parses the files of a package for one GOARCH.
func parseAll(t *testing.T, files []File, goarch string) []*ast.File {
	t.Helper()
	var out []*ast.File
	for _, src := range sources(files, goarch) {
		out = append(out, parseGo(t, src))
	}
	return out
}

// parseGo parses what was generated, which must be as gofmt would have it.
func parseGo(t *testing.T, src []byte) *ast.File {
	t.Helper()
	fset, _ := standard()
	f, err := parser.ParseFile(fset, "generated.go", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("%v in\n%s", err, src)
	}
	if formatted, err := format.Source(src); err != nil || !bytes.Equal(src, formatted) {
		t.Errorf("gofmt changes what was generated (%v):\n%s", err, cmp.Diff(string(src), string(formatted)))
	}
	return f
}

// checked holds the packages of the golden cases by name and GOARCH: checking
// each once is most of what these tests cost.
var checked sync.Map

// typeCheckGolden is typeCheck for a golden case, once for all tests.
func typeCheckGolden(t *testing.T, name, goarch string, files []File) (*types.Package, []*ast.File, []error) {
	type result struct {
		pkg   *types.Package
		files []*ast.File
		errs  []error
	}
	key := name + " " + goarch
	if r, ok := checked.Load(key); ok {
		r := r.(result)
		return r.pkg, r.files, r.errs
	}
	r := result{files: parseAll(t, files, goarch)}
	r.pkg, r.errs = typeCheck(goarch, r.files...)
	checked.Store(key, r)
	return r.pkg, r.files, r.errs
}

// typeCheck returns the package and every error for a GOARCH.
func typeCheck(goarch string, files ...*ast.File) (*types.Package, []error) {
	fset, imp := standard()
	var errs []error
	conf := types.Config{Importer: imp, Sizes: types.SizesFor("gc", goarch), Error: func(err error) { errs = append(errs, err) }}
	pkg, _ := conf.Check("p", fset, files, nil) // errors are in errs
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

// goldenPackages holds what generated returns.
var goldenPackages map[string][]File

// generated returns the output of every golden case. Nobody changes it.
func generated(t *testing.T) map[string][]File {
	t.Helper()
	if goldenPackages == nil {
		out := map[string][]File{}
		for _, c := range goldenCases(t) {
			out[c.name] = generatedFiles(t, c)
		}
		goldenPackages = out
	}
	return goldenPackages
}

// Where the targets differ, each has its own file beside the common one.
func TestFilesOfOneGOARCHCompileForIt(t *testing.T) {
	cases := 0
	for _, c := range goldenCases(t) {
		files := generatedFiles(t, c)
		for _, own := range files[1:] {
			cases++
			if _, errs := typeCheck(own.GOARCH, parseGo(t, files[0].Source), parseGo(t, own.Source)); len(errs) > 0 {
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
	for name, files := range generated(t) {
		for _, arch := range goarches {
			if !declaresFor(files, arch) {
				continue
			}
			if _, _, errs := typeCheckGolden(t, name, arch, files); len(errs) > 0 {
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

// declaresFor reports whether a package is for a GOARCH: where it has files for
// some, it is for none but these.
func declaresFor(files []File, goarch string) bool {
	return len(files) == 1 || slices.ContainsFunc(files, func(f File) bool { return f.GOARCH == goarch })
}

// This does not rely on the assertions in the generated code.
func TestGeneratedStructsHaveTheLayoutOfTheModel(t *testing.T) {
	records := 0
	packages := generated(t)
	for _, c := range goldenCases(t) {
		for _, arch := range goarches {
			if !declaresFor(packages[c.name], arch) {
				continue
			}
			pkg, files, errs := typeCheckGolden(t, c.name, arch, packages[c.name])
			if len(errs) > 0 {
				t.Fatalf("%s: %v", c.name, errs)
			}
			m := c.models[0]
			for _, a := range c.models {
				if a.Target == arch {
					m = a
				}
			}
			sizes := types.SizesFor("gc", arch)
			for goName, cName := range recordNames(files...) {
				want := recordAt(m, cName)
				if want == nil {
					t.Fatalf("%s: no record %s", c.name, cName)
				}
				records++
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
					if i == len(members) {
						t.Fatalf("%s: %s has more than %d members", c.name, goName, i)
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

// recordAt returns a record by its name, or by the path to the member whose
// type it is.
func recordAt(a *model.ABI, path string) *model.Record {
	first, rest, _ := strings.Cut(path, ".")
	r := a.Record(first)
	for r != nil && rest != "" {
		first, rest, _ = strings.Cut(rest, ".")
		var inner *model.Record
		for _, f := range promoted(r) {
			if f.Name == first {
				inner = f.Record
			}
		}
		r = inner
	}
	return r
}

// promoted returns the members of r as C code names them.
func promoted(r *model.Record) []model.Field {
	var out []model.Field
	for _, f := range r.Fields {
		if f.Name == "" && f.Record != nil {
			for _, g := range promoted(f.Record) {
				g.BitOffset += f.BitOffset
				out = append(out, g)
			}
			continue
		}
		out = append(out, f)
	}
	return out
}

// stored returns the members of r that have a field in Go: bit-fields whose
// bytes overlap or adjoin are one, and so is a union; the members of an
// anonymous struct are the record's. What has no size has no field.
func stored(r *model.Record) []model.Field {
	if r.Kind == model.Union && r.Size > 0 {
		return []model.Field{{Name: "Bytes", BitSize: 8 * r.Size}}
	}
	var fields, out []model.Field
	var add func(list []model.Field, at int64)
	add = func(list []model.Field, at int64) {
		for _, f := range list {
			f.BitOffset += at
			if f.Name == "" && f.Record != nil && f.Record.Kind == model.Struct {
				add(f.Record.Fields, f.BitOffset)
				continue
			}
			fields = append(fields, f)
		}
	}
	add(r.Fields, 0)
	for _, f := range fields {
		if f.Bitfield && f.Name == "" || f.BitSize == 0 {
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
func recordNames(files ...*ast.File) map[string]string {
	out := map[string]string{}
	var decls []ast.Decl
	for _, f := range files {
		decls = append(decls, f.Decls...)
	}
	for _, d := range decls {
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

// goCommand runs the go command in dir for a GOARCH, offline. With -trimpath the
// build cache knows what was built before in another throw-away directory.
func goCommand(dir, goarch string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-trimpath", "GOPROXY=off", "GOTOOLCHAIN=local", "CGO_ENABLED=0")
	if goarch != "" {
		cmd.Env = append(cmd.Env, "GOOS=linux", "GOARCH="+goarch)
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// packagesOf is what module takes for generated packages.
func packagesOf(generated map[string][]File) map[string][]byte {
	out := map[string][]byte{}
	for name, files := range generated {
		for _, f := range files {
			out[FileName(name+"/generated.go", f.GOARCH)] = f.Source
		}
	}
	return out
}

// The compiler itself, for the two word sizes; for every GOARCH, which compiles
// parts of the standard library for each, with ABIGEN_CROSS=1.
func TestGeneratedCodeIsBuiltByTheCompiler(t *testing.T) {
	all := generated(t)
	dir := module(t, packagesOf(all))
	arches := []string{"amd64", "386"}
	if os.Getenv("ABIGEN_CROSS") != "" {
		arches = goarches
	}
	for _, arch := range arches {
		args := []string{"build"}
		for name, files := range all {
			if declaresFor(files, arch) {
				args = append(args, "./"+name)
			}
		}
		if out, err := goCommand(dir, arch, args...); err != nil {
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
		src := all[name][0].Source
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
