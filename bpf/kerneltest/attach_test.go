// SPDX-License-Identifier: MIT

//go:build linux

package kerneltest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/cilium/ebpf"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf"
	"github.com/fuseiomap/abigen/bpf/internal/testobject"
	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/internal/testmod"
)

func testObject(t *testing.T, name string) *bpf.Object {
	t.Helper()
	o, err := bpf.ReadObject(testobject.Open(name))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// loaded loads an object for a FUSE device file.
func loaded(t *testing.T, name string, opts bpf.Options) *bpf.Ops {
	t.Helper()
	ops, err := bpf.Load(t.Context(), testObject(t, name), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ops.Close() })
	return ops
}

func attached(t *testing.T, ops *bpf.Ops) *bpf.Link {
	t.Helper()
	l, err := ops.Attach(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// answerLength is the length that a program of several.c answers with, or 0 where the
// server is asked.
func answerLength(t *testing.T, c *testmod.Caller) uint64 {
	t.Helper()
	out, ret, err := c.Begin(1, abi.IomapBeginIn{Pos: 4096, Count: 4096})
	if errors.Is(err, syscall.ENOLINK) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	if ret != abi.FIB_HANDLED {
		return 0
	}
	return out.Read.Length
}

func TestSupportedNamesRevisionAndModule(t *testing.T) {
	d := needModule(t)
	s := bpf.Supported(t.Context())
	if s.Answer != bpf.Yes || s.Err != nil || s.Revision != revision(t, d) || s.Where != testmod.Name {
		t.Errorf("%+v, want yes, %s in %s", s, revision(t, d), testmod.Name)
	}
	for _, want := range []string{"fuse_iomap_bpf_ops is in module " + testmod.Name, revision(t, d)} {
		if !strings.Contains(s.Reason, want) {
			t.Errorf("%q does not say %q", s.Reason, want)
		}
	}
}

func TestEveryAttachErrorHasItsMeaning(t *testing.T) {
	d := needModule(t)
	ctx := t.Context()
	fuse := int(fuseDevice(t).Fd())
	other, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	load := func(object string, opts bpf.Options) func() error {
		return func() error {
			ops, err := bpf.Load(ctx, testObject(t, object), opts)
			if err == nil {
				_ = ops.Close()
			}
			return err
		}
	}
	attach := func(prepare func(fuse *os.File)) func() error {
		return func() error {
			f := fuseDevice(t)
			ops, err := bpf.Load(ctx, testObject(t, "r2"), bpf.Options{Device: int(f.Fd())})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = ops.Close() }()
			prepare(f)
			l, err := ops.Attach(ctx)
			if err == nil {
				_ = l.Close()
			}
			return err
		}
	}
	set := func(s testmod.State) func(*os.File) {
		return func(f *os.File) {
			if err := d.Set(int(f.Fd()), s); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, test := range []struct {
		name  string
		fail  func() error
		want  error
		errno syscall.Errno
		text  string
	}{
		{"bad descriptor", load("r2", bpf.Options{Device: 1 << 20}), bpf.ErrBadFD, syscall.EBADF, "give the descriptor of /dev/fuse"},
		{"closed after loading", attach(func(f *os.File) { _ = f.Close() }), bpf.ErrBadFD, syscall.EBADF, "keep it open"},
		{"another file", load("r2", bpf.Options{Device: int(other.Fd())}), bpf.ErrNotFUSE, 0, "which is " + os.DevNull},
		{"without iomap", attach(set(testmod.NoIomap)), bpf.ErrNoIomap, syscall.EOPNOTSUPP, "answer INIT with FUSE_IOMAP"},
		{"connection gone", attach(set(testmod.Gone)), bpf.ErrNotMounted, syscall.ENOTCONN, "has been unmounted"},
		{"second attach", attach(func(f *os.File) {
			attached(t, loaded(t, "r2", bpf.Options{Device: int(f.Fd())}))
		}), bpf.ErrBusy, syscall.EBUSY, "detach the other, or use Link.Replace"},
		{"empty name", load("values", bpf.Options{Device: fuse, Ops: "unnamed"}), bpf.ErrName, 0, "it is empty"},
		{"long name", load("values", bpf.Options{Device: fuse, Ops: "full"}), bpf.ErrName, 0, "give at most 15"},
		{"illegal name", load("values", bpf.Options{Device: fuse, Ops: "slash"}), bpf.ErrName, 0, "is not one of [A-Za-z0-9_.]"},
		{"illegal name in the options", load("r2", bpf.Options{Device: fuse, Name: "a b"}), bpf.ErrName, 0, "Options.Name"},
		{"zeropad", load("values", bpf.Options{Device: fuse, Ops: "padded"}), bpf.ErrZeropad, 0, "it is 0x7"},
	} {
		err := test.fail()
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
			continue
		}
		if test.errno != 0 && !errors.Is(err, test.errno) {
			t.Errorf("%s: %v, want errno %v", test.name, err, test.errno)
		}
		if !strings.Contains(err.Error(), test.text) || !strings.HasPrefix(err.Error(), "bpf: ") {
			t.Errorf("%s: %q does not say %q", test.name, err, test.text)
		}
		t.Logf("%s: %v", test.name, err)
	}
}

// child is the environment variable in which a process that this test has started
// is told what it is.
const child = "ABIGEN_CHILD"

// An unprivileged process of its own, with a descriptor that it could attach to.
func TestUnprivilegedUserIsToldWhatItLacks(t *testing.T) {
	if os.Getenv(child) == "unprivileged" {
		s := bpf.Supported(t.Context())
		fmt.Println("supported:", s.Answer, errors.Is(s.Err, bpf.ErrPermission), s.Where, s.Reason)
		_, err := programs.Attach(t.Context(), 3, programs.PatternParams{Device: 1}, bpf.Options{})
		fmt.Println("attach:", errors.Is(err, bpf.ErrPermission), errors.Is(err, syscall.EPERM), err)
		return
	}
	needModule(t)
	const nobody = 65534
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), child+"=unprivileged")
	cmd.ExtraFiles = []*os.File{fuseDevice(t)}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		"supported: no true " + testmod.Name,
		"attach: true true programs: pattern: bpf: object: no permission: the kernel does not let it load programs: the process needs CAP_BPF and CAP_PERFMON",
	} {
		if !bytes.Contains(out, []byte(want)) {
			t.Errorf("it does not say %q", want)
		}
	}
	t.Logf("%s", out)
}

