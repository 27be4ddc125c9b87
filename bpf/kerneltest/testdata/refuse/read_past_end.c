/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads behind the answer. */
#include "case.h"

FUSE_IOMAP_BEGIN_BPF_FUNC(read_past_end)
{
#ifdef REPAIRED
	outarg->read.offset = load64(outarg, 48);
#else
	outarg->read.offset = load64(outarg, 64); /* FAULT */
#endif
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(read_past_end_ops, "read_past_end", read_past_end, NULL, NULL);
