// SPDX-License-Identifier: MIT

package emu

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"

	"github.com/fuseiomap/abigen/abi"
)

// opsType is the struct_ops type of the contract.
const opsType = "fuse_iomap_bpf_ops"

// IomapOptions say what surrounds the programs of a FUSE connection. The zero
// value is revision R2 with its types.
type IomapOptions struct {
	Options

	// Revision is the kernel interface to imitate: "R1", "R2", "R3" or "R4".
	// When it is empty, KernelTypes decide, and without these it is R2. The
	// types of a revision are those of package headers, in the object's byte
	// order.
	Revision string

	// Upsert and Inval are what fuse_bpf_iomap_upsert_mappings and
	// fuse_bpf_iomap_inval_mappings do, from R3 on; the result is theirs, 0 or a
	// negative errno. Without them the calls do nothing and return 0. Members
	// of the argument are NULL where the program passed NULL.
	Upsert func(CacheUpdate) int32
	Inval  func(CacheDrop) int32
}

// CacheUpdate are the arguments of fuse_bpf_iomap_upsert_mappings.
type CacheUpdate struct {
	NodeID      uint64       // of the inode
	Read, Write *abi.IomapIO // the mapping to keep for each side; nil for none
}

// CacheDrop are the arguments of fuse_bpf_iomap_inval_mappings.
type CacheDrop struct {
	NodeID      uint64      // of the inode
	Read, Write *CacheRange // what is dropped of each side; nil for nothing
}

// CacheRange is struct fuse_range: a range of a file in bytes. A Length of
// ^uint64(0) reaches to its end.
type CacheRange struct {
	Offset, Length uint64 // in the file, in bytes
}

// Iomap is a [Machine] whose struct_ops programs are called as the kernel calls
// them for a FUSE connection, with the records of package abi. A member that
// the object leaves NULL falls back, as in the kernel.
//
// The calls allocate nothing. Like the machine it is for one goroutine.
type Iomap struct {
	*Machine
	begin, end, ioend *Program

	who     who
	node    uint64 // of the call in progress
	orig    uint64
	inode   []byte // struct fuse_inode, as long as the kernel's
	nodeOff int
	origOff int // -1 without the member
	out     [abi.SizeofIomapBeginOut]byte
	args    [8]Arg
	upsert  func(CacheUpdate) int32
	inval   func(CacheDrop) int32
}

// who is what a revision passes to say which inode a call is about.
type who uint8

const (
	whoNumber who = iota // R1: the node id
	whoInode             // R2, R3: a structure that holds it
	whoOpaque            // R4: a structure without members
)

// LoadIomap reads an object and calls [NewIomap] for what it holds.
func LoadIomap(r io.ReaderAt, opts IomapOptions) (*Iomap, error) {
	spec, err := readCollection(r)
	if err != nil {
		return nil, err
	}
	return NewIomap(spec, opts)
}

// NewIomap loads the programs of a collection as [New] does, those that its
// struct_ops map attaches to iomap_begin, iomap_end and iomap_ioend, or those that
// [Options].Programs names. The object need not be one of ours; its functions may
// have any names, and its other programs may need what this package lacks. An
// object that attaches none of the three is an error.
func NewIomap(spec *ebpf.CollectionSpec, opts IomapOptions) (*Iomap, error) {
	if spec == nil {
		return nil, errors.New("emu: no collection: load one with ebpf.LoadCollectionSpec")
	}
	order := spec.ByteOrder
	if order == nil {
		order = binary.LittleEndian
	}
	if opts.Revision == "" && opts.KernelTypes == nil {
		opts.Revision = "R2"
	}
	if opts.Revision != "" {
		if opts.KernelTypes != nil {
			return nil, errors.New("emu: IomapOptions has both a Revision and KernelTypes: give one")
		}
		types, err := RevisionTypes(opts.Revision, order)
		if err != nil {
			return nil, err
		}
		opts.KernelTypes = types
	}
	attached := attachedPrograms(spec)
	if len(attached) == 0 {
		return nil, fmt.Errorf("emu: no program is attached to a member of struct %s: the object's programs are %s; define the map with DEFINE_FUSE_IOMAP_BPF_OPS", opsType, list(sortedKeys(spec.Programs)))
	}
	if len(opts.Programs) == 0 {
		opts.Programs = attached
	}
	x := &Iomap{upsert: opts.Upsert, inval: opts.Inval}
	if err := x.layout(append([]*btf.Spec{opts.KernelTypes}, opts.ModuleTypes...)); err != nil {
		return nil, err
	}
	opts.Kfuncs, opts.absent = x.kfuncs(opts)
	m, err := New(spec, opts.Options)
	if err != nil {
		return nil, err
	}
	x.Machine = m
	for member, p := range map[string]**Program{"iomap_begin": &x.begin, "iomap_end": &x.end, "iomap_ioend": &x.ioend} {
		*p, _ = m.ProgramFor(opsType, member) // NULL members are normal
	}
	if x.begin == nil && x.end == nil && x.ioend == nil {
		return nil, fmt.Errorf("emu: Options.Programs names none of the programs attached to struct %s, %s", opsType, list(attached))
	}
	return x, nil
}

