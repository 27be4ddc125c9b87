// SPDX-License-Identifier: MIT

package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cilium/ebpf"

	"github.com/fuseiomap/abigen/bpf"
	"github.com/fuseiomap/abigen/gen/check"
	"github.com/fuseiomap/abigen/gen/model"
)

// find returns the line of an item.
func (r *Report) find(t *testing.T, id string) Line {
	t.Helper()
	i := slices.IndexFunc(r.Lines, func(l Line) bool { return l.ID == id })
	if i < 0 {
		t.Fatalf("the report has no line %s", id)
	}
	return r.Lines[i]
}

// cases say what one item must answer on a machine that differs from the healthy
// one in what sick does to it. want and remedy are texts in the line.
var cases = []struct {
	item    string
	name    string
	sick    func(*fake)
	verdict Verdict
	want    string
	remedy  string
}{
	{"generator", "healthy", nil, OK, "become Go for amd64 and 9 other targets", ""},
	{"generator", "another architecture", func(f *fake) { f.goarch = "wasm" }, Missing, "wasm is not a target", "--target"},

	{"go", "healthy", nil, OK, "/bin/go is go1.26.8", ""},
	{"go", "none", func(f *fake) { delete(f.programs, "go") }, Missing, "no go in PATH", "go.dev/doc/install"},
	{"go", "broken", func(f *fake) { f.programs["go"] = map[string]string{} }, CannotTell, "exit status 1", "install Go"},

	{"clang", "healthy", nil, OK, "/bin/clang is clang 19.1.7 and compiles for BPF", ""},
	{"clang", "none", func(f *fake) { delete(f.programs, "clang") }, Missing, "no clang in PATH", "apt-get install clang-19"},
	{"clang", "one with a version", func(f *fake) {
		f.programs["clang-21"] = f.programs["clang"]
		f.programs["clang-20"] = f.programs["clang"]
		delete(f.programs, "clang")
	}, OK, "bpf2go with -cc clang-21", ""},
	{"clang", "one that cannot beside one that can", func(f *fake) {
		f.programs["clang-19"] = f.programs["clang"]
		f.programs["clang"] = map[string]string{"-nostdinc": "error:no such target"}
	}, OK, "-cc clang-19", ""},
	{"clang", "no target", func(f *fake) {
		f.programs["clang"] = map[string]string{"-nostdinc": "error:error: unable to create target: 'No available targets'"}
	}, Missing, "/bin/clang is a clang of unknown version and does not compile for BPF: error: unable to create target", "clang-19"},
	{"clang", "the host's object", func(f *fake) {
		f.programs["clang"]["-nostdinc"] = strings.Replace(object, "\xf7", "\x3e", 1)
	}, Missing, "something else than an object for BPF", "clang-19"},
	{"clang", "big-endian object", func(f *fake) {
		f.programs["clang"]["-nostdinc"] = strings.Replace(object, "\xf7\x00", "\x00\xf7", 1)
	}, OK, "compiles for BPF", ""},
	{"clang", "the one bpf2go is told of", func(f *fake) {
		f.env = map[string]string{"BPF2GO_CC": "clang-x"}
		f.programs["clang-x"] = f.programs["clang"]
	}, OK, "/bin/clang-x is clang 19.1.7 and compiles for BPF", ""},
	{"clang", "bpf2go is told of none", func(f *fake) { f.env = map[string]string{"BPF2GO_CC": "gcc"} }, Missing, "BPF2GO_CC is gcc, which is not in PATH", "clang-19"},

	{"llvm-strip", "healthy", nil, OK, "/bin/llvm-strip takes", ""},
	{"llvm-strip", "none", func(f *fake) { delete(f.programs, "llvm-strip") }, Missing, "no llvm-strip in PATH", "apt-get install llvm-19"},
	{"llvm-strip", "of the compiler's version", func(f *fake) {
		f.programs["clang-19"], f.programs["llvm-strip-19"] = f.programs["clang"], map[string]string{}
		delete(f.programs, "clang")
	}, OK, "/bin/llvm-strip-19 takes", ""},
	{"llvm-strip", "of another version", func(f *fake) {
		f.programs["clang-19"] = f.programs["clang"]
		delete(f.programs, "clang")
	}, OK, "call bpf2go with -strip llvm-strip", ""},
	{"llvm-strip", "the one bpf2go is told of", func(f *fake) { f.env = map[string]string{"BPF2GO_STRIP": "strip-x"} }, Missing, "BPF2GO_STRIP is strip-x", "llvm-19"},
	{"llvm-strip", "the one bpf2go is told of is there", func(f *fake) {
		f.env = map[string]string{"BPF2GO_STRIP": "strip-x"}
		f.programs["strip-x"] = map[string]string{}
	}, OK, "/bin/strip-x", ""},

	{"libbpf", "healthy", nil, OK, "bpf_helpers.h and bpf_tracing.h compile", ""},
	{"libbpf", "headers of Debian's architecture", func(f *fake) { f.files["usr/include/x86_64-linux-gnu/asm/types.h"] = "" }, OK, "with -I/usr/include/x86_64-linux-gnu", ""},
	{"libbpf", "none", func(f *fake) {
		f.programs["clang"]["-D__TARGET_ARCH_x86"] = "error:fatal error: 'bpf/bpf_helpers.h' file not found"
	}, Missing, "'bpf/bpf_helpers.h' file not found", "apt-get install libbpf-dev linux-libc-dev, or compile with -I bpf/include"},
	{"libbpf", "no compiler", func(f *fake) { delete(f.programs, "clang") }, Missing, "no /usr/include/bpf", "libbpf-dev"},
	{"libbpf", "no compiler to try them with", func(f *fake) {
		delete(f.programs, "clang")
		f.files["usr/include/bpf/bpf_helpers.h"] = ""
	}, CannotTell, "no compiler to try it with", "install clang first"},
	{"libbpf", "no object", func(f *fake) { f.programs["clang"]["-D__TARGET_ARCH_x86"] = "" }, CannotTell, "something else", "libbpf-dev"},

	{"bpf", "healthy", nil, OK, "unprivileged_bpf_disabled is 2", ""},
	{"bpf", "open to all", func(f *fake) {
		f.files["proc/sys/kernel/unprivileged_bpf_disabled"] = "0\n"
		f.files["proc/self/status"] = capEff()
	}, OK, "is 0: any process may call it", ""},
	{"bpf", "closed to us", func(f *fake) { f.files["proc/self/status"] = capEff(capPerfmon) }, Missing, "without CAP_BPF may not call it", "see capabilities"},
	{"bpf", "no capabilities to read", func(f *fake) { delete(f.files, "proc/self/status") }, CannotTell, "is not known: file does not exist", "see capabilities"},
	{"bpf", "a kernel without", func(f *fake) { delete(f.files, "proc/sys/kernel/unprivileged_bpf_disabled") }, Missing, "so no BPF", "CONFIG_BPF_SYSCALL"},
	{"bpf", "no /proc", func(f *fake) { f.without("proc/") }, CannotTell, "/proc is not mounted", "mount -t proc"},
	{"bpf", "forbidden", func(f *fake) { f.forbidden = []string{"proc/sys/kernel/unprivileged_bpf_disabled"} }, CannotTell, "permission denied", "run as root"},

	{"capabilities", "root", nil, OK, "CAP_SYS_ADMIN is effective", ""},
	{"capabilities", "the two it takes", func(f *fake) { f.files["proc/self/status"] = capEff(capBPF, capPerfmon) }, OK, "CAP_BPF and CAP_PERFMON are effective", ""},
	{"capabilities", "one of them", func(f *fake) { f.files["proc/self/status"] = capEff(capBPF) }, Missing, "CAP_PERFMON is not effective", "setcap"},
	{"capabilities", "none", func(f *fake) { f.files["proc/self/status"] = capEff() }, Missing, "CAP_BPF and CAP_PERFMON are not effective", "run as root"},
	{"capabilities", "the type in a module", func(f *fake) {
		f.files["proc/self/status"] = capEff(capBPF, capPerfmon)
		f.support.Where = "fuse"
	}, Missing, "the type is in module fuse", "run as root"},
	{"capabilities", "user namespace", func(f *fake) { f.files["proc/self/uid_map"] = "0 1000 1\n" }, Missing, "user namespace", "outside the container"},
	{"capabilities", "no /proc", func(f *fake) { f.without("proc/") }, CannotTell, "/proc/self/status: file does not exist", "mount -t proc"},
	{"capabilities", "no such line", func(f *fake) { f.files["proc/self/status"] = "Name:\tx\n" }, CannotTell, "no line CapEff", "mount"},

	{"lockdown", "none", nil, OK, "lockdown is none", ""},
	{"lockdown", "integrity", func(f *fake) { f.files["sys/kernel/security/lockdown"] = "none [integrity] confidentiality\n" }, OK, "modules must be signed", ""},
	{"lockdown", "confidentiality", func(f *fake) { f.files["sys/kernel/security/lockdown"] = "none integrity [confidentiality]\n" }, CannotTell, "those that call bpf_probe_read_kernel do not", "lockdown=integrity"},
	{"lockdown", "a kernel without", func(f *fake) { delete(f.files, "sys/kernel/security/lockdown") }, OK, "has no lockdown", ""},
	{"lockdown", "no /sys", func(f *fake) { f.without("sys/") }, CannotTell, "not mounted", "securityfs"},
	{"lockdown", "forbidden", func(f *fake) { f.forbidden = []string{"sys/kernel/security/lockdown"} }, CannotTell, "permission denied", "run as root"},
	{"lockdown", "something new", func(f *fake) { f.files["sys/kernel/security/lockdown"] = "all\n" }, CannotTell, `says "all"`, "report"},

	{"jit", "healthy", nil, OK, "bpf_jit_enable is 1", ""},
	{"jit", "off", func(f *fake) { f.files["proc/sys/net/core/bpf_jit_enable"] = "0\n" }, Missing, "those that call kfuncs are refused", "sysctl -w net.core.bpf_jit_enable=1"},
	{"jit", "not shown", func(f *fake) { delete(f.files, "proc/sys/net/core/bpf_jit_enable") }, CannotTell, "network namespace", "outside the container"},
	{"jit", "forbidden", func(f *fake) { f.forbidden = []string{"proc/sys/net/core/bpf_jit_enable"} }, CannotTell, "permission denied", "run as root"},

	{"kernel-btf", "healthy", nil, OK, "/sys/kernel/btf/vmlinux can be read", ""},
	{"kernel-btf", "big-endian", func(f *fake) { f.files["sys/kernel/btf/vmlinux"] = "\xeb\x9f\x01" }, OK, "can be read", ""},
	{"kernel-btf", "none", func(f *fake) { delete(f.files, "sys/kernel/btf/vmlinux") }, Missing, "there is no /sys/kernel/btf/vmlinux", "CONFIG_DEBUG_INFO_BTF"},
	{"kernel-btf", "forbidden", func(f *fake) { f.forbidden = []string{"sys/kernel/btf/vmlinux"} }, CannotTell, "permission denied", "run as root"},
	{"kernel-btf", "empty", func(f *fake) { f.files["sys/kernel/btf/vmlinux"] = "" }, CannotTell, "EOF", "report"},
	{"kernel-btf", "something else", func(f *fake) { f.files["sys/kernel/btf/vmlinux"] = "BTF" }, CannotTell, "begins with 42 54", "report"},

	{"struct-ops", "healthy", nil, OK, "Linux 7.3.4 makes maps", ""},
	{"struct-ops", "none", func(f *fake) { f.maps = fmt.Errorf("probe: %w", ebpf.ErrNotSupported) }, Missing, "makes no maps", "CONFIG_BPF_JIT"},
	{"struct-ops", "forbidden", func(f *fake) { f.maps = fs.ErrPermission }, CannotTell, "may not be asked", "see capabilities"},
	{"struct-ops", "broken", func(f *fake) { f.maps = errors.New("E2BIG") }, CannotTell, "asking the kernel: E2BIG", "report"},

	{"type", "built in", nil, OK, "Linux 7.3.4 has struct fuse_iomap_bpf_ops built in", ""},
	{"type", "in a module", func(f *fake) { f.support.Where = "fuse" }, OK, "in module fuse", ""},
	{"type", "the loader does not say where", func(f *fake) { f.support = bpf.Support{} }, OK, "has struct fuse_iomap_bpf_ops", ""},
	{"type", "none", func(f *fake) { f.kernel = "" }, Missing, "has no struct fuse_iomap_bpf_ops: nothing can be attached", "no released kernel does"},
	{"type", "none and no FUSE", func(f *fake) {
		f.kernel = ""
		f.without("sys/module/")
	}, Missing, "FUSE is not loaded", "modprobe fuse"},
	{"type", "a neighbour", func(f *fake) { f.kernel = "fuse_bpf_ops" }, Missing, "has no struct fuse_iomap_bpf_ops", "boot a kernel"},
	{"type", "not registered", func(f *fake) {
		f.change = func(_ *check.Identity, a *model.ABI) {
			for i, r := range a.Records {
				if r.Name == "fuse_iomap_bpf_ops" {
					unregistered := *r
					unregistered.Registered = false
					a.Records[i] = &unregistered
				}
			}
		}
	}, Missing, "does not register it", "boot a kernel"},
	{"type", "forbidden", func(f *fake) { f.kernelErr = fs.ErrPermission }, CannotTell, "may not be read", "run as root"},
	{"type", "broken", func(f *fake) { f.kernelErr = errors.New("bad magic") }, CannotTell, "bad magic", "see kernel-btf"},

	{"revision", "R3", nil, OK, "it is R3: the reference programs fit", ""},
	{"revision", "R2", func(f *fake) { f.kernel, f.support.Revision = "kernel-R2", "R2" }, OK, "it is R2", ""},
	{"revision", "R4", func(f *fake) { f.kernel, f.support.Revision = "kernel-R4", "R4" }, OK, "it is R4", ""},
	{"revision", "R1", func(f *fake) { f.kernel, f.support.Revision = "kernel-R1", "R1" }, Missing, "take a node id", "-DFUSE_IOMAP_BPF_REV=1"},
	{"revision", "the loader knows none", func(f *fake) { f.support.Revision = "" }, OK, "it is R3", ""},
	{"revision", "the loader disagrees", func(f *fake) { f.support.Revision = "R4" }, CannotTell, "says R3, the loader's R4", "report"},
	{"revision", "the loader leaves two open", func(f *fake) { f.support.Revision = "R2 or R3" }, OK, "it is R3", ""},
	{"revision", "none of those known", func(f *fake) {
		f.support.Revision = ""
		f.change = func(id *check.Identity, _ *model.ABI) { id.Exact = false }
	}, CannotTell, "it is nearest R3", "abigen check btf:kernel"},
	{"revision", "no type", func(f *fake) { f.kernel = "" }, Missing, "so it has no revision", "see type"},
	{"revision", "forbidden", func(f *fake) { f.kernelErr = fs.ErrPermission }, CannotTell, "may not be read", "run as root"},

	{"kfuncs", "R3", nil, OK, "fuse_bpf_iomap_inval_mappings and fuse_bpf_iomap_upsert_mappings", ""},
	{"kfuncs", "R4", func(f *fake) { f.kernel = "kernel-R4" }, OK, "may call them", ""},
	{"kfuncs", "R2", func(f *fake) { f.kernel = "kernel-R2" }, Missing, "fills no cache", "revision 3 or 4"},
	{"kfuncs", "one of them", func(f *fake) {
		f.change = func(_ *check.Identity, a *model.ABI) {
			a.Prototypes = slices.DeleteFunc(a.Prototypes, func(p *model.Prototype) bool { return p.Name == "fuse_bpf_iomap_inval_mappings" })
		}
	}, CannotTell, "has fuse_bpf_iomap_upsert_mappings and lacks fuse_bpf_iomap_inval_mappings", "report"},
	{"kfuncs", "BTF that marks none", func(f *fake) {
		f.change = func(_ *check.Identity, a *model.ABI) {
			a.Attests = slices.DeleteFunc(slices.Clone(a.Attests), func(e model.Evidence) bool { return e == model.Kfuncs })
			a.Prototypes = slices.DeleteFunc(a.Prototypes, func(p *model.Prototype) bool { return p.Role == model.Kfunc })
		}
	}, CannotTell, "an old pahole made it", "go by the revision"},
	{"kfuncs", "no type", func(f *fake) { f.kernel = "" }, Missing, "none for it", "see type"},
	{"kfuncs", "forbidden", func(f *fake) { f.kernelErr = fs.ErrPermission }, CannotTell, "may not be read", "run as root"},

	{"program", "healthy", nil, OK, "a program for it was loaded", ""},
	{"program", "no type", func(f *fake) { f.support = bpf.Support{Answer: bpf.No, Err: bpf.ErrNoType} }, Missing, "the kernel does not have the type", "see type"},
	{"program", "no permission", func(f *fake) {
		f.support = bpf.Support{Answer: bpf.No, Err: bpf.ErrPermission, Reason: "CAP_BPF is\nmissing"}
	}, Missing, "CAP_BPF is missing", "see capabilities"},
	{"program", "refused", func(f *fake) { f.support = bpf.Support{Answer: bpf.No} }, Missing, "the kernel refuses it", "see the lines above"},
	{"program", "unknown", func(f *fake) { f.support = bpf.Support{Err: bpf.ErrNoBTF} }, CannotTell, "BTF cannot be read", "see the lines above"},

	{"eight-arguments", "right", nil, OK, "the code was read", ""},
	{"eight-arguments", "wrong", func(f *fake) {
		f.trampoline = bpf.Trampoline{Right: bpf.No, Evidence: "Linux 6.12\non amd64 is 8 bytes off"}
	}, Missing, "Linux 6.12 on amd64 is 8 bytes off: what iomap_ioend writes", "AllowPartial"},
	{"eight-arguments", "unknown", func(f *fake) { f.trampoline = bpf.Trampoline{Evidence: "nothing known of riscv64"} }, CannotTell, "nothing known of riscv64", "run as root"},

	{"fuse-device", "healthy", nil, OK, "/dev/fuse opens", ""},
	{"fuse-device", "none", func(f *fake) { f.device, f.files = fs.ErrNotExist, map[string]string{} }, Missing, "nothing can be mounted", "modprobe fuse"},
	{"fuse-device", "in a container", func(f *fake) { f.device = fs.ErrNotExist }, Missing, "FUSE is loaded", "--device /dev/fuse"},
	{"fuse-device", "forbidden", func(f *fake) { f.device = &fs.PathError{Op: "open", Path: "/dev/fuse", Err: fs.ErrPermission} }, Missing, "permission denied", "fusermount3"},
	{"fuse-device", "broken", func(f *fake) { f.device = errors.New("no such device") }, Missing, "/dev/fuse: no such device", "modprobe fuse"},

	{"rawio", "root", nil, OK, "CAP_SYS_RAWIO is effective", ""},
	{"rawio", "none", func(f *fake) { f.files["proc/self/status"] = capEff(capSysAdmin) }, Missing, "cannot negotiate iomap", "cap_sys_rawio"},
	{"rawio", "user namespace", func(f *fake) { f.files["proc/self/uid_map"] = "0 1000 1\n" }, Missing, "user namespace", "outside the container"},
	{"rawio", "no /proc", func(f *fake) { f.without("proc/") }, CannotTell, "file does not exist", "mount -t proc"},
}

