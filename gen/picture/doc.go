// SPDX-License-Identifier: MIT

// Package picture draws records: where each member lies, which bytes nothing
// uses, and where a cache line ends.
//
// [Of] takes a record out of a model as a [Record]: its members in the order of
// declaration, those of anonymous records in place, with the holes between them.
// [Pair] puts two of them side by side, member by member, and marks what
// differs. [Text], [SVG] and [HTML] draw either.
//
// # What is drawn
//
// A hole is a stretch of a struct that no member uses, padding is one at its
// end. The list of members shows those of structs within unions too; the grid of
// bytes shows only what nothing at all uses. The offset of a
// bit-field is written byte.bit, where bit 0 is the lowest bit of a
// little-endian byte and the highest of a big-endian one, as in the model.
//
// A cache line has 64 bytes, and the record is drawn as if it began at one.
package picture
