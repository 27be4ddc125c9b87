/* SPDX-License-Identifier: GPL-2.0-only */
/* Passes the answer where the kernel function wants the inode. */
#define FUSE_IOMAP_BPF_REV 3
#include "case.h"

FUSE_IOMAP_BEGIN_BPF_FUNC(kfunc_wrong_pointer)
{
	struct fuse_range all = { .length = FUSE_IOMAP_INVAL_TO_EOF };

#ifdef REPAIRED
	fuse_bpf_iomap_inval_mappings(fi, &all, NULL);
#else
	fuse_bpf_iomap_inval_mappings((void *)outarg, &all, NULL); /* FAULT */
#endif
	return FIB_FALLBACK;
}

DEFINE_FUSE_IOMAP_BPF_OPS(kfunc_wrong_pointer_ops, "wrong_pointer", kfunc_wrong_pointer, NULL, NULL);
