/* SPDX-License-Identifier: GPL-2.0-only */
/* All three callbacks, one of which has eight parameters. */
#include "bpf.h"
#include "../../../../headers/fuse_iomap_bpf.h"

FUSE_IOMAP_BEGIN_BPF_FUNC(begin)
{
	return FIB_FALLBACK;
}

FUSE_IOMAP_END_BPF_FUNC(end)
{
	return FIB_FALLBACK;
}

FUSE_IOMAP_IOEND_BPF_FUNC(ioend)
{
	outarg->newsize = new_addr;
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(all, "all", begin, end, ioend);

DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF
