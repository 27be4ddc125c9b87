// SPDX-License-Identifier: MIT

package mutants_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/btfsrc"
	"github.com/fuseiomap/abigen/gen/cheader"
	"github.com/fuseiomap/abigen/gen/drift"
	"github.com/fuseiomap/abigen/internal/mutants"
)

const (
	uapiRecords = 50
	perHeader   = 5
	kernelTypes = 5
)

// uapi are headers of the kernel's interface with records of many shapes.
var uapi = []string{"fuse.h", "io_uring.h", "stat.h", "taskstats.h", "inet_diag.h", "perf_event.h", "ethtool.h", "input.h", "fs.h", "tcp.h",
	"virtio_net.h", "vhost_types.h", "seccomp.h", "fiemap.h", "dm-ioctl.h", "loop.h", "nbd.h", "userfaultfd.h"}

// struct_ops types, and after them others with callbacks for kernels that
// register few.
var opsTypes = []string{"tcp_congestion_ops", "bpf_dummy_ops", "sched_ext_ops", "Qdisc_ops", "hid_bpf_ops", "smc_hs_ctrl",
	"seq_operations", "vm_operations_struct", "export_operations", "fscrypt_operations", "dev_pm_ops"}

// installed are the bases that this machine has: records of the kernel's headers
// and struct_ops types of its BTF. Neither is kept in the repository.
func installed(t *testing.T) (out []base) {
	t.Helper()
	out = append(out, installedHeaders(t)...)
	for _, path := range append([]string{"/sys/kernel/btf/vmlinux"}, filepath.SplitList(os.Getenv("ABIGEN_KERNEL_BTF"))...) {
		out = append(out, kernelOps(t, path)...)
	}
	return out
}

func installedHeaders(t *testing.T) (out []base) {
	dirs := []string{"/usr/include"}
	more, err := filepath.Glob("/usr/include/*-linux-gnu")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range uapi {
		path := filepath.Join(dirs[0], "linux", name)
		if _, err := os.Stat(path); err != nil {
			continue
		}
		a, err := cheader.ParseFile(path, cheader.Options{Target: bpfel, IncludeDirs: append(dirs, more...), Defines: []string{"__x86_64__"}})
		if err != nil {
			t.Logf("%s: %v", name, err)
			continue
		}
		taken := 0
		for _, r := range a.Records {
			if taken == perHeader || len(out) == uapiRecords {
				break
			}
			h, err := mutants.FromModel(a, func(n string) bool { return n == r.Name })
			// A record whose alignment an attribute raises is not what it seems
			// without it, and one too long has a million swaps.
			if err != nil || len(h.Records) == 0 || len(r.Fields) < 2 || len(r.Fields) > 20 {
				continue
			}
			out = append(out, base{"UAPI headers", h})
			taken++
		}
	}
	if len(out) < uapiRecords {
		t.Logf("UAPI headers: %d records, want %d: apt-get install linux-libc-dev", len(out), uapiRecords)
	}
	return out
}

func kernelOps(t *testing.T, path string) (out []base) {
	wanted := map[string]bool{}
	for _, name := range opsTypes {
		wanted[name], wanted["bpf_struct_ops_"+name] = true, true
	}
	keep := btfsrc.Options{Keep: func(n string) bool { return wanted[n] }}
	a, err := btfsrc.ReadFile(path, keep)
	if err == nil {
		// The enums that callbacks pass are named only there.
		for _, p := range a.Prototypes {
			for _, q := range p.Params {
				if tag, ok := strings.CutPrefix(q.Type.String(), "enum "); ok {
					wanted[tag] = true
				}
			}
		}
		a, err = btfsrc.ReadFile(path, keep)
	}
	if err != nil {
		t.Logf("struct_ops types of a kernel: %v", err)
		return nil
	}
	var names []string
	for _, name := range opsTypes {
		if len(out) == kernelTypes {
			break
		}
		if a.Record(name) == nil {
			continue
		}
		h, err := mutants.FromModel(a, func(n string) bool { return n == name })
		if err != nil {
			t.Logf("%s: %v", name, err)
			continue
		}
		for i := range h.Records {
			h.Records[i].Context = h.Records[i].Name != name
		}
		names = append(names, name)
		// What was written as C is what the kernel has.
		old := parse(t, "old.h", h.String(), cheader.Options{})
		if r := drift.Compare(old, a, drift.Options{Keep: func(n string) bool { return n == name }}); slices.ContainsFunc(r.Findings, func(f drift.Finding) bool {
			return f.Rule != "ops.unregistered"
		}) {
			t.Errorf("%s: written as C it is not what %s has:\n%s", name, filepath.Base(path), render(r))
		}
		out = append(out, base{"struct_ops types of " + filepath.Base(path), h})
	}
	t.Logf("struct_ops types of %s: %s", filepath.Base(path), strings.Join(names, ", "))
	return out
}
