// SPDX-License-Identifier: MIT

// Package model is the neutral description of an ABI that every reader lowers
// into and every writer starts from. It knows nothing of C syntax, BTF, Go
// packages or files.
//
// # What is in a model
//
// An [ABI] is what one source says about one target: records with the bit
// offset of every member, enums, constants, prototypes, and the list of what
// the source declares but the model cannot hold ([Skipped]). An [ABI] also
// carries the kinds of [Evidence] its source can give, because most sources
// cannot attest to everything: BTF has no macros, Go has no prototypes. A
// comparison that needs evidence one side lacks is reported as not checked; it
// is never a pass.
//
// # Identical, equivalent, compatible
//
// Two types are identical when their canonical strings are equal: same width,
// same signedness, same names of records behind pointers, same qualifiers.
// Typedef names do not take part: uint64_t, __u64 and u64 are one type, "u64".
//
// Two types are equivalent when the same bytes mean the same value: identical
// after qualifiers are dropped, where a plain char equals a plain char whatever
// its signedness on the target, because kernels have been built with both.
//
// Two records are compatible when a program built for the one works with the
// other under a stated profile (package drift): a struct_ops type matched by
// member name tolerates other offsets, memory shared by pointer tolerates none.
//
// # Units
//
// Sizes and alignments of records and enums are in bytes, offsets and sizes of
// members in bits. The bit offset of a bit-field is DWARF's data_bit_offset: on
// a big-endian target it counts from the most significant bit of byte 0.
package model

import (
	"go/constant"
	"slices"
)

// ABI is what one source attests to about one target.
type ABI struct {
	// Source names the origin as the snapshot prints it, such as
	// "header:fuse_iomap_bpf.h" or "btf:kernel". It holds no directory, so that
	// output does not depend on where the tool ran.
	Source string
	// Target is the name of the target, one of [Targets].
	Target string
	// Side says on which side of the contract the source stands.
	Side Side
	// Attests lists the evidence the source can give, in the order of
	// [AllEvidence].
	Attests []Evidence

	Records    []*Record    // as the source lists them
	Enums      []*Enum      // as the source lists them
	Constants  []*Constant  // as the source lists them
	Prototypes []*Prototype // as the source lists them
	Skipped    []Skipped    // what the model cannot say

	// Guards names the records whose existence a compiled program tests before
	// it relies on them (a CO-RE type-existence relocation).
	Guards []string

	// Paths maps the file names used in positions to the paths they were read
	// from. Reports use it to print paths a terminal or an editor can open. It
	// is not part of the snapshot.
	Paths map[string]string
}

// Side is the role a source plays in a comparison.
type Side string

const (
	// SideContract is a declaration of the contract: a header.
	SideContract Side = "contract"
	// SideProgram is something compiled against the contract: an ELF object.
	SideProgram Side = "program"
	// SideGo is a Go package.
	SideGo Side = "go"
	// SideKernel is what runs: kernel or module BTF.
	SideKernel Side = "kernel"
)

// Evidence is a kind of fact that a source may or may not be able to give.
type Evidence string

const (
	// Records: sizes of records, names, offsets, sizes and types of members.
	Records Evidence = "records"
	// Alignment: alignment of records. BTF has none; Go has its own.
	Alignment Evidence = "alignment"
	// CharSign: whether a plain char is signed.
	CharSign Evidence = "char-sign"
	// Pointees: what a pointer member points to.
	Pointees Evidence = "pointees"
	// Enums: enumerators and their values.
	Enums Evidence = "enums"
	// Constants: values of object-like macros or Go constants.
	Constants Evidence = "constants"
	// ConstantTypes: the C type of each constant.
	ConstantTypes Evidence = "constant-types"
	// Prototypes: results and parameter types of callbacks and kfuncs.
	Prototypes Evidence = "prototypes"
	// ParameterNames: names of the parameters of callbacks.
	ParameterNames Evidence = "parameter-names"
	// Kfuncs: the list of kfuncs is complete as far as it was asked for.
	Kfuncs Evidence = "kfuncs"
	// Registration: whether a struct_ops type is registered with the kernel.
	Registration Evidence = "registration"
	// Docs: comments.
	Docs Evidence = "docs"
)

// AllEvidence lists every kind of evidence in canonical order.
func AllEvidence() []Evidence {
	return []Evidence{Records, Alignment, CharSign, Pointees, Enums, Constants, ConstantTypes,
		Prototypes, ParameterNames, Kfuncs, Registration, Docs}
}

// Can reports whether the source of a attests to e.
func (a *ABI) Can(e Evidence) bool { return slices.Contains(a.Attests, e) }

// RecordKind distinguishes struct from union.
type RecordKind string

// The two kinds of record.
const (
	Struct RecordKind = "struct"
	Union  RecordKind = "union"
)

// Record is a struct or union with a complete layout.
type Record struct {
	Kind RecordKind // struct or union
	// Name is the tag, or the typedef's name when only a typedef names the
	// record (then Typedef is true). It is empty for an anonymous record inside
	// another one.
	Name    string
	Typedef bool
	// Size and Align are in bytes. Align is 0 where the source cannot tell
	// (see [Alignment]).
	Size  int64
	Align int64
	// Packed tells that the declaration asked for packing, so members may be
	// misaligned. It explains the layout, it is not needed to compute it.
	Packed bool
	// Registered tells that the kernel has the wrapper type which makes this
	// record a registered struct_ops type (see [Registration]).
	Registered bool
	Fields     []Field // in the order of declaration
	Pos        Pos     // where it is declared
	Doc        string  // its comment, without markers
}

