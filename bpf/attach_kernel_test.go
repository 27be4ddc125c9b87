// SPDX-License-Identifier: MIT

//go:build linux

package bpf

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"

	"github.com/fuseiomap/abigen/gen/btfsrc"
)

// What does not depend on the type is tried with congestion control, which every
// kernel with CONFIG_INET has.
var congestion = opsType{name: "tcp_congestion_ops"}

// needCongestion skips where programs of that type cannot be loaded.
func needCongestion(tb testing.TB) {
	tb.Helper()
	if s := supported(tb.Context(), congestion); s.Answer != Yes {
		tb.Skip("running kernel: " + s.Reason)
	}
}

// loadCongestion loads one of the variables of tcp.c.
func loadCongestion(tb testing.TB, o *Object, opts Options) *Ops {
	tb.Helper()
	ops, err := load(tb.Context(), o, opts, congestion)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = ops.Close() })
	return ops
}

// available reports whether the kernel offers a congestion control.
func available(tb testing.TB, name string) bool {
	tb.Helper()
	b, err := os.ReadFile("/proc/sys/net/ipv4/tcp_available_congestion_control")
	if err != nil {
		tb.Skipf("running kernel: %v", err)
	}
	return slices.Contains(strings.Fields(string(b)), name)
}

// descriptors lists what is open, but for the sockets and pipes of others.
func descriptors(tb testing.TB) []string {
	tb.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		tb.Fatal(err)
	}
	var open []string
	for _, e := range entries {
		to, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err == nil && (strings.Contains(to, "bpf") || strings.Contains(to, "btf")) {
			open = append(open, to)
		}
	}
	slices.Sort(open)
	return open
}

