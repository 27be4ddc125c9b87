// SPDX-License-Identifier: MIT

// Testkernel boots a kernel under QEMU with the test binary of bpf/kerneltest as
// its first process:
//
//	testkernel -kernel VMLINUZ [-file PATH=FILE]… INIT [ARGUMENT…]
//
// INIT is a static binary and gets the arguments, which must not have spaces.
// Each -file is a file that it finds at PATH. Nothing of the machine is seen in
// there, and KVM is not needed. What is on the console is copied to standard
// output as it comes.
//
// Exit status: 0 where INIT says that its tests passed and the kernel complained
// of nothing; 1 otherwise; 3 where there is no QEMU, with one line that says so.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// machine is the emulator. Without cx16 its CPU crashes kernels now and then.
const machine = "qemu-system-x86_64"

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// files collects -file flags.
type files []file

type file struct{ path, from string }

func (f *files) String() string { return "" }

func (f *files) Set(s string) error {
	path, from, ok := strings.Cut(s, "=")
	if !ok || !strings.HasPrefix(path, "/") {
		return errors.New("not of the form /PATH=FILE")
	}
	*f = append(*f, file{path, from})
	return nil
}

func run(args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("testkernel", flag.ContinueOnError)
	fs.SetOutput(stderr)
	kernel := fs.String("kernel", "", "the `image` to boot")
	limit := fs.Duration("limit", 40*time.Minute, "how long it may take")
	memory := fs.Int("memory", 2048, "of the machine, in MiB")
	var extra files
	fs.Var(&extra, "file", "`/PATH=FILE`: what is found at PATH in there")
	if err := fs.Parse(args); err != nil {
		return 2
	}
	if fs.NArg() == 0 || *kernel == "" {
		_, _ = fmt.Fprintln(stderr, "usage: testkernel -kernel VMLINUZ [-file /PATH=FILE]… INIT [ARGUMENT…]")
		return 2
	}
	if _, err := exec.LookPath(machine); err != nil {
		_, _ = fmt.Fprintf(stderr, "testkernel: %s is missing: on Debian it is in qemu-system-x86\n", machine)
		return 3
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, *limit)
	defer cancel()
	contents := append(files{{"/init", fs.Arg(0)}}, extra...)
	verdict, err := boot(ctx, *kernel, contents, fs.Args()[1:], *memory, stdout)
	if err != nil && !verdict.begun && ctx.Err() == nil {
		// Nothing of ours has run yet: emulators lose a boot now and then.
		_, _ = fmt.Fprintln(stderr, "testkernel: the machine did not come up, and is started once more:", err)
		verdict, err = boot(ctx, *kernel, contents, fs.Args()[1:], *memory, stdout)
	}
	for _, c := range verdict.complaints {
		_, _ = fmt.Fprintln(stderr, "testkernel: the kernel complains:", c)
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "testkernel:", err)
	}
	if err != nil || len(verdict.complaints) > 0 {
		return 1
	}
	return 0
}

// boot runs the machine until it turns itself off, and returns what it said.
// Everything that is wrong but complaints of the kernel is the error.
func boot(ctx context.Context, kernel string, contents files, args []string, memory int, console io.Writer) (verdict, error) {
	dir, err := os.MkdirTemp("", "abigen-testkernel")
	if err != nil {
		return verdict{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	initramfs := filepath.Join(dir, "initramfs")
	if err := writeArchive(initramfs, contents); err != nil {
		return verdict{}, err
	}
	// What the emulator is too slow for is no complaint: stalls count after
	// minutes, not seconds, and a timer that is late by the clock of a busy machine
	// works all the same.
	line := []string{"console=ttyS0", "loglevel=5", "panic=-1", "oops=panic", "watchdog_thresh=60",
		"rcupdate.rcu_cpu_stall_timeout=240", "workqueue.watchdog_thresh=240", "sysctl.kernel.hung_task_timeout_secs=240",
		"random.trust_cpu=on", "no_timer_check", "--"}
	for _, a := range args {
		if strings.ContainsAny(a, " \t\n\"") {
			return verdict{}, fmt.Errorf("%q: no spaces or quotes in an argument", a)
		}
		line = append(line, a)
	}
	cmd := exec.CommandContext(ctx, machine, "-accel", "tcg", "-cpu", "qemu64,-cx16", "-smp", "2", "-m", fmt.Sprint(memory),
		"-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-serial", "stdio",
		"-kernel", kernel, "-initrd", initramfs, "-append", strings.Join(line, " "))
	cmd.WaitDelay = 5 * time.Second
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return verdict{}, err
	}
	if err := cmd.Start(); err != nil {
		return verdict{}, err
	}
	v, readErr := judge(out, console)
	err = cmd.Wait()
	switch {
	case ctx.Err() != nil:
		err = fmt.Errorf("the machine was turned off before it was done: %w", ctx.Err())
	case err != nil:
		err = fmt.Errorf("%s: %w: %s", machine, err, strings.TrimSpace(said.String()))
	case readErr != nil:
		err = readErr
	default:
		err = v.err()
	}
	return v, err
}
