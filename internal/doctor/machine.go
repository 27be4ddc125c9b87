// SPDX-License-Identifier: MIT

package doctor

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/features"

	"github.com/fuseiomap/abigen/bpf"
	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/model"
)

// Machine is what the questions are asked of. Every member must be set.
type Machine struct {
	// GOOS and GOARCH are what Go calls it.
	GOOS, GOARCH string
	// Files is the file system from / on.
	Files fs.FS
	// Getenv is [os.Getenv].
	Getenv func(string) string
	// LookPath is [exec.LookPath].
	LookPath func(string) (string, error)
	// Run runs a program and gives it stdin. It returns what it writes to
	// standard output; where it fails, the error has what it says.
	Run func(ctx context.Context, stdin string, program string, args ...string) ([]byte, error)
	// OpenDevice opens a device for reading and writing, and closes it.
	OpenDevice func(path string) error
	// StructOpsMaps says whether the kernel has the type of map, as
	// [features.HaveMapType] does.
	StructOpsMaps func() error
	// Kernel is [check.IdentifyKernel].
	Kernel func(context.Context) (check.Identity, *model.ABI, error)
	// Supported is [bpf.Supported].
	Supported func(context.Context) bpf.Support
	// EightArguments is [bpf.EightArguments].
	EightArguments func(context.Context) bpf.Trampoline
}

// Here is the machine this process runs on.
func Here() *Machine {
	return &Machine{
		GOOS: runtime.GOOS, GOARCH: runtime.GOARCH,
		Files:          os.DirFS("/"),
		Getenv:         os.Getenv,
		LookPath:       exec.LookPath,
		Run:            runProgram,
		OpenDevice:     openDevice,
		StructOpsMaps:  func() error { return features.HaveMapType(ebpf.StructOpsMap) },
		Kernel:         func(ctx context.Context) (check.Identity, *model.ABI, error) { return check.IdentifyKernel(ctx) },
		Supported:      bpf.Supported,
		EightArguments: bpf.EightArguments,
	}
}

// patience is how long a program may take to say what it is. A compiler starts
// in a second where nothing else runs.
const patience = 2 * time.Minute

func runProgram(ctx context.Context, stdin, program string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if err != nil && stderr.Len() > 0 {
		// That it failed says less than what it says.
		err = errors.New(worstLine(stderr.String()))
	}
	return stdout.Bytes(), err
}

// worstLine picks of what a program says the line that tells what is wrong.
func worstLine(text string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	for line := range strings.Lines(text) {
		if strings.Contains(line, "error:") {
			return strings.TrimSpace(line)
		}
	}
	return first
}

func openDevice(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// patient is a machine while it is examined: what several questions need is
// found out once.
type patient struct {
	*Machine
	kernel         func() kernelType
	supported      func() bpf.Support
	eightArguments func() bpf.Trampoline
	compiler       func() compiler
}

// kernelType is what the kernel declares of the contract.
type kernelType struct {
	id  check.Identity
	abi *model.ABI
	err error
}

func admit(ctx context.Context, m *Machine) *patient {
	p := &patient{Machine: m}
	p.kernel = sync.OnceValue(func() kernelType {
		id, a, err := m.Kernel(ctx)
		return kernelType{id, a, err}
	})
	p.supported = sync.OnceValue(func() bpf.Support { return m.Supported(ctx) })
	p.eightArguments = sync.OnceValue(func() bpf.Trampoline { return m.EightArguments(ctx) })
	p.compiler = sync.OnceValue(func() compiler { return findCompiler(ctx, m) })
	return p
}

// line reads a file of one line, such as those of /proc/sys.
func (p *patient) line(name string) (string, error) {
	b, err := fs.ReadFile(p.Files, name)
	return strings.TrimSpace(string(b)), err
}

// exists reports whether there is such a file. What cannot be looked at does
// not exist.
func (p *patient) exists(name string) bool {
	_, err := fs.Stat(p.Files, name)
	return err == nil
}

// release is what the kernel calls itself.
func (p *patient) release() string {
	if r, err := p.line("proc/sys/kernel/osrelease"); err == nil && r != "" {
		return "Linux " + r
	}
	return "the running kernel"
}

// reason is the text of an error without the path, for lines that name it.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
