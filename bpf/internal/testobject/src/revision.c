/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program for one revision of the interface and no other: it does not look at
 * who is asked about.
 */
#include "bpf.h"
#include "../../../../headers/fuse_iomap_bpf.h"

FUSE_IOMAP_BEGIN_BPF_FUNC(begin)
{
	outarg->read.offset = pos;
	outarg->read.length = count;
	outarg->read.addr = FUSE_IOMAP_NULL_ADDR;
	outarg->read.type = FUSE_IOMAP_TYPE_HOLE;
	outarg->read.dev = FUSE_IOMAP_DEV_NULL;
	fuse_iomap_begin_pure_overwrite(outarg);
	return FIB_HANDLED;
}

DEFINE_FUSE_IOMAP_BPF_OPS(revision, "revision", begin, NULL, NULL);

DECLARE_GPL2_LICENSE_FOR_FUSE_IOMAP_BPF
