// SPDX-License-Identifier: MIT

package gosrc

import (
	"fmt"
	"go/constant"
	"strings"

	"github.com/fuseiomap/abigen/gen/model"
)

// file is what a generated file declares, decided but not yet printed.
type file struct {
	cfg     *config
	source  string
	targets []string
	// goarch is the only one the file is for; "" for every one.
	goarch string
	// only is the GOARCH that a file for every one cannot do without.
	only string
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
	goName, cName string // cName of the type of a member is the path to it
	typedef       bool   // cName is a typedef's name, not a tag
	union         bool
	packed        bool
	sizeName      string
	size          int64
	// align is what Go aligns it to, cAlign what C does, 0 where the source does
	// not tell; natural what C would do for the types of its members, and aligned
	// is cAlign where it differs from that.
	align, cAlign, natural, aligned int64
	members                         []member
	// flexible are its arrays without length, zeroSize the members that take no
	// space and have no methods either.
	flexible []view
	zeroSize []zeroSize
	// facts are the directives that say what the fields do not.
	facts []string
	// inner are the types of members that have no name of their own.
	inner []*record
	doc   string
	note  string // a paragraph of its own below doc
	pos   model.Pos
	// reserved tells that it has members that must be zero, or embeds one
	// that does.
	reserved bool
}

// storeKind says what an array of bytes in a record stores.
type storeKind int

const (
	plain       storeKind = iota // nothing but itself
	bitStore                     // bit-fields
	packedStore                  // a member that Go would align
	unionStore                   // one of the members of a union
)

// member is a field of a record: a C member, bytes that store C members, or
// padding.
type member struct {
	goName, cName string // both empty for padding; that of the first member it stores
	spelling      string // C type
	offset, size  int64
	typ           goType
	kind          storeKind
	views         []view // what it stores
	reserved      bool
	callback      bool
	// disguised tells that its Go type does not say what the C type is.
	disguised bool
	// prototype is the C declaration of a callback, where it is known.
	prototype string
	doc       string
	pos       model.Pos
}

// view is a C member that is methods on bytes.
type view struct {
	goName, cName string
	spelling      string // C type
	// at is where it is in the store, in bits; for a flexible array where it is
	// in the record.
	at       int64
	width    int64 // of a bit-field, in bits; else 0
	typ      goType
	reserved bool
	// ordered tells that it has methods for each byte order.
	ordered   bool
	callback  bool
	prototype string
	doc       string
	pos       model.Pos
}

// zeroSize is a member without space, and why it has no methods.
type zeroSize struct {
	cName, spelling string
	offset          int64
	reason          string
}

func (m *member) padding() bool { return m.goName == "" }

// aligns tells that m is there for the alignment of the struct alone.
func (m *member) aligns() bool { return m.padding() && m.size == 0 }

// field returns the name of the member without its record's.
func (m *member) field() string { return afterDot(m.cName) }

func (v *view) field() string { return afterDot(v.cName) }

func afterDot(s string) string { return s[strings.LastIndexByte(s, '.')+1:] }

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

// wide is a number that Go has no type for: its bytes, in the order of the
// machine.
type wide struct {
	name    string // as written in Go
	n       int64
	integer bool // then kind says whether it has a sign
	kind    scalarKind
}

func (s scalar) spelling() string   { return s.name }
func (s scalar) size() int64        { return int64(s.bits / 8) }
func (s scalar) align() int64       { return s.size() }
func (a array) spelling() string    { return fmt.Sprintf("[%d]%s", a.n, a.elem.spelling()) }
func (a array) size() int64         { return a.n * a.elem.size() }
func (a array) align() int64        { return a.elem.align() }
func (w wide) spelling() string     { return w.name }
func (w wide) size() int64          { return w.n }
func (w wide) align() int64         { return 1 }
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

// bytesType is an array of n bytes.
func bytesType(n int64) array { return array{n: n, elem: scalar{name: "byte", bits: 8}} }

// isBytes reports whether t is an array that copy can move.
func isBytes(t goType) bool {
	a, ok := t.(array)
	if !ok {
		return false
	}
	s, ok := a.elem.(scalar)
	return ok && (s.name == "byte" || s.name == "uint8")
}
