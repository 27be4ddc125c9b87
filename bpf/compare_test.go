// SPDX-License-Identifier: MIT

package bpf

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cilium/ebpf/btf"
	"github.com/google/go-cmp/cmp"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
)

// fuseDevice opens /dev/fuse, which takes no privilege where it is usable at all.
func fuseDevice(tb testing.TB) int {
	tb.Helper()
	f, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		tb.Skipf("running kernel: %v", err)
	}
	tb.Cleanup(func() { _ = f.Close() })
	return int(f.Fd())
}

// only is the variable of a test object that has one.
func only(tb testing.TB, o *Object) OpsVariable {
	tb.Helper()
	v, err := o.variable("", fuseIomap.name)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

func TestComparisonDecidesBeforeAnythingIsLoaded(t *testing.T) {
	const fits = ""
	for _, test := range []struct {
		object string
		want   [4]string // what R1 to R4 of the kernel find worst
	}{
		{"r1", [4]string{fits, "callback.param.type", "callback.param.type", "callback.param.type"}},
		{"r2", [4]string{"callback.param.type", fits, fits, fits}},
		{"r3", [4]string{"callback.param.type", fits, fits, fits}},
		{"r4", [4]string{"callback.param.type", fits, fits, fits}},
		{"unguarded", [4]string{"callback.param.type", fits, fits, fits}},
		{"swapped_types", [4]string{"callback.param.type", "callback.param.order", "callback.param.order", "callback.param.type"}},
		{"swapped_alike", [4]string{"callback.param.type", fits, fits, fits}},
	} {
		o := testObject(t, test.object)
		for i, want := range test.want {
			kernel := fmt.Sprintf("R%d", i+1)
			result, err := o.compare(fuseIomap, only(t, o), revisions()[i].kernel)
			if want == fits {
				if err != nil {
					t.Errorf("%s on %s: %v", test.object, kernel, err)
				}
				continue
			}
			var incompatible *IncompatibleError
			if !errors.Is(err, ErrIncompatible) || !errors.As(err, &incompatible) {
				t.Errorf("%s on %s: %v, want %s", test.object, kernel, err, want)
				continue
			}
			if !slices.ContainsFunc(incompatible.Findings(), func(f drift.Finding) bool { return f.Rule == want }) {
				t.Errorf("%s on %s: %v, want %s", test.object, kernel, err, want)
			}
			if len(result.Findings) == 0 || incompatible.KernelRevision != kernel {
				t.Errorf("%s on %s: %d findings, the kernel is said to be %s", test.object, kernel, len(result.Findings), incompatible.KernelRevision)
			}
		}
	}
}

func TestIncompatibleErrorSaysWhatWouldHappen(t *testing.T) {
	o := testObject(t, "r1")
	_, err := o.compare(fuseIomap, only(t, o), revisions()[2].kernel)
	text := err.Error()
	for _, want := range []string{
		"bpf: r1.o: the object does not fit this kernel: it was compiled for R1 and the kernel has R3: ",
		"fuse_iomap_bpf_ops.iomap_begin#1: ",
		"the program would take struct fuse_inode *fi for u64",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
	// The callbacks that are NULL in the object break nothing.
	if strings.Contains(text, "iomap_end") {
		t.Errorf("it names a callback that the object does not have:\n%s", text)
	}
}

func TestParametersOfOneTypeAreNotCheckable(t *testing.T) {
	for _, name := range []string{"r2", "swapped_alike"} {
		o := testObject(t, name)
		result, err := o.compare(fuseIomap, only(t, o), revisions()[1].kernel)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(result.Unchecked, func(u drift.Unchecked) bool {
			return u.Evidence == model.ParameterNames && slices.Contains(u.Subjects, "fuse_iomap_bpf_ops.iomap_begin#2,#3")
		}) {
			t.Errorf("%s: nothing says that pos and count cannot be told apart: %+v", name, result.Unchecked)
		}
	}
}

// A kernel whose stub function names its parameters in another order than every
// known revision has changed what a program gets.
func TestStubNamesShowParametersOfOneTypeThatChangedPlaces(t *testing.T) {
	kernel := *revisions()[1].kernel
	kernel.Prototypes = slices.Clone(kernel.Prototypes)
	for i, p := range kernel.Prototypes {
		if p.Name != "fuse_iomap_bpf_ops.iomap_begin" {
			continue
		}
		swapped := *p
		swapped.Params = slices.Clone(p.Params)
		swapped.Params[1], swapped.Params[2] = swapped.Params[2], swapped.Params[1]
		kernel.Prototypes[i] = &swapped
	}
	o := testObject(t, "r2")
	_, err := o.compare(fuseIomap, only(t, o), &kernel)
	if !errors.Is(err, ErrIncompatible) {
		t.Fatalf("%v, want %v", err, ErrIncompatible)
	}
	for _, want := range []string{"fuse_iomap_bpf_ops.iomap_begin", "pos", "count", "fuse_iomap_bpf_ops__iomap_begin"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("it does not say %q: %v", want, err)
		}
	}
	// Without the names there is no evidence.
	for i, p := range kernel.Prototypes {
		nameless := *p
		nameless.Params = slices.Clone(p.Params)
		for j := range nameless.Params {
			nameless.Params[j].Name = ""
		}
		kernel.Prototypes[i] = &nameless
	}
	if _, err := o.compare(fuseIomap, only(t, o), &kernel); err != nil {
		t.Errorf("without names: %v", err)
	}
}

func TestRevisionsAreRecognised(t *testing.T) {
	for _, r := range revisions() {
		if got := describe(r.kernel); got != r.name {
			t.Errorf("the kernel of %s is taken for %s", r.name, got)
		}
	}
}

// Load refuses by another kernel's BTF without a privilege, and before it looks
// at the running one.
func TestLoadRefusesByTheBTFItIsGiven(t *testing.T) {
	opts := Options{Device: fuseDevice(t), KernelBTF: "embedded:kernel-R3"}
	if _, err := Load(t.Context(), testObject(t, "r1"), opts); !errors.Is(err, ErrIncompatible) {
		t.Errorf("r1: %v", err)
	}
	opts.KernelBTF = "../headers/btf/kernel-R4.btf"
	if _, err := Load(t.Context(), testObject(t, "swapped_types"), opts); !errors.Is(err, ErrIncompatible) {
		t.Errorf("swapped_types: %v", err)
	}
	opts.KernelBTF = "../headers/fuse_iomap_bpf.h"
	if _, err := Load(t.Context(), testObject(t, "r2"), opts); !errors.Is(err, ErrNoBTF) {
		t.Errorf("no BTF: %v", err)
	}
}

// fixtureType is a struct_ops type as findType finds it, in a fixture.
func fixtureType(tb testing.TB, revision string) *kernelType {
	tb.Helper()
	types, err := btf.LoadSpec("../headers/btf/kernel-" + revision + ".btf")
	if err != nil {
		tb.Fatal(err)
	}
	k := &kernelType{where: "vmlinux", types: types}
	if found, err := k.find(fuseIomap.name); !found || err != nil {
		tb.Fatal(err)
	}
	return k
}

// What is cut out of a kernel's types is the same as what package btfsrc reads.
func TestTrimmedTypesAreThoseOfTheFixtures(t *testing.T) {
	for _, r := range revisions() {
		got, err := fixtureType(t, r.name).lower(revisionNames())
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range revisionNames() {
			if diff := cmp.Diff(r.kernel.Record(name), got.Record(name)); diff != "" {
				t.Errorf("%s: %s: %s", r.name, name, diff)
			}
			if diff := cmp.Diff(r.kernel.Prototype(name), got.Prototype(name)); diff != "" {
				t.Errorf("%s: %s: %s", r.name, name, diff)
			}
		}
		if diff := cmp.Diff(r.kernel.Callbacks(fuseIomap.name), got.Callbacks(fuseIomap.name)); diff != "" {
			t.Errorf("%s: %s", r.name, diff)
		}
		if diff := cmp.Diff(r.kernel.Attests, got.Attests); diff != "" {
			t.Errorf("%s: %s", r.name, diff)
		}
		if s := describe(got); s != r.name {
			t.Errorf("%s is taken for %s", r.name, s)
		}
	}
}
