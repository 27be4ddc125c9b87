// SPDX-License-Identifier: MIT

package btfsrc

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/cilium/ebpf/btf"

	"github.com/fuseiomap/abigen/gen/model"
)

// runningKernel returns the BTF of the running kernel.
func runningKernel(t *testing.T) []byte {
	t.Helper()
	raw, err := os.ReadFile(kernelBTF + "/vmlinux")
	if err != nil {
		t.Skip("the running kernel shows no BTF: needs Linux with CONFIG_DEBUG_INFO_BTF")
	}
	return raw
}

func TestStructOpsTypeOfTheRunningKernelIsWhatBpftoolPrints(t *testing.T) {
	runningKernel(t)
	if _, err := exec.LookPath("bpftool"); err != nil {
		t.Skip("no bpftool: .ci/run installs it")
	}
	const name = "tcp_congestion_ops"
	a, err := Kernel(Options{Keep: func(n string) bool { return n == name }})
	if err != nil {
		t.Fatal(err)
	}
	r := a.Record(name)
	if r == nil || !r.Registered || !r.IsOps() {
		t.Fatalf("%s is not there as a registered struct_ops type: %+v", name, r)
	}
	out, err := exec.Command("bpftool", "btf", "dump", "file", kernelBTF+"/vmlinux").Output()
	if err != nil {
		t.Fatal(err)
	}
	var ours []string
	for i := range r.Fields {
		f := &r.Fields[i]
		offset := fmt.Sprintf("'%s' bits_offset=%d", cmpName(f.Name), f.BitOffset)
		if f.Bitfield {
			offset += fmt.Sprintf(" bitfield_size=%d", f.BitSize)
		}
		ours = append(ours, offset)
	}
	head := fmt.Sprintf("STRUCT '%s' size=%d vlen=%d", name, r.Size, len(r.Fields))
	typeID := regexp.MustCompile(` type_id=\d+`)
	sc := bufio.NewScanner(bytes.NewReader(out))
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		if !strings.HasSuffix(sc.Text(), head) {
			continue
		}
		var theirs []string
		for sc.Scan() && strings.HasPrefix(sc.Text(), "\t") {
			theirs = append(theirs, strings.TrimSpace(typeID.ReplaceAllString(sc.Text(), "")))
		}
		if got, want := strings.Join(ours, "\n"), strings.Join(theirs, "\n"); got != want {
			t.Errorf("got\n%s\nbpftool prints\n%s", got, want)
		}
		return
	}
	t.Errorf("bpftool prints no line %q", head)
}

func cmpName(name string) string {
	if name == "" {
		return "(anon)"
	}
	return name
}

