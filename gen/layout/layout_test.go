// SPDX-License-Identifier: MIT

package layout_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fuseiomap/abigen/gen/layout"
	"github.com/fuseiomap/abigen/gen/model"
)

func machine(t testing.TB, name string) *layout.Machine {
	t.Helper()
	target, err := model.TargetByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return layout.Of(target)
}

// field makes a member of a scalar type.
func field(t testing.TB, m *layout.Machine, k layout.Kind) layout.Member {
	t.Helper()
	e, ok := m.Scalar(k)
	if !ok {
		t.Fatalf("%s has no type %d", m.Target.Name, k)
	}
	return layout.Member{Type: e}
}

func bits(f layout.Member, width int64) layout.Member {
	f.Bitfield, f.Width = true, width
	return f
}

func anon(f layout.Member) layout.Member { f.Unnamed = true; return f }

// Expected numbers are clang's; package cheader asks it about random records.
func TestRecords(t *testing.T) {
	for _, c := range []struct {
		name   string
		target string
		record func(f func(layout.Kind) layout.Member) layout.Record
		size   int64
		align  int64
		at     []int64
	}{
		{"alignment of members", "amd64", func(f func(layout.Kind) layout.Member) layout.Record {
			return layout.Record{Members: []layout.Member{f(layout.Char), f(layout.Int), f(layout.Short), f(layout.Double)}}
		}, 24, 8, []int64{0, 32, 64, 128}},
		{"386 aligns 64-bit members to 4", "386", func(f func(layout.Kind) layout.Member) layout.Record {
			return layout.Record{Members: []layout.Member{f(layout.Char), f(layout.LongLong), f(layout.LongDouble)}}
		}, 24, 4, []int64{0, 32, 96}},
		{"packed", "amd64", func(f func(layout.Kind) layout.Member) layout.Record {
			return layout.Record{Packed: true, Members: []layout.Member{f(layout.Char), f(layout.LongLong)}}
		}, 9, 1, []int64{0, 8}},
		{"packed and aligned", "amd64", func(f func(layout.Kind) layout.Member) layout.Record {
			return layout.Record{Packed: true, Align: 4, Members: []layout.Member{f(layout.Char), f(layout.LongLong)}}
		}, 12, 4, []int64{0, 8}},
		{"aligned on a member of a packed record", "amd64", func(f func(layout.Kind) layout.Member) layout.Record {
			m := f(layout.LongLong)
			m.Align = 2
			return layout.Record{Packed: true, Members: []layout.Member{f(layout.Char), m}}
		}, 10, 2, []int64{0, 16}},
		{"pragma pack caps aligned", "amd64", func(f func(layout.Kind) layout.Member) layout.Record {
			m := f(layout.Int)
			m.Align = 16
			return layout.Record{Pack: 2, Members: []layout.Member{f(layout.Char), m}}
		}, 6, 2, []int64{0, 16}},
		{"a union", "amd64", func(f func(layout.Kind) layout.Member) layout.Record {
			return layout.Record{Union: true, Members: []layout.Member{f(layout.Char), f(layout.Int), bits(f(layout.Short), 9)}}
		}, 4, 4, []int64{0, 0, 0}},
		{"a bit-field shares the unit of the member before", "amd64", func(f func(layout.Kind) layout.Member) layout.Record {
			return layout.Record{Members: []layout.Member{f(layout.Char), bits(f(layout.Int), 9), bits(f(layout.Int), 20)}}
		}, 8, 4, []int64{0, 8, 32}},
		{"a packed bit-field straddles", "amd64", func(f func(layout.Kind) layout.Member) layout.Record {
			return layout.Record{Packed: true, Members: []layout.Member{bits(f(layout.Int), 20), bits(f(layout.Int), 20)}}
		}, 5, 1, []int64{0, 20}},
		{"a zero-width bit-field closes the unit", "amd64", func(f func(layout.Kind) layout.Member) layout.Record {
			return layout.Record{Members: []layout.Member{f(layout.Char), anon(bits(f(layout.Int), 0)), f(layout.Char)}}
		}, 5, 1, []int64{0, 32, 32}},
		{"and raises the alignment under AAPCS", "arm", func(f func(layout.Kind) layout.Member) layout.Record {
			return layout.Record{Members: []layout.Member{f(layout.Char), anon(bits(f(layout.Int), 0)), f(layout.Char)}}
		}, 8, 4, []int64{0, 32, 32}},
		{"empty", "amd64", func(func(layout.Kind) layout.Member) layout.Record { return layout.Record{} }, 0, 1, []int64{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := machine(t, c.target)
			l, err := m.Record(c.record(func(k layout.Kind) layout.Member { return field(t, m, k) }))
			if err != nil {
				t.Fatal(err)
			}
			if l.Size != c.size || l.Align != c.align || !slices.Equal(l.BitOffsets, c.at) {
				t.Errorf("size %d, align %d, offsets %v; want %d, %d, %v", l.Size, l.Align, l.BitOffsets, c.size, c.align, c.at)
			}
		})
	}
}

