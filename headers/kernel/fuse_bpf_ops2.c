// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The successor of the neighbour in fuse_bpf_ops.c, under the same name in C.
 * Known of it are a node id in place of the inode, a device descriptor in the
 * struct, and a fuse_iomap_io of 40 bytes that ends in an id. The order of the
 * members, and that the other parameters stayed, is our assumption.
 */
#include "types.h"

struct fuse_iomap_io {
	uint64_t offset;
	uint64_t length;
	uint64_t addr;
	uint16_t type;
	uint16_t flags;
	uint32_t dev;
	uint64_t id;
};

struct fuse_bpf_ops {
	int (*iomap_begin)(u64 nodeid, loff_t pos, loff_t length, unsigned int flags,
			   struct fuse_iomap_io *out_io);
	int dev_fd;
	char name[16];
};

STRUCT_OPS_VALUE(fuse_bpf_ops);

STUB int fuse_bpf_ops__iomap_begin(u64 nodeid, loff_t pos, loff_t length, unsigned int flags,
				   struct fuse_iomap_io *out_io)
STUB_BODY

KEEP(struct bpf_struct_ops_fuse_bpf_ops, value);
KEEP_STUB(fuse_bpf_ops__iomap_begin(0, 0, 0, 0, NULL), begin)
KEEP(struct fuse_iomap_io, io);
