// SPDX-License-Identifier: MIT

package programs_test

import (
	"fmt"
	"testing"

	"github.com/fuseiomap/abigen/bpf/emu"
	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/internal/jit"
)

// kernelCallsPerCase is more than in the interpreter, because loading a program
// takes the kernel longer.
const kernelCallsPerCase = 1000

// loadBoth loads a world into the interpreter and into the kernel.
func loadBoth(w *world) (x *emu.Iomap, m *jit.Machine, err error) {
	if x, err = programs.Emulate(w.params, nil, emu.IomapOptions{Revision: "R2"}); err != nil {
		return nil, nil, err
	}
	spec, err := w.program.Spec(nil)
	if err != nil {
		return nil, nil, err
	}
	if err := w.params.Configure(spec); err != nil {
		return nil, nil, err
	}
	if m, err = jit.New(spec); err != nil {
		return nil, nil, err
	}
	if err := w.params.Fill(programs.InKernel(m.Collection(), m.Spec())); err != nil {
		m.Close()
		return nil, nil, err
	}
	return x, m, nil
}

// differ makes one call in both and says what differs.
func differ(x *emu.Iomap, m *jit.Machine, c call) error {
	switch {
	case c.store != nil:
		if err := c.store(programs.InEmulator(x.Machine)); err != nil {
			return err
		}
		return c.store(programs.InKernel(m.Collection(), m.Spec()))
	case c.begin != nil:
		out, ret, err := x.Begin(c.inode, *c.begin)
		kout, kret, kerr := m.Begin(c.inode, *c.begin)
		if err != nil || kerr != nil || out != kout || ret != kret {
			return fmt.Errorf("interpreter: %v %+v %w, kernel: %v %+v %w", ret, out, err, kret, kout, kerr)
		}
	case c.end != nil:
		ret, err := x.End(c.inode, *c.end)
		kret, kerr := m.End(c.inode, *c.end)
		if err != nil || kerr != nil || ret != kret {
			return fmt.Errorf("interpreter: %v %w, kernel: %v %w", ret, err, kret, kerr)
		}
	default:
		out, ret, err := x.Ioend(c.inode, *c.ioend, c.size)
		kout, kret, kerr := m.Ioend(c.inode, *c.ioend, c.size)
		if err != nil || kerr != nil || out != kout || ret != kret {
			return fmt.Errorf("interpreter: %v %+v %w, kernel: %v %+v %w", ret, out, err, kret, kout, kerr)
		}
	}
	return nil
}

// playBoth puts a program to random calls in the interpreter and in the kernel,
// and compares answers, and at the end maps and ring buffers.
func playBoth(tp *tape, world func(*tape) *world, next func(w *world, t *tape) call, calls int) error {
	w := world(tp)
	x, m, err := loadBoth(w)
	if err != nil {
		return err
	}
	defer m.Close()
	for i := range calls {
		c := next(w, tp)
		if err := differ(x, m, c); err != nil {
			return fmt.Errorf("%s\nparameters %+v\ncall %d: %v\n%w", w.program.Name(), w.params, i, c, err)
		}
	}
	emulated, err := jit.ContentsOf(x.Machine)
	if err != nil {
		return err
	}
	inKernel, err := m.Contents()
	if err != nil {
		return err
	}
	if err := sameContents(emulated, inKernel); err != nil {
		return fmt.Errorf("%s\nparameters %+v\nafter %d calls: interpreter (holds) and kernel (should hold): %w", w.program.Name(), w.params, calls, err)
	}
	ring := map[programs.Program]string{programs.Append: "conversions", programs.Observe: "samples"}[w.program]
	if ring == "" {
		return nil
	}
	mp, err := x.Map(ring)
	if err != nil {
		return err
	}
	a, err := mp.Records()
	if err != nil {
		return err
	}
	b, err := m.Records(ring)
	if err != nil {
		return err
	}
	return sameRecords(w.program, a, b)
}

func TestProgramsDoInTheKernelWhatTheyDoHere(t *testing.T) {
	if err := jit.Available(); err != nil {
		t.Skip(err)
	}
	n := callsOf(t, "ABIGEN_KERNEL_CALLS", 2000)
	run := func(p programs.Program, world func(*tape) *world, next func(*world, *tape) call) {
		t.Run(p.Name(), func(t *testing.T) {
			release, err := jit.OneCPU() // here, because a test of its own has a thread of its own
			if err != nil {
				t.Fatal(err)
			}
			defer release()
			for number := uint64(0); int(number)*kernelCallsPerCase < n; number++ {
				tp := recording(seed, 1<<32+number)
				err := playBoth(tp, world, next, kernelCallsPerCase)
				if err == nil {
					continue
				}
				least := shrink(tp.choices, 200, func(tp *tape) bool { return playBoth(tp, world, next, kernelCallsPerCase) != nil })
				t.Fatalf("seed %d, case %d: %v\nwith the fewest choices: %v", seed, 1<<32+number, err, playBoth(&tape{choices: least}, world, next, kernelCallsPerCase))
			}
			t.Logf("%d calls alike", (n+kernelCallsPerCase-1)/kernelCallsPerCase*kernelCallsPerCase)
		})
	}
	for _, m := range mappers {
		run(m.program, m.make, (*world).call)
	}
	for _, m := range keepers {
		run(m.program, m.make, (*world).stateCall)
	}
}
