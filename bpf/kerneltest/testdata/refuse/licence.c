/* SPDX-License-Identifier: GPL-2.0-only */
/* Has a licence that the kernel does not take for such programs. */
#define LICENCE_OF_ITS_OWN
#include "case.h"

#ifdef REPAIRED
DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF
#else
char LICENSE[] SEC("license") = "MIT";
#endif

FUSE_IOMAP_BEGIN_BPF_FUNC(licence) /* FAULT */
{
	outarg->read.offset = pos;
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(licence_ops, "licence", licence, NULL, NULL);
