// SPDX-License-Identifier: MIT

//go:build linux

package kerneltest

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/cilium/ebpf/btf"

	"github.com/fuseiomap/abigen/internal/testmod"
)

// wrapper is the type of the map's value: where the kernel has it, struct
// fuse_iomap_bpf_ops is registered.
const wrapper = "bpf_struct_ops_fuse_iomap_bpf_ops"

// needType skips the test where the running kernel does not have the type.
func needType(t *testing.T) {
	t.Helper()
	found, err := hasType()
	if err != nil {
		t.Skipf("running kernel: its BTF cannot be read: %v", err)
	}
	if !found {
		t.Skip("running kernel has no fuse_iomap_bpf_ops")
	}
}

// hasType is asked once for all tests: decoding the kernel's BTF takes seconds under
// emulation.
var hasType = sync.OnceValues(func() (bool, error) {
	kernel, err := btf.LoadKernelSpec()
	if err != nil {
		return false, err
	}
	var st *btf.Struct
	if kernel.TypeByName(wrapper, &st) == nil {
		return true, nil
	}
	for _, module := range []string{"fuse", testmod.Name} {
		spec, err := btf.LoadKernelModuleSpec(module)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return false, err
		}
		if spec.TypeByName(wrapper, &st) == nil {
			return true, nil
		}
	}
	return false, nil
})

// needModule skips the test where bpf/testmod is not loaded, and opens its
// device, which stays open until the test ends.
func needModule(t *testing.T) *testmod.Device {
	t.Helper()
	needType(t)
	d, err := testmod.Open()
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("running kernel has a fuse_iomap_bpf_ops of its own: this test needs that of bpf/testmod")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// revision is that of the loaded module: "R2", "R3" or "R4".
func revision(t *testing.T, d *testmod.Device) string {
	t.Helper()
	info, err := d.Info()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("R%d", info.Revision)
}

// fuseDevice opens /dev/fuse: to the module it is a connection that has
// negotiated iomap.
func fuseDevice(t *testing.T) *os.File {
	t.Helper()
	f, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// caller calls what is attached to f, whatever the operation. It has found out
// whether eight arguments arrive.
func caller(t *testing.T, d *testmod.Device, f *os.File) *testmod.Caller {
	t.Helper()
	info, err := d.Info()
	if err != nil {
		t.Fatal(err)
	}
	if info.Eight == testmod.Unknown {
		if _, err := d.EightArguments(); err != nil {
			t.Fatal(err)
		}
	}
	return &testmod.Caller{Device: d, FD: int(f.Fd()), Always: true}
}
