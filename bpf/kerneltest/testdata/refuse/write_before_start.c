/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes in front of the answer. */
#include "case.h"

FUSE_IOMAP_BEGIN_BPF_FUNC(write_before_start)
{
#ifdef REPAIRED
	(&outarg->write)[-1].dev = opflags;
#else
	(&outarg->read)[-1].dev = opflags; /* FAULT */
#endif
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(write_before_start_ops, "write_before", write_before_start, NULL, NULL);
