// SPDX-License-Identifier: MIT

package drift_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
)

func TestAWitnessIsInTheByteOrderOfTheTarget(t *testing.T) {
	for _, c := range []struct{ target, old, now, bytes, text string }{
		{"bpfel", "struct x { uint32_t a; uint32_t b; };", "struct x { uint64_t a; uint32_t b; };",
			"44332211a5a5a5a5a5a5a5a5a5a5a5a5", "write a = 0x11223344 through the old layout: the new reads a = 0xa5a5a5a511223344"},
		{"bpfeb", "struct x { uint32_t a; uint32_t b; };", "struct x { uint64_t a; uint32_t b; };",
			"11223344a5a5a5a5a5a5a5a5a5a5a5a5", "write a = 0x11223344 through the old layout: the new reads a = 0x11223344a5a5a5a5"},
		{"bpfel", "struct x { uint16_t a : 4; uint16_t b : 12; };", "struct x { uint16_t a : 12; uint16_t b : 4; };",
			"a1a5", "write a = 0x1 through the old layout: the new reads a = 0x5a1"},
		{"bpfeb", "struct x { uint16_t a : 4; uint16_t b : 12; };", "struct x { uint16_t a : 12; uint16_t b : 4; };",
			"15a5", "write a = 0x1 through the old layout: the new reads a = 0x15a"},
	} {
		v := view{side: model.SideContract, target: c.target}
		r := drift.Compare(v.parse(t, "old.h", c.old), v.parse(t, "new.h", c.now), drift.Options{})
		if len(r.Findings) == 0 || r.Findings[0].Witness == nil {
			t.Errorf("%s: no witness:\n%s", c.target, render(r))
			continue
		}
		w := r.Findings[0].Witness
		if w.Bytes != c.bytes || w.Text != c.text || w.BigEndian != (c.target == "bpfeb") {
			t.Errorf("%s: %s\n%s\nwant %s\n%s", c.target, w.Bytes, w.Text, c.bytes, c.text)
		}
	}
}

func TestALongRecordIsCutToTheBytesThatMatter(t *testing.T) {
	v := view{side: model.SideContract, target: "bpfel"}
	r := drift.Compare(v.parse(t, "old.h", "struct x { uint64_t pad[100]; uint64_t a; };"), v.parse(t, "new.h", "struct x { uint64_t pad[100]; uint32_t a; };"), drift.Options{})
	w := r.Findings[0].Witness
	if w == nil || w.FirstByte != 800 || len(w.Bytes) != 16 {
		t.Errorf("%+v", w)
	}
}

func TestWhatIsSaidOfLayoutsThatShareTheirBytesIsTrue(t *testing.T) {
	v := view{side: model.SideContract, target: "bpfel"}
	for _, c := range []struct{ old, now, id, reason, witness string }{
		{"struct x { int a[2][3]; };", "struct x { int a[3][2]; };", "field.array",
			"`a` has other dimensions in the same bytes", "write a[1][0] = 0x11223344 through the old layout: the new reads a[1][0] = -1515870811"},
		{"struct x { int n; char d[]; };", "struct x { int n; char d[1]; };", "field.array",
			"`d` has another length", "the new reads d[0] = -91, from bytes nobody wrote"},
		{"struct x { int a; int b; };", "struct x { int b; int c; };", "field.appended",
			"new member `c` behind the last one, in bytes that hold something else for", "the new reads c = 0x11223344"},
	} {
		r := drift.Compare(v.parse(t, "old.h", c.old), v.parse(t, "new.h", c.now), drift.Options{})
		i := slices.IndexFunc(r.Findings, func(f drift.Finding) bool { return f.Rule == c.id })
		if i < 0 {
			t.Errorf("%s: no %s:\n%s", c.now, c.id, render(r))
			continue
		}
		f := r.Findings[i]
		if !strings.Contains(f.Message, c.reason) || f.Witness == nil || !strings.Contains(f.Witness.Text, c.witness) {
			t.Errorf("%s: %s\n%+v\nwant %s\n%s", c.now, f.Message, f.Witness, c.reason, c.witness)
		}
	}
}
