// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

// sweepRounds is how often all kernel headers are read. The ways to run clang
// that take most of a minute have a turn in the first and in the last round.
const sweepRounds = 5

// Bounds that a sweep is meant to keep, beside those of clang.
const (
	wantedMedian = 8 * time.Millisecond
	wantedMB     = 300
)

// folders are those of /usr/include that hold the kernel's headers.
var folders = strings.Fields("linux asm asm-generic drm rdma mtd sound scsi xen misc video")

// sweep measures reading every kernel header of the machine, for its own
// target.
func sweep(stdout io.Writer) error {
	clang := ""
	for _, name := range []string{"clang-19", "clang"} {
		if path, err := exec.LookPath(name); err == nil {
			clang = path
			break
		}
	}
	all := model.Targets()
	host := slices.IndexFunc(all, func(t model.Target) bool { return t.Name == runtime.GOARCH })
	switch {
	case clang == "":
		fmt.Fprintln(stdout, "\nkernel headers: not measured: no clang to compare with")
		return nil
	case runtime.GOOS != "linux" || host < 0:
		fmt.Fprintf(stdout, "\nkernel headers: not measured: %s on %s is no target of abigen\n", runtime.GOOS, runtime.GOARCH)
		return nil
	}
	dirs, err := searchList(clang)
	if err != nil {
		return err
	}
	headers, err := kernelHeaders(dirs)
	if err != nil {
		return err
	}
	if len(headers) < 100 {
		fmt.Fprintf(stdout, "\nkernel headers: not measured: only %d in %s: install linux-libc-dev\n", len(headers), strings.Join(dirs, ", "))
		return nil
	}
	ways, err := sweepers(clang, all[host].Name, dirs, headers)
	if err != nil {
		return err
	}
	var ours summary
	for round := -1; round < sweepRounds; round++ {
		order := slices.Clone(ways)
		if round%2 != 0 {
			slices.Reverse(order)
		}
		for _, c := range order {
			if c.slow && round != 0 && round != sweepRounds-1 {
				continue
			}
			cpu, elapsed, out, err := c.run()
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if c == ways[0] {
				if ours, err = parseSummary(out); err != nil {
					return err
				}
			}
			if round >= 0 {
				c.cpu, c.elapsed = append(c.cpu, cpu), append(c.elapsed, elapsed)
			}
		}
	}
	reportSweep(stdout, ways, ours, len(headers), all[host].Name)
	return nil
}

// sweeper is one way to read all headers.
type sweeper struct {
	name string
	slow bool
	cmds [][]string

	cpu, elapsed []time.Duration
}

// run returns the CPU time of all the processes, and what the last one printed.
// The status of clang is that of headers that do not compile by themselves.
func (s *sweeper) run() (cpu, elapsed time.Duration, out string, err error) {
	start := time.Now()
	for _, argv := range s.cmds {
		var b strings.Builder
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Stdout = &b
		var exit *exec.ExitError
		if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
			return 0, 0, "", err
		}
		cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		out = b.String()
	}
	return cpu, time.Since(start), out, nil
}

func sweepers(clang, target string, dirs, headers []string) ([]*sweeper, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	own := []string{self, "-sweep", target}
	for _, d := range dirs {
		own = append(own, "-I", d)
	}
	syntax := []string{clang, "-fsyntax-only", "-w", "-x", "c"}
	each := make([][]string, len(headers))
	for i, h := range headers {
		each[i] = append(slices.Clone(syntax), h)
	}
	inner, err := frontend(clang, headers[0])
	if err != nil {
		return nil, err
	}
	return []*sweeper{
		{name: "abigen, one process", cmds: [][]string{append(own, headers...)}},
		{name: "clang -cc1, one process", cmds: [][]string{append(inner, headers...)}},
		{name: "clang, one command line", slow: true, cmds: [][]string{append(syntax, headers...)}},
		{name: "clang, once for each header", slow: true, cmds: each},
	}, nil
}

// searchList returns where clang looks for included files.
func searchList(clang string) ([]string, error) {
	out, err := exec.Command(clang, "-E", "-v", "-x", "c", os.DevNull).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%s -E -v: %w\n%s", clang, err, out)
	}
	return parseSearchList(string(out)), nil
}

func parseSearchList(s string) []string {
	var dirs []string
	_, s, _ = strings.Cut(s, "#include <...> search starts here:\n")
	s, _, _ = strings.Cut(s, "End of search list.")
	for _, line := range strings.Split(s, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			dirs = append(dirs, line)
		}
	}
	return dirs
}

// frontend returns the command that the clang driver runs, without its input:
// given many files it compiles them one after the other in one process, which
// the driver never asks for.
func frontend(clang, header string) ([]string, error) {
	out, err := exec.Command(clang, "-###", "-fsyntax-only", "-w", "-x", "c", header).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%s -###: %w\n%s", clang, err, out)
	}
	return parseFrontend(string(out))
}