// attachedPrograms lists the programs that the members of the struct_ops map
// refer to, sorted.
func attachedPrograms(spec *ebpf.CollectionSpec) []string {
	var names []string
	for _, name := range sortedKeys(spec.Programs) {
		typ, member, _ := strings.Cut(spec.Programs[name].AttachTo, ":")
		if spec.Programs[name].Type == ebpf.StructOps && typ == opsType && slices.Contains([]string{"iomap_begin", "iomap_end", "iomap_ioend"}, member) {
			names = append(names, name)
		}
	}
	return names
}

// Has tells which members of the struct_ops map have a program.
func (x *Iomap) Has() (begin, end, ioend bool) { return x.begin != nil, x.end != nil, x.ioend != nil }

// Begin calls iomap_begin for the inode the server knows as nodeid. in.AttrIno
// is what a program that asks for the inode number is told. The answer is the
// memory as the program left it, which was all zeroes before: it counts only
// with FIB_HANDLED. The result is the program's 32 bits; the kernel takes every
// value but FIB_HANDLED for a fallback (rule 2).
func (x *Iomap) Begin(nodeid uint64, in abi.IomapBeginIn) (out abi.IomapBeginOut, ret abi.IomapBPFRet, err error) {
	if x.begin == nil {
		return out, abi.FIB_FALLBACK, nil
	}
	x.fill(nodeid, in.AttrIno)
	clear(x.out[:])
	x.args[1] = Scalar(in.Pos)
	x.args[2] = Scalar(in.Count)
	x.args[3] = Scalar(uint64(in.Opflags))
	x.args[4] = Mem("outarg", x.out[:], true)
	r, err := x.begin.Call(x.args[:5]...)
	if err != nil {
		return out, 0, err
	}
	if x.swapped {
		err = out.DecodeBigEndian(x.out[:])
	} else {
		err = out.DecodeLittleEndian(x.out[:])
	}
	return out, abi.IomapBPFRet(r.R0), err
}

// End calls iomap_end. The mapping in it is not passed to programs (rule 29).
func (x *Iomap) End(nodeid uint64, in abi.IomapEndIn) (abi.IomapBPFRet, error) {
	if x.end == nil {
		return abi.FIB_FALLBACK, nil
	}
	x.fill(nodeid, in.AttrIno)
	x.args[1] = Scalar(in.Pos)
	x.args[2] = Scalar(in.Count)
	x.args[3] = Scalar(uint64(in.Written))
	x.args[4] = Scalar(uint64(in.Opflags))
	r, err := x.end.Call(x.args[:5]...)
	return abi.IomapBPFRet(r.R0), err
}

// Ioend calls iomap_ioend. newsize is what the kernel would put into the answer
// beforehand: the larger of the size on disk and the end of what was written
// (rule 32).
func (x *Iomap) Ioend(nodeid uint64, in abi.IomapIoendIn, newsize uint64) (out abi.IomapIoendOut, ret abi.IomapBPFRet, err error) {
	out.Newsize = newsize
	if x.ioend == nil {
		return out, abi.FIB_FALLBACK, nil
	}
	x.fill(nodeid, in.AttrIno)
	mem := x.out[:abi.SizeofIomapIoendOut]
	x.bo.PutUint64(mem, newsize)
	x.args[1] = Scalar(in.Pos)
	x.args[2] = Scalar(in.Written)
	x.args[3] = Scalar(uint64(in.Flags))
	x.args[4] = Scalar(uint64(int64(in.Error)))
	x.args[5] = Scalar(uint64(in.Dev))
	x.args[6] = Scalar(in.NewAddr)
	x.args[7] = Mem("outarg", mem, true)
	r, err := x.ioend.Call(x.args[:8]...)
	if err != nil {
		return out, 0, err
	}
	out.Newsize = x.bo.Uint64(mem)
	return out, abi.IomapBPFRet(r.R0), nil
}

// fill sets the first argument, and the inode it refers to.
func (x *Iomap) fill(nodeid, ino uint64) {
	x.node, x.orig = nodeid, ino
	switch x.who {
	case whoNumber:
		x.args[0] = Scalar(nodeid)
	case whoInode:
		x.bo.PutUint64(x.inode[x.nodeOff:], nodeid)
		if x.origOff >= 0 {
			x.bo.PutUint64(x.inode[x.origOff:], ino)
		}
		x.args[0] = Mem("fi", x.inode, false)
	case whoOpaque:
		x.args[0] = Mem("fbi", nil, false)
	}
}
