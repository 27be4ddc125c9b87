// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fuseiomap/abigen/internal/jit"
)

// Bench is a run: what rows share, each made when the first one asks for it.
type Bench struct {
	// Dir is a directory of this run.
	Dir string
	// Results are those so far, by ID.
	Results map[string]Outcome

	progress io.Writer
	clean    []func()
	sets     []*extentSet
	upcalls  *upcallReport

	root, abigen func() (string, error)
	bpfTests     func() (string, error)
	objects      func() ([2]string, error)
	kernelBTF    func() ([]byte, error)
	variants     func() ([]string, error)
	headers      func() (*headerSet, error)
	empty        func() (*jit.Machine, error)
}

func newBench(progress io.Writer) (*Bench, error) {
	dir, err := os.MkdirTemp("", "abigen-bench-")
	if err != nil {
		return nil, err
	}
	b := &Bench{Dir: dir, Results: map[string]Outcome{}, progress: progress}
	b.root = sync.OnceValues(func() (string, error) {
		gomod, err := goEnv("GOMOD")
		return filepath.Dir(gomod), err
	})
	b.abigen = sync.OnceValues(b.buildAbigen)
	b.bpfTests = sync.OnceValues(b.buildBPFTests)
	b.objects = sync.OnceValues(b.compileRevisions)
	b.kernelBTF = sync.OnceValues(readKernelBTF)
	b.variants = sync.OnceValues(b.makeVariants)
	b.headers = sync.OnceValues(findHeaders)
	b.empty = sync.OnceValues(func() (*jit.Machine, error) { return b.machine(emptyProgram("iomap_begin"), jit.Options{}) })
	return b, nil
}

// Close removes what the run has made.
func (b *Bench) Close() error {
	for _, s := range b.sets {
		s.close()
	}
	for _, f := range slices.Backward(b.clean) {
		f()
	}
	return os.RemoveAll(b.Dir)
}

func (b *Bench) buildAbigen() (string, error) {
	root, err := b.root()
	if err != nil {
		return "", err
	}
	bin := filepath.Join(b.Dir, "abigen")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", bin, "./cmd/abigen")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return bin, nil
}

// sample is one measurement, in the row's unit.
type sample func() (float64, error)

// turns measures each in turn, rounds times, in alternating order so that a busy
// machine hurts all alike. A round before the first, which does not count, fills
// caches. The result has the samples of each.
func turns(rounds int, all ...sample) ([][]float64, error) { return alternate(-1, rounds, all) }

// coldTurns does without that round: for what takes long, and reads files that
// have just been written.
func coldTurns(rounds int, all ...sample) ([][]float64, error) { return alternate(0, rounds, all) }

func alternate(first, rounds int, all []sample) ([][]float64, error) {
	got := make([][]float64, len(all))
	for round := first; round < rounds; round++ {
		for i := range all {
			if round%2 != 0 {
				i = len(all) - 1 - i
			}
			v, err := all[i]()
			if err != nil {
				return nil, err
			}
			if round >= 0 {
				got[i] = append(got[i], v)
			}
		}
	}
	return got, nil
}

// pair measures the two sides of a row.
func pair(rounds int, ours, peer sample) (Samples, error) {
	got, err := turns(rounds, ours, peer)
	if err != nil {
		return Samples{}, err
	}
	return Samples{Ours: got[0], Peer: got[1]}, nil
}

// loopTime is how long a loop within this process runs for a sample.
const loopTime = 5 * time.Millisecond

// loop makes samples of an operation, in nanoseconds of CPU, from a function that
// does it n times. How often it does it is found out once. It is kept on one
// processor.
func loop(do func(n int) error) sample {
	n := 1
	return func() (float64, error) {
		for {
			release, err := jit.OneCPU()
			if err != nil {
				release = func() {} // not on every system
			}
			start := threadTime()
			err = do(n)
			took := threadTime() - start
			release()
			if err != nil {
				return 0, err
			}
			if took >= loopTime/2 {
				return float64(took) / float64(n), nil
			}
			n *= 2
		}
	}
}

var started = time.Now()

func wallTime() time.Duration { return time.Since(started) }

func goEnv(name string) (string, error) {
	out, err := exec.Command("go", "env", name).Output()
	value := strings.TrimSpace(string(out))
	if err != nil || value == "" {
		return "", fmt.Errorf("go env %s: %q, %w", name, value, err)
	}
	return value, nil
}

// tool finds the first of several programs.
func tool(install string, names ...string) (string, error) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", missingf("no %s in PATH: install %s", names[0], install)
}
