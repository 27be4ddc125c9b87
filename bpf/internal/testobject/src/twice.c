/* SPDX-License-Identifier: GPL-2.0-only */
/* One program in two members, which the kernel does not take. */
#include "bpf.h"
#include "../../../../headers/fuse_iomap_bpf.h"

FUSE_IOMAP_BEGIN_BPF_FUNC(begin)
{
	return FIB_FALLBACK;
}

DEFINE_FUSE_IOMAP_BPF_OPS(twice, "twice", begin, begin, NULL);

DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF
