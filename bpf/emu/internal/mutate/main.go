// SPDX-License-Identifier: MIT

// Command mutate tells whether the interpreter's tests would notice a fault in
// it. It puts one deliberate fault after another into the source, as an overlay
// that leaves the files alone, and runs the tests: each must fail.
//
//	go run ./bpf/emu/internal/mutate [-only WORD] [-sample N [-seed S]] [-jobs N] [-kernel] [-v]
//
// The faults are in list.go. All of them take some minutes, so -sample tries only
// so many, and -seed says which: consecutive seeds go through the whole list.
// Without -kernel the tests that compare with the
// running kernel are left out, so that every fault is shown to be caught
// without privilege. The exit status is 1 if a fault was not caught.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

const pkg = "github.com/fuseiomap/abigen/bpf/emu"

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("mutate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	only := flags.String("only", "", "run the faults whose name contains this")
	sample := flags.Int("sample", 0, "try only so many faults; 0 is all")
	seed := flags.Uint64("seed", 0, "which faults a sample has")
	jobs := flags.Int("jobs", runtime.NumCPU(), "how many faults to try at a time")
	kernel := flags.Bool("kernel", false, "compare with the running kernel too")
	verbose := flags.Bool("v", false, "print what the tests print")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	dir, err := packageDir(ctx)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "mutate:", err)
		return 1
	}
	chosen := choose(*only, *sample, *seed)
	results := make([]chan result, len(chosen))
	for i := range results {
		results[i] = make(chan result, 1)
	}
	free := make(chan struct{}, max(*jobs, 1))
	go func() {
		for i, f := range chosen {
			free <- struct{}{}
			go func() {
				r := try(ctx, dir, f, *kernel)
				<-free
				results[i] <- r
			}()
		}
	}()
	caught, ran := 0, len(chosen)
	for i, f := range chosen {
		r := <-results[i]
		switch {
		case r.err != nil:
			_, _ = fmt.Fprintf(stdout, "BROKEN    %s: %v\n", f.name, r.err)
		case r.by == "":
			_, _ = fmt.Fprintf(stdout, "SURVIVED  %s (%s)\n", f.name, f.file)
		default:
			caught++
			_, _ = fmt.Fprintf(stdout, "caught    %s: by %s\n", f.name, r.by)
		}
		if *verbose {
			_, _ = stdout.Write(r.out)
		}
	}
	_, _ = fmt.Fprintf(stdout, "%d of %d faults caught\n", caught, ran)
	if caught != ran {
		return 1
	}
	return 0
}

// choose gives the faults with a word in their names, or a sample of these in
// the order of the list. They are shuffled once, and each seed has those that
// follow the ones of the seed before it.
func choose(only string, sample int, seed uint64) []fault {
	var named []fault
	for _, f := range faults {
		if strings.Contains(f.name, only) {
			named = append(named, f)
		}
	}
	if sample <= 0 || sample >= len(named) {
		return named
	}
	n := uint64(len(named))
	shuffled := rand.New(rand.NewPCG(9669, 0)).Perm(len(named))
	var at []int
	for i := range uint64(sample) {
		at = append(at, shuffled[(seed%n*uint64(sample)+i)%n])
	}
	slices.Sort(at)
	chosen := make([]fault, 0, sample)
	for _, i := range at {
		chosen = append(chosen, named[i])
	}
	return chosen
}

// packageDir finds the source of the interpreter.
func packageDir(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", pkg).Output()
	if err != nil {
		return "", fmt.Errorf("find %s: %w: run it inside the module", pkg, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// apply puts a fault into the text of its file.
func apply(text []byte, f fault) ([]byte, error) {
	if n := bytes.Count(text, []byte(f.old)); n != 1 {
		return nil, fmt.Errorf("%s has %d times %q: a fault must fit in one place", f.file, n, f.old)
	}
	return bytes.Replace(text, []byte(f.old), []byte(f.new), 1), nil
}

var failed = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)

// result is what became of a fault: the test that noticed it, if one did.
type result struct {
	by  string
	out []byte // of the tests
	err error
}

func try(ctx context.Context, dir string, f fault, kernel bool) result {
	by, out, err := runTests(ctx, dir, f, kernel)
	return result{by, out, err}
}

// runTests runs the tests with a fault in place and names the test that failed.
func runTests(ctx context.Context, dir string, f fault, kernel bool) (by string, out []byte, err error) {
	name := filepath.Join(dir, f.file)
	text, err := os.ReadFile(name)
	if err != nil {
		return "", nil, err
	}
	if text, err = apply(text, f); err != nil {
		return "", nil, err
	}
	tmp, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	changed := filepath.Join(tmp, "changed.go")
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {name: changed}})
	if err != nil {
		return "", nil, err
	}
	if err := os.WriteFile(changed, text, 0o600); err != nil {
		return "", nil, err
	}
	if err := os.WriteFile(filepath.Join(tmp, "overlay.json"), overlay, 0o600); err != nil {
		return "", nil, err
	}
	args := []string{"test", "-overlay", filepath.Join(tmp, "overlay.json"), "-vet=off", "-short", "-failfast", "-count=1", "-timeout=60s"}
	if !kernel {
		args = append(args, "-skip=TheKernelDoes$|InTheKernel$")
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	out, err = exec.CommandContext(ctx, "go", append(args, pkg)...).CombinedOutput()
	switch {
	case err == nil:
		return "", out, nil
	case bytes.Contains(out, []byte("[build failed]")):
		return "", out, fmt.Errorf("it does not compile:\n%s", out)
	}
	names := failed.FindAllSubmatch(out, -1)
	if len(names) > 0 {
		by = string(names[len(names)-1][1])
		for _, n := range names { // the innermost says most
			if bytes.Contains(n[1], []byte("/")) {
				by = string(n[1])
				break
			}
		}
		return by, out, nil
	}
	if i := bytes.Index(out, []byte("panic: ")); i >= 0 {
		line, _, _ := bytes.Cut(out[i:], []byte("\n"))
		return string(line), out, nil
	}
	return "", out, fmt.Errorf("the tests did not run: %s", out)
}
