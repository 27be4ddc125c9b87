/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the iomap programs share: the contract, the inode's number on every
 * revision of the kernel interface, and answers that obey the rules.
 *
 * Include this first. "Rule n" is the number under which package abi checks an
 * answer.
 */
#ifndef ABIGEN_IOMAP_H
#define ABIGEN_IOMAP_H

#include "bpf.h"

/*
 * The kernel's inode, as far as a program reads it: the loader finds the member
 * in the running kernel's own struct fuse_inode, because what follows ___ does not
 * count. The name of its own keeps it out of objects that read no inode: these
 * pass the pointer on, and what it points to must not matter to them.
 */
struct fuse_inode___read {
	uint64_t nodeid;
} __attribute__((preserve_access_index));

#include "../../headers/fuse_iomap_bpf.h"

#if FUSE_IOMAP_BPF_REV < 3
struct fuse_range {
	uint64_t offset;
	uint64_t length;
};
#endif

#if FUSE_IOMAP_BPF_REV < 4
struct fuse_bpf_inode {
};
#endif

/* From revision 4 on the inode is opaque and the kernel tells its number. */
extern uint64_t fuse_bpf_inode_nodeid(const struct fuse_bpf_inode *fbi) __ksym __weak;

/*
 * The node id under which the server knows the inode. One object works with
 * revisions 2 to 4: where struct fuse_bpf_inode does not exist, the loader
 * makes the condition 0 and the verifier drops the call; where it exists, it
 * drops the read.
 */
static __always_inline uint64_t iomap_nodeid(struct fuse_inode *fi)
{
	if (bpf_core_type_exists(struct fuse_bpf_inode))
		return fuse_bpf_inode_nodeid((const void *)fi);
	return ((struct fuse_inode___read *)fi)->nodeid;
}

/* No file reaches past this: positions are signed in the kernel. */
#define IOMAP_END (1ULL << 63)

/* Every operation flag a program here knows. What it does not know it leaves to the server. */
#define IOMAP_OPS_KNOWN \
	(FUSE_IOMAP_OP_WRITE | FUSE_IOMAP_OP_ZERO | FUSE_IOMAP_OP_REPORT | FUSE_IOMAP_OP_FAULT | \
	 FUSE_IOMAP_OP_DIRECT | FUSE_IOMAP_OP_NOWAIT | FUSE_IOMAP_OP_OVERWRITE_ONLY | \
	 FUSE_IOMAP_OP_UNSHARE | FUSE_IOMAP_OP_DAX | FUSE_IOMAP_OP_ATOMIC | \
	 FUSE_IOMAP_OP_DONTCACHE | FUSE_IOMAP_OP_SWAPFILE | FUSE_IOMAP_OP_WRITEBACK)

/* The operations that use the write mapping (rule 22). */
#define IOMAP_OPS_WRITING \
	(FUSE_IOMAP_OP_WRITE | FUSE_IOMAP_OP_ZERO | FUSE_IOMAP_OP_UNSHARE | FUSE_IOMAP_OP_WRITEBACK)

/*
 * Whether space that is written in place, and promises nothing about torn
 * writes, can serve the operation: all but atomic ones (rule 19).
 */
static __always_inline bool iomap_plain(uint32_t opflags)
{
	return !(opflags & (~IOMAP_OPS_KNOWN | FUSE_IOMAP_OP_ATOMIC));
}

/*
 * Answers with one mapping for reading, in which writes go to the same place.
 * It sets every member: the memory is not zeroed again when the kernel asks a
 * second time (rule 3).
 */
static __always_inline enum fuse_iomap_bpf_ret
iomap_answer(struct fuse_iomap_begin_out *outarg, uint64_t offset, uint64_t length, uint64_t addr,
	     uint32_t dev, uint16_t type, uint16_t flags)
{
	outarg->read.offset = offset;
	outarg->read.length = length;
	outarg->read.addr = addr;
	outarg->read.type = type;
	outarg->read.flags = flags;
	outarg->read.dev = dev;
	fuse_iomap_begin_pure_overwrite(outarg);
	return FIB_HANDLED;
}

#endif
