/* SPDX-License-Identifier: GPL-2.0-only */
/* Takes a number for an address. */
#include "case.h"

FUSE_IOMAP_BEGIN_BPF_FUNC(number_as_pointer)
{
#ifdef REPAIRED
	outarg->read.offset = pos;
#else
	outarg->read.offset = *(uint64_t *)pos; /* FAULT */
#endif
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(number_as_pointer_ops, "number_pointer", number_as_pointer, NULL, NULL);
