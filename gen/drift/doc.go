// SPDX-License-Identifier: MIT

// Package drift compares two models of an ABI and says what differs, what
// happens at run time because of it, and what could not be compared.
//
// # Direction
//
// [Compare] takes the old side, what was compiled against, and the new side,
// what it meets at run time. The two are not interchangeable. A kernel may have
// records, members and functions that a program does not know; the reverse is a
// finding. Between two headers, the old one is what existing programs saw.
//
// # Profiles
//
// How bad a difference is depends on who brings the two sides together:
//
//   - [Loader]: a struct_ops loader copies member by member, by name. Where a
//     member lies does not matter; kind and size must agree; a member the kernel
//     lacks must be zero; what the kernel has besides is fine. Prototypes of
//     callbacks no loader compares, so a difference there is worse, not better.
//   - [Overlay]: memory shared by pointer. Every offset, size and sign counts.
//   - [Source]: code recompiled against the other declaration. Names count.
//
// Under [Auto] a record with callbacks is compared as Loader and every other one
// as Overlay. Where both sides are declarations, headers or Go code, Source is
// added, and a finding takes the more serious of the two. Go code writes a
// struct_ops record into the program's copy at its own offsets, so there Overlay
// applies to it too, unless the other side is a kernel.
//
// # One root cause is one finding
//
// Members are matched by name, then by place. The members both sides have are
// walked in the order they lie in memory. Wherever the distance between a
// member's old and new place changes, the last change before it (a member
// inserted, removed, resized or taken out of order; an embedded record of
// another size) is the reason, and the move is listed under that finding's
// consequences. A move that nothing explains is a finding of its own. The same
// holds across records, for numbers of an enum behind an inserted value, and for
// records that only a missing type or function needs.
//
// Members of anonymous records are members of the record around them, as in C.
// Two members that changed places exactly are one finding, field.swapped, on the
// one that came first; so are two enumerators that exchanged their numbers.
//
// # What is the same
//
// Typedefs, comments, formatting, the order of declarations and of union
// members, forward declarations, and wrapping members into anonymous records are
// no differences. Plain char equals plain char whatever its sign, and Go's byte.
// A name with a CO-RE flavour, "name___flavour", is the same record as "name":
// the program's partial view of it, matched by member name, wherever they lie.
// So is a record whose members a program reaches through CO-RE relocations, as
// preserve_access_index makes it: of those members alone name and type count.
// Against C, Go may hold an integer for a pointer, a callback or an enum, and
// bytes for what it cannot express.
//
// # What is deliberately not reported
//
//   - the private tail a kernel keeps behind the public members of a struct_ops
//     type (record.tail, only mentioned outside the loader profile), and the
//     wrapper type around it;
//   - what else a kernel has, and what else a program or Go package contains;
//   - what a kernel's or program's BTF lacks though nothing passes it: BTF keeps
//     only what something uses, so its absence proves nothing. It is listed as
//     not checked.
//
// # What could not be compared
//
// A source attests to some kinds of evidence and not to others. Whatever would
// have been compared, but one side has no evidence for, is in [Result.Unchecked]
// with the reason; a comparison that found nothing has passed only as far as
// that list is empty.
//
// # Rules
//
// A rule is data: identifier, title, severity under each profile, why it exists,
// an example and what to do, see [Rule] and the files rules_*.go; its say
// function words a finding. The comparison decides which rule applies and hands
// the facts over. To add one:
//
//  1. Describe it in the table of its family, rules_*.go.
//  2. Report it where the difference is seen: layout.go for members, typediff.go
//     for types, enum.go, constant.go, prototype.go or kfunc.go.
//  3. Write testdata/rules/ID.txtar: a pair that trips it and one that must not.
//  4. Add the edit that causes it to the operators of package internal/mutants,
//     and what is expected of it to the tables there.
//  5. Run the tests here and in internal/repotest with -update, and review what
//     they expect and what docs/rules.md says.
package drift
