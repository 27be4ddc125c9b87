// SPDX-License-Identifier: MIT

package gosrc

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"golang.org/x/tools/txtar"

	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/model"
)

// semantics is a file of testdata/semantics: config.toml, a header x.h, C variables in
// values.c, the bytes a C compiler makes of them on the targets of either byte
// order, and a Go test that the generated package must pass. In it the function
// bytesOf(variable, big-endian) returns those bytes.
type semantics struct {
	name, header, values, use string
	bytes                     []variable
	config                    Config
}

type variable struct{ name, little, big string }

func semanticCases(t *testing.T) []semantics {
	t.Helper()
	paths, err := filepath.Glob("testdata/semantics/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases (%v)", err)
	}
	var out []semantics
	for _, path := range paths {
		ar, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c := semantics{name: strings.TrimSuffix(filepath.Base(path), ".txtar")}
		for _, f := range ar.Files {
			switch text := string(f.Data); f.Name {
			case "x.h":
				c.header = text
			case "values.c":
				c.values = text
			case "config.toml":
				if _, err := toml.Decode(text, &c.config); err != nil {
					t.Fatalf("%s: %v", path, err)
				}
			case "use_test.go":
				c.use = text
			case "bytes":
				for line := range strings.Lines(text) {
					w := strings.Fields(line)
					if len(w) != 3 {
						t.Fatalf("%s: %q is not a variable and its bytes in both orders", path, line)
					}
					c.bytes = append(c.bytes, variable{w[0], w[1], w[2]})
				}
			default:
				t.Fatalf("%s: unknown file %s", path, f.Name)
			}
		}
		out = append(out, c)
	}
	return out
}

// What C initialisers store is what the generated package reads, and it writes
// the same bytes.
func TestGeneratedCodeReadsAndWritesWhatCStores(t *testing.T) {
	packages := map[string][]byte{}
	for _, c := range semanticCases(t) {
		var abis []*model.ABI
		for _, tg := range model.Targets() {
			a, err := cheader.Parse("x.h", []byte(c.header), cheader.Options{Target: tg})
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			abis = append(abis, a)
		}
		out, err := Build(c.config, abis)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range out.Skipped {
			if !strings.HasPrefix(s.Reason, "typedef: ") {
				t.Errorf("%s: %s is left out: %s", c.name, s.Name, s.Reason)
			}
		}
		for _, arch := range goarches {
			if !declaresFor(out.Files, arch) {
				continue
			}
			if _, errs := typeCheck(arch, parseAll(t, out.Files, arch)...); len(errs) > 0 {
				t.Errorf("%s: GOARCH=%s: %v", c.name, arch, errs)
			}
		}
		var data strings.Builder
		data.WriteString("package p\n\nimport \"encoding/hex\"\n\nfunc bytesOf(name string, big bool) []byte {\n\tb, _ := hex.DecodeString(map[string][2]string{\n")
		for _, v := range c.bytes {
			fmt.Fprintf(&data, "%q: {%q, %q},\n", v.name, v.little, v.big)
		}
		data.WriteString("}[name][map[bool]int{true: 1}[big]])\n\treturn b\n}\n")
		for _, f := range out.Files {
			packages[FileName(c.name+"/generated.go", f.GOARCH)] = f.Source
		}
		packages[c.name+"/data_test.go"] = []byte(data.String())
		packages[c.name+"/use_test.go"] = []byte(c.use)
	}
	if out, err := goCommand(module(t, packages), "", "test", "./..."); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// triples are clang's names of the targets.
var triples = map[string]string{
	"bpfel": "bpfel", "bpfeb": "bpfeb", "amd64": "x86_64-linux-gnu", "386": "i386-linux-gnu", "arm64": "aarch64-linux-gnu",
	"arm": "arm-linux-gnueabihf", "riscv64": "riscv64-linux-gnu", "ppc64le": "powerpc64le-linux-gnu", "s390x": "s390x-linux-gnu",
	"loong64": "loongarch64-linux-gnu", "mips": "mips-linux-gnu", "mips64le": "mips64el-linux-gnuabi64",
}

// The bytes in testdata are those of the C compiler, for every target.
func TestBytesOfTheSemanticCasesAreTheCompilers(t *testing.T) {
	clang, err := exec.LookPath("clang-19")
	if err != nil {
		t.Skip("clang-19 is not installed: the comparison with a C compiler is left out (.ci/run has one)")
	}
	for _, c := range semanticCases(t) {
		dir := t.TempDir()
		src, obj := filepath.Join(dir, "values.c"), filepath.Join(dir, "values.o")
		if err := os.WriteFile(src, []byte(c.header+c.values), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, tg := range model.Targets() {
			if out, err := exec.Command(clang, "-target", triples[tg.Name], "-c", "-Wno-bitfield-constant-conversion", "-o", obj, src).CombinedOutput(); err != nil {
				t.Fatalf("%s: %s: %v\n%s", c.name, tg.Name, err, out)
			}
			f, err := elf.Open(obj)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range c.bytes {
				want := v.little
				if f.Data == elf.ELFDATA2MSB {
					want = v.big
				}
				if got := dataOf(t, f, v.name); got != want {
					t.Errorf("%s: %s: %s is %s, want %s", c.name, tg.Name, v.name, got, want)
				}
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// dataOf returns the bytes of a variable in hexadecimal.
func dataOf(t *testing.T, f *elf.File, name string) string {
	t.Helper()
	symbols, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range symbols {
		if s.Name != name {
			continue
		}
		data, err := f.Sections[s.Section].Data()
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%x", data[s.Value:s.Value+s.Size])
	}
	t.Fatalf("no variable %s", name)
	return ""
}
