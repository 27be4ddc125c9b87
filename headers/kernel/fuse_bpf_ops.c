// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A neighbour: struct fuse_bpf_ops of January 2026, the same idea in another
 * shape. Known of it are the one callback, which returns an int, and the name.
 * That nothing else is in the struct, and that its fuse_iomap_io is the 32-byte
 * one, is our assumption.
 */
#include "types.h"

/* Only pointers to it are seen here. */
struct inode;

struct fuse_iomap_io {
	uint64_t offset;
	uint64_t length;
	uint64_t addr;
	uint16_t type;
	uint16_t flags;
	uint32_t dev;
};

struct fuse_bpf_ops {
	int (*iomap_begin)(struct inode *inode, loff_t pos, loff_t length, unsigned int flags,
			   struct fuse_iomap_io *out_io);
	char name[16];
};

STRUCT_OPS_VALUE(fuse_bpf_ops);

STUB int fuse_bpf_ops__iomap_begin(struct inode *inode, loff_t pos, loff_t length, unsigned int flags,
				   struct fuse_iomap_io *out_io)
STUB_BODY

KEEP(struct bpf_struct_ops_fuse_bpf_ops, value);
KEEP_STUB(fuse_bpf_ops__iomap_begin(0, 0, 0, 0, NULL), begin)
KEEP(struct fuse_iomap_io, io);
