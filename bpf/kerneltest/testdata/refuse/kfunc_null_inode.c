/* SPDX-License-Identifier: GPL-2.0-only */
/* Passes no inode to a kernel function that needs one. */
#define FUSE_IOMAP_BPF_REV 3
#include "case.h"

FUSE_IOMAP_BEGIN_BPF_FUNC(kfunc_null_inode)
{
	struct fuse_range all = { .length = FUSE_IOMAP_INVAL_TO_EOF };

#ifdef REPAIRED
	fuse_bpf_iomap_inval_mappings(fi, &all, NULL);
#else
	fuse_bpf_iomap_inval_mappings(NULL, &all, NULL); /* FAULT */
#endif
	return FIB_FALLBACK;
}

DEFINE_FUSE_IOMAP_BPF_OPS(kfunc_null_inode_ops, "kfunc_null", kfunc_null_inode, NULL, NULL);
