// SPDX-License-Identifier: MIT

package bpf

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fuseiomap/abigen/bpf/internal/testobject"
)

// testObject opens a test object.
func testObject(tb testing.TB, name string) *Object {
	tb.Helper()
	o, err := readObject(name+".o", testobject.Open(name))
	if err != nil {
		tb.Fatal(err)
	}
	return o
}

func TestObjectTellsWhichProgramIsInWhichMember(t *testing.T) {
	const ops = "fuse_iomap_bpf_ops"
	want := []OpsVariable{
		{"four", ops, map[string]string{"iomap_begin": "begin_two", "iomap_end": "end_one"}},
		{"one", ops, map[string]string{"iomap_begin": "begin_one", "iomap_end": "end_one"}},
		{"three", ops, map[string]string{"iomap_end": "end_three"}},
		{"two", ops, map[string]string{"iomap_begin": "begin_two"}},
	}
	o := testObject(t, "several")
	if diff := cmp.Diff(want, o.Ops()); diff != "" {
		t.Error(diff)
	}
	o.Ops()[0].Programs["iomap_begin"] = "changed"
	if diff := cmp.Diff(want, o.Ops()); diff != "" {
		t.Errorf("what Ops returns is the object's own: %s", diff)
	}
}

func TestPartOfAnObjectIsWhatOneVariableNeeds(t *testing.T) {
	o := testObject(t, "several")
	for _, v := range o.Ops() {
		spec, err := o.part(v, nil)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for member, function := range v.Programs {
			want = append(want, function)
			if got := spec.Programs[function].AttachTo; got != "fuse_iomap_bpf_ops:"+member {
				t.Errorf("%s: %s goes to %s, not to %s", v.Name, function, got, member)
			}
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(spec.Programs))); diff != "" {
			t.Errorf("%s: programs: %s", v.Name, diff)
		}
		if diff := cmp.Diff([]string{v.Name}, slices.Sorted(maps.Keys(spec.Maps))); diff != "" {
			t.Errorf("%s: maps: %s", v.Name, diff)
		}
	}
	if n := len(o.Spec().Programs); n != 5 {
		t.Errorf("the object's own specification has %d programs left, want 5", n)
	}
}

func TestPartLeavesOutCallbacks(t *testing.T) {
	o := testObject(t, "ioend")
	spec, err := o.part(o.Ops()[0], []string{"iomap_ioend"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"begin", "end"}, slices.Sorted(maps.Keys(spec.Programs))); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNoObject(t *testing.T) {
	whole, err := io.ReadAll(io.NewSectionReader(testobject.Open("several"), 0, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"empty": nil, "text": []byte("not an object"), "short": whole[:100], "half": whole[:len(whole)/2],
	} {
		if _, err := ReadObject(bytes.NewReader(b)); !errors.Is(err, ErrObject) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := OpenObject(filepath.Join(t.TempDir(), "missing.o")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// Errors that depend on the object and the options alone: no kernel is asked.
func TestLoadRefusesBeforeItAsksTheKernel(t *testing.T) {
	device, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = device.Close() }()
	const closed = 1 << 20
	for _, test := range []struct {
		object string
		opts   Options
		want   error
		text   string
	}{
		{"none", Options{}, ErrNoOps, "DEFINE_FUSE_IOMAP_BPF_OPS"},
		{"tcp", Options{}, ErrNoOps, "of type fuse_iomap_bpf_ops"},
		{"several", Options{}, ErrManyOps, "four, one, three, two: set Options.Ops"},
		{"several", Options{Ops: "five"}, ErrNoOps, "five: it has four, one, three, two"},
		{"twice", Options{}, ErrBinding, "begin is in twice.iomap_begin and in twice.iomap_end"},
		{"values", Options{Ops: "unnamed"}, ErrName, "it is empty"},
		{"values", Options{Ops: "slash"}, ErrName, `'/' is not one of [A-Za-z0-9_.]`},
		{"values", Options{Ops: "full"}, ErrName, "has 16 characters"},
		{"values", Options{Ops: "padded"}, ErrZeropad, "it is 0x7"},
		{"values", Options{Ops: "fine", Name: "with space"}, ErrName, "Options.Name"},
		{"values", Options{Ops: "fine", Name: strings.Repeat("n", 16)}, ErrName, "give at most 15"},
		{"values", Options{Ops: "fine", Name: "ünïcode"}, ErrName, "is not one of"},
		{"values", Options{Ops: "fine", Device: closed}, ErrBadFD, "keep it open"},
		{"values", Options{Ops: "fine", Device: -1}, ErrBadFD, "Options.Device is -1"},
		{"values", Options{Ops: "fine", Device: int(device.Fd())}, ErrNotFUSE, os.DevNull},
	} {
		ops, err := Load(t.Context(), testObject(t, test.object), test.opts)
		if !errors.Is(err, test.want) {
			t.Errorf("%s, %+v: %v, want %v", test.object, test.opts, err, test.want)
			continue
		}
		if ops != nil {
			t.Errorf("%s, %+v: an error and a result", test.object, test.opts)
		}
		if text := err.Error(); !strings.Contains(text, test.text) || !strings.HasPrefix(text, "bpf: ") {
			t.Errorf("%s, %+v: %q does not say %q", test.object, test.opts, text, test.text)
		}
	}
}

func TestPrepareWritesIntoACopy(t *testing.T) {
	o := testObject(t, "several")
	v, err := o.variable("one", fuseIomap.name)
	if err != nil {
		t.Fatal(err)
	}
	before := bytes.Clone(o.Spec().Maps["one"].Contents[0].Value.([]byte))
	c, err := o.contents(fuseIomap, v, nil, Options{Device: 0x01020304, Name: "another.name_15"})
	if err != nil {
		t.Fatal(err)
	}
	if c.name != "another.name_15" {
		t.Errorf("the name is %q", c.name)
	}
	after, err := valueOf(c.spec.Maps["one"])
	if err != nil {
		t.Fatal(err)
	}
	if fd, _ := after.number("fuse_fd"); fd != 0x01020304 {
		t.Errorf("fuse_fd is %#x", fd)
	}
	if got := after.text("name"); got != "another.name_15" {
		t.Errorf("name is %q", got)
	}
	if !bytes.Equal(before, o.Spec().Maps["one"].Contents[0].Value.([]byte)) {
		t.Error("the object's own contents have changed")
	}
	// A shorter name leaves nothing of the longer one.
	if err := after.setText("name", "x"); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(after.member("name"), append([]byte("x"), make([]byte, 15)...)) {
		t.Errorf("name is %q", after.member("name"))
	}
}
