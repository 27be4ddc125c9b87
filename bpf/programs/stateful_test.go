// SPDX-License-Identifier: MIT

package programs_test

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"testing"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/emu"
	"github.com/fuseiomap/abigen/bpf/internal/randomcalls"
	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/internal/jit"
)

// The models of the programs that keep something.

// keeper is a model that keeps what its program should.
type keeper interface {
	begin(c randomcalls.Call)
	end(c randomcalls.Call) abi.IomapBPFRet
	ioend(c randomcalls.Call) (newsize uint64, ret abi.IomapBPFRet)
	// elements are what should be in the maps, and records in the ring buffer.
	elements() []jit.Element
	ring() (name string, records [][]byte)
}

// appendKeeper is the model of append.
type appendKeeper struct {
	order   binary.ByteOrder
	files   map[uint64]*programs.AppendState
	records []programs.Conversion
}

func (k *appendKeeper) begin(randomcalls.Call) {}

func (k *appendKeeper) end(c randomcalls.Call) abi.IomapBPFRet {
	f := k.files[c.Inode]
	switch {
	case f == nil:
		return abi.FIB_FALLBACK
	case c.End.Written >= 0 && uint64(c.End.Written) >= c.End.Count:
		f.Ended++
		return abi.FIB_HANDLED
	}
	f.Left++
	return abi.FIB_FALLBACK
}

func (k *appendKeeper) ioend(c randomcalls.Call) (uint64, abi.IomapBPFRet) {
	f, in := k.files[c.Inode], *c.Ioend
	if f == nil {
		return c.Size, abi.FIB_FALLBACK
	}
	end, carry := bits.Add64(in.Pos, in.Written, 0)
	fine := in.Error == 0 && int64(in.Written) > 0 && in.Flags&(abi.FUSE_IOMAP_IOEND_SHARED|abi.FUSE_IOMAP_IOEND_SWAPOFF) == 0 &&
		carry == 0 && end <= programs.MaxOffset
	convert := in.Flags&abi.FUSE_IOMAP_IOEND_UNWRITTEN != 0
	if !fine || convert && len(k.records) == 127 { // of 32 bytes each, in a ring of 4096
		f.Left++
		return c.Size, abi.FIB_FALLBACK
	}
	if convert {
		k.records = append(k.records, programs.Conversion{NodeID: c.Inode, Pos: in.Pos, Length: in.Written})
		f.Converted += in.Written
	}
	if in.Flags&abi.FUSE_IOMAP_IOEND_APPEND != 0 && end > f.Size {
		f.Appended += end - f.Size
		f.Size = end
	}
	return f.Size, abi.FIB_HANDLED
}

func (k *appendKeeper) elements() []jit.Element {
	var all []jit.Element
	for inode, f := range k.files {
		all = append(all, jit.Element{Map: "files", Key: encode(k.order, inode), Value: encode(k.order, f)})
	}
	return all
}

func (k *appendKeeper) ring() (string, [][]byte) {
	var all [][]byte
	for _, r := range k.records {
		all = append(all, encode(k.order, r))
	}
	return "conversions", all
}

func encode(order binary.ByteOrder, v any) []byte {
	b, err := binary.Append(nil, order, v)
	if err != nil {
		panic(err)
	}
	return b
}

// observeKeeper is the model of observe.
type observeKeeper struct {
	order   binary.ByteOrder
	params  programs.ObserveParams
	tallies map[programs.ObservedKind]*programs.ObservedTally
	state   programs.ObserveState
	samples []programs.Observation
}

func (k *observeKeeper) see(o programs.Observation, bytes uint64, failed bool) {
	kind := programs.ObservedKind{Callback: o.Callback, Flags: o.Flags, Size: uint32(bits.Len64(bytes))}
	if failed {
		kind.Failed = 1
	}
	t := k.tallies[kind]
	if t == nil && len(k.tallies) < int(k.params.Kinds) {
		t = &programs.ObservedTally{}
		k.tallies[kind] = t
	}
	if t != nil {
		t.Calls++
		t.Bytes += bytes
	} else {
		k.state.Uncounted++
	}
	if n := uint64(k.params.SampleEvery); n > 0 && k.state.Calls%n == 0 {
		if len(k.samples) < 56 { // of 72 bytes each, in a ring of 4096
			k.samples = append(k.samples, o)
		} else {
			k.state.Unsampled++
		}
	}
	k.state.Calls++
}

func (k *observeKeeper) begin(c randomcalls.Call) {
	k.see(programs.Observation{NodeID: c.Inode, Pos: c.Begin.Pos, Count: c.Begin.Count, Callback: programs.ObservedBegin, Flags: uint32(c.Begin.Opflags)}, c.Begin.Count, false)
}

func (k *observeKeeper) end(c randomcalls.Call) abi.IomapBPFRet {
	k.see(programs.Observation{
		NodeID: c.Inode, Pos: c.End.Pos, Count: c.End.Count, Written: c.End.Written, Callback: programs.ObservedEnd, Flags: uint32(c.End.Opflags),
	}, c.End.Count, c.End.Written < 0)
	return abi.FIB_FALLBACK
}

