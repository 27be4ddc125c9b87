/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls a kernel function that is for programs of another type. */
#include "case.h"

struct xdp_md {
	uint32_t data;
};
extern int bpf_xdp_metadata_rx_timestamp(const struct xdp_md *ctx, uint64_t *timestamp) __ksym;

FUSE_IOMAP_BEGIN_BPF_FUNC(kfunc_of_others)
{
	uint64_t now = 0;

#ifdef REPAIRED
	now = bpf_ktime_get_ns();
#else
	bpf_xdp_metadata_rx_timestamp((void *)outarg, &now); /* FAULT */
#endif
	outarg->read.offset = now;
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(kfunc_of_others_ops, "kfunc_of_others", kfunc_of_others, NULL, NULL);
