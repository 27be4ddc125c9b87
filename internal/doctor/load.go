// SPDX-License-Identifier: MIT

package doctor

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"

	"github.com/cilium/ebpf"
)

var loadItems = []Item{
	{
		ID: "bpf", Group: Load, Title: "the bpf system call",
		check:  linux(checkBPF),
		remedy: always("boot a kernel with CONFIG_BPF_SYSCALL"),
	},
	{
		ID: "capabilities", Group: Load, Title: "capabilities to load with",
		check:  linux(checkCapabilities),
		remedy: always("run as root, or give the program what it lacks with setcap"),
	},
	{
		ID: "lockdown", Group: Load, Title: "what the kernel's lockdown forbids",
		check:  linux(checkLockdown),
		remedy: always("boot with lockdown=integrity, if your programs call bpf_probe_read_kernel"),
	},
	{
		ID: "jit", Group: Load, Title: "the kernel's compiler for BPF",
		check:  linux(checkJIT),
		remedy: always("sysctl -w net.core.bpf_jit_enable=1"),
	},
	{
		ID: "kernel-btf", Group: Load, Title: "BTF of the running kernel",
		check:  linux(checkBTF),
		remedy: always("boot a kernel with CONFIG_DEBUG_INFO_BTF"),
	},
	{
		ID: "struct-ops", Group: Load, Title: "maps of type struct_ops",
		check:  linux(checkStructOps),
		remedy: always("boot a kernel with CONFIG_BPF_JIT and CONFIG_DEBUG_INFO_BTF"),
	},
}

// linux is a check that answers for itself on any other system.
func linux(check func(context.Context, *patient) answer) func(context.Context, *patient) answer {
	return func(ctx context.Context, p *patient) answer {
		if p.GOOS != "linux" {
			return missing("this is %s", p.GOOS).fix("use Linux")
		}
		return check(ctx, p)
	}
}

func checkBPF(_ context.Context, p *patient) answer {
	value, err := p.line("proc/sys/kernel/unprivileged_bpf_disabled")
	if errors.Is(err, fs.ErrNotExist) {
		if !p.exists("proc/sys/kernel") {
			return cannotTell("/proc is not mounted").fix("mount -t proc proc /proc")
		}
		return missing("%s has no sysctl kernel.unprivileged_bpf_disabled, so no BPF", p.release())
	}
	if err != nil {
		return cannotTell("/proc/sys/kernel/unprivileged_bpf_disabled: %s", reason(err)).fix("run as root")
	}
	if value == "0" {
		return ok("unprivileged_bpf_disabled is 0: any process may call it, and for struct_ops needs capabilities")
	}
	caps, err := p.effective()
	if err != nil {
		return cannotTell("unprivileged_bpf_disabled is %s, and whether this process has CAP_BPF is not known: %s", value, reason(err)).fix("see capabilities")
	}
	if len(caps.lacks(capBPF)) > 0 && !caps.has(capSysAdmin) {
		return missing("unprivileged_bpf_disabled is %s, so a process without CAP_BPF may not call it", value).fix("see capabilities")
	}
	return ok("unprivileged_bpf_disabled is %s: closed to processes without CAP_BPF, which this one has", value)
}

func checkCapabilities(_ context.Context, p *patient) answer {
	caps, err := p.effective()
	if errors.Is(err, errNamespace) {
		return missing("%v", err).fix("run outside the container's user namespace")
	}
	if err != nil {
		return cannotTell("/proc/self/status: %s", reason(err)).fix("mount -t proc proc /proc")
	}
	if lacks := caps.loader(); len(lacks) > 0 {
		return missing("%s not effective: the kernel refuses struct_ops maps and programs", are(lacks))
	}
	where := p.supported().Where
	if !caps.has(capSysAdmin) {
		if where != "" && where != "vmlinux" {
			return missing("CAP_SYS_ADMIN is not effective: the type is in module %s, whose BTF the kernel hands to nobody else", where)
		}
		return ok("CAP_BPF and CAP_PERFMON are effective; a type in a module would need CAP_SYS_ADMIN")
	}
	return ok("CAP_SYS_ADMIN is effective, which includes CAP_BPF and CAP_PERFMON")
}

