// SPDX-License-Identifier: MIT

// Package layout computes where C puts things: sizes and alignments of types,
// and the bit offset of every member of a record, for each target of package
// model.
//
// It is given a neutral description, not C: a [Record] is a list of [Member]s
// with the size and alignment of their types and the attributes that bear on
// layout. Readers resolve types; this package knows the rules.
//
// # The rules
//
// They are those of the System V family of ABIs as clang applies them on Linux:
//
//   - A member is placed at the next multiple of its alignment. packed, on the
//     record or on the member, makes that 1; aligned(n) on the member raises it
//     again, packed or not; #pragma pack(n) has the last word and caps it.
//   - A bit-field is placed at the next free bit, unless it would then straddle
//     a boundary of its type that the alignment of its type forbids; then it
//     moves to the next such boundary. packed and #pragma pack switch the check
//     off. A bit-field shares the bytes of a plain member before it.
//   - A zero-width bit-field moves on to the next boundary of its type and takes
//     no room. On arm and arm64 (AAPCS) it, and any other unnamed bit-field,
//     also raises the alignment of the record; elsewhere it does not.
//   - The members of a union all start at 0.
//   - The alignment of a record is the largest among its members' and its own
//     aligned(n); its size is rounded up to a multiple of that.
//
// An alignment that a typedef carries is the alignment of the type, raised or
// lowered: the caller passes it in [Member.Align].
//
// # Units and overflow
//
// Sizes and alignments are bytes, offsets and widths bits. On a big-endian
// target the same numbers count from the most significant bit of byte 0, which
// is DWARF's data_bit_offset: bit-fields are allocated from that end there.
//
// Every sum and product is checked. What exceeds the largest object of the
// target ends in an error that wraps [ErrTooLarge].
package layout