// What the kernel would take and we do not: the comparison is what refuses.
func TestPrototypesAreComparedBeforeTheKernelSeesThem(t *testing.T) {
	d := needModule(t)
	fuse := int(fuseDevice(t).Fd())
	for _, name := range []string{"r1", "swapped_types"} {
		_, err := bpf.Load(t.Context(), testObject(t, name), bpf.Options{Device: fuse})
		var incompatible *bpf.IncompatibleError
		if !errors.As(err, &incompatible) || incompatible.KernelRevision != revision(t, d) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !strings.Contains(err.Error(), "fuse_iomap_bpf_ops.iomap_begin") {
			t.Errorf("%s: it does not say which callback: %v", name, err)
		}
		t.Log(err)
		forced, err := bpf.Load(t.Context(), testObject(t, name), bpf.Options{Device: fuse, SkipComparison: true})
		if err != nil {
			t.Errorf("%s: the kernel does not take it: %v", name, err)
			continue
		}
		l, err := forced.Attach(t.Context())
		if err != nil {
			t.Errorf("%s: the kernel does not attach it: %v", name, err)
			continue
		}
		if !slices.ContainsFunc(forced.Comparison().Findings, func(f drift.Finding) bool { return f.Severity == drift.Breaking }) {
			t.Errorf("%s: what was overridden is not to be seen", name)
		}
		_ = l.Close()
	}
}

func TestParametersOfOneTypeAreReportedAsNotCheckable(t *testing.T) {
	needModule(t)
	ops := loaded(t, "swapped_alike", bpf.Options{Device: int(fuseDevice(t).Fd())})
	if !slices.ContainsFunc(ops.Comparison().Unchecked, func(u drift.Unchecked) bool {
		return u.Evidence == model.ParameterNames && slices.Contains(u.Subjects, "fuse_iomap_bpf_ops.iomap_begin#2,#3")
	}) {
		t.Errorf("%+v", ops.Comparison().Unchecked)
	}
}

