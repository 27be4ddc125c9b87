// SPDX-License-Identifier: MIT

package abi

// What must hold for the codec of any generated package. The generator's tests
// run this file on other packages as well; each brings its list codecRecords.

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

const seed = 20260223

type codec interface {
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
	AppendLittleEndian(b []byte) []byte
	AppendBigEndian(b []byte) []byte
	DecodeLittleEndian(b []byte) error
	DecodeBigEndian(b []byte) error
}

// orders are the byte orders, with the methods that use each.
var orders = []struct {
	binary.ByteOrder
	append func(c codec, b []byte) []byte
	decode func(c codec, b []byte) error
}{
	{binary.LittleEndian, codec.AppendLittleEndian, codec.DecodeLittleEndian},
	{binary.BigEndian, codec.AppendBigEndian, codec.DecodeBigEndian},
	{binary.NativeEndian, appendBinary, codec.UnmarshalBinary},
}

func appendBinary(c codec, b []byte) []byte {
	b, err := c.AppendBinary(b)
	if err != nil {
		panic(err)
	}
	return b
}

type codecRecord struct {
	name string
	size int
	make func() codec
}

func recordOf[T any, P interface {
	*T
	codec
}](size int) codecRecord {
	return codecRecord{name: reflect.TypeFor[T]().Name(), size: size, make: func() codec { return P(new(T)) }}
}

// fill sets every member to a random value. Floating-point numbers are never
// NaN, which would not compare equal to itself.
func fill(r *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Name != "_" {
				fill(r, v.Field(i))
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i))
		}
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 1)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(float32(r.NormFloat64() * math.Exp2(float64(r.IntN(60))))))
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(r.Uint64()) >> (64 - v.Type().Bits()))
	default:
		v.SetUint(r.Uint64() >> (64 - v.Type().Bits()))
	}
}

// leaves returns the numbers in v, in the order of their offsets.
func leaves(v reflect.Value) []reflect.Value {
	var out []reflect.Value
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Name != "_" {
				out = append(out, leaves(v.Field(i))...)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			out = append(out, leaves(v.Index(i))...)
		}
	default:
		out = append(out, v)
	}
	return out
}

// eachRecord runs f on every record with random numbers of its own.
func eachRecord(t *testing.T, f func(t *testing.T, c codecRecord, r *rand.Rand)) {
	for _, c := range codecRecords {
		t.Run(c.name, func(t *testing.T) {
			t.Logf("seed %d", seed)
			f(t, c, rand.New(rand.NewPCG(seed, 0)))
		})
	}
}

func TestCodecAgreesWithEncodingBinary(t *testing.T) {
	eachRecord(t, func(t *testing.T, c codecRecord, r *rand.Rand) {
		for range 100 {
			v := c.make()
			fill(r, reflect.ValueOf(v).Elem())
			for _, order := range orders {
				want, err := binary.Append(nil, order.ByteOrder, v)
				if err != nil {
					t.Fatal(err)
				}
				if len(want) != c.size {
					t.Fatalf("size %d, encoding/binary writes %d bytes", c.size, len(want))
				}
				got := order.append(v, nil)
				if !bytes.Equal(got, want) {
					t.Fatalf("%v %+v:\n got % x\nwant % x", order.ByteOrder, v, got, want)
				}
				back := c.make()
				fill(r, reflect.ValueOf(back).Elem())
				if err := order.decode(back, got); err != nil || !reflect.DeepEqual(back, v) {
					t.Fatalf("%v: %+v came back as %+v (%v)", order.ByteOrder, v, back, err)
				}
			}
		}
	})
}

func TestCodecAppendsAndZeroesHoles(t *testing.T) {
	eachRecord(t, func(t *testing.T, c codecRecord, r *rand.Rand) {
		v := c.make()
		fill(r, reflect.ValueOf(v).Elem())
		for _, order := range orders {
			for _, spare := range []int{0, c.size - 1, c.size, c.size + 9} {
				buf := bytes.Repeat([]byte{0xa5}, 3+max(spare, 0))
				got := order.append(v, buf[:3])
				want, err := binary.Append([]byte{0xa5, 0xa5, 0xa5}, order.ByteOrder, v)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("%v, with room for %d bytes:\n got % x\nwant % x", order.ByteOrder, spare, got, want)
				}
				if n := 3 + c.size; spare > c.size && buf[n] != 0xa5 {
					t.Errorf("%v, with room for %d bytes: wrote past the record", order.ByteOrder, spare)
				}
			}
		}
	})
}

