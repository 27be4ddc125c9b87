// SPDX-License-Identifier: MIT

package abi

import (
	"encoding/binary"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
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

// BenchmarkCodecTimesFaster measures the two alternately and reports how many
// times faster the generated code is in the best batch of each: what else the
// machine does makes a batch slower, never faster.
func BenchmarkCodecTimesFaster(b *testing.B) {
	const batch = 200
	for _, c := range codecRecords {
		v := c.make()
		fill(rand.New(rand.NewPCG(seed, 0)), reflect.ValueOf(v).Elem())
		buf := v.AppendOrder(nil, binary.NativeEndian)
		for _, pair := range []struct {
			name          string
			ours, general func() error
		}{
			{"append", func() error { _, err := v.AppendBinary(buf[:0]); return err },
				func() error { _, err := binary.Append(buf[:0], binary.NativeEndian, v); return err }},
			{"decode", func() error { return v.UnmarshalBinary(buf) },
				func() error { _, err := binary.Decode(buf, binary.NativeEndian, v); return err }},
			{"append-order", func() error { v.AppendOrder(buf[:0], binary.BigEndian); return nil },
				func() error { _, err := binary.Append(buf[:0], binary.BigEndian, v); return err }},
			{"decode-order", func() error { return v.DecodeOrder(buf, binary.BigEndian) },
				func() error { _, err := binary.Decode(buf, binary.BigEndian, v); return err }},
		} {
			b.Run(c.name+"/"+pair.name, func(b *testing.B) {
				best := [2]time.Duration{time.Hour, time.Hour}
				for b.Loop() {
					for i, f := range []func() error{pair.ours, pair.general} {
						start := time.Now()
						for range batch {
							if err := f(); err != nil {
								b.Fatal(err)
							}
						}
						best[i] = min(best[i], time.Since(start))
					}
				}
				b.ReportMetric(float64(best[1])/float64(best[0]), "times-faster")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}
