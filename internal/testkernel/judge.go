// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// verdict is what the console said.
type verdict struct {
	complaints []string
	begun      bool // the first process did, with its tests
	ended      bool // the tests did, with status
	status     int
	failures   []string // lines of tests that failed
}

func (v *verdict) err() error {
	switch {
	case !v.ended:
		return errors.New("the machine stopped before the tests had ended")
	case v.status != 0:
		return fmt.Errorf("the tests ended with status %d", v.status)
	case len(v.failures) > 0:
		return fmt.Errorf("a test failed, though the tests ended with status 0: %s", v.failures[0])
	}
	return nil
}

var (
	// fromKernel is how the kernel begins its lines; with it test output cannot
	// be taken for a complaint.
	fromKernel = regexp.MustCompile(`^\[ *[0-9]+\.[0-9]{6}\](\[[^\]]*\])? (.*)$`)

	// complaint is what a kernel says when something is wrong with it: a crash, a
	// warning of its own code, a sanitizer's finding, something stuck.
	complaint = regexp.MustCompile(`\bBUG: |\bWARNING: |\bOops\b|[Gg]eneral protection fault|` +
		`Call Trace:|Kernel panic|KASAN|KFENCE|KCSAN|UBSAN|kmemleak|refcount_t: |list_(add|del) corruption|` +
		`blocked for more than|detected (expedited )?stalls|self-detected stall|soft lockup|hard LOCKUP|` +
		`scheduling while atomic|sleeping function called|possible (circular|recursive) locking|` +
		`[Uu]nable to handle|page allocation failure|Out of memory|stack guard page|double fault|segfault at|` +
		`BPF: .*(invalid|failed)|failed to validate module .* BTF`)

	beginLine  = regexp.MustCompile(`^=== KERNEL `)
	statusLine = regexp.MustCompile(`^kerneltest: exit status ([0-9]+)$`)
	failLine   = regexp.MustCompile(`^\s*--- FAIL: |^FAIL\b|^panic: `)
)

// judge copies the console and keeps what matters of it.
func judge(console io.Reader, to io.Writer) (verdict, error) {
	var v verdict
	s := bufio.NewScanner(console)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		line := strings.TrimRight(s.Text(), "\r")
		if _, err := fmt.Fprintln(to, line); err != nil {
			return v, err
		}
		if m := fromKernel.FindStringSubmatch(line); m != nil {
			if complaint.MatchString(m[2]) {
				v.complaints = append(v.complaints, line)
			}
			continue
		}
		v.begun = v.begun || beginLine.MatchString(line)
		if m := statusLine.FindStringSubmatch(line); m != nil {
			v.ended = true
			v.status, _ = strconv.Atoi(m[1])
		}
		if failLine.MatchString(line) {
			v.failures = append(v.failures, line)
		}
	}
	return v, s.Err()
}
