/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Revision 2, and it reads the inode without asking whether the kernel still
 * passes one.
 */
#include "bpf.h"

struct fuse_inode {
	uint64_t nodeid;
} __attribute__((preserve_access_index));

#include "../../../../headers/fuse_iomap_bpf.h"

FUSE_IOMAP_BEGIN_BPF_FUNC(begin)
{
	return fi->nodeid == 1 ? FIB_HANDLED : FIB_FALLBACK;
}

DEFINE_FUSE_IOMAP_BPF_OPS(unguarded, "unguarded", begin, NULL, NULL);

DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF
