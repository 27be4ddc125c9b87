// SPDX-License-Identifier: MIT

package layout

import (
	"fmt"
	"math/bits"
)

// Record describes a struct or union to [Machine.Record].
type Record struct {
	Union bool // all members begin at 0
	// Packed is the packed attribute on the record.
	Packed bool
	// Pack is #pragma pack(n) in force where the record is defined, in bytes;
	// 0 means none.
	Pack int64
	// Align is aligned(n) on the record, in bytes; 0 means none.
	Align   int64
	Members []Member // in their order
}

// Member describes a member of a [Record].
type Member struct {
	// Type is the extent of the member's type. A flexible or zero-length array
	// has size 0 and its element's alignment.
	Type Extent
	// Align is aligned(n) or _Alignas(n) on the member itself, in bytes; 0
	// means none.
	Align int64
	// Packed is the packed attribute on the member itself.
	Packed bool
	// Bitfield marks a bit-field of Width bits, which may be 0 for an unnamed
	// one.
	Bitfield bool
	Width    int64
	// Unnamed marks a bit-field without a name.
	Unnamed bool
}

// Layout is where the members of a record are.
type Layout struct {
	Extent
	// BitOffsets has an entry for each member, in bits from the start of the
	// record.
	BitOffsets []int64
}

// MemberError tells which member of a record cannot be laid out.
type MemberError struct {
	Index int   // of the member, from 0
	Err   error // what is wrong with it
}

// Error names the member by its index.
func (e *MemberError) Error() string { return fmt.Sprintf("member %d: %v", e.Index, e.Err) }

// Unwrap returns the reason.
func (e *MemberError) Unwrap() error { return e.Err }

// Record lays out a record. An error about a member is a [*MemberError].
func (m *Machine) Record(r Record) (Layout, error) {
	s := state{m: m, r: &r, align: 1}
	out := Layout{BitOffsets: make([]int64, len(r.Members))}
	for i := range r.Members {
		var err error
		if r.Members[i].Bitfield {
			out.BitOffsets[i], err = s.bitfield(&r.Members[i])
		} else {
			out.BitOffsets[i], err = s.member(&r.Members[i])
		}
		if err == nil && s.end > s.maxBits() {
			err = fmt.Errorf("the record ends at bit %d: %w", s.end, ErrTooLarge)
		}
		if err != nil {
			return Layout{}, &MemberError{i, err}
		}
	}
	out.Align = max(s.align, r.Align)
	if !validAlign(out.Align) {
		return Layout{}, fmt.Errorf("alignment %d is not a power of two", out.Align)
	}
	var err error
	out.Size, err = m.roundUp((s.end+7)/8, out.Align)
	return out, err
}

// state is the layout of a record so far.
type state struct {
	m *Machine
	r *Record
	// end is the first free bit; in a union the largest end of a member.
	end   int64
	align int64
}

func (s *state) maxBits() int64 {
	// maxSize is below 2^59, so 8 times it fits.
	return s.m.maxSize * 8
}

func validAlign(n int64) bool { return n > 0 && bits.OnesCount64(uint64(n)) == 1 && n <= maxAlign }

// maxAlign is the largest alignment that clang and gcc accept.
const maxAlign = 1 << 32

func (s *state) member(f *Member) (int64, error) {
	align := f.Type.Align
	if f.Packed || s.r.Packed {
		align = 1
	}
	align = max(align, f.Align)
	if s.r.Pack != 0 {
		align = min(align, s.r.Pack)
	}
	if !validAlign(align) {
		return 0, fmt.Errorf("alignment %d is not a power of two", align)
	}
	s.align = max(s.align, align)
	if f.Type.Size > s.m.maxSize {
		return 0, fmt.Errorf("%d bytes: %w", f.Type.Size, ErrTooLarge)
	}
	if s.r.Union {
		s.end = max(s.end, f.Type.Size*8)
		return 0, nil
	}
	start, err := s.m.roundUp((s.end+7)/8, align)
	if err != nil {
		return 0, err
	}
	// Both are below 2^59.
	if start+f.Type.Size > s.m.maxSize {
		return 0, fmt.Errorf("%d bytes at byte %d: %w", f.Type.Size, start, ErrTooLarge)
	}
	s.end = (start + f.Type.Size) * 8
	return start * 8, nil
}

func (s *state) bitfield(f *Member) (int64, error) {
	unit := f.Type.Size * 8
	if f.Width < 0 || f.Width > unit {
		return 0, fmt.Errorf("bit-field of %d bits in a type of %d", f.Width, unit)
	}
	packed := f.Packed || s.r.Packed
	explicit := f.Align * 8
	pack := s.r.Pack * 8
	natural := max(f.Type.Align*8, explicit)

	align := f.Type.Align * 8
	if packed && f.Width != 0 {
		align = 1
	}
	align = max(align, explicit)
	if pack != 0 && f.Width != 0 {
		if packed {
			align = min(natural, pack)
		} else {
			align = min(align, pack)
		}
	}
	if align != 1 && (align%8 != 0 || !validAlign(align/8)) {
		return 0, fmt.Errorf("alignment of %d bits is not a power of two", align)
	}

	offset := s.end
	if s.r.Union {
		offset = 0
	}
	switch {
	case f.Width == 0, pack == 0 && offset%align+f.Width > unit:
		offset = roundUpBits(offset, align)
	case explicit != 0 && (pack == 0 || explicit <= pack):
		offset = roundUpBits(offset, explicit)
	}

	if f.Unnamed && !s.m.aapcs {
		align = 1
	}
	s.align = max(s.align, (align+7)/8)
	if s.r.Union {
		s.end = max(s.end, (f.Width+7)/8*8)
	} else {
		s.end = offset + f.Width
	}
	return offset, nil
}

// roundUpBits rounds a bit offset below 2^62 up to a multiple of at most 2^35.
func roundUpBits(n, align int64) int64 { return (n + align - 1) / align * align }
