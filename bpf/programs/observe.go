// SPDX-License-Identifier: MIT

package programs

import (
	"encoding/binary"

	"github.com/cilium/ebpf"
)

// ObserveParams are the parameters of [Observe].
type ObserveParams struct {
	// SampleEvery is every how many calls of a processor one goes into the ring
	// buffer; 0 is none.
	SampleEvery uint32
	// Ring is the size of the ring buffer, a power of two of at least 4096; 0
	// is 262144.
	Ring uint32
	// Kinds is how many kinds of calls are told apart; 0 is 4096.
	Kinds uint32
}

// Callbacks as Observe numbers them.
const (
	ObservedBegin uint32 = iota
	ObservedEnd
	ObservedIoend
)

// ObservedKind is a key of the map "tallies".
type ObservedKind struct {
	Callback uint32 // ObservedBegin, ObservedEnd or ObservedIoend
	Flags    uint32 // operation flags, or ioend flags
	Size     uint32 // bits that the number of bytes takes: 13 for 4096 to 8191
	Failed   uint32 // 1 where an error is reported
}

// ObservedTally is a value of the map "tallies", one for each processor.
type ObservedTally struct {
	Calls uint64 // of this kind
	Bytes uint64 // in all of them together
}

// ObserveState is the value of the map "states", one for each processor.
type ObserveState struct {
	Calls     uint64 // of all kinds
	Uncounted uint64 // not in the tallies, which were full
	Unsampled uint64 // not in the ring buffer, which was full
}

// Observation is a record of the ring buffer "samples".
type Observation struct {
	Time     uint64 // since boot, in nanoseconds
	NodeID   uint64 // of the inode the call was about
	Pos      uint64 // in the file, in bytes
	Count    uint64 // 0 for iomap_ioend
	Written  int64  // bytes or a negative errno; 0 for iomap_begin
	NewAddr  uint64 // iomap_ioend's
	Callback uint32 // 0 iomap_begin, 1 iomap_end, 2 iomap_ioend
	Flags    uint32 // opflags, or ioendflags of iomap_ioend
	Error    int32  // iomap_ioend's
	Device   uint32 // iomap_ioend's
}

// Program is [Observe].
func (p ObserveParams) Program() Program { return Observe }

// Validate checks every entry.
func (p ObserveParams) Validate() error {
	if p.Ring != 0 && (p.Ring < 4096 || p.Ring&(p.Ring-1) != 0) {
		return checker{program: Observe.name}.err("Ring", "%d is no power of two of at least 4096", p.Ring)
	}
	return nil
}

// Configure sets everything.
func (p ObserveParams) Configure(spec *ebpf.CollectionSpec) error {
	if err := p.Validate(); err != nil {
		return err
	}
	if err := sizeRing(Observe, spec, "samples", p.Ring); err != nil {
		return err
	}
	if tallies := spec.Maps["tallies"]; tallies != nil && p.Kinds != 0 {
		tallies.MaxEntries = p.Kinds
	}
	return checker{program: Observe.name}.wrap(setVariables(spec, map[string]any{"sample_every": p.SampleEvery}))
}

// Fill has nothing to enter.
func (p ObserveParams) Fill(Store) error { return p.Validate() }

// DecodeObservation reads a record of the ring buffer "samples".
func DecodeObservation(order binary.ByteOrder, record []byte) (Observation, error) {
	var o Observation
	return o, decode(order, record, &o)
}
