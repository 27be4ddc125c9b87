// SPDX-License-Identifier: MIT

package layout

import (
	"errors"
	"fmt"
	"math/bits"

	"github.com/fuseiomap/abigen/gen/model"
)

// ErrTooLarge is wrapped by every error about a size that the target cannot
// address.
var ErrTooLarge = errors.New("larger than an object can be")

// Kind is a scalar type of C.
type Kind uint8

// The scalar types. A plain char is Char whatever its sign.
const (
	Bool Kind = iota
	Char
	SChar
	UChar
	Short
	UShort
	Int
	UInt
	Long
	ULong
	LongLong
	ULongLong
	Int128
	UInt128
	Float16
	Float
	Double
	LongDouble
	Float128
	Pointer
	nKinds
)

// Extent is the size and alignment of a type in bytes.
type Extent struct {
	Size, Align int64 // in bytes
}

// Machine holds what a target decides: the [Extent] of each scalar type and
// the rules that differ between targets.
type Machine struct {
	Target  model.Target // whose ABI it is
	scalars [nKinds]Extent
	// longDoubleBits is the width of long double without padding: 80 on x86.
	longDoubleBits int
	// biggest is __BIGGEST_ALIGNMENT__, and aligned what the attribute means
	// without an argument; they differ on some targets.
	biggest, aligned int64
	// maxVectorAlign caps the alignment of vector types; 0 means no cap.
	maxVectorAlign int64
	// aapcs: unnamed bit-fields raise the alignment of the record.
	aapcs bool
	// wchar is the type of wide characters.
	wchar Kind
	// maxSize is the largest size of an object.
	maxSize int64
}

// Of returns the machine of a target.
func Of(t model.Target) *Machine {
	m := &Machine{Target: t, biggest: 16, aligned: 16, wchar: Int, longDoubleBits: 128}
	for k, size := range map[Kind]int64{Bool: 1, Char: 1, SChar: 1, UChar: 1, Short: 2, UShort: 2, Int: 4, UInt: 4,
		Long: t.PointerSize, ULong: t.PointerSize, LongLong: 8, ULongLong: 8, Int128: 16, UInt128: 16,
		Float16: 2, Float: 4, Double: 8, LongDouble: 16, Float128: 16, Pointer: t.PointerSize} {
		m.scalars[k] = Extent{size, size}
	}
	none := func(ks ...Kind) {
		for _, k := range ks {
			m.scalars[k] = Extent{}
		}
	}
	// The alignments and sizes below were read from clang, which
	// knows every target.
	// Four times less than a 64-bit target allows, so that bits fit in 64.
	m.maxSize = 1<<59 - 1
	if t.PointerSize == 4 {
		m.maxSize = 1<<31 - 1
		none(Int128, UInt128)
	}
	double := func() {
		m.scalars[LongDouble] = m.scalars[Double]
		m.longDoubleBits = 64
	}
	name := t.Name
	if t.BPF {
		name = "bpf"
	}
	if name != "amd64" && name != "386" {
		none(Float128)
	}
	switch name {
	case "amd64", "386", "arm64", "arm", "riscv64":
	default:
		none(Float16)
	}
	switch name {
	case "bpf":
		m.biggest = 8
		double()
	case "amd64":
		m.longDoubleBits = 80
	case "386":
		// Members of 64-bit types are aligned to 4 in the i386 ABI.
		for _, k := range []Kind{LongLong, ULongLong, Double} {
			m.scalars[k].Align = 4
		}
		m.scalars[LongDouble] = Extent{12, 4}
		m.longDoubleBits = 80
		none(Float16)
	case "arm64":
		m.aapcs, m.maxVectorAlign, m.wchar = true, 16, UInt
	case "arm":
		m.aapcs, m.maxVectorAlign, m.wchar = true, 8, UInt
		m.biggest, m.aligned = 8, 8
		double()
	case "s390x":
		m.biggest, m.aligned = 8, 8
		for _, k := range []Kind{LongDouble, Int128, UInt128} {
			m.scalars[k].Align = 8
		}
	case "mips":
		m.biggest = 8
		double()
	}
	return m
}

