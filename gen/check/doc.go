// SPDX-License-Identifier: MIT

// Package check knows what is compared with what. The rules are package
// drift's, the sources package source's; here stand the pairs, and what is
// expected of each.
//
// [Run] is the main job. The contract is a header. Everything that attests to
// it must say the same:
//
//   - the committed Go package, for every target;
//   - BTF that clang made of the same declarations, for every revision;
//   - the running kernel and its modules, where they have the types;
//   - fixtures of what kernels of each revision declare, and of two other
//     interfaces: each must be recognised as what it is and differ from the
//     contract in exactly what the verdict stored beside it lists;
//   - the compiled reference programs: each must be compatible with every revision
//     it is made for, whatever the byte order.
//
// [Diff] compares any two sources. [Identify] finds the revision that a source
// speaks by comparing it with all that are known.
//
// [RunMatrix] does that for many sources, and compares each with every revision.
// [Lock] makes what a pull request reviews, [AgainstLock] says what has changed
// since, and [Report.OnlyNew] and [Report.Suppress] take out of a report what was
// known or accepted.
package check
