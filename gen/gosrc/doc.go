// SPDX-License-Identifier: MIT

// Package gosrc writes Go source from the neutral model of package model: a
// package that is exact for every given target at once.
//
// # Targets
//
// What all targets have in the same words is in one file for every GOARCH. What
// differs, such as a struct with a long, or an ioctl number on mips, is in a file
// of each GOARCH, zx_GOARCH.go beside zx.go, with a build constraint; so is what
// refers to such a declaration, so that the common file needs no other. On a
// GOARCH that is none of the targets only the common declarations exist. Names
// are the same on every GOARCH. Comments do not take part in the comparison, nor
// does the C type of a constant: one that differs leaves it untyped on all.
//
// The BPF machine has no GOARCH. Where it is the only target, one file says what
// it has; beside other targets it decides nothing: a record that has another
// layout there says so in its comment, and what it alone declares is listed as
// left out. A file for a single GOARCH of 32 bits has a build constraint where a
// record needs its 4-byte alignment.
//
// # Which declarations
//
// Of a header those of the header itself, and the records and enums of included
// files that these hold by value; [Config.Files] adds included files. A header
// that declares nothing stands for all that it includes.
//
// # What becomes of what
//
//	C                          Go
//	struct x                   struct with the same size and offsets; holes are explicit blank fields
//	uint8_t … int64_t          uint8 … int64
//	char, char[n]              byte, [n]byte: the targets disagree on its sign
//	_Bool, float, double       bool, float32, float64
//	T[n][m]                    [n][m]T
//	struct y by value          the Go type of y
//	enum e                     integer type of the enum's width and sign
//	T a : n, b : m             methods A, SetA, B and SetB on the bytes that store both, BitsN at byte N
//	union x                    struct of its Bytes, with methods M and SetM for each member m
//	struct { T a; }; inside    its members, as if they were the record's own
//	union { T a; }; inside     its bytes, UnionN at byte N, with methods A and SetA on the record
//	struct { … } in, union too a type of its own, named as its record and the member together: XIn
//	misaligned T a             its bytes, BytesN at byte N, with methods A and SetA
//	T a[], T a[0]              methods A, SetA and AIn for elements in a buffer; no field
//	__int128                   Int128, Uint128: 16 bytes with Halves and SetHalves
//	long double                its bytes, in the machine's order
//	vector of n T              [n]T
//	aligned(n)                 a first field [0]uintM that aligns to M bits; more than 8 bytes in words
//	struct { }, T a[0] of it   nothing; a word in the comment of the record
//	pointer                    uint64: an address is the other side's affair, and a Go pointer would have
//	                           the host's size (uint32 where all targets have 4-byte pointers)
//	callback                   uint64 slot, with the C prototype in its comment
//	object-like macro          constant
//	enumerator                 constant of the enum's type; untyped for an anonymous enum
//
// docs/constructs.md shows an example of each. Nothing depends on how a GOARCH
// aligns: a member is a field where it lies on a multiple of its size, every
// hole, also at the end, is spelled out, and what lies elsewhere is bytes.
//
// What Go cannot say is left out with the reason: records with such a member,
// with members that overlap, or of more bytes than a 32-bit host can address.
//
// # Storage
//
// Fields hold what memory holds on this machine, also those that are bytes: a
// record that was read with UnmarshalBinary is byte for byte what was read.
// Codecs for an explicit byte order translate members, and union by union do
// not.
//
// Bit-fields that share or adjoin bytes lie in one array. Getters extend the
// sign, setters drop the bits that do not fit, and the codec writes each where
// the byte order it writes has it; bits between them are padding.
//
// Nothing in a union says which member it holds. So the codec copies its bytes
// as they are, whatever the byte order, and a member m whose bytes depend on the
// order has the methods M and SetM for this machine's order, and MLittleEndian,
// MBigEndian, SetMLittleEndian and SetMBigEndian for bytes that came from, or go
// to, another.
//
// The elements of an array without length lie behind the record, and the first
// of them perhaps in its last hole. A(b, v) reads len(v) of them from b, which
// begins with the record, and SetA(b, v) writes them, after AppendBinary for
// that clears the hole; AIn(b) tells how many b has room for. They have the
// suffixes for either byte order where the elements depend on it.
//
// The slots of a record with callbacks are as wide as the model has them: 8 bytes
// in a struct_ops type on every host, which is for the caller to see to.
//
// # Nothing is lost
//
// The first file ends with a comment that lists every declaration the package
// leaves out, with its position and the reason, and on which GOARCHes if not on
// all: what the source could not express, what Go cannot, and what the
// configuration skips. [Build] returns the same list. A typedef that only renames
// is in it: members and constants have the Go type of what it stands for, as the
// model knows types without their typedefs.
//
// # Constants
//
// Constants keep their C names. Those that a [Group] of the configuration
// claims have the group's type. The others have the Go type of their C type:
// unsigned int is uint32, unsigned long long is uint64, long long is int64 and
// so on for what has the same width everywhere. An int is untyped, as C too
// assigns such a constant to members of any width, and so are long and unsigned
// long, strings and floating-point numbers.
//
// Types of groups and enums have a String method. [Values] print as the name
// without the common prefix, or T(77); [Flags] as WRITE|DIRECT|0x40000.
//
// # Names
//
// Records, enums and members are renamed by package goname: without the prefix
// [Config.Trim], in CamelCase with initialisms, and records and enums behind
// [Config.Prefix]. A name that is taken gets an
// underscore at its end until it is free. In a package the types that the
// configuration names come first, then enums, then records, then constants,
// then the sizes SizeofT; within each the order is that of declaration. Taken
// from the outset are Go's keywords and predeclared names, the imported
// packages and what the generated file declares for itself. A record's fields
// likewise make way for its methods and for fields before them. What is methods
// needs a name X for which SetX, and each suffix that it has, are free too.
//
// The type of a member that has no name in C is called as its record and the
// member together. It is "struct x.in" or "union x.in" wherever a C name is
// asked for, and its own members x.in.a.
//
// [Config.Rename] overrides all this; a name it gives that is taken is an error.
//
// # Directives
//
// Comment directives tie each declaration to the C one it stands for, so that a
// reader of the Go source, package gopkg, rebuilds the C declarations without a
// guess. Above a type, //abigen:record and //abigen:enum name it. On a field or
// constant, //abigen:member and //abigen:constant name it where the C name does
// not follow from the Go name; a field with //abigen:member - is no member.
//
// The record that is the type of a member, or of the elements of a member, and
// has no name of its own is named by the path to it: //abigen:record x.in.
//
// Where the fields do not say all there is to know of a record, two more
// directives follow its name:
//
//	//abigen:record x
//	//abigen:layout struct 24 align 1 packed
//	//abigen:has 0:3 u32 mode
//	//abigen:has 32+64 array(2,struct x.in) in
//	//abigen:has 96+64 union {
//	//abigen:has 96+64 u64 wide
//	//abigen:has 96+64 struct {
//	//abigen:has 96+32 u32 low
//	//abigen:has 128+32 u32 high
//	//abigen:has }
//	//abigen:has }
//	//abigen:has 192+0 array(0,u8) data
//
// abigen:layout says whether it is a struct or a union, and its size in C, in
// bytes; its alignment, where that is not the Go struct's on a GOARCH that
// aligns as C does; and whether it is packed. A record without this directive
// is a struct with the size and alignment of the Go struct.
//
// Each abigen:has is a member that no field stands for: place, canonical type
// as package model spells it, and name. The place is in bits from the start of
// the record, also within braces: offset:width for a bit-field, offset+size for
// everything else. A flexible or zero-length array has the size 0. Braces hold
// the members of an anonymous record. A plain char is u8 and every pointer
// ptr(void). Lines are in the order of C; the members of a struct are these and
// the fields, by offset. Of a union, and within braces, every member has its
// line. Left out are unnamed bit-fields, and anonymous structs in a struct:
// their members are the record's own.
//
// # Layout assertions
//
// For every member and record the file declares a constant that the compiler
// refuses if the offset or size differs, in either direction, on the GOARCH at
// hand. The message holds the C name and the place:
//
//	16 - fuse_iomap_io_addr_at_16 (constant -8 of type uintptr) overflows uintptr
//
// This is the only use of package unsafe.
//
// # Codec
//
// Every record T has a constant SizeofT and the methods
//
//	AppendBinary(b []byte) ([]byte, error) this machine's byte order
//	UnmarshalBinary(b []byte) error
//	AppendLittleEndian(b []byte) []byte    least significant byte first
//	DecodeLittleEndian(b []byte) error
//	AppendBigEndian(b []byte) []byte       most significant byte first
//	DecodeBigEndian(b []byte) error
//
// They do not allocate, but for an Append to a slice without room. Holes are
// written as zeros and not read. Input that is too short is a *ShortError,
// which wraps io.ErrUnexpectedEOF, and changes nothing; input that is longer
// is read as far as the record goes. The byte order is part of the name and not
// an argument: asking a binary.ByteOrder for each record takes as long as the
// record itself.
//
// Where [Config.Reserved] matches members, the record and those that embed it
// have CheckReserved() error: a *ReservedError names the first such member that
// is not zero.
//
// What the codecs share is part of the file, so a package holds one generated
// file.
//
// # How it works
//
// The targets are merged into what they agree on (merge.go), that is lowered
// into a description of the Go file (ir.go, lower.go), and the description is
// printed (print.go). Decisions are taken before printing starts.
package gosrc
