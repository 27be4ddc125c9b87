/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes a mapping behind the two that the answer has. */
#include "case.h"

FUSE_IOMAP_BEGIN_BPF_FUNC(write_past_end)
{
#ifdef REPAIRED
	(&outarg->read)[1].offset = pos;
#else
	(&outarg->read)[2].offset = pos; /* FAULT */
#endif
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(write_past_end_ops, "write_past_end", write_past_end, NULL, NULL);
