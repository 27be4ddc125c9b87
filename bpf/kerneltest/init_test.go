// SPDX-License-Identifier: MIT

//go:build linux

package kerneltest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fuseiomap/abigen/internal/testmod"
)

// modulesDir has a directory for each revision, R2 to R4, with the module in it.
const modulesDir = "/modules"

// result is what internal/testkernel looks for at the end: the status with which
// the tests ended.
const result = "kerneltest: exit status"

// initMain is all that a kernel's first process has to do here: it mounts what
// tests need, loads the module in each revision and runs the tests, and turns the
// machine off.
func initMain() int {
	status := 1
	defer func() {
		fmt.Printf("%s %d\n", result, status)
		// What the serial port has not sent yet would be lost, or the kernel's last
		// word stand within it.
		_ = unix.IoctlSetInt(int(os.Stdout.Fd()), unix.TCSBRK, 1)
		unix.Sync()
		_ = unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
		select {} // the kernel panics if its first process ends
	}()
	if err := mountAll(); err != nil {
		fmt.Println("kerneltest:", err)
		return status
	}
	dirs, err := filepath.Glob(modulesDir + "/R*")
	if err != nil || len(dirs) == 0 {
		fmt.Println("kerneltest: no modules in", modulesDir, err)
		return status
	}
	slices.Sort(dirs)
	status = 0
	var summary []string
	for _, dir := range dirs {
		line, ok := revisionMain(dir)
		if !ok {
			status = 1
		}
		summary = append(summary, line)
	}
	for _, line := range summary {
		fmt.Println(line)
	}
	return status
}

// revisionMain loads one revision of the module, and runs the tests in a process
// of their own, so that what panics does not take the machine with it.
func revisionMain(dir string) (summary string, ok bool) {
	name := release() + " " + filepath.Base(dir)
	fmt.Printf("=== KERNEL %s\n", name)
	start := time.Now()
	counts := map[string]int{}
	err := testmod.Load(filepath.Join(dir, testmod.Name+".ko"))
	if err == nil {
		if err = runTests(counts); err != nil {
			err = fmt.Errorf("the tests: %w", err)
		}
		if e := testmod.Unload(); err == nil {
			err = e
		}
	}
	verdict := "ok  "
	if err != nil || counts["FAIL"] > 0 {
		verdict = "FAIL"
		fmt.Println("kerneltest:", err)
	}
	return fmt.Sprintf("%s  %s: %d passed, %d skipped, %d failed in %.0f s", verdict, name,
		counts["PASS"], counts["SKIP"], counts["FAIL"], time.Since(start).Seconds()), verdict != "FAIL"
}

func runTests(counts map[string]int) error {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	r, w := io.Pipe()
	cmd.Stdout, cmd.Stderr = w, w
	cmd.Env = append(os.Environ(), "TMPDIR=/tmp", "HOME=/")
	done := make(chan struct{})
	go func() {
		defer close(done)
		s := bufio.NewScanner(r)
		s.Buffer(nil, 1<<20)
		for s.Scan() {
			fmt.Println(s.Text())
			for _, v := range []string{"PASS", "SKIP", "FAIL"} {
				if strings.HasPrefix(s.Text(), "--- "+v) {
					counts[v]++
				}
			}
		}
		_, _ = io.Copy(io.Discard, r)
	}()
	err := cmd.Run()
	_ = w.Close()
	<-done
	return err
}

// mountAll mounts what a distribution's init would.
func mountAll() error {
	for _, m := range []struct{ kind, at string }{
		{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}, {"tmpfs", "/tmp"},
		{"bpf", "/sys/fs/bpf"}, {"debugfs", "/sys/kernel/debug"}, {"tracefs", "/sys/kernel/tracing"},
		{"cgroup2", "/sys/fs/cgroup"},
	} {
		if err := os.MkdirAll(m.at, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(m.kind, m.at, m.kind, 0, ""); err != nil {
			return fmt.Errorf("mount %s: %w", m.at, err)
		}
	}
	return nil
}

// release is the kernel's, as uname prints it.
func release() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "unknown"
	}
	return unix.ByteSliceToString(u.Release[:])
}