// are says "A and B are" or "A is".
func are(cs []capability) string {
	if len(cs) == 1 {
		return joined(cs) + " is"
	}
	return joined(cs) + " are"
}

func checkLockdown(_ context.Context, p *patient) answer {
	modes, err := p.line("sys/kernel/security/lockdown")
	switch {
	case errors.Is(err, fs.ErrNotExist) && p.exists("sys/kernel/security"), errors.Is(err, fs.ErrNotExist) && p.exists("sys/kernel/btf"):
		return ok("%s has no lockdown, so it forbids nothing", p.release())
	case errors.Is(err, fs.ErrNotExist):
		return cannotTell("/sys/kernel/security is not mounted").fix("mount -t securityfs securityfs /sys/kernel/security")
	case err != nil:
		return cannotTell("/sys/kernel/security/lockdown: %s", reason(err)).fix("run as root")
	}
	_, rest, _ := strings.Cut(modes, "[")
	mode, _, found := strings.Cut(rest, "]")
	switch {
	case !found:
		return cannotTell("/sys/kernel/security/lockdown says %q", modes).fix("report this")
	case mode == "none":
		return ok("lockdown is none")
	case mode == "integrity":
		return ok("lockdown is integrity: struct_ops programs are not affected, modules must be signed")
	}
	return cannotTell("lockdown is %s: programs that read through the pointers they are given load, those that call bpf_probe_read_kernel do not", mode)
}

func checkJIT(_ context.Context, p *patient) answer {
	value, err := p.line("proc/sys/net/core/bpf_jit_enable")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return cannotTell("/proc/sys/net/core/bpf_jit_enable is not there: the kernel has no JIT, or this process is in a network namespace of its own").
			fix("look for it outside the container")
	case err != nil:
		return cannotTell("/proc/sys/net/core/bpf_jit_enable: %s", reason(err)).fix("run as root")
	case value == "0":
		return missing("net.core.bpf_jit_enable is 0: programs are interpreted, and those that call kfuncs are refused")
	}
	return ok("net.core.bpf_jit_enable is %s: programs are compiled", value)
}

// magic is what BTF of either byte order begins with.
var magic = []string{"\x9f\xeb", "\xeb\x9f"}

func checkBTF(_ context.Context, p *patient) answer {
	const file = "sys/kernel/btf/vmlinux"
	f, err := p.Files.Open(file)
	if err != nil {
		return unreadable(file, err)
	}
	defer func() { _ = f.Close() }() // it was only read
	head := make([]byte, 2)
	if _, err := io.ReadFull(f, head); err != nil {
		return unreadable(file, err)
	}
	if string(head) != magic[0] && string(head) != magic[1] {
		return cannotTell("/%s begins with % x and is no BTF", file, head).fix("report this with the kernel's version")
	}
	return ok("/%s can be read: types and prototypes are compared before anything is loaded", file)
}

func unreadable(file string, err error) answer {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return missing("there is no /%s: nothing says what the kernel's types are, and struct_ops needs them", file)
	case errors.Is(err, fs.ErrPermission):
		return cannotTell("/%s: %s", file, reason(err)).fix("run as root")
	}
	return cannotTell("/%s: %s", file, reason(err)).fix("report this with the kernel's version")
}

func checkStructOps(_ context.Context, p *patient) answer {
	err := p.StructOpsMaps()
	switch {
	case err == nil:
		return ok("%s makes maps of type struct_ops", p.release())
	case errors.Is(err, ebpf.ErrNotSupported):
		return missing("%s makes no maps of type struct_ops", p.release())
	case errors.Is(err, fs.ErrPermission):
		return cannotTell("the kernel may not be asked: %s", reason(err)).fix("see capabilities")
	}
	return cannotTell("asking the kernel: %v", err).fix("report this with the kernel's version")
}
