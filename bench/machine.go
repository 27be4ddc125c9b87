// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// Fact is something about the machine, or a peer's version.
type Fact struct{ What, Is string }

// machine says where it was measured. It names no host and no path.
func machine(b *Bench) []Fact {
	facts := []Fact{
		{"processor", processor() + ", " + strconv.Itoa(runtime.NumCPU()) + " of them"},
		{"memory", memory()},
		{"kernel", kernelRelease()},
		{"Go", strings.TrimPrefix(runtime.Version(), "go") + " for " + runtime.GOOS + "/" + runtime.GOARCH},
	}
	for _, t := range []struct {
		what string
		argv []string
	}{
		{"gcc, for cgo", []string{"gcc", "-dumpfullversion"}},
		{"clang", []string{"clang-19", "--version"}},
		{"bpftool", []string{"bpftool", "version"}},
		{"pahole", []string{"pahole", "--version"}},
		{"abidiff", []string{"abidiff", "--version"}},
	} {
		facts = append(facts, Fact{t.what, toolVersion(t.argv)})
	}
	root, _ := b.root() // "" is here
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Version}}", "github.com/cilium/ebpf")
	cmd.Dir = root
	out, err := cmd.Output()
	bpf2go := strings.TrimPrefix(strings.TrimSpace(string(out)), "v")
	if err != nil {
		bpf2go = "unknown"
	}
	return append(facts, Fact{"bpf2go", bpf2go})
}

var version = regexp.MustCompile(`\d+(\.\d+)+`)

// toolVersion runs a tool for its version.
func toolVersion(argv []string) string {
	out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput()
	if err != nil {
		return "not installed"
	}
	if v := version.FindString(string(out)); v != "" {
		return v
	}
	return "unknown"
}

// kernelRelease is the running kernel's version, without what its builder added.
func kernelRelease() string {
	text, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return runtime.GOOS
	}
	return "Linux " + version.FindString(string(text))
}

func processor() string { return procLine("/proc/cpuinfo", "model name", "unknown processor") }

func memory() string {
	kb, err := strconv.Atoi(strings.TrimSuffix(procLine("/proc/meminfo", "MemTotal", ""), " kB"))
	if err != nil {
		return "unknown"
	}
	return strconv.Itoa((kb+1<<19)>>20) + " GiB"
}

// procLine finds "name : value" in a file.
func procLine(path, name, otherwise string) string {
	f, err := os.Open(path)
	if err != nil {
		return otherwise
	}
	defer func() { _ = f.Close() }() // it was only read
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return otherwise
}
