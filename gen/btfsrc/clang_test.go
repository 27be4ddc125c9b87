// SPDX-License-Identifier: MIT

package btfsrc

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// clangReads compiles C for a target and reads the object.
func clangReads(t *testing.T, target, source string, want string) {
	t.Helper()
	if _, err := exec.LookPath("clang-19"); err != nil {
		t.Skip("no clang-19: .ci/run installs it")
	}
	dir := t.TempDir()
	c, o := writeFile(t, "source.c", []byte(source)), filepath.Join(dir, "source.o")
	if out, err := exec.Command("clang-19", "-target", target, "-g", "-O2", "-c", c, "-o", o).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	a, err := ReadFile(o, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a.Target != target {
		t.Errorf("target %s, want %s", a.Target, target)
	}
	sameLines(t, want, text(a))
}

// clang counts a bit-field's offset from the most significant bit on a
// big-endian machine, as DWARF's data_bit_offset does, so the numbers are the
// same on either.
func TestBitfieldsOfClang(t *testing.T) {
	const source = `
struct bits {
	unsigned int a : 3;
	int b : 7;
	unsigned long long c : 40;
	char d;
	unsigned int : 4;
	unsigned int e : 1;
	_Bool f : 1;
	enum { ONE = 1 } g : 2;
} bits;`
	const want = `struct bits 16: u32 a@bit0:3, s32 b@bit3:7, u64 c@bit10:40, s8 d@7, u32 e@bit68:1, bool f@bit69:1, enum g@bit70:2
enum 4: ONE=1`
	for _, target := range []string{"bpfel", "bpfeb"} {
		t.Run(target, func(t *testing.T) { clangReads(t, target, source, want) })
	}
}

func TestGuardsOfClang(t *testing.T) {
	clangReads(t, "bpfel", `
struct fuse_bpf_inode___r4 { int dummy; } __attribute__((preserve_access_index));
extern int kernel_call(struct fuse_bpf_inode___r4 *i) __attribute__((section(".ksyms")));
__attribute__((section("syscall"))) int prog(void *ctx)
{
	return __builtin_preserve_type_info(*(struct fuse_bpf_inode___r4 *)0, 0) ? kernel_call(0) : 0;
}`, `struct fuse_bpf_inode___r4 4: s32 dummy@0
kfunc int kernel_call(struct fuse_bpf_inode___r4 *)
guard fuse_bpf_inode`)
}