func TestSizesThatOverflowAreErrors(t *testing.T) {
	for _, name := range []string{"amd64", "386"} {
		m := machine(t, name)
		limit := int64(1<<59 - 1)
		if name == "386" {
			limit = 1<<31 - 1
		}
		if _, err := m.Array(layout.Extent{Size: 1, Align: 1}, limit); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for what, f := range map[string]func() error{
			"array":    func() error { _, err := m.Array(layout.Extent{Size: 1, Align: 1}, limit+1); return err },
			"product":  func() error { _, err := m.Array(layout.Extent{Size: 1 << 40, Align: 8}, 1<<40); return err },
			"rounding": func() error { _, err := m.Array(layout.Extent{Size: 1, Align: 16}, limit); return err },
			"vector":   func() error { _, err := m.Vector(1 << 40); return err },
			"member": func() error {
				_, err := m.Record(layout.Record{Members: []layout.Member{{Type: layout.Extent{Size: limit + 1, Align: 1}}}})
				return err
			},
			"sum": func() error {
				half := layout.Member{Type: layout.Extent{Size: limit/2 + 1, Align: 1}}
				_, err := m.Record(layout.Record{Members: []layout.Member{half, half}})
				return err
			},
			"end": func() error {
				_, err := m.Record(layout.Record{Members: []layout.Member{{Type: layout.Extent{Size: limit, Align: 1}},
					{Type: layout.Extent{Size: 4, Align: 4}, Bitfield: true, Width: 3}}})
				return err
			},
			"enum": func() error { _, err := m.Enum(layout.EnumRange{Bits: 65}, false); return err },
		} {
			if err := f(); !errors.Is(err, layout.ErrTooLarge) {
				t.Errorf("%s: %s: %v, want ErrTooLarge", name, what, err)
			}
		}
	}
}

func TestBadDescriptionsAreErrors(t *testing.T) {
	m := machine(t, "amd64")
	e, _ := m.Scalar(layout.Int)
	for what, f := range map[string]layout.Member{
		"width beyond the type": {Type: e, Bitfield: true, Width: 33},
		"negative width":        {Type: e, Bitfield: true, Width: -1},
		"alignment 3":           {Type: e, Align: 12},
		"alignment 0":           {Type: layout.Extent{Size: 4}, Bitfield: false},
	} {
		_, err := m.Record(layout.Record{Members: []layout.Member{{Type: e}, f}})
		var me *layout.MemberError
		if !errors.As(err, &me) || me.Index != 1 {
			t.Errorf("%s: %v, want a MemberError about member 1", what, err)
		}
	}
	if _, err := m.Array(e, -1); err == nil {
		t.Error("an array of negative length has an extent")
	}
	if _, err := m.Record(layout.Record{Align: 3}); err == nil {
		t.Error("a record aligned to 3 has a layout")
	}
}

func TestEnumTypes(t *testing.T) {
	m := machine(t, "amd64")
	for _, c := range []struct {
		r      layout.EnumRange
		packed bool
		want   layout.Kind
	}{
		{layout.EnumRange{}, false, layout.UInt},
		{layout.EnumRange{Bits: 32}, false, layout.UInt},
		{layout.EnumRange{Bits: 33}, false, layout.ULong},
		{layout.EnumRange{Bits: 1, Negative: true}, false, layout.Int},
		{layout.EnumRange{Bits: 33, Negative: true}, false, layout.Long},
		{layout.EnumRange{Bits: 8}, true, layout.UChar},
		{layout.EnumRange{Bits: 9}, true, layout.UShort},
		{layout.EnumRange{Bits: 9, Negative: true}, true, layout.Short},
	} {
		if got, err := m.Enum(c.r, c.packed); err != nil || got != c.want {
			t.Errorf("%+v packed %v: type %d, %v; want %d", c.r, c.packed, got, err, c.want)
		}
	}
}

// Whatever the record: offsets ascend, nothing overlaps, everything is inside,
// and size is a multiple of alignment.
func TestLayoutsAreSound(t *testing.T) {
	const seed = 1
	r := rand.New(rand.NewPCG(seed, 2))
	for _, target := range model.Targets() {
		m := layout.Of(target)
		for n := range 2000 {
			rec := layout.Record{Packed: r.IntN(5) == 0}
			if r.IntN(5) == 0 {
				rec.Pack = 1 << r.IntN(5)
			}
			if r.IntN(5) == 0 {
				rec.Align = 1 << r.IntN(6)
			}
			for range 1 + r.IntN(8) {
				k := layout.Kind(r.IntN(int(layout.Pointer) + 1))
				e, ok := m.Scalar(k)
				if !ok {
					continue
				}
				f := layout.Member{Type: e, Packed: r.IntN(6) == 0}
				if r.IntN(6) == 0 {
					f.Align = 1 << r.IntN(5)
				}
				if k <= layout.ULongLong && r.IntN(2) == 0 {
					f.Bitfield, f.Width = true, r.Int64N(e.Size*8+1)
					f.Unnamed = f.Width == 0 || r.IntN(6) == 0
				}
				rec.Members = append(rec.Members, f)
			}
			l, err := m.Record(rec)
			where := fmt.Sprintf("seed %d, %s, record %d: %+v", seed, target.Name, n, rec)
			if err != nil {
				t.Fatalf("%s: %v", where, err)
			}
			end := int64(0)
			for i, f := range rec.Members {
				width := f.Type.Size * 8
				if f.Bitfield {
					width = f.Width
				}
				if l.BitOffsets[i] < end {
					t.Fatalf("%s: member %d at %d overlaps the one before, which ends at %d", where, i, l.BitOffsets[i], end)
				}
				end = l.BitOffsets[i] + width
			}
			if end > l.Size*8 || l.Size%l.Align != 0 {
				t.Fatalf("%s: ends at bit %d, size %d, alignment %d", where, end, l.Size, l.Align)
			}
		}
	}
}