// Field is a member of a record.
type Field struct {
	// Name is empty for an anonymous record or an unnamed bit-field.
	Name string
	// BitOffset is counted from the start of the enclosing record.
	BitOffset int64
	BitSize   int64 // 0 for a flexible array
	Bitfield  bool  // declared with a width
	// Spelling is the type as the source writes it, such as "uint64_t".
	Spelling string
	// Type is the canonical type.
	Type Type
	// Record is the layout of an anonymous record in the member's type, be it
	// the type itself, an array's element or a pointer's target; nil otherwise.
	// Its offsets count from its own start.
	Record *Record
	// Relocated tells that a compiled program reaches the member through a CO-RE
	// relocation: a loader fills in where it lies in the kernel's record.
	Relocated bool
	Pos       Pos    // where it is declared
	Doc       string // its comment
}

// Enum is an enumerated type with a complete list of enumerators.
type Enum struct {
	// Name is the tag, or the typedef's name (then Typedef is true), or empty
	// for an anonymous enum.
	Name    string
	Typedef bool
	// Size is in bytes.
	Size   int64
	Signed bool         // whether values are stored as signed numbers
	Values []Enumerator // in the order of declaration
	Pos    Pos          // where it is declared
	Doc    string       // its comment
}

// Enumerator is one name of an [Enum].
type Enumerator struct {
	Name  string         // as in the source
	Value constant.Value // an integer
	Pos   Pos            // where it is declared
	Doc   string         // its comment
}

// Constant is an object-like macro with a constant value, or a Go constant.
type Constant struct {
	Name string // as in the source
	// Value is an integer, a floating-point number or a string.
	Value constant.Value
	// Type is the C type of the expression, such as "unsigned int"; empty where
	// the source cannot tell (see [ConstantTypes]).
	Type string
	// Expr is the expression as the source writes it, such as "1U << 3".
	Expr string
	Pos  Pos    // where it is defined
	Doc  string // its comment
}

// Role says what a prototype is for.
type Role string

const (
	// Callback is a function-pointer member of a record. The prototype's name
	// is "record.member".
	Callback Role = "callback"
	// Kfunc is a kernel function that programs call.
	Kfunc Role = "kfunc"
	// Function is any other external function a source declares.
	Function Role = "function"
)

// Prototype is the signature of a callback or function.
type Prototype struct {
	Name string // of the function, or "record.member"
	Role Role   // what it is for
	// Result is the result's type as spelled, ResultType its canonical type.
	Result     string
	ResultType Type
	Params     []Param // in their order
	Variadic   bool    // whether more arguments may follow
	Pos        Pos     // where it is declared
	Doc        string  // its comment
}

// Param is one parameter of a [Prototype].
type Param struct {
	// Name is empty where the source has none (see [ParameterNames]).
	Name     string
	Spelling string // its type as the source writes it
	Type     Type   // its canonical type
}

// Skipped is a declaration that the model or a writer cannot express.
type Skipped struct {
	Name   string // what was left out
	Reason string // why
	Pos    Pos    // where it is declared
}

// Record returns the record with the given name, or nil.
func (a *ABI) Record(name string) *Record {
	return find(a.Records, func(r *Record) bool { return r.Name == name })
}

// Enum returns the enum with the given name, or nil.
func (a *ABI) Enum(name string) *Enum {
	return find(a.Enums, func(e *Enum) bool { return e.Name == name })
}

// Constant returns the constant with the given name, or nil.
func (a *ABI) Constant(name string) *Constant {
	return find(a.Constants, func(c *Constant) bool { return c.Name == name })
}

// Prototype returns the prototype with the given name, or nil.
func (a *ABI) Prototype(name string) *Prototype {
	return find(a.Prototypes, func(p *Prototype) bool { return p.Name == name })
}

// Callbacks returns the prototypes of the callbacks of the named record, in
// the order of its members.
func (a *ABI) Callbacks(record string) []*Prototype {
	r := a.Record(record)
	if r == nil {
		return nil
	}
	var ps []*Prototype
	for i := range r.Fields {
		if p := a.Prototype(record + "." + r.Fields[i].Name); p != nil && p.Role == Callback {
			ps = append(ps, p)
		}
	}
	return ps
}

// IsOps reports whether r has callbacks, which makes it a struct_ops type.
func (r *Record) IsOps() bool {
	return slices.ContainsFunc(r.Fields, func(f Field) bool { return IsCallback(f.Type) })
}

// Field returns the member with the given name, or nil. It does not look into
// anonymous members.
func (r *Record) Field(name string) *Field {
	for i := range r.Fields {
		if r.Fields[i].Name == name {
			return &r.Fields[i]
		}
	}
	return nil
}

// Enumerator returns the enumerator with the given name, or nil.
func (e *Enum) Enumerator(name string) *Enumerator {
	for i := range e.Values {
		if e.Values[i].Name == name {
			return &e.Values[i]
		}
	}
	return nil
}

func find[T any](xs []*T, ok func(*T) bool) *T {
	if i := slices.IndexFunc(xs, ok); i >= 0 {
		return xs[i]
	}
	return nil
}
