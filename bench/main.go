// SPDX-License-Identifier: MIT

// Command bench measures how much CPU it takes to make Go of the contract with
// abigen and with go tool cgo -godefs:
//
//	go run ./bench [-rounds N]
//
// Both get the same header and run as whole processes, in alternating order so
// that a busy machine hurts both alike. What counts is user and system time of
// the process and of every process it started (cgo starts the C compiler).
//
// Two more rows put the figures into proportion: abigen for every target at
// once, which cgo cannot do, and cgo's binary without the go command that people
// start it with. abigen's output has the codec, the assertions and the String
// methods as well; cgo's has none of them.
//
// Then it measures how much CPU it takes to read every kernel header of the
// machine, laid out for its own target: abigen in one process against clang
// -fsyntax-only as people call it, once for each header; on one command line,
// for which the driver starts as many processes; and at its best, its front end
// given all headers in one process. abigen's include folders are clang's.
//
// Where there is no C compiler, or no clang, it says so and does without the
// comparison.
package main

import (
	"bytes"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// wanted is how many times less CPU than cgo's abigen is meant to use.
const wanted = 8

// godefsInput is what cgo -godefs needs.
//
//go:embed testdata/godefs.go
var godefsInput []byte

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// contestant is a command under measurement.
type contestant struct {
	name string
	argv []string
	dir  string

	cpu, elapsed []time.Duration
}

func run(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	rounds := flags.Int("rounds", 20, "number of rounds of generation, at least 10")
	target := flags.String("sweep", "", "read the headers given for this `TARGET` in this process, and do nothing else")
	var dirs []string
	flags.Func("I", "with -sweep: search this `DIR`", func(s string) error { dirs = append(dirs, s); return nil })
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *target != "" {
		return sweepHere(*target, dirs, flags.Args(), stdout)
	}
	if *rounds < 10 {
		return errors.New("-rounds: fewer than 10 rounds say nothing about the spread")
	}

	if err := generation(*rounds, stdout); err != nil {
		return err
	}
	return sweep(stdout)
}

// generation measures making Go of the contract.
func generation(rounds int, stdout io.Writer) error {
	cc, err := goEnv("CC")
	if err != nil {
		return err
	}
	if _, err := exec.LookPath(strings.Fields(cc)[0]); err != nil {
		fmt.Fprintf(stdout, "generation: not measured: no C compiler (%s), which cgo -godefs needs\n", cc)
		return nil
	}

	dir, err := os.MkdirTemp("", "abigen-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	all, err := prepare(dir)
	if err != nil {
		return err
	}
	// One round that does not count fills the file caches.
	for round := -1; round < rounds; round++ {
		order := slices.Clone(all)
		if round%2 != 0 {
			slices.Reverse(order)
		}
		for _, c := range order {
			cpu, elapsed, err := measure(c)
			if err != nil {
				return err
			}
			if round >= 0 {
				c.cpu, c.elapsed = append(c.cpu, cpu), append(c.elapsed, elapsed)
			}
		}
	}
	report(stdout, all, rounds)
	return nil
}

// prepare builds abigen and lays out the inputs in dir. The first two contestants
// are those whose figures are compared.
func prepare(dir string) ([]*contestant, error) {
	gomod, err := goEnv("GOMOD")
	if err != nil {
		return nil, err
	}
	root := filepath.Dir(gomod)
	header, err := os.ReadFile(filepath.Join(root, "headers", "fuse_iomap_bpf.h"))
	if err != nil {
		return nil, err
	}
	for name, text := range map[string][]byte{"fuse_iomap_bpf.h": header, "godefs.go": godefsInput} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return nil, err
		}
	}
	abigen := filepath.Join(dir, "abigen")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", abigen, "./cmd/abigen")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", build, err, out)
	}
	cgo, err := exec.Command("go", "tool", "-n", "cgo").Output()
	if err != nil {
		return nil, fmt.Errorf("find cgo: %w", err)
	}
	generate := []string{abigen, "generate", "fuse_iomap_bpf.h", "--config", filepath.Join(root, "abigen.toml"), "-o", "-"}
	godefs := []string{"-godefs", "-objdir", filepath.Join(dir, "obj"), "godefs.go"}
	return []*contestant{
		{name: "abigen generate, one target", dir: dir, argv: append(slices.Clip(generate), "--target", "amd64")},
		{name: "go tool cgo -godefs", dir: dir, argv: append([]string{"go", "tool", "cgo"}, godefs...)},
		{name: "abigen generate, every target", dir: dir, argv: generate},
		{name: "cgo -godefs, its binary alone", dir: dir, argv: append([]string{strings.TrimSpace(string(cgo))}, godefs...)},
	}, nil
}

func goEnv(name string) (string, error) {
	out, err := exec.Command("go", "env", name).Output()
	value := strings.TrimSpace(string(out))
	if err == nil && value == "" {
		err = errors.New("empty")
	}
	if err != nil {
		return "", fmt.Errorf("go env %s: %w", name, err)
	}
	return value, nil
}

// measure runs c once. Output without the contract's last record and constant
// means that the command did something else than it is measured for.
func measure(c *contestant) (cpu, elapsed time.Duration, err error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(c.argv[0], c.argv[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.dir, &stdout, &stderr
	start := time.Now()
	err = cmd.Run()
	elapsed = time.Since(start)
	if err != nil {
		return 0, 0, fmt.Errorf("%s: %w\n%s", c.name, err, stderr.Bytes())
	}
	for _, name := range []string{"IomapIoendOut", "FUSE_IOMAP_IOEND_SWAPOFF"} {
		if !bytes.Contains(stdout.Bytes(), []byte(name)) {
			return 0, 0, fmt.Errorf("%s: the output has no %s:\n%s", c.name, name, stdout.Bytes())
		}
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), elapsed, nil
}

func report(w io.Writer, all []*contestant, rounds int) {
	fmt.Fprintf(w, "generation of Go for fuse_iomap_bpf.h, %d rounds, alternating; milliseconds, median (quartiles)\n\n", rounds)
	fmt.Fprintf(w, "%-30s  %-22s  %s\n", "", "user+system CPU", "elapsed")
	for _, c := range all {
		fmt.Fprintf(w, "%-30s  %-22s  %s\n", c.name, spread(c.cpu), spread(c.elapsed))
	}
	ours, theirs := quantile(all[0].cpu, 2), quantile(all[1].cpu, 2)
	ratio := float64(theirs) / float64(ours)
	verdict := "met"
	if ratio < wanted {
		verdict = "NOT met"
	}
	fmt.Fprintf(w, "\nfor one target abigen uses %.1f times less CPU than go tool cgo -godefs (wanted: %d times: %s)\n", ratio, wanted, verdict)
}

func spread(d []time.Duration) string {
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	return fmt.Sprintf("%.1f (%.1f to %.1f)", ms(quantile(d, 2)), ms(quantile(d, 1)), ms(quantile(d, 3)))
}

// quantile returns the nth quartile of d, interpolated between neighbours: 2
// is the median.
func quantile(d []time.Duration, n int) time.Duration {
	s := slices.Clone(d)
	slices.Sort(s)
	at := n * (len(s) - 1)
	low, rest := at/4, at%4
	if rest == 0 {
		return s[low]
	}
	return s[low] + (s[low+1]-s[low])*time.Duration(rest)/4
}