// cilium/ebpf is the other reader of BTF in Go.
func TestVmlinuxIsWhatAnotherReaderSees(t *testing.T) {
	raw := runningKernel(t)
	a := mustRead(t, raw, Options{})
	spec, err := btf.LoadSpecFromReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	// Of the declarations of one name the first is ours, unless it is
	// registered; tags come before typedefs.
	theirs := map[string]string{}
	note := func(ref model.Ref, s string) {
		if _, ok := theirs[ref.String()]; !ok {
			theirs[ref.String()] = s
		}
	}
	var typedefs []*btf.Typedef
	for typ, err := range spec.All() {
		if err != nil {
			t.Fatal(err)
		}
		switch x := typ.(type) {
		case *btf.Struct:
			note(model.Ref{Kind: model.RefStruct, Name: x.Name}, membersText(x.Size, x.Members))
		case *btf.Union:
			note(model.Ref{Kind: model.RefUnion, Name: x.Name}, membersText(x.Size, x.Members))
		case *btf.Enum:
			note(model.Ref{Kind: model.RefEnum, Name: x.Name}, valuesText(x))
		case *btf.Typedef:
			typedefs = append(typedefs, x)
		}
	}
	for _, x := range typedefs {
		switch y := btf.QualifiedType(x.Type).(type) {
		case *btf.Struct:
			note(model.Ref{Kind: model.RefStruct, Name: x.Name}, membersText(y.Size, y.Members))
		case *btf.Union:
			note(model.Ref{Kind: model.RefUnion, Name: x.Name}, membersText(y.Size, y.Members))
		case *btf.Enum:
			note(model.Ref{Kind: model.RefEnum, Name: x.Name}, valuesText(y))
		}
	}
	wrong := 0
	for _, r := range a.Records {
		var b strings.Builder
		fmt.Fprintf(&b, "%d", r.Size)
		for i := range r.Fields {
			f := &r.Fields[i]
			fmt.Fprintf(&b, " %s@%d", f.Name, f.BitOffset)
			if f.Bitfield {
				fmt.Fprintf(&b, ":%d", f.BitSize)
			}
		}
		if want := theirs[r.Ref().String()]; b.String() != want {
			if wrong++; wrong < 10 {
				t.Errorf("%s: %s, want %s", r.Ref(), b.String(), want)
			}
		}
	}
	for _, e := range a.Enums {
		if e.Name == "" {
			continue
		}
		var b strings.Builder
		fmt.Fprintf(&b, "%d %v", e.Size, e.Signed)
		for _, v := range e.Values {
			fmt.Fprintf(&b, " %s=%s", v.Name, v.Value.ExactString())
		}
		if want := theirs[e.Ref().String()]; b.String() != want {
			if wrong++; wrong < 10 {
				t.Errorf("%s: %s, want %s", e.Ref(), b.String(), want)
			}
		}
	}
	if len(a.Records) < 1000 || wrong > 0 {
		t.Errorf("%d records, %d enums: %d wrong", len(a.Records), len(a.Enums), wrong)
	}
}

func membersText(size uint32, ms []btf.Member) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d", size)
	for _, m := range ms {
		fmt.Fprintf(&b, " %s@%d", m.Name, m.Offset)
		if m.BitfieldSize > 0 {
			fmt.Fprintf(&b, ":%d", m.BitfieldSize)
		}
	}
	return b.String()
}

func valuesText(e *btf.Enum) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %v", e.Size, e.Signed)
	for _, v := range e.Values {
		if e.Signed {
			fmt.Fprintf(&b, " %s=%d", v.Name, int64(v.Value))
		} else {
			fmt.Fprintf(&b, " %s=%d", v.Name, v.Value)
		}
	}
	return b.String()
}

func TestKeepGivesWhatSelectGivesForVmlinux(t *testing.T) {
	raw := runningKernel(t)
	all := mustRead(t, raw, Options{})
	for _, re := range []string{`^tcp_congestion_ops$`, `^fuse_`, `_ops$`, `^bpf_`, `^(syscall_tp_t|workspace)$`, `_t$`} {
		keep := regexp.MustCompile(re).MatchString
		got, want := mustRead(t, raw, Options{Keep: keep}), all.Select(keep)
		if text(got) != text(want) {
			t.Errorf("%s: %d records, %d enums, %d prototypes, %d skipped; Select gives %d, %d, %d, %d", re,
				len(got.Records), len(got.Enums), len(got.Prototypes), len(got.Skipped),
				len(want.Records), len(want.Enums), len(want.Prototypes), len(want.Skipped))
		}
	}
}

func TestEveryVmlinuxDeclarationCanBeWrittenDown(t *testing.T) {
	raw := runningKernel(t)
	a := mustRead(t, raw, Options{})
	// A part is enough to write: it has every kind of type, and JSON is slow.
	part := a.Select(func(n string) bool { return n < "bq" })
	if err := consistent(part); err != nil {
		// The models are large: only the start says anything.
		t.Errorf("%.2000s", err)
	}
	for _, s := range a.Skipped {
		if !strings.Contains(s.Reason, "not always alike") {
			t.Errorf("%s: %s", s.Name, s.Reason)
		}
	}
	if !a.Can(model.Kfuncs) {
		t.Errorf("evidence %v", a.Attests)
	}
}
