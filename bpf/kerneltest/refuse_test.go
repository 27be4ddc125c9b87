// SPDX-License-Identifier: MIT

//go:build linux

package kerneltest

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/bpf"
)

// The cases of testdata/refuse: sources, and of each an object with the fault and
// one without. build.sh makes them.
//
//go:embed testdata/refuse
var refuseFiles embed.FS

// printLogs is for ../testdata/verifier, see CONTRIBUTING.md.
var printLogs = flag.Bool("logs", false, "print what the verifier says of each faulty program")

// fault is a case: what it is called, and what we must say of it. Where the
// kernel's words differ between revisions of the interface, so do ours.
type fault struct {
	name  string
	cause map[string]string // part of it by revision; "" is all others
	// since is the first revision that has what the program calls: before it
	// neither the faulty nor the repaired one can load.
	since string
}

func same(cause string) map[string]string { return map[string]string{"": cause} }

var faults = []fault{
	{name: "write_past_end", cause: same("writes 8 bytes at offset 64 of what outarg points to, which has 64")},
	{name: "write_straddles_end", cause: same("writes 8 bytes at offset 60 of what outarg points to, which has 64")},
	{name: "write_before_start", cause: same("writes in front of outarg (struct fuse_iomap_begin_out), at offset -4")},
	{name: "write_variable_offset", cause: same("writes outarg (struct fuse_iomap_begin_out) at an offset that is known only when")},
	{name: "write_inode", cause: same("writes to memory of the kernel that is no answer")},
	{name: "write_wrong_argument", cause: same("writes to memory of the kernel that is no answer")},
	{name: "write_task", cause: same("writes to memory of the kernel that is no answer")},
	{name: "write_context", cause: same("writes to the context")},
	{name: "read_past_end", cause: same("reads 8 bytes at offset 64 of outarg (struct fuse_iomap_begin_out), which is past its end")},
	{name: "read_straddles_members", cause: same("reads 4 bytes at offset 6 of")},
	{name: "read_past_inode", cause: map[string]string{
		"":   "reads 8 bytes at offset 16384 of the inode (struct fuse_inode), which is past its end",
		"R4": "reads 8 bytes at offset 16384 of the inode (struct fuse_bpf_inode), which is past its end",
	}},
	{name: "read_sixth_argument", cause: same("takes argument 6 of iomap_begin, which has fewer")},
	{name: "uninitialised_return", cause: same("can return without having set what it returns")},
	{name: "endless_loop", cause: same("has a loop that need not end")},
	{name: "wrong_helper", cause: same("calls helper bpf_redirect")},
	{name: "kfunc_sleeps", cause: same("calls fuse_bpf_iomap_inval_mappings, which may sleep"), since: "R3"},
	{name: "kfunc_wrong_pointer", cause: same("argument 1 of the function it calls is a pointer to"), since: "R3"},
	{name: "kfunc_null_inode", cause: same("passes a pointer that may be NULL as argument 1 of a function that needs one"), since: "R3"},
	{name: "kfunc_of_others", cause: same("calls the kernel's function bpf_dynptr_from_xdp")},
	{name: "null_map_value", cause: same("reads through a pointer that may be NULL")},
	{name: "map_value_index", cause: same("with a number that nothing bounds")},
	{name: "map_value_end", cause: same("can access 8 bytes at offset 128 of a map's value, which has 128")},
	{name: "stack_index", cause: same("on the stack with a number that nothing bounds")},
	{name: "number_as_pointer", cause: same("reads where a number says")},
	{name: "record_leak", cause: same("can return without giving back what it has taken at record_leak.c:12")},
	{name: "dynptr_leak", cause: same("can return without giving back what it has taken at dynptr_leak.c:21")},
	{name: "licence", cause: same("its licence is none that the kernel takes")},
}

// faultLine is the line of a case's source that is marked as the one at fault.
func faultLine(t *testing.T, name string) int {
	t.Helper()
	source, err := refuseFiles.ReadFile(path.Join("testdata/refuse", name+".c"))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(source), "\n") {
		if strings.Contains(line, "/* FAULT */") {
			return i + 1
		}
	}
	t.Fatalf("%s.c marks no line", name)
	return 0
}

// loadCase loads one of a case's objects as a user would, and unloads it.
func loadCase(t *testing.T, name, kind string, device int) error {
	t.Helper()
	b, err := refuseFiles.ReadFile(path.Join("testdata/refuse/object", name+"."+kind+".o"))
	if err != nil {
		t.Fatal(err)
	}
	object, err := bpf.ReadObject(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	ops, err := bpf.Load(context.Background(), object, bpf.Options{Device: device})
	if err != nil {
		return err
	}
	return ops.Close()
}

func TestVerifierRefusesEachFaultAndTakesItsTwin(t *testing.T) {
	d := needModule(t)
	rev, device := revision(t, d), int(fuseDevice(t).Fd())
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			faulty, repaired := loadCase(t, f.name, "faulty", device), loadCase(t, f.name, "repaired", device)
			if rev < f.since {
				if faulty == nil || repaired == nil {
					t.Errorf("it needs %s and loads: faulty %v, repaired %v", f.since, faulty, repaired)
				}
				return
			}
			if repaired != nil {
				t.Errorf("the repaired program is refused: %v", repaired)
			}
			var v *bpf.VerifierError
			if !errors.As(faulty, &v) {
				t.Fatalf("the verifier does not refuse the faulty program: %v", faulty)
			}
			if *printLogs {
				fmt.Printf("verifier: %s %s %s: %v\n", release(), rev, f.name, errno(v))
				for _, line := range v.Log {
					fmt.Printf("verifier:\t%s\n", line)
				}
			}
			t.Log(v)
			cause, ok := f.cause[rev]
			if !ok {
				cause = f.cause[""]
			}
			if !strings.Contains(v.Cause, cause) || v.Remedy == "" {
				t.Errorf("cause %q, remedy %q, want %q", v.Cause, v.Remedy, cause)
			}
			place := fmt.Sprintf("%s.c:%d:", f.name, faultLine(t, f.name))
			if !strings.Contains(faulty.Error(), place) || fmt.Sprintf("%s:%d:", v.File, v.Line) != place || v.Column < 1 {
				t.Errorf("the place is %s:%d:%d, want %s", v.File, v.Line, v.Column, place)
			}
			if !strings.Contains(faulty.Error(), v.Cause) || v.Program != f.name || len(v.Path) == 0 || len(v.Path) > 40 {
				t.Errorf("program %q, %d lines of the log in %v", v.Program, len(v.Path), faulty)
			}
		})
	}
}

// errno is what the system call failed with.
func errno(v *bpf.VerifierError) error {
	var err error = v
	for {
		u := errors.Unwrap(err)
		if m, ok := err.(interface{ Unwrap() []error }); ok {
			list := m.Unwrap()
			u = list[len(list)-1]
		}
		if u == nil {
			return err
		}
		err = u
	}
}

// Every source has its case here, so that none is compiled and never loaded.
func TestEachCaseOfRefuseIsTried(t *testing.T) {
	files, err := refuseFiles.ReadDir("testdata/refuse")
	if err != nil {
		t.Fatal(err)
	}
	tried := map[string]bool{}
	for _, f := range faults {
		tried[f.name] = true
		faultLine(t, f.name)
	}
	sources := 0
	for _, f := range files {
		name, ok := strings.CutSuffix(f.Name(), ".c")
		if !ok {
			continue
		}
		sources++
		if !tried[name] {
			t.Errorf("%s is in no test", f.Name())
		}
	}
	if sources != len(faults) {
		t.Errorf("%d sources, %d cases", sources, len(faults))
	}
}
