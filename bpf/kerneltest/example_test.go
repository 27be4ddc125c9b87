// SPDX-License-Identifier: MIT

//go:build linux

package kerneltest

import (
	"bufio"
	"errors"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// exampleTests is the test binary of examples/stripefs. It is of another module, whose
// dependencies stay out of this one, so it is run and not linked.
const exampleTests = "/examples/stripefs.test"

var gigabyte = flag.Bool("gigabyte", false, "read a whole gigabyte through the example, which takes an emulator a minute, in revision "+wholeExample)

// wholeExample is the revision in which all of it is run: only attaching has to do
// with the revision.
const wholeExample = "R2"

// The example mounts, attaches, reads a file and unmounts, as it does on a kernel
// without the type, but for attaching.
func TestExampleAttachesAndServes(t *testing.T) {
	module := needModule(t)
	if _, err := os.Stat(exampleTests); errors.Is(err, fs.ErrNotExist) {
		t.Skip("running kernel is none that make kernel has booted: go test in examples/ runs these tests here")
	}
	cmd := exec.Command(exampleTests, "-test.v")
	whole := revision(t, module) == wholeExample
	if !whole || !*gigabyte {
		cmd.Args = append(cmd.Args, "-test.short")
	}
	if !whole {
		cmd.Args = append(cmd.Args, "-test.run=^Test(SaysWhat|KernelIsTold|KilledServer|Gigabyte)")
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	passed := 0
	for s := bufio.NewScanner(out); s.Scan(); {
		line := strings.TrimSpace(s.Text())
		switch {
		case strings.HasPrefix(line, "=== "):
		case strings.HasPrefix(line, "--- SKIP"):
			t.Errorf("%s: nothing is missing here", line)
		case strings.HasPrefix(line, "--- PASS"):
			passed++
			fallthrough
		default:
			t.Log(line)
		}
	}
	if err := cmd.Wait(); err != nil || passed == 0 {
		t.Errorf("%d tests passed: %v", passed, err)
	}
}
