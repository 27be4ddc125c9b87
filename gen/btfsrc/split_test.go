// SPDX-License-Identifier: MIT

package btfsrc

import (
	"debug/elf"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fuseiomap/abigen/gen/model"
)

// kernelAndModule returns the BTF of a small kernel and of a module that
// registers a struct_ops type with it.
func kernelAndModule(big bool) (vmlinux, module *encoder) {
	vmlinux = newEncoder(big)
	i := vmlinux.integer("int", 4, encodedSigned)
	list := vmlinux.record(kindStruct, "list_head", 16, member{"next", vmlinux.pointer(0), 0}, member{"prev", vmlinux.pointer(0), 64})
	common := vmlinux.record(kindStruct, "bpf_struct_ops_common_value", 8, member{"refcnt", i, 0}, member{"state", i, 32})
	vmlinux.add(kindDeclTag, "bpf_kfunc", 0, false, vmlinux.function("kernel_kfunc", 1, i), ^uint32(0))

	module = vmlinux.split()
	inode := module.record(kindStruct, "my_inode", 24, member{"list", list, 0}, member{"refcnt", i, 128})
	ops := module.record(kindStruct, "my_ops", 16, member{"begin", module.pointer(module.prototype(i, member{"", module.pointer(inode), 0})), 0}, member{"fd", i, 64})
	module.record(kindStruct, wrapperPrefix+"my_ops", 128, member{"common", common, 0}, member{"data", ops, 512})
	module.function("my_ops__begin", 0, i, member{"mi", module.pointer(inode), 0})
	module.add(kindDeclTag, "bpf_kfunc", 0, false, module.function("module_kfunc", 1, i), ^uint32(0))
	return vmlinux, module
}

const moduleText = `
struct list_head 16: ptr(void) next@0, ptr(void) prev@8
struct my_inode 24: struct list_head list@0, s32 refcnt@16
struct my_ops 16 registered: ptr(func(s32,ptr(struct my_inode))) begin@0, s32 fd@8
struct bpf_struct_ops_my_ops 128: struct bpf_struct_ops_common_value common@0, struct my_ops data@64
struct bpf_struct_ops_common_value 8: s32 refcnt@0, s32 state@4
callback int my_ops.begin(struct my_inode * mi)
kfunc int module_kfunc()
`

