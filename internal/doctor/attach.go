// SPDX-License-Identifier: MIT

package doctor

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/fuseiomap/abigen/bpf"
	"github.com/fuseiomap/abigen/gen/model"
	"github.com/fuseiomap/abigen/gen/source"
)

// opsType is the type of struct_ops map this is about.
const opsType = "fuse_iomap_bpf_ops"

// cacheKfuncs are what programs call to fill and empty the kernel's mapping
// cache, from revision 3 on. They sleep.
var cacheKfuncs = []string{"fuse_bpf_iomap_inval_mappings", "fuse_bpf_iomap_upsert_mappings"}

var attachItems = []Item{
	{
		ID: "type", Group: Attach, Title: "struct " + opsType,
		check:  linux(checkType),
		remedy: always("boot a kernel with the patches for it, or load the module that has it: no released kernel does"),
	},
	{
		ID: "revision", Group: Attach, Title: "the revision of the interface",
		check:  linux(checkRevision),
		remedy: always("abigen check btf:kernel -v says in what it differs"),
	},
	{
		ID: "kfuncs", Group: Attach, Title: "kfuncs for the mapping cache, which sleep",
		check:  linux(checkKfuncs),
		remedy: always("do without them, or boot a kernel of revision 3 or 4"),
	},
	{
		ID: "program", Group: Attach, Title: "a program of the type loads",
		check:  linux(checkProgram),
		remedy: always("see the lines above"),
	},
	{
		ID: "eight-arguments", Group: Attach, Title: "all eight arguments of iomap_ioend arrive",
		check:  linux(checkEightArguments),
		remedy: always("boot a newer kernel, or leave iomap_ioend out, as AllowPartial of package bpf does"),
	},
	{
		ID: "fuse-device", Group: Attach, Title: "/dev/fuse",
		check:  linux(checkDevice),
		remedy: always("modprobe fuse"),
	},
	{
		ID: "rawio", Group: Attach, Title: "the capability for iomap itself",
		check:  linux(checkRawIO),
		remedy: always("run the server as root, or give it cap_sys_rawio with setcap"),
	},
}

// unknownKernel is the answer where the kernel's types could not be read.
func unknownKernel(err error) answer {
	if errors.Is(err, fs.ErrPermission) {
		return cannotTell("the kernel's BTF may not be read").fix("run as root")
	}
	return cannotTell("the kernel's BTF: %v", err).fix("see kernel-btf")
}

// lacksType reports whether the kernel was read and has no such type.
func (k kernelType) lacksType() bool {
	return errors.Is(k.err, source.ErrNoMatch) || k.err == nil && k.abi.Record(opsType) == nil
}

func checkType(_ context.Context, p *patient) answer {
	k := p.kernel()
	switch {
	case k.lacksType() && !p.exists("sys/module/fuse") && !p.exists("sys/fs/fuse"):
		return missing("%s has no struct %s, and FUSE is not loaded: nothing can be attached", p.release(), opsType).
			fix("modprobe fuse, and if that does not help boot a kernel with the patches for it: no released kernel has them")
	case k.lacksType():
		return missing("%s has no struct %s: nothing can be attached, servers answer for themselves", p.release(), opsType)
	case k.err != nil:
		return unknownKernel(k.err)
	case !k.abi.Record(opsType).Registered:
		return missing("%s declares struct %s and does not register it: nothing can be attached", p.release(), opsType)
	}
	switch where := p.supported().Where; where {
	case "":
		return ok("%s has struct %s", p.release(), opsType)
	case "vmlinux":
		return ok("%s has struct %s built in", p.release(), opsType)
	default:
		return ok("%s has struct %s in module %s", p.release(), opsType, where)
	}
}

func checkRevision(_ context.Context, p *patient) answer {
	k := p.kernel()
	switch {
	case k.lacksType():
		return missing("there is no struct %s, so it has no revision", opsType).fix("see type")
	case k.err != nil:
		return unknownKernel(k.err)
	}
	// Two packages look at it, one of which also loads. They read the same BTF, of
	// which the loader takes only what it needs, so it may leave two revisions open.
	if s := p.supported(); s.Revision != "" && !slices.Contains(strings.Split(s.Revision, " or "), k.id.String()) {
		return cannotTell("the header's side says %s, the loader's %s", k.id, s.Revision).fix("report this with the kernel's version")
	}
	switch {
	case !k.id.Exact:
		return cannotTell("it is %s: programs are compared with it before they are loaded", k.id.Describe())
	case slices.Equal(k.id.Names, []string{"R1"}):
		return missing("it is R1, whose callbacks take a node id where later ones take an inode: the reference programs are for R2 to R4").
			fix("compile programs of your own with -DFUSE_IOMAP_BPF_REV=1, or boot a newer kernel")
	}
	return ok("it is %s: the reference programs fit", k.id)
}

