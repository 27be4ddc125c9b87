// SPDX-License-Identifier: MIT

package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/fuseiomap/abigen/internal/lazyregexp"
)

var compileItems = []Item{
	{
		ID: "clang", Group: Compile, Title: "a compiler for BPF",
		check:  checkClang,
		remedy: installs("clang", "install clang with its BPF target, 19 is what the programs here are compiled with"),
	},
	{
		ID: "llvm-strip", Group: Compile, Title: "llvm-strip, which bpf2go calls",
		check:  checkStrip,
		remedy: installs("llvm-strip", "install LLVM's tools, or call bpf2go with -no-strip"),
	},
	{
		ID: "libbpf", Group: Compile, Title: "libbpf's headers for BPF programs",
		check: checkLibbpf,
		remedy: func(d distribution) string {
			return installs("libbpf", "install libbpf's headers and the kernel's for user space")(d) + ", " + instead
		},
	},
}

// compiler is the clang that bpf2go would call, or the one to tell it of.
type compiler struct {
	// name is as it was looked up, file where it is; both are empty where there
	// is none.
	name, file string
	// version is the number in the first line of --version.
	version string
	// err tells that it does not compile for BPF.
	err error
}

// oldest and newest bound the versions of clang that are looked for by name.
const oldest, newest = 10, 40

// probe is compiled to see whether a clang can: CO-RE, BTF and 32-bit
// instructions are what programs here use.
const probe = `struct inode { unsigned long long id; } __attribute__((preserve_access_index));
__attribute__((section("struct_ops/f"), used)) int f(unsigned long long *ctx)
{
	return ((struct inode *)ctx[0])->id == 1;
}
`

// compileArgs are what every compilation here begins with. The object goes to
// standard output.
var compileArgs = []string{"-target", "bpf", "-mcpu=v3", "-O2", "-g", "-x", "c", "-c", "-o", "-", "-"}

// findCompiler takes the first clang that compiles for BPF: the one bpf2go is
// told of, the one it takes by default, then those with a version in their name,
// newest first.
func findCompiler(ctx context.Context, m *Machine) compiler {
	names := []string{"clang"}
	if cc := m.Getenv("BPF2GO_CC"); cc != "" {
		names = []string{cc}
	} else {
		for v := newest; v >= oldest; v-- {
			names = append(names, fmt.Sprintf("clang-%d", v))
		}
	}
	var first compiler
	for _, name := range names {
		file, err := m.LookPath(name)
		if err != nil {
			continue
		}
		c := compiler{name: name, file: file, version: clangVersion(ctx, m, file)}
		object, err := m.Run(ctx, probe, file, append([]string{"-nostdinc"}, compileArgs...)...)
		switch {
		case err != nil:
			c.err = err
		case !isBPFObject(object):
			c.err = fmt.Errorf("it writes something else than an object for BPF")
		default:
			return c
		}
		if first.name == "" {
			first = c
		}
	}
	return first
}

var numbered = lazyregexp.New(`clang version (\d+[\w.+-]*)`)

func clangVersion(ctx context.Context, m *Machine, file string) string {
	out, err := m.Run(ctx, "", file, "--version")
	if v := numbered().FindSubmatch(out); err == nil && v != nil {
		return "clang " + string(v[1])
	}
	return "a clang of unknown version"
}

// isBPFObject looks at an ELF header: 64 bits, of either byte order, for
// machine EM_BPF, which is 247.
func isBPFObject(b []byte) bool {
	return len(b) > 20 && string(b[:5]) == "\x7fELF\x02" && (b[18] == 247 && b[19] == 0 || b[18] == 0 && b[19] == 247)
}

func checkClang(_ context.Context, p *patient) answer {
	c := p.compiler()
	switch {
	case c.name == "" && p.Getenv("BPF2GO_CC") != "":
		return missing("BPF2GO_CC is %s, which is not in PATH: nothing can be compiled for BPF", p.Getenv("BPF2GO_CC"))
	case c.name == "":
		return missing("no clang in PATH: nothing can be compiled for BPF; compiled programs can be loaded")
	case c.err != nil:
		return missing("%s is %s and does not compile for BPF: %v", c.file, c.version, c.err)
	case c.name != "clang" && p.Getenv("BPF2GO_CC") == "":
		return ok("%s is %s and compiles for BPF: call bpf2go with -cc %s", c.file, c.version, c.name)
	}
	return ok("%s is %s and compiles for BPF", c.file, c.version)
}

