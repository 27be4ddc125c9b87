// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// fixture is one file of headers/btf.
type fixture struct {
	name   string // of the file
	source string // below headers
	define string // -D, or empty
}

// fixtures lists the revisions as the kernel has them and as the contract's
// header has them, and the two neighbours.
func fixtures() []fixture {
	var fs []fixture
	for rev := 1; rev <= 4; rev++ {
		define := fmt.Sprintf("FUSE_IOMAP_BPF_REV=%d", rev)
		fs = append(fs,
			fixture{fmt.Sprintf("kernel-R%d.btf", rev), "kernel/fuse_iomap_bpf_ops.c", define},
			fixture{fmt.Sprintf("header-R%d.btf", rev), "btf/contract.c", define})
	}
	return append(fs,
		fixture{"fuse_bpf_ops.btf", "kernel/fuse_bpf_ops.c", ""},
		fixture{"fuse_bpf_ops2.btf", "kernel/fuse_bpf_ops2.c", ""})
}

func (f fixture) build(ctx context.Context, clang, headers string) ([]byte, error) {
	tmp, err := os.MkdirTemp("", "btffixture")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	object := filepath.Join(tmp, "fixture.o")
	args := []string{"-target", "bpfel", "-mcpu=v3", "-g", "-O2", "-Wall", "-Werror", "-nostdinc", "-c", f.source, "-o", object}
	if f.define != "" {
		args = append(args, "-D"+f.define)
	}
	cmd := exec.CommandContext(ctx, clang, args...)
	cmd.Dir = headers
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s %s: %w\n%s", clang, strings.Join(args, " "), err, out)
	}
	spec, err := btf.LoadSpec(object)
	if err != nil {
		return nil, err
	}
	return declarations(spec)
}

// kept is the prefix of names that exist only to make clang describe a type.
const kept = "__keep_"

// declarations returns the BTF of what spec declares by name, and of what those
// declarations refer to, with a string table of its own.
func declarations(spec *btf.Spec) ([]byte, error) {
	var named []btf.Type
	for t, err := range spec.All() {
		if err != nil {
			return nil, err
		}
		if t.TypeName() == "" || strings.HasPrefix(t.TypeName(), kept) {
			continue
		}
		switch t := t.(type) {
		case *btf.Datasec:
			if holdsOnlyKept(t) {
				continue
			}
		case *btf.Struct, *btf.Union, *btf.Enum, *btf.Typedef, *btf.Func, *btf.Var:
		default:
			continue
		}
		named = append(named, t)
	}
	b, err := btf.NewBuilder(named, nil)
	if err != nil {
		return nil, err
	}
	raw, err := b.Marshal(nil, &btf.MarshalOptions{Order: binary.LittleEndian})
	if err != nil {
		return nil, err
	}
	// The string table is the last section, and the last word of the header
	// (24 bytes) is its length.
	strs := raw[len(raw)-int(binary.LittleEndian.Uint32(raw[20:])):]
	for _, leak := range []string{"/", ".c\x00", kept} {
		if bytes.Contains(strs, []byte(leak)) {
			return nil, fmt.Errorf("a name in the BTF holds %q: a file name or a helper got into it", leak)
		}
	}
	return raw, nil
}

func holdsOnlyKept(ds *btf.Datasec) bool {
	for _, v := range ds.Vars {
		if !strings.HasPrefix(v.Type.TypeName(), kept) {
			return false
		}
	}
	return true
}
