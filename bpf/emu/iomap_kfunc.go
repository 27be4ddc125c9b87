// SPDX-License-Identifier: MIT

package emu

import (
	"fmt"
	"maps"

	"github.com/cilium/ebpf/btf"

	"github.com/fuseiomap/abigen/abi"
)

// sinceRevision says of each kfunc of the contract which revision brought it, and
// the type by which a program finds out.
var sinceRevision = map[string][2]string{
	"fuse_bpf_inode_nodeid":          {"R4", "struct fuse_bpf_inode"},
	"fuse_bpf_inode_orig_ino":        {"R4", "struct fuse_bpf_inode"},
	"fuse_bpf_iomap_upsert_mappings": {"R3", "struct fuse_range"},
	"fuse_bpf_iomap_inval_mappings":  {"R3", "struct fuse_range"},
}

// kfuncs adds what the revision lets programs call to what the caller gives,
// which comes first. It gives what is to be said of those that are missing.
func (x *Iomap) kfuncs(opts IomapOptions) (all map[string]Func, absent map[string]string) {
	all, absent = map[string]Func{}, map[string]string{}
	for name, since := range sinceRevision {
		absent[name] = fmt.Sprintf("which kernels before revision %s do not have: ask for that revision, or guard the call with bpf_core_type_exists(%s)", since[0], since[1])
	}
	for name, f := range map[string]Func{
		"fuse_bpf_inode_nodeid":          x.kfuncNodeID,
		"fuse_bpf_inode_orig_ino":        x.kfuncOrigIno,
		"fuse_bpf_iomap_upsert_mappings": x.kfuncUpsert,
		"fuse_bpf_iomap_inval_mappings":  x.kfuncInval,
	} {
		for _, spec := range append([]*btf.Spec{opts.KernelTypes}, opts.ModuleTypes...) {
			var fn *btf.Func
			if spec.TypeByName(name, &fn) == nil {
				all[name] = f
			}
		}
	}
	maps.Copy(all, opts.Kfuncs)
	return all, absent
}

// inodeArgument refuses anything but the inode the program was called for: it
// has no other that the kernel would trust.
func (x *Iomap) inodeArgument(c *Call) error {
	if c.Args[0] != pointer(firstArg) {
		return fmt.Errorf("%s: the first argument is %s, not the inode the program was called with", c.Name(), x.describe(c.Args[0]))
	}
	return nil
}

func (x *Iomap) kfuncNodeID(c *Call) (uint64, error)  { return x.node, x.inodeArgument(c) }
func (x *Iomap) kfuncOrigIno(c *Call) (uint64, error) { return x.orig, x.inodeArgument(c) }

func (x *Iomap) kfuncUpsert(c *Call) (uint64, error) {
	if err := x.inodeArgument(c); err != nil {
		return 0, err
	}
	u := CacheUpdate{NodeID: x.node}
	for i, to := range []**abi.IomapIO{&u.Read, &u.Write} {
		if c.Args[1+i] == 0 {
			continue
		}
		b, err := c.Read(c.Args[1+i], abi.SizeofIomapIO)
		if err != nil {
			return 0, err
		}
		io := &abi.IomapIO{}
		if x.swapped {
			err = io.DecodeBigEndian(b)
		} else {
			err = io.DecodeLittleEndian(b)
		}
		if err != nil {
			return 0, err
		}
		*to = io
	}
	if x.upsert == nil {
		return 0, nil
	}
	return uint64(int64(x.upsert(u))), nil
}

func (x *Iomap) kfuncInval(c *Call) (uint64, error) {
	if err := x.inodeArgument(c); err != nil {
		return 0, err
	}
	d := CacheDrop{NodeID: x.node}
	for i, to := range []**CacheRange{&d.Read, &d.Write} {
		if c.Args[1+i] == 0 {
			continue
		}
		b, err := c.Read(c.Args[1+i], 16)
		if err != nil {
			return 0, err
		}
		*to = &CacheRange{Offset: x.bo.Uint64(b), Length: x.bo.Uint64(b[8:])}
	}
	if x.inval == nil {
		return 0, nil
	}
	return uint64(int64(x.inval(d))), nil
}
