/* SPDX-License-Identifier: GPL-2.0-only */
/* Indexes an array on the stack with a number that nothing bounds. */
#include "case.h"

FUSE_IOMAP_BEGIN_BPF_FUNC(stack_index)
{
	uint64_t strips[8] = {};

	asm volatile("" : : "r"(strips) : "memory");
#ifdef REPAIRED
	count = bpf_below(count, 8);
#endif
	strips[count] = pos; /* FAULT */
	asm volatile("" : : "r"(strips) : "memory");
	outarg->read.addr = strips[0];
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(stack_index_ops, "stack_index", stack_index, NULL, NULL);