// without removes the files of a folder.
func (f *fake) without(folder string) {
	for name := range f.files {
		if strings.HasPrefix(name, folder) {
			delete(f.files, name)
		}
	}
}

func TestItemsAnswerWhatTheMachineShows(t *testing.T) {
	for _, c := range cases {
		t.Run(c.item+"/"+c.name, func(t *testing.T) {
			f := healthy()
			if c.sick != nil {
				c.sick(f)
			}
			l := Examine(t.Context(), f.machine(t)).find(t, c.item)
			if l.Verdict != c.verdict || !strings.Contains(l.Found, c.want) || !strings.Contains(l.Remedy, c.remedy) {
				t.Errorf("%s: %s: %s\nwant %s: …%s…: …%s…", l.Verdict, l.Found, l.Remedy, c.verdict, c.want, c.remedy)
			}
			if (l.Remedy == "") != (l.Verdict == OK) {
				t.Errorf("%s with the remedy %q: what is not ok has one, what is ok has none", l.Verdict, l.Remedy)
			}
			if strings.Contains(l.Found+l.Remedy, "\n") {
				t.Errorf("more than one line: %+v", l)
			}
		})
	}
}

func TestEveryItemIsSeenOKAndOtherwise(t *testing.T) {
	for _, i := range Items() {
		seen := map[Verdict]bool{}
		for _, c := range cases {
			if c.item == i.ID {
				seen[c.verdict] = true
			}
		}
		if !seen[OK] || !seen[Missing] && !seen[CannotTell] {
			t.Errorf("%s has cases for %v alone", i.ID, seen)
		}
	}
	for _, c := range cases {
		if ids, err := Match(c.item); err != nil || len(ids) != 1 {
			t.Errorf("a case is for %q: %v", c.item, err)
		}
	}
}

