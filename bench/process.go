// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// process is a command that is measured as a whole.
type process struct {
	argv []string
	dir  string
	// wants must be in the output, or the command did something else than it is
	// measured for.
	wants []string
	// mayFail is set where the status is about the input, not about the command.
	mayFail bool
}

// cost is what a process and all that it started took.
type cost struct {
	cpu    time.Duration // user and system
	memory int64         // MiB, at most; 0 where the system does not tell
	out    string
	status int
}

// spend runs the command once.
func (p process) spend() (cost, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(p.argv[0], p.argv[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = p.dir, &stdout, &stderr
	err := cmd.Run()
	name := filepath.Base(p.argv[0])
	var exit *exec.ExitError
	if err != nil && (!p.mayFail || !errors.As(err, &exit)) {
		return cost{}, fmt.Errorf("%s: %w\n%s", name, err, stderr.Bytes())
	}
	c := cost{cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), out: stdout.String(), status: cmd.ProcessState.ExitCode()}
	for _, w := range p.wants {
		if !strings.Contains(c.out, w) && !strings.Contains(stderr.String(), w) {
			return cost{}, fmt.Errorf("%s: the output has no %q", name, w)
		}
	}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.memory = u.Maxrss >> 10
	}
	return c, nil
}

// cpu makes samples of the milliseconds of CPU that processes take, one after
// the other.
func cpu(all ...process) sample {
	return func() (float64, error) {
		sum := time.Duration(0)
		for _, p := range all {
			c, err := p.spend()
			if err != nil {
				return 0, err
			}
			sum += c.cpu
		}
		return ms(sum), nil
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// howProcess is the method of whole processes.
const howProcess = "Both run as whole processes. What counts is user and system time of the process and of every process it starts, such as a C compiler."
