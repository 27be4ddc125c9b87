// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// matrixSizes are how many kernels there are, in order.
var matrixSizes = []int{1, 10, 50, 200}

const (
	// dumped is how many of them bpftool reads in a round.
	dumped = 3
	// mostMemory is what abigen matrix may take, in MiB.
	mostMemory = 200
	// mostGrowth is how much more CPU a kernel among the most may take than one
	// among a quarter of them.
	mostGrowth = 1.15
)

func matrixRows() []Row {
	const how = howProcess + " The kernels are seeded variants of the running kernel's BTF, each with the types of one revision of the contract and other names in a thousand places. abigen matrix compares every one with all four revisions. bpftool prints as many of them as there are, three at most. The figure is the CPU of one kernel, and must not rise with their number."
	var all []Row
	for _, n := range matrixSizes {
		title := fmt.Sprintf("%d kernels", n)
		if n == 1 {
			title = "1 kernel"
		}
		all = append(all, Row{
			ID: fmt.Sprintf("matrix/%d", n), Title: title, Front: n == matrixSizes[len(matrixSizes)-1],
			Ours: "abigen matrix", Peer: "bpftool btf dump as C", Unit: "ms of CPU a kernel", How: how,
			Measure: func(b *Bench, rounds int) (Samples, error) { return b.matrix(n, rounds) },
		})
	}
	return all
}

// makeVariants writes the kernels, in a process of its own: a child's memory
// counts from what its parent has when it starts it.
func (b *Bench) makeVariants() ([]string, error) {
	if _, err := b.kernelBTF(); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(b.Dir, "kernels")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	n := matrixSizes[len(matrixSizes)-1]
	if out, err := exec.Command(self, "-kernels", strconv.Itoa(n), dir).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("make the kernels: %w\n%s", err, out)
	}
	return filepath.Glob(filepath.Join(dir, "kernel*.btf"))
}

func (b *Bench) matrix(n, rounds int) (Samples, error) {
	bpftool, err := tool("bpftool", "bpftool")
	if err != nil {
		return Samples{}, err
	}
	abigen, err := b.abigen()
	if err != nil {
		return Samples{}, err
	}
	names, err := b.variants()
	if err != nil {
		return Samples{}, err
	}
	ours := process{argv: append([]string{abigen, "matrix", "--fail-on", "never"}, names[:n]...), wants: []string{"not checked"}}
	var theirs []process
	for _, name := range names[:min(n, dumped)] {
		theirs = append(theirs, process{argv: []string{bpftool, "btf", "dump", "file", name, "format", "c"}, wants: []string{"fuse_iomap_bpf_ops"}})
	}
	memory := int64(0)
	got, err := coldTurns(rounds, func() (float64, error) {
		c, err := ours.spend()
		memory = max(memory, c.memory)
		return ms(c.cpu) / float64(n), err
	}, func() (float64, error) {
		v, err := cpu(theirs...)()
		return v / float64(len(theirs)), err
	})
	if err != nil {
		return Samples{}, err
	}
	s := Samples{Ours: got[0], Peer: got[1], Notes: []string{fmt.Sprintf("%.2f s of CPU and %d MiB of memory for all", median(got[0])*float64(n)/1000, memory)}}
	if n == matrixSizes[len(matrixSizes)-1] {
		s.Bounds = append(s.Bounds, Bound{fmt.Sprintf("below %d MiB", mostMemory), memory < mostMemory})
		if before, ok := b.Results[fmt.Sprintf("matrix/%d", n/4)]; ok && before.Not == "" {
			growth := median(got[0]) / before.OursAt.Median
			s.Bounds = append(s.Bounds, Bound{fmt.Sprintf("%.2f times a kernel among %d, at most %.2f", growth, n/4, mostGrowth), growth <= mostGrowth})
		}
	}
	return s, nil
}
