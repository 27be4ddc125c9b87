// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"go/constant"

	"github.com/fuseiomap/abigen/gen/model"
)

// file is what a generated file declares, decided but not yet printed.
type file struct {
	cfg     *config
	source  string
	targets []string
	// goarch is the only one the file is for; "" for every one.
	goarch string
	// split tells that there are other files for single GOARCHes.
	split bool
	types []*enumType
	// constants are those outside every type, in the order of the header.
	constants []*constDecl
	records   []*record
	// shared are all records of the package, where the file holds what their
	// codecs share.
	shared  []*record
	skipped []model.Skipped
	outside outside
}

// enumType is a Go integer type with named values.
type enumType struct {
	goName string
	base   string // underlying type
	bits   int
	signed bool
	kind   Kind
	trim   string // what String leaves out
	doc    string
	cEnum  string // empty for a group
	// typedef tells that cEnum is a typedef's name, not a tag.
	typedef bool
	pos     model.Pos
	consts  []*constDecl
}

// constDecl is a Go constant.
type constDecl struct {
	goName, cName string
	goType        string // empty: untyped
	value         constant.Value
	literal       string
	cType         string
	doc           string
	pos           model.Pos
}

// record is a Go struct with the layout of a C record.
type record struct {
	goName, cName string
	typedef       bool // cName is a typedef's name, not a tag
	sizeName      string
	size          int64
	align         int64 // what Go aligns it to on the most demanding GOARCH
	members       []member
	doc           string
	pos           model.Pos
	// reserved tells that it has members that must be zero, or embeds one
	// that does.
	reserved bool
	// views are the members of a union, which has the single field Bytes.
	union bool
	views []member
}

// member is a field of a record: a C member or padding.
type member struct {
	goName, cName string // both empty for padding
	spelling      string // C type
	offset, size  int64
	typ           goType
	reserved      bool
	callback      bool
	// bits are the bit-fields that the member, an array of bytes, stores; its
	// cName is then that of the first.
	bits []bitfield
	// prototype is the C declaration of a callback, where it is known.
	prototype string
	doc       string
	pos       model.Pos
}

// bitfield is a C bit-field: two methods on the bytes that store it.
type bitfield struct {
	goName, cName string
	spelling      string // C type
	at, width     int64  // in bits, from the start of the store
	typ           scalar
	reserved      bool
	doc           string
	pos           model.Pos
}

func (m *member) padding() bool { return m.goName == "" }

// goType is the Go type of a member. Every Go type used here has a size that is
// the same on every GOARCH and a natural alignment no GOARCH exceeds.
type goType interface {
	spelling() string
	size() int64
	align() int64
}

type scalarKind int

const (
	unsigned scalarKind = iota
	signed
	boolean
	float
)

// scalar is a number or bool.
type scalar struct {
	name string // as written in Go: uint16, or a type of this file
	kind scalarKind
	bits int
}

// array is an array of n elements.
type array struct {
	n    int64
	elem goType
}

// embedded is a record by value.
type embedded struct{ rec *record }

func (s scalar) spelling() string   { return s.name }
func (s scalar) size() int64        { return int64(s.bits / 8) }
func (s scalar) align() int64       { return s.size() }
func (a array) spelling() string    { return fmt.Sprintf("[%d]%s", a.n, a.elem.spelling()) }
func (a array) size() int64         { return a.n * a.elem.size() }
func (a array) align() int64        { return a.elem.align() }
func (e embedded) spelling() string { return e.rec.goName }
func (e embedded) size() int64      { return e.rec.size }
func (e embedded) align() int64     { return e.rec.align }

// basic returns the predeclared type under a scalar.
func (s scalar) basic() string {
	switch s.kind {
	case boolean:
		return "bool"
	case float:
		return fmt.Sprintf("float%d", s.bits)
	case signed:
		return fmt.Sprintf("int%d", s.bits)
	}
	return fmt.Sprintf("uint%d", s.bits)
}

// isBytes reports whether t is an array that copy can move.
func isBytes(t goType) bool {
	a, ok := t.(array)
	if !ok {
		return false
	}
	s, ok := a.elem.(scalar)
	return ok && (s.name == "byte" || s.name == "uint8")
}
