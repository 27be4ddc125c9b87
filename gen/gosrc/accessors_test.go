// SPDX-License-Identifier: MIT

package gosrc

import (
	"debug/elf"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/conformance"
)

// A C compiler fills records with constants; the generated code for the same
// target must read from the object's bytes what C has written, and write the
// same bytes. One program for each target does that for all records: those of
// testdata/accessors and random ones. It runs on the GOARCH of its target, under
// qemu where that is not this machine's; the two BPF targets have none and are
// read by the codecs and methods that have their byte order in the name.
//
// Without ABIGEN_CROSS=1 it is this machine's target alone, without random
// records: the rest compiles much Go, and parts of the standard library for each
// GOARCH.
func TestGeneratedMethodsReadAndWriteWhatTheCompilerStores(t *testing.T) {
	clang, err := exec.LookPath("clang-19")
	if err != nil {
		t.Skip("clang-19 is not installed: the comparison with a C compiler is left out (.ci/run has one)")
	}
	shapes, err := os.ReadFile("testdata/accessors/shapes.h")
	if err != nil {
		t.Fatal(err)
	}
	const seed, random = 1, 60
	all := os.Getenv("ABIGEN_CROSS") != ""
	for _, tg := range model.Targets() {
		if !all && tg.Name != runtime.GOARCH {
			continue
		}
		t.Run(tg.Name, func(t *testing.T) {
			emulator := emulatorFor(t, tg)
			headers := map[string]string{"shapes": string(shapes)}
			if all {
				headers["random"] = conformance.RandomHeader(tg, seed, 0, random)
			}
			for name, header := range headers {
				p := newFiller(t, tg, header, rand.New(rand.NewPCG(seed, 0)))
				if p.leaves < 100 {
					t.Errorf("%s: only %d members were filled", name, p.leaves)
				}
				p.compile(clang)
				dir := module(t, map[string][]byte{"p/generated.go": p.source, "p/main.go": p.program()})
				arch := tg.GOARCH
				if tg.BPF {
					arch = runtime.GOARCH
				}
				if out, err := goCommand(dir, arch, "build", "-ldflags=-s -w", "-o", "program", "./p"); err != nil {
					t.Fatalf("%s (seed %d): %v\n%s", name, seed, err, out)
				}
				cmd := exec.Command(filepath.Join(dir, "program"))
				if emulator != "" {
					// Go's runtime on several threads is more than qemu can do for all
					// machines.
					cmd = exec.Command(emulator, cmd.Path)
					cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=off", "GODEBUG=asyncpreemptoff=1")
				}
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%s (seed %d): %v\n%s", name, seed, err, out)
				}
			}
		})
	}
}

// emulators are the names that qemu has for machines; this one needs none,
// nor does a 386 on an amd64.
var emulators = map[string]string{"amd64": "x86_64", "arm64": "aarch64", "loong64": "loongarch64", "mips64le": "mips64el"}

func emulatorFor(t *testing.T, tg model.Target) string {
	t.Helper()
	if tg.BPF || tg.GOARCH == runtime.GOARCH || tg.GOARCH == "386" && runtime.GOARCH == "amd64" {
		return ""
	}
	name := emulators[tg.GOARCH]
	if name == "" {
		name = tg.GOARCH
	}
	path, err := exec.LookPath("qemu-" + name + "-static")
	if err != nil {
		t.Skipf("qemu-user-static is not installed: nothing runs programs for %s (.ci/run has it)", tg.GOARCH)
	}
	return path
}

// filler makes C variables with values in all members, and the Go code that
// expects these values there.
type filler struct {
	t      *testing.T
	target model.Target
	abi    *model.ABI
	r      *rand.Rand
	header string
	source []byte
	// c is the C source after the header, body the Go functions.
	c, body strings.Builder
	vars    []string // C variables
	data    map[string][]byte
	leaves  int
	// top is the C type of the variable at hand, init its initialiser.
	top   string
	init  strings.Builder
	depth int
	pick  int    // which member of a union at the top
	array string // the flexible array whose elements are being initialised
}

