// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// attachments is how many times a sample attaches, after once that does not count.
const attachments = 5

func attachRows() []Row {
	const how = "The benchmarks of package bpf on the running kernel, whose congestion control (struct tcp_congestion_ops) takes the same path as the type of FUSE, which no released kernel has: reading the object, loading it and attaching it. A figure is the mean of five, in a process for each side and round, by the time that passes: the kernel waits when it attaches. The library alone compares nothing, and gets the programs of one variable selected by hand."
	var all []Row
	for _, r := range []struct {
		id, title, name string
		most            float64 // ms
		front           bool
	}{
		{"cold", "the kernel's types not yet read", "Cold", 40, true},
		{"warm", "the kernel's types read before", "Warm", 5, false},
	} {
		all = append(all, Row{
			ID: "attach/" + r.id, Title: r.title, Ours: "bpf", Peer: "cilium/ebpf alone", Unit: "ms", How: how, Front: r.front,
			Measure: func(b *Bench, rounds int) (Samples, error) {
				bin, err := b.bpfTests()
				if err != nil {
					return Samples{}, err
				}
				s, err := pair(rounds, benchmark(bin, "Attach"+r.name), benchmark(bin, "Plain"+r.name))
				if err != nil {
					return s, err
				}
				s.Bounds = []Bound{{fmt.Sprintf("at most %s ms", value(r.most)), median(s.Ours) <= r.most}}
				return s, nil
			},
		})
	}
	return all
}

// buildBPFTests builds the tests of package bpf.
func (b *Bench) buildBPFTests() (string, error) {
	root, err := b.root()
	if err != nil {
		return "", err
	}
	bin := filepath.Join(b.Dir, "bpf.test")
	cmd := exec.Command("go", "test", "-c", "-o", bin, "./bpf")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return bin, nil
}

// benchmark makes samples of a benchmark of package bpf, in milliseconds.
func benchmark(bin, name string) sample {
	return func() (float64, error) {
		cmd := exec.Command(bin, "-test.run", "^$", "-test.bench", "^Benchmark"+name+"$", "-test.benchtime", strconv.Itoa(attachments)+"x")
		cmd.Dir = filepath.Dir(bin)
		out, err := cmd.CombinedOutput()
		if err != nil {
			return 0, fmt.Errorf("benchmark %s: %w\n%s", name, err, out)
		}
		return parseBenchmark(string(out), name)
	}
}

// parseBenchmark finds a benchmark's time in what go test prints.
func parseBenchmark(out, name string) (float64, error) {
	for line := range strings.Lines(out) {
		f := strings.Fields(line)
		if len(f) < 4 || f[3] != "ns/op" || strings.TrimRight(f[0], "0123456789") != "Benchmark"+name+"-" && f[0] != "Benchmark"+name {
			continue
		}
		ns, err := strconv.ParseFloat(f[2], 64)
		return ns / 1e6, err
	}
	if _, reason, ok := strings.Cut(out, "SKIP"); ok {
		_, reason, _ = strings.Cut(strings.TrimSpace(reason), "\n")
		return 0, missingf("benchmark %s: %s", name, firstLine(reason))
	}
	return 0, missingf("benchmark %s did not run: it needs root and a kernel with congestion control in BPF", name)
}
