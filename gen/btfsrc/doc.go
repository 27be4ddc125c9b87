// SPDX-License-Identifier: MIT

// Package btfsrc reads BTF into the model: of the running kernel, of a vmlinux
// or module file, of a compiled BPF object, or raw.
//
// # What is read
//
//   - Structs, unions and enums with a name, and those that a typedef names.
//     Forward declarations are not records.
//   - Callbacks: every member that points to a function. BTF has no parameter
//     names there; the kernel's stub functions, named <type>__<member>, have
//     them, and lend them where their type is the very same.
//   - kfuncs: in a kernel the functions with the declaration tag bpf_kfunc, in
//     a program the external functions of section .ksyms.
//   - Registration: a struct_ops type is registered where the kernel has the
//     type of its map's value, bpf_struct_ops_<name>, around it.
//   - Guards: the types whose existence a program tests, from the CO-RE
//     relocations in .BTF.ext, without their flavour (what follows "___").
//
// Variables, sections and all other functions are no part of an ABI that a
// struct_ops program sees, and are left out. What should have been read and
// cannot be held is in [model.ABI.Skipped], with the reason. A name declared
// more than once, as happens in kernels, is listed once: the registered
// declaration if there is one, else the first, tags before typedefs; where they
// differ, Skipped says so.
//
// BTF has no alignment of records, no macros, no comments and no positions. It
// does mark plain char signed or unsigned, but not reliably, so that is not
// attested. The bit offset of a bit-field is the model's on either byte order:
// on a big-endian target it counts from the most significant bit.
//
// # Target
//
// An ELF file names its machine. Raw BTF does not: the running kernel's is this
// machine's, any other counts as bpfel or bpfeb by its byte order, which has
// the layout of every 64-bit machine. Where long is 4 bytes, it counts as arm
// or mips. A machine that is none of [model.Targets] is treated the same way.
//
// # Split BTF
//
// A module's BTF extends the kernel's: Options.Base, by default the running
// kernel's. A base of another build is recognised by names and types that do
// not fit, and refused. Since Linux 6.11 modules may bring a distilled base
// (.BTF.base), which stands in for any kernel's: types of the kernel that the
// module contains by value then have a size and no members, and are listed as
// skipped, unless Options.Base supplies them.
//
// # Why not a library
//
// cilium/ebpf reads BTF too, and the tests compare with it. It decodes
// everything a type leads to, which from most kernel types is half the kernel;
// it cannot list names without that; it does not know distilled bases; and it
// trusts its input not to nest too deep. Here a file is checked once, type by
// type, and only what was asked for is lowered.
package btfsrc