func newFiller(t *testing.T, tg model.Target, header string, r *rand.Rand) *filler {
	t.Helper()
	a, err := cheader.Parse("x.h", []byte(header), cheader.Options{Target: tg})
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := check(Config{Package: "main"})
	if err != nil {
		t.Fatal(err)
	}
	files, err := lowerAll(cfg, []*model.ABI{a})
	if err != nil {
		t.Fatal(err)
	}
	p := &filler{t: t, target: tg, abi: a, r: r, header: header, data: map[string][]byte{}}
	if p.source, err = files[0].print(); err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, rec := range files[0].records {
		said[rec.cName] = true
		times := 2
		if rec.union {
			times = max(1, len(rec.members))
			if len(rec.members) > 0 && rec.members[len(rec.members)-1].kind == unionStore {
				times = max(1, len(rec.members[len(rec.members)-1].views))
			}
		}
		for k := range times {
			p.pick = k
			p.variable(rec)
		}
	}
	for _, rec := range a.Records {
		if !said[rec.Name] {
			t.Errorf("%s is left out: %v", rec.Name, files[0].skipped)
		}
	}
	return p
}

// order is how the program asks for the target's byte order: by the machine's,
// or by name.
func (p *filler) order() byteOrder {
	switch {
	case !p.target.BPF:
		return native
	case p.target.BigEndian:
		return big
	}
	return little
}

// variable adds a C variable of type rec, and the Go function that checks it.
func (p *filler) variable(rec *record) {
	name := fmt.Sprintf("value_%d", len(p.vars))
	p.vars = append(p.vars, name)
	p.top = rec.cType()
	p.init.Reset()
	fmt.Fprintf(&p.body, "func %s() {\nvar r, w %s\nsubject = %q\nin := data[%q]\n", name, rec.goName, rec.cType(), name)
	// Elements of a flexible array may lie where the record has its last hole.
	fixed := rec.size
	if v := p.flexibleOf(rec); v != nil {
		fixed = min(fixed, v.at/8)
	}
	fmt.Fprintf(&p.body, "fixed := append(append([]byte{}, in[:%d]...), make([]byte, %d)...)\n", fixed, rec.size-fixed)
	o := p.order()
	if o == native {
		p.body.WriteString("must(r.UnmarshalBinary(in) == nil, \"decode\")\n")
	} else {
		fmt.Fprintf(&p.body, "must(r.Decode%sEndian(in) == nil, \"decode\")\n", o)
	}
	p.record(rec, "", "w", "r")
	if o == native {
		p.body.WriteString("out, _ := w.AppendBinary(nil)\n")
		p.body.WriteString("equal(unsafe.Slice((*byte)(unsafe.Pointer(&w)), unsafe.Sizeof(w)), fixed)\n")
		p.body.WriteString("again, _ := r.AppendBinary(nil)\n")
	} else {
		fmt.Fprintf(&p.body, "out := w.Append%sEndian(nil)\nagain := r.Append%[1]sEndian(nil)\n", o)
	}
	p.body.WriteString("equal(again, fixed)\nout = append(out, make([]byte, len(in)-len(out))...)\n")
	p.flexible(rec)
	p.body.WriteString("equal(out, in)\n}\n\n")
	fmt.Fprintf(&p.c, "%s %s = {%s};\n", p.top, name, p.init.String())
}

// flexibleOf returns the flexible array of rec that C can initialise: no
// zero-length array, and none inside a union.
func (p *filler) flexibleOf(rec *record) *view {
	m := recordAt(p.abi, rec.cName)
	for i := range rec.flexible {
		v := &rec.flexible[i]
		if f := m.Field(v.field()); f != nil && m.Kind == model.Struct && strings.HasSuffix(strings.SplitAfter(f.Spelling, "]")[0], "[]") {
			return v
		}
	}
	return nil
}

// flexible fills the flexible array of the variable, if it has one.
func (p *filler) flexible(rec *record) {
	v := p.flexibleOf(rec)
	if v == nil {
		return
	}
	elem := model.Unqualified(recordAt(p.abi, rec.cName).Field(v.field()).Type).(model.Array).Elem
	suffix := ""
	if v.ordered {
		suffix = p.order().suffix()
	}
	const n = 3
	fmt.Fprintf(&p.body, "c, s := make([]%s, %d), make([]%[1]s, %[2]d)\nmust(r.%sIn(in) >= %[2]d, \"count\")\n", v.typ.spelling(), n, v.goName)
	fmt.Fprintf(&p.body, "must(r.%s%s(in, c) == nil, \"elements\")\n", v.goName, suffix)
	fmt.Fprintf(&p.body, "must(r.%s%s(in[:%d], c) != nil, \"short\")\n", v.goName, suffix, v.at/8+n*v.typ.size()-1)
	fmt.Fprintf(&p.body, "must(r.%sIn(in[:%d]) == %d, \"count of a short one\")\n", v.goName, v.at/8+n*v.typ.size()-1, n-1)
	p.array = "." + v.field()
	fmt.Fprintf(&p.init, " %s = {", p.array)
	for k := range n {
		index := fmt.Sprintf("[%d]", k)
		p.leaf(v.typ, elem, p.array+index, "s"+index, "c"+index)
	}
	p.array = ""
	p.init.WriteString("},")
	fmt.Fprintf(&p.body, "must(w.Set%s%s(out, s) == nil, \"elements\")\n", v.goName, suffix)
}