// Scalar returns the extent of a scalar type, and false where the target does
// not have the type.
func (m *Machine) Scalar(k Kind) (Extent, bool) {
	e := m.scalars[k]
	return e, e.Size != 0
}

// LongDoubleBits is the width of long double in bits, without padding.
func (m *Machine) LongDoubleBits() int { return m.longDoubleBits }

// BiggestAlign is the macro __BIGGEST_ALIGNMENT__, in bytes.
func (m *Machine) BiggestAlign() int64 { return m.biggest }

// DefaultAligned is the alignment in bytes that the attribute aligned gives
// without an argument.
func (m *Machine) DefaultAligned() int64 { return m.aligned }

// WChar is the type of wchar_t.
func (m *Machine) WChar() Kind { return m.wchar }

// SizeT is the type of size_t.
func (m *Machine) SizeT() Kind {
	if m.Target.PointerSize == 4 {
		return UInt
	}
	return ULong
}

// Signed reports whether an integer type is signed on the target.
func (m *Machine) Signed(k Kind) bool {
	switch k {
	case Char:
		return m.Target.CharSigned
	case SChar, Short, Int, Long, LongLong, Int128:
		return true
	}
	return false
}

// PreferredAlign is what __alignof__ gives for a scalar type, which on 386 is
// more than _Alignof does for 64-bit types.
func (m *Machine) PreferredAlign(k Kind) int64 {
	if m.Target.Name == "386" && (k == LongLong || k == ULongLong || k == Double) {
		return 8
	}
	return m.scalars[k].Align
}

// Array returns the extent of an array of n elements. The alignment of an
// element may exceed its size where a typedef raised it; the whole array is
// then rounded up once, as clang does.
func (m *Machine) Array(elem Extent, n int64) (Extent, error) {
	if n < 0 {
		return Extent{}, errors.New("negative number of elements")
	}
	hi, lo := bits.Mul64(uint64(elem.Size), uint64(n))
	if hi != 0 || lo > uint64(m.maxSize) {
		return Extent{}, fmt.Errorf("%d elements of %d bytes: %w", n, elem.Size, ErrTooLarge)
	}
	size, err := m.roundUp(int64(lo), elem.Align)
	return Extent{size, elem.Align}, err
}

// Vector returns the extent of a vector type of size bytes; the size is first
// rounded up to a power of two.
func (m *Machine) Vector(size int64) (Extent, error) {
	if size <= 0 || size > 1<<20 {
		return Extent{}, fmt.Errorf("vector of %d bytes: %w", size, ErrTooLarge)
	}
	n := int64(1) << bits.Len64(uint64(size-1))
	align := n
	if m.maxVectorAlign != 0 {
		align = min(align, m.maxVectorAlign)
	}
	return Extent{n, align}, nil
}

// Enum returns the integer type of an enum whose values need r. It is int or
// unsigned int, or the first larger type that holds them; a packed enum takes
// the smallest.
func (m *Machine) Enum(r EnumRange, packed bool) (Kind, error) {
	var candidates []Kind
	switch {
	case packed && r.Negative:
		candidates = []Kind{SChar, Short, Int, Long, LongLong}
	case packed:
		candidates = []Kind{UChar, UShort, UInt, ULong, ULongLong}
	case r.Negative:
		candidates = []Kind{Int, Long, LongLong}
	default:
		candidates = []Kind{UInt, ULong, ULongLong}
	}
	for _, k := range candidates {
		if int64(r.Bits) <= m.scalars[k].Size*8 {
			return k, nil
		}
	}
	return 0, fmt.Errorf("enumerators need %d bits: %w", r.Bits, ErrTooLarge)
}

// EnumRange says what the values of an enum need.
type EnumRange struct {
	// Negative tells that a value is negative, so the type must be signed.
	Negative bool
	// Bits is the width that holds every value, the sign included where
	// Negative is set.
	Bits int
}

func (m *Machine) roundUp(n, align int64) (int64, error) {
	if align <= 1 {
		return n, nil
	}
	if n > m.maxSize-(align-1) {
		return 0, fmt.Errorf("%d bytes rounded up to a multiple of %d: %w", n, align, ErrTooLarge)
	}
	return (n + align - 1) / align * align, nil
}
