/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads 4 bytes, half of them of one member and half of the next. */
#include "case.h"

FUSE_IOMAP_BEGIN_BPF_FUNC(read_straddles_members)
{
#ifdef REPAIRED
	outarg->write.offset = load32(outarg, 4);
#else
	outarg->write.offset = load32(outarg, 6); /* FAULT */
#endif
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(read_straddles_members_ops, "read_straddles", read_straddles_members, NULL, NULL);
