// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

// sampled is which part of the headers those rows read that start a process for
// each: clang takes most of a minute for all.
const sampled = 40

// Bounds of reading all headers, beside clang.
const (
	wantedMedian = 8 * time.Millisecond
	wantedMemory = 300 // MB
)

func headerRows() []Row {
	const how = "Every header below linux, asm, asm-generic, drm, rdma, mtd, sound, scsi, xen, misc and video of the kernel's user-space API on this machine, for its own target; user and system time of all processes. clang checks the syntax alone (-fsyntax-only -w), abigen makes a model with the layout of every record. abigen's include directories are clang's."
	return []Row{{
		ID: "headers/process", Title: "all of them in one process each", Front: true,
		Ours: "abigen's reader", Peer: "clang -cc1", Unit: "ms of CPU", Wanted: 1,
		How: how + " Given all headers in one process clang's front end is at its best; the driver that people call never starts it so.",
		Measure: func(b *Bench, rounds int) (Samples, error) {
			h, err := b.headers()
			if err != nil {
				return Samples{}, err
			}
			return h.inOneProcess(rounds)
		},
	}, {
		ID: "headers/command", Title: "one in forty, given to one command",
		Ours: "abigen's reader", Peer: "clang -fsyntax-only", Unit: "ms of CPU", Wanted: 1, How: how + " clang's driver starts a process for each header.",
		Measure: func(b *Bench, rounds int) (Samples, error) {
			h, err := b.headers()
			if err != nil {
				return Samples{}, err
			}
			return pair(rounds, cpu(h.ours(h.some)), cpu(h.clang(h.some...)))
		},
	}, {
		ID: "headers/each", Title: "one in forty, a command for each",
		Ours: "abigen dump", Peer: "clang -fsyntax-only", Unit: "ms of CPU", Wanted: 1, How: how,
		Measure: func(b *Bench, rounds int) (Samples, error) {
			h, err := b.headers()
			if err != nil {
				return Samples{}, err
			}
			abigen, err := b.abigen()
			if err != nil {
				return Samples{}, err
			}
			var ours, theirs []process
			for _, name := range h.some {
				argv := []string{abigen, "dump", "header:" + name, "--target", h.target}
				for _, d := range h.dirs {
					argv = append(argv, "-I", d)
				}
				ours = append(ours, process{argv: argv, mayFail: true})
				theirs = append(theirs, h.clang(name))
			}
			return pair(rounds, cpu(ours...), cpu(theirs...))
		},
	}}
}

// headerSet is what is read, and how.
type headerSet struct {
	compiler, target string
	self             string
	dirs             []string // that clang searches
	all, some        []string
}

func findHeaders() (*headerSet, error) {
	compiler, err := tool("clang-19", "clang-19", "clang")
	if err != nil {
		return nil, err
	}
	targets := model.Targets()
	host := slices.IndexFunc(targets, func(t model.Target) bool { return t.Name == runtime.GOARCH })
	if runtime.GOOS != "linux" || host < 0 {
		return nil, missingf("%s on %s is no target of abigen", runtime.GOOS, runtime.GOARCH)
	}
	h := &headerSet{compiler: compiler, target: targets[host].Name}
	if h.self, err = os.Executable(); err != nil {
		return nil, err
	}
	if h.dirs, err = searchList(compiler); err != nil {
		return nil, err
	}
	if h.all, err = kernelHeaders(h.dirs); err != nil {
		return nil, err
	}
	if len(h.all) < 100 {
		return nil, missingf("only %d headers of the kernel: install linux-libc-dev", len(h.all))
	}
	for i := sampled / 2; i < len(h.all); i += sampled {
		h.some = append(h.some, h.all[i])
	}
	return h, nil
}

// ours reads headers in one process, this program's own.
func (h *headerSet) ours(headers []string) process {
	argv := []string{h.self, "-read", h.target}
	for _, d := range h.dirs {
		argv = append(argv, "-I", d)
	}
	return process{argv: append(argv, headers...)}
}

// clang checks headers. Its status is that of headers that do not compile by
// themselves.
func (h *headerSet) clang(headers ...string) process {
	return process{argv: append([]string{h.compiler, "-fsyntax-only", "-w", "-x", "c"}, headers...), mayFail: true}
}

func (h *headerSet) inOneProcess(rounds int) (Samples, error) {
	front, err := frontend(h.compiler, h.all[0])
	if err != nil {
		return Samples{}, err
	}
	own := h.ours(h.all)
	var last readings
	s, err := pair(rounds, func() (float64, error) {
		c, err := own.spend()
		if err == nil {
			last, err = parseReadings(c.out)
		}
		return ms(c.cpu), err
	}, cpu(process{argv: append(front, h.all...), mayFail: true}))
	if err != nil {
		return s, err
	}
	s.Notes = []string{fmt.Sprintf("abigen makes models of %d headers and refuses %d; a header takes %.1f ms at the median", last.read, last.refused, ms(last.median))}
	s.Bounds = []Bound{{fmt.Sprintf("median below %d ms a header", wantedMedian.Milliseconds()), last.median < wantedMedian}}
	if last.peakMB > 0 {
		s.Notes[0] += fmt.Sprintf(", all of them %d MB of memory", last.peakMB)
		s.Bounds = append(s.Bounds, Bound{fmt.Sprintf("below %d MB of memory", wantedMemory), last.peakMB < wantedMemory})
	}
	return s, nil
}

// readings are what one reading of all headers has to say.
type readings struct {
	read, refused int
	median        time.Duration
	peakMB        int // 0 where the system does not tell
}

// readHere reads headers for a target in this process, as "abigen" would, and
// prints what parseReadings reads.
func readHere(name string, dirs, headers []string, stdout io.Writer) error {
	target, err := model.TargetByName(name)
	if err != nil {
		return err
	}
	o := source.Options{Target: target, TargetSet: true, IncludeDirs: dirs, Cache: new(source.Cache)}
	var s readings
	took := make([]float64, len(headers))
	for i, h := range headers {
		start := time.Now()
		if _, err := source.Open(context.Background(), "header:"+h, o); err != nil {
			s.refused++
		} else {
			s.read++
		}
		took[i] = float64(time.Since(start))
	}
	_, err = fmt.Fprintln(stdout, s.read, s.refused, int64(median(took)), peak())
	return err
}

func parseReadings(out string) (readings, error) {
	var s readings
	var median int64
	if _, err := fmt.Sscan(out, &s.read, &s.refused, &median, &s.peakMB); err != nil {
		return s, fmt.Errorf("what reading the headers printed, %q: %w", out, err)
	}
	s.median = time.Duration(median)
	return s, nil
}

// peak is how much memory this process has had, in MB.
func peak() int {
	kb, err := strconv.Atoi(strings.TrimSuffix(procLine("/proc/self/status", "VmHWM", ""), " kB"))
	if err != nil {
		return 0
	}
	return kb >> 10
}