func checkKfuncs(_ context.Context, p *patient) answer {
	k := p.kernel()
	switch {
	case k.lacksType():
		return missing("there is no struct %s, so none for it", opsType).fix("see type")
	case k.err != nil:
		return unknownKernel(k.err)
	}
	var have, lack []string
	for _, name := range cacheKfuncs {
		if f := k.abi.Prototype(name); f != nil && f.Role == model.Kfunc {
			have = append(have, name)
		} else {
			lack = append(lack, name)
		}
	}
	switch {
	case !k.abi.Can(model.Kfuncs):
		return cannotTell("the kernel's BTF does not say which of its functions are kfuncs: an old pahole made it").
			fix("go by the revision: R3 and R4 have them")
	case len(have) == 0:
		return missing("the kernel has none: a program such as cached loads, answers, and fills no cache")
	case len(lack) > 0:
		return cannotTell("the kernel has %s and lacks %s", strings.Join(have, ", "), strings.Join(lack, ", ")).
			fix("report this with the kernel's version")
	}
	return ok("the kernel has %s: programs in struct_ops.s may call them", strings.Join(have, " and "))
}

func checkProgram(_ context.Context, p *patient) answer {
	s := p.supported()
	switch {
	case s.Answer == bpf.Yes:
		return ok("%s", reasonOf(s, "one was loaded to find out, and unloaded"))
	case s.Answer == bpf.No && errors.Is(s.Err, bpf.ErrPermission):
		return missing("%s", reasonOf(s, "")).fix("see capabilities")
	case s.Answer == bpf.No && errors.Is(s.Err, bpf.ErrNoType):
		return missing("%s", reasonOf(s, "")).fix("see type")
	case s.Answer == bpf.No:
		return missing("%s", reasonOf(s, "the kernel refuses it"))
	}
	return cannotTell("%s", reasonOf(s, "nobody knows"))
}

// reasonOf is what package bpf gives as the reason, in one line.
func reasonOf(s bpf.Support, otherwise string) string {
	switch {
	case s.Reason != "":
		return strings.Join(strings.Fields(s.Reason), " ")
	case s.Err != nil:
		return s.Err.Error()
	}
	return otherwise
}

func checkEightArguments(_ context.Context, p *patient) answer {
	t := p.eightArguments()
	evidence := cmp.Or(strings.Join(strings.Fields(t.Evidence), " "), "nobody knows")
	switch t.Right {
	case bpf.Yes:
		return ok("%s", evidence)
	case bpf.No:
		return missing("%s: what iomap_ioend writes through its last argument goes anywhere", evidence)
	}
	return cannotTell("%s", evidence).fix("run as root on a kernel that has the type")
}

func checkDevice(_ context.Context, p *patient) answer {
	err := p.OpenDevice("/dev/fuse")
	switch {
	case err == nil:
		return ok("/dev/fuse opens for reading and writing")
	case errors.Is(err, fs.ErrNotExist) && p.exists("sys/module/fuse"):
		return missing("FUSE is loaded, and there is no /dev/fuse").fix("start the container with --device /dev/fuse, or mknod /dev/fuse c 10 229")
	case errors.Is(err, fs.ErrNotExist):
		return missing("there is no /dev/fuse: nothing can be mounted")
	case errors.Is(err, fs.ErrPermission):
		return missing("/dev/fuse: %s: this process cannot mount by itself", reason(err)).
			fix("run as root, mount through fusermount3, or give the user rights on it")
	}
	return missing("/dev/fuse: %s", reason(err))
}

func checkRawIO(_ context.Context, p *patient) answer {
	caps, err := p.effective()
	switch {
	case errors.Is(err, errNamespace):
		return missing("%v", err).fix("run outside the container's user namespace")
	case err != nil:
		return cannotTell("/proc/self/status: %s", reason(err)).fix("mount -t proc proc /proc")
	case !caps.has(capSysRawIO):
		return missing("CAP_SYS_RAWIO is not effective: a FUSE server without it cannot negotiate iomap")
	}
	return ok("CAP_SYS_RAWIO is effective: a FUSE server may negotiate iomap")
}
