// SPDX-License-Identifier: MIT

package conformance

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/model"
)

func target(t testing.TB, name string) model.Target {
	t.Helper()
	m, err := model.TargetByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func parse(t testing.TB, m model.Target, text string) *model.ABI {
	t.Helper()
	abi, err := cheader.Parse("t.h", []byte(text), cheader.Options{Target: m})
	if err != nil {
		t.Fatal(err)
	}
	return abi
}

func clang(t testing.TB) *Clang {
	t.Helper()
	c, err := FindClang()
	if err != nil {
		t.Skipf("%v (.ci/run has it)", err)
	}
	return c
}

const example = `
#ifndef T_H
#define T_H
struct s { char c; int i; unsigned b : 3, d : 4; union { int u; long v; }; struct { char x; } in[2]; };
enum e { E1 = 1, E2 = -5 };
typedef struct { short x; } t;
typedef int number;
#define ONE 1
#define TEXT "text"
#define HALF 0.5
#define LIST 1, 2
#define CALL(x) x
extern int variable;
int function(struct s *);
#endif
`

// The comparison is worth nothing if it cannot fail: each fact, changed in the
// model, is contradicted.
func TestClangContradictsWrongFacts(t *testing.T) {
	c := clang(t)
	for which, name := range []string{"amd64", "s390x"} {
		m := target(t, name)
		abi := parse(t, m, example)
		wrong, counts, err := c.Compare(m, example, abi, t.TempDir())
		if err != nil || len(wrong) > 0 {
			t.Fatalf("%s: %v %v", name, wrong, err)
		}
		if counts.Records != 2 || counts.Fields != 7 || counts.Bitfields != 2 || counts.Enumerators != 2 || counts.Constants != 3 {
			t.Errorf("%s: compared %+v", name, counts)
		}
		var changed []Text
		var subjects []string
		for i, change := range []struct {
			subject string
			do      func(*model.ABI)
		}{
			{"sizeof(struct s)", func(a *model.ABI) { a.Record("s").Size++ }},
			{"_Alignof(struct s)", func(a *model.ABI) { a.Record("s").Align *= 2 }},
			{"struct s.i offset", func(a *model.ABI) { a.Record("s").Field("i").BitOffset -= 8 }},
			{"struct s.i size", func(a *model.ABI) { a.Record("s").Field("i").BitSize = 64 }},
			{"struct s.i signed", func(a *model.ABI) { a.Record("s").Field("i").Type = model.Int{Bits: 32} }},
			{"struct s.b", func(a *model.ABI) { a.Record("s").Field("b").BitOffset++ }},
			{"struct s.d", func(a *model.ABI) { a.Record("s").Field("d").BitSize-- }},
			{"struct s.v offset", func(a *model.ABI) { a.Record("s").Fields[4].BitOffset += 64 }},
			{"sizeof(__typeof__(", func(a *model.ABI) { a.Record("s").Field("in").Record.Size = 2 }},
			{"struct s.gone", func(a *model.ABI) { a.Record("s").Field("c").Name = "gone" }},
			{"sizeof(enum e)", func(a *model.ABI) { a.Enum("e").Size = 1 }},
			{"enum e signed", func(a *model.ABI) { a.Enum("e").Signed = false }},
			{"enumerator E2", func(a *model.ABI) { a.Enum("e").Values[1].Value = a.Enum("e").Values[0].Value }},
			{"constant ONE", func(a *model.ABI) { a.Constant("ONE").Type = "long" }},
			{"constant ONE", func(a *model.ABI) { a.Constant("ONE").Value = a.Enum("e").Values[1].Value }},
			{"constant TEXT", func(a *model.ABI) {
				a.Constant("TEXT").Value = a.Constant("HALF").Value
				a.Constant("TEXT").Type = "double"
			}},
			{"constant HALF", func(a *model.ABI) { a.Constant("HALF").Type = "float" }},
			{"macro ONE", func(a *model.ABI) {
				a.Constants = slices.DeleteFunc(a.Constants, func(k *model.Constant) bool { return k.Name == "ONE" })
				a.Skipped = append(a.Skipped, model.Skipped{Name: "ONE", Reason: cheader.ObjectLike})
			}},
		} {
			if i%2 != which {
				continue // the other target has it
			}
			abi := parse(t, m, example)
			change.do(abi)
			changed = append(changed, Text{example, abi})
			subjects = append(subjects, change.subject)
		}
		all, _, err := c.CompareAll(m, changed, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		for i, wrong := range all {
			if !slices.ContainsFunc(wrong, func(w string) bool { return strings.Contains(w, subjects[i]) }) {
				t.Errorf("%s: nothing is said about %s: %q", name, subjects[i], wrong)
			}
		}
	}
}

// A macro that leaves a bracket open does not hide that those behind it are
// constants, and a shift that C does not define makes none.
func TestFoldableMacrosAreFoundAmongOthers(t *testing.T) {
	c := clang(t)
	const text = "#define A 1\n#define OPEN (1 +\n#define END ; }\n#define LIST 1, 2\n#define B (A + 1)\n#define SHIFT (1 << 32)\n#define STRING \"x\"\n#define TYPE int\n#define C sizeof(int)\n"
	abi := &model.ABI{}
	for _, name := range []string{"A", "OPEN", "END", "LIST", "B", "SHIFT", "STRING", "TYPE", "C"} {
		abi.Skipped = append(abi.Skipped, model.Skipped{Name: name, Reason: cheader.ObjectLike})
	}
	wrong, _, err := c.Compare(target(t, "mips"), text, abi, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, w := range wrong {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(w, "macro "), ": clang takes it for a constant, we do not"))
	}
	if got := strings.Join(names, " "); got != "A B C" {
		t.Errorf("clang folds %s, want A B C", got)
	}
}

// tree makes a tree of headers in a directory of its own.
func tree(t *testing.T, files map[string]string) *Tree {
	t.Helper()
	dir := t.TempDir()
	tr := &Tree{Target: target(t, "amd64"), Root: dir, Dirs: []string{dir}}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		tr.Headers = append(tr.Headers, name)
	}
	slices.Sort(tr.Headers)
	return tr
}

