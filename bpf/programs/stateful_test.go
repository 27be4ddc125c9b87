// SPDX-License-Identifier: MIT

package programs_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"testing"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/emu"
	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/internal/jit"
)

// The models of the programs that keep something.

func appendWorld(t *tape) *world {
	w := &world{program: programs.Append, inodes: inodes(t), block: 4096}
	p := programs.AppendParams{Ring: 4096}
	for _, i := range w.inodes[:t.n(4)] {
		p.Files = append(p.Files, programs.AppendFile{Inode: i, Size: pick(t, 0, t.n(1<<20), programs.MaxOffset)})
	}
	w.params = p
	return w
}

func observeWorld(t *tape) *world {
	return &world{program: programs.Observe, inodes: inodes(t), block: 4096,
		params: programs.ObserveParams{SampleEvery: uint32(t.n(4)), Ring: 4096, Kinds: uint32(t.n(20)) + 1}}
}

// stateCall makes a call of any of the three.
func (w *world) stateCall(t *tape) call {
	inode := pick(t, w.inodes...)
	count := w.count(t)
	pos := w.position(t, nil)
	switch t.n(3) {
	case 0:
		return call{inode: inode, begin: &abi.IomapBeginIn{Pos: pos, Count: count, Opflags: w.operation(t)}}
	case 1:
		written := pick(t, count, 0, -t.n(134), t.n(1<<20))
		return call{inode: inode, end: &abi.IomapEndIn{Pos: pos, Count: count, Written: int64(written), Opflags: w.operation(t)}}
	}
	in := &abi.IomapIoendIn{Pos: pos, Written: pick(t, t.n(1<<20), t.n(1<<20), count, 0), Flags: abi.IoendFlags(t.n(128)), NewAddr: t.n(1 << 40), Dev: uint32(t.n(4))}
	if t.bool(2) {
		in.Flags &= abi.FUSE_IOMAP_IOEND_UNWRITTEN | abi.FUSE_IOMAP_IOEND_APPEND | abi.FUSE_IOMAP_IOEND_DIRECT
	}
	if t.bool(8) {
		in.Error = -int32(t.n(133)) - 1
	}
	return call{inode: inode, ioend: in, size: t.n(1 << 30)}
}

