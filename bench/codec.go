// SPDX-License-Identifier: MIT

package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"unsafe"

	"github.com/fuseiomap/abigen/abi"
)

// codecSeed makes the records' contents.
const codecSeed = 20261

// record is what generated Go has for each.
type record[T any] interface {
	*T
	AppendBinary([]byte) ([]byte, error)
	AppendBigEndian([]byte) []byte
	UnmarshalBinary([]byte) error
	DecodeBigEndian([]byte) error
}

// codecRecord has the operations of one record, each n times.
type codecRecord struct {
	name string
	ops  map[string]func(n int) error
}

// codecOf gives the operations on a record with random contents, all on the same
// memory.
func codecOf[T any, P record[T]](name string) codecRecord {
	rng := rand.New(rand.NewPCG(codecSeed, 0))
	v := P(new(T))
	buf := make([]byte, unsafe.Sizeof(*v))
	for i := range buf {
		buf[i] = byte(rng.Uint32())
	}
	memory := unsafe.Slice((*byte)(unsafe.Pointer(v)), len(buf))
	copy(memory, buf)
	return codecRecord{name, map[string]func(int) error{
		"append": func(n int) error {
			for range n {
				if _, err := v.AppendBinary(buf[:0]); err != nil {
					return err
				}
			}
			return nil
		},
		"append-big": func(n int) error {
			for range n {
				v.AppendBigEndian(buf[:0])
			}
			return nil
		},
		"append general":     appends(v, buf, binary.NativeEndian),
		"append-big general": appends(v, buf, binary.BigEndian),
		"append copy": func(n int) error {
			for range n {
				copy(buf, memory)
			}
			return nil
		},
		"decode": func(n int) error {
			for range n {
				if err := v.UnmarshalBinary(buf); err != nil {
					return err
				}
			}
			return nil
		},
		"decode-big": func(n int) error {
			for range n {
				if err := v.DecodeBigEndian(buf); err != nil {
					return err
				}
			}
			return nil
		},
		"decode general":     decodes(v, buf, binary.NativeEndian),
		"decode-big general": decodes(v, buf, binary.BigEndian),
		"decode copy": func(n int) error {
			for range n {
				copy(memory, buf)
			}
			return nil
		},
	}}
}

// appends and decodes are what encoding/binary does.
func appends(v any, buf []byte, order binary.ByteOrder) func(int) error {
	return func(n int) error {
		for range n {
			if _, err := binary.Append(buf[:0], order, v); err != nil {
				return err
			}
		}
		return nil
	}
}

func decodes(v any, buf []byte, order binary.ByteOrder) func(int) error {
	return func(n int) error {
		for range n {
			if _, err := binary.Decode(buf, order, v); err != nil {
				return err
			}
		}
		return nil
	}
}

// codecRecords are all records of the contract that have a codec of their own.
func codecRecords() []codecRecord {
	return []codecRecord{
		codecOf[abi.IomapIO]("fuse_iomap_io"),
		codecOf[abi.IomapBeginIn]("fuse_iomap_begin_in"),
		codecOf[abi.IomapBeginOut]("fuse_iomap_begin_out"),
		codecOf[abi.IomapEndIn]("fuse_iomap_end_in"),
		codecOf[abi.IomapIoendIn]("fuse_iomap_ioend_in"),
		codecOf[abi.IomapIoendOut]("fuse_iomap_ioend_out"),
		codecOf[abi.IomapBPFOps]("fuse_iomap_bpf_ops"),
	}
}

func codecRows() []Row {
	const how = "Loops within one process, on one processor, by their thread's CPU time, over each record of the contract in turn, with the same random contents in the same memory. The figure is the mean of a record."
	general := func(id, title string, front bool) Row {
		return Row{ID: "codec/" + id, Title: title, Ours: "abi", Peer: "encoding/binary", Unit: "ns a record", Wanted: 10, How: how, Front: front,
			Measure: func(_ *Bench, rounds int) (Samples, error) { return codec(rounds, id, id+" general", 10) }}
	}
	limit := func(id, title string) Row {
		return Row{ID: "codec/" + id + "-limit", Title: title, Ours: "abi", Peer: "unsafe copy", Unit: "ns a record",
			How:     how + " An unsafe copy of the memory, which holds for one byte order and where Go's layout is C's, is the limit.",
			Measure: func(_ *Bench, rounds int) (Samples, error) { return codec(rounds, id, id+" copy", 0) }}
	}
	return []Row{
		general("append", "encode, this machine's byte order", true),
		general("append-big", "encode, the other byte order", false),
		general("decode", "decode, this machine's byte order", true),
		general("decode-big", "decode, the other byte order", false),
		limit("append", "encode"),
		limit("decode", "decode"),
	}
}

// codec measures every record in every round. The record with the smallest
// advantage must keep the bound too.
func codec(rounds int, ours, peer string, wanted float64) (Samples, error) {
	all := codecRecords()
	var samples []sample
	for _, r := range all {
		samples = append(samples, loop(r.ops[ours]), loop(r.ops[peer]))
	}
	got, err := turns(rounds, samples...)
	if err != nil {
		return Samples{}, err
	}
	s := Samples{Ours: make([]float64, rounds), Peer: make([]float64, rounds)}
	least, most := 0, 0
	by := make([]float64, len(all))
	for i := range all {
		for round := range rounds {
			s.Ours[round] += got[2*i][round] / float64(len(all))
			s.Peer[round] += got[2*i+1][round] / float64(len(all))
		}
		by[i] = median(ratios(got[2*i+1], got[2*i]))
		if by[i] < by[least] {
			least = i
		}
		if by[i] > by[most] {
			most = i
		}
	}
	s.Notes = []string{fmt.Sprintf("from %s for struct %s to %s for struct %s", factor(by[least]), all[least].name, factor(by[most]), all[most].name)}
	if wanted > 0 {
		s.Bounds = []Bound{{fmt.Sprintf("%s for each", factor(wanted)), by[least] >= wanted}}
	}
	return s, nil
}
