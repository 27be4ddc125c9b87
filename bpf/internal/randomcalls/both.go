// SPDX-License-Identifier: MIT

package randomcalls

import (
	"fmt"

	"github.com/fuseiomap/abigen/abi"
	"github.com/fuseiomap/abigen/bpf/emu"
	"github.com/fuseiomap/abigen/bpf/programs"
	"github.com/fuseiomap/abigen/internal/jit"
)

// Runner calls a loaded program. Of iomap_begin the answer's memory is zero
// before, of iomap_ioend it holds newsize.
type Runner interface {
	Begin(nodeid uint64, in abi.IomapBeginIn) (abi.IomapBeginOut, abi.IomapBPFRet, error)
	End(nodeid uint64, in abi.IomapEndIn) (abi.IomapBPFRet, error)
	Ioend(nodeid uint64, in abi.IomapIoendIn, newsize uint64) (abi.IomapIoendOut, abi.IomapBPFRet, error)
}

// Side is a program that runs somewhere, and its maps.
type Side struct {
	Runner
	Store programs.Store
	// Contents lists what is in the maps.
	Contents func() ([]jit.Element, error)
	// Records takes what is in a ring buffer.
	Records func(ring string) ([][]byte, error)
}

// Emulated is the side of an interpreter.
func Emulated(x *emu.Iomap) Side {
	return Side{
		Runner: x, Store: programs.InEmulator(x.Machine),
		Contents: func() ([]jit.Element, error) { return jit.ContentsOf(x.Machine) },
		Records: func(ring string) ([][]byte, error) {
			m, err := x.Map(ring)
			if err != nil {
				return nil, err
			}
			return m.Records()
		},
	}
}

// Play puts a program to the next calls in the interpreter and in the kernel,
// and says what differs: the answers, and at the end the maps and ring buffers.
func Play(source Source, w *World, t *Tape, calls int, interpreter, kernel Side) error {
	for i := range calls {
		c := source.Next(w, t)
		if err := differ(interpreter, kernel, c); err != nil {
			return fmt.Errorf("%s\nparameters %+v\ncall %d: %v\n%w", w.Program.Name(), w.Params, i, c, err)
		}
	}
	if err := keepsAlike(w, interpreter, kernel); err != nil {
		return fmt.Errorf("%s\nparameters %+v\nafter %d calls: %w", w.Program.Name(), w.Params, calls, err)
	}
	return nil
}

// differ makes one call on both sides.
func differ(interpreter, kernel Side, c Call) error {
	switch {
	case c.Store != nil:
		if err := c.Store(interpreter.Store); err != nil {
			return err
		}
		return c.Store(kernel.Store)
	case c.Begin != nil:
		out, ret, err := interpreter.Begin(c.Inode, *c.Begin)
		kout, kret, kerr := kernel.Begin(c.Inode, *c.Begin)
		if err != nil || kerr != nil || out != kout || ret != kret {
			return fmt.Errorf("interpreter: %v %+v %w, kernel: %v %+v %w", ret, out, err, kret, kout, kerr)
		}
	case c.End != nil:
		ret, err := interpreter.End(c.Inode, *c.End)
		kret, kerr := kernel.End(c.Inode, *c.End)
		if err != nil || kerr != nil || ret != kret {
			return fmt.Errorf("interpreter: %v %w, kernel: %v %w", ret, err, kret, kerr)
		}
	default:
		out, ret, err := interpreter.Ioend(c.Inode, *c.Ioend, c.Size)
		kout, kret, kerr := kernel.Ioend(c.Inode, *c.Ioend, c.Size)
		if err != nil || kerr != nil || out != kout || ret != kret {
			return fmt.Errorf("interpreter: %v %+v %w, kernel: %v %+v %w", ret, out, err, kret, kout, kerr)
		}
	}
	return nil
}

// rings are the ring buffers of the programs that have one.
var rings = map[programs.Program]string{programs.Append: "conversions", programs.Observe: "samples"}

func keepsAlike(w *World, interpreter, kernel Side) error {
	got, err := interpreter.Contents()
	if err != nil {
		return err
	}
	want, err := kernel.Contents()
	if err != nil {
		return err
	}
	if err := SameContents(got, want); err != nil {
		return fmt.Errorf("interpreter (holds) and kernel (should hold): %w", err)
	}
	ring := rings[w.Program]
	if ring == "" {
		return nil
	}
	a, err := interpreter.Records(ring)
	if err != nil {
		return err
	}
	b, err := kernel.Records(ring)
	if err != nil {
		return err
	}
	return SameRecords(w.Program, a, b)
}