// An object for revision 2 loads on revision 4 if it asks before it relies on the
// inode, and the verifier refuses it if it does not.
func TestGuardedObjectLoadsOnEveryRevision(t *testing.T) {
	d := needModule(t)
	f := fuseDevice(t)
	l, err := programs.Attach(t.Context(), int(f.Fd()), programs.StripeParams{
		ChunkSize: 4096, Devices: []uint32{1, 2}, Files: []programs.StripeFile{{Inode: 42, Length: 1 << 20}},
	}, bpf.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	c := caller(t, d, f)
	out, ret, err := c.Begin(42, abi.IomapBeginIn{Pos: 4096, Count: 1})
	if err != nil || ret != abi.FIB_HANDLED || out.Read.Dev != 2 {
		t.Errorf("%+v, %v, %v", out, ret, err)
	}
	if _, ret, err := c.Begin(43, abi.IomapBeginIn{Pos: 4096, Count: 1}); err != nil || ret != abi.FIB_FALLBACK {
		t.Errorf("another inode: %v, %v", ret, err)
	}
	ops, err := bpf.Load(t.Context(), testObject(t, "unguarded"), bpf.Options{Device: int(f.Fd())})
	var verifier *bpf.VerifierError
	switch {
	case revision(t, d) != "R4" && err != nil:
		t.Error(err)
	case revision(t, d) == "R4" && !errors.As(err, &verifier):
		t.Errorf("the verifier takes it: %v", err)
	case verifier != nil && (verifier.Program != "begin" || verifier.Callback != "iomap_begin"):
		t.Errorf("%+v", verifier)
	}
	if ops != nil {
		_ = ops.Close()
	}
}

func TestEachOfSeveralOpsHasItsOwnPrograms(t *testing.T) {
	d := needModule(t)
	f := fuseDevice(t)
	c := caller(t, d, f)
	o := testObject(t, "several")
	if _, err := bpf.Load(t.Context(), o, bpf.Options{Device: int(f.Fd())}); !errors.Is(err, bpf.ErrManyOps) {
		t.Errorf("which one: %v", err)
	}
	// What iomap_begin answers, and whether iomap_end does.
	want := map[string]struct {
		length uint64
		ended  abi.IomapBPFRet
	}{"one": {1, abi.FIB_HANDLED}, "two": {2, abi.FIB_FALLBACK}, "three": {0, abi.FIB_FALLBACK}, "four": {2, abi.FIB_HANDLED}}
	for range 10 {
		for name, w := range want {
			ops, err := bpf.Load(t.Context(), o, bpf.Options{Device: int(f.Fd()), Ops: name})
			if err != nil {
				t.Fatal(err)
			}
			l, err := ops.Attach(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got := answerLength(t, c); got != w.length {
				t.Errorf("%s: the answer is %d bytes, want %d", name, got, w.length)
			}
			if ret, err := c.End(1, abi.IomapEndIn{}); ret != w.ended || err != nil {
				t.Errorf("%s: iomap_end: %v, %v", name, ret, err)
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestReplaceGoesBackWhenTheNewOneCannotBeAttached(t *testing.T) {
	d := needModule(t)
	f, deaf := fuseDevice(t), fuseDevice(t)
	c := caller(t, d, f)
	l := attached(t, loaded(t, "several", bpf.Options{Device: int(f.Fd()), Ops: "one"}))
	if n := answerLength(t, c); n != 1 {
		t.Fatalf("the first answers with %d", n)
	}
	if err := l.Replace(t.Context(), loaded(t, "several", bpf.Options{Device: int(f.Fd()), Ops: "two"})); err != nil {
		t.Fatal(err)
	}
	if n := answerLength(t, c); n != 2 {
		t.Errorf("after Replace the answer is %d", n)
	}
	if err := d.Set(int(deaf.Fd()), testmod.NoIomap); err != nil {
		t.Fatal(err)
	}
	err := l.Replace(t.Context(), loaded(t, "several", bpf.Options{Device: int(deaf.Fd()), Ops: "one"}))
	if !errors.Is(err, bpf.ErrNoIomap) || errors.Is(err, bpf.ErrDetached) {
		t.Errorf("%v", err)
	}
	if n := answerLength(t, c); n != 2 {
		t.Errorf("the old one has not come back: %d", n)
	}
	if err := l.Detach(); err != nil {
		t.Error(err)
	}
	if n := answerLength(t, c); n != 0 {
		t.Errorf("after Detach the answer is %d", n)
	}
}

func TestConnectionThatIsGoneLeavesNothingToDetach(t *testing.T) {
	d := needModule(t)
	f := fuseDevice(t)
	l := attached(t, loaded(t, "r2", bpf.Options{Device: int(f.Fd())}))
	if err := d.Set(int(f.Fd()), testmod.Gone); err != nil {
		t.Fatal(err)
	}
	if info, err := d.Info(); err != nil || info.Attached != 0 {
		t.Errorf("%+v, %v", info, err)
	}
	next := loaded(t, "r2", bpf.Options{Device: int(f.Fd())})
	if err := l.Replace(t.Context(), next); !errors.Is(err, bpf.ErrNotMounted) || !errors.Is(err, bpf.ErrDetached) {
		t.Errorf("Replace: %v", err)
	}
	// Another one, which nobody has touched since.
	f = fuseDevice(t)
	l = attached(t, loaded(t, "r2", bpf.Options{Device: int(f.Fd())}))
	if err := d.Set(int(f.Fd()), testmod.Gone); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := l.Detach(); err != nil {
			t.Error(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// What reading the code of the call says is what calling shows.
func TestEightArgumentsAreRefusedWhereTheyDoNotArrive(t *testing.T) {
	d := needModule(t)
	f := fuseDevice(t)
	p, err := d.EightArguments()
	if err != nil {
		t.Fatal(err)
	}
	want := map[testmod.Arrival]bpf.Answer{testmod.Right: bpf.Yes, testmod.Wrong: bpf.No}[p.Arrival]
	got := bpf.EightArguments(t.Context())
	if got.Right != want || !strings.Contains(got.Evidence, "the code that this kernel makes") {
		t.Errorf("%+v, want %v", got, want)
	}
	t.Logf("%+v", got)
	opts := bpf.Options{Device: int(f.Fd())}
	ops, err := bpf.Load(t.Context(), testObject(t, "ioend"), opts)
	if want == bpf.Yes {
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = ops.Close() }()
		if len(ops.Omitted()) > 0 {
			t.Errorf("%v were left out", ops.Omitted())
		}
		attached(t, ops)
		out, ret, err := caller(t, d, f).Ioend(1, abi.IomapIoendIn{NewAddr: 0x123456789}, 0)
		if err != nil || ret != abi.FIB_HANDLED || out.Newsize != 0x123456789 {
			t.Errorf("%+v, %v, %v", out, ret, err)
		}
		return
	}
	if !errors.Is(err, bpf.ErrEightArguments) || !strings.Contains(err.Error(), "Options.AllowPartial") {
		t.Errorf("%v", err)
	}
	t.Log(err)
	opts.AllowPartial = true
	partial := loaded(t, "ioend", opts)
	if !slices.Equal(partial.Omitted(), []string{"iomap_ioend"}) {
		t.Errorf("%v were left out", partial.Omitted())
	}
	attached(t, partial)
	if _, ret, err := caller(t, d, f).Begin(1, abi.IomapBeginIn{}); err != nil || ret != abi.FIB_FALLBACK {
		t.Errorf("%v, %v", ret, err)
	}
	s, err := partial.Statistics()
	if err != nil || len(s.Callbacks) != 2 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestStatisticsCountEachCallback(t *testing.T) {
	d := needModule(t)
	f := fuseDevice(t)
	c := caller(t, d, f)
	l := attached(t, loaded(t, "several", bpf.Options{Device: int(f.Fd()), Ops: "one"}))
	answerLength(t, c)                // not counted
	stats, err := ebpf.EnableStats(0) // BPF_STATS_RUN_TIME
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stats.Close() }()
	for range 7 {
		answerLength(t, c)
	}
	for range 3 {
		if _, err := c.End(1, abi.IomapEndIn{}); err != nil {
			t.Fatal(err)
		}
	}
	s, err := l.Statistics()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]uint64{}
	for _, cb := range s.Callbacks {
		got[cb.Callback+" "+cb.Program] = cb.Calls
	}
	if len(got) != 2 || got["iomap_begin begin_one"] != 7 || got["iomap_end end_one"] != 3 {
		t.Errorf("%v", got)
	}
}