func TestAHealthyMachineLacksNothing(t *testing.T) {
	r := Examine(t.Context(), healthy().machine(t))
	if n := r.count(OK); n != len(Items()) {
		t.Errorf("%d of %d are ok: %+v", n, len(Items()), r.Lines)
	}
}

func TestOtherSystemsLoadNothing(t *testing.T) {
	f := healthy()
	f.goos = "darwin"
	for _, l := range Examine(t.Context(), f.machine(t)).Lines {
		if onLinux := l.Group == Load || l.Group == Attach; onLinux != (l.Verdict == Missing) {
			t.Errorf("%s is %s: %s", l.ID, l.Verdict, l.Found)
		}
	}
}

func TestItemsAreData(t *testing.T) {
	id := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	seen := map[string]bool{}
	var groups []Group
	for _, i := range Items() {
		if !id.MatchString(i.ID) || i.Title == "" || i.check == nil || i.remedy == nil || questions[i.Group] == "" {
			t.Errorf("%+v is not complete", i)
		}
		if seen[i.ID] || slices.Contains(Groups(), Group(i.ID)) {
			t.Errorf("%s: the name is taken", i.ID)
		}
		seen[i.ID] = true
		if i.remedy != nil && i.remedy(distribution{}) == "" {
			t.Errorf("%s has no remedy for a distribution nobody knows", i.ID)
		}
		groups = append(groups, i.Group)
	}
	if got := slices.Compact(groups); !slices.Equal(got, Groups()) {
		t.Errorf("the groups come as %v, want %v", got, Groups())
	}
	for _, d := range distributions {
		for _, item := range []string{"clang", "llvm-strip", "libbpf"} {
			if d.packages[item] == "" {
				t.Errorf("%v has no package for %s", d.ids, item)
			}
		}
		for item := range d.packages {
			if !seen[item] {
				t.Errorf("%v has a package for %s, which is no item", d.ids, item)
			}
		}
	}
}
