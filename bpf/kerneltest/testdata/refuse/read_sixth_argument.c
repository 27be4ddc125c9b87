/* SPDX-License-Identifier: GPL-2.0-only */
/* Wants a sixth argument, where iomap_begin has five. */
#include "case.h"

SEC("struct_ops/iomap_begin")
enum fuse_iomap_bpf_ret read_sixth_argument(unsigned long long *ctx)
{
#ifdef REPAIRED
	return ctx[3] ? FIB_HANDLED : FIB_FALLBACK;
#else
	return ctx[5] ? FIB_HANDLED : FIB_FALLBACK; /* FAULT */
#endif
}

DEFINE_FUSE_IOMAP_BPF_OPS(read_sixth_argument_ops, "sixth_argument", read_sixth_argument, NULL, NULL);