// record fills the members of rec, which is at path in C; s is the Go variable
// to set and c the one to check.
func (p *filler) record(rec *record, path, s, c string) {
	m := recordAt(p.abi, rec.cName)
	fields := map[string]model.Type{}
	for _, f := range promoted(m) {
		fields[f.Name] = f.Type
	}
	for i := range rec.members {
		x := &rec.members[i]
		switch x.kind {
		case plain:
			if !x.padding() {
				p.leaf(x.typ, fields[x.field()], path+"."+x.field(), s+"."+x.goName, c+"."+x.goName)
			}
		case unionStore:
			if len(x.views) > 0 {
				k := p.r.IntN(len(x.views))
				if path == "" && rec.union {
					k = p.pick % len(x.views)
				}
				p.view(&x.views[k], fields, path, s, c)
			}
		default:
			for k := range x.views {
				p.view(&x.views[k], fields, path, s, c)
			}
		}
	}
}

func (p *filler) view(v *view, fields map[string]model.Type, path, s, c string) {
	suffix := ""
	if v.ordered {
		suffix = p.order().suffix()
	}
	p.depth++
	sv, cv := fmt.Sprintf("s%d", p.depth), fmt.Sprintf("c%d", p.depth)
	fmt.Fprintf(&p.body, "{\nvar %s %s\n%s := %s.%s%s()\n_ = %[3]s\n", sv, v.typ.spelling(), cv, c, v.goName, suffix)
	path += "." + v.field()
	if v.width > 0 {
		p.bits(v, path, sv, cv)
	} else {
		p.leaf(v.typ, fields[v.field()], path, sv, cv)
	}
	fmt.Fprintf(&p.body, "%s.Set%s%s(%s)\n}\n", s, v.goName, suffix, sv)
	p.depth--
}

// bits fills a bit-field.
func (p *filler) bits(v *view, path, s, c string) {
	x := p.r.Uint64()
	if v.typ.(scalar).kind == signed {
		n := int64(x) >> (64 - v.width)
		p.value(path, fmt.Sprintf("(long long)%#xULL", uint64(n)), fmt.Sprint(n), s, c)
		return
	}
	x >>= 64 - v.width
	if v.typ.(scalar).kind == boolean {
		p.value(path, fmt.Sprint(x), fmt.Sprint(x != 0), s, c)
		return
	}
	p.value(path, fmt.Sprintf("%#xULL", x), fmt.Sprint(x), s, c)
}

// set gives what is at path its value in C.
func (p *filler) set(path, value string) {
	fmt.Fprintf(&p.init, " %s = %s,", strings.TrimPrefix(path, p.array), value)
}

// value fills one number.
func (p *filler) value(path, inC, inGo, s, c string) {
	p.leaves++
	p.set(path, inC)
	fmt.Fprintf(&p.body, "must(%s == %s, %q)\n%s = %s\n", c, inGo, path, s, inGo)
}

// leaf fills what is at path, of type t in Go and m in C.
func (p *filler) leaf(t goType, m model.Type, path, s, c string) {
	m = model.Unqualified(m)
	cast := fmt.Sprintf("(__typeof__(((%s *)0)->%s))", p.top, path[1:])
	if v, ok := m.(model.Vector); ok {
		var parts []string
		for i := range v.Len {
			inC, inGo := p.scalar(t.(array).elem.(scalar), v.Elem, "")
			parts = append(parts, inC)
			p.leaves++
			fmt.Fprintf(&p.body, "must(%s[%d] == %s, %q)\n%s[%[2]d] = %[3]s\n", c, i, inGo, path, s)
		}
		p.set(path, cast+"{"+strings.Join(parts, ", ")+"}")
		return
	}
	switch t := t.(type) {
	case scalar:
		inC, inGo := p.scalar(t, m, cast)
		p.value(path, inC, inGo, s, c)
	case wide:
		p.leaves++
		if !t.integer {
			p.set(path, fmt.Sprintf("%d.5L", p.r.IntN(1000)))
			fmt.Fprintf(&p.body, "must(%s != %s, %q)\n%[2]s = %[1]s\n", c, s, path)
			return
		}
		high, low := p.r.Uint64(), p.r.Uint64()
		p.set(path, fmt.Sprintf("%s((unsigned __int128)%#xULL << 64 | %#xULL)", cast, high, low))
		h := fmt.Sprint(high)
		if t.kind == signed {
			h = fmt.Sprint(int64(high))
		}
		fmt.Fprintf(&p.body, "if h, l := %s.Halves(); h != %s || l != %d {\nmust(false, %q)\n}\n%s.SetHalves(%[2]s, %[3]d)\n", c, h, low, path, s)
	case array:
		for i := range t.n {
			if i > 2 && i < t.n-1 {
				continue // a few are enough
			}
			index := fmt.Sprintf("[%d]", i)
			p.leaf(t.elem, m.(model.Array).Elem, path+index, s+index, c+index)
		}
	case embedded:
		p.record(t.rec, path, s, c)
	}
}

