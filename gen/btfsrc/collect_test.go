// SPDX-License-Identifier: MIT

package btfsrc

import (
	"slices"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
)

func TestNameDeclaredTwiceIsListedOnceAndSaidSo(t *testing.T) {
	e := newEncoder(false)
	i := e.integer("int", 4, encodedSigned)
	first := e.record(kindStruct, "twin", 4, member{"a", i, 0})
	e.record(kindStruct, "twin", 8, member{"a", i, 0}, member{"b", i, 32})
	e.record(kindStruct, "same", 4, member{"a", i, 0})
	e.record(kindStruct, "same", 4, member{"a", i, 0})
	e.record(kindStruct, "holder", 4, member{"t", first, 0})
	e.add(kindEnum, "mode", 1, false, 4, e.str("A"), 1)
	e.add(kindEnum, "mode", 1, false, 4, e.str("A"), 2)
	const want = `struct holder 4: struct twin t@0
struct same 4: s32 a@0
struct twin 4: s32 a@0
enum mode 4: A=1
skipped mode: enum mode is declared 2 times, not always alike: the first is used
skipped twin: struct twin is declared 2 times, not always alike: the first is used
`
	if got := text(mustRead(t, e.blob(), Options{})); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	// What is pulled in is the declaration that is listed when it is asked for.
	got := text(mustRead(t, e.blob(), Options{Keep: func(n string) bool { return n == "holder" }}))
	if !strings.Contains(got, "struct twin 4: s32 a@0\n") || strings.Contains(got, "same") {
		t.Errorf("holder brings\n%s", got)
	}
}

func TestTagMeansTheTagAlsoBehindATypedefOfTheSameName(t *testing.T) {
	e := newEncoder(false)
	i := e.integer("int", 4, encodedSigned)
	e.typedef("point", e.record(kindStruct, "", 4, member{"other", i, 0}))
	e.record(kindStruct, "point", 4, member{"x", i, 0})
	sameLines(t, "struct point 4: s32 x@0\nskipped point: struct point is declared 2 times, not always alike: the first is used", text(mustRead(t, e.blob(), Options{})))
}

