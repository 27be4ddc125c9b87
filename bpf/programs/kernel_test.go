// SPDX-License-Identifier: MIT

package programs_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/cilium/ebpf/asm"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/internal/jit"
)

// Numbers of the wrapper's memory.
const (
	scratchState = iota // of the positions
	scratchTorn         // answers that are not of one set of extents
	scratchLeft         // fallbacks
)

func scratch(i int) int16 { return int16(jit.ScratchAt + 8*i) }

// inKernel loads a program with parameters.
func inKernel(tb testing.TB, p programs.Params, opts jit.Options) *jit.Machine {
	tb.Helper()
	spec, err := p.Program().Spec(nil)
	if err != nil {
		tb.Fatal(err)
	}
	if err := p.Configure(spec); err != nil {
		tb.Fatal(err)
	}
	m, err := jit.NewWithOptions(spec, opts)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(m.Close)
	if err := p.Fill(programs.InKernel(m.Collection(), m.Spec())); err != nil {
		tb.Fatal(err)
	}
	if err := m.SetScratch(scratchState, 88172645463325252); err != nil {
		tb.Fatal(err)
	}
	return m
}

// tornSet is a set of extents of which no member fits into another set: the
// device is its number, all are that many blocks long, and where they are is a
// checksum of where in the file and of the set.
func tornSet(k uint64, size uint64) []programs.Extent {
	length := k * 4096
	all := make([]programs.Extent, (size+length-1)/length)
	for i := range all {
		offset := uint64(i) * length
		all[i] = programs.Extent{Offset: offset, Length: length, Device: uint32(k), Addr: 2*offset + k<<44}
	}
	return all
}

// checkSet counts answers that are not of one set.
func checkSet() asm.Instructions {
	return asm.Instructions{
		asm.Mov.Imm(asm.R5, scratchAddr(scratchLeft)),
		asm.LoadMem(asm.R0, asm.R6, jit.RetAt, asm.Word),
		asm.JNE.Imm(asm.R0, int32(abi.FIB_HANDLED), "count"),
		asm.Mov.Imm(asm.R5, scratchAddr(scratchTorn)),
		asm.LoadMem(asm.R0, asm.R6, jit.OutAt, asm.DWord),    // offset
		asm.LoadMem(asm.R1, asm.R6, jit.OutAt+8, asm.DWord),  // length
		asm.LoadMem(asm.R2, asm.R6, jit.OutAt+16, asm.DWord), // addr
		asm.LoadMem(asm.R3, asm.R6, jit.OutAt+28, asm.Word),  // dev
		asm.Mov.Reg(asm.R4, asm.R3),
		asm.Mul.Imm(asm.R4, 4096),
		asm.JNE.Reg(asm.R1, asm.R4, "count"),
		asm.Mov.Reg(asm.R4, asm.R0),
		asm.Mod.Reg(asm.R4, asm.R1),
		asm.JNE.Imm(asm.R4, 0, "count"),
		asm.LSh.Imm(asm.R3, 44),
		asm.Add.Reg(asm.R3, asm.R0),
		asm.Add.Reg(asm.R3, asm.R0),
		asm.JNE.Reg(asm.R2, asm.R3, "count"),
		asm.Ja.Label("fine"),
		asm.Mov.Reg(asm.R0, asm.R6).WithSymbol("count"),
		asm.Add.Reg(asm.R0, asm.R5),
		asm.LoadMem(asm.R1, asm.R0, 0, asm.DWord),
		asm.Add.Imm(asm.R1, 1),
		asm.StoreMem(asm.R0, 0, asm.R1, asm.DWord),
		asm.Mov.Imm(asm.R0, 0).WithSymbol("fine"),
	}
}

func scratchAddr(i int) int32 { return int32(scratch(i)) }

func TestNoReaderSeesHalfOfAnUpdate(t *testing.T) {
	if err := jit.Available(); err != nil {
		t.Skip(err)
	}
	const size, sets = 64 << 20, 7
	n := callsOf(t, "ABIGEN_TORN_LOOKUPS", 500000)
	p := programs.ExtentsParams{Files: []programs.ExtentsFile{{Inode: 5, Extents: tornSet(1, size)}}}
	m := inKernel(t, p, jit.Options{Before: jit.Uniform(scratchState, size), After: checkSet()})
	store := programs.InKernel(m.Collection(), m.Spec())

	// The check itself: a set that is not one is seen.
	wrong := tornSet(2, size)
	wrong[3].Addr += 4096
	if err := p.Put(store, programs.ExtentsFile{Inode: 5, Extents: wrong[:4]}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Repeat(5, abi.IomapBeginIn{Count: 1}, 100000); err != nil {
		t.Fatal(err)
	}
	if torn, err := m.Scratch(scratchTorn); err != nil || torn == 0 {
		t.Fatalf("a set that is not one goes unnoticed: %d, %v", torn, err)
	}
	for _, i := range []int{scratchTorn, scratchLeft} {
		if err := m.SetScratch(i, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Put(store, programs.ExtentsFile{Inode: 5, Extents: tornSet(1, size)}); err != nil {
		t.Fatal(err)
	}

	const writers = 2
	var replaced atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan error, writers)
	for w := range uint64(writers) {
		go func() {
			var err error
			for k := w; err == nil; k += writers {
				select {
				case <-stop:
					stopped <- nil
					return
				default:
				}
				if err = p.Put(store, programs.ExtentsFile{Inode: 5, Extents: tornSet(k%sets+1, size)}); err == nil {
					replaced.Add(1)
				}
			}
			stopped <- err
		}()
	}
	const at = 100000
	done := 0
	for begin := time.Now(); done < n || replaced.Load() < 10 && time.Since(begin) < time.Minute; done += at {
		if _, err := m.Repeat(5, abi.IomapBeginIn{Count: 1}, at); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	for range writers {
		if err := <-stopped; err != nil {
			t.Fatal(err)
		}
	}
	torn, err := m.Scratch(scratchTorn)
	if err != nil {
		t.Fatal(err)
	}
	left, err := m.Scratch(scratchLeft)
	if err != nil {
		t.Fatal(err)
	}
	if torn != 0 || left != 0 || replaced.Load() < 10 {
		t.Errorf("of %d look-ups %d saw parts of two sets and %d none, while %d sets were put in place", done, torn, left, replaced.Load())
	}
	t.Logf("%d look-ups, %d sets put in place meanwhile by %d writers", done, replaced.Load(), writers)
}
