// SPDX-License-Identifier: MIT

package bpf

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
)

// opsType is a struct_ops type. The package is about one of them; the tests use
// others too, which every kernel has.
type opsType struct {
	name string
	// fuse tells that it belongs to a FUSE connection and has the members
	// fuse_fd, zeropad and name.
	fuse bool
}

var fuseIomap = opsType{name: "fuse_iomap_bpf_ops", fuse: true}

// kernelBTF is where the kernel shows its types and those of its modules.
const kernelBTF = "/sys/kernel/btf"

// kernelTypes are the decoded types of the running kernel. Decoding takes most of
// the time of a first load, so they are kept; a module that came or went makes
// them new.
var kernelTypes struct {
	sync.Mutex
	cache *btf.Cache
	print string
}

// ReleaseKernelTypes frees the decoded types of the kernel, some 4 MiB, which are
// otherwise kept to make the next Load fast.
func ReleaseKernelTypes() {
	kernelTypes.Lock()
	defer kernelTypes.Unlock()
	kernelTypes.cache = nil
}

func cachedTypes() *btf.Cache {
	now := fingerprint(kernelBTF)
	kernelTypes.Lock()
	defer kernelTypes.Unlock()
	if kernelTypes.cache == nil || kernelTypes.print != now {
		kernelTypes.cache, kernelTypes.print = btf.NewCache(), now
	}
	return kernelTypes.cache
}

// fingerprint is another one when a module was loaded or unloaded, though it be
// for another build of the same name: the file's inode is new.
func fingerprint(dir string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&b, "%s %d\n", e.Name(), inode(filepath.Join(dir, e.Name())))
	}
	return b.String()
}

// kernelType is a struct_ops type as the running kernel has it.
type kernelType struct {
	// value is the type of the map's value, ops the struct in it, at byte data.
	value, ops *btf.Struct
	data       uint32
	// where is "vmlinux" or the name of a module; types are all it sees.
	where string
	types *btf.Spec
	cache *btf.Cache
}

// findType finds a struct_ops type in the running kernel: in vmlinux, else in a
// module.
func findType(ctx context.Context, name string) (*kernelType, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	cache := cachedTypes()
	vmlinux, err := cache.Kernel()
	switch {
	case errors.Is(err, ebpf.ErrNotSupported), errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("bpf: %w: there is no %s/vmlinux: use Linux with CONFIG_DEBUG_INFO_BTF: %w", ErrNoBTF, kernelBTF, err)
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("bpf: %w: %w: let this process read %s", ErrNoBTF, err, kernelBTF)
	case err != nil:
		return nil, fmt.Errorf("bpf: %w: %w", ErrNoBTF, err)
	}
	k := &kernelType{where: "vmlinux", types: vmlinux, cache: cache}
	found, err := k.find(name)
	if found || err != nil {
		return k, err
	}
	modules, err := cache.Modules()
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("bpf: %w: its modules: %w", ErrNoBTF, err)
	}
	var unreadable error
	for _, module := range modules {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		types, err := cache.Module(module)
		if errors.Is(err, os.ErrNotExist) {
			continue // unloaded meanwhile
		}
		if err != nil {
			unreadable = fmt.Errorf("module %s: %w", module, err)
			continue
		}
		k := &kernelType{where: module, types: types, cache: cache}
		if found, err := k.find(name); found || err != nil {
			return k, err
		}
	}
	if unreadable != nil {
		return nil, fmt.Errorf("bpf: %w, so that %s may be there or not: %w", ErrNoBTF, name, unreadable)
	}
	return nil, fmt.Errorf("bpf: %w %s, neither built in nor in a loaded module: load the module that has it, or use a kernel with FUSE iomap and BPF", ErrNoType, name)
}

// find looks for the type of the map's value, without which the kernel has not
// registered the type.
func (k *kernelType) find(name string) (bool, error) {
	err := k.types.TypeByName("bpf_struct_ops_"+name, &k.value)
	if errors.Is(err, btf.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("bpf: %w: %s: %w", ErrNoBTF, k.where, err)
	}
	for _, m := range k.value.Members {
		if st, ok := btf.As[*btf.Struct](m.Type); ok && st.Name == name {
			k.ops, k.data = st, m.Offset.Bytes()
			return true, nil
		}
	}
	return false, fmt.Errorf("bpf: %w: %s: %s holds no %s", ErrNoBTF, k.where, k.value.Name, name)
}

// slot returns where a member lies in the ops struct, in bytes.
func (k *kernelType) slot(member string) (uint32, bool) {
	for _, m := range k.ops.Members {
		if m.Name == member {
			return m.Offset.Bytes(), true
		}
	}
	return 0, false
}

// callbacks lists the members that are callbacks, in their order.
func (k *kernelType) callbacks() (names []string) {
	for _, m := range k.ops.Members {
		if prototype(m.Type) != nil {
			names = append(names, m.Name)
		}
	}
	return names
}

// arguments is how many registers the arguments of a callback fill.
func (k *kernelType) arguments(member string) int {
	n := 0
	for _, m := range k.ops.Members {
		p := prototype(m.Type)
		if m.Name != member || p == nil {
			continue
		}
		for _, param := range p.Params {
			size, err := btf.Sizeof(param.Type)
			if err != nil {
				size = 8
			}
			n += max(1, (size+7)/8)
		}
	}
	return n
}

// prototype returns the function type that a pointer points to, or nil.
func prototype(t btf.Type) *btf.FuncProto {
	p, ok := btf.As[*btf.Pointer](t)
	if !ok {
		return nil
	}
	f, _ := btf.As[*btf.FuncProto](p.Target)
	return f
}

// inModule reports whether the kernel gives out the type only by a descriptor of
// the module's BTF, which takes CAP_SYS_ADMIN.
func (k *kernelType) inModule() bool { return k.where != "vmlinux" }

// permission words an error that comes of a missing capability.
func permission(err error, what string) error {
	need := "CAP_BPF and CAP_PERFMON, and CAP_SYS_ADMIN where the type is in a module"
	return fmt.Errorf("%w: %s: the process needs %s, all in the initial user namespace: run it as root or grant them: %w", ErrPermission, what, need, err)
}

// denied reports whether the kernel refused for lack of a capability.
func denied(err error) bool { return errors.Is(err, syscall.EPERM) }
