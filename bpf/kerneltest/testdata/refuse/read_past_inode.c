/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads behind what the kernel has of the inode. */
#include "case.h"

FUSE_IOMAP_BEGIN_BPF_FUNC(read_past_inode)
{
#ifdef REPAIRED
	outarg->read.addr = iomap_nodeid(fi);
#else
	outarg->read.addr = load64(fi, 1 << 14); /* FAULT */
#endif
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(read_past_inode_ops, "read_past_inode", read_past_inode, NULL, NULL);
