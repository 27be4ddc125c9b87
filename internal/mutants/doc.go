// SPDX-License-Identifier: MIT

// Package mutants edits C declarations, one thing at a time, and says what a
// comparison with the original must find. It knows nothing of the comparison:
// what is expected of each kind of edit is written down here by hand, from what
// C and a struct_ops loader make of it, so that it can judge package drift.
//
// A [Header] is a set of declarations that can be printed as C. It is written in
// Go ([Shapes]), or made from a model that a reader found ([FromModel]).
// [Header.Mutants] makes every single edit that changes the ABI, with the
// findings of which one must appear. [Header.Preserving] makes edits that do not
// change it: nothing above information may be found. Both print a whole header
// each, so that they go through the same parser and comparison as a user's.
//
// The expectations hold for two ways to look at the edited header: as a header
// beside a header, where names count too, and as the BTF of a kernel, where only
// what BTF records can be seen.
package mutants