func TestAttachDetachAndAttachAgain(t *testing.T) {
	needCongestion(t)
	before := descriptors(t)
	ops := loadCongestion(t, testObject(t, "tcp"), Options{Ops: "two"})
	if ops.Name() != "abigen_two" || available(t, "abigen_two") {
		t.Fatalf("%s is there before it is attached", ops.Name())
	}
	for range 2 {
		link, err := ops.Attach(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if on, err := link.Attached(); !on || err != nil {
			t.Errorf("attached: %v, %v", on, err)
		}
		if !available(t, "abigen_two") {
			t.Error("it is attached and not there")
		}
		if _, err := ops.Attach(t.Context()); !errors.Is(err, ErrBusy) || !errors.Is(err, syscall.EEXIST) {
			t.Errorf("a second time: %v", err)
		}
		for range 2 {
			if err := link.Detach(); err != nil {
				t.Error(err)
			}
		}
		if on, err := link.Attached(); on || err != nil {
			t.Errorf("detached: %v, %v", on, err)
		}
		if available(t, "abigen_two") {
			t.Error("it is detached and still there")
		}
	}
	for range 2 {
		if err := ops.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := ops.Attach(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	if _, err := ops.Statistics(); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	if diff := cmp.Diff(before, descriptors(t)); diff != "" {
		t.Errorf("descriptors left over: %s", diff)
	}
}

func TestNameComesFromTheOptions(t *testing.T) {
	needCongestion(t)
	ops := loadCongestion(t, testObject(t, "tcp"), Options{Ops: "one", Name: "abigen.other"})
	link, err := ops.Attach(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !available(t, "abigen.other") || available(t, "abigen_one") {
		t.Error("it has another name")
	}
	if err := link.Close(); err != nil {
		t.Error(err)
	}
	if _, err := ops.Statistics(); !errors.Is(err, ErrClosed) {
		t.Errorf("closing the link closes the ops: %v", err)
	}
}

// Many loads of an object with several ops variables of one type; for each
// the kernel itself says which program is in which member.
func TestEachMemberGetsItsOwnProgram(t *testing.T) {
	needCongestion(t)
	loads := 200
	if n, err := strconv.Atoi(os.Getenv("ABIGEN_LOADS")); err == nil {
		loads = n
	}
	o := testObject(t, "tcp")
	variables := o.Ops()
	k, err := findType(t.Context(), congestion.name)
	if err != nil {
		t.Fatal(err)
	}
	for i := range loads {
		v := variables[i%len(variables)]
		ops, err := load(t.Context(), o, Options{Ops: v.Name}, congestion)
		if err != nil {
			t.Fatalf("load %d, %s: %v", i, v.Name, err)
		}
		b, err := ops.Collection().Maps[v.Name].LookupBytes(uint32(0))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, member := range k.callbacks() {
			slot, _ := k.slot(member)
			id := binary.NativeEndian.Uint64(b[k.data+slot:])
			if id == 0 {
				continue
			}
			p, err := ebpf.NewProgramFromID(ebpf.ProgramID(id))
			if err != nil {
				t.Fatalf("load %d, %s.%s: program %d: %v", i, v.Name, member, id, err)
			}
			info, err := p.Info()
			if err != nil {
				t.Fatal(err)
			}
			got[member] = info.Name
			_ = p.Close()
		}
		if diff := cmp.Diff(v.Programs, got); diff != "" {
			t.Fatalf("load %d, %s: %s", i, v.Name, diff)
		}
		if err := ops.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d loads, every program in its member", loads)
}

func TestReplaceGoesBackWhenTheNewOneCannotBeAttached(t *testing.T) {
	needCongestion(t)
	o := testObject(t, "tcp")
	old := loadCongestion(t, o, Options{Ops: "one"})
	next := loadCongestion(t, o, Options{Ops: "two"})
	link, err := old.Attach(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = link.Close() }()
	if err := link.Replace(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	if link.Ops() != next || available(t, "abigen_one") || !available(t, "abigen_two") {
		t.Error("the new one has not taken the place of the old one")
	}

	// Somebody else has the name that the third one wants.
	rival, err := loadCongestion(t, o, Options{Ops: "one"}).Attach(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rival.Close() }()
	if err := link.Replace(t.Context(), old); !errors.Is(err, ErrBusy) {
		t.Errorf("a name that is taken: %v", err)
	}
	if on, _ := link.Attached(); !on || link.Ops() != next || !available(t, "abigen_two") {
		t.Error("the old one has not come back")
	}

	// What cannot work detaches nothing.
	closed := loadCongestion(t, o, Options{Ops: "three"})
	_ = closed.Close()
	if err := link.Replace(t.Context(), closed); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed one: %v", err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := link.Replace(canceled, old); !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled context: %v", err)
	}
	if err := link.Replace(t.Context(), nil); err == nil {
		t.Error("nothing at all: no error")
	}
	if on, _ := link.Attached(); !on {
		t.Error("it is not attached any more")
	}
	if err := link.Detach(); err != nil {
		t.Fatal(err)
	}
	if err := link.Replace(t.Context(), old); !errors.Is(err, ErrDetached) {
		t.Errorf("a detached link: %v", err)
	}
}

// Where neither can be attached the link is detached, and says so.
func TestReplaceSaysWhenNothingIsAttachedAnyMore(t *testing.T) {
	needCongestion(t)
	o := testObject(t, "tcp")
	old := loadCongestion(t, o, Options{Ops: "one"})
	link, err := old.Attach(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// The old one is closed while it is attached, which detaches nothing.
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	if !available(t, "abigen_one") {
		t.Error("closing has detached it")
	}
	rival, err := loadCongestion(t, o, Options{Ops: "two"}).Attach(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rival.Close() }()
	err = link.Replace(t.Context(), loadCongestion(t, o, Options{Ops: "two"}))
	if !errors.Is(err, ErrBusy) || !errors.Is(err, ErrDetached) || !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
	if on, err := link.Attached(); on || err != nil {
		t.Errorf("attached: %v, %v", on, err)
	}
}

func TestNoErrorLeavesAnythingBehind(t *testing.T) {
	needCongestion(t)
	o := testObject(t, "tcp")
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	fails := map[string]func() error{
		"canceled": func() error { _, err := load(canceled, o, Options{Ops: "one"}, congestion); return err },
		"no such":  func() error { _, err := load(t.Context(), o, Options{Ops: "ten"}, congestion); return err },
		"other map": func() error {
			m, err := ebpf.NewMap(&ebpf.MapSpec{Type: ebpf.Hash, KeySize: 8, ValueSize: 8, MaxEntries: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = m.Close() }()
			_, err = load(t.Context(), o, Options{Ops: "one", MapReplacements: map[string]*ebpf.Map{"calls": m}}, congestion)
			return err
		},
		"refused": func() error {
			broken := testObject(t, "tcp")
			p := broken.Spec().Programs["undo_one"]
			p.Instructions = p.Instructions[:len(p.Instructions)-1] // no exit
			_, err := load(t.Context(), broken, Options{Ops: "one"}, congestion)
			if !errors.Is(err, ErrVerifier) {
				t.Errorf("no exit: %v", err)
			}
			return err
		},
		"value": func() error {
			// The kernel wants the name of a congestion control.
			broken := testObject(t, "tcp")
			v, err := valueOf(broken.Spec().Maps["one"])
			if err != nil {
				t.Fatal(err)
			}
			clear(v.member("name"))
			_, err = load(t.Context(), broken, Options{Ops: "one"}, congestion)
			return err
		},
		"busy": func() error {
			ops, err := load(t.Context(), o, Options{Ops: "one"}, congestion)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = ops.Close() }()
			link, err := ops.Attach(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = link.Close() }()
			_, err = ops.Attach(t.Context())
			return err
		},
	}
	for name, fail := range fails {
		before := descriptors(t)
		for range 3 {
			if err := fail(); err == nil {
				t.Errorf("%s: no error", name)
			}
		}
		if diff := cmp.Diff(before, descriptors(t)); diff != "" {
			t.Errorf("%s: descriptors left over: %s", name, diff)
		}
	}
}

// Maps that are handed in are shared, and stay the caller's.
func TestSeveralOpsShareAMap(t *testing.T) {
	needCongestion(t)
	o := testObject(t, "tcp")
	one := loadCongestion(t, o, Options{Ops: "one"})
	calls := one.Collection().Maps["calls"]
	three := loadCongestion(t, o, Options{Ops: "three", MapReplacements: map[string]*ebpf.Map{"calls": calls}})
	if err := calls.Put(uint32(0), uint64(7)); err != nil {
		t.Fatal(err)
	}
	var n uint64
	if err := three.Collection().Maps["calls"].Lookup(uint32(0), &n); err != nil || n != 7 {
		t.Errorf("the other one reads %d, %v", n, err)
	}
	if err := three.Close(); err != nil {
		t.Error(err)
	}
	if err := calls.Lookup(uint32(0), &n); err != nil {
		t.Errorf("the map was closed: %v", err)
	}
}

func TestConcurrentUse(t *testing.T) {
	needCongestion(t)
	before, goroutines := descriptors(t), runtime.NumGoroutine()
	const rounds = 40
	seed := uint64(20260223)
	t.Logf("seed %d", seed)
	o := testObject(t, "tcp")
	ctx := t.Context()
	func() {
		var pool []*Ops
		for i := range 4 {
			ops, err := load(ctx, o, Options{Ops: "two", Name: fmt.Sprintf("abigen_c%d", i)}, congestion)
			if err != nil {
				t.Fatal(err)
			}
			pool = append(pool, ops)
			defer func() { _ = ops.Close() }()
		}
		link, err := pool[0].Attach(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = link.Close() }()
		var wg sync.WaitGroup
		for i := range 6 {
			random := rand.New(rand.NewPCG(seed, uint64(i)))
			wg.Go(func() {
				for range rounds {
					ops := pool[random.IntN(len(pool))]
					switch random.IntN(6) {
					case 0:
						if own, err := ops.Attach(ctx); err == nil {
							_, _ = own.Statistics()
							_ = own.Detach()
						} else if !errors.Is(err, ErrBusy) {
							t.Error(err)
						}
					case 1:
						if err := link.Replace(ctx, ops); err != nil && !errors.Is(err, ErrBusy) && !errors.Is(err, ErrDetached) {
							t.Error(err)
						}
					case 2:
						if _, err := link.Statistics(); err != nil {
							t.Error(err)
						}
					case 3:
						if _, err := link.Attached(); err != nil {
							t.Error(err)
						}
					case 4:
						another, err := load(ctx, o, Options{Ops: "three"}, congestion)
						if err != nil {
							t.Error(err)
							return
						}
						_ = another.Close()
					case 5:
						ReleaseKernelTypes()
					}
				}
			})
		}
		wg.Wait()
	}()
	if diff := cmp.Diff(before, descriptors(t)); diff != "" {
		t.Errorf("descriptors left over: %s", diff)
	}
	// One that has told the group that it is done may not have ended yet.
	n := runtime.NumGoroutine()
	for i := 0; n > goroutines && i < 500; i++ {
		time.Sleep(10 * time.Millisecond)
		n = runtime.NumGoroutine()
	}
	if n > goroutines {
		t.Errorf("%d goroutines left over", n-goroutines)
	}
}

func TestStatisticsCountCalls(t *testing.T) {
	needCongestion(t)
	ops := loadCongestion(t, testObject(t, "tcp"), Options{Ops: "one"})
	link, err := ops.Attach(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = link.Close() }()
	on, err := os.ReadFile(statsEnabled)
	if err != nil {
		t.Fatal(err)
	}
	stats, err := ebpf.EnableStats(0) // BPF_STATS_RUN_TIME
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stats.Close() }()
	transfer(t, "abigen_one")
	s, err := link.Statistics()
	if err != nil {
		t.Fatal(err)
	}
	if s.Enabled != (strings.TrimSpace(string(on)) == "1") {
		t.Errorf("Enabled is %v, and the sysctl %s", s.Enabled, on)
	}
	var members []string
	calls := uint64(0)
	for _, c := range s.Callbacks {
		members = append(members, c.Callback+"="+c.Program)
		calls += c.Calls
		if c.Calls == 0 && c.Time != 0 {
			t.Errorf("%+v", c)
		}
	}
	if diff := cmp.Diff([]string{"ssthresh=ssthresh_one", "cong_avoid=avoid_one", "undo_cwnd=undo_one"}, members); diff != "" {
		t.Error(diff)
	}
	if calls == 0 {
		t.Error("nothing was counted")
	}
	after, err := os.ReadFile(statsEnabled)
	if err != nil || string(after) != string(on) {
		t.Errorf("the sysctl was %s and is %s, %v", on, after, err)
	}
}

// transfer sends some data through a connection with a congestion control.
func transfer(t *testing.T, name string) {
	t.Helper()
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skipf("running kernel: %v", err)
	}
	defer func() { _ = server.Close() }()
	done := make(chan error, 1)
	go func() {
		c, err := server.Accept()
		if err == nil {
			_, err = io.Copy(io.Discard, c)
			_ = c.Close()
		}
		done <- err
	}()
	dialer := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error {
		var fail error
		err := raw.Control(func(fd uintptr) {
			const tcpCongestion = 13
			fail = syscall.SetsockoptString(int(fd), syscall.IPPROTO_TCP, tcpCongestion, name)
		})
		return errors.Join(err, fail)
	}}
	c, err := dialer.DialContext(t.Context(), "tcp", server.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Write(make([]byte, 1<<20))
	if err := errors.Join(err, c.Close(), <-done); err != nil {
		t.Fatal(err)
	}
}

// What is said of a type that was cut out of the library's types is what package
// btfsrc reads in the kernel's BTF.
func TestTrimmedTypesAreThoseOfTheKernel(t *testing.T) {
	k, err := findType(t.Context(), congestion.name)
	if err != nil {
		t.Skipf("running kernel: %v", err)
	}
	names := []string{congestion.name, "list_head", "rate_sample"}
	got, err := k.lower(names)
	if err != nil {
		t.Fatal(err)
	}
	want, err := btfsrc.Kernel(btfsrc.Options{Keep: func(name string) bool { return slices.Contains(names, name) }})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if want.Record(name) == nil {
			t.Errorf("the kernel has no %s", name)
			continue
		}
		if diff := cmp.Diff(want.Record(name), got.Record(name)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if diff := cmp.Diff(want.Callbacks(congestion.name), got.Callbacks(congestion.name)); diff != "" {
		t.Error(diff)
	}
	if !got.Record(congestion.name).Registered {
		t.Error("it is not registered")
	}
	if diff := cmp.Diff(want.Attests, got.Attests); diff != "" {
		t.Error(diff)
	}
}

// The code of a trampoline can be read, though the map does not show it.
func TestCodeOfATrampolineIsRead(t *testing.T) {
	needCongestion(t)
	if runtime.GOARCH != "amd64" {
		t.Skip("running kernel: only the code of amd64 is looked at")
	}
	ops := loadCongestion(t, testObject(t, "tcp"), Options{Ops: "one"})
	k, err := findType(t.Context(), congestion.name)
	if err != nil {
		t.Fatal(err)
	}
	code, err := k.code(ops.Collection().Maps["one"], "cong_avoid")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stackArguments(code); err == nil || !strings.Contains(err.Error(), "no argument from the stack") {
		t.Errorf("%v: % x", err, code)
	}
}

func TestSupportedTellsWhatIsMissing(t *testing.T) {
	needCongestion(t)
	s := supported(t.Context(), congestion)
	if s.Answer != Yes || s.Err != nil || s.Where != "vmlinux" || !strings.Contains(s.Reason, "tcp_congestion_ops is built into the kernel") {
		t.Errorf("%+v", s)
	}
	s = supported(t.Context(), opsType{name: "no_such_ops"})
	if s.Answer != No || !errors.Is(s.Err, ErrNoType) || !strings.Contains(s.Reason, "no_such_ops, neither built in nor in a loaded module: load the module") {
		t.Errorf("%+v", s)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if s := Supported(canceled); s.Answer != Unknown || !errors.Is(s.Err, context.Canceled) {
		t.Errorf("%+v", s)
	}
}

// unprivileged calls f on a thread that has given up its privileges and ends
// with it.
func unprivileged(t *testing.T, f func()) {
	t.Helper()
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		const nobody = 65534
		_, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, nobody, nobody, nobody)
		if errno == 0 {
			f()
			done <- nil
			return
		}
		done <- errno
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestUnprivilegedUserIsToldWhatItLacks(t *testing.T) {
	needCongestion(t)
	o := testObject(t, "tcp")
	ops := loadCongestion(t, o, Options{Ops: "one"})
	unprivileged(t, func() {
		s := supported(t.Context(), congestion)
		if s.Answer != No || !errors.Is(s.Err, ErrPermission) || s.Where != "vmlinux" || !strings.Contains(s.Reason, "CAP_BPF and CAP_PERFMON") {
			t.Errorf("Supported: %+v", s)
		}
		_, err := load(t.Context(), o, Options{Ops: "two"}, congestion)
		if !errors.Is(err, ErrPermission) || !errors.Is(err, syscall.EPERM) || !strings.Contains(err.Error(), "run it as root or grant them") {
			t.Errorf("Load: %v", err)
		}
	})
	_ = ops
}

// Where the kernel lacks the type an object of ours is refused with just that.
func TestTypeThatIsMissingIsSaid(t *testing.T) {
	s := Supported(t.Context())
	if !errors.Is(s.Err, ErrNoType) {
		t.Skip("running kernel: " + s.Reason)
	}
	if s.Answer != No || s.Revision != "" || s.Where != "" {
		t.Errorf("%+v", s)
	}
	_, err := Load(t.Context(), testObject(t, "r2"), Options{Device: fuseDevice(t)})
	if !errors.Is(err, ErrNoType) || !strings.Contains(err.Error(), "load the module that has it") {
		t.Errorf("%v", err)
	}
	// It says so before it asks for a privilege.
	unprivileged(t, func() {
		if s := Supported(t.Context()); s.Answer != No || !errors.Is(s.Err, ErrNoType) {
			t.Errorf("%+v", s)
		}
	})
	if e := EightArguments(t.Context()); e != expected(runtime.GOARCH, kernelRelease()) {
		t.Errorf("%+v", e)
	}
}