func TestDeclarationsAreClangsOwn(t *testing.T) {
	c := clang(t)
	tr := tree(t, map[string]string{
		"a.h": "#define MADE(n) struct n { int n##_x; };\nstruct other { int x; };\nenum { NOT_OURS };\n#define THEIRS 1\nvoid theirs(void);\n",
		"t.h": strings.Replace(example, "#define T_H\n", "#define T_H\n#include \"a.h\"\nMADE(made)\n#define GONE 1\n#undef GONE\n#undef THEIRS\nstruct forward;\n"+
			"struct outer { struct inner { int y; } in; enum { NESTED } n; struct { int deep; }; };\nstatic inline int body(int p) { struct hidden { int q; } h = {p}; return h.q; }\n", 1),
		"z.h": "typedef enum { Z } z_t;\n",
	})
	all, err := Declarations(c, tr, []string{"t.h", "z.h"}, false, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range all["t.h"] {
		got = append(got, strings.TrimSpace(string(d.Kind)+" "+d.Name+" "+strings.Join(d.Members, ",")))
	}
	want := "struct made made_x|struct outer in,n,deep|struct inner y|enumerator NESTED|function body|struct s c,i,b,d,u,v,in|" +
		"enum e|enumerator E1|enumerator E2|struct t x|typedef number|variable variable|function function|" +
		"macro T_H|macro ONE|macro TEXT|macro HALF|macro LIST|macro CALL"
	if g := strings.Join(got, "|"); g != want {
		t.Errorf("t.h declares\n%s\nwant\n%s", g, want)
	}
	if z := all["z.h"]; len(z) != 2 || z[0].Kind != Enum || z[0].Name != "z_t" || z[1].Name != "Z" {
		t.Errorf("z.h declares %v", z)
	}

	path := filepath.Join(tr.Root, "t.h")
	abi, err := cheader.ParseFile(path, cheader.Options{Target: tr.Target})
	if err != nil {
		t.Fatal(err)
	}
	if lost := Lost(abi, all["t.h"], path); len(lost) > 0 {
		t.Errorf("lost: %q", lost)
	}
	// Whatever is taken out of the model is missed.
	for _, d := range all["t.h"] {
		if d.Name == "T_H" {
			continue
		}
		lost := Lost(without(abi, d.Name), all["t.h"], path)
		if len(lost) == 0 || !slices.ContainsFunc(lost, func(l string) bool { return strings.HasSuffix(l, " "+d.Name) }) {
			t.Errorf("%s %s is not missed: %q", d.Kind, d.Name, lost)
		}
	}
	fewer, _ := cheader.ParseFile(path, cheader.Options{Target: tr.Target})
	s := fewer.Record("s")
	s.Fields = s.Fields[1:]
	if lost := Lost(fewer, all["t.h"], path); !slices.Equal(lost, []string{"member s.c"}) {
		t.Errorf("a member is gone, and lost are %q", lost)
	}
}

// without returns a model that does not know a name.
func without(a *model.ABI, name string) *model.ABI {
	b := *a
	b.Records = slices.DeleteFunc(slices.Clone(a.Records), func(r *model.Record) bool { return r.Name == name })
	b.Constants = slices.DeleteFunc(slices.Clone(a.Constants), func(k *model.Constant) bool { return k.Name == name })
	b.Prototypes = slices.DeleteFunc(slices.Clone(a.Prototypes), func(p *model.Prototype) bool { return p.Name == name })
	b.Skipped = slices.DeleteFunc(slices.Clone(a.Skipped), func(s model.Skipped) bool { return s.Name == name })
	b.Enums = nil
	for _, e := range a.Enums {
		if e.Name == name {
			continue
		}
		f := *e
		f.Values = slices.DeleteFunc(slices.Clone(e.Values), func(v model.Enumerator) bool { return v.Name == name })
		b.Enums = append(b.Enums, &f)
	}
	return &b
}

func TestCheckTellsWhoRefuses(t *testing.T) {
	c := clang(t)
	tr := tree(t, map[string]string{
		"good.h": "struct good { int x; };\n#define GOOD sizeof(size_t)\n",
		"bad.h":  "struct bad { unknown_t x; };\n",
		// Correct C that the reader refuses on purpose: its pragma.
		"ours.h": "#pragma pack(push, 1)\nstruct ours { int x; };\n",
	})
	for _, name := range strings.Fields(prelude) {
		path := filepath.Join(tr.Root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("#define SEEN\n#include <stddef.h>\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(tr.Root, "stddef.h")); err != nil {
		t.Fatal(err)
	}
	tr.Dirs = append(tr.Dirs, c.Include)
	rs, err := Check(c, tr, []string{"bad.h", "good.h", "ours.h"}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	bad, good, ours := rs[0], rs[1], rs[2]
	if bad.Err == nil || !strings.Contains(bad.ClangError, "unknown_t") || bad.Refused() {
		t.Errorf("bad.h: %v, clang: %s", bad.Err, bad.ClangError)
	}
	if good.Err != nil || good.ClangError != "" || len(good.Wrong) > 0 || good.Counts.Constants != 1 {
		t.Errorf("good.h: %v, clang: %s, wrong: %q", good.Err, good.ClangError, good.Wrong)
	}
	if !ours.Refused() {
		t.Errorf("ours.h: %v, clang: %s", ours.Err, ours.ClangError)
	}

	var b bytes.Buffer
	ok, err := Print(&b, []*Row{{Target: "amd64", Neither: []*Result{bad}, Wrong: []string{"w.h: x"}, Refused: []string{"ours.h: y"}, Lost: []string{"l.h: z"}}})
	if err != nil || ok {
		t.Errorf("a table with faults is well: %v", err)
	}
	for _, want := range []string{"amd64: wrong: w.h: x", "amd64: refused by us alone: ours.h: y", "amd64: lost: l.h: z", "not known for it: bad.h"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the table does not say %q:\n%s", want, b.String())
		}
	}
	if ok, err := Print(&b, []*Row{{Target: "amd64", Headers: 1}}); err != nil || !ok {
		t.Errorf("a table without faults is not well: %v", err)
	}
}

// What made a difference to somebody else must be made again from its seed.
func TestRandomHeadersFollowTheirSeed(t *testing.T) {
	m := target(t, "arm")
	text := RandomHeader(m, 7, 500, 50)
	if text != RandomHeader(m, 7, 500, 50) {
		t.Error("the same seed gives another header")
	}
	if text == RandomHeader(m, 8, 500, 50) || text == RandomHeader(m, 7, 1000, 50) || text == RandomHeader(target(t, "mips"), 7, 500, 50) {
		t.Error("another seed, place or target gives the same header")
	}
	for _, m := range model.Targets() {
		abi := parse(t, m, RandomHeader(m, 7, 0, 50))
		if len(abi.Records) < 50 || len(abi.Constants) < exprs/2 {
			t.Errorf("%s: %d records and %d constants in the model of 50 records and %d macros", m.Name, len(abi.Records), len(abi.Constants), exprs)
		}
	}
}

func TestRandomRecordsAgreeWithClang(t *testing.T) {
	c := clang(t)
	s := survey{c: c, o: Options{Records: 100, Seed: 20261122}}
	for _, m := range model.Targets() {
		row := &Row{Target: m.Name}
		if err := s.random(m, row, 0, 100, t.TempDir()); err != nil {
			t.Fatal(err)
		}
		for _, w := range row.Wrong {
			t.Errorf("%s: %s", m.Name, w)
		}
	}
}

func TestGuardsAreTheFirstDirective(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{
		"/* x */\n# ifndef A_H\n#define A_H\n": "A_H", "#if !defined(B_H)\n": "B_H", "#if ! defined C_H && 1\n": "C_H",
		"#include <x.h>\n#ifndef D_H\n": "", "int x;\n": "", "#pragma once\n": "",
	} {
		path := filepath.Join(dir, "g.h")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := guardOf(path); got != want {
			t.Errorf("%q: guard %q, want %q", text, got, want)
		}
	}
}

func TestMissingPackagesAreNamed(t *testing.T) {
	_, err := Trees(&Clang{}, model.Targets(), t.TempDir(), t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "apt-get install linux-libc-dev-amd64-cross linux-libc-dev-i386-cross") ||
		strings.Contains(err.Error(), "loong64") {
		t.Errorf("without any package: %v", err)
	}
}

func TestPredefinedMacrosAreThoseThatHeadersAskAbout(t *testing.T) {
	c := clang(t)
	tr := tree(t, map[string]string{
		"a.h": "#if defined(__linux__) && \\\n  __SIZEOF_POINTER__ == 8\n# ifdef NOT_DEFINED\n#endif\n#endif\n#define __SSE4A__ 1\n",
		"b.h": "int __clang_version__;\n#ifndef __VERSION__\n#elif __STDC__\n#endif\n",
	})
	names, err := asked(tr)
	if want := "NOT_DEFINED __SIZEOF_POINTER__ __STDC__ __VERSION__ __linux__"; err != nil || strings.Join(names, " ") != want {
		t.Errorf("the headers ask about %q, %v; want %s", names, err, want)
	}
	wrong, err := Predefined(c, tr, t.TempDir())
	if want := []string{"macro __VERSION__ is defined by clang before a header is read: not by us"}; err != nil || !slices.Equal(wrong, want) {
		t.Errorf("wrong: %q, %v; want %q", wrong, err, want)
	}
}