func parseFrontend(s string) ([]string, error) {
	for _, line := range strings.Split(s, "\n") {
		if !strings.Contains(line, `"-cc1"`) {
			continue
		}
		var argv []string
		for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
			quoted, err := strconv.QuotedPrefix(line)
			if err != nil {
				return nil, fmt.Errorf("clang -###: %q: %w", line, err)
			}
			arg, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, fmt.Errorf("clang -###: %q: %w", quoted, err)
			}
			argv = append(argv, arg)
			line = line[len(quoted):]
		}
		if i := slices.Index(argv, "-main-file-name"); i >= 0 {
			argv = slices.Delete(argv, i, i+2)
		}
		return argv[:len(argv)-1], nil
	}
	return nil, errors.New("clang -###: no -cc1 command in its output")
}

// kernelHeaders lists the headers in the folders below dirs.
func kernelHeaders(dirs []string) ([]string, error) {
	var all []string
	for _, dir := range dirs {
		for _, f := range folders {
			err := filepath.WalkDir(filepath.Join(dir, f), func(path string, d fs.DirEntry, err error) error {
				switch {
				case errors.Is(err, fs.ErrNotExist):
					return nil
				case err == nil && !d.IsDir() && strings.HasSuffix(path, ".h"):
					all = append(all, path)
				}
				return err
			})
			if err != nil {
				return nil, err
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// summary is what one sweep of ours had to say.
type summary struct {
	read, refused int
	median        time.Duration
	peakMB        int // 0 where the system does not tell
}

// sweepHere reads headers for a target in this process, as "abigen" would, and
// prints a summary for parseSummary.
func sweepHere(name string, dirs, headers []string, stdout io.Writer) error {
	target, err := model.TargetByName(name)
	if err != nil {
		return err
	}
	o := source.Options{Target: target, TargetSet: true, IncludeDirs: dirs, Cache: new(source.Cache)}
	var s summary
	took := make([]time.Duration, len(headers))
	for i, h := range headers {
		start := time.Now()
		if _, err := source.Open(context.Background(), "header:"+h, o); err != nil {
			s.refused++
		} else {
			s.read++
		}
		took[i] = time.Since(start)
	}
	fmt.Fprintln(stdout, s.read, s.refused, int64(quantile(took, 2)), peak())
	return nil
}

func parseSummary(out string) (summary, error) {
	var s summary
	var median int64
	if _, err := fmt.Sscan(out, &s.read, &s.refused, &median, &s.peakMB); err != nil {
		return s, fmt.Errorf("summary of the sweep %q: %w", out, err)
	}
	s.median = time.Duration(median)
	return s, nil
}

// peak is how much memory this process has had, in MB.
func peak() int {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer func() { _ = f.Close() }() // it was only read
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var kb int
		if n, _ := fmt.Sscanf(lines.Text(), "VmHWM: %d kB", &kb); n == 1 {
			return kb >> 10
		}
	}
	return 0
}

func reportSweep(w io.Writer, all []*sweeper, ours summary, headers int, target string) {
	fmt.Fprintf(w, "\nthe syntax and layout of %d kernel headers for %s, %d rounds, alternating; milliseconds, median (quartiles)\n\n", headers, target, sweepRounds)
	fmt.Fprintf(w, "%-30s  %-26s  %-26s  %s\n", "", "user+system CPU", "elapsed", "rounds")
	best := all[1]
	for _, s := range all {
		fmt.Fprintf(w, "%-30s  %-26s  %-26s  %d\n", s.name, spread(s.cpu), spread(s.elapsed), len(s.cpu))
		if s != all[0] && quantile(s.cpu, 2) < quantile(best.cpu, 2) {
			best = s
		}
	}
	verdict := func(met bool) string {
		if met {
			return "met"
		}
		return "NOT met"
	}
	ratio := func(s *sweeper) float64 { return float64(quantile(s.cpu, 2)) / float64(quantile(all[0].cpu, 2)) }
	fmt.Fprintf(w, "\nabigen makes models of %d headers, and refuses %d\n", ours.read, ours.refused)
	fmt.Fprintf(w, "abigen uses %.1f times less CPU than clang called for each header, and %.1f times less than clang at its best, %s (wanted: less: %s)\n",
		ratio(all[len(all)-1]), ratio(best), best.name, verdict(ratio(best) > 1))
	fmt.Fprintf(w, "a header takes %.1f ms, median (wanted: under %d: %s)\n", float64(ours.median)/float64(time.Millisecond),
		wantedMedian.Milliseconds(), verdict(ours.median < wantedMedian))
	if ours.peakMB > 0 {
		fmt.Fprintf(w, "the process has %d MB at most (wanted: under %d: %s)\n", ours.peakMB, wantedMB, verdict(ours.peakMB < wantedMB))
	}
}
