// SPDX-License-Identifier: MIT

package doctor

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestDistributionsAreFoundByWhatTheyAreLike(t *testing.T) {
	for text, want := range map[string]string{
		"ID=debian\n":                                         "apt-get install clang-19",
		"NAME=x\nID=ubuntu\nID_LIKE=debian\n":                 "apt-get install clang-19",
		"ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n":           "apt-get install clang-19",
		"ID=fedora\n":                                         "dnf install clang",
		"ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n":      "dnf install clang",
		"ID='opensuse-tumbleweed'\nID_LIKE='opensuse suse'\n": "zypper install clang",
		"ID=arch\n":                  "pacman -S clang",
		"ID=manjaro\nID_LIKE=arch\n": "pacman -S clang",
		"ID=alpine\n":                "apk add clang",
		"ID=plan9\n":                 "install clang with its BPF target",
		"":                           "install clang with its BPF target",
	} {
		for _, file := range []string{"etc/os-release", "usr/lib/os-release"} {
			d := distributionOf(fstest.MapFS{file: {Data: []byte(text)}})
			if got := installs("clang", "install clang with its BPF target")(d); got != want {
				t.Errorf("%s with %q: %q, want %q", file, text, got, want)
			}
		}
	}
	if d := distributionOf(fstest.MapFS{}); d.install != "" {
		t.Errorf("a machine without os-release is %v", d.ids)
	}
}

// sick is a machine without clang, on a kernel without the type, by a process
// that may not look at the JIT.
func sick(t *testing.T) *Report {
	f := healthy()
	delete(f.programs, "clang")
	f.files["usr/include/bpf/bpf_helpers.h"] = ""
	f.kernel = ""
	f.forbidden = []string{"proc/sys/net/core/bpf_jit_enable"}
	return Examine(t.Context(), f.machine(t))
}

func TestRequiredItemsAreCountedByVerdict(t *testing.T) {
	for _, c := range []struct {
		require             []string
		missing, cannotTell string
	}{
		{nil, "", ""},
		{[]string{"go", "rawio"}, "", ""},
		{[]string{"clang"}, "clang", ""},
		{[]string{"jit", "clang", "clang"}, "clang", "jit"},
		{[]string{"compile"}, "clang", "libbpf"},
		{[]string{"load"}, "", "jit"},
		{[]string{"attach", "type"}, "type revision kfuncs", ""},
	} {
		r := sick(t)
		if err := r.Require(c.require...); err != nil {
			t.Fatal(err)
		}
		ids := func(ls []Line) string {
			var s []string
			for _, l := range ls {
				s = append(s, l.ID)
			}
			return strings.Join(s, " ")
		}
		if got := ids(r.Lacks(Missing)); got != c.missing {
			t.Errorf("%v: missing %q, want %q", c.require, got, c.missing)
		}
		if got := ids(r.Lacks(CannotTell)); got != c.cannotTell {
			t.Errorf("%v: cannot tell %q, want %q", c.require, got, c.cannotTell)
		}
	}
}

func TestUnknownItemsAreRefusedWithWhatMayBeMeant(t *testing.T) {
	err := sick(t).Require("clan")
	if err == nil || !strings.Contains(err.Error(), `"clan" is no item: did you mean clang?: choose one of generate, compile, load, attach, generator, go, clang`) {
		t.Errorf("the error is %v", err)
	}
}

func TestTextHasALineForEachItem(t *testing.T) {
	r := sick(t)
	if err := r.Require("clang", "go"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	for _, i := range Items() {
		n := 0
		for _, l := range lines {
			if f := strings.Fields(strings.Replace(l, "cannot tell", "cannot-tell", 1)); strings.HasPrefix(l, "  ") && f[1] == i.ID {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d lines for %s:\n%s", n, i.ID, &b)
		}
	}
	for _, want := range []string{
		"Can this machine generate Go?\n  ok           generator  ",
		"\n\nCan it compile BPF programs?\n  missing      clang            no clang in PATH: nothing can be compiled for BPF; compiled programs can be loaded: apt-get install clang-19 (required)\n",
		"\n  cannot tell  jit              /proc/sys/net/core/bpf_jit_enable: permission denied: run as root\n",
		"\n\n12 ok, 4 missing, 2 cannot tell\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, &b)
		}
	}
}

func TestJSONHasWhatTheTextHas(t *testing.T) {
	r := sick(t)
	if err := r.Require("compile"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Schema  int
		Items   []Line
		Summary map[string]int
	}
	d := json.NewDecoder(&b)
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.Schema != 1 || !slices.Equal(got.Items, r.Lines) {
		t.Errorf("JSON has\n%+v\nthe report\n%+v", got, r.Lines)
	}
	if s := got.Summary; s["ok"] != 12 || s["missing"] != 4 || s["cannot_tell"] != 2 || len(s) != 3 {
		t.Errorf("the summary is %v", s)
	}
}

func TestOfWhatAProgramSaysTheErrorIsKept(t *testing.T) {
	for text, want := range map[string]string{
		"warning: x\n<stdin>:1:2: fatal error: no file\n1 error generated.\n": "<stdin>:1:2: fatal error: no file",
		"  nothing like it\nmore\n": "nothing like it",
	} {
		if got := worstLine(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// What a real machine answers depends on the machine; that it answers, and takes
// nothing it could not see for ok, does not.
func TestThisMachineIsExamined(t *testing.T) {
	m := Here()
	r := Examine(t.Context(), m)
	if len(r.Lines) != len(Items()) {
		t.Fatalf("%d lines for %d items", len(r.Lines), len(Items()))
	}
	for _, l := range r.Lines {
		if l.Found == "" || (l.Remedy == "") != (l.Verdict == OK) || !slices.Contains([]Verdict{OK, Missing, CannotTell}, l.Verdict) {
			t.Errorf("%+v is no answer", l)
		}
		t.Logf("%-12s %-16s %s: %s", l.Verdict, l.ID, l.Found, l.Remedy)
	}
	if l := r.find(t, "go"); l.Verdict != OK {
		t.Errorf("this test is run by Go, and go is %s: %s", l.Verdict, l.Found)
	}
	if _, err := fs.Stat(m.Files, "sys/kernel/btf/vmlinux"); errors.Is(err, fs.ErrNotExist) != (r.find(t, "kernel-btf").Verdict == Missing) {
		t.Errorf("kernel-btf is %s, and looking for the file gives %v", r.find(t, "kernel-btf").Verdict, err)
	}
}