func writeFile(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestModuleBringsItsOwnTypesAndWhatTheyContain(t *testing.T) {
	for _, big := range []bool{false, true} {
		vmlinux, module := kernelAndModule(big)
		base := writeFile(t, "vmlinux.btf", vmlinux.blob())
		sameLines(t, moduleText, text(mustRead(t, module.blob(), Options{Base: base})))

		elfBase := writeFile(t, "vmlinux", elfFile(elf.EM_AARCH64, big, map[string][]byte{".BTF": vmlinux.blob()}))
		ko := writeFile(t, "my.ko", elfFile(elf.EM_X86_64, big, map[string][]byte{".BTF": module.blob()}))
		a, err := ReadFile(ko, Options{Base: elfBase})
		if err != nil {
			t.Fatal(err)
		}
		sameLines(t, moduleText, text(a))
		if a.Source != "btf:my.ko" || a.Target != "amd64" || a.Side != model.SideKernel || !a.Can(model.Registration) {
			t.Errorf("source %s, target %s, side %s, evidence %v", a.Source, a.Target, a.Side, a.Attests)
		}
	}
}

func TestBaseOfAnotherBuildIsRefused(t *testing.T) {
	_, module := kernelAndModule(false)

	// Built alike, with a few types in front, or with one longer name.
	like := func(member0 string, extra ...string) []byte {
		e := newEncoder(false)
		for _, n := range extra {
			e.add(kindForward, n, 0, false, 0)
		}
		i := e.integer("int", 4, encodedSigned)
		next, prev := e.pointer(0), e.pointer(0)
		e.record(kindStruct, "list_head", 16, member{member0, next, 0}, member{"prev", prev, 64})
		e.record(kindStruct, "bpf_struct_ops_common_value", 8, member{"refcnt", i, 0}, member{"state", i, 32})
		e.add(kindDeclTag, "bpf_kfunc", 0, false, e.function("kernel_kfunc", 1, i), ^uint32(0))
		return e.blob()
	}
	shorter := newEncoder(false)
	shorter.integer("int", 4, encodedSigned)
	bigVmlinux, _ := kernelAndModule(true)

	for what, base := range map[string][]byte{
		"more types and names":  like("next", "a", "bc", "def"),
		"one longer name":       like("nextone"),
		"fewer types and names": shorter.blob(),
		"other byte order":      bigVmlinux.blob(),
	} {
		_, err := Read("my.ko", module.blob(), Options{Base: writeFile(t, "vmlinux", base)})
		if !errors.Is(err, ErrWrongBase) || !strings.HasPrefix(err.Error(), "my.ko: ") || !strings.HasSuffix(err.Error(), "give the vmlinux of the very build the module belongs to") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := Read("my.ko", module.blob(), Options{Base: writeFile(t, "vmlinux", like("next"))}); err != nil {
		t.Errorf("right base: %v", err)
	}
}

func TestMissingBaseIsSaidSo(t *testing.T) {
	vmlinux, module := kernelAndModule(false)
	base := writeFile(t, "split.btf", module.blob())
	for _, o := range []Options{{Base: filepath.Join(t.TempDir(), "none")}, {Base: base}} {
		_, err := Read("my.ko", module.blob(), o)
		if !errors.Is(err, ErrNeedBase) || !strings.Contains(err.Error(), o.Base+": ") {
			t.Errorf("base %s: %v", o.Base, err)
		}
	}
	// BTF that stands alone does not ask for a base.
	if _, err := Read("vmlinux", vmlinux.blob(), Options{Base: "none"}); err != nil {
		t.Error(err)
	}
}

// distilledModule returns a module that brings .BTF.base: names and sizes of
// the kernel's types, no members.
func distilledModule() []byte {
	base := newEncoder(false)
	i := base.integer("int", 4, encodedSigned)
	list := base.record(kindStruct, "list_head", 16)
	module := base.split()
	module.record(kindStruct, "my_inode", 24, member{"list", list, 0}, member{"refcnt", i, 128})
	return elfFile(elf.EM_X86_64, false, map[string][]byte{".BTF": module.blob(), ".BTF.base": base.blob()})
}

func TestDistilledBaseStandsForTheKernel(t *testing.T) {
	sameLines(t, `struct my_inode 24: struct list_head list@0, s32 refcnt@16
skipped list_head: struct list_head belongs to the kernel proper: the module's distilled base has no more than its name and size`,
		text(mustRead(t, distilledModule(), Options{})))

	// Any kernel that has the types will do, whatever their ids.
	vmlinux := newEncoder(false)
	vmlinux.record(kindStruct, "list_head", 8)
	vmlinux.record(kindStruct, "list_head", 16, member{"next", vmlinux.pointer(0), 0}, member{"prev", vmlinux.pointer(0), 64})
	sameLines(t, `struct my_inode 24: struct list_head list@0, s32 refcnt@16
struct list_head 16: ptr(void) next@0, ptr(void) prev@8`,
		text(mustRead(t, distilledModule(), Options{Base: writeFile(t, "vmlinux", vmlinux.blob())})))

	grown := newEncoder(false)
	grown.record(kindStruct, "list_head", 24, member{"next", grown.pointer(0), 0})
	_, err := Read("my.ko", distilledModule(), Options{Base: writeFile(t, "vmlinux", grown.blob())})
	if !errors.Is(err, ErrWrongBase) || !strings.Contains(err.Error(), "no struct list_head of 16 bytes") {
		t.Errorf("kernel with a larger list_head: %v", err)
	}
}

// kernelDir returns a stand-in for /sys/kernel/btf.
func kernelDir(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestKernelIsVmlinuxAndItsModules(t *testing.T) {
	vmlinux, module := kernelAndModule(false)
	a, err := kernel(kernelDir(t, map[string][]byte{"vmlinux": vmlinux.blob(), "my": module.blob()}), "arm64", Options{})
	if err != nil {
		t.Fatal(err)
	}
	sameLines(t, moduleText+"kfunc int kernel_kfunc()", text(a))
	if a.Source != "btf:kernel" || a.Target != "arm64" || a.Side != model.SideKernel {
		t.Errorf("source %s, target %s, side %s", a.Source, a.Target, a.Side)
	}
}

func TestModulesThatDisagreeAreReported(t *testing.T) {
	vmlinux, registered := kernelAndModule(false)
	unregistered := func(size uint32) []byte {
		e := vmlinux.split()
		e.record(kindStruct, "my_ops", size)
		e.function("not_exported", 0, 0)
		return e.blob()
	}
	a, err := kernel(kernelDir(t, map[string][]byte{
		"vmlinux": vmlinux.blob(), "a_first": unregistered(1), "my": registered.blob(), "z_last": unregistered(1),
	}), "amd64", Options{Keep: func(n string) bool { return n == "my_ops" }})
	if err != nil {
		t.Fatal(err)
	}
	sameLines(t, `struct my_ops 16 registered: ptr(func(s32,ptr(struct my_inode))) begin@0, s32 fd@8
callback int my_ops.begin(struct my_inode * mi)
skipped my_ops: struct my_ops of module a_first differs from that of module my, which is used
skipped my_ops: struct my_ops of module z_last differs from that of module my, which is used`, text(a))
}

func TestKernelWithoutBTFSaysWhatIsMissing(t *testing.T) {
	_, module := kernelAndModule(false)
	for _, dir := range []string{filepath.Join(t.TempDir(), "btf"), kernelDir(t, map[string][]byte{"my": module.blob()})} {
		_, err := kernel(dir, "amd64", Options{})
		if !errors.Is(err, ErrNoBTF) || !strings.Contains(err.Error(), "CONFIG_DEBUG_INFO_BTF") {
			t.Error(err)
		}
	}
	_, err := kernel(kernelDir(t, map[string][]byte{"vmlinux": newEncoder(false).blob(), "my": module.blob()}), "amd64", Options{})
	if !errors.Is(err, ErrWrongBase) || !strings.HasPrefix(err.Error(), "running kernel: module my: ") {
		t.Error(err)
	}
}

func TestKernelMayBeWiderThanTheProgramThatReadsIt(t *testing.T) {
	for size, want := range map[uint32]string{8: "bpfel", 4: "386"} {
		e := newEncoder(false)
		e.record(kindStruct, "s", 8, member{"p", e.pointer(e.integer("unsigned long", size, 0)), 0})
		a, err := kernel(kernelDir(t, map[string][]byte{"vmlinux": e.blob()}), "386", Options{})
		if err != nil {
			t.Fatal(err)
		}
		if a.Target != want || a.Record("s").Fields[0].BitSize != int64(8*size) {
			t.Errorf("long of %d bytes: target %s, want %s", size, a.Target, want)
		}
	}
}
