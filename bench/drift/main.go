// SPDX-License-Identifier: MIT

// Command drift measures what comparing costs, on the BTF of the running kernel
// or of the file that -btf names:
//
//	go run ./bench/drift [-rounds N] [-sources N] [-btf FILE]
//
// The first row is abigen diff of one struct_ops type between two copies of that
// BTF beside bpftool btf dump … format c of one, both as whole processes in
// alternating order. What counts is user and system time. What abigen does not
// save by reading one type is starting up and going through both files once.
//
// The second is abigen matrix of many sources: seeded variants of the same BTF
// with the types of a revision of the contract added. Their number must not
// show in memory, and time must rise with it and no faster.
//
// Where there is no BTF or no bpftool it says so and measures the rest.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// mostCPU is how much of bpftool's CPU abigen diff may use.
	mostCPU = 0.5
	// mostMemory is what abigen matrix may take, in MiB.
	mostMemory = 200
	// mostGrowth is how many times the CPU of a quarter of the sources all of
	// them may take: four times, and what a busy machine adds.
	mostGrowth = 4.6
	// opsType is a struct_ops type that every kernel with BTF has.
	opsType = "tcp_congestion_ops"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench/drift:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("drift", flag.ContinueOnError)
	flags.SetOutput(stderr)
	rounds := flags.Int("rounds", 30, "number of alternating rounds, at least 10")
	sources := flags.Int("sources", 200, "number of sources of the matrix, at least 8")
	path := flags.String("btf", "/sys/kernel/btf/vmlinux", "the BTF of a kernel")
	into := flags.String("make", "", "only write the sources of the matrix, into this directory")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *rounds < 10 || *sources < 8 {
		return errors.New("-rounds, -sources: so few say nothing")
	}
	data, err := os.ReadFile(*path)
	if err != nil {
		fmt.Fprintf(stdout, "drift: not measured: %v\n", err)
		return nil
	}
	if *into != "" {
		return variants(*into, data, *sources)
	}
	dir, err := os.MkdirTemp("", "abigen-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	abigen, err := build(dir)
	if err != nil {
		return err
	}
	if err := measureDiff(dir, abigen, data, *rounds, stdout); err != nil {
		return err
	}
	return measureMatrix(dir, abigen, *path, float64(len(data))/1e6, *sources, stdout)
}

// build builds the command and returns its path.
func build(dir string) (string, error) {
	gomod, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	abigen := filepath.Join(dir, "abigen")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", abigen, "./cmd/abigen")
	cmd.Dir = filepath.Dir(strings.TrimSpace(string(gomod)))
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return abigen, nil
}

// cost is what a process took.
type cost struct {
	cpu    time.Duration
	memory int64 // MiB, at its most
}

// spend runs a command in dir. Its output must hold want, or it did something
// else than it is measured for.
func spend(dir, want string, argv ...string) (cost, error) {
	var out, stderr bytes.Buffer
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &stderr
	if err := cmd.Run(); err != nil {
		return cost{}, fmt.Errorf("%s: %w\n%s", argv[0], err, stderr.Bytes())
	}
	if !strings.Contains(out.String()+stderr.String(), want) {
		return cost{}, fmt.Errorf("%s: the output has no %q", argv[0], want)
	}
	c := cost{cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.memory = u.Maxrss >> 10
	}
	return c, nil
}

func measureDiff(dir, abigen string, data []byte, rounds int, w io.Writer) error {
	bpftool, _ := exec.LookPath("bpftool") // "" where there is none
	if bpftool == "" {
		fmt.Fprintln(w, "abigen diff: not compared: no bpftool in PATH: install the package of that name")
		return nil
	}
	for _, name := range []string{"old.btf", "new.btf"} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return err
		}
	}
	ours := []string{abigen, "diff", "btf:old.btf", "btf:new.btf", "--types", opsType}
	theirs := []string{bpftool, "btf", "dump", "file", "new.btf", "format", "c"}
	var a, b []time.Duration
	// One round that does not count fills the file caches.
	for round := -1; round < rounds; round++ {
		one := func(to *[]time.Duration, want string, argv []string) error {
			c, err := spend(dir, want, argv...)
			if err == nil && round >= 0 {
				*to = append(*to, c.cpu)
			}
			return err
		}
		steps := []func() error{
			func() error { return one(&a, "no findings", ours) },
			func() error { return one(&b, opsType, theirs) },
		}
		if round%2 != 0 {
			slices.Reverse(steps)
		}
		for _, s := range steps {
			if err := s(); err != nil {
				return err
			}
		}
	}
	share := float64(median(a)) / float64(median(b))
	fmt.Fprintf(w, "abigen diff of struct %s between two BTFs of %.1f MB: %s of CPU; bpftool btf dump of one as C: %s (medians of %d alternating rounds)\n",
		opsType, float64(len(data))/1e6, ms(median(a)), ms(median(b)), rounds)
	fmt.Fprintf(w, "abigen uses %.2f of bpftool's CPU (wanted: at most %.2f: %s)\n\n", share, mostCPU, verdict(share <= mostCPU))
	return nil
}

func measureMatrix(dir, abigen, path string, size float64, n int, w io.Writer) error {
	// In a process of its own: a child's memory counts from what its parent has
	// when it starts it.
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if out, err := exec.Command(self, "-btf", path, "-sources", strconv.Itoa(n), "-make", dir).CombinedOutput(); err != nil {
		return fmt.Errorf("make the sources: %w\n%s", err, out)
	}
	names, err := filepath.Glob(filepath.Join(dir, "kernel*.btf"))
	if err != nil {
		return err
	}
	quarter := n / 4
	var costs []cost
	for _, k := range []int{quarter, n / 2, n} {
		c, err := spend(dir, "not checked", append([]string{abigen, "matrix", "--fail-on", "never"}, names[:k]...)...)
		if err != nil {
			return err
		}
		costs = append(costs, c)
		fmt.Fprintf(w, "abigen matrix of %s BTFs of %.1f MB: %s of CPU, %d MiB\n", strconv.Itoa(k), size, ms(c.cpu), c.memory)
	}
	growth := float64(costs[2].cpu) / float64(costs[0].cpu) * 4 * float64(quarter) / float64(n)
	fmt.Fprintf(w, "four times the sources take %.2f times the CPU (wanted: at most %.1f: %s) and %d MiB (wanted: less than %d: %s)\n",
		growth, mostGrowth, verdict(growth <= mostGrowth), costs[2].memory, mostMemory, verdict(costs[2].memory < mostMemory))
	return nil
}

func verdict(ok bool) string {
	if ok {
		return "met"
	}
	return "NOT met"
}

func ms(d time.Duration) string { return fmt.Sprintf("%.0f ms", float64(d)/float64(time.Millisecond)) }

func median(d []time.Duration) time.Duration {
	s := slices.Clone(d)
	slices.Sort(s)
	return s[len(s)/2]
}
