// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// opsType is a struct_ops type that every kernel with BTF has.
const opsType = "tcp_congestion_ops"

// kernelBTF is where a kernel shows its own.
const kernelBTF = "/sys/kernel/btf/vmlinux"

func driftRows() []Row {
	const (
		kernel  = howProcess + " The input is the BTF of the running kernel. What abigen saves by reading one type it spends on both files: starting, and going through each once."
		objects = howProcess + " The input is two objects for this machine, of headers/fuse_iomap_bpf.h in revision 1 and 2, with DWARF by clang -g and BTF by pahole -J. abigen finds what differs; bpftool and pahole only print, so they are started for both objects, and comparing the two texts is not counted."
	)
	return []Row{{
		ID: "drift/kernel", Title: "one struct_ops type between two kernels", Front: true,
		Ours: "abigen diff of two", Peer: "bpftool btf dump of one as C", Unit: "ms of CPU", Wanted: 2, Times: 3, How: kernel,
		Measure: func(b *Bench, rounds int) (Samples, error) {
			return b.kernelDrift(rounds, "bpftool", "bpftool", func(bin, file string) []process {
				return []process{{argv: []string{bin, "btf", "dump", "file", file, "format", "c"}, wants: []string{opsType}}}
			})
		},
	}, {
		ID: "drift/kernel-pahole", Title: "the same",
		Ours: "abigen diff of two", Peer: "pahole -C of each", Unit: "ms of CPU", How: kernel + " pahole prints the one struct.",
		Measure: func(b *Bench, rounds int) (Samples, error) {
			return b.kernelDrift(rounds, "pahole", "dwarves", func(bin, file string) []process {
				p := process{argv: []string{bin, "-F", "btf", "-C", opsType, file}, wants: []string{opsType}}
				return []process{p, p}
			})
		},
	}, {
		ID: "drift/bpftool", Title: "two objects",
		Ours: "abigen diff", Peer: "bpftool btf dump of each", Unit: "ms of CPU", How: objects,
		Measure: func(b *Bench, rounds int) (Samples, error) {
			return b.objectDrift(rounds, "bpftool", "bpftool", func(bin, old, new string) []process {
				return []process{dumpBTF(bin, old), dumpBTF(bin, new)}
			})
		},
	}, {
		ID: "drift/pahole", Title: "two objects",
		Ours: "abigen diff", Peer: "pahole of each", Unit: "ms of CPU", How: objects,
		Measure: func(b *Bench, rounds int) (Samples, error) {
			return b.objectDrift(rounds, "pahole", "dwarves", func(bin, old, new string) []process {
				return []process{dumpDWARF(bin, old), dumpDWARF(bin, new)}
			})
		},
	}, {
		ID: "drift/abidiff", Title: "two objects",
		Ours: "abigen diff", Peer: "abidiff", Unit: "ms of CPU", How: objects,
		Measure: func(b *Bench, rounds int) (Samples, error) {
			return b.objectDrift(rounds, "abidiff", "abigail-tools", func(bin, old, new string) []process {
				p := abidiff(bin, old, new)
				p.wants = []string{"fuse_inode"}
				return []process{p}
			})
		},
	}}
}

func dumpBTF(bpftool, object string) process {
	return process{argv: []string{bpftool, "btf", "dump", "file", object, "format", "c"}, wants: []string{"fuse_iomap_bpf_ops"}}
}

func dumpDWARF(pahole, object string) process {
	return process{argv: []string{pahole, "-F", "dwarf", object}, wants: []string{"fuse_iomap_bpf_ops"}}
}

// abidiff has its findings in its status.
func abidiff(bin, old, new string) process {
	return process{argv: []string{bin, old, new}, mayFail: true}
}

func readKernelBTF() ([]byte, error) {
	data, err := os.ReadFile(kernelBTF)
	if err != nil {
		return nil, missingf("no BTF of the running kernel: %v", err)
	}
	return data, nil
}

func (b *Bench) kernelDrift(rounds int, name, pkg string, theirs func(bin, file string) []process) (Samples, error) {
	bin, err := tool(pkg, name)
	if err != nil {
		return Samples{}, err
	}
	data, err := b.kernelBTF()
	if err != nil {
		return Samples{}, err
	}
	abigen, err := b.abigen()
	if err != nil {
		return Samples{}, err
	}
	for _, file := range []string{"old.btf", "new.btf"} {
		if err := os.WriteFile(filepath.Join(b.Dir, file), data, 0o644); err != nil {
			return Samples{}, err
		}
	}
	all := theirs(bin, "new.btf")
	for i := range all {
		all[i].dir = b.Dir
	}
	s, err := pair(rounds,
		cpu(process{dir: b.Dir, argv: []string{abigen, "diff", "btf:old.btf", "btf:new.btf", "--types", opsType}, wants: []string{"no findings"}}),
		cpu(all...))
	s.Notes = append(s.Notes, fmt.Sprintf("struct %s in %.1f MB of BTF", opsType, float64(len(data))/1e6))
	return s, err
}

func (b *Bench) objectDrift(rounds int, name, pkg string, theirs func(bin, old, new string) []process) (Samples, error) {
	bin, err := tool(pkg, name)
	if err != nil {
		return Samples{}, err
	}
	objects, err := b.objects()
	if err != nil {
		return Samples{}, err
	}
	abigen, err := b.abigen()
	if err != nil {
		return Samples{}, err
	}
	return pair(rounds,
		cpu(process{argv: []string{abigen, "diff", "btf:" + objects[0], "btf:" + objects[1]}, wants: []string{"3 breaking"}, mayFail: true}),
		cpu(theirs(bin, objects[0], objects[1])...))
}

// compiler makes objects with DWARF and BTF of headers.
type compiler struct{ clang, pahole string }

func findCompiler() (compiler, error) {
	clang, err := tool("clang-19", "clang-19", "clang")
	if err != nil {
		return compiler{}, err
	}
	pahole, err := tool("dwarves", "pahole")
	return compiler{clang, pahole}, err
}

// object writes a header into a new directory dir and compiles it there.
func (c compiler) object(dir string, header []byte, flags ...string) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	for name, text := range map[string][]byte{"fuse_iomap_bpf.h": header, "records.c": recordsInput} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return "", err
		}
	}
	for _, argv := range [][]string{
		slices.Concat([]string{c.clang, "-g", "-O2", "-c", "records.c", "-o", "records.o"}, flags),
		{c.pahole, "-J", "records.o"},
	} {
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, out)
		}
	}
	return filepath.Join(dir, "records.o"), nil
}

// compileRevisions makes objects of revisions 1 and 2.
func (b *Bench) compileRevisions() (objects [2]string, err error) {
	c, err := findCompiler()
	if err != nil {
		return objects, err
	}
	header, err := b.header()
	if err != nil {
		return objects, err
	}
	for i := range objects {
		dir := filepath.Join(b.Dir, fmt.Sprintf("revision%d", i+1))
		if objects[i], err = c.object(dir, header, fmt.Sprintf("-DFUSE_IOMAP_BPF_REV=%d", i+1)); err != nil {
			return objects, err
		}
	}
	return objects, nil
}
