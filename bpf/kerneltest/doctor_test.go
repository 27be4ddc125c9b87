// SPDX-License-Identifier: MIT

//go:build linux

package kerneltest

import (
	"slices"
	"strings"
	"testing"

	"github.com/cilium/ebpf/btf"

	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/source"
	"github.com/fuseiomap/abigen/internal/doctor"
	"github.com/fuseiomap/abigen/internal/testmod"
)

// answers are what doctor says of the running kernel, by item.
func answers(t *testing.T) map[string]doctor.Line {
	t.Helper()
	m := map[string]doctor.Line{}
	for _, l := range doctor.Examine(t.Context(), doctor.Here()).Lines {
		m[l.ID] = l
		t.Logf("%-12s %-16s %s: %s", l.Verdict, l.ID, l.Found, l.Remedy)
	}
	return m
}

func TestDoctorFindsTheTypeAndNamesItsRevision(t *testing.T) {
	d := needModule(t)
	rev := revision(t, d)
	got := answers(t)
	for item, want := range map[string]string{
		"bpf": "", "capabilities": "CAP_SYS_ADMIN", "jit": "programs are compiled", "kernel-btf": "can be read", "struct-ops": "struct_ops",
		"type": "in module " + testmod.Name, "revision": "it is " + rev + ":", "program": rev, "fuse-device": "opens", "rawio": "is effective",
	} {
		if l := got[item]; l.Verdict != doctor.OK || !strings.Contains(l.Found, want) {
			t.Errorf("%s: %s: %s; want ok, and %q", item, l.Verdict, l.Found, want)
		}
	}
	want := doctor.OK
	switch {
	case !marksKfuncs(t):
		want = doctor.CannotTell
	case rev == "R2":
		want = doctor.Missing
	}
	if l := got["kfuncs"]; l.Verdict != want {
		t.Errorf("kfuncs of %s: %s: %s, want %s", rev, l.Verdict, l.Found, want)
	}
}

// marksKfuncs reports whether the kernel's BTF tells kfuncs from other functions:
// that of 6.12 does not.
func marksKfuncs(t *testing.T) bool {
	t.Helper()
	kernel, err := btf.LoadKernelSpec()
	if err != nil {
		t.Fatal(err)
	}
	var f *btf.Func
	return kernel.TypeByName("bpf_rcu_read_lock", &f) == nil && slices.Contains(f.Tags, "bpf_kfunc")
}

// The module has another way to find out, which calls a program.
func TestDoctorKnowsWhetherEightArgumentsArrive(t *testing.T) {
	d := needModule(t)
	p, err := d.EightArguments()
	if err != nil {
		t.Fatal(err)
	}
	want, says := doctor.OK, "where the caller puts them"
	if p.Arrival == testmod.Wrong {
		want, says = doctor.Missing, "8 bytes above"
	}
	l := answers(t)["eight-arguments"]
	if l.Verdict != want || !strings.Contains(l.Found, says) {
		t.Errorf("%s: %s; want %s, and %q: they are %v", l.Verdict, l.Found, want, says, p.Arrival)
	}
	if want == doctor.Missing && !strings.Contains(l.Remedy, "AllowPartial") {
		t.Errorf("the remedy is %q", l.Remedy)
	}
}

func TestCheckRecognisesTheRevisionOfTheRunningKernel(t *testing.T) {
	d := needModule(t)
	rep, err := check.Run(t.Context(), check.Config{}, []string{"btf:kernel"}, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(rep.Comparisons, func(c check.Comparison) bool { return c.Source == "btf:kernel" })
	if i < 0 {
		t.Fatal("the report has no row for btf:kernel")
	}
	c := rep.Comparisons[i]
	want, findings := revision(t, d), 0
	if want == "R4" {
		findings = 3 // callbacks take another inode than R2, which is the contract
	}
	if c.Revision != want || c.Absent || len(c.Findings) != findings {
		t.Errorf("it is %s (%s) with %d findings, want %s with %d: %v", c.Revision, c.Verdict, len(c.Findings), want, findings, c.Findings)
	}
}
