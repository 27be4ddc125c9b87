/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls a helper that is not for these programs. */
#include "case.h"

static long (*const bpf_redirect)(uint32_t ifindex, uint64_t flags) = (void *)23;

FUSE_IOMAP_BEGIN_BPF_FUNC(wrong_helper)
{
#ifdef REPAIRED
	outarg->read.offset = bpf_ktime_get_ns();
#else
	outarg->read.offset = bpf_redirect(1, 0); /* FAULT */
#endif
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(wrong_helper_ops, "wrong_helper", wrong_helper, NULL, NULL);
