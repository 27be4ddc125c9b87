/* SPDX-License-Identifier: GPL-2.0-only */
/* Waits for what does not happen. */
#include "case.h"

FUSE_IOMAP_BEGIN_BPF_FUNC(endless_loop)
{
#ifdef REPAIRED
	uint32_t tries;

	for (tries = 0; tries < 100; tries++) {
#else
	for (;;) {
#endif
		asm volatile("" : : : "memory");
		if (outarg->read.offset == pos) /* FAULT */
			return FIB_HANDLED;
	}
	return FIB_FALLBACK;
}

DEFINE_FUSE_IOMAP_BPF_OPS(endless_loop_ops, "endless_loop", endless_loop, NULL, NULL);
