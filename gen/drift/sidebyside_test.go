// SPDX-License-Identifier: MIT

package drift_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/gen/model"
)

// drawn prints the rows as a report would: the mark, both halves, the rules.
func drawn(l drift.Layout) string {
	cell := func(c *drift.Cell) string {
		if c == nil {
			return ""
		}
		return strings.TrimSpace(fmt.Sprintf("%d+%d %s %s", c.BitOffset/8, (c.BitSize+7)/8, c.Type, c.Name))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s (%d) | %s (%d)\n", l.Record, l.Old, l.OldSize, l.New, l.NewSize)
	for _, r := range l.Rows {
		b.WriteString(strings.TrimRight(fmt.Sprintf("%s %-18s | %-18s %s", r.Mark.Sign(), cell(r.Old), cell(r.New), strings.Join(r.Rules, ",")), " ") + "\n")
	}
	return b.String()
}

func TestARecordWithFindingsIsDrawnSideBySide(t *testing.T) {
	for _, c := range []struct{ name, old, now, want string }{
		{"wider", "struct x { uint32_t a; uint32_t b; uint32_t c; };", "struct x { uint64_t a; uint32_t b; uint32_t c; };", `
x: struct x (12) | struct x (16)
~ 0+4 u32 a          | 0+8 u64 a          field.size
> 4+4 u32 b          | 8+4 u32 b
> 8+4 u32 c          | 12+4 u32 c
`},
		{"inserted into padding", "struct x { uint8_t a; uint32_t b; };", "struct x { uint8_t a; uint8_t n; uint32_t b; };", `
x: struct x (8) | struct x (8)
  0+1 u8 a           | 0+1 u8 a
- 1+3 padding        |
+                    | 1+1 u8 n           field.padding
+                    | 2+2 padding
  4+4 u32 b          | 4+4 u32 b
`},
		{"moved out of order", "struct x { uint32_t a; uint32_t b; uint32_t c; uint16_t d; };", "struct x { uint32_t b; uint32_t c; uint16_t d; uint32_t a; };", `
x: struct x (16) | struct x (16)
> 0+4 u32 a          |                    field.moved
> 4+4 u32 b          | 0+4 u32 b
> 8+4 u32 c          | 4+4 u32 c
> 12+2 u16 d         | 8+2 u16 d
> 14+2 padding       | 10+2 padding
>                    | 12+4 u32 a         field.moved
`},
		{"renamed and removed", "struct x { uint32_t a; uint32_t b; uint64_t c; };", "struct x { uint32_t a; uint32_t z; };", `
x: struct x (16) | struct x (8)
  0+4 u32 a          | 0+4 u32 a
~ 4+4 u32 b          | 4+4 u32 z          field.renamed
- 8+8 u64 c          |                    field.removed
`},
		{"inside a member whose type has no name", "struct x { struct { uint32_t a; } in; uint32_t b; };", "struct x { struct { uint16_t a; } in; uint32_t b; };", `
x: struct x (8) | struct x (8)
~ 0+4 u32 in.a       | 0+2 u16 in.a       field.size
+                    | 2+2 padding
  4+4 u32 b          | 4+4 u32 b
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := view{side: model.SideContract, target: "bpfel"}
			r := drift.Compare(v.parse(t, "old.h", c.old), v.parse(t, "new.h", c.now), drift.Options{})
			if len(r.Layouts) != 1 {
				t.Fatalf("%d layouts:\n%s", len(r.Layouts), render(r))
			}
			if diff := cmp.Diff(strings.TrimSpace(c.want), strings.TrimSpace(drawn(r.Layouts[0]))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestSideBySideNeedsNoFinding(t *testing.T) {
	v := view{side: model.SideContract, target: "bpfel"}
	a := v.parse(t, "a.h", "struct x { uint32_t a; }; struct y { uint32_t a; };")
	l := drift.SideBySide(a, a, "x", "y")
	if l == nil || len(l.Rows) != 1 || l.Rows[0].Mark != drift.Same || l.New != "struct y" {
		t.Errorf("got %+v", l)
	}
	if drift.SideBySide(a, a, "x", "z") != nil {
		t.Error("a record that is not there has a layout")
	}
	if r := drift.Compare(a, a, drift.Options{}); r.Layouts != nil {
		t.Error("layouts where nothing was found")
	}
}
