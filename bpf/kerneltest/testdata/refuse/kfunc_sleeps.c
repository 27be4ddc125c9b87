/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls, from a section that may not sleep, a kernel function that does. */
#define FUSE_IOMAP_BPF_REV 3
#include "case.h"

#ifdef REPAIRED
SEC("struct_ops.s/iomap_begin")
#else
SEC("struct_ops/iomap_begin")
#endif
enum fuse_iomap_bpf_ret BPF_PROG(kfunc_sleeps, struct fuse_inode *fi, uint64_t pos)
{
	struct fuse_range all = { .length = FUSE_IOMAP_INVAL_TO_EOF };

	fuse_bpf_iomap_inval_mappings(fi, &all, NULL); /* FAULT */
	return FIB_FALLBACK;
}

DEFINE_FUSE_IOMAP_BPF_OPS(kfunc_sleeps_ops, "kfunc_sleeps", kfunc_sleeps, NULL, NULL);
