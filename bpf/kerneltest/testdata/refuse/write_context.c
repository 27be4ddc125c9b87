/* SPDX-License-Identifier: GPL-2.0-only */
/* Changes an argument where the kernel passes it. */
#include "case.h"

SEC("struct_ops/iomap_begin")
enum fuse_iomap_bpf_ret write_context(unsigned long long *ctx)
{
#ifdef REPAIRED
	unsigned long long copy[5];

	store64(copy, 8, 0);
#else
	store64(ctx, 8, 0); /* FAULT */
#endif
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(write_context_ops, "write_context", write_context, NULL, NULL);