func TestRegisteredDeclarationWinsOverItsNamesake(t *testing.T) {
	e := newEncoder(false)
	i := e.integer("int", 4, encodedSigned)
	e.record(kindStruct, "my_ops", 4, member{"local", i, 0})
	ops := e.record(kindStruct, "my_ops", 8, member{"a", i, 0}, member{"b", i, 32})
	e.record(kindStruct, wrapperPrefix+"my_ops", 128, member{"common", e.array(i, 2), 0}, member{"data", ops, 512})
	got := text(mustRead(t, e.blob(), Options{Keep: func(n string) bool { return n == "my_ops" }}))
	const want = `struct my_ops 8 registered: s32 a@0, s32 b@4
skipped my_ops: struct my_ops is declared 2 times, not always alike: the registered one is used
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestOnlyARealWrapperRegisters(t *testing.T) {
	e := newEncoder(false)
	i := e.integer("int", 4, encodedSigned)
	for _, name := range append(slices.Clone(notWrappers), "bare") {
		inner := e.record(kindStruct, name, 4, member{"a", i, 0})
		m := member{"data", inner, 512}
		if name == "bare" {
			// Right name, but nothing of that type inside.
			m.typ = i
		}
		e.record(kindStruct, wrapperPrefix+name, 128, m)
	}
	for _, r := range mustRead(t, e.blob(), Options{}).Records {
		if r.Registered {
			t.Errorf("%s counts as registered", r.Name)
		}
	}
}

func TestStubOfAnotherTypeLendsNoNames(t *testing.T) {
	for _, c := range []struct {
		what string
		stub func(e *encoder, i, l uint32)
		want string
	}{
		{"same", func(e *encoder, i, l uint32) { e.function("o__f", 0, i, member{"pos", l, 0}) }, "callback int o.f(long long pos)\n"},
		{"other width", func(e *encoder, i, l uint32) { e.function("o__f", 0, i, member{"pos", i, 0}) }, "callback int o.f(long long)\n"},
		{"other count", func(e *encoder, i, l uint32) { e.function("o__f", 0, i, member{"pos", l, 0}, member{"n", l, 0}) }, "callback int o.f(long long)\n"},
		{"other result", func(e *encoder, i, l uint32) { e.function("o__f", 0, l, member{"pos", l, 0}) }, "callback int o.f(long long)\n"},
		{"second of two functions", func(e *encoder, i, l uint32) {
			e.function("o__f", 0, i)
			e.function("o__f", 0, i, member{"pos", l, 0})
		}, "callback int o.f(long long pos)\n"},
	} {
		t.Run(c.what, func(t *testing.T) {
			e := newEncoder(false)
			i, l := e.integer("int", 4, encodedSigned), e.integer("long long", 8, encodedSigned)
			e.record(kindStruct, "o", 8, member{"f", e.pointer(e.prototype(i, member{"", l, 0})), 0})
			c.stub(e, i, l)
			if got := text(mustRead(t, e.blob(), Options{})); !strings.HasSuffix(got, "\n"+c.want) {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

func TestKernelWithoutAnyKfuncMarkSaysNothingAboutKfuncs(t *testing.T) {
	e := newEncoder(false)
	f := e.function("old_kfunc", 1, 0)
	if a := mustRead(t, e.blob(), Options{}); a.Can(model.Kfuncs) || len(a.Prototypes) != 0 {
		t.Errorf("no mark: attests %v, lists %d", a.Attests, len(a.Prototypes))
	}
	e.add(kindDeclTag, "bpf_kfunc", 0, false, f, ^uint32(0))
	// The evidence is complete also for what was asked for and is not there.
	a := mustRead(t, e.blob(), Options{Keep: func(n string) bool { return n == "other" }})
	if !a.Can(model.Kfuncs) || len(a.Prototypes) != 0 {
		t.Errorf("one mark: attests %v, lists %d", a.Attests, len(a.Prototypes))
	}
}

func TestOnlyAMarkOnTheFunctionItselfMakesAKfunc(t *testing.T) {
	e := newEncoder(false)
	i := e.integer("int", 4, encodedSigned)
	e.add(kindDeclTag, "bpf_fastcall", 0, false, e.function("fast", 1, i), ^uint32(0))
	e.add(kindDeclTag, "bpf_kfunc", 0, false, e.function("parameter", 1, i, member{"p", i, 0}), 0)
	e.add(kindDeclTag, "bpf_kfunc", 0, false, e.function("real", 1, i), ^uint32(0))
	sameLines(t, "kfunc int real()", text(mustRead(t, e.blob(), Options{})))
}

func TestProgramsOtherExternalFunctionsAreNoKfuncs(t *testing.T) {
	e := newEncoder(false)
	k, f := e.function("called", linkageExtern, 0), e.function("linked", linkageExtern, 0)
	e.function("defined", 1, 0)
	e.add(kindDatasec, ".ksyms", 1, false, 0, k, 0, 0)
	a := mustRead(t, e.blob(), Options{})
	sameLines(t, "kfunc void called()\nfunction void linked()", text(a))
	if _ = f; a.Side != model.SideProgram {
		t.Errorf("side %s", a.Side)
	}
	if a = mustRead(t, e.blob(), Options{Side: model.SideContract}); a.Side != model.SideContract {
		t.Errorf("side %s, asked for %s", a.Side, model.SideContract)
	}
}

func TestKeepGivesWhatSelectGives(t *testing.T) {
	for _, name := range []string{"kernel-R4.btf", "header-R4.btf", "fuse_bpf_ops.btf"} {
		all := readFixture(t, name)
		for _, prefix := range []string{"fuse_iomap_begin_out", "fuse_iomap_bpf_ops", "bpf_struct_ops_fuse", "fuse_bpf_", "FIB_", "nothing"} {
			keep := func(n string) bool { return strings.HasPrefix(n, prefix) }
			a, err := Read(name, fixture(t, name), Options{Keep: keep})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := text(a), text(all.Select(keep)); got != want {
				t.Errorf("%s, %s*: got\n%swant\n%s", name, prefix, got, want)
			}
		}
	}
}

func TestWhatTheModelCannotHoldIsSkippedWithItsReason(t *testing.T) {
	e := newEncoder(false)
	i := e.integer("int", 4, encodedSigned)
	fwd := e.add(kindForward, "hidden", 0, false, 0)
	e.record(kindStruct, "a", 4, member{"h", fwd, 0})
	e.record(kindStruct, "b", 4, member{"f", e.prototype(i), 0})
	e.record(kindStruct, "c", 4, member{"v", 0, 0})
	e.record(kindStruct, "d<int>", 4, member{"v", i, 0})
	e.record(kindStruct, "e", 4, member{"v.x", i, 0})
	e.record(kindStruct, "f", 8, member{"d", e.pointer(e.record(kindStruct, "d<int>", 4)), 0})
	e.add(kindEnum, "g", 1, false, 4, e.str("A-B"), 1)
	e.record(kindStruct, "ok", 4, member{"v", i, 0})
	sameLines(t, `struct ok 4: s32 v@0
skipped a: struct: member "h": is struct hidden, which is only declared
skipped b: struct: member "f": is a function, which has no size
skipped c: struct: member "v": is void, which has no size
skipped d<int>: struct: its name is no C identifier
skipped e: struct: member "v.x": is no C identifier
skipped f: struct: member "d": refers to "d<int>", which is no C identifier
skipped g: enum: enumerator "A-B" is no C identifier`, text(mustRead(t, e.blob(), Options{})))
}
