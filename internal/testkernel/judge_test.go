// SPDX-License-Identifier: MIT

package main

import (
	"io"
	"strings"
	"testing"
)

const passed = `=== RUN   TestX
--- PASS: TestX (0.10s)
PASS
kerneltest: exit status 0
[   70.723397] reboot: Power down
`

func TestConsoleIsJudged(t *testing.T) {
	for _, c := range []struct {
		name, console string
		complains     bool
		err           string
	}{
		{"passed", passed, false, ""},
		{"carriage returns", strings.ReplaceAll(passed, "\n", "\r\n"), false, ""},
		{"not done", "=== RUN   TestX\n", false, "before the tests had ended"},
		{"failed", "--- FAIL: TestX (0.10s)\nFAIL\nkerneltest: exit status 1\n", false, "status 1"},
		{"failed, and nobody noticed", "    --- FAIL: TestX/y (0.10s)\n" + passed, false, "a test failed"},
		{"panicked, and nobody noticed", "panic: runtime error\n" + passed, false, "a test failed"},
		{"a warning", "[   12.000001] WARNING: CPU: 1 PID: 77 at kernel/bpf/x.c:1 f+0x1/0x2\n" + passed, true, ""},
		{"a warning with a thread", "[   12.000001][   T77] ------------[ cut here ]------------\n[   12.000002][   T77] WARNING: kernel/bpf/x.c:1 at f\n" + passed, true, ""},
		{"a bug", "[   12.000001] BUG: kernel NULL pointer dereference, address: 0000000000000008\n" + passed, true, ""},
		{"an oops", "[   12.000001] Oops: Oops: 0002 [#1] PREEMPT SMP NOPTI\n", true, "before the tests had ended"},
		{"hung", "[  242.000001] INFO: task init:1 blocked for more than 120 seconds.\n" + passed, true, ""},
		{"stalled", "[  242.000001] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n" + passed, true, ""},
		{"a reference too few", "[   12.000001] refcount_t: underflow; use-after-free.\n" + passed, true, ""},
		{"panicked", "[   12.000001] Kernel panic - not syncing: Attempted to kill init!\n", true, "before the tests had ended"},
		{"what a machine always says", "[   18.480147] abigen_testmod: loading out-of-tree module taints kernel.\n[    1.024608] APIC calibration not consistent with PM-Timer: 102ms instead of 100ms\n" + passed, false, ""},
		{"what a slow machine says", "[   30.000001] workqueue: free_work hogged CPU for >10000us 4 times, consider switching to WQ_UNBOUND\n" + passed, false, ""},
		{"what a test says", "    x_test.go:1: WARNING: BUG: Oops\n" + passed, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var copied strings.Builder
			v, err := judge(strings.NewReader(c.console), &copied)
			if err != nil {
				t.Fatal(err)
			}
			if (len(v.complaints) > 0) != c.complains {
				t.Errorf("complaints %q", v.complaints)
			}
			switch err := v.err(); {
			case c.err == "" && err != nil:
				t.Error(err)
			case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
				t.Errorf("%v, want %q", err, c.err)
			}
			if want := strings.ReplaceAll(c.console, "\r", ""); copied.String() != want {
				t.Errorf("copied %q", copied.String())
			}
		})
	}
}

func TestUsageIsAnErrorOfItsOwn(t *testing.T) {
	for _, args := range [][]string{{}, {"-kernel", "vmlinuz"}, {"-file", "nothing", "init"}} {
		if status := run(args, io.Discard, io.Discard); status != 2 {
			t.Errorf("%q: status %d", args, status)
		}
	}
}