// keeper is a model that keeps what its program should.
type keeper interface {
	begin(c call)
	end(c call) abi.IomapBPFRet
	ioend(c call) (newsize uint64, ret abi.IomapBPFRet)
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

func (k *appendKeeper) begin(call) {}

func (k *appendKeeper) end(c call) abi.IomapBPFRet {
	f := k.files[c.inode]
	switch {
	case f == nil:
		return abi.FIB_FALLBACK
	case c.end.Written >= 0 && uint64(c.end.Written) >= c.end.Count:
		f.Ended++
		return abi.FIB_HANDLED
	}
	f.Left++
	return abi.FIB_FALLBACK
}

func (k *appendKeeper) ioend(c call) (uint64, abi.IomapBPFRet) {
	f, in := k.files[c.inode], *c.ioend
	if f == nil {
		return c.size, abi.FIB_FALLBACK
	}
	end, carry := bits.Add64(in.Pos, in.Written, 0)
	fine := in.Error == 0 && int64(in.Written) > 0 && in.Flags&(abi.FUSE_IOMAP_IOEND_SHARED|abi.FUSE_IOMAP_IOEND_SWAPOFF) == 0 &&
		carry == 0 && end <= programs.MaxOffset
	convert := in.Flags&abi.FUSE_IOMAP_IOEND_UNWRITTEN != 0
	if !fine || convert && len(k.records) == 127 { // of 32 bytes each, in a ring of 4096
		f.Left++
		return c.size, abi.FIB_FALLBACK
	}
	if convert {
		k.records = append(k.records, programs.Conversion{NodeID: c.inode, Pos: in.Pos, Length: in.Written})
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

func (k *observeKeeper) begin(c call) {
	k.see(programs.Observation{NodeID: c.inode, Pos: c.begin.Pos, Count: c.begin.Count, Callback: programs.ObservedBegin, Flags: uint32(c.begin.Opflags)}, c.begin.Count, false)
}

func (k *observeKeeper) end(c call) abi.IomapBPFRet {
	k.see(programs.Observation{
		NodeID: c.inode, Pos: c.end.Pos, Count: c.end.Count, Written: c.end.Written, Callback: programs.ObservedEnd, Flags: uint32(c.end.Opflags),
	}, c.end.Count, c.end.Written < 0)
	return abi.FIB_FALLBACK
}

func (k *observeKeeper) ioend(c call) (uint64, abi.IomapBPFRet) {
	in := c.ioend
	written := int64(in.Written)
	k.see(programs.Observation{
		NodeID: c.inode, Pos: in.Pos, Written: written, NewAddr: in.NewAddr, Callback: programs.ObservedIoend,
		Flags: uint32(in.Flags), Error: in.Error, Device: in.Dev,
	}, uint64(max(written, 0)), in.Error != 0 || written < 0)
	return c.size, abi.FIB_FALLBACK
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
func newKeeper(w *world, order binary.ByteOrder) keeper {
	if p, ok := w.params.(programs.ObserveParams); ok {
		return &observeKeeper{order: order, params: p, tallies: map[programs.ObservedKind]*programs.ObservedTally{}}
	}
	k := &appendKeeper{order: order, files: map[uint64]*programs.AppendState{}}
	for _, f := range w.params.(programs.AppendParams).Files {
		k.files[f.Inode] = &programs.AppendState{Size: f.Size}
	}
	return k
}

var keepers = []struct {
	program programs.Program
	make    func(t *tape) *world
}{
	{programs.Append, appendWorld},
	{programs.Observe, observeWorld},
}

// playKeeper puts a program that keeps something to random calls.
func playKeeper(tp *tape, number uint64, world func(*tape) *world, calls int) error {
	w := world(tp)
	order, revision := surroundings(number)
	x, err := programs.Emulate(w.params, order, emu.IomapOptions{Revision: revision})
	if err != nil {
		return err
	}
	k := newKeeper(w, order)
	for i := range calls {
		c := w.stateCall(tp)
		if err := playCall(x, k, c); err != nil {
			return fmt.Errorf("%s, %s, %s\nparameters %+v\ncall %d: %v\n%w", w.program.Name(), revision, order, w.params, i, c, err)
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
	if err := sameContents(got, k.elements()); err != nil {
		return fmt.Errorf("%s, %s\nparameters %+v\nafter %d calls: %w", w.program.Name(), order, w.params, calls, err)
	}
	if err := sameRecords(w.program, records, want); err != nil {
		return fmt.Errorf("%s, %s\nparameters %+v\nafter %d calls: %w", w.program.Name(), order, w.params, calls, err)
	}
	return nil
}

func playCall(x *emu.Iomap, k keeper, c call) error {
	switch {
	case c.begin != nil:
		k.begin(c)
		if out, ret, err := x.Begin(c.inode, *c.begin); err != nil || ret != abi.FIB_FALLBACK || out != (abi.IomapBeginOut{}) {
			return fmt.Errorf("iomap_begin gives %v, %+v, %w", ret, out, err)
		}
	case c.end != nil:
		want := k.end(c)
		if ret, err := x.End(c.inode, *c.end); err != nil || ret != want {
			return fmt.Errorf("iomap_end gives %v, not %v: %w", ret, want, err)
		}
	default:
		size, want := k.ioend(c)
		if out, ret, err := x.Ioend(c.inode, *c.ioend, c.size); err != nil || ret != want || out.Newsize != size {
			return fmt.Errorf("iomap_ioend gives %v and size %d, not %v and %d: %w", ret, out.Newsize, want, size, err)
		}
	}
	return nil
}

// sameContents compares maps, whatever their order.
func sameContents(got, want []jit.Element) error {
	all := map[string]int{}
	for _, e := range want {
		all[e.String()]++
	}
	for _, e := range got {
		if all[e.String()]--; all[e.String()] < 0 {
			return fmt.Errorf("the maps hold %s, and should hold %v", e, want)
		}
	}
	if len(got) != len(want) {
		return fmt.Errorf("the maps hold %d elements %v, and should hold %d: %v", len(got), got, len(want), want)
	}
	return nil
}

// sameRecords compares ring buffers. Of observe's records the time is nobody's
// to foresee.
func sameRecords(p programs.Program, got, want [][]byte) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d records in the ring buffer, %d expected", len(got), len(want))
	}
	skip := 0
	if p == programs.Observe {
		skip = 8
	}
	for i := range got {
		if !bytes.Equal(got[i][skip:], want[i][skip:]) {
			return fmt.Errorf("record %d is %x, not %x", i, got[i], want[i])
		}
	}
	return nil
}

func TestProgramsKeepWhatTheModelKeeps(t *testing.T) {
	n := callsOf(t, "ABIGEN_MODEL_CALLS", 20000)
	for _, m := range keepers {
		t.Run(m.program.Name(), func(t *testing.T) {
			t.Parallel()
			for number := uint64(0); int(number)*callsPerCase < n; number++ {
				tp := recording(seed, number)
				err := playKeeper(tp, number, m.make, callsPerCase)
				if err == nil {
					continue
				}
				least := shrink(tp.choices, 3000, func(tp *tape) bool { return playKeeper(tp, number, m.make, callsPerCase) != nil })
				t.Fatalf("seed %d, case %d: %v\nwith the fewest choices: %v", seed, number, err, playKeeper(&tape{choices: least}, number, m.make, callsPerCase))
			}
		})
	}
}
