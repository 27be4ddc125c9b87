/* SPDX-License-Identifier: GPL-2.0-only */
/* Chooses at run time, and within bounds, which mapping it writes. */
#include "case.h"

FUSE_IOMAP_BEGIN_BPF_FUNC(write_variable_offset)
{
	uint64_t side = bpf_below(opflags, 2);

#ifdef REPAIRED
	if (side)
		store64(outarg, 32, pos);
	else
		store64(outarg, 0, pos);
#else
	store64((char *)outarg + side * sizeof(struct fuse_iomap_io), 0, pos); /* FAULT */
#endif
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(write_variable_offset_ops, "write_variable", write_variable_offset, NULL, NULL);
