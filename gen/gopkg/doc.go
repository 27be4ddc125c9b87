// SPDX-License-Identifier: MIT

// Package gopkg reads the ABI that a Go package declares into the neutral model
// of package model, for any target, whatever machine it runs on.
//
// # What is read
//
// Go names its types and members its own way, so directives tie a declaration
// to the C name it stands for. A directive is a line comment without a space
// after the slashes; above a type it belongs on the last line of the doc
// comment:
//
//	// IomapIO is one mapping.
//	//
//	//abigen:record fuse_iomap_io
//	type IomapIO struct {
//		Offset uint64 // becomes offset
//		Ino    uint64 //abigen:member attr_ino
//		_      [4]byte
//	}
//
//	//abigen:enum fuse_iomap_bpf_ret
//	type IomapBPFRet uint32
//
//	//abigen:constant FUSE_IOMAP_PAGE
//	const pageSize = 4096
//
// In full:
//
//   - abigen:record makes a struct type a record. A struct without it is not
//     part of the ABI; in a package that has directives it is listed as skipped
//     if C could have it, under the name it would have. An alias of a struct may carry it as well. Behind the
//     name may stand source=SOURCE, which tells package vet where C declares it.
//     A name with dots is the path to the member that has the record as its type
//     and gives it no other name: it becomes an anonymous record there.
//   - abigen:layout and abigen:has below it say of a record what its fields do
//     not: kind, size, alignment and packing in C, and members that no field
//     stands for, such as bit-fields. Package gosrc writes them and describes
//     them. A union has only the members that abigen:has gives it.
//   - abigen:enum makes a named integer type an enum. Its enumerators are the
//     package's constants of that type, under their own names or under the name
//     that abigen:constant gives them.
//   - abigen:member names a member where [goname.Snake] of the Go name is not
//     the C name. With - for a name the field is no member.
//   - abigen:constant names a constant where the C name differs, and makes it
//     part of the ABI whatever it looks like. With - for a name the constant is
//     no part of the ABI.
//
// Without a directive an exported constant is part of the ABI when its name has
// no lower-case letter, which is how C spells macros; helpers such as
// IomapIOSize stay out. Constants keep the C spelling.
//
// A directive that is misspelled, that has no C name, that gives one C name to
// two declarations or that stands where nothing reads it is an error: a
// comparison that silently skips a type is worse than none.
//
// # Types
//
// Offsets and sizes are those of the gc compiler for the target's GOARCH
// ([types.SizesFor]). The BPF targets are read as the 64-bit GOARCH with their
// byte order.
//
//	uint8 … int64           u8 … s64
//	int, uint, uintptr      by their size on the target
//	bool, float32, float64  bool, f32, f64
//	unsafe.Pointer, *T      ptr(void); ptr(T) where T is a basic type, a record or an enum
//	[n]T                    array(n,T)
//	named integer           its underlying type, or the enum it stands for
//	named struct            the record it stands for; without a directive an anonymous record
//	struct{…}               an anonymous record
//	embedded struct         an anonymous member, whose members C and Go both promote;
//	                        an ordinary one where abigen:member names it
//
// Aliases, generic ones too, are looked through. A record's type may be an
// instantiated generic type but may not itself have type parameters. A blank
// field is padding and is left out. Maps, strings, slices, interfaces, channels,
// functions and complex numbers have no C layout and are refused.
//
// # What Go can attest to
//
// [model.Records], [model.Enums], [model.Constants] and [model.Docs]. Go cannot
// say whether a char is signed, has no C type for a constant and no prototypes.
// It attests to [model.Alignment] only where Go aligns 64-bit integers as C
// does; on 32-bit ARM and MIPS it does not, and Record.Align is 0 there.
//
// # Imports
//
// Function bodies are not looked at, so what only they need is not read, and a
// package whose functions do not compile is still compared. Where an import is
// not read, faults outside the declarations of types and constants are passed
// over as well: they may only follow from that.
//
// [ParseFS] reads no import at all, except that it knows the marker type of
// package structs and package unsafe: it works without the go command, without
// the standard library and on an embedded file system. [Load] asks the go
// command where a package is and reads the sources of imported packages only
// when a type or constant of the ABI depends on them. Records of an imported
// package are known by their directive but are that package's to compare.
//
// [Package] reads what a driver has parsed, for one target after the other, and
// says besides where each record is declared.
//
// All choose files as the go command does for GOOS=linux, the target's GOARCH
// and CGO_ENABLED=0, so that files for one GOARCH count on that one. Load and
// ParseFS leave out test files. Build tags given through GOFLAGS are
// not seen; [Options.Tags] names them. Directives in a file that imports "C"
// are listed as skipped.
package gopkg