func TestCodecShortInputNamesTheRecordAndChangesNothing(t *testing.T) {
	eachRecord(t, func(t *testing.T, c codecRecord, r *rand.Rand) {
		v, before := c.make(), c.make()
		fill(r, reflect.ValueOf(v).Elem())
		reflect.ValueOf(before).Elem().Set(reflect.ValueOf(v).Elem())
		for n := range c.size {
			for _, order := range orders {
				err := order.decode(v, make([]byte, n, c.size))
				var short *ShortError
				if !errors.As(err, &short) || !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Fatalf("%v, %d bytes: %v", order.ByteOrder, n, err)
				}
				if short.Have != n || short.Want != c.size || short.Record == "" {
					t.Fatalf("%v, %d bytes: %+v", order.ByteOrder, n, short)
				}
				if !reflect.DeepEqual(v, before) {
					t.Fatalf("%v, %d bytes: %+v became %+v", order.ByteOrder, n, before, v)
				}
			}
		}
	})
}

func TestCodecIgnoresWhatFollowsTheRecord(t *testing.T) {
	eachRecord(t, func(t *testing.T, c codecRecord, r *rand.Rand) {
		v, back := c.make(), c.make()
		fill(r, reflect.ValueOf(v).Elem())
		for _, order := range orders {
			b := append(order.append(v, nil), 1, 2, 3)
			if err := order.decode(back, b); err != nil || !reflect.DeepEqual(back, v) {
				t.Errorf("%v: %+v came back as %+v (%v)", order.ByteOrder, v, back, err)
			}
		}
	})
}

// Every byte belongs to one number or to a hole, and every number has as many
// bytes as it is wide.
func TestCodecEachByteIsInOneMember(t *testing.T) {
	eachRecord(t, func(t *testing.T, c codecRecord, _ *rand.Rand) {
		for _, order := range orders {
			zero := leaves(reflect.ValueOf(c.make()).Elem())
			owned := make([]int, len(zero))
			last := 0
			for i := range c.size {
				b := make([]byte, c.size)
				b[i] = 0xff
				v := c.make()
				if err := order.decode(v, b); err != nil {
					t.Fatal(err)
				}
				owners := 0
				for j, leaf := range leaves(reflect.ValueOf(v).Elem()) {
					if leaf.Interface() == zero[j].Interface() {
						continue
					}
					owners++
					owned[j]++
					if j < last {
						t.Errorf("%v: byte %d changes number %d, an earlier byte number %d", order.ByteOrder, i, j, last)
					}
					last = j
				}
				if owners > 1 {
					t.Errorf("%v: byte %d changes %d numbers", order.ByteOrder, i, owners)
				}
			}
			for j, n := range owned {
				if want := int(zero[j].Type().Size()); n != want {
					t.Errorf("%v: number %d, a %s, is changed by %d bytes, want %d", order.ByteOrder, j, zero[j].Type(), n, want)
				}
			}
		}
	})
}

func TestCodecDoesNotAllocate(t *testing.T) {
	eachRecord(t, func(t *testing.T, c codecRecord, _ *rand.Rand) {
		v := c.make()
		buf := make([]byte, 0, c.size)
		full := make([]byte, c.size)
		for name, f := range map[string]func(){
			"AppendBinary":       func() { _, _ = v.AppendBinary(buf) },
			"AppendLittleEndian": func() { v.AppendLittleEndian(buf) },
			"AppendBigEndian":    func() { v.AppendBigEndian(buf) },
			"UnmarshalBinary":    func() { _ = v.UnmarshalBinary(full) },
			"DecodeLittleEndian": func() { _ = v.DecodeLittleEndian(full) },
			"DecodeBigEndian":    func() { _ = v.DecodeBigEndian(full) },
		} {
			if n := testing.AllocsPerRun(50, f); n != 0 {
				t.Errorf("%s: %v allocations", name, n)
			}
		}
	})
}
