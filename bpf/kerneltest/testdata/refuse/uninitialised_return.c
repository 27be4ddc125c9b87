/* SPDX-License-Identifier: GPL-2.0-only */
/* Returns what nothing has set. */
#include "case.h"

FUSE_IOMAP_BEGIN_BPF_FUNC(uninitialised_return) /* FAULT */
{
	register enum fuse_iomap_bpf_ret ret asm("r0");

	outarg->read.offset = pos;
#ifdef REPAIRED
	asm volatile("%0 = 0" : "=r"(ret));
#else
	asm volatile("" : "=r"(ret));
#endif
	return ret;
}

DEFINE_FUSE_IOMAP_BPF_OPS(uninitialised_return_ops, "uninitialised", uninitialised_return, NULL, NULL);
