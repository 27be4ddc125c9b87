// SPDX-License-Identifier: MIT

package emu

import (
	"encoding/binary"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
)

func TestNumbersAreIteratedInTheKernel(t *testing.T) {
	newKernel(t)
	if types, err := btf.LoadKernelSpec(); err != nil {
		t.Skipf("the running kernel has no BTF: %v", err)
	} else if _, err := types.AnyTypeByName("bpf_iter_num_new"); err != nil {
		t.Skip("the running kernel has no bpf_iter_num_new")
	}
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the running kernel is big-endian, and the cases are for little-endian ones")
	}
	c, err := ebpf.NewCollection(object(t, "iter", "el"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, k := range iterCases {
		for name, v := range map[string]int32{"from": k.from, "to": k.to} {
			if err := c.Variables[name].Set(v); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.Programs["iterate"].Run(&ebpf.RunOptions{Data: make([]byte, 64)}); err != nil {
			t.Fatal(err)
		}
		var made int32
		var n uint32
		var sum uint64
		for name, out := range map[string]any{"made": &made, "numbers": &n, "sum": &sum} {
			if err := c.Variables[name].Get(out); err != nil {
				t.Fatal(err)
			}
		}
		if made != k.made || n != k.numbers || sum != k.sum {
			t.Errorf("%d to %d in the kernel: result %d, %d numbers, sum %d, want %d, %d, %d", k.from, k.to, made, n, sum, k.made, k.numbers, k.sum)
		}
	}
}