func (k *observeKeeper) ioend(c randomcalls.Call) (uint64, abi.IomapBPFRet) {
	in := c.Ioend
	written := int64(in.Written)
	k.see(programs.Observation{
		NodeID: c.Inode, Pos: in.Pos, Written: written, NewAddr: in.NewAddr, Callback: programs.ObservedIoend,
		Flags: uint32(in.Flags), Error: in.Error, Device: in.Dev,
	}, uint64(max(written, 0)), in.Error != 0 || written < 0)
	return c.Size, abi.FIB_FALLBACK
}

func (k *observeKeeper) elements() []jit.Element {
	all := []jit.Element{{Map: "states", Key: make([]byte, 4), Value: encode(k.order, k.state)}}
	for kind, t := range k.tallies {
		all = append(all, jit.Element{Map: "tallies", Key: encode(k.order, kind), Value: encode(k.order, t)})
	}
	return all
}

func (k *observeKeeper) ring() (string, [][]byte) {
	var all [][]byte
	for _, o := range k.samples {
		all = append(all, encode(k.order, o))
	}
	return "samples", all
}

// newKeeper makes the model of a world.
func newKeeper(w *randomcalls.World, order binary.ByteOrder) keeper {
	if p, ok := w.Params.(programs.ObserveParams); ok {
		return &observeKeeper{order: order, params: p, tallies: map[programs.ObservedKind]*programs.ObservedTally{}}
	}
	k := &appendKeeper{order: order, files: map[uint64]*programs.AppendState{}}
	for _, f := range w.Params.(programs.AppendParams).Files {
		k.files[f.Inode] = &programs.AppendState{Size: f.Size}
	}
	return k
}

// playKeeper puts a program that keeps something to random calls.
func playKeeper(tp *randomcalls.Tape, number uint64, source randomcalls.Source, calls int) error {
	w := source.Make(tp)
	order, revision := surroundings(number)
	x, err := programs.Emulate(w.Params, order, emu.IomapOptions{Revision: revision})
	if err != nil {
		return err
	}
	k := newKeeper(w, order)
	for i := range calls {
		c := source.Next(w, tp)
		if err := playCall(x, k, c); err != nil {
			return fmt.Errorf("%s, %s, %s\nparameters %+v\ncall %d: %v\n%w", w.Program.Name(), revision, order, w.Params, i, c, err)
		}
	}
	got, err := jit.ContentsOf(x.Machine)
	if err != nil {
		return err
	}
	name, want := k.ring()
	ring, err := x.Map(name)
	if err != nil {
		return err
	}
	records, err := ring.Records()
	if err != nil {
		return err
	}
	if err := randomcalls.SameContents(got, k.elements()); err != nil {
		return fmt.Errorf("%s, %s\nparameters %+v\nafter %d calls: %w", w.Program.Name(), order, w.Params, calls, err)
	}
	if err := randomcalls.SameRecords(w.Program, records, want); err != nil {
		return fmt.Errorf("%s, %s\nparameters %+v\nafter %d calls: %w", w.Program.Name(), order, w.Params, calls, err)
	}
	return nil
}

func playCall(x *emu.Iomap, k keeper, c randomcalls.Call) error {
	switch {
	case c.Begin != nil:
		k.begin(c)
		if out, ret, err := x.Begin(c.Inode, *c.Begin); err != nil || ret != abi.FIB_FALLBACK || out != (abi.IomapBeginOut{}) {
			return fmt.Errorf("iomap_begin gives %v, %+v, %w", ret, out, err)
		}
	case c.End != nil:
		want := k.end(c)
		if ret, err := x.End(c.Inode, *c.End); err != nil || ret != want {
			return fmt.Errorf("iomap_end gives %v, not %v: %w", ret, want, err)
		}
	default:
		size, want := k.ioend(c)
		if out, ret, err := x.Ioend(c.Inode, *c.Ioend, c.Size); err != nil || ret != want || out.Newsize != size {
			return fmt.Errorf("iomap_ioend gives %v and size %d, not %v and %d: %w", ret, out.Newsize, want, size, err)
		}
	}
	return nil
}

func TestProgramsKeepWhatTheModelKeeps(t *testing.T) {
	n := callsOf(t, "ABIGEN_MODEL_CALLS", 20000)
	for _, m := range randomcalls.Keepers {
		t.Run(m.Program.Name(), func(t *testing.T) {
			t.Parallel()
			for number := uint64(0); int(number)*callsPerCase < n; number++ {
				tp := randomcalls.Record(randomcalls.Seed, number)
				err := playKeeper(tp, number, m, callsPerCase)
				if err == nil {
					continue
				}
				least := randomcalls.Shrink(tp.Choices, 3000, func(tp *randomcalls.Tape) bool { return playKeeper(tp, number, m, callsPerCase) != nil })
				t.Fatalf("seed %d, case %d: %v\nwith the fewest choices: %v", randomcalls.Seed, number, err, playKeeper(&randomcalls.Tape{Choices: least}, number, m, callsPerCase))
			}
		})
	}
}
