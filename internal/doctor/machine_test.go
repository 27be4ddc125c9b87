// SPDX-License-Identifier: MIT

package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/fuseiomap/abigen/bpf"
	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

// fake is a machine that is made up. Its members say what it has.
type fake struct {
	goos, goarch string
	files        map[string]string
	// forbidden files are there and may not be read.
	forbidden []string
	env       map[string]string
	// programs are those in PATH, and what they answer to the first of their
	// arguments that is a key: with a text that begins with "error:" they fail.
	programs map[string]map[string]string
	device   error
	maps     error
	// kernel is an embedded source that stands for the kernel's BTF, "" for none
	// of it; kernelErr is in place of it.
	kernel     string
	kernelErr  error
	change     func(*check.Identity, *model.ABI)
	support    bpf.Support
	trampoline bpf.Trampoline
}

// object is as much of an object for BPF as is looked at.
const object = "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\xf7\x00\x01\x00\x00\x00"

// root has all capabilities that Linux 6.18 knows.
const root = "Name:\tabigen\nCapPrm:\t000001ffffffffff\nCapEff:\t000001ffffffffff\n"

// capEff is the status of a process with some.
func capEff(cs ...capability) string {
	var n uint64
	for _, c := range cs {
		n |= 1 << c
	}
	return fmt.Sprintf("Name:\tabigen\nCapEff:\t%016x\n", n)
}

// healthy is a machine on which everything is ok.
func healthy() *fake {
	return &fake{
		goos: "linux", goarch: "amd64",
		files: map[string]string{
			"etc/os-release":                            "NAME=\"Debian GNU/Linux\"\nID=debian\nVERSION_ID=\"12\"\n",
			"proc/sys/kernel/osrelease":                 "7.3.4\n",
			"proc/sys/kernel/unprivileged_bpf_disabled": "2\n",
			"proc/sys/net/core/bpf_jit_enable":          "1\n",
			"proc/self/status":                          root,
			"proc/self/uid_map":                         "         0          0 4294967295\n",
			"sys/kernel/security/lockdown":              "[none] integrity confidentiality\n",
			"sys/kernel/btf/vmlinux":                    "\x9f\xeb\x01\x00",
			"sys/module/fuse/refcnt":                    "1\n",
		},
		programs: map[string]map[string]string{
			"go":         {"env": "go1.26.8\n"},
			"clang":      {"--version": "Debian clang version 19.1.7 (3)\nTarget: x86_64\n", "-nostdinc": object, "-D__TARGET_ARCH_x86": object},
			"llvm-strip": {},
		},
		kernel:     "kernel-R3",
		support:    bpf.Support{Answer: bpf.Yes, Revision: "R3", Where: "vmlinux", Reason: "a program for it was loaded"},
		trampoline: bpf.Trampoline{Right: bpf.Yes, Evidence: "the code was read"},
	}
}

// guarded is a file system in which some files may not be read.
type guarded struct {
	fs.FS
	forbidden []string
}

func (g guarded) Open(name string) (fs.File, error) {
	if slices.Contains(g.forbidden, name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return g.FS.Open(name)
}

// machine makes it one to examine.
func (f *fake) machine(t *testing.T) *Machine {
	files := fstest.MapFS{}
	for name, text := range f.files {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return &Machine{
		GOOS: f.goos, GOARCH: f.goarch,
		Files:  guarded{files, f.forbidden},
		Getenv: func(name string) string { return f.env[name] },
		LookPath: func(name string) (string, error) {
			if f.programs[name] == nil {
				return "", exec.ErrNotFound
			}
			return "/bin/" + name, nil
		},
		Run: func(_ context.Context, _, program string, args ...string) ([]byte, error) {
			answers := f.programs[strings.TrimPrefix(program, "/bin/")]
			for _, a := range args {
				text, found := answers[a]
				if why, failed := strings.CutPrefix(text, "error:"); failed {
					return nil, errors.New(why)
				}
				if found {
					return []byte(text), nil
				}
			}
			return nil, fmt.Errorf("%s %q: exit status 1", program, args)
		},
		OpenDevice:    func(string) error { return f.device },
		StructOpsMaps: func() error { return f.maps },
		Kernel: func(context.Context) (check.Identity, *model.ABI, error) {
			if f.kernelErr != nil {
				return check.Identity{}, nil, f.kernelErr
			}
			if f.kernel == "" {
				return check.Identity{}, nil, source.ErrNoMatch
			}
			id, a := identified(t, f.kernel)
			if f.change != nil {
				// The records are shared with other tests.
				b := *a
				b.Records, b.Prototypes = slices.Clone(a.Records), slices.Clone(a.Prototypes)
				a = &b
				f.change(&id, a)
			}
			return id, a, nil
		},
		Supported:      func(context.Context) bpf.Support { return f.support },
		EightArguments: func(context.Context) bpf.Trampoline { return f.trampoline },
	}
}

// kernels are embedded sources with the revision each is recognised as, which is
// looked at once.
var kernels sync.Map

func identified(t *testing.T, name string) (check.Identity, *model.ABI) {
	t.Helper()
	type kernel struct {
		id check.Identity
		a  *model.ABI
	}
	if k, found := kernels.Load(name); found {
		return k.(kernel).id, k.(kernel).a
	}
	a, err := source.Open(t.Context(), "embedded:"+name, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	id, err := check.Identify(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	kernels.Store(name, kernel{id, a})
	return id, a
}
