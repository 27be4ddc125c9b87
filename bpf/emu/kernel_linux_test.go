// SPDX-License-Identifier: MIT

package emu

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/rlimit"
)

var (
	kernelPrograms = flag.Int("kernel-programs", 2000, "random programs to run in the kernel, when it may be used")
	kernelSeed     = flag.Uint64("kernel-seed", 9669, "seed of the random programs")
)

// kernel runs programs in the running kernel's JIT.
type kernel struct {
	data *ebpf.Map
}

// newKernel skips the test if the kernel may not be used.
func newKernel(t *testing.T) *kernel {
	t.Helper()
	_ = rlimit.RemoveMemlock() // what it is for fails below, with a better message
	data, err := ebpf.NewMap(&ebpf.MapSpec{Name: "data", Type: ebpf.Array, KeySize: 4, ValueSize: dataSize, MaxEntries: 1})
	if err != nil {
		t.Skipf("the kernel may not be used: %v: run as root with CAP_BPF; .ci/run does", err)
	}
	t.Cleanup(func() { _ = data.Close() })
	return &kernel{data: data}
}

// errRefused is the verifier's.
var errRefused = errors.New("refused by the verifier")

// run loads a program, runs it on the given data and gives the data after.
func (k *kernel) run(insns asm.Instructions, data []byte, log bool) ([]byte, error) {
	insns = slices.Clone(insns)
	if err := insns.AssociateMap("data", k.data); err != nil && !errors.Is(err, asm.ErrUnreferencedSymbol) {
		return nil, err
	}
	p, err := ebpf.NewProgramWithOptions(&ebpf.ProgramSpec{Type: ebpf.SchedCLS, License: "GPL", Instructions: insns},
		ebpf.ProgramOptions{LogDisabled: !log})
	if err != nil {
		return nil, errors.Join(errRefused, err)
	}
	defer func() { _ = p.Close() }()
	if err := k.data.Put(uint32(0), data); err != nil {
		return nil, err
	}
	if _, err := p.Run(&ebpf.RunOptions{Data: make([]byte, 64)}); err != nil {
		return nil, err
	}
	out := make([]byte, dataSize)
	return out, k.data.Lookup(uint32(0), out)
}

// emulate does the same here.
func emulate(insns asm.Instructions, data []byte) ([]byte, error) {
	spec := collection(insns)
	spec.Maps = map[string]*ebpf.MapSpec{"data": {Type: ebpf.Array, KeySize: 4, ValueSize: dataSize, MaxEntries: 1}}
	m, err := New(spec, Options{})
	if err != nil {
		return nil, err
	}
	mp, err := m.Map("data")
	if err != nil {
		return nil, err
	}
	if err := mp.Update(uint32(0), data); err != nil {
		return nil, err
	}
	p, err := m.Program("prog")
	if err != nil {
		return nil, err
	}
	if _, err := p.Call(); err != nil {
		return nil, err
	}
	out := make([]byte, dataSize)
	return out, mp.Lookup(uint32(0), out)
}

func TestRandomProgramsDoWhatTheKernelDoes(t *testing.T) {
	k := newKernel(t)
	n := *kernelPrograms
	if testing.Short() {
		n = min(n, 500)
	}
	refused, ran := 0, 0
	for i := uint64(0); ran < n; i++ {
		rng := rand.New(rand.NewPCG(*kernelSeed, i))
		insns := randomProgram(rng)
		data := make([]byte, dataSize)
		for j := range data {
			data[j] = byte(rng.Uint32())
		}
		want, err := k.run(insns, data, false)
		if errors.Is(err, errRefused) {
			refused++
			if refused > 100+ran/20 {
				_, err := k.run(insns, data, true)
				t.Fatalf("seed %d: the verifier refused %d of %d programs, the last, %d, with %v", *kernelSeed, refused, i+1, i, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("seed %d, program %d: %v", *kernelSeed, i, err)
		}
		ran++
		got, err := emulate(insns, data)
		if err != nil {
			t.Fatalf("seed %d, program %d: %v\n%v", *kernelSeed, i, err, insns)
		}
		if !bytes.Equal(got, want) {
			for o := 0; o < dataSize; o += 8 {
				if g, w := le.Uint64(got[o:]), le.Uint64(want[o:]); g != w {
					t.Errorf("data[%d] = %#x, in the kernel %#x", o, g, w)
				}
			}
			t.Fatalf("seed %d, program %d differs:\n%v", *kernelSeed, i, insns)
		}
	}
	t.Logf("seed %d: %d programs ran alike, %d more were refused by the verifier", *kernelSeed, ran, refused)
}

func TestEveryOpcodeDoesTheSameInTheKernel(t *testing.T) {
	k := newKernel(t)
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the cases are for a little-endian kernel")
	}
	for _, c := range opcodePrograms(binary.LittleEndian) {
		body := decoded(t, binary.LittleEndian, c.program)
		body[0] = body[0].WithSymbol("case")
		insns := append(asm.Instructions{
			asm.Mov.Imm(asm.R1, 0), asm.Call.Label("case"), dataAddress(asm.R1, 0),
			asm.StoreMem(asm.R1, 0, asm.R0, asm.DWord), asm.Mov.Imm(asm.R0, 0), asm.Return(),
		}, body...)
		out, err := k.run(insns, make([]byte, dataSize), true)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := le.Uint64(out); got != c.want {
			t.Errorf("%s: r0 = %#x in the kernel, want %#x", c.name, got, c.want)
		}
	}
}
