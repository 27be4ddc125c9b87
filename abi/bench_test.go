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
		v, buf := filled(c)
		for _, f := range []struct {
			name string
			run  func() error
		}{
			{"native", func() error { _, err := v.AppendBinary(buf[:0]); return err }},
			{"little-endian", func() error { v.AppendLittleEndian(buf[:0]); return nil }},
			{"big-endian", func() error { v.AppendBigEndian(buf[:0]); return nil }},
			{"encoding-binary", func() error { _, err := binary.Append(buf[:0], binary.NativeEndian, v); return err }},
		} {
			b.Run(c.name+"/"+f.name, func(b *testing.B) { repeat(b, f.run) })
		}
	}
}

func BenchmarkCodecDecode(b *testing.B) {
	for _, c := range codecRecords {
		v, buf := filled(c)
		for _, f := range []struct {
			name string
			run  func() error
		}{
			{"native", func() error { return v.UnmarshalBinary(buf) }},
			{"little-endian", func() error { return v.DecodeLittleEndian(buf) }},
			{"big-endian", func() error { return v.DecodeBigEndian(buf) }},
			{"encoding-binary", func() error { _, err := binary.Decode(buf, binary.NativeEndian, v); return err }},
		} {
			b.Run(c.name+"/"+f.name, func(b *testing.B) { repeat(b, f.run) })
		}
	}
}

// filled returns a record with a random number in each member, and its bytes.
func filled(c codecRecord) (codec, []byte) {
	v := c.make()
	fill(rand.New(rand.NewPCG(seed, 0)), reflect.ValueOf(v).Elem())
	return v, v.AppendLittleEndian(nil)
}

func repeat(b *testing.B, run func() error) {
	b.ReportAllocs()
	for b.Loop() {
		if err := run(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCodecTimesFaster measures the two alternately and reports how many
// times faster the generated code is in the best batch of each: what else the
// machine does makes a batch slower, never faster.
func BenchmarkCodecTimesFaster(b *testing.B) {
	const batch = 200
	for _, c := range codecRecords {
		v, buf := filled(c)
		for _, pair := range []struct {
			name          string
			ours, general func() error
		}{
			{"append", func() error { _, err := v.AppendBinary(buf[:0]); return err },
				func() error { _, err := binary.Append(buf[:0], binary.NativeEndian, v); return err }},
			{"append-little", func() error { v.AppendLittleEndian(buf[:0]); return nil },
				func() error { _, err := binary.Append(buf[:0], binary.LittleEndian, v); return err }},
			{"append-big", func() error { v.AppendBigEndian(buf[:0]); return nil },
				func() error { _, err := binary.Append(buf[:0], binary.BigEndian, v); return err }},
			{"decode", func() error { return v.UnmarshalBinary(buf) },
				func() error { _, err := binary.Decode(buf, binary.NativeEndian, v); return err }},
			{"decode-little", func() error { return v.DecodeLittleEndian(buf) },
				func() error { _, err := binary.Decode(buf, binary.LittleEndian, v); return err }},
			{"decode-big", func() error { return v.DecodeBigEndian(buf) },
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