func checkStrip(_ context.Context, p *patient) answer {
	if name := p.Getenv("BPF2GO_STRIP"); name != "" {
		file, err := p.LookPath(name)
		if err != nil {
			return missing("BPF2GO_STRIP is %s, which is not in PATH: bpf2go fails", name)
		}
		return ok("%s takes debugging information but BTF out of objects", file)
	}
	// bpf2go calls the one of the compiler's version.
	plain := "llvm-strip"
	name := plain
	if suffix, found := strings.CutPrefix(p.compiler().name, "clang"); found {
		name += suffix
	}
	if file, err := p.LookPath(name); err == nil {
		return ok("%s takes debugging information but BTF out of objects", file)
	}
	if file, err := p.LookPath(plain); err == nil {
		return ok("%s takes debugging information but BTF out of objects: call bpf2go with -strip %s", file, plain)
	}
	return missing("no %s in PATH: bpf2go fails, unless it is called with -no-strip", name)
}

// includes is compiled to see whether libbpf's headers are there, with what they
// include. The macros of the contract want three names of theirs.
const includes = `#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
SEC("struct_ops/f") int BPF_PROG(f, __u64 id) { return id == 1; }
`

// instead is what to do without libbpf.
const instead = "or compile with -I bpf/include of abigen's repository, whose headers take their place"

func checkLibbpf(ctx context.Context, p *patient) answer {
	c := p.compiler()
	if c.name == "" || c.err != nil {
		if p.exists("usr/include/bpf/bpf_helpers.h") {
			return cannotTell("/usr/include/bpf is there, and no compiler to try it with").fix("install clang first")
		}
		return missing("no compiler and no /usr/include/bpf: SEC and BPF_PROG of the contract's macros come from there")
	}
	args := []string{"-D__TARGET_ARCH_" + libbpfArch(p.GOARCH)}
	extra := ""
	if dir := multiarch(p); dir != "" {
		// Debian keeps asm/ where clang looks for the host's headers only.
		extra = "-I" + dir
		args = append(args, extra)
	}
	object, err := p.Run(ctx, includes, c.file, append(args, compileArgs...)...)
	switch {
	case err != nil:
		return missing("SEC and BPF_PROG, which the contract's macros want, come from libbpf's headers: %v", err)
	case !isBPFObject(object):
		return cannotTell("%s writes something else than an object for BPF", c.file)
	case extra != "":
		return ok("bpf_helpers.h and bpf_tracing.h compile, with %s", extra)
	}
	return ok("bpf_helpers.h and bpf_tracing.h compile")
}

// libbpfArch is what bpf_tracing.h calls an architecture.
func libbpfArch(goarch string) string {
	known := map[string]string{"amd64": "x86", "386": "x86", "s390x": "s390", "ppc64le": "powerpc", "riscv64": "riscv", "loong64": "loongarch", "mips64le": "mips"}
	if name := known[goarch]; name != "" {
		return name
	}
	return goarch
}

// multiarch is where Debian keeps the kernel's headers of this architecture, ""
// where they are not in a directory of their own.
func multiarch(p *patient) string {
	triplets := map[string]string{
		"amd64": "x86_64-linux-gnu", "386": "i386-linux-gnu", "arm64": "aarch64-linux-gnu", "arm": "arm-linux-gnueabihf",
		"riscv64": "riscv64-linux-gnu", "ppc64le": "powerpc64le-linux-gnu", "s390x": "s390x-linux-gnu", "loong64": "loongarch64-linux-gnu",
		"mips64le": "mips64el-linux-gnuabi64",
	}
	t := triplets[p.GOARCH]
	if t == "" || !p.exists("usr/include/"+t+"/asm/types.h") {
		return ""
	}
	return "/usr/include/" + t
}
