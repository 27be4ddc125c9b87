/* SPDX-License-Identifier: GPL-2.0-only */
/* Changes the kernel's inode. */
#include "case.h"

FUSE_IOMAP_BEGIN_BPF_FUNC(write_inode)
{
	outarg->read.addr = iomap_nodeid(fi);
#ifndef REPAIRED
	store64(fi, 0, pos); /* FAULT */
#endif
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(write_inode_ops, "write_inode", write_inode, NULL, NULL);