// scalar returns a value in C and in Go.
func (p *filler) scalar(t scalar, m model.Type, cast string) (inC, inGo string) {
	x := p.r.Uint64()
	switch t.kind {
	case boolean:
		return fmt.Sprint(x & 1), fmt.Sprint(x&1 != 0)
	case float:
		v := fmt.Sprintf("%d.%d", int(x%2001)-1000, []int{0, 25, 5, 75}[x>>32%4])
		return v, v
	case signed:
		n := int64(x) >> (64 - t.bits)
		return fmt.Sprintf("%s(long long)%#xULL", cast, uint64(n)), fmt.Sprint(n)
	}
	x >>= 64 - t.bits
	if _, ok := model.Unqualified(m).(model.Pointer); ok {
		cast += "(__UINTPTR_TYPE__)"
	}
	return fmt.Sprintf("%s%#xULL", cast, x), fmt.Sprint(x)
}

// compile lets the C compiler store the values and takes them from the object.
func (p *filler) compile(clang string) {
	p.t.Helper()
	dir := p.t.TempDir()
	src, obj := filepath.Join(dir, "values.c"), filepath.Join(dir, "values.o")
	if err := os.WriteFile(src, []byte(p.header+"\n"+p.c.String()), 0o644); err != nil {
		p.t.Fatal(err)
	}
	if out, err := exec.Command(clang, "-target", triples[p.target.Name], "-c", "-w", "-std=gnu2x", "-o", obj, src).CombinedOutput(); err != nil {
		p.t.Fatalf("%v\n%.3000s", err, out)
	}
	f, err := elf.Open(obj)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	symbols, err := f.Symbols()
	if err != nil {
		p.t.Fatal(err)
	}
	contents := map[elf.SectionIndex][]byte{}
	for _, s := range symbols {
		if elf.ST_TYPE(s.Info) != elf.STT_OBJECT {
			continue
		}
		section := f.Sections[s.Section]
		if section.Type == elf.SHT_NOBITS {
			p.data[s.Name] = make([]byte, s.Size)
			continue
		}
		if contents[s.Section] == nil {
			if contents[s.Section], err = section.Data(); err != nil {
				p.t.Fatal(err)
			}
		}
		p.data[s.Name] = contents[s.Section][s.Value:][:s.Size]
	}
}

// program is the Go source that goes with the generated one.
func (p *filler) program() []byte {
	var b strings.Builder
	b.WriteString("package main\n\nimport \"unsafe\"\n\nvar _ unsafe.Pointer\n\nvar data = map[string][]byte{\n")
	for _, v := range p.vars {
		fmt.Fprintf(&b, "%q: []byte(\"", v)
		for _, c := range p.data[v] {
			fmt.Fprintf(&b, "\\x%02x", c)
		}
		b.WriteString("\"),\n")
	}
	b.WriteString(`}

var subject string
var failed bool

func must(ok bool, what string) {
	if !ok {
		println(subject, what)
		failed = true
	}
}

func equal(got, want []byte) {
	if string(got) == string(want) {
		return
	}
	const digits = "0123456789abcdef"
	hex := func(b []byte) string {
		s := ""
		for _, c := range b {
			s += digits[c>>4:c>>4+1] + digits[c&15:c&15+1]
		}
		return s
	}
	println(subject, "wrote", hex(got), "C has", hex(want))
	failed = true
}

func main() {
`)
	for _, v := range p.vars {
		b.WriteString(v + "()\n")
	}
	b.WriteString("if failed {\npanic(\"see above\")\n}\n}\n\n")
	b.WriteString(p.body.String())
	return []byte(b.String())
}
