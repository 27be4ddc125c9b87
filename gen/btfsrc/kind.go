// SPDX-License-Identifier: MIT

package btfsrc

// kind is the kind of a BTF type, with the numbers of the format.
type kind uint8

const (
	kindVoid      kind = 0
	kindInt       kind = 1
	kindPointer   kind = 2
	kindArray     kind = 3
	kindStruct    kind = 4
	kindUnion     kind = 5
	kindEnum      kind = 6
	kindForward   kind = 7
	kindTypedef   kind = 8
	kindVolatile  kind = 9
	kindConst     kind = 10
	kindRestrict  kind = 11
	kindFunc      kind = 12
	kindFuncProto kind = 13
	kindVar       kind = 14
	kindDatasec   kind = 15
	kindFloat     kind = 16
	kindDeclTag   kind = 17
	kindTypeTag   kind = 18
	kindEnum64    kind = 19

	kinds = 20
)

// Sizes in bytes. Every type starts with the same three words: name offset,
// info, and size or type.
const (
	headerSize = 24 // of the blob; newer ones may be longer
	typeSize   = 12
)

// What follows the three words: a fixed part, or an entry repeated as often as
// the info word says.
var tail = [kinds]struct{ fixed, each int }{
	kindInt:       {fixed: 4},
	kindArray:     {fixed: 12},
	kindStruct:    {each: 12},
	kindUnion:     {each: 12},
	kindEnum:      {each: 8},
	kindFuncProto: {each: 8},
	kindVar:       {fixed: 4},
	kindDatasec:   {each: 12},
	kindDeclTag:   {fixed: 4},
	kindEnum64:    {each: 12},
}

// refers tells that the third word is a type.
var refers = [kinds]bool{
	kindPointer: true, kindTypedef: true, kindVolatile: true, kindConst: true, kindRestrict: true,
	kindFunc: true, kindFuncProto: true, kindVar: true, kindDeclTag: true, kindTypeTag: true,
}

// transparent tells that the type changes neither layout nor name of the type
// it refers to.
func (k kind) transparent() bool {
	return k == kindConst || k == kindVolatile || k == kindRestrict || k == kindTypeTag
}

// isData tells that a value of the type can be stored, so that it may be a
// member, an element or a parameter.
func (k kind) isData() bool {
	switch k {
	case kindFunc, kindVar, kindDatasec, kindDeclTag:
		return false
	}
	return true
}

// Bits of an integer's encoding.
const (
	encodedSigned = 1
	encodedBool   = 4
)

// linkageExtern is the linkage of a function that is declared, not defined.
const linkageExtern = 2
