/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes 8 bytes of which the last 4 are behind the answer. */
#include "case.h"

FUSE_IOMAP_BEGIN_BPF_FUNC(write_straddles_end)
{
#ifdef REPAIRED
	store32(outarg, 60, pos);
#else
	store64(outarg, 60, pos); /* FAULT */
#endif
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(write_straddles_end_ops, "write_straddles", write_straddles_end, NULL, NULL);
