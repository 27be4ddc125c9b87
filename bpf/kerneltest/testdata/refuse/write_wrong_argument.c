/* SPDX-License-Identifier: GPL-2.0-only */
/* Takes the first argument of iomap_end, the inode, for an answer. */
#include "case.h"

static __always_inline void answer(struct fuse_iomap_begin_out *to, uint64_t pos)
{
	to->read.offset = pos; /* FAULT */
}

FUSE_IOMAP_END_BPF_FUNC(write_wrong_argument)
{
#ifdef REPAIRED
	struct fuse_iomap_begin_out out;

	answer(&out, pos);
	asm volatile("" : : "r"(&out) : "memory");
#else
	answer((void *)fi, pos);
#endif
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(write_wrong_argument_ops, "write_wrong_arg", NULL, write_wrong_argument, NULL);
