// SPDX-License-Identifier: MIT

package abi

import (
	"encoding/binary"
	"math/rand/v2"
	"reflect"
	"testing"
)

// The codec is meant to be at least 10 times as fast as encoding/binary, and
// not to allocate:
//
//	go test -run '^$' -bench Codec ./abi
//
// Each pair writes to, or reads from, the same memory.

func BenchmarkCodecAppend(b *testing.B) {
	for _, c := range codecRecords {
		v := c.make()
		fill(rand.New(rand.NewPCG(seed, 0)), reflect.ValueOf(v).Elem())
		buf := make([]byte, 0, c.size)
		b.Run(c.name+"/generated", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.AppendBinary(buf); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(c.name+"/generated-order", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v.AppendOrder(buf, binary.BigEndian)
			}
		})
		b.Run(c.name+"/encoding-binary", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := binary.Append(buf, binary.NativeEndian, v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCodecDecode(b *testing.B) {
	for _, c := range codecRecords {
		v := c.make()
		fill(rand.New(rand.NewPCG(seed, 0)), reflect.ValueOf(v).Elem())
		buf := v.AppendOrder(nil, binary.NativeEndian)
		b.Run(c.name+"/generated", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := v.UnmarshalBinary(buf); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(c.name+"/generated-order", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := v.DecodeOrder(buf, binary.BigEndian); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(c.name+"/encoding-binary", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := binary.Decode(buf, binary.NativeEndian, v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
