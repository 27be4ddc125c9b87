// SPDX-License-Identifier: MIT

package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An emulator that says what a file of its own says, another one each time.
const emulator = `#!/bin/sh
n=$(cat "$SAID/n")
echo $((n + 1)) >"$SAID/n"
cat "$SAID/$n"
`

func TestMachineThatDoesNotComeUpIsStartedOnceMore(t *testing.T) {
	const panicked, begun = "[    1.000001] Kernel panic - not syncing: IO-APIC\n", "=== KERNEL 7.3 R2\n"
	for _, c := range []struct {
		name   string
		boots  []string
		status int
		starts string
	}{
		{"comes up", []string{begun + passed}, 0, "1"},
		{"the second time", []string{panicked, begun + passed}, 0, "2"},
		{"never", []string{panicked, panicked}, 1, "2"},
		{"stops while it tests", []string{begun + panicked}, 1, "1"},
		{"fails", []string{begun + "--- FAIL: TestX (0.10s)\nFAIL\nkerneltest: exit status 1\n"}, 1, "1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write := func(name, text string, mode os.FileMode) {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
					t.Fatal(err)
				}
			}
			write(machine, emulator, 0o755)
			write("n", "0", 0o644)
			write("init", "", 0o755)
			for i, b := range c.boots {
				write(string(rune('0'+i)), b, 0o644)
			}
			t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
			t.Setenv("SAID", dir)
			if got := run([]string{"-kernel", "vmlinuz", filepath.Join(dir, "init")}, io.Discard, io.Discard); got != c.status {
				t.Errorf("exit status %d, want %d", got, c.status)
			}
			n, err := os.ReadFile(filepath.Join(dir, "n"))
			if err != nil {
				t.Fatal(err)
			}
			if starts := strings.TrimSpace(string(n)); starts != c.starts {
				t.Errorf("started %s times, want %s", starts, c.starts)
			}
		})
	}
}
