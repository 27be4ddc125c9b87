// SPDX-License-Identifier: MIT

package programs_test

import (
	"slices"
	"testing"

	"github.com/fuseiomap/abigen/bpf/emu"
	"github.com/fuseiomap/abigen/bpf/internal/randomcalls"
	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/internal/jit"
)

// kernelCallsPerCase is more than in the interpreter, because loading a program
// takes the kernel longer.
const kernelCallsPerCase = 1000

// playBoth puts a program to random calls in the interpreter and in the kernel.
func playBoth(tp *randomcalls.Tape, source randomcalls.Source, calls int) error {
	w := source.Make(tp)
	x, err := programs.Emulate(w.Params, nil, emu.IomapOptions{Revision: "R2"})
	if err != nil {
		return err
	}
	spec, err := w.Program.Spec(nil)
	if err != nil {
		return err
	}
	if err := w.Params.Configure(spec); err != nil {
		return err
	}
	m, err := jit.New(spec)
	if err != nil {
		return err
	}
	defer m.Close()
	store := programs.InKernel(m.Collection(), m.Spec())
	if err := w.Params.Fill(store); err != nil {
		return err
	}
	return randomcalls.Play(source, w, tp, calls, randomcalls.Emulated(x), randomcalls.Side{Runner: m, Store: store, Contents: m.Contents, Records: m.Records})
}

func TestProgramsDoInTheKernelWhatTheyDoHere(t *testing.T) {
	if err := jit.Available(); err != nil {
		t.Skip(err)
	}
	n := callsOf(t, "ABIGEN_KERNEL_CALLS", 2000)
	for _, source := range slices.Concat(randomcalls.Mappers, randomcalls.Keepers) {
		t.Run(source.Program.Name(), func(t *testing.T) {
			release, err := jit.OneCPU() // here, because a test of its own has a thread of its own
			if err != nil {
				t.Fatal(err)
			}
			defer release()
			for number := uint64(0); int(number)*kernelCallsPerCase < n; number++ {
				tp := randomcalls.Record(randomcalls.Seed, 1<<32+number)
				err := playBoth(tp, source, kernelCallsPerCase)
				if err == nil {
					continue
				}
				least := randomcalls.Shrink(tp.Choices, 200, func(tp *randomcalls.Tape) bool { return playBoth(tp, source, kernelCallsPerCase) != nil })
				t.Fatalf("seed %d, case %d: %v\nwith the fewest choices: %v", randomcalls.Seed, 1<<32+number, err, playBoth(&randomcalls.Tape{Choices: least}, source, kernelCallsPerCase))
			}
			t.Logf("%d calls alike", (n+kernelCallsPerCase-1)/kernelCallsPerCase*kernelCallsPerCase)
		})
	}
}
