// SPDX-License-Identifier: MIT

//go:build linux

package kerneltest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf"
	"github.com/fuseiomap/abigen/bpf/emu"
	"github.com/fuseiomap/abigen/bpf/internal/randomcalls"
	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/internal/jit"
	"github.com/fuseiomap/abigen/internal/testmod"
)

// calls are for each program, in cases of their own parameters.
var calls = flag.Int("calls", 200, "random calls of each attached program")

const callsPerCase = 200

// The programs are put to random calls where they are attached, and in the
// interpreter: result, every byte of the answer, what they enter into the mapping
// cache, their maps and ring buffers are the same, and the word behind the answer
// stays what it was. The objects are the same three times, whatever the revision.
func TestAttachedProgramsDoWhatTheInterpreterDoes(t *testing.T) {
	d := needModule(t)
	f := fuseDevice(t)
	rev := revision(t, d)
	c := caller(t, d, f)
	info, err := d.Info()
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range slices.Concat(randomcalls.Mappers, randomcalls.Keepers) {
		t.Run(source.Program.Name(), func(t *testing.T) {
			unpin, err := jit.OneCPU() // of what is kept for each processor
			if err != nil {
				t.Fatal(err)
			}
			defer unpin()
			if info.Eight != testmod.Right {
				source = withoutIoend(source)
			}
			made := 0
			// Other cases for each revision: a case costs a load.
			for number := 2<<32 + uint64(info.Revision)<<24; made < *calls; number++ {
				tape := randomcalls.Record(randomcalls.Seed, number)
				if err := play(source, tape, rev, c); err != nil {
					t.Fatalf("seed %d, case %d: %v", randomcalls.Seed, number, err)
				}
				made += callsPerCase
			}
			t.Logf("%d calls alike, seed %d", made, randomcalls.Seed)
		})
	}
}

// withoutIoend leaves out the callback that this kernel calls with wrong
// arguments.
func withoutIoend(s randomcalls.Source) randomcalls.Source {
	next := s.Next
	s.Next = func(w *randomcalls.World, t *randomcalls.Tape) randomcalls.Call {
		for {
			if c := next(w, t); c.Ioend == nil {
				return c
			}
		}
	}
	return s
}

func play(source randomcalls.Source, tape *randomcalls.Tape, revision string, c *testmod.Caller) (err error) {
	w := source.Make(tape)
	var emulated, called []emu.CacheUpdate
	x, err := programs.Emulate(w.Params, nil, emu.IomapOptions{Revision: revision, Upsert: func(u emu.CacheUpdate) int32 {
		emulated = append(emulated, u)
		return 0
	}})
	if err != nil {
		return err
	}
	ops, err := programs.Load(context.Background(), w.Params, bpf.Options{Device: c.FD, AllowPartial: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ops.Close()) }()
	link, err := ops.Attach(context.Background())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, link.Close()) }()
	c.Kfunc = func(k testmod.KfuncCall) {
		called = append(called, emu.CacheUpdate{NodeID: k.NodeID, Read: k.Read, Write: k.Write})
	}
	maps := ops.Collection().Maps
	kernel := randomcalls.Side{
		Runner: whole{c}, Store: programs.InKernel(ops.Collection(), ops.Spec()),
		Contents: func() ([]jit.Element, error) { return jit.InKernel(maps) },
		Records:  func(ring string) ([][]byte, error) { return jit.RecordsIn(maps[ring]) },
	}
	if err := randomcalls.Play(source, w, tape, callsPerCase, randomcalls.Emulated(x), kernel); err != nil {
		return err
	}
	if !reflect.DeepEqual(emulated, called) {
		return fmt.Errorf("%s\nparameters %+v\n%d mappings entered into the cache in the interpreter, %d in the kernel, or others", w.Program.Name(), w.Params, len(emulated), len(called))
	}
	if c := w.Program == programs.Cached && revision != "R2"; c != (len(called) > 0) {
		return fmt.Errorf("%s on %s: %d mappings entered into the cache", w.Program.Name(), revision, len(called))
	}
	return nil
}

// whole refuses a result that is none of the two: the kernel looks at all of it.
type whole struct{ *testmod.Caller }

func (w whole) Begin(nodeid uint64, in abi.IomapBeginIn) (abi.IomapBeginOut, abi.IomapBPFRet, error) {
	out, ret, err := w.Caller.Begin(nodeid, in)
	return out, ret, errors.Join(err, known(ret))
}

func (w whole) End(nodeid uint64, in abi.IomapEndIn) (abi.IomapBPFRet, error) {
	ret, err := w.Caller.End(nodeid, in)
	return ret, errors.Join(err, known(ret))
}

func (w whole) Ioend(nodeid uint64, in abi.IomapIoendIn, newsize uint64) (abi.IomapIoendOut, abi.IomapBPFRet, error) {
	out, ret, err := w.Caller.Ioend(nodeid, in, newsize)
	return out, ret, errors.Join(err, known(ret))
}

func known(ret abi.IomapBPFRet) error {
	if ret != abi.FIB_FALLBACK && ret != abi.FIB_HANDLED {
		return fmt.Errorf("the program returned %d", ret)
	}
	return nil
}
