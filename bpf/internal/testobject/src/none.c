/* SPDX-License-Identifier: GPL-2.0-only */
/* A program, and no ops variable. */
#include "bpf.h"
#include "../../../../headers/fuse_iomap_bpf.h"

FUSE_IOMAP_BEGIN_BPF_FUNC(begin)
{
	return FIB_FALLBACK;
}

DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF
