/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls a kernel function that is for programs of another type. */
#include "case.h"

struct xdp_md;
struct bpf_dynptr;
extern int bpf_dynptr_from_xdp(struct xdp_md *packet, uint64_t flags, struct bpf_dynptr *ptr) __ksym;

FUSE_IOMAP_BEGIN_BPF_FUNC(kfunc_of_others)
{
#ifdef REPAIRED
	outarg->read.offset = bpf_ktime_get_ns();
#else
	outarg->read.offset = bpf_dynptr_from_xdp((void *)outarg, 0, NULL); /* FAULT */
#endif
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(kfunc_of_others_ops, "kfunc_of_others", kfunc_of_others, NULL, NULL);
